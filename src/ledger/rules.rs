//! What is counted of the policy's rules: how often each matched, and the calls sent that one with a limit counts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::LedgerError;
use super::sqlite::Conn;
use super::work::Work;
use super::writer::Task;
use crate::audit::{Kind, NewEvent};
use crate::base::{Timestamp, TxId};
use crate::policy::{Tally, Uses};

/// How often a rule matched, as far as the ledger goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleHits {
    /// Calls judged that it matched.
    pub hits: i64,
    /// When it matched last.
    pub last_at: Timestamp,
    /// The operation then, as in `s3:PutObject`.
    pub last_call: String,
}

impl Work<'_> {
    /// Counts the rules that a judgement names. Its detail has `call`, and `trace` with an `id` each; a judgement
    /// made `again` of the same call does not count.
    pub(super) async fn count_hits(&mut self, event: &NewEvent) -> Result<(), LedgerError> {
        let detail = &event.detail;
        if event.kind != Kind::Judged || detail.get("again").is_some() {
            return Ok(());
        }
        let call = detail.get("call").and_then(Value::as_str).unwrap_or_default();
        for matched in detail.get("trace").and_then(Value::as_array).into_iter().flatten() {
            let Some(rule) = matched.get("id").and_then(Value::as_str) else { continue };
            sqlx::query(
                "INSERT INTO rule_hits (rule, hits, last_at, last_call) VALUES ($1, 1, $2, $3) ON CONFLICT (rule) \
                 DO UPDATE SET hits = rule_hits.hits + 1, last_at = excluded.last_at, last_call = excluded.last_call",
            )
            .bind(rule.replace('\0', "\u{fffd}"))
            .bind(event.at.as_millis())
            .bind(call)
            .execute(&mut *self.tx)
            .await?;
        }
        Ok(())
    }
}

/// How often each rule matched, by its id.
pub(super) async fn hits(conn: &mut Conn) -> Result<BTreeMap<String, RuleHits>, LedgerError> {
    let rows: Vec<(String, i64, i64, String)> =
        sqlx::query_as("SELECT rule, hits, last_at, last_call FROM rule_hits").fetch_all(conn).await?;
    let hits = |(rule, hits, at, last_call)| (rule, RuleHits { hits, last_at: Timestamp::from_millis(at), last_call });
    Ok(rows.into_iter().map(hits).collect())
}

const BEFORE: &str = "SELECT COUNT(*) FROM rule_uses WHERE rule = $1 AND at > $2 AND id < $3";

/// The earliest instant within the window of a tally.
fn since(tally: &Tally, now: Timestamp) -> i64 {
    let window = tally.window.map(|window| i64::try_from(window.as_millis()).unwrap_or(i64::MAX));
    window.map_or(i64::MIN, |window| now.as_millis().saturating_sub(window))
}

/// How many calls have been sent.
pub(super) async fn uses(conn: &mut Conn, tallies: &[Tally], now: Timestamp) -> Result<Uses, LedgerError> {
    let mut uses = Uses::new();
    for tally in tallies {
        let sent: i64 = sqlx::query_scalar(BEFORE)
            .bind(&tally.rule)
            .bind(since(tally, now))
            .bind(i64::MAX)
            .fetch_one(&mut *conn)
            .await?;
        uses.insert(tally.clone(), u64::try_from(sent).unwrap_or(0));
    }
    Ok(uses)
}

/// Takes a call's turn: it counts from now on, and how many came before it is told. Of two that take the last turn
/// at once, one sees the other.
pub(super) struct Turn {
    pub tx: TxId,
    pub tallies: Vec<Tally>,
    pub now: Timestamp,
}

impl Task for Turn {
    type Output = Uses;

    async fn run(&self, work: &mut Work<'_>) -> Result<Uses, LedgerError> {
        let mut uses = Uses::new();
        let mut places: BTreeMap<&str, i64> = BTreeMap::new();
        for tally in &self.tallies {
            let place = match places.get(tally.rule.as_str()) {
                Some(place) => *place,
                None => {
                    let place = self.place(work, &tally.rule).await?;
                    places.insert(&tally.rule, place);
                    place
                }
            };
            let sent: i64 = sqlx::query_scalar(BEFORE)
                .bind(&tally.rule)
                .bind(since(tally, self.now))
                .bind(place)
                .fetch_one(&mut *work.tx)
                .await?;
            uses.insert(tally.clone(), u64::try_from(sent).unwrap_or(0));
        }
        Ok(uses)
    }
}

impl Turn {
    /// The call's place in the queue of a rule.
    async fn place(&self, work: &mut Work<'_>, rule: &str) -> Result<i64, LedgerError> {
        let taken: Option<i64> = sqlx::query_scalar("SELECT id FROM rule_uses WHERE tx = $1 AND rule = $2")
            .bind(self.tx.as_str())
            .bind(rule)
            .fetch_optional(&mut *work.tx)
            .await?;
        if let Some(place) = taken {
            return Ok(place);
        }
        let last: Option<i64> = sqlx::query_scalar("SELECT MAX(id) FROM rule_uses").fetch_one(&mut *work.tx).await?;
        let place = last.unwrap_or(0).saturating_add(1);
        sqlx::query("INSERT INTO rule_uses (id, rule, at, tx) VALUES ($1, $2, $3, $4)")
            .bind(place)
            .bind(rule)
            .bind(self.now.as_millis())
            .bind(self.tx.as_str())
            .execute(&mut *work.tx)
            .await?;
        Ok(place)
    }
}

/// Gives a turn back: the call is not sent after all.
pub(super) struct GiveBack {
    pub tx: TxId,
}

impl Task for GiveBack {
    type Output = ();

    async fn run(&self, work: &mut Work<'_>) -> Result<(), LedgerError> {
        sqlx::query("DELETE FROM rule_uses WHERE tx = $1").bind(self.tx.as_str()).execute(&mut *work.tx).await?;
        Ok(())
    }
}
