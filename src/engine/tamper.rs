//! What only a change from outside explains: it is recorded, it stands on the screen, and what it concerns is closed.

use serde_json::{Value, json};

use super::send::unrecorded;
use super::shared::Shared;
use crate::approval::Input;
use crate::audit::{Kind, NewEvent};
use crate::base::ApprovalId;
use crate::call::CallError;
use crate::ledger::LedgerError;

impl Shared {
    /// An approval that no approver gave. It is taken back, so that the same request can be asked about honestly.
    pub(super) async fn forged(&self, approval: &ApprovalId, what: &str) {
        let detail = json!({"what": what});
        self.tampered(Some(approval), &format!("approval {approval}: {what}"), detail.clone()).await;
        let closed = self.ledger.transition(approval, Input::Withdraw, self.clock.now(), detail).await;
        if let Err(error) = closed {
            tracing::error!(%approval, %error, "a forged approval could not be closed");
        }
        self.refresh_pending().await;
    }

    /// A ledger that says of itself that it was changed.
    pub(super) async fn changed(&self, error: &LedgerError) {
        if let LedgerError::Tampered { broken, .. } = error {
            let what = broken.to_string();
            self.tampered(None, &what, json!({"what": what})).await;
        }
    }

    /// The refusal of a call for which the ledger could not be read or written.
    pub(super) async fn unreadable(&self, error: &LedgerError) -> CallError {
        self.changed(error).await;
        unrecorded(&error.to_string())
    }

    /// A policy that nobody accepted, or that is not what was accepted.
    pub(super) async fn forged_policy(&self, what: &str) {
        self.tampered(None, what, json!({"what": what})).await;
    }

    async fn tampered(&self, approval: Option<&ApprovalId>, told: &str, detail: Value) {
        tracing::error!(told, "the ledger was changed from outside");
        self.update_status(|status| status.tampering = Some(told.to_owned()));
        let event = NewEvent {
            at: self.clock.now(),
            kind: Kind::Tampered,
            tx: None,
            op: None,
            agent: None,
            approval: approval.cloned(),
            detail,
        };
        if let Err(error) = self.ledger.append(event).await {
            tracing::error!(%error, "that the ledger was changed could not be recorded in it");
        }
    }
}
