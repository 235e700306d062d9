//! An engine that talks to any endpoint, with an agent at its door: no transport in between, so that progress and
//! cancellation are in the test's hands.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use countersign::approval::{Approval, State};
use countersign::audit::Kind;
use countersign::call::CallError;
use countersign::engine::{Agent, Decision, Engine, Hint, Peer, ProgressUpdate, Tool};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::house::{engine, paths};

/// Everything runs that is not destructive, and the rest is asked.
pub(crate) const OPEN: &str = "
version: 1
services: {allowlist: ['*'], denylist: []}
rules: {allow: ['.*']}
ask_for: [destructive]
default: ask
";

/// Everything is asked.
pub(crate) const STRICT: &str = "
version: 1
services: {allowlist: ['*'], denylist: []}
default: ask
";

pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) agent: Agent,
    pub(crate) cancel: CancellationToken,
    told: Arc<Mutex<Vec<ProgressUpdate>>>,
    home: TempDir,
}

impl Desk {
    /// A desk whose AWS is at `url`.
    pub(crate) async fn open(url: &str, policy: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let address = url.trim_start_matches("http://").parse().unwrap();
        Self::of(engine(&paths(&home), address, policy).await, home)
    }

    /// A desk at this engine; the folder goes with it.
    pub(crate) fn of(engine: Engine, home: TempDir) -> Self {
        let agent = engine.door().connect(Peer { transport: "cli", ..Peer::default() });
        Self { engine, agent, cancel: CancellationToken::new(), told: Arc::default(), home }
    }

    /// The folder that the engine's files lie in.
    pub(crate) fn work(&self) -> PathBuf {
        self.home.path().join("work")
    }

    /// Invokes an operation.
    pub(crate) async fn invoke(
        &self,
        service: &str,
        operation: &str,
        payload: Value,
        options: Value,
    ) -> Result<Value, CallError> {
        let arguments = json!({"action": "invoke", "service": service, "operation": operation, "payload": payload,
                               "options": options});
        let told = Arc::clone(&self.told);
        let progress = Arc::new(move |update| told.lock().unwrap().push(update));
        let arguments = arguments.as_object().cloned().unwrap();
        self.agent.call(Tool::Execute, arguments, progress, self.cancel.clone()).await
    }

    /// Messages of the progress so far; they are forgotten.
    pub(crate) fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().drain(..).map(|update| update.message).collect()
    }

    /// Events of the newest call.
    pub(crate) async fn story(&self) -> Vec<(Kind, Value)> {
        let calls = self.engine.observer().calls(Default::default(), None, 1).await.unwrap();
        let events = self.engine.observer().transaction(&calls[0].tx).await.unwrap();
        events.into_iter().map(|event| (event.event.kind, event.event.detail)).collect()
    }

    /// The approval that is pending, as soon as there is one.
    pub(crate) async fn pending(&self) -> Approval {
        let observer = self.engine.observer();
        let mut hints = observer.hints();
        loop {
            let open = observer.open_approvals().await.unwrap();
            if let Some(approval) = open.into_iter().find(|approval| approval.state == State::Pending) {
                return approval;
            }
            while let Ok(Hint::Status) = hints.recv().await {}
        }
    }

    /// Approves what is pending, and gives it as it was shown.
    pub(crate) async fn approve(&self) -> Approval {
        let asked = self.pending().await;
        self.engine
            .approver(crate::support::house::key())
            .decide(&asked.id, Decision::Approve { shown: asked.shown() })
            .await
            .unwrap();
        asked
    }

    pub(crate) async fn close(self) {
        drop(self.agent);
        self.engine.stop().await;
    }
}
