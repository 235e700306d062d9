//! Several engines on one ledger, an AWS that remembers what it was sent, and somebody who writes into the database.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::approval::{Approval, State};
use countersign::base::{ApprovalId, Digest};
use countersign::call::CallError;
use countersign::engine::{Agent, Approver, Decision, Engine, Hint, Peer, Tool};
use countersign::ledger::Ledger;
use countersign::settings::{Pins, PolicyFile};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::fake::{Fake, Reply};
use super::house::{engine_on, key, paths};

/// Everything is asked.
pub(crate) const ASK: &str = "
version: 1
services: {allowlist: ['*'], denylist: []}
rules: {allow: ['^dynamodb:Describe.*$', '^dynamodb:TagResource$']}
default: ask
";

pub(crate) struct Scene {
    pub(crate) home: TempDir,
    policy: String,
    fake: Fake,
    sent: Arc<Mutex<Vec<String>>>,
}

impl Scene {
    pub(crate) async fn open(policy: &str) -> Self {
        let sent: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&sent);
        let fake = Fake::start(move |request| {
            let target = request.header("x-amz-target").rsplit('.').next().unwrap_or_default().to_owned();
            seen.lock().unwrap().push(format!("{target} {}", request.body));
            async { Reply::json(&json!({})) }
        })
        .await;
        let home = tempfile::tempdir().unwrap();
        Pins::read_or_make(&paths(&home).approvers(), key().public()).unwrap();
        Self { home, policy: policy.to_owned(), fake, sent }
    }

    /// One more engine on the ledger.
    pub(crate) async fn engine(&self) -> Engine {
        self.engine_with(false).await
    }

    pub(crate) async fn engine_with(&self, auto_approve: bool) -> Engine {
        let address = self.fake.url.trim_start_matches("http://").parse().unwrap();
        let policy = PolicyFile::fixed("policy.yaml", self.policy.as_str());
        engine_on(&paths(&self.home), address, policy, auto_approve).await
    }

    pub(crate) async fn ledger(&self) -> Ledger {
        Ledger::open(&paths(&self.home).ledger()).await.unwrap()
    }

    /// What reached AWS so far: operations and payloads.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }

    /// Somebody writes into the database.
    pub(crate) async fn sql(&self, sql: &str) {
        let mut conn = connect(&paths(&self.home).ledger()).await;
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.unwrap();
        assert!(done.rows_affected() > 0, "{sql}");
        conn.close().await.unwrap();
    }

    /// Somebody writes an approval's row by hand, with everything about it that can be computed without a key.
    pub(crate) async fn forge(&self, id: &ApprovalId, change: impl FnOnce(&mut Approval)) {
        let mut conn = connect(&paths(&self.home).ledger()).await;
        let sql = "SELECT a.body, e.hash FROM approvals a JOIN events e ON e.seq = a.last_seq WHERE a.id = $1";
        let (body, hash): (String, String) = sqlx::query_as(sql).bind(id.as_str()).fetch_one(&mut conn).await.unwrap();
        let mut approval: Approval = serde_json::from_str(&body).unwrap();
        change(&mut approval);
        let due = match &approval.state {
            State::Pending => Some(approval.decide_by.as_millis()),
            State::Approved { use_by, .. } => Some(use_by.as_millis()),
            _ => None,
        };
        let sealed = json!({"what": "approval", "value": approval, "last": hash});
        sqlx::query("UPDATE approvals SET state = $2, due = $3, body = $4, seal = $5, digest = $6 WHERE id = $1")
            .bind(id.as_str())
            .bind(approval.state.name())
            .bind(due)
            .bind(serde_json::to_string(&approval).unwrap())
            .bind(Digest::of_json("countersign seal v1", &sealed).to_string())
            .bind(approval.digest.to_string())
            .execute(&mut conn)
            .await
            .unwrap();
        conn.close().await.unwrap();
    }
}

async fn connect(path: &Path) -> sqlx::SqliteConnection {
    SqliteConnectOptions::new().filename(path).busy_timeout(Duration::from_secs(5)).connect().await.unwrap()
}

