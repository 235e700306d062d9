//! The third tab: the policy in force as a text, and what is open over it: the edit that waits, or an explanation.

use std::sync::Arc;

use tui_textarea::TextArea;

use crate::base::{Digest, Timestamp};
use crate::engine::{Explained, PendingView, PolicyView};
use crate::tui::document::{Document, Laid, Look};
use crate::tui::guard::{Guard, Phrase};

/// What has to be typed before a policy that lets more happen is accepted.
pub const WIDEN: &str = "widen";

/// A text and where its reader is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The text.
    pub text: Document,
    /// The text as last wrapped.
    pub laid: Option<Arc<Laid>>,
    /// First row on the screen.
    pub scroll: usize,
}

impl Page {
    fn of(text: Document) -> Self {
        Self { text, laid: None, scroll: 0 }
    }

    /// Another text in its place; the reader stays where he is.
    fn renew(&mut self, text: Document) {
        if self.text != text {
            *self = Self { text, laid: None, scroll: self.scroll };
        }
    }
}

/// What the tab knows.
#[derive(Debug, Clone, Default)]
pub struct PolicyTab {
    /// The policy as the engine tells it.
    pub view: Option<Box<PolicyView>>,
    /// Why it could not be read the last time.
    pub problem: Option<String>,
    /// The text of it.
    pub page: Page,
    /// What is open over it.
    pub open: Option<Open>,
    /// The line in which an operation is being written.
    pub line: Option<Box<TextArea<'static>>>,
}

/// What is open over the policy.
#[derive(Debug, Clone)]
pub enum Open {
    /// What waits to be accepted.
    Offer(Box<Offer>),
    /// What a call would meet.
    Explained(Page),
}

/// A policy under review.
#[derive(Debug, Clone)]
pub struct Offer {
    /// As the engine tells it.
    pub offer: PendingView,
    /// The text.
    pub page: Page,
    /// What stands between a key and the signature.
    pub guard: Guard,
    /// What the user is doing.
    pub step: OfferStep,
}

/// What the user of a policy's review is doing.
#[derive(Debug, Clone)]
pub enum OfferStep {
    /// Reading.
    Reading,
    /// Typing [`WIDEN`].
    Typing(Phrase),
    /// Waiting for the engine.
    Sent,
}

impl Offer {
    fn new(view: &PolicyView, offer: &PendingView, look: &Look) -> Self {
        Self {
            page: Page::of(Document::offer(view, offer, look)),
            guard: Guard::new(offer.digest),
            step: OfferStep::Reading,
            offer: offer.clone(),
        }
    }

    /// Whether a word has to be typed: more would become possible.
    pub fn must_be_typed(&self) -> bool {
        self.offer.diff.widens()
    }
}

impl PolicyTab {
    /// Takes in how things stand. An open review whose edit is another one has not been read.
    pub fn renew(&mut self, view: PolicyView, look: &Look, now: Timestamp) {
        self.page.renew(Document::policy(&view, look, now));
        if let Some(Open::Offer(open)) = &mut self.open {
            match &view.offer {
                Some(offer) if *offer == open.offer => {}
                Some(offer) => {
                    let scroll = open.page.scroll;
                    **open = Offer::new(&view, offer, look);
                    open.page.scroll = scroll;
                }
                None => self.open = None,
            }
        }
        self.view = Some(Box::new(view));
        self.problem = None;
    }

    /// Opens what waits, if anything does.
    pub fn open_offer(&mut self, look: &Look) {
        if let Some((view, offer)) = self.view.as_ref().and_then(|view| Some((view, view.offer.as_ref()?))) {
            self.open = Some(Open::Offer(Box::new(Offer::new(view, offer, look))));
        }
    }

    /// Shows what a call would meet.
    pub fn explain(&mut self, explained: &Explained, look: &Look) {
        self.line = None;
        self.open = Some(Open::Explained(Page::of(Document::explained(explained, look))));
    }

    /// The review, if it is open.
    pub fn offer(&self) -> Option<&Offer> {
        match &self.open {
            Some(Open::Offer(offer)) => Some(offer),
            _ => None,
        }
    }

    /// The same, to change it.
    pub fn offer_mut(&mut self) -> Option<&mut Offer> {
        match &mut self.open {
            Some(Open::Offer(offer)) => Some(offer),
            _ => None,
        }
    }

    /// The text that is read.
    pub fn page_mut(&mut self) -> &mut Page {
        match &mut self.open {
            Some(Open::Offer(offer)) => &mut offer.page,
            Some(Open::Explained(page)) => page,
            None => &mut self.page,
        }
    }

    /// Digest of what was read to the end and may be accepted.
    pub fn accepted(&self) -> Option<Digest> {
        let offer = self.offer()?;
        let read = offer.guard.unread() == 0 && !offer.guard.too_small() && offer.guard.subject() == offer.offer.digest;
        read.then_some(offer.offer.digest)
    }
}
