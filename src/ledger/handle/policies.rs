//! The handle's part for the policy: accepted versions, what is counted of its rules.

use std::collections::BTreeMap;

use super::super::LedgerError;
use super::super::policies::{self, Placed, PolicyVersion, Put};
use super::super::rules::{self, GiveBack, RuleHits, Turn};
use super::super::sqlite::{Conn, Patience};
use super::Ledger;
use crate::audit::NewEvent;
use crate::base::{Timestamp, TxId};
use crate::policy::{Tally, Uses};

impl Ledger {
    /// The policy that was accepted last; `None` in a ledger that has none yet. Whose signature it has is for the
    /// engine to check.
    ///
    /// # Errors
    /// [`LedgerError::Tampered`] when it is not what was recorded, or not the last that was accepted; others when it
    /// cannot be read.
    pub async fn latest_policy(&self) -> Result<Option<PolicyVersion>, LedgerError> {
        reading!(self, |conn| policies::latest(conn))
    }

    /// A value that is another one whenever [`Self::latest_policy`] is. Cheap.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn policy_mark(&self) -> Result<Option<(i64, String)>, LedgerError> {
        reading!(self, |conn| policies::mark(conn))
    }

    /// Puts a policy in force for every engine on this ledger, with its event (`policy_accepted`), unless another
    /// came first: its number must be one more than that of the newest.
    ///
    /// # Errors
    /// When it could not be made durable; nothing is in force then.
    pub async fn put_policy(&self, version: PolicyVersion, event: NewEvent) -> Result<Placed, LedgerError> {
        self.inner.writer.write(Put { version, event }).await.map_err(self.here())
    }

    /// How often each rule matched, by its id.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn rule_hits(&self) -> Result<BTreeMap<String, RuleHits>, LedgerError> {
        reading!(self, |conn| rules::hits(conn))
    }

    /// How many calls have been sent that rules with a limit count.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn uses(&self, tallies: &[Tally], now: Timestamp) -> Result<Uses, LedgerError> {
        reading!(self, |conn| rules::uses(conn, tallies, now))
    }

    /// Takes a call's turn with rules that have a limit: it counts from now on, and how many came before it is told.
    /// Of two that take the last turn at once, exactly one is within the limit.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub async fn take_turn(&self, tx: &TxId, tallies: Vec<Tally>, now: Timestamp) -> Result<Uses, LedgerError> {
        self.inner.writer.write(Turn { tx: tx.clone(), tallies, now }).await.map_err(self.here())
    }

    /// Gives a call's turn back: it is not sent after all.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub async fn give_turn_back(&self, tx: &TxId) -> Result<(), LedgerError> {
        self.inner.writer.write(GiveBack { tx: tx.clone() }).await.map_err(self.here())
    }
}
