//! One writing transaction: it begins at the head of the chain, appends, keeps the rows beside the chain in step,
//! and moves the head when it commits.

use sqlx::Row as _;

use super::rows::{self, call_columns};
use super::sqlite::{Conn, Tx, begin_write};
use super::{LedgerError, state};
use crate::audit::filter::search_text;
use crate::audit::{Broken, CallRow, Event, Head, Kind, NewEvent, Outcome};
use crate::base::{AgentId, ApprovalId, Digest, OpId, TxId};

/// A transaction that holds the write lock.
pub(super) struct Work<'c> {
    /// For statements of other files of the ledger.
    pub tx: Tx<'c>,
    head: Head,
    begun_at: i64,
    /// The engine that writes.
    pub engine: &'c str,
}

impl<'c> Work<'c> {
    /// Begins, and checks that the chain still ends where it was left, and that what this engine wrote or saw last
    /// (`known`) is still part of it: a file that was set back, or a history that was written anew, is found here.
    pub(super) async fn begin(conn: &'c mut Conn, engine: &'c str, known: Head) -> Result<Self, LedgerError> {
        let mut tx = begin_write(conn).await?;
        let (seq, hash, last, highest): (i64, String, Option<String>, Option<i64>) = sqlx::query_as(
            "SELECT h.seq, h.hash, e.hash, (SELECT MAX(seq) FROM events) \
             FROM head h LEFT JOIN events e ON e.seq = h.seq WHERE h.id = 1",
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or_else(|| Broken::at(0, "the record of where the chain ends is missing"))?;
        let head = Digest::parse(&hash).map(|hash| Head { seq, hash });
        let head = head.ok_or_else(|| Broken::at(seq, "the record of where the chain ends cannot be read"))?;
        if highest.unwrap_or(0) != seq {
            return Err(Broken::at(seq, "events were added after the last one, or the last ones are missing").into());
        }
        if last.as_deref().unwrap_or(&Digest::ZERO.to_string()) != hash {
            return Err(Broken::at(seq, "the last event is not the one that was recorded").into());
        }
        let (kept, first): (Option<String>, Option<i64>) =
            sqlx::query_as("SELECT (SELECT hash FROM events WHERE seq = $1), (SELECT MIN(seq) FROM events)")
                .bind(known.seq)
                .fetch_one(&mut *tx)
                .await?;
        // What an archive has taken over is no longer here.
        let archived = kept.is_none() && first.is_some_and(|first| first > known.seq) && seq >= known.seq;
        if known != Head::START && !archived && kept != Some(known.hash.to_string()) {
            let what = "the history from here on is another one than this program has recorded";
            return Err(Broken::at(known.seq, what).into());
        }
        Ok(Self { tx, head, begun_at: seq, engine })
    }

    /// Appends one event to the chain.
    pub(super) async fn append(&mut self, event: NewEvent) -> Result<Event, LedgerError> {
        let event = self.head.extend(event)?;
        let new = &event.event;
        sqlx::query(
            "INSERT INTO events (seq, at, kind, tx, op, agent, approval, detail, prev, hash) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(event.seq)
        .bind(new.at.as_millis())
        .bind(new.kind.as_str())
        .bind(new.tx.as_ref().map(TxId::as_str))
        .bind(new.op.as_ref().map(OpId::as_str))
        .bind(new.agent.as_ref().map(AgentId::as_str))
        .bind(new.approval.as_ref().map(ApprovalId::as_str))
        .bind(new.detail.to_string())
        .bind(event.prev.to_string())
        .bind(event.hash.to_string())
        .execute(&mut *self.tx)
        .await?;
        self.head = Head { seq: event.seq, hash: event.hash };
        self.count_hits(&event.event).await?;
        Ok(event)
    }

    /// Appends events an engine hands in. What decides over an approval has its own way in.
    pub(super) async fn append_all(&mut self, events: &[NewEvent]) -> Result<Vec<Event>, LedgerError> {
        let mut recorded = Vec::with_capacity(events.len());
        // In the very transaction that would record it: between this look and the first byte nobody can pause.
        if events.iter().any(|event| event.kind == Kind::Intent) && state::is_paused(&mut self.tx).await? {
            return Err(LedgerError::Paused);
        }
        for event in events {
            if matches!(
                event.kind,
                Kind::Asked
                    | Kind::Signed
                    | Kind::Approved
                    | Kind::Denied
                    | Kind::Expired
                    | Kind::Withdrawn
                    | Kind::Consumed
                    | Kind::Settled
                    | Kind::PolicyAccepted
            ) {
                let kind = event.kind.as_str();
                return Err(LedgerError::misuse(format!("`{kind}` is recorded with what it says has happened only")));
            }
            recorded.push(self.append(event.clone()).await?);
        }
        Ok(recorded)
    }

    /// Stores a call's row as it is after `last`; `first` is its place in the list if it is new. A call that has
    /// ended stays ended: a late row that still says `pending` changes everything but that.
    pub(super) async fn put_call(&mut self, row: &CallRow, first: i64, last: &Event) -> Result<CallRow, LedgerError> {
        let mut row = rows::storable(row.clone());
        row.last_seq = last.seq;
        let mut first = first;
        if let Some((stored, place)) = self.call(&row.tx).await? {
            first = place;
            if row.outcome == Outcome::Pending && stored.outcome != Outcome::Pending {
                row.outcome = stored.outcome;
                row.error = row.error.or(stored.error);
                row.duration_ms = row.duration_ms.or(stored.duration_ms);
            }
        }
        sqlx::query(
            "INSERT INTO calls (tx, first_seq, last_seq, at, tool, service, operation, region, verdict, risk, \
             outcome, duration_ms, approval, engine, agent, target, error, search, seal) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
             ON CONFLICT (tx) DO UPDATE SET last_seq = excluded.last_seq, at = excluded.at, tool = excluded.tool, \
             service = excluded.service, operation = excluded.operation, region = excluded.region, \
             verdict = excluded.verdict, risk = excluded.risk, outcome = excluded.outcome, \
             duration_ms = excluded.duration_ms, approval = excluded.approval, engine = excluded.engine, \
             agent = excluded.agent, target = excluded.target, error = excluded.error, \
             search = excluded.search, seal = excluded.seal",
        )
        .bind(row.tx.as_str())
        .bind(first)
        .bind(row.last_seq)
        .bind(row.at.as_millis())
        .bind(&row.tool)
        .bind(&row.service)
        .bind(&row.operation)
        .bind(&row.region)
        .bind(row.verdict.map(super::super::base::class::Verdict::as_str))
        .bind(row.risk.map(super::super::base::class::RiskClass::as_str))
        .bind(row.outcome.as_str())
        .bind(row.duration_ms)
        .bind(row.approval.as_ref().map(ApprovalId::as_str))
        .bind(self.engine)
        .bind(&row.agent)
        .bind(&row.target)
        .bind(row.error.as_deref())
        .bind(search_text(&row))
        .bind(rows::seal("call", &(first, &row), last.hash)?)
        .execute(&mut *self.tx)
        .await?;
        Ok(row)
    }

    /// The row of a call and its place in the list, if there is one.
    pub(super) async fn call(&mut self, tx: &TxId) -> Result<Option<(CallRow, i64)>, LedgerError> {
        let row = sqlx::query(concat!("SELECT ", call_columns!(), ", first_seq FROM calls WHERE tx = $1"))
            .bind(tx.as_str())
            .fetch_optional(&mut *self.tx)
            .await?;
        row.map(|row| Ok((rows::call(&row)?, row.try_get("first_seq")?))).transpose()
    }

    /// How many rows a statement with one parameter counts.
    pub(super) async fn count(&mut self, sql: &'static str, parameter: &str) -> Result<i64, LedgerError> {
        let row = sqlx::query(sql).bind(parameter).fetch_one(&mut *self.tx).await?;
        Ok(row.try_get(0)?)
    }

    /// Commits; from here on everything is on the disk. Gives the end of the chain.
    pub(super) async fn finish(mut self) -> Result<Head, LedgerError> {
        let Head { seq, hash } = self.head;
        if seq != self.begun_at {
            sqlx::query("UPDATE head SET seq = $1, hash = $2 WHERE id = 1")
                .bind(seq)
                .bind(hash.to_string())
                .execute(&mut *self.tx)
                .await?;
        }
        self.tx.commit().await?;
        Ok(Head { seq, hash })
    }
}
