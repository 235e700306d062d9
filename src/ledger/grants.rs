//! Grants among the switches: made, used in the transaction that records the intent, taken back.

use serde_json::{Value, json};

use super::LedgerError;
use super::sqlite::Conn;
use super::state::{self, Set};
use super::work::Work;
use super::writer::Task;
use crate::approval::{Trust, grant::Claim, grant::Standing};
use crate::audit::{Broken, CallRow, Kind, NewEvent};
use crate::base::{ApprovalId, Timestamp};

/// What stands before the id in the name of a grant's switch.
const PREFIX: &str = "grant/";

const USED: &str = "SELECT COUNT(*) FROM events WHERE kind = 'grant_used' AND approval = $1";
const REVOKED: &str = "SELECT COUNT(*) FROM events WHERE kind = 'grant_revoked' AND approval = $1";

fn name(id: &ApprovalId) -> String {
    format!("{PREFIX}{id}")
}

fn standing(value: Value) -> Result<Standing, LedgerError> {
    serde_json::from_value(value).map_err(|_| Broken::at(0, "a grant cannot be read").into())
}

/// All of them, the latest first.
pub(super) async fn all(conn: &mut Conn) -> Result<Vec<Standing>, LedgerError> {
    let names: Vec<String> = sqlx::query_scalar("SELECT name FROM state WHERE name LIKE $1 ORDER BY name DESC")
        .bind(format!("{PREFIX}%"))
        .fetch_all(&mut *conn)
        .await?;
    let mut grants = Vec::with_capacity(names.len());
    for name in &names {
        if let Some(value) = state::get(conn, name).await? {
            grants.push(standing(value)?);
        }
    }
    Ok(grants)
}

async fn put(work: &mut Work<'_>, standing: &Standing, event: NewEvent) -> Result<(), LedgerError> {
    let set = Set { name: name(&standing.grant.id), value: serde_json::to_value(standing)?, event };
    set.run(work).await.map(drop)
}

fn event(standing: &Standing, kind: Kind, now: Timestamp, detail: Value) -> NewEvent {
    let (agent, approval) = (Some(standing.grant.agent.clone()), Some(standing.grant.id.clone()));
    NewEvent { at: now, kind, tx: None, op: None, agent, approval, detail }
}

/// Puts a grant in the ledger.
pub(super) struct Give {
    pub standing: Standing,
}

impl Task for Give {
    type Output = ();

    async fn run(&self, work: &mut Work<'_>) -> Result<(), LedgerError> {
        let standing = &self.standing;
        let detail =
            json!({"grant": standing.grant, "key": standing.key.fingerprint(), "signature": standing.signature});
        put(work, standing, event(standing, Kind::Granted, standing.grant.at, detail)).await
    }
}

/// Takes a grant back.
pub(super) struct Revoke {
    pub id: ApprovalId,
    pub now: Timestamp,
    pub key: String,
}

impl Task for Revoke {
    type Output = ();

    async fn run(&self, work: &mut Work<'_>) -> Result<(), LedgerError> {
        let Some(value) = state::get(&mut work.tx, &name(&self.id)).await? else { return Ok(()) };
        let mut standing = standing(value)?;
        if standing.revoked.is_none() {
            standing.revoked = Some(self.now);
            let event = event(&standing, Kind::GrantRevoked, self.now, json!({"grant": self.id, "key": self.key}));
            put(work, &standing, event).await?;
        }
        Ok(())
    }
}

/// Uses a grant once, with what is recorded of the call that does.
pub(super) struct Use {
    pub id: ApprovalId,
    pub claim: Claim,
    pub trust: Trust,
    pub now: Timestamp,
    pub events: Vec<NewEvent>,
    pub call: CallRow,
}

impl Task for Use {
    type Output = Result<Standing, String>;

    async fn run(&self, work: &mut Work<'_>) -> Result<Self::Output, LedgerError> {
        let Some(value) = state::get(&mut work.tx, &name(&self.id)).await? else {
            return Ok(Err("there is no such grant".to_owned()));
        };
        let mut standing = standing(value)?;
        // What the events say counts, whatever the row says.
        let used = work.count(USED, self.id.as_str()).await?;
        standing.used = standing.used.max(u32::try_from(used).unwrap_or(u32::MAX));
        if work.count(REVOKED, self.id.as_str()).await? > 0 {
            standing.revoked = standing.revoked.or(Some(self.now));
        }
        // A clock that was set back gives nobody more time.
        let latest: Option<i64> = sqlx::query_scalar("SELECT MAX(at) FROM events WHERE approval = $1")
            .bind(self.id.as_str())
            .fetch_one(&mut *work.tx)
            .await?;
        let now = latest.map_or(self.now, |latest| self.now.max(Timestamp::from_millis(latest)));
        if let Err(why) = standing.claim(&self.claim, &self.trust, now) {
            return Ok(Err(why));
        }
        let detail = json!({"grant": self.id, "left": standing.left(now)});
        let used = NewEvent { tx: Some(self.call.tx.clone()), ..event(&standing, Kind::GrantUsed, now, detail) };
        put(work, &standing, used).await?;
        let events = work.append_all(&self.events).await?;
        let own = events.iter().find(|event| event.event.tx.as_ref() == Some(&self.call.tx));
        if let (Some(own), Some(last)) = (own, events.last()) {
            work.put_call(&self.call, own.seq, last).await?;
        }
        Ok(Ok(standing))
    }
}
