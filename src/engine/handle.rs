//! The handles of agents and of whoever looks. What a handle cannot do, its holder cannot do.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt as _;
use serde_json::{Map, Value, json};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::ask::Caller;
use super::record::{Trail, text_of};
use super::shared::{Shared, lock};
use super::status::{Hint, Peer, Progress, Status, Tool};
use super::{execute, find};
use crate::approval::Approval;
use crate::audit::{CallRow, Event, Filter, Kind, NewEvent, Outcome};
use crate::base::{AgentId, TxId};
use crate::call::CallError;
use crate::ledger::{CallQuery, LedgerError};

/// Events that one read gives at most.
const EVENTS: u32 = 1_000;

/// Where agents come in: it makes connections, and nothing else.
#[derive(Clone)]
pub struct Door {
    pub(super) shared: Arc<Shared>,
}

impl Door {
    /// Registers a connection.
    pub fn connect(&self, peer: Peer) -> Agent {
        Agent::connect(&self.shared, peer)
    }
}

/// An agent's connection: it can ask, and nothing else.
pub struct Agent {
    shared: Arc<Shared>,
    id: AgentId,
    peer: Mutex<Peer>,
}

impl Agent {
    pub(super) fn connect(shared: &Arc<Shared>, peer: Peer) -> Self {
        let id = AgentId::new(shared.clock.now(), &*shared.entropy);
        shared.update_status(|status| status.agents += 1);
        Self { shared: Arc::clone(shared), id, peer: Mutex::new(peer) }
    }

    /// Notes what the client says of itself, and records that it is here.
    pub fn introduce(&self, name: &str, version: &str) {
        let peer = {
            let mut peer = lock(&self.peer);
            name.clone_into(&mut peer.name);
            version.clone_into(&mut peer.version);
            peer.clone()
        };
        let detail = json!({
            "name": peer.name, "version": peer.version, "transport": peer.transport, "pid": peer.pid,
        });
        self.shared.note(Kind::AgentConnected, Some(self.id.clone()), detail);
    }

    /// Calls a tool.
    ///
    /// `progress` must not block; `cancel` ends the wait and, as far as possible, the request.
    ///
    /// # Errors
    /// A [`CallError`] in the words of the contract.
    pub async fn call(
        &self,
        tool: Tool,
        arguments: Map<String, Value>,
        progress: Progress,
        cancel: CancellationToken,
    ) -> Result<Value, CallError> {
        let name = lock(&self.peer).name.clone();
        let caller = Caller { agent: &self.id, name: &name, progress: &progress, cancel: &cancel };
        let work = self.run(tool, &caller, arguments);
        // A panic here is our fault; the agent gets an answer all the same, and the connection lives on.
        match AssertUnwindSafe(work).catch_unwind().await {
            Ok(result) => result,
            Err(_) => Err(CallError::new("Internal", "Countersign failed inside; its log tells more")),
        }
    }

    async fn run(&self, tool: Tool, caller: &Caller<'_>, arguments: Map<String, Value>) -> Result<Value, CallError> {
        match tool {
            Tool::Search => {
                let found = find::search(&self.shared, &arguments);
                self.looked("search", "query", caller, arguments, found.as_ref().err());
                found
            }
            Tool::Schema => {
                let found = find::schema(&self.shared, &arguments);
                self.looked("schema", "path", caller, arguments, found.as_ref().err());
                found
            }
            Tool::Execute => {
                let whole = Value::Object(arguments);
                let mut trail = Trail::begin(&self.shared, &self.id, caller.name, "execute", &whole);
                let Value::Object(arguments) = whole else { return Ok(Value::Null) };
                Box::pin(execute::execute(&self.shared, &mut trail, caller, &arguments)).await
            }
        }
    }
}

impl Agent {
    /// Records a call that only looked, in the background: nothing depends on it, and it is not in the caller's way.
    fn looked(
        &self,
        tool: &str,
        about: &str,
        caller: &Caller<'_>,
        arguments: Map<String, Value>,
        error: Option<&CallError>,
    ) {
        let arguments = Value::Object(arguments);
        let mut trail = Trail::begin(&self.shared, &self.id, caller.name, tool, &arguments);
        trail.row.target = text_of(&arguments, about);
        match error {
            None => trail.end(Outcome::Ok, None),
            Some(error) => trail.fail(Kind::Refused, error),
        }
        self.shared.tasks.spawn(async move {
            if let Err(problem) = trail.write().await {
                tracing::error!(tx = %trail.tx(), %problem, "a look could not be recorded");
            }
        });
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.shared.update_status(|status| status.agents = status.agents.saturating_sub(1));
        self.shared.note(Kind::AgentGone, Some(self.id.clone()), json!({}));
    }
}

/// The read side: what a console shows.
#[derive(Clone)]
pub struct Observer {
    pub(super) shared: Arc<Shared>,
}

impl Observer {
    /// Hints that something is to be read anew.
    pub fn hints(&self) -> broadcast::Receiver<Hint> {
        self.shared.hints.subscribe()
    }

    /// What is always visible.
    pub fn status(&self) -> Status {
        lock(&self.shared.status).clone()
    }

    /// Approvals that are pending, or approved and not yet used; oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn open_approvals(&self) -> Result<Vec<Approval>, LedgerError> {
        self.shared.ledger.open_approvals().await
    }

    /// Approvals that are over; newest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn recent_approvals(&self, limit: u32) -> Result<Vec<Approval>, LedgerError> {
        self.shared.ledger.recent_approvals(limit).await
    }

    /// Calls that a filter selects, newest first; those before a call, if one is given.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn calls(&self, filter: Filter, before: Option<TxId>, limit: usize) -> Result<Vec<CallRow>, LedgerError> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        self.shared.ledger.calls(&CallQuery { filter, before, offset: 0, limit }).await
    }

    /// Everything known of one call, in order.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn transaction(&self, tx: &TxId) -> Result<Vec<Event>, LedgerError> {
        self.shared.ledger.events_of(tx).await
    }

    /// The row of one call.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn call(&self, tx: &TxId) -> Result<Option<CallRow>, LedgerError> {
        self.shared.ledger.call(tx).await
    }

    /// The sequence number of the newest event.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn head(&self) -> Result<i64, LedgerError> {
        Ok(self.shared.ledger.head().await?.0)
    }

    /// Events after a sequence number, oldest first; as many as one read gives.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn events_after(&self, seq: i64) -> Result<Vec<Event>, LedgerError> {
        self.shared.ledger.events_after(seq, EVENTS).await
    }

    /// Records what happens to the console itself.
    pub fn console(&self, detail: Value) {
        self.shared.note(Kind::Console, None, detail);
    }
}

impl Shared {
    /// Says on an entry of the ledger that confirmation is switched off, while it is.
    pub(super) fn mark(&self, detail: &mut Value) {
        if let (true, Some(map)) = (self.limits.auto_approve, detail.as_object_mut()) {
            map.insert("auto_approve".into(), true.into());
        }
    }

    /// Records something outside a call, in the background; a failure shows in the status.
    pub(super) fn note(self: &Arc<Self>, kind: Kind, agent: Option<AgentId>, mut detail: Value) {
        self.mark(&mut detail);
        let shared = Arc::clone(self);
        let event = NewEvent { at: self.clock.now(), kind, tx: None, op: None, agent, approval: None, detail };
        self.tasks.spawn(async move {
            let result = shared.ledger.append(event).await;
            shared.ledger_health(&result);
        });
    }
}
