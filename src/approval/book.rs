//! The life of one approval, as a pure state machine with effects as data: pending → approved | denied | expired |
//! withdrawn; approved → consumed → done | failed | unknown. Everything else is refused, whatever the order of
//! events. Nothing is approved or consumed without signatures that were checked here.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::decision::{self, Request, Says, Signed, Statement, Trust};
use super::{Binding, Facts};
use crate::audit::{Kind, Outcome};
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

    /// How the calls that wait for an approval end with it; `None` while they still wait.
    pub const fn ends_calls(&self) -> Option<Outcome> {
        match self {
            Self::Pending | Self::Approved { .. } | Self::Consumed { .. } => None,
            Self::Denied { .. } => Some(Outcome::Denied),
            Self::Expired { .. } => Some(Outcome::Expired),
            Self::Withdrawn { .. } => Some(Outcome::Refused),
            Self::Done { .. } => Some(Outcome::Ok),
            Self::Failed { .. } => Some(Outcome::Failed),
            Self::Unknown { .. } => Some(Outcome::Unknown),
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
    /// How many approvers the policy wanted when it was asked.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub require: usize,
    /// The decisions so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signed: Vec<Signed>,
    /// Where it stands.
    pub state: State,
}

const fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_one(count: &usize) -> bool {
    *count == 1
}

/// How long a decision may take from the hand to the ledger.
const FRESH: Duration = Duration::from_secs(60);

/// What can happen to an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A human approves what was shown.
    Approve {
        /// The decision, signed.
        signed: Box<Signed>,
        /// Whose decisions count.
        trust: Box<Trust>,
    },
    /// A human denies it. That counts without a signature: nothing is ever sent because of it.
    Deny {
        /// Why, in the human's words.
        reason: String,
        /// The decision, signed, if the key was at hand.
        signed: Option<Box<Signed>>,
    },
    /// Time has passed.
    Tick,
    /// The asking side takes it back.
    Withdraw,
    /// The agent came back; this is its request as computed anew.
    Redeem {
        /// The request as it would be sent now.
        request: Box<Request>,
        /// Whose decisions count.
        trust: Box<Trust>,
    },
    /// AWS did it.
    Done,
    /// AWS refused it, or it never left.
    Failed,
    /// It was sent and no answer came.
    Unknown,
}

/// What follows from an input that counts, in this order. Whoever keeps the book does it, all or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Record this event of the approval.
    Record(Kind),
    /// Whoever gave the input answers for what becomes of the approval.
    Own,
    /// The calls that wait for it have ended so.
    EndCalls(Outcome),
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
    /// The key that signed is no approver's.
    #[error(
        "the key of this console ({fingerprint}) is not an approver's: an approver adds it to `approval.approvers` in \
         the policy, or its owner to the file `approvers`; `countersign key show` prints it"
    )]
    NotPinned {
        /// The key.
        fingerprint: String,
    },
    /// The same key twice.
    #[error("this key has approved it already; the policy wants another approver's too")]
    SameKey,
    /// The decision is not one over this approval as it stands.
    #[error("the decision does not count: {what}; look at the request again")]
    Unfit {
        /// Why.
        what: String,
    },
    /// What is recorded was not decided by an approver.
    #[error(
        "this approval was not given by an approver: {what}. Somebody changed the ledger from outside; nothing was sent"
    )]
    Forged {
        /// How it shows.
        what: String,
    },
    /// Nothing to do: no time limit has passed.
    #[error("no time limit has passed")]
    NotYet,
}

impl Approval {
    /// Digest of what a human is shown of it: the facts, and the digest of the request itself. This is what a
    /// decision is over.
    pub fn shown(&self) -> Digest {
        Digest::of_json("countersign shown v1", &json!({"digest": self.digest, "facts": self.facts.digest()}))
    }

    /// The statement of a decision made now, to be signed.
    pub fn statement(&self, ledger: Digest, shown: Digest, says: Says, reason: &str, now: Timestamp) -> Statement {
        Statement {
            ledger,
            approval: self.id.clone(),
            shown,
            says,
            reason: Statement::reason(reason),
            at: now,
            use_by: now.plus(Duration::from_millis(self.use_ms)),
        }
    }

