//! Approvals in their table: how they are found, and how a step of one is written together with its event and the
//! calls that wait for it.

use serde_json::Value;
use sqlx::query::QueryAs;

use super::LedgerError;
use super::rows::{self, ApprovalColumns, call_columns, select_approvals};
use super::sqlite::{Conn, Db};
use super::work::Work;
use crate::approval::{Approval, Effect, Input, Refusal};
use crate::audit::{CallRow, Event, NewEvent, Outcome};
use crate::base::{ApprovalId, Digest, Timestamp, TxId};

type Query = QueryAs<'static, Db, ApprovalColumns, <Db as sqlx::Database>::Arguments>;

/// The approvals a query finds; each is checked against its last event.
pub(super) async fn fetch(conn: &mut Conn, query: Query) -> Result<Vec<Approval>, LedgerError> {
    query.fetch_all(conn).await?.into_iter().map(ApprovalColumns::read).collect()
}

/// One approval by its id.
pub(super) async fn by_id(conn: &mut Conn, id: &ApprovalId) -> Result<Option<Approval>, LedgerError> {
    let query = sqlx::query_as(select_approvals!("WHERE a.id = $1")).bind(id.as_str().to_owned());
    Ok(fetch(conn, query).await?.pop())
}

/// The approval that a token was given for.
pub(super) async fn by_token(conn: &mut Conn, token: &Digest) -> Result<Option<Approval>, LedgerError> {
    let sql = select_approvals!("WHERE a.id IN (SELECT t.approval FROM approval_tokens t WHERE t.token = $1)");
    Ok(fetch(conn, sqlx::query_as(sql).bind(token.to_string())).await?.pop())
}

/// Pending and approved ones, oldest first.
pub(super) async fn open(conn: &mut Conn) -> Result<Vec<Approval>, LedgerError> {
    let sql = select_approvals!("WHERE a.state IN ('pending', 'approved') ORDER BY a.asked_at, a.id");
    fetch(conn, sqlx::query_as(sql)).await
}

/// Those that are no longer open, the latest change first.
pub(super) async fn recent(conn: &mut Conn, limit: u32) -> Result<Vec<Approval>, LedgerError> {
    let sql = select_approvals!("WHERE a.state NOT IN ('pending', 'approved') ORDER BY a.last_seq DESC, a.id LIMIT $1");
    fetch(conn, sqlx::query_as(sql).bind(i64::from(limit))).await
}

/// The open approval of a request, whether or not its time has run out.
pub(super) async fn open_for(conn: &mut Conn, digest: &Digest) -> Result<Option<Approval>, LedgerError> {
    let sql = select_approvals!("WHERE a.digest = $1 AND a.state IN ('pending', 'approved')");
    Ok(fetch(conn, sqlx::query_as(sql).bind(digest.to_string())).await?.pop())
}

/// Those still marked open whose time has run out.
pub(super) async fn overdue(conn: &mut Conn, now: Timestamp) -> Result<Vec<Approval>, LedgerError> {
    let sql = select_approvals!("WHERE a.due IS NOT NULL AND a.due < $1 ORDER BY a.due, a.id");
    fetch(conn, sqlx::query_as(sql).bind(now.as_millis())).await
}

/// Gives an agent's token to an approval.
pub(super) async fn give_token(work: &mut Work<'_>, token: &Digest, to: &ApprovalId) -> Result<(), LedgerError> {
    sqlx::query("INSERT INTO approval_tokens (token, approval) VALUES ($1, $2) ON CONFLICT (token) DO NOTHING")
        .bind(token.to_string())
        .bind(to.as_str())
        .execute(&mut *work.tx)
        .await?;
    Ok(())
}

