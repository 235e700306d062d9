//! The kill switch: while it is on, no engine on the ledger sends anything. What is held stays held; what comes in is
//! held as long as its caller allows.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::approver::Approver;
use super::ask::{Caller, PROGRESS_EVERY};
use super::shared::Shared;
use super::status::ProgressUpdate;
use crate::audit::{Kind, NewEvent};
use crate::call::CallError;

/// The error type of a call that is not sent because everything is frozen.
pub(super) const FROZEN: &str = "Paused";
/// When a refused caller should come back, in milliseconds.
const RETRY_AFTER_MS: u64 = 30_000;

impl Approver {
    /// Freezes all engines on the ledger, or lets them go on. Needs no passphrase: stopping must never wait.
    ///
    /// # Errors
    /// When it could not be recorded.
    pub async fn pause(&self, paused: bool) -> Result<(), String> {
        let event = NewEvent {
            at: self.shared.clock.now(),
            kind: if paused { Kind::Paused } else { Kind::Resumed },
            tx: None,
            op: None,
            agent: None,
            approval: None,
            detail: json!({"key": self.key().fingerprint()}),
        };
        if paused {
            // Here at once; the others see it in the ledger.
            self.shared.set_paused(true);
        }
        let result = self.shared.ledger.set_paused(paused, event).await;
        self.shared.ledger_health(&result);
        self.shared.refresh_paused().await;
        result.map(drop).map_err(|error| error.to_string())
    }
}

impl Shared {
    /// Reads the switch.
    pub(super) async fn refresh_paused(&self) {
        match self.ledger.paused().await {
            Ok(paused) => self.set_paused(paused),
            Err(error) => {
                tracing::error!(%error, "whether everything is paused cannot be read: it is taken as paused");
                self.set_paused(true);
            }
        }
    }

    fn set_paused(&self, paused: bool) {
        self.paused.send_replace(paused);
        self.update_status(|status| status.paused = paused);
    }

    /// Whether nothing may be sent just now.
    pub(super) fn is_paused(&self) -> bool {
        *self.paused.borrow()
    }

    /// Passes while nothing is paused; else waits as long as the caller holds.
    ///
    /// # Errors
    /// `Paused` when the hold is over, the caller goes away, or Countersign stops.
    pub(super) async fn unless_paused(&self, caller: &Caller<'_>, hold: Duration) -> Result<(), CallError> {
        let mut paused = self.paused.subscribe();
        if !*paused.borrow_and_update() {
            return Ok(());
        }
        let started = Instant::now();
        let deadline = started + hold;
        let mut progress = tokio::time::interval(PROGRESS_EVERY);
        progress.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = caller.cancel.cancelled() => return Err(frozen()),
                () = self.stop.cancelled() => return Err(frozen()),
                changed = paused.wait_for(|paused| !paused) => return changed.map(drop).map_err(|_| frozen()),
                () = tokio::time::sleep_until(deadline) => return Err(frozen()),
                _ = progress.tick() => (caller.progress)(ProgressUpdate {
                    elapsed_seconds: started.elapsed().as_secs_f64(),
                    total_seconds: Some(hold.as_secs_f64()),
                    message: "paused: waiting for a human to resume in the Countersign console".to_owned(),
                }),
            }
        }
    }
}

/// The refusal while everything is frozen.
pub(super) fn frozen() -> CallError {
    CallError::new(FROZEN, "the human paused Countersign; nothing was sent")
        .hint("do not look for another way to do it; wait, or ask the user whether to go on")
        .retryable()
        .with("retryAfterMs", RETRY_AFTER_MS)
}