    /// Applies an input. On success the approval has changed, and what follows from it is returned.
    ///
    /// # Errors
    /// A [`Refusal`] when the input does not count; the approval is then as it was.
    pub fn apply(&mut self, input: Input, now: Timestamp) -> Result<Vec<Effect>, Refusal> {
        let mut after = self.clone();
        let kind = after.step(input, now)?;
        let mut effects = vec![Effect::Record(kind)];
        if kind == Kind::Consumed {
            effects.push(Effect::Own);
        }
        effects.extend(after.state.ends_calls().map(Effect::EndCalls));
        *self = after;
        Ok(effects)
    }

    /// Whether its time to decide or to use has run out although it is still marked open.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        match &self.state {
            State::Pending => now > self.decide_by,
            State::Approved { use_by, .. } => now > *use_by,
            _ => false,
        }
    }

    fn step(&mut self, input: Input, now: Timestamp) -> Result<Kind, Refusal> {
        let at = now;
        let overdue = self.is_overdue(now);
        let (state, kind) = match (&self.state, input) {
            (State::Pending | State::Approved { .. }, Input::Tick) if overdue => (State::Expired { at }, Kind::Expired),
            (_, Input::Tick) => return Err(Refusal::NotYet),
            (State::Pending, Input::Approve { signed, trust }) if !overdue => self.countersign(*signed, &trust, now)?,
            (State::Pending, Input::Deny { reason, signed }) if !overdue => {
                self.signed.extend(signed.map(|signed| *signed));
                (State::Denied { at, reason }, Kind::Denied)
            }
            (State::Pending | State::Approved { .. }, Input::Withdraw) if !overdue => {
                (State::Withdrawn { at }, Kind::Withdrawn)
            }
            (State::Approved { .. }, Input::Redeem { request, trust }) if !overdue => {
                decision::prove(self, &request, &trust, now)?;
                (State::Consumed { at }, Kind::Consumed)
            }
            (State::Pending, Input::Redeem { .. }) if !overdue => return Err(Refusal::Undecided),
            (State::Consumed { .. }, Input::Done) => (State::Done { at }, Kind::Settled),
            (State::Consumed { .. }, Input::Failed) => (State::Failed { at }, Kind::Settled),
            (State::Consumed { .. }, Input::Unknown) => (State::Unknown { at }, Kind::Settled),
            (state, input) => {
                let state = if overdue { "expired" } else { state.name() };
                return Err(Refusal::State { state: state.to_owned(), wanted: input.wanted() });
            }
        };
        self.state = state;
        Ok(kind)
    }

    /// Takes one approver's yes in; the last of those that are wanted approves.
    fn countersign(&mut self, signed: Signed, trust: &Trust, now: Timestamp) -> Result<(State, Kind), Refusal> {
        let statement = &signed.statement;
        if statement.shown != self.shown() {
            return Err(Refusal::ShownOther);
        }
        if !trust.keys.contains(&signed.key) {
            return Err(Refusal::NotPinned { fingerprint: signed.key.fingerprint() });
        }
        signed.check(self, Says::Approve, trust).map_err(|what| Refusal::Unfit { what })?;
        let in_time = statement.at.plus(FRESH) >= now
            && now.plus(FRESH) >= statement.at
            && statement.use_by == statement.at.plus(Duration::from_millis(self.use_ms));
        if !in_time {
            return Err(Refusal::Unfit { what: "it was made at another time".to_owned() });
        }
        if self.signed.iter().any(|other| other.key == signed.key) {
            return Err(Refusal::SameKey);
        }
        self.signed.push(signed);
        if self.signed.len() < self.require {
            return Ok((State::Pending, Kind::Signed));
        }
        let use_by = self.signed.iter().map(|signed| signed.statement.use_by).min().unwrap_or(now);
        Ok((State::Approved { at: now, use_by }, Kind::Approved))
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
