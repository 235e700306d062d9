//! The guard between a key and a signature, pure: unseen → drawn → all read → quiet → armed.
//! It arms only when every row of the very request that would be signed has been on the screen, the end of it
//! since the last disturbance, and no key was pressed for a while. What it cannot see it does not believe.

use std::time::Duration;

use crate::base::{Digest, Timestamp};

#[cfg(test)]
mod tests;

/// No key, no change for this long before `a` counts.
pub const QUIET: Duration = Duration::from_millis(600);
/// `a` (and the `Enter` after a typed name) counts only when nothing follows it for this long.
pub const SETTLE: Duration = Duration::from_millis(40);
/// Keys closer together than this were not typed by a person.
pub const BURST: Duration = Duration::from_millis(8);
/// Columns and rows of the terminal below which nothing can be approved.
pub const MIN_SIZE: (u16, u16) = (40, 12);

/// What one frame put on the screen of a request's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Digest of the request that was drawn.
    pub digest: Digest,
    /// Columns and rows of the terminal.
    pub terminal: (u16, u16),
    /// Columns the text was wrapped to.
    pub width: u16,
    /// First row of the text that was visible.
    pub first: usize,
    /// Rows that were visible.
    pub rows: usize,
    /// Rows of the whole text.
    pub total: usize,
}

/// How far the guard has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Not on the screen yet.
    Unseen,
    /// On the screen, not all of it.
    Drawn,
    /// All of it has been on the screen; waiting for quiet hands.
    Read,
    /// `a` counts.
    Armed,
    /// `a` was pressed; waiting whether it came alone.
    Pressed,
}

/// The guard of one review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    subject: Digest,
    phase: Phase,
    layout: Option<(u16, u16, u16, usize)>,
    rows: Vec<bool>,
    end: bool,
    since: Timestamp,
}

impl Guard {
    /// For a request that has not been on the screen.
    pub const fn new(subject: Digest) -> Self {
        Self {
            subject,
            phase: Phase::Unseen,
            layout: None,
            rows: Vec::new(),
            end: false,
            since: Timestamp::from_millis(0),
        }
    }

    /// How far it has come.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Digest of the request it watches over: what an approval signs.
    pub const fn subject(&self) -> Digest {
        self.subject
    }

    /// Whether the terminal was too small to approve anything when the text was last drawn.
    pub fn too_small(&self) -> bool {
        self.layout.is_some_and(|(columns, rows, ..)| columns < MIN_SIZE.0 || rows < MIN_SIZE.1)
    }

    /// The first row at or after `from` that has not been on the screen; wraps round to the start.
    pub fn unread_from(&self, from: usize) -> Option<usize> {
        let unread = |(row, seen): (usize, &bool)| (!seen).then_some(row);
        let rows = || self.rows.iter().enumerate();
        rows().skip(from).find_map(unread).or_else(|| rows().take(from).find_map(unread))
    }

    /// Rows that have not been on the screen.
    pub fn unread(&self) -> usize {
        self.rows.iter().filter(|seen| !**seen).count()
    }

    /// A frame is on the screen.
    pub fn drawn(&mut self, seen: &Seen, now: Timestamp) {
        if seen.digest != self.subject {
            self.changed();
            return;
        }
        let layout = (seen.terminal.0, seen.terminal.1, seen.width, seen.total);
        if self.layout != Some(layout) {
            self.layout = Some(layout);
            self.rows = vec![false; seen.total];
            self.end = false;
            self.phase = Phase::Drawn;
        }
        for row in self.rows.iter_mut().skip(seen.first).take(seen.rows) {
            *row = true;
        }
        self.end |= seen.first.saturating_add(seen.rows) >= seen.total;
        if matches!(self.phase, Phase::Unseen | Phase::Drawn) {
            self.phase = Phase::Drawn;
            if self.end && self.unread() == 0 && !self.too_small() {
                self.phase = Phase::Read;
                self.since = now;
            }
        }
    }

    /// A key that is not the decision: hands are not quiet, and a press that waits was not alone.
    pub fn key(&mut self, now: Timestamp) {
        self.since = now;
        if matches!(self.phase, Phase::Armed | Phase::Pressed) {
            self.phase = Phase::Read;
        }
    }

