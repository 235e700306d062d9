//! The life of one approval, as a pure state machine: pending → approved | denied | expired | withdrawn;
//! approved → consumed → done | failed | unknown. Everything else is refused, whatever the order of events.

use serde::{Deserialize, Serialize};

use super::{Binding, Facts};
use crate::audit::Kind;
use crate::base::{AgentId, ApprovalId, Digest, Timestamp, TxId};

/// Where an approval stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// Nobody has decided.
    Pending,
    /// A human said yes; not yet used.
    Approved {
        /// When.
        at: Timestamp,
        /// The last instant at which it can be used.
        use_by: Timestamp,
    },
    /// A human said no.
    Denied {
        /// When.
        at: Timestamp,
        /// The human's words; may be empty.
        reason: String,
    },
    /// Not decided, or not used, in time.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// The asking side took it back.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
    /// Redeemed: the call may be on its way. Never again.
    Consumed {
        /// When.
        at: Timestamp,
    },
    /// AWS did it.
    Done {
        /// When.
        at: Timestamp,
    },
    /// AWS refused it, or it never left.
    Failed {
        /// When.
        at: Timestamp,
    },
    /// It was sent and no answer came.
    Unknown {
        /// When.
        at: Timestamp,
    },
}

impl State {
    /// Its name in answers and on screens.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved { .. } => "approved",
            Self::Denied { .. } => "denied",
            Self::Expired { .. } => "expired",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Consumed { .. } => "consumed",
            Self::Done { .. } => "done",
            Self::Failed { .. } => "failed",
            Self::Unknown { .. } => "unknown",
        }
    }
}

/// One approval: what was asked, what it is bound to, and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// The call that opened it.
    pub tx: TxId,
    /// The connection that opened it.
    pub agent: AgentId,
    /// Digest of the token the agent was given.
    pub token: Digest,
    /// What the human is shown.
    pub facts: Facts,
    /// What it is bound to.
    pub binding: Binding,
    /// Digest of the binding: what the human signs.
    pub digest: Digest,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// The last instant at which it can be decided.
    pub decide_by: Timestamp,
    /// Milliseconds an approval stays usable after the decision.
    pub use_ms: u64,
    /// Where it stands.
    pub state: State,
}

/// What can happen to an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The human approves what was shown under this digest.
    Approve {
        /// Digest of the request as it was on the screen.
        shown: Digest,
    },
    /// The human denies it.
    Deny {
        /// Why, in the human's words.
        reason: String,
    },
    /// Time has passed.
    Tick,
    /// The asking side takes it back.
    Withdraw,
    /// The agent came back; this is its request as computed anew.
    Redeem {
        /// The request as it would be sent now.
        binding: Box<Binding>,
    },
    /// AWS did it.
    Done,
    /// AWS refused it, or it never left.
    Failed,
    /// It was sent and no answer came.
    Unknown,
}

/// Why an input was refused. Nothing has changed then, save that time may have run out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not in a state that takes this input.
    #[error("the approval is {state}; it can no longer be {wanted}")]
    State {
        /// Name of the state it is in.
        state: String,
        /// What was wanted.
        wanted: &'static str,
    },
    /// It has not been decided.
    #[error("the approval is still waiting for the human")]
    Undecided,
    /// What was shown is not what is asked.
    #[error("the request changed since it was shown; look at it again")]
    ShownOther,
    /// The request is not the one that was approved.
    #[error("the request differs from the approved one in: {}", .differs.join(", "))]
    Differs {
        /// The parts that differ.
        differs: Vec<String>,
    },
    /// Nothing to do: no time limit has passed.
    #[error("no time limit has passed")]
    NotYet,
}

impl Approval {
    /// Applies an input. On success the state has changed and the kind of event to record is returned.
    ///
    /// # Errors
    /// A [`Refusal`] when the input does not count; the state is then as it was.
    pub fn apply(&mut self, input: Input, now: Timestamp) -> Result<Kind, Refusal> {
        let (state, kind) = self.next(input, now)?;
        self.state = state;
        Ok(kind)
    }

    /// Whether its time to decide or to use has run out although it is still marked open.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        match &self.state {
            State::Pending => now > self.decide_by,
            State::Approved { use_by, .. } => now > *use_by,
            _ => false,
        }
    }

    fn next(&self, input: Input, now: Timestamp) -> Result<(State, Kind), Refusal> {
        let at = now;
        let overdue = self.is_overdue(now);
        match (&self.state, input) {
            (State::Pending | State::Approved { .. }, Input::Tick) if overdue => {
                Ok((State::Expired { at }, Kind::Expired))
            }
            (_, Input::Tick) => Err(Refusal::NotYet),
            (State::Pending, Input::Approve { shown }) if !overdue => {
                if shown != self.digest {
                    return Err(Refusal::ShownOther);
                }
                let use_by = now.plus(std::time::Duration::from_millis(self.use_ms));
                Ok((State::Approved { at, use_by }, Kind::Approved))
            }
            (State::Pending, Input::Deny { reason }) if !overdue => Ok((State::Denied { at, reason }, Kind::Denied)),
            (State::Pending | State::Approved { .. }, Input::Withdraw) if !overdue => {
                Ok((State::Withdrawn { at }, Kind::Withdrawn))
            }
            (State::Approved { .. }, Input::Redeem { binding }) if !overdue => {
                let mut differs = self.binding.differs(&binding);
                if differs.is_empty() && binding.digest() != self.digest {
                    // What was signed is the digest, not the parts kept beside it.
                    differs.push("digest".to_owned());
                }
                if differs.is_empty() {
                    Ok((State::Consumed { at }, Kind::Consumed))
                } else {
                    Err(Refusal::Differs { differs })
                }
            }
            (State::Pending, Input::Redeem { .. }) if !overdue => Err(Refusal::Undecided),
            (State::Consumed { .. }, Input::Done) => Ok((State::Done { at }, Kind::Settled)),
            (State::Consumed { .. }, Input::Failed) => Ok((State::Failed { at }, Kind::Settled)),
            (State::Consumed { .. }, Input::Unknown) => Ok((State::Unknown { at }, Kind::Settled)),
            (state, input) => {
                let state = if overdue { "expired" } else { state.name() };
                Err(Refusal::State { state: state.to_owned(), wanted: input.wanted() })
            }
        }
    }
}

impl Input {
    const fn wanted(&self) -> &'static str {
        match self {
            Self::Approve { .. } => "approved",
            Self::Deny { .. } => "denied",
            Self::Tick => "expired",
            Self::Withdraw => "withdrawn",
            Self::Redeem { .. } => "used",
            Self::Done | Self::Failed | Self::Unknown => "finished",
        }
    }
}
