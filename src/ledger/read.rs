//! Reading single things: a call, events, the head, how much there is.

use sqlx::query::QueryAs;

use super::LedgerError;
use super::rows::{self, EventColumns, call_columns, event_columns};
use super::sqlite::{Conn, Db};
use crate::audit::{Broken, CallRow, Event, Head};
use crate::base::{Digest, TxId};

/// How much a ledger holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events.
    pub events: i64,
    /// Calls.
    pub calls: i64,
    /// Approvals that wait for a decision.
    pub pending: i64,
}

/// One call.
pub(super) async fn call(conn: &mut Conn, tx: &TxId) -> Result<Option<CallRow>, LedgerError> {
    let sql = concat!("SELECT ", call_columns!(), " FROM calls WHERE tx = $1");
    let row = sqlx::query(sql).bind(tx.as_str()).fetch_optional(conn).await?;
    row.as_ref().map(rows::call).transpose()
}

/// The calls whose id begins so. Ids are hexadecimal: `g` sorts after all that may follow.
pub(super) async fn calls_beginning(conn: &mut Conn, id: &str, limit: u32) -> Result<Vec<CallRow>, LedgerError> {
    let sql = concat!("SELECT ", call_columns!(), " FROM calls WHERE tx >= $1 AND tx < $2 ORDER BY tx LIMIT $3");
    let found = sqlx::query(sql).bind(id).bind(format!("{id}g")).bind(i64::from(limit)).fetch_all(conn).await?;
    found.iter().map(rows::call).collect()
}

/// The events of a call and of its approval.
pub(super) async fn events_of(conn: &mut Conn, tx: &TxId) -> Result<Vec<Event>, LedgerError> {
    let sql = concat!(
        "SELECT ",
        event_columns!(),
        " FROM events WHERE tx = $1 OR approval IN \
         (SELECT approval FROM calls WHERE tx = $1 AND approval IS NOT NULL) ORDER BY seq"
    );
    events(conn, sqlx::query_as(sql).bind(tx.as_str().to_owned())).await
}

/// The events after `seq`.
pub(super) async fn events_after(conn: &mut Conn, seq: i64, limit: u32) -> Result<Vec<Event>, LedgerError> {
    let sql = concat!("SELECT ", event_columns!(), " FROM events WHERE seq > $1 ORDER BY seq LIMIT $2");
    events(conn, sqlx::query_as(sql).bind(seq).bind(i64::from(limit))).await
}

async fn events(
    conn: &mut Conn,
    query: QueryAs<'static, Db, EventColumns, <Db as sqlx::Database>::Arguments>,
) -> Result<Vec<Event>, LedgerError> {
    query.fetch_all(conn).await?.into_iter().map(|columns| Ok(columns.read()?)).collect()
}

/// Where the chain ends, as recorded.
pub(super) async fn head(conn: &mut Conn) -> Result<Head, LedgerError> {
    let row: Option<(i64, String)> =
        sqlx::query_as("SELECT seq, hash FROM head WHERE id = 1").fetch_optional(conn).await?;
    let (seq, hash) = row.ok_or_else(|| Broken::at(0, "the record of where the chain ends is missing"))?;
    let hash = Digest::parse(&hash).filter(|digest| digest.to_string() == hash);
    let hash = hash.ok_or_else(|| Broken::at(seq, "the record of where the chain ends cannot be read"))?;
    Ok(Head { seq, hash })
}

/// How much there is.
pub(super) async fn counts(conn: &mut Conn) -> Result<Counts, LedgerError> {
    let (events, calls, pending) = sqlx::query_as(
        "SELECT (SELECT seq FROM head WHERE id = 1), (SELECT COUNT(*) FROM calls), \
         (SELECT COUNT(*) FROM approvals WHERE state = 'pending')",
    )
    .fetch_one(conn)
    .await?;
    Ok(Counts { events, calls, pending })
}

/// Every engine that has written here and was not yet found dead.
pub(super) async fn engines(conn: &mut Conn) -> Result<Vec<String>, LedgerError> {
    Ok(sqlx::query_scalar("SELECT id FROM engines ORDER BY id").fetch_all(conn).await?)
}
