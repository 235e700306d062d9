//! What the console needs of the engine: to look, and to decide. Tests sit at a desk of their own.

use tokio::sync::broadcast;

use crate::approval::Approval;
use crate::audit::{CallRow, Event, Filter};
use crate::base::{ApprovalId, TxId};
use crate::engine::{Decision, Hint, Status};

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
    fn decide(&self, id: ApprovalId, decision: Decision) -> impl Future<Output = Result<Approval, String>> + Send;

    /// Records that the console failed.
    fn failed(&self, message: &str);
}
