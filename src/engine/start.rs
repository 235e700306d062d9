//! Starting and stopping an engine. Nothing here waits for the network, and nothing is read that can wait.

use std::sync::{Arc, Mutex, OnceLock};

use serde_json::json;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::approver::Approver;
use super::catalogue::ModelsKeeper;
use super::handle::{Door, Observer};
use super::policy::Policies;
use super::resume::Begun;
use super::shared::{Limits, Shared};
use super::status::Status;
use super::trusted::{PinSource, Trusted};
use crate::audit::{Kind, NewEvent};
use crate::aws::Aws;
use crate::base::{Clock, Digest, Entropy};
use crate::files::Files;
use crate::ledger::{Ledger, LedgerError};
use crate::models::Models;
use crate::settings::{ApproverKey, PolicyFile};
use crate::validate::Validator;

/// What an engine is made of. The edges are opened by the caller, so that tests bring their own.
pub struct Parts {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The ledger.
    pub ledger: Ledger,
    /// The models.
    pub models: Models,
    /// AWS.
    pub aws: Aws,
    /// The files that calls may name.
    pub files: Files,
    /// Limits.
    pub limits: Limits,
    /// The policy's file: the first policy of a new ledger, and from then on what a human may accept.
    pub policy: PolicyFile,
    /// Whose decisions count.
    pub pins: PinSource,
}

/// A running engine. It stops when [`Engine::stop`] is called.
pub struct Engine {
    shared: Arc<Shared>,
}

impl Engine {
    /// Starts.
    ///
    /// # Errors
    /// When the start cannot be recorded: an engine without a ledger does not run.
    pub async fn start(parts: Parts) -> Result<Self, LedgerError> {
        let status = Status {
            profile: parts.aws.profile().to_owned(),
            region: parts.aws.region().to_owned(),
            policy_path: parts.policy.name(),
            auto_approve: parts.limits.auto_approve,
            models_generation: parts.models.generation(),
            models_problem: parts.models.problem(),
            ..Status::default()
        };
        let mut fresh = [0; 32];
        parts.entropy.fill(&mut fresh);
        let identity = parts.ledger.identity(Digest::from_bytes(fresh), parts.clock.now()).await?;
        let shared = Arc::new(Shared {
            clock: parts.clock,
            entropy: parts.entropy,
            trusted: Trusted::new(identity, parts.pins),
            ledger: parts.ledger,
            models: parts.models,
            sync_wanted: Notify::new(),
            catalogue: Mutex::new(None),
            aws: parts.aws,
            files: parts.files,
            limits: parts.limits,
            classifier: OnceLock::new(),
            validator: Validator::new(),
            policies: Policies::new(parts.policy),
            hints: Shared::hint_channel(),
            status: Mutex::new(status),
            permits: Shared::call_permits(),
            paused: watch::Sender::new(false),
            begun: Begun::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        let at = shared.clock.now();
        let event = |kind, detail| NewEvent { at, kind, tx: None, op: None, agent: None, approval: None, detail };
        let started = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "pid": std::process::id(),
            "auto_approve": shared.limits.auto_approve,
            "models": shared.models.generation(),
        });
        shared.ledger.append(event(Kind::EngineStarted, started)).await?;
        Box::pin(shared.first_policy()).await?;
        // Roots are held from the start.
        let _ = shared.files.reach(shared.policy().files());
        shared.refresh_pending().await;
        shared.refresh_paused().await;
        shared.refresh_grants().await;
        shared.bury_the_dead();
        shared.watch();
        shared.watch_models();
        Ok(Self { shared })
    }

    /// Where agents come in.
    pub fn door(&self) -> Door {
        Door { shared: Arc::clone(&self.shared) }
    }

    /// For who keeps the models fresh.
    pub fn models_keeper(&self) -> ModelsKeeper {
        ModelsKeeper { shared: Arc::clone(&self.shared) }
    }

    /// The read side.
    pub fn observer(&self) -> Observer {
        Observer { shared: Arc::clone(&self.shared) }
    }

    /// The human's hand, which signs with this key: for the console, and for nothing else.
    pub fn approver(&self, key: Arc<ApproverKey>) -> Approver {
        self.shared.seat(&key);
        Approver { shared: Arc::clone(&self.shared), key }
    }

    /// Learns account and principal in the background, for the header.
    pub fn learn_identity(&self) {
        self.shared.learn_identity();
    }

    /// Shows where agents can reach this engine.
    pub fn listening(&self, address: String) {
        self.shared.update_status(|status| status.listeners.push(address));
    }

    /// Stops: held calls are answered, the end is recorded.
    pub async fn stop(&self) {
        self.shared.stop.cancel();
        self.shared.note(Kind::EngineStopped, None, json!({"pid": std::process::id()}));
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }
}
