//! The approval under the cursor as a text, and how far its review has come.

use std::sync::Arc;

use tui_textarea::TextArea;

use crate::approval::{Approval, Facts, State};
use crate::base::RiskClass;
use crate::engine::Decision;
use crate::tui::document::{Document, Laid, Look};
use crate::tui::guard::{Guard, Phrase};
use crate::tui::secret::Secret;

/// The review of one approval. It begins when it is opened; before that it is a preview.
#[derive(Debug, Clone)]
pub struct Review {
    /// The approval as the text tells it.
    pub approval: Box<Approval>,
    /// The text.
    pub text: Document,
    /// The text as last wrapped.
    pub laid: Option<Arc<Laid>>,
    /// First row of the text on the screen.
    pub scroll: usize,
    /// What stands between a key and the signature.
    pub guard: Guard,
    /// What the user is doing.
    pub step: Step,
    /// Whether an approval of it is to be a grant as well.
    pub grant: bool,
    /// Whether it is open, rather than a preview.
    pub open: bool,
}

/// What the user of a review is doing.
#[derive(Debug, Clone)]
pub enum Step {
    /// Reading.
    Reading,
    /// Writing the reason of a denial.
    Denying(Box<TextArea<'static>>),
    /// Typing the name of what is to be approved.
    Typing(Phrase),
    /// Typing the passphrase of the key, to approve what was read.
    Unlocking(Secret),
    /// Waiting for the engine to take the decision.
    Sent,
}

impl Review {
    /// The decision that was wanted when the key was pressed.
    pub const fn decision(&self) -> Decision {
        let shown = self.guard.subject();
        if self.grant { Decision::Grant { shown } } else { Decision::Approve { shown } }
    }

    /// A preview.
    pub fn new(approval: &Approval, look: &Look) -> Self {
        Self {
            text: Document::request(approval, look),
            laid: None,
            scroll: 0,
            guard: Guard::new(approval.shown()),
            step: Step::Reading,
            grant: false,
            open: false,
            approval: Box::new(approval.clone()),
        }
    }

    /// Opens it: from here on what is drawn counts as seen.
    pub fn open(&mut self) {
        if !self.open {
            self.open = true;
            self.scroll = 0;
            self.step = Step::Reading;
            self.guard = Guard::new(self.approval.shown());
        }
    }

    /// Takes the approval as it is now. Returns whether anything of it is different; then nothing has been read.
    pub fn renew(&mut self, approval: &Approval, look: &Look) -> bool {
        if *self.approval == *approval {
            return false;
        }
        let (open, scroll) = (self.open, self.scroll);
        *self = Self { open, scroll, ..Self::new(approval, look) };
        true
    }

    /// Whether it can still be decided.
    pub const fn is_pending(&self) -> bool {
        matches!(self.approval.state, State::Pending)
    }
}

/// What has to be typed before this request is approved; `None` where a key is enough.
///
/// Severe is what cannot be taken back, what changes who may do what, what gives out a secret, and what runs code.
/// The name is that of the first target a keyboard can type, else the operation's.
pub fn phrase(facts: &Facts) -> Option<String> {
    let severe = match facts.risk {
        RiskClass::Destructive => facts.reversible == Some(false),
        RiskClass::Privilege | RiskClass::Secret | RiskClass::Execute => true,
        RiskClass::Read | RiskClass::Write => facts.reversible == Some(false),
    };
    let names = facts.targets.iter().flat_map(|(_, value)| {
        let last = value.rsplit(['/', ':']).next();
        [Some(value.as_str()), last].into_iter().flatten()
    });
    severe.then(|| names.into_iter().find(|name| is_typeable(name)).unwrap_or(&facts.operation).to_owned())
}

fn is_typeable(name: &str) -> bool {
    (1..=40).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}
