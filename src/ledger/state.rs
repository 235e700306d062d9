//! Switches that all engines on a ledger share, each set by an event.

use serde_json::{Value, json};

use super::LedgerError;
use super::rows;
use super::sqlite::Conn;
use super::work::Work;
use super::writer::Task;
use crate::audit::{Broken, Event, Kind, NewEvent};
use crate::base::{Digest, Timestamp};

/// Whether everything is frozen: `true` or `false`.
pub(super) const PAUSED: &str = "paused";

/// Which ledger this is: a random digest.
const IDENTITY: &str = "identity";

/// Gives a ledger its identity, if it has none.
pub(super) struct Identify {
    pub fresh: Digest,
    pub now: Timestamp,
}

impl Task for Identify {
    type Output = Digest;

    async fn run(&self, work: &mut Work<'_>) -> Result<Digest, LedgerError> {
        if let Some(value) = get(&mut work.tx, IDENTITY).await? {
            let known = value.as_str().and_then(Digest::parse);
            return known.ok_or_else(|| Broken::at(0, "the ledger's identity cannot be read").into());
        }
        let value = Value::String(self.fresh.to_string());
        let event = NewEvent {
            at: self.now,
            kind: Kind::LedgerMade,
            tx: None,
            op: None,
            agent: None,
            approval: None,
            detail: json!({"identity": value}),
        };
        Set { name: IDENTITY.to_owned(), value, event }.run(work).await?;
        Ok(self.fresh)
    }
}

/// Whether everything is frozen.
pub(super) async fn is_paused(conn: &mut Conn) -> Result<bool, LedgerError> {
    Ok(get(conn, PAUSED).await? == Some(Value::Bool(true)))
}

/// Sets one.
pub(super) struct Set {
    pub name: String,
    pub value: Value,
    pub event: NewEvent,
}

impl Task for Set {
    type Output = Event;

    async fn run(&self, work: &mut Work<'_>) -> Result<Event, LedgerError> {
        let events = work.append_all(std::slice::from_ref(&self.event)).await?;
        let event =
            events.into_iter().next().ok_or_else(|| LedgerError::misuse("a switch was set without an event"))?;
        sqlx::query(
            "INSERT INTO state (name, value, last_seq, seal) VALUES ($1, $2, $3, $4) ON CONFLICT (name) \
             DO UPDATE SET value = excluded.value, last_seq = excluded.last_seq, seal = excluded.seal",
        )
        .bind(&self.name)
        .bind(self.value.to_string())
        .bind(event.seq)
        .bind(rows::seal(&self.name, &self.value, event.hash)?)
        .execute(&mut *work.tx)
        .await?;
        Ok(event)
    }
}

/// A switch's columns and the hash of the event that set it.
type Columns = (String, String, i64, String, Option<String>);

/// One switch.
pub(super) async fn get(conn: &mut Conn, name: &str) -> Result<Option<Value>, LedgerError> {
    let row: Option<Columns> = sqlx::query_as(
        "SELECT s.name, s.value, s.last_seq, s.seal, e.hash FROM state s \
         LEFT JOIN events e ON e.seq = s.last_seq WHERE s.name = $1",
    )
    .bind(name)
    .fetch_optional(conn)
    .await?;
    row.map(read).transpose()
}

/// Checks every switch.
pub(super) async fn check_all(conn: &mut Conn) -> Result<(), LedgerError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "SELECT s.name, s.value, s.last_seq, s.seal, e.hash FROM state s \
         LEFT JOIN events e ON e.seq = s.last_seq ORDER BY s.name",
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().try_for_each(|row| read(row).map(drop))
}

fn read((name, text, seq, seal, hash): Columns) -> Result<Value, LedgerError> {
    let wrong = || Broken::at(seq, format!("the switch `{name}` is not what was recorded"));
    let last = hash.as_deref().and_then(Digest::parse).ok_or_else(wrong)?;
    let value: Value = serde_json::from_str(&text).map_err(|_| wrong())?;
    let written = value.to_string();
    if rows::seal(&name, &value, last)? != seal || written != text {
        return Err(wrong().into());
    }
    Ok(value)
}
