//! Accepted policies. Each is put behind the one before in the transaction that records its event, and bound to that
//! event: a row that was changed, added or taken away by hand shows when the newest is read.

use serde_json::{Value, json};

use super::LedgerError;
use super::rows::seal;
use super::sqlite::Conn;
use super::work::Work;
use super::writer::Task;
use crate::audit::{Broken, Kind, NewEvent};
use crate::base::{Digest, Timestamp};

/// A policy as it was accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyVersion {
    /// From 1, without gaps.
    pub number: i64,
    /// The file's text.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// The approver's statement and signature, which the engine checks; `None` for one that nobody has looked at.
    pub signed: Option<Value>,
}

/// What became of a policy that was to be put in force.
#[derive(Debug, Clone, PartialEq)]
pub enum Placed {
    /// It is the newest.
    Newest,
    /// Another came first; this is the newest.
    Other(Box<PolicyVersion>),
}

impl PolicyVersion {
    fn seal(&self, last: Digest) -> Result<String, LedgerError> {
        let value = json!({
            "number": self.number, "text": self.text, "at": self.at, "signed": self.signed,
        });
        seal("policy", &value, last)
    }
}

/// Puts a policy behind the newest, whose number must be one less.
pub(super) struct Put {
    pub version: PolicyVersion,
    pub event: NewEvent,
}

impl Task for Put {
    type Output = Placed;

    async fn run(&self, work: &mut Work<'_>) -> Result<Placed, LedgerError> {
        let version = &self.version;
        if self.event.kind != Kind::PolicyAccepted {
            return Err(LedgerError::misuse("a policy was accepted with another event than `policy_accepted`"));
        }
        let newest = latest(&mut work.tx).await?;
        let number = newest.as_ref().map_or(0, |newest| newest.number);
        if number.saturating_add(1) != version.number {
            let newest = newest.ok_or_else(|| LedgerError::misuse("a policy was accepted out of turn"))?;
            return Ok(Placed::Other(Box::new(newest)));
        }
        let event = work.append(self.event.clone()).await?;
        sqlx::query("INSERT INTO policies (number, text, at, signed, last_seq, seal) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(version.number)
            .bind(&version.text)
            .bind(version.at.as_millis())
            .bind(version.signed.as_ref().map(Value::to_string))
            .bind(event.seq)
            .bind(version.seal(event.hash)?)
            .execute(&mut *work.tx)
            .await?;
        Ok(Placed::Newest)
    }
}

/// A policy's columns and the hash of the event that put it in force.
type Columns = (i64, String, i64, Option<String>, i64, String, Option<String>);

const SELECT: &str = "SELECT p.number, p.text, p.at, p.signed, p.last_seq, p.seal, e.hash FROM policies p \
     LEFT JOIN events e ON e.seq = p.last_seq AND e.kind = 'policy_accepted' ORDER BY p.number";

/// The newest, if it is what was recorded and the events know of none after it.
pub(super) async fn latest(conn: &mut Conn) -> Result<Option<PolicyVersion>, LedgerError> {
    const NEWEST: &str = "SELECT p.number, p.text, p.at, p.signed, p.last_seq, p.seal, e.hash FROM policies p \
         LEFT JOIN events e ON e.seq = p.last_seq AND e.kind = 'policy_accepted' ORDER BY p.number DESC LIMIT 1";
    let row: Option<Columns> = sqlx::query_as(NEWEST).fetch_optional(&mut *conn).await?;
    let told: Option<i64> =
        sqlx::query_scalar("SELECT MAX(seq) FROM events WHERE kind = 'policy_accepted'").fetch_one(&mut *conn).await?;
    match (row, told) {
        (None, None) => Ok(None),
        (None, Some(seq)) => Err(Broken::at(seq, "the policy that was accepted here is missing").into()),
        (Some(row), told) => {
            let (number, seq) = (row.0, row.4);
            let version = read(row)?;
            match told {
                Some(told) if told == seq => Ok(Some(version)),
                _ => Err(Broken::at(told.unwrap_or(seq), format!("policy {number} is not the last that was accepted"))
                    .into()),
            }
        }
    }
}

/// What changes whenever another policy is the newest. Cheap: for a look before every call.
pub(super) async fn mark(conn: &mut Conn) -> Result<Option<(i64, String)>, LedgerError> {
    Ok(sqlx::query_as("SELECT number, seal FROM policies ORDER BY number DESC LIMIT 1").fetch_optional(conn).await?)
}

/// Checks all of them: every row is what was recorded, every event has its row.
pub(super) async fn check_all(conn: &mut Conn) -> Result<(), LedgerError> {
    let rows: Vec<Columns> = sqlx::query_as(SELECT).fetch_all(&mut *conn).await?;
    let mut seqs: Vec<i64> = sqlx::query_scalar("SELECT seq FROM events WHERE kind = 'policy_accepted' ORDER BY seq")
        .fetch_all(conn)
        .await?;
    for (row, number) in rows.into_iter().zip(1..) {
        let seq = row.4;
        let version = read(row)?;
        if version.number != number {
            return Err(Broken::at(seq, format!("policy {number} is missing")).into());
        }
        match seqs.first() {
            Some(first) if *first == seq => drop(seqs.remove(0)),
            _ => return Err(Broken::at(seq, format!("policy {number} is not in the order of the events")).into()),
        }
    }
    match seqs.first() {
        Some(seq) => Err(Broken::at(*seq, "the policy that was accepted here is missing").into()),
        None => Ok(()),
    }
}

fn read((number, text, at, signed, seq, sealed, hash): Columns) -> Result<PolicyVersion, LedgerError> {
    let wrong = || LedgerError::from(Broken::at(seq, format!("policy {number} is not what was recorded")));
    let last = hash.as_deref().and_then(Digest::parse).ok_or_else(wrong)?;
    let value = signed.as_deref().map(serde_json::from_str::<Value>).transpose().map_err(|_| wrong())?;
    let version = PolicyVersion { number, text, at: Timestamp::from_millis(at), signed: value };
    let written = version.signed.as_ref().map(Value::to_string);
    if version.seal(last)? != sealed || written != signed { Err(wrong()) } else { Ok(version) }
}