/// An agent of an engine, and what it is told while it waits.
pub(crate) struct Caller {
    agent: Agent,
    cancel: CancellationToken,
    telling: UnboundedSender<String>,
    told: tokio::sync::Mutex<UnboundedReceiver<String>>,
}

impl Caller {
    pub(crate) fn of(engine: &Engine) -> Self {
        let (telling, told) = unbounded_channel();
        let agent = engine.door().connect(Peer { transport: "cli", ..Peer::default() });
        Self { agent, cancel: CancellationToken::new(), telling, told: tokio::sync::Mutex::new(told) }
    }

    /// Invokes an operation of DynamoDB.
    pub(crate) async fn invoke(&self, operation: &str, payload: Value, options: Value) -> Result<Value, CallError> {
        self.execute(json!({
            "action": "invoke", "service": "dynamodb", "operation": operation, "payload": payload, "options": options,
        }))
        .await
    }

    pub(crate) async fn execute(&self, arguments: Value) -> Result<Value, CallError> {
        let telling = self.telling.clone();
        let progress = Arc::new(move |update: countersign::engine::ProgressUpdate| drop(telling.send(update.message)));
        let arguments = arguments.as_object().cloned().unwrap();
        self.agent.call(Tool::Execute, arguments, progress, self.cancel.clone()).await
    }

    /// Deletes a table, and waits for the human as long as it takes.
    pub(crate) async fn delete(&self, table: &str) -> Result<Value, CallError> {
        self.invoke("DeleteTable", json!({"TableName": table}), json!({"hold": 60})).await
    }

    /// Asks to delete a table, does not wait, and gives the token.
    pub(crate) async fn ask(&self, table: &str) -> String {
        let answer = self.invoke("DeleteTable", json!({"TableName": table}), json!({"hold": 0})).await.unwrap_err();
        assert_eq!(answer.kind, "ConfirmationRequired", "{answer}");
        answer.extra["confirmation"]["token"].as_str().unwrap().to_owned()
    }

    /// Comes back with a token.
    pub(crate) async fn again(&self, table: &str, token: &str) -> Result<Value, CallError> {
        let options = json!({"confirmationToken": token, "hold": 0});
        self.invoke("DeleteTable", json!({"TableName": table}), options).await
    }

    /// Waits until it is told something that contains this.
    pub(crate) async fn told(&self, what: &str) {
        let mut told = self.told.lock().await;
        while let Some(message) = told.recv().await {
            if message.contains(what) {
                return;
            }
        }
    }
}

/// The human with the pinned key.
pub(crate) fn human(engine: &Engine) -> Approver {
    engine.approver(key())
}

/// The approval that is pending, as soon as there is one.
pub(crate) async fn pending(engine: &Engine) -> Approval {
    let observer = engine.observer();
    let mut hints = observer.hints();
    loop {
        let open = observer.open_approvals().await.unwrap();
        if let Some(approval) = open.into_iter().find(|approval| approval.state == State::Pending) {
            return approval;
        }
        while let Ok(Hint::Status) = hints.recv().await {}
    }
}

/// Approves what is pending.
pub(crate) async fn approve(engine: &Engine) -> Approval {
    let asked = pending(engine).await;
    human(engine).decide(&asked.id, Decision::Approve { shown: asked.shown() }).await.unwrap()
}

/// The kinds and details of everything recorded.
pub(crate) async fn history(engine: &Engine) -> Vec<(countersign::audit::Kind, Value)> {
    let events = engine.observer().events_after(0).await.unwrap();
    events.into_iter().map(|event| (event.event.kind, event.event.detail)).collect()
}

/// Waits until the status is as wanted.
pub(crate) async fn until(engine: &Engine, wanted: impl Fn(&countersign::engine::Status) -> bool) {
    let observer = engine.observer();
    let mut hints = observer.hints();
    while !wanted(&observer.status()) {
        hints.recv().await.unwrap();
    }
}
