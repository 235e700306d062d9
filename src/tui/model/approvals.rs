//! The approvals on the first tab: what waits, oldest first, then what was decided lately, latest first.

use super::Cursor;
use crate::approval::{Approval, State};
use crate::base::ApprovalId;
use crate::tui::words;

/// How many decided ones stay in sight.
const HISTORY: usize = 30;

/// The list of approvals.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Approvals {
    all: Vec<Approval>,
    /// Whether they have been read at all.
    pub loaded: bool,
    /// Why they could not be read the last time.
    pub problem: Option<String>,
    /// Where the cursor is.
    pub cursor: Cursor<ApprovalId>,
    /// Whether a person put the cursor where it is.
    chosen: bool,
}

impl Approvals {
    /// All, in the order of the screen.
    pub fn all(&self) -> &[Approval] {
        &self.all
    }

    /// How many wait for a decision.
    pub fn pending(&self) -> usize {
        self.all.iter().filter(|approval| is_pending(approval)).count()
    }

    /// The one with this id.
    pub fn get(&self, id: &ApprovalId) -> Option<&Approval> {
        self.all.iter().find(|approval| &approval.id == id)
    }

    /// The one under the cursor.
    pub fn selected(&self) -> Option<&Approval> {
        self.get(self.cursor.id.as_ref()?)
    }

    /// Its place in the list.
    pub fn selected_index(&self) -> Option<usize> {
        let id = self.cursor.id.as_ref()?;
        self.all.iter().position(|approval| &approval.id == id)
    }

    /// Takes what the ledger says now. The cursor stays on its id; only a cursor that nobody placed goes to what waits.
    pub fn replace(&mut self, mut all: Vec<Approval>) {
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all.dedup_by(|a, b| a.id == b.id);
        let (mut pending, mut decided): (Vec<_>, Vec<_>) = all.into_iter().partition(is_pending);
        pending.sort_by(|a, b| a.asked_at.cmp(&b.asked_at).then_with(|| a.id.cmp(&b.id)));
        let since = |approval: &Approval| words::state_since(&approval.state, approval.asked_at);
        decided.sort_by(|a, b| since(b).cmp(&since(a)).then_with(|| b.id.cmp(&a.id)));
        let kept = self.cursor.id.clone();
        let mut left = HISTORY;
        decided.retain(|approval| {
            left = left.saturating_sub(1);
            left > 0 || kept.as_ref() == Some(&approval.id)
        });
        pending.append(&mut decided);
        self.all = pending;
        self.loaded = true;
        self.problem = None;
        let lost = self.selected().is_none();
        let idle = !self.chosen && self.selected().is_some_and(|approval| !is_pending(approval));
        if lost || (idle && self.pending() > 0) {
            self.rest();
        }
    }

    /// Puts one approval's newer state in its place.
    pub fn put(&mut self, approval: Approval) {
        let mut all = std::mem::take(&mut self.all);
        all.retain(|other| other.id != approval.id);
        all.push(approval);
        let loaded = self.loaded;
        self.replace(all);
        self.loaded = loaded;
    }

    /// A person moves the cursor.
    pub fn choose(&mut self, index: usize, each: u16) {
        let from = self.selected_index().unwrap_or(0);
        let Some(approval) = self.all.get(index) else { return };
        self.cursor.go(approval.id.clone(), rows_between(from, index, each));
        self.chosen = true;
    }

    /// After a decision: on to what waits longest, else stay.
    pub fn go_on(&mut self) {
        if self.pending() > 0 {
            self.rest();
        } else {
            self.chosen = false;
        }
    }

    fn rest(&mut self) {
        self.cursor = Cursor { id: self.all.first().map(|approval| approval.id.clone()), row: 0 };
        self.chosen = false;
    }
}

/// Rows that the cursor moves on the screen when it goes from one entry to another.
pub(super) fn rows_between(from: usize, to: usize, each: u16) -> i64 {
    let difference = i64::try_from(to).unwrap_or(i64::MAX).saturating_sub(i64::try_from(from).unwrap_or(0));
    difference.saturating_mul(i64::from(each))
}

const fn is_pending(approval: &Approval) -> bool {
    matches!(approval.state, State::Pending)
}