    /// Focus lost or gained, suspended, pasted into: the end must be on the screen anew.
    pub fn disturbed(&mut self) {
        self.end = false;
        if self.phase != Phase::Unseen {
            self.phase = Phase::Drawn;
        }
    }

    /// The screen was resized or the text is another: everything must be on the screen anew.
    pub fn changed(&mut self) {
        self.disturbed();
        self.layout = None;
        self.rows = Vec::new();
    }

    /// Time has passed. Returns whether a press has settled: the one moment at which it is a decision.
    #[must_use]
    pub fn tick(&mut self, now: Timestamp) -> bool {
        match self.phase {
            Phase::Read if now.since(self.since) >= QUIET => self.phase = Phase::Armed,
            Phase::Pressed if now.since(self.since) >= SETTLE => {
                self.disturbed();
                return true;
            }
            _ => {}
        }
        false
    }

    /// `a`. Returns whether it may count; otherwise it is a key like any other.
    #[must_use]
    pub fn press(&mut self, now: Timestamp) -> bool {
        if self.phase == Phase::Armed {
            self.phase = Phase::Pressed;
            self.since = now;
            return true;
        }
        self.key(now);
        false
    }

    /// When time alone will change something.
    pub fn wake(&self) -> Option<Timestamp> {
        match self.phase {
            Phase::Read => Some(self.since.plus(QUIET)),
            Phase::Pressed => Some(self.since.plus(SETTLE)),
            Phase::Unseen | Phase::Drawn | Phase::Armed => None,
        }
    }
}

/// What became of a key in a typed confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// Taken.
    Taken,
    /// Too fast for a person: everything typed so far is gone.
    Burst,
    /// `Enter`, and what is typed is not what was asked for.
    Wrong,
    /// `Enter`, and it is; counts once it has settled.
    Right,
}

/// A name that has to be typed, by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    wanted: String,
    entered: String,
    last: Timestamp,
    entered_at: Option<Timestamp>,
}

impl Phrase {
    /// Asks for `wanted`. `now` is the time of the key that led here, so that it is part of a burst too.
    pub fn new(wanted: impl Into<String>, now: Timestamp) -> Self {
        Self { wanted: wanted.into(), entered: String::new(), last: now, entered_at: None }
    }

    /// What has to be typed.
    pub fn wanted(&self) -> &str {
        &self.wanted
    }

    /// What has been typed.
    pub fn entered(&self) -> &str {
        &self.entered
    }

    /// A character.
    pub fn char(&mut self, ch: char, now: Timestamp) -> Typed {
        if self.is_burst(now) {
            return Typed::Burst;
        }
        self.entered.push(ch);
        Typed::Taken
    }

    /// Takes the last character back.
    pub fn backspace(&mut self, now: Timestamp) -> Typed {
        if self.is_burst(now) {
            return Typed::Burst;
        }
        self.entered.pop();
        Typed::Taken
    }

    /// `Enter`.
    pub fn enter(&mut self, now: Timestamp) -> Typed {
        if self.is_burst(now) {
            return Typed::Burst;
        }
        if self.entered != self.wanted {
            return Typed::Wrong;
        }
        self.entered_at = Some(now);
        Typed::Right
    }

    /// Time has passed. Returns whether `Enter` has settled: the one moment at which it is a decision.
    #[must_use]
    pub fn tick(&mut self, now: Timestamp) -> bool {
        let settled = self.entered_at.is_some_and(|at| now.since(at) >= SETTLE);
        if settled {
            self.entered_at = None;
        }
        settled
    }

    /// When time alone will change something.
    pub fn wake(&self) -> Option<Timestamp> {
        self.entered_at.map(|at| at.plus(SETTLE))
    }

    fn is_burst(&mut self, now: Timestamp) -> bool {
        let burst = now.since(self.last) < BURST;
        // Whatever follows an `Enter` that has not settled shows that it did not come alone.
        self.entered_at = None;
        self.last = now;
        if burst {
            self.entered.clear();
        }
        burst
    }
}
