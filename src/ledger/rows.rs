//! Values as columns and back. Reading is strict: a column that is not exactly what was written is a finding, not
//! something to be lenient about.

use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{FromRow, Row as _};

use super::LedgerError;
use super::sqlite::Row;
use crate::approval::{Approval, State};
use crate::audit::{Broken, CallRow, Event, Kind, NewEvent, Outcome};
use crate::base::{AgentId, ApprovalId, Digest, OpId, RiskClass, Timestamp, TxId, Verdict};

/// The columns of an event, in the order of [`EventColumns`].
macro_rules! event_columns {
    () => {
        "seq, at, kind, tx, op, agent, approval, detail, prev, hash"
    };
}
pub(super) use event_columns;

/// An event as it lies in its table.
#[derive(Debug)]
pub(super) struct EventColumns {
    pub seq: i64,
    at: i64,
    kind: String,
    tx: Option<String>,
    op: Option<String>,
    agent: Option<String>,
    approval: Option<String>,
    detail: String,
    prev: String,
    hash: String,
}

impl FromRow<'_, Row> for EventColumns {
    fn from_row(row: &Row) -> sqlx::Result<Self> {
        Ok(Self {
            seq: row.try_get(0)?,
            at: row.try_get(1)?,
            kind: row.try_get(2)?,
            tx: row.try_get(3)?,
            op: row.try_get(4)?,
            agent: row.try_get(5)?,
            approval: row.try_get(6)?,
            detail: row.try_get(7)?,
            prev: row.try_get(8)?,
            hash: row.try_get(9)?,
        })
    }
}

impl EventColumns {
    /// The event, if every column is exactly what writing that event would give.
    pub(super) fn read(self) -> Result<Event, Broken> {
        let seq = self.seq;
        let wrong = |column: &str| Broken::at(seq, format!("its {column} is not what was recorded"));
        let detail: Value = serde_json::from_str(&self.detail).map_err(|_| wrong("detail"))?;
        let event = Event {
            seq,
            event: NewEvent {
                at: Timestamp::from_millis(self.at),
                kind: Kind::parse(&self.kind).ok_or_else(|| wrong("kind"))?,
                tx: id(self.tx, TxId::parse, TxId::as_str).ok_or_else(|| wrong("tx"))?,
                op: id(self.op, OpId::parse, OpId::as_str).ok_or_else(|| wrong("op"))?,
                agent: id(self.agent, AgentId::parse, AgentId::as_str).ok_or_else(|| wrong("agent"))?,
                approval: id(self.approval, ApprovalId::parse, ApprovalId::as_str).ok_or_else(|| wrong("approval"))?,
                detail,
            },
            prev: digest(&self.prev).ok_or_else(|| wrong("prev"))?,
            hash: digest(&self.hash).ok_or_else(|| wrong("hash"))?,
        };
        // Two texts can mean one value; only the one that was written counts.
        let written = event.event.detail.to_string();
        if written == self.detail { Ok(event) } else { Err(wrong("detail")) }
    }
}

/// `Some(None)` for a null, `None` for a text that is not exactly an id.
#[expect(clippy::option_option, reason = "a null is a value here, and a bad text is not")]
fn id<T>(text: Option<String>, parse: fn(&str) -> Option<T>, as_str: fn(&T) -> &str) -> Option<Option<T>> {
    text.map_or(Some(None), |text| parse(&text).filter(|id| as_str(id) == text).map(Some))
}

fn digest(text: &str) -> Option<Digest> {
    Digest::parse(text).filter(|digest| digest.to_string() == text)
}

/// The columns of a call that [`call`] reads.
macro_rules! call_columns {
    () => {
        "tx, at, agent, tool, service, operation, target, region, verdict, risk, outcome, error, duration_ms, \
         approval, last_seq"
    };
}
pub(super) use call_columns;

/// A call from its row.
pub(super) fn call(row: &Row) -> Result<CallRow, LedgerError> {
    let tx: String = row.try_get("tx")?;
    let wrong = |column: &str| LedgerError::corrupt(&format!("the {column} of call {tx} cannot be read"));
    let verdict: Option<String> = row.try_get("verdict")?;
    let risk: Option<String> = row.try_get("risk")?;
    let outcome: String = row.try_get("outcome")?;
    let approval = id(row.try_get("approval")?, ApprovalId::parse, ApprovalId::as_str);
    Ok(CallRow {
        tx: TxId::parse(&tx).ok_or_else(|| wrong("id"))?,
        at: Timestamp::from_millis(row.try_get("at")?),
        agent: row.try_get("agent")?,
        tool: row.try_get("tool")?,
        service: row.try_get("service")?,
        operation: row.try_get("operation")?,
        target: row.try_get("target")?,
        region: row.try_get("region")?,
        verdict: verdict.map(|name| named(&name).ok_or_else(|| wrong("verdict"))).transpose()?,
        risk: risk.map(|name| risk_named(&name).ok_or_else(|| wrong("risk"))).transpose()?,
        outcome: Outcome::parse(&outcome).ok_or_else(|| wrong("outcome"))?,
        error: row.try_get("error")?,
        duration_ms: row.try_get("duration_ms")?,
        approval: approval.ok_or_else(|| wrong("approval"))?,
        last_seq: row.try_get("last_seq")?,
    })
}

