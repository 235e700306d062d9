//! A passphrase while it is typed: by hand, never pasted, never shown, wiped when it is done with.

use zeroize::{Zeroize as _, Zeroizing};

use super::guard::{BURST, SETTLE, Typed};
use crate::base::Timestamp;
use crate::engine::Passphrase;

/// Most bytes of a passphrase. The room for them is taken at once, so that no copy is left behind by growing.
const ROOM: usize = 1_024;

/// What has been typed so far.
#[derive(Clone)]
pub struct Secret {
    entered: Zeroizing<String>,
    last: Timestamp,
    entered_at: Option<Timestamp>,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// Nothing yet. `now` is the time of the key that led here, so that it is part of a burst too.
    pub fn new(now: Timestamp) -> Self {
        Self { entered: Zeroizing::new(String::with_capacity(ROOM)), last: now, entered_at: None }
    }

    /// How many characters there are.
    pub fn len(&self) -> usize {
        self.entered.chars().count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entered.is_empty()
    }

    /// A character.
    pub fn char(&mut self, ch: char, now: Timestamp) -> Typed {
        if self.is_burst(now) {
            return Typed::Burst;
        }
        if self.entered.len() + ch.len_utf8() <= ROOM {
            self.entered.push(ch);
        }
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
        if self.is_empty() {
            return Typed::Wrong;
        }
        self.entered_at = Some(now);
        Typed::Right
    }

    /// Time has passed. Gives the passphrase in the one moment at which `Enter` has settled.
    #[must_use]
    pub fn tick(&mut self, now: Timestamp) -> Option<Passphrase> {
        if self.entered_at.is_none_or(|at| now.since(at) < SETTLE) {
            return None;
        }
        self.entered_at = None;
        let empty = Zeroizing::new(String::with_capacity(ROOM));
        Some(Passphrase::new(std::mem::replace(&mut self.entered, empty)))
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
            self.entered.zeroize();
        }
        burst
    }
}
