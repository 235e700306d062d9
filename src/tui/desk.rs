//! What the console needs of the engine: to look, and to decide. Tests sit at a desk of their own.

use serde_json::json;
use tokio::sync::broadcast;

use crate::approval::Approval;
use crate::approval::grant::Standing;
use crate::audit::{CallRow, Event, Filter};
use crate::base::{ApprovalId, Digest, TxId};
use crate::engine::{Approver, Decision, Explained, Hint, Observer, Passphrase, PolicyView, Status, Undecided};
use crate::ledger::LedgerError;

/// The human's desk. Errors are for the human's eyes.
pub trait Desk: Send + Sync + 'static {
    /// Hints that something is to be read anew.
    fn hints(&self) -> broadcast::Receiver<Hint>;

    /// What is always visible.
    fn status(&self) -> Status;

    /// Approvals that are open, and those that ended lately.
    fn approvals(&self) -> impl Future<Output = Result<Vec<Approval>, String>> + Send;

    /// A page of calls, latest first; those before a call, if one is given.
    fn calls(
        &self,
        filter: Filter,
        before: Option<TxId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<CallRow>, String>> + Send;

    /// Everything recorded of one call, in order.
    fn transaction(&self, tx: TxId) -> impl Future<Output = Result<Vec<Event>, String>> + Send;

    /// Takes a decision in.
    fn decide(&self, id: ApprovalId, decision: Decision) -> impl Future<Output = Result<Approval, Undecided>> + Send;

    /// Takes the passphrase of the approver's key.
    fn unlock(&self, passphrase: Passphrase) -> impl Future<Output = Result<(), Undecided>> + Send;

    /// Takes a grant back, if one is named; gives those that are left.
    fn grants(&self, revoke: Option<ApprovalId>) -> impl Future<Output = Result<Vec<Standing>, String>> + Send;

    /// Freezes everything, or lets it go on.
    fn pause(&self, paused: bool) -> impl Future<Output = Result<(), String>> + Send;

    /// How the policy stands.
    fn policy(&self) -> impl Future<Output = Result<PolicyView, String>> + Send;

    /// Puts a policy in force.
    fn accept_policy(&self, shown: Digest) -> impl Future<Output = Result<(), String>> + Send;

    /// Notes that an edit of the policy is not wanted.
    fn reject_policy(&self, shown: Digest) -> impl Future<Output = Result<(), String>> + Send;

    /// What a call would meet.
    fn explain(&self, call: &str) -> Result<Explained, String>;

    /// Records that the console failed.
    fn failed(&self, message: &str);
}

/// The desk at an engine.
pub struct EngineDesk {
    /// Looks.
    pub observer: Observer,
    /// Decides.
    pub approver: Approver,
}

/// How many approvals that are over are read.
const RECENT: u32 = 30;

/// An error in words for the human.
fn told(error: &LedgerError) -> String {
    error.to_string()
}

impl Desk for EngineDesk {
    fn hints(&self) -> broadcast::Receiver<Hint> {
        self.observer.hints()
    }

    fn status(&self) -> Status {
        self.observer.status()
    }

    async fn approvals(&self) -> Result<Vec<Approval>, String> {
        // Open ones first: what ends in between is then in both lists, and not in neither. The newer state counts,
        // and the first of two is kept.
        let open = self.observer.open_approvals().await.map_err(|error| told(&error))?;
        let mut all = self.observer.recent_approvals(RECENT).await.map_err(|error| told(&error))?;
        all.extend(open);
        Ok(all)
    }

    async fn calls(&self, filter: Filter, before: Option<TxId>, limit: usize) -> Result<Vec<CallRow>, String> {
        self.observer.calls(filter, before, limit).await.map_err(|error| told(&error))
    }

    async fn transaction(&self, tx: TxId) -> Result<Vec<Event>, String> {
        self.observer.transaction(&tx).await.map_err(|error| told(&error))
    }

    async fn decide(&self, id: ApprovalId, decision: Decision) -> Result<Approval, Undecided> {
        self.approver.decide(&id, decision).await
    }

    async fn unlock(&self, passphrase: Passphrase) -> Result<(), Undecided> {
        self.approver.unlock(passphrase).await
    }

    async fn grants(&self, revoke: Option<ApprovalId>) -> Result<Vec<Standing>, String> {
        if let Some(id) = revoke {
            self.approver.revoke(id).await?;
        }
        self.observer.grants().await.map_err(|error| told(&error))
    }

    async fn pause(&self, paused: bool) -> Result<(), String> {
        self.approver.pause(paused).await
    }

    async fn policy(&self) -> Result<PolicyView, String> {
        // The file may have been saved a moment ago, which is why somebody looks.
        self.observer.look_at_policy().await;
        self.observer.policy().await
    }

    async fn accept_policy(&self, shown: Digest) -> Result<(), String> {
        self.approver.accept_policy(shown).await
    }

    async fn reject_policy(&self, shown: Digest) -> Result<(), String> {
        self.approver.reject_policy(shown).await
    }

    fn explain(&self, call: &str) -> Result<Explained, String> {
        self.observer.explain(call)
    }

    fn failed(&self, message: &str) {
        self.observer.console(json!({"failed": message}));
    }
}