fn named(name: &str) -> Option<Verdict> {
    [Verdict::Allow, Verdict::Ask, Verdict::Deny].into_iter().find(|verdict| verdict.as_str() == name)
}

fn risk_named(name: &str) -> Option<RiskClass> {
    RiskClass::ALL.into_iter().find(|risk| risk.as_str() == name)
}

/// A row as it can be stored anywhere: PostgreSQL takes no NUL in a text, and an agent's name may hold one.
pub(super) fn storable(mut row: CallRow) -> CallRow {
    let texts = [
        Some(&mut row.agent),
        Some(&mut row.tool),
        Some(&mut row.service),
        Some(&mut row.operation),
        Some(&mut row.target),
        Some(&mut row.region),
        row.error.as_mut(),
    ];
    for text in texts.into_iter().flatten().filter(|text| text.contains('\0')) {
        *text = text.replace('\0', "\u{fffd}");
    }
    row
}

/// Binds a stored value to the event that made it so: an edit by hand that does not redo the chain shows.
pub(super) fn seal(what: &str, value: &impl Serialize, last: Digest) -> Result<String, LedgerError> {
    let value = serde_json::to_value(value)?;
    Ok(Digest::of_json("countersign seal v1", &json!({"what": what, "value": value, "last": last})).to_string())
}

/// When an approval runs out by itself; `None` once it is decided for good or used.
pub(super) fn due(approval: &Approval) -> Option<i64> {
    match &approval.state {
        State::Pending => Some(approval.decide_by.as_millis()),
        State::Approved { use_by, .. } => Some(use_by.as_millis()),
        _ => None,
    }
}

/// The columns of an approval, in the order of [`ApprovalColumns`]; `approvals a` joined with its last event `e`.
macro_rules! select_approvals {
    ($($rest:literal),*) => {
        concat!(
            "SELECT a.id, a.state, a.agent, a.digest, a.token, a.asked_at, a.decide_by, a.due, a.last_seq, a.body, \
             a.seal, e.hash FROM approvals a LEFT JOIN events e ON e.seq = a.last_seq ",
            $($rest),*
        )
    };
}
pub(super) use select_approvals;

/// An approval as it lies in its table.
#[derive(Debug)]
pub(super) struct ApprovalColumns {
    id: String,
    state: String,
    agent: String,
    digest: String,
    token: String,
    asked_at: i64,
    decide_by: i64,
    due: Option<i64>,
    pub last_seq: i64,
    body: String,
    seal: String,
    hash: Option<String>,
}

impl FromRow<'_, Row> for ApprovalColumns {
    fn from_row(row: &Row) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get(0)?,
            state: row.try_get(1)?,
            agent: row.try_get(2)?,
            digest: row.try_get(3)?,
            token: row.try_get(4)?,
            asked_at: row.try_get(5)?,
            decide_by: row.try_get(6)?,
            due: row.try_get(7)?,
            last_seq: row.try_get(8)?,
            body: row.try_get(9)?,
            seal: row.try_get(10)?,
            hash: row.try_get(11)?,
        })
    }
}

impl ApprovalColumns {
    /// The approval, if row, body and last event belong together.
    pub(super) fn read(self) -> Result<Approval, LedgerError> {
        let wrong = |what: &str| LedgerError::from(Broken::at(self.last_seq, format!("approval {}: {what}", self.id)));
        let last = self.hash.as_deref().and_then(digest).ok_or_else(|| wrong("its last event is missing"))?;
        let approval: Approval = serde_json::from_str(&self.body).map_err(|_| wrong("it cannot be read"))?;
        if seal("approval", &approval, last)? != self.seal || serde_json::to_string(&approval)? != self.body {
            return Err(wrong("it is not what was recorded"));
        }
        let columns = self.id == approval.id.as_str()
            && self.state == approval.state.name()
            && self.agent == approval.agent.as_str()
            && self.digest == approval.digest.to_string()
            && self.token == approval.token.to_string()
            && self.asked_at == approval.asked_at.as_millis()
            && self.decide_by == approval.decide_by.as_millis()
            && self.due == due(&approval);
        if columns { Ok(approval) } else { Err(wrong("its row and its content differ")) }
    }
}
