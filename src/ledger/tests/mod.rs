//! Tests of the ledger: real files, real locks, several handles on one file.

mod approvals;
mod calls;
mod chain;
mod engines;
mod existing;
mod faults;
mod policies;
mod tail;
mod verify;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};

use super::{Ledger, LedgerError};
use crate::approval::tests::samples::{ASKED_AT, agent, at, tx};
use crate::audit::{Broken, CallRow, Kind, NewEvent, Outcome};
use crate::base::{RiskClass, Verdict};

/// A folder for one ledger, gone when the test ends.
struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("home").join("ledger.db")
    }

    async fn open(&self) -> Ledger {
        Ledger::open(&self.path()).await.unwrap()
    }

    /// Changes the file behind the ledger's back.
    async fn edit(&self, sql: &str) {
        let options = SqliteConnectOptions::new()
            .filename(self.path())
            .foreign_keys(false)
            .busy_timeout(Duration::from_secs(5))
            .pragma("synchronous", "OFF");
        let mut conn = options.connect().await.unwrap();
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.unwrap();
        assert!(done.rows_affected() > 0, "{sql}");
        conn.close().await.unwrap();
    }
}

impl Drop for Home {
    /// Connections of this test that are just closing take files away too: what a removal misses, the next finds.
    fn drop(&mut self) {
        for _ in 0..100 {
            if std::fs::remove_dir_all(self.folder.path()).is_ok() {
                break;
            }
        }
    }
}

/// An event of a call.
fn event(kind: Kind, n: u32, detail: Value) -> NewEvent {
    NewEvent { at: at(i64::from(n)), kind, tx: Some(tx(n)), op: None, agent: Some(agent(1)), approval: None, detail }
}

/// An event of the program itself.
fn note(n: u32) -> NewEvent {
    NewEvent {
        at: at(0),
        kind: Kind::Console,
        tx: None,
        op: None,
        agent: None,
        approval: None,
        detail: json!({"n": n}),
    }
}

/// A call under way.
fn row(n: u32) -> CallRow {
    CallRow {
        tx: tx(n),
        at: at(i64::from(n)),
        agent: "claude".into(),
        tool: "execute".into(),
        service: "s3".into(),
        operation: "DeleteBucket".into(),
        target: "demo-logs".into(),
        region: "eu-west-1".into(),
        verdict: Some(Verdict::Ask),
        risk: Some(RiskClass::Destructive),
        outcome: Outcome::Pending,
        error: None,
        duration_ms: None,
        approval: None,
        last_seq: 0,
    }
}

/// What verification finds, without the path.
async fn findings(ledger: &Ledger) -> Result<i64, Broken> {
    match ledger.verify().await {
        Ok(verified) => Ok(verified.events),
        Err(LedgerError::Tampered { broken, .. }) => Err(broken),
        Err(other) => panic!("{other}"),
    }
}

/// The public futures can be spawned.
#[test]
fn everything_can_be_spawned() {
    fn send<T: Send>(_: T) {}
    fn handle<T: Clone + Send + Sync + 'static>() {}
    handle::<Ledger>();
    #[expect(dead_code, reason = "compiling it is the test")]
    fn futures(ledger: &Ledger, query: &super::CallQuery) {
        send(ledger.calls(query));
        send(ledger.record(vec![], None));
        send(ledger.verify());
        send(ledger.wait_for_change(0, Duration::ZERO));
        send(ledger.mark_orphans(at(0)));
        send(ledger.sweep(at(ASKED_AT)));
        send(ledger.open_approvals());
    }
}
