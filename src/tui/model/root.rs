//! The whole model, and what is read off it.

use super::{Approvals, Audit, OfferStep, Open, PolicyTab, Review, Step};
use crate::approval::grant::Standing;
use crate::base::Timestamp;
use crate::engine::Status;
use crate::tui::document::Look;
use crate::tui::drawn::Drawn;
use crate::tui::guard::Phase;
use crate::tui::keys::Place;
use crate::tui::text::Row;

/// What the model is told at its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// Name on the screen: `countersign`, `countersign demo`.
    pub title: String,
    /// Colours, marks, time zone.
    pub look: Look,
    /// Our own words for the empty list, in place of how to connect an agent.
    pub hint: Vec<String>,
}

/// A tab. A new one is a line here, one in [`Tab::title`], and one in the table of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// What waits for a decision.
    Approvals,
    /// What has happened.
    Audit,
    /// What may happen.
    Policy,
}

impl Tab {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Approvals, Self::Audit, Self::Policy];

    /// Its name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Approvals => "Approvals",
            Self::Audit => "Audit",
            Self::Policy => "Policy",
        }
    }
}

/// A short message that goes away by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// What it says.
    pub row: Row,
    /// Until when.
    pub until: Timestamp,
}

/// What lies over the screen because the user asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// The help, from this row on.
    Help {
        /// First row on the screen.
        scroll: usize,
    },
    /// Whether to leave although something is pending.
    Leave,
    /// Whether to let everything go on.
    Resume,
    /// The grants in force, with the cursor on this one.
    Grants {
        /// Index of the one under the cursor.
        at: usize,
    },
}

/// Whether something is being read from the ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Loading {
    /// No.
    #[default]
    Idle,
    /// Yes.
    Busy,
    /// Yes, and it has changed since.
    Stale,
}

impl Loading {
    /// Whether to begin reading now; if it is being read already, it will be read once more.
    pub fn begin(&mut self) -> bool {
        let idle = *self == Self::Idle;
        *self = if idle { Self::Busy } else { Self::Stale };
        idle
    }

    /// Reading has ended. Returns whether to begin again.
    pub fn end(&mut self) -> bool {
        let again = *self == Self::Stale;
        *self = if again { Self::Busy } else { Self::Idle };
        again
    }
}

/// Everything.
#[derive(Debug, Clone)]
pub struct Model {
    /// What it was told at the start.
    pub options: Setup,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The present instant, as of the last message.
    pub now: Timestamp,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// What is always visible.
    pub status: Status,
    /// The tab that is shown.
    pub tab: Tab,
    /// The first tab.
    pub approvals: Approvals,
    /// The approval under its cursor.
    pub review: Option<Review>,
    /// The second tab.
    pub audit: Audit,
    /// The grants in force, as last read.
    pub grants: Vec<Standing>,
    /// The third tab.
    pub policy: PolicyTab,
    /// What lies over it all.
    pub ask: Option<Ask>,
    /// A short message.
    pub toast: Option<Toast>,
    /// What the demo tells just now.
    pub narration: Option<String>,
    /// What the last frame put on the screen.
    pub drawn: Drawn,
    /// Whether the screen is out of date.
    pub stale: bool,
    /// When the last key was pressed.
    pub last_key: Timestamp,
    /// Reading of the approvals.
    pub loading_approvals: Loading,
    /// Reading of the latest calls.
    pub loading_calls: Loading,
    /// Reading of older calls.
    pub loading_older: Loading,
    /// Reading of the open call.
    pub loading_open: Loading,
    /// Reading of the policy.
    pub loading_policy: Loading,
}

impl Model {
    /// A console that knows nothing yet.
    pub fn new(options: Setup, size: (u16, u16), status: Status, now: Timestamp) -> Self {
        Self {
            options,
            size,
            now,
            mouse: true,
            status,
            tab: Tab::Approvals,
            approvals: Approvals::default(),
            review: None,
            audit: Audit::default(),
            grants: Vec::new(),
            policy: PolicyTab::default(),
            ask: None,
            toast: None,
            narration: None,
            drawn: Drawn::default(),
            stale: true,
            last_key: Timestamp::default(),
            loading_approvals: Loading::Idle,
            loading_calls: Loading::Idle,
            loading_older: Loading::Idle,
            loading_open: Loading::Idle,
            loading_policy: Loading::Idle,
        }
    }

    /// Where keys go.
    pub fn place(&self) -> Place {
        match (self.ask, self.tab) {
            (Some(Ask::Help { .. }), _) => Place::Help,
            (Some(Ask::Leave), _) => Place::Leave,
            (Some(Ask::Resume), _) => Place::Resume,
            (Some(Ask::Grants { .. }), _) => Place::Grants,
            (None, Tab::Approvals) => match self.opened().map(|review| &review.step) {
                Some(Step::Denying(_)) => Place::Deny,
                Some(Step::Typing(_) | Step::Unlocking(_)) => Place::Confirm,
                Some(Step::Reading | Step::Sent) => Place::Review,
                None => Place::Approvals,
            },
            (None, Tab::Audit) if self.audit.line.is_some() => Place::Filter,
            (None, Tab::Audit) if self.audit.open.is_some() => Place::Call,
            (None, Tab::Audit) => Place::Audit,
            (None, Tab::Policy) if self.policy.line.is_some() => Place::Explain,
            (None, Tab::Policy) => match &self.policy.open {
                Some(Open::Offer(offer)) if matches!(offer.step, OfferStep::Typing(_)) => Place::Widen,
                Some(Open::Offer(_)) => Place::Offer,
                Some(Open::Explained(_)) => Place::Explained,
                None => Place::Policy,
            },
        }
    }

    /// The review, if it is open.
    pub fn opened(&self) -> Option<&Review> {
        self.review.as_ref().filter(|review| review.open)
    }

    /// The same, to change it.
    pub fn opened_mut(&mut self) -> Option<&mut Review> {
        self.review.as_mut().filter(|review| review.open)
    }

    /// How many wait for a decision.
    pub fn pending(&self) -> usize {
        if self.approvals.loaded { self.approvals.pending() } else { self.status.pending }
    }

    /// When time alone will change something on the screen or in the guard; `None` while nothing moves.
    pub fn wake(&self) -> Option<Timestamp> {
        let step = self.opened().and_then(|review| match &review.step {
            Step::Reading if review.is_pending() => review.guard.wake(),
            Step::Typing(phrase) => phrase.wake(),
            Step::Unlocking(secret) => secret.wake(),
            _ => None,
        });
        let offer = self.policy.offer().and_then(|offer| match &offer.step {
            OfferStep::Reading => offer.guard.wake(),
            OfferStep::Typing(phrase) => phrase.wake(),
            OfferStep::Sent => None,
        });
        let toast = self.toast.as_ref().map(|toast| toast.until);
        let ages = (self.tab == Tab::Approvals && self.approvals.pending() > 0).then(|| {
            let millis = self.now.as_millis();
            Timestamp::from_millis(millis.saturating_add(1_000 - millis.rem_euclid(1_000)))
        });
        [step, offer, toast, ages].into_iter().flatten().min()
    }

    /// How far the guard of the open review has come, while it can still be decided.
    pub fn phase(&self) -> Option<Phase> {
        self.opened().filter(|review| review.is_pending()).map(|review| review.guard.phase())
    }
}
