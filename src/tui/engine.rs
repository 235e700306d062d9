//! The engine's two handles as the human's desk: one looks, the other decides.

use serde_json::json;
use tokio::sync::broadcast;

use super::TuiError;
use super::desk::Desk;
use super::run::{Options, run_at};
use crate::approval::Approval;
use crate::audit::{CallRow, Event, Filter};
use crate::base::{ApprovalId, TxId};
use crate::engine::{Approver, Decision, Hint, Observer, Status};

/// Approvals that ended lately, shown below those that wait.
const RECENT: u32 = 20;

/// Shows the console on this process's terminal until the human leaves.
///
/// # Errors
/// [`TuiError`]; the terminal is as it was in every case.
pub async fn run(observer: Observer, approver: Approver, options: Options) -> Result<(), TuiError> {
    run_at(Handles { observer, approver }, options).await
}

struct Handles {
    observer: Observer,
    approver: Approver,
}

impl Desk for Handles {
    fn hints(&self) -> broadcast::Receiver<Hint> {
        self.observer.hints()
    }

    fn status(&self) -> Status {
        self.observer.status()
    }

    async fn approvals(&self) -> Result<Vec<Approval>, String> {
        let mut all = self.observer.open_approvals().await.map_err(told)?;
        all.extend(self.observer.recent_approvals(RECENT).await.map_err(told)?);
        Ok(all)
    }

    async fn calls(&self, filter: Filter, before: Option<TxId>, limit: usize) -> Result<Vec<CallRow>, String> {
        self.observer.calls(filter, before, limit).await.map_err(told)
    }

    async fn transaction(&self, tx: TxId) -> Result<Vec<Event>, String> {
        self.observer.transaction(&tx).await.map_err(told)
    }

    async fn decide(&self, id: ApprovalId, decision: Decision) -> Result<Approval, String> {
        self.approver.decide(&id, decision).await
    }

    fn failed(&self, message: &str) {
        self.observer.console(json!({"failed": message}));
    }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
