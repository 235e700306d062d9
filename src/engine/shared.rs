//! What all handles of one engine share. The engine's only state: everything durable is in the ledger.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, broadcast, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::catalogue::Catalogue;
use super::policy::Policies;
use super::resume::Begun;
use super::status::{Hint, Status};
use super::trusted::Trusted;
use crate::aws::Aws;
use crate::base::{Clock, Entropy};
use crate::files::Files;
use crate::ledger::{Ledger, LedgerError};
use crate::models::Models;
use crate::risk::Classifier;
use crate::validate::Validator;

/// Hints that a slow reader may fall behind before it has to read anew.
const HINTS: usize = 1_024;
/// Calls at work at the same time; more wait.
const CALLS: usize = 64;

/// The limits and wishes an engine is started with.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How long a call is held for the human when it does not say.
    pub hold: Duration,
    /// Characters of a result.
    pub max_output_characters: usize,
    /// Whether confirmation is switched off by the environment.
    pub auto_approve: bool,
}

pub(super) struct Shared {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) ledger: Ledger,
    pub(super) trusted: Trusted,
    pub(super) models: Models,
    /// Woken when somebody wants the models refreshed.
    pub(super) sync_wanted: Notify,
    pub(super) catalogue: Mutex<Option<Arc<Catalogue>>>,
    pub(super) aws: Aws,
    pub(super) files: Files,
    pub(super) limits: Limits,
    pub(super) classifier: OnceLock<Classifier>,
    pub(super) validator: Validator,
    pub(super) policies: Policies,
    pub(super) hints: broadcast::Sender<Hint>,
    pub(super) status: Mutex<Status>,
    pub(super) permits: Semaphore,
    pub(super) paused: watch::Sender<bool>,
    /// What folder uploads that broke off have sent.
    pub(super) begun: Begun,
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
}

impl Shared {
    pub(super) fn hint_channel() -> broadcast::Sender<Hint> {
        broadcast::Sender::new(HINTS)
    }

    pub(super) fn call_permits() -> Semaphore {
        Semaphore::new(CALLS)
    }

    pub(super) fn classifier(&self) -> &Classifier {
        self.classifier.get_or_init(Classifier::embedded)
    }

    /// Tells whoever looks that the ledger has grown.
    pub(super) fn hint_ledger(&self, seq: i64) {
        // Nobody listening is fine: the ledger is the truth.
        let _ = self.hints.send(Hint::Ledger { seq });
    }

    /// Changes the status, and tells whoever looks if it became another one.
    pub(super) fn update_status(&self, change: impl FnOnce(&mut Status)) {
        let mut status = lock(&self.status);
        let before = status.clone();
        change(&mut status);
        if *status != before {
            drop(status);
            let _ = self.hints.send(Hint::Status);
        }
    }

    /// Shows a ledger that cannot be written, and clears that when it can again.
    pub(super) fn ledger_health<T>(&self, result: &Result<T, LedgerError>) {
        // That a human has paused is no fault of the ledger's.
        let problem = result.as_ref().err().filter(|error| **error != LedgerError::Paused).map(ToString::to_string);
        self.update_status(|status| status.ledger_problem = problem);
    }
}

/// Locks; a panic while it was held cannot have left these plain values half changed.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
