//! The hash chain: each event's hash covers the one before, so that no event can be changed, left out or moved
//! without every later hash being wrong.

use serde_json::json;

use super::event::{Event, NewEvent};
use crate::base::Digest;

/// The hash of an event at `seq` that follows `prev`.
///
/// # Errors
/// When the event cannot be written as JSON.
pub fn link(prev: Digest, seq: i64, event: &NewEvent) -> Result<Digest, serde_json::Error> {
    let event = serde_json::to_value(event)?;
    Ok(Digest::of_json("countersign event v1", &json!({"prev": prev, "seq": seq, "event": event})))
}

/// The end of a chain: where it stands and what it amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Sequence of the last event; 0 when there is none.
    pub seq: i64,
    /// Hash of the last event; zeros when there is none.
    pub hash: Digest,
}

/// Where a chain does not hold, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {seq}: {what}")]
pub struct Broken {
    /// Sequence number at which it shows.
    pub seq: i64,
    /// What is wrong, in plain words.
    pub what: String,
}

impl Broken {
    /// A finding at `seq`.
    pub fn at(seq: i64, what: impl Into<String>) -> Self {
        Self { seq, what: what.into() }
    }
}

impl Head {
    /// The end of an empty chain.
    pub const START: Self = Self { seq: 0, hash: Digest::ZERO };

    /// The link that an event becomes after this head.
    ///
    /// # Errors
    /// When the event cannot be written as JSON.
    pub fn extend(self, event: NewEvent) -> Result<Event, serde_json::Error> {
        let seq = self.seq.saturating_add(1);
        let hash = link(self.hash, seq, &event)?;
        Ok(Event { seq, event, prev: self.hash, hash })
    }

    /// Steps over the next recorded event.
    ///
    /// # Errors
    /// [`Broken`] when it is not the event that was recorded next: another number, another predecessor, or
    /// content that its hash does not cover.
    pub fn follow(self, event: &Event) -> Result<Self, Broken> {
        let expected = self.seq.saturating_add(1);
        if event.seq != expected {
            return Err(Broken::at(expected, format!("missing; the next one found is {}", event.seq)));
        }
        if event.prev != self.hash {
            return Err(Broken::at(event.seq, "does not follow the event before it"));
        }
        match link(event.prev, event.seq, &event.event) {
            Ok(hash) if hash == event.hash => Ok(Self { seq: event.seq, hash }),
            Ok(_) => Err(Broken::at(event.seq, "its content is not what was recorded")),
            Err(error) => Err(Broken::at(event.seq, format!("cannot be read: {error}"))),
        }
    }
}

#[cfg(test)]
mod tests;
