//! Grants, through the handle.

use super::super::LedgerError;
use super::super::grants::{self, Give, Revoke, Use};
use super::super::sqlite::{Conn, Patience};
use super::Ledger;
use crate::approval::Trust;
use crate::approval::grant::{Claim, Standing};
use crate::audit::{CallRow, NewEvent};
use crate::base::{ApprovalId, Timestamp};

impl Ledger {
    /// Every grant there ever was, the latest first.
    ///
    /// # Errors
    /// When they cannot be read, or are not what was recorded.
    pub async fn grants(&self) -> Result<Vec<Standing>, LedgerError> {
        reading!(self, |conn| grants::all(conn))
    }

    /// Puts a grant in the ledger.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub async fn give_grant(&self, standing: Standing) -> Result<(), LedgerError> {
        self.inner.writer.write(Give { standing }).await.map_err(self.here())
    }

    /// Takes a grant back; `key` is the fingerprint of whoever does.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub async fn revoke_grant(&self, id: ApprovalId, now: Timestamp, key: String) -> Result<(), LedgerError> {
        self.inner.writer.write(Revoke { id, now, key }).await.map_err(self.here())
    }

    /// Uses a grant once, and records the events and the row of the call that does in the same transaction. Gives the
    /// grant as it stands then, or why it does not cover the call; then nothing is recorded.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub async fn use_grant(
        &self,
        id: &ApprovalId,
        claim: Claim,
        trust: Trust,
        now: Timestamp,
        events: Vec<NewEvent>,
        call: CallRow,
    ) -> Result<Result<Standing, String>, LedgerError> {
        let task = Use { id: id.clone(), claim, trust, now, events, call };
        self.inner.writer.write(task).await.map_err(self.here())
    }
}