/// Writes a new approval, asked by the event `last`.
pub(super) async fn insert(work: &mut Work<'_>, approval: &Approval, last: &Event) -> Result<(), LedgerError> {
    sqlx::query(
        "INSERT INTO approvals (id, state, agent, digest, token, asked_at, decide_by, due, last_seq, body, seal) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(approval.id.as_str())
    .bind(approval.state.name())
    .bind(approval.agent.as_str())
    .bind(approval.digest.to_string())
    .bind(approval.token.to_string())
    .bind(approval.asked_at.as_millis())
    .bind(approval.decide_by.as_millis())
    .bind(rows::due(approval))
    .bind(last.seq)
    .bind(serde_json::to_string(approval)?)
    .bind(rows::seal("approval", approval, last.hash)?)
    .execute(&mut *work.tx)
    .await?;
    Ok(())
}

/// What came of an input.
pub(super) enum Recorded {
    /// It counted.
    Applied {
        /// The event that says so.
        event: Box<Event>,
        /// Calls that ended with it.
        calls: Vec<CallRow>,
    },
    /// It did not; nothing was written.
    Refused(Refusal),
}

/// One step of an approval: the state machine decides; what follows is done here: its event is written, its row, and
/// the rows of the calls that wait for it. `tx` is the call the event belongs to, if not the one that asked.
pub(super) async fn apply(
    work: &mut Work<'_>,
    approval: &mut Approval,
    input: Input,
    now: Timestamp,
    detail: Value,
    tx: Option<&TxId>,
) -> Result<Recorded, LedgerError> {
    let effects = match approval.apply(input, now) {
        Ok(effects) => effects,
        Err(refusal) => return Ok(Recorded::Refused(refusal)),
    };
    let mut detail = Some(detail);
    let (mut last, mut calls) = (None, Vec::new());
    for effect in effects {
        match effect {
            Effect::Record(kind) => {
                let event = NewEvent {
                    at: now,
                    kind,
                    tx: Some(tx.unwrap_or(&approval.tx).clone()),
                    op: None,
                    agent: Some(approval.agent.clone()),
                    approval: Some(approval.id.clone()),
                    detail: detail.take().unwrap_or_default(),
                };
                let event = work.append(event).await?;
                put(work, approval, &event).await?;
                last = Some(event);
            }
            Effect::Own => {
                sqlx::query("UPDATE approvals SET engine = $2 WHERE id = $1")
                    .bind(approval.id.as_str())
                    .bind(work.engine)
                    .execute(&mut *work.tx)
                    .await?;
            }
            Effect::EndCalls(outcome) => {
                if let Some(event) = &last {
                    calls = end_calls(work, approval, outcome, event).await?;
                }
            }
        }
    }
    let event = last.ok_or_else(|| LedgerError::misuse("something happened to an approval without an event"))?;
    Ok(Recorded::Applied { event: Box::new(event), calls })
}

/// Writes an approval as it stands after `last`.
async fn put(work: &mut Work<'_>, approval: &Approval, last: &Event) -> Result<(), LedgerError> {
    sqlx::query("UPDATE approvals SET state = $2, due = $3, last_seq = $4, body = $5, seal = $6 WHERE id = $1")
        .bind(approval.id.as_str())
        .bind(approval.state.name())
        .bind(rows::due(approval))
        .bind(last.seq)
        .bind(serde_json::to_string(approval)?)
        .bind(rows::seal("approval", approval, last.hash)?)
        .execute(&mut *work.tx)
        .await?;
    Ok(())
}

/// Whether the events say that it was used, whatever its row says.
pub(super) async fn was_used(work: &mut Work<'_>, id: &ApprovalId) -> Result<bool, LedgerError> {
    let sql = "SELECT COUNT(*) FROM events WHERE kind = 'consumed' AND approval = $1";
    Ok(work.count(sql, id.as_str()).await? > 0)
}

/// The present instant, as far as the ledger knows better: a clock that was set back after something was recorded
/// does not make an approval younger.
pub(super) async fn no_earlier(work: &mut Work<'_>, id: &ApprovalId, now: Timestamp) -> Result<Timestamp, LedgerError> {
    let latest: Option<i64> = sqlx::query_scalar(
        "SELECT MAX(e.at) FROM events e WHERE e.seq >= (SELECT a.last_seq FROM approvals a WHERE a.id = $1)",
    )
    .bind(id.as_str())
    .fetch_one(&mut *work.tx)
    .await?;
    Ok(latest.map_or(now, |latest| now.max(Timestamp::from_millis(latest))))
}

/// Ends the calls that wait for an approval which has ended.
async fn end_calls(
    work: &mut Work<'_>,
    approval: &Approval,
    outcome: Outcome,
    event: &Event,
) -> Result<Vec<CallRow>, LedgerError> {
    let mut calls = Vec::new();
    let sql = concat!(
        "SELECT ",
        call_columns!(),
        " FROM calls WHERE approval = $1 AND outcome = 'pending' ORDER BY first_seq"
    );
    for row in &sqlx::query(sql).bind(approval.id.as_str()).fetch_all(&mut *work.tx).await? {
        let mut row = rows::call(row)?;
        row.outcome = outcome;
        // That it had to come back is over; the outcome tells the rest.
        row.error = None;
        row.duration_ms = i64::try_from(event.event.at.since(row.at).as_millis()).ok();
        calls.push(work.put_call(&row, event.seq, event).await?);
    }
    Ok(calls)
}
