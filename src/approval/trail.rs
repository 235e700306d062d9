//! Where the recorded events of an approval say it stands: the same life as [`super::book`] tells, read backwards
//! from a ledger, so that a record of something that cannot have happened is found.

use super::State;
use crate::audit::Kind;

/// Where an approval stands by its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trail {
    /// Asked.
    Pending,
    /// Approved.
    Approved,
    /// Denied.
    Denied,
    /// Expired.
    Expired,
    /// Withdrawn.
    Withdrawn,
    /// Used, and nothing has come of it yet.
    Consumed,
    /// Used, and settled.
    Ended,
}

impl Trail {
    /// Takes the next event that concerns the approval; `None` while it has not been asked for.
    ///
    /// # Errors
    /// What is wrong, when this event cannot follow those before it.
    pub fn follow(before: Option<Self>, kind: Kind) -> Result<Option<Self>, String> {
        let after = match (before, kind) {
            (None, Kind::Asked) => Self::Pending,
            // The same request came again and joined.
            (Some(open @ (Self::Pending | Self::Approved)), Kind::Asked) => open,
            (Some(Self::Pending), Kind::Signed) => Self::Pending,
            (Some(Self::Pending), Kind::Approved) => Self::Approved,
            (Some(Self::Pending), Kind::Denied) => Self::Denied,
            (Some(Self::Pending | Self::Approved), Kind::Expired) => Self::Expired,
            (Some(Self::Pending | Self::Approved), Kind::Withdrawn) => Self::Withdrawn,
            (Some(Self::Approved), Kind::Consumed) => Self::Consumed,
            (Some(used @ (Self::Consumed | Self::Ended)), Kind::Intent) => used,
            (Some(Self::Consumed), Kind::Settled) => Self::Ended,
            (
                before,
                Kind::Asked
                | Kind::Signed
                | Kind::Approved
                | Kind::Denied
                | Kind::Expired
                | Kind::Withdrawn
                | Kind::Consumed
                | Kind::Intent
                | Kind::Settled,
            ) => {
                let before = before.map_or("was not asked for", Self::name);
                return Err(format!("`{}` is recorded while it {before}", kind.as_str()));
            }
            (before, _) => return Ok(before),
        };
        Ok(Some(after))
    }

    /// Whether an approval in this state can have had these events.
    pub const fn agrees(self, state: &State) -> bool {
        match state {
            State::Pending => matches!(self, Self::Pending),
            State::Approved { .. } => matches!(self, Self::Approved),
            State::Denied { .. } => matches!(self, Self::Denied),
            State::Expired { .. } => matches!(self, Self::Expired),
            State::Withdrawn { .. } => matches!(self, Self::Withdrawn),
            State::Consumed { .. } => matches!(self, Self::Consumed),
            State::Done { .. } | State::Failed { .. } | State::Unknown { .. } => matches!(self, Self::Ended),
        }
    }

    /// As in "it is pending", without the "it".
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "is pending",
            Self::Approved => "is approved",
            Self::Denied => "is denied",
            Self::Expired => "is expired",
            Self::Withdrawn => "is withdrawn",
            Self::Consumed => "is consumed",
            Self::Ended => "has ended",
        }
    }
}
