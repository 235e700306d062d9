//! What happens to approvals, each step in one transaction: asked or joined, decided, used, ended, run out.

use serde_json::{Value, json};

use super::LedgerError;
use super::approvals::{self, Recorded};
use super::work::Work;
use super::writer::Task;
use crate::approval::{Approval, Input, Refusal, State};
use crate::audit::{CallRow, Event, Kind, NewEvent};
use crate::base::{ApprovalId, Timestamp};

/// What came of asking.
#[derive(Debug, Clone, PartialEq)]
pub enum Opened {
    /// The approval was written as it was handed in.
    New,
    /// The same request was open already: this is it. The token that was handed in leads to it too.
    Joined(Box<Approval>),
}

/// What came of an input to an approval.
#[derive(Debug, Clone, PartialEq)]
pub enum Transition {
    /// It counted, and is recorded. The approval as it stands now.
    Applied(Box<Approval>),
    /// It did not count.
    Refused {
        /// The approval as it stands now (expired, if its time had run out).
        approval: Box<Approval>,
        /// Why.
        refusal: Refusal,
    },
}

impl Transition {
    /// The approval as it stands now.
    pub const fn approval(&self) -> &Approval {
        match self {
            Self::Applied(approval) | Self::Refused { approval, .. } => approval,
        }
    }

    /// The approval if the input counted.
    ///
    /// # Errors
    /// The [`Refusal`] if it did not.
    pub fn into_result(self) -> Result<Approval, Refusal> {
        match self {
            Self::Applied(approval) => Ok(*approval),
            Self::Refused { refusal, .. } => Err(refusal),
        }
    }
}

/// Records events and the row of a call.
pub(super) struct Record {
    pub events: Vec<NewEvent>,
    pub call: Option<CallRow>,
}

impl Task for Record {
    type Output = Vec<Event>;

    async fn run(&self, work: &mut Work<'_>) -> Result<Vec<Event>, LedgerError> {
        let events = work.append_all(&self.events).await?;
        if let Some(row) = &self.call {
            let own = events.iter().find(|event| event.event.tx.as_ref() == Some(&row.tx));
            let (Some(own), Some(last)) = (own, events.last()) else {
                return Err(LedgerError::misuse("a call's row came without an event of that call"));
            };
            work.put_call(row, own.seq, last).await?;
        }
        for event in events.iter().filter(|event| event.event.kind == Kind::Received) {
            if let Some(tx) = &event.event.tx
                && work.call(tx).await?.is_none()
            {
                return Err(LedgerError::misuse("a call was received without a row of its own"));
            }
        }
        Ok(events)
    }
}

/// Asks, or joins who has asked.
pub(super) struct Open {
    pub approval: Approval,
    pub event: NewEvent,
    pub call: Option<CallRow>,
}

impl Task for Open {
    type Output = Opened;

    async fn run(&self, work: &mut Work<'_>) -> Result<Opened, LedgerError> {
        let asked = &self.approval;
        if asked.state != State::Pending || asked.binding.digest() != asked.digest || self.event.kind != Kind::Asked {
            return Err(LedgerError::misuse("an approval was opened that is decided, or not over its own digest"));
        }
        if self.call.as_ref().is_some_and(|row| self.event.tx.as_ref() != Some(&row.tx)) {
            return Err(LedgerError::misuse("an approval was opened for one call by another"));
        }
        let mut joined = approvals::open_for(&mut work.tx, &asked.digest).await?;
        if let Some(open) = &mut joined
            && open.is_overdue(self.event.at)
        {
            expire(work, open, self.event.at).await?;
            joined = None;
        }
        let target = joined.as_ref().unwrap_or(asked);
        let mut event = NewEvent { approval: Some(target.id.clone()), ..self.event.clone() };
        if joined.is_some()
            && let Some(detail) = event.detail.as_object_mut()
        {
            detail.insert("joined".to_owned(), Value::Bool(true));
        }
        let event = work.append(event).await?;
        if joined.is_none() {
            approvals::insert(work, asked, &event).await?;
        }
        approvals::give_token(work, &asked.token, &target.id).await?;
        if let Some(row) = &self.call {
            let row = CallRow { approval: Some(target.id.clone()), ..row.clone() };
            work.put_call(&row, event.seq, &event).await?;
        }
        Ok(joined.map_or(Opened::New, |joined| Opened::Joined(Box::new(joined))))
    }
}

/// Applies an input; if it counts, records more with it.
pub(super) struct Step {
    pub id: ApprovalId,
    pub input: Input,
    pub now: Timestamp,
    pub detail: Value,
    pub events: Vec<NewEvent>,
    pub call: Option<CallRow>,
}

impl Task for Step {
    type Output = Transition;

    async fn run(&self, work: &mut Work<'_>) -> Result<Transition, LedgerError> {
        let found = approvals::by_id(&mut work.tx, &self.id).await?;
        let mut approval = found.ok_or_else(|| LedgerError::NoApproval { id: self.id.clone() })?;
        let now = approvals::no_earlier(work, &self.id, self.now).await?;
        if matches!((&self.input, &approval.state), (Input::Redeem { .. }, State::Approved { .. }))
            && approvals::was_used(work, &self.id).await?
        {
            let refusal = Refusal::Forged { what: "it was used already, and its record says otherwise".to_owned() };
            return Ok(Transition::Refused { approval: Box::new(approval), refusal });
        }
        let tx = self.call.as_ref().map(|row| &row.tx);
        // What happened comes before what it means for the approval, and is recorded even if it means nothing.
        let ends = matches!(self.input, Input::Done | Input::Failed | Input::Unknown);
        let mut more = if ends { work.append_all(&self.events).await? } else { Vec::new() };
        let done = approvals::apply(work, &mut approval, self.input.clone(), now, self.detail.clone(), tx).await?;
        match done {
            Recorded::Applied { event, .. } => {
                if !ends {
                    more = work.append_all(&self.events).await?;
                }
                if let Some(row) = &self.call {
                    let last = if ends { &event } else { more.last().unwrap_or(&event) };
                    work.put_call(row, event.seq, last).await?;
                }
                Ok(Transition::Applied(Box::new(approval)))
            }
            Recorded::Refused(refusal) => {
                if let (Some(row), Some(last)) = (&self.call, more.last()) {
                    work.put_call(row, last.seq, last).await?;
                }
                if approval.is_overdue(now) {
                    expire(work, &mut approval, now).await?;
                }
                Ok(Transition::Refused { approval: Box::new(approval), refusal })
            }
        }
    }
}

/// Expires what is overdue.
pub(super) struct Sweep {
    pub now: Timestamp,
}

impl Task for Sweep {
    type Output = Vec<Approval>;

    async fn run(&self, work: &mut Work<'_>) -> Result<Vec<Approval>, LedgerError> {
        let mut expired = approvals::overdue(&mut work.tx, self.now).await?;
        for approval in &mut expired {
            expire(work, approval, self.now).await?;
        }
        Ok(expired)
    }
}

async fn expire(work: &mut Work<'_>, approval: &mut Approval, now: Timestamp) -> Result<(), LedgerError> {
    let detail = json!({"was": approval.state.name()});
    match approvals::apply(work, approval, Input::Tick, now, detail, None).await? {
        Recorded::Applied { .. } => Ok(()),
        Recorded::Refused(refusal) => {
            Err(LedgerError::misuse(format!("an overdue approval did not expire: {refusal}")))
        }
    }
}
