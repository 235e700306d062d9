//! The human's hand: only the console is given one, and what it decides it signs.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::ask;
use super::shared::Shared;
use super::status::{Decision, Passphrase, Undecided};
use crate::approval::grant::Grant;
use crate::approval::{Approval, Input, PublicKey, Refusal, Says, Signature, Signed, Statement, decision};
use crate::base::ApprovalId;
use crate::settings::{ApproverKey, KeyError, key};

/// How long after its time a passphrase is looked at again.
const LATE: Duration = Duration::from_secs(1);

impl Shared {
    /// Shows whether the key of this console counts.
    pub(super) fn seat(&self, key: &ApproverKey) {
        let problem = match self.trust() {
            Ok(trust) if trust.keys.contains(&key.public()) => None,
            Ok(_) => Some(Refusal::NotPinned { fingerprint: key.public().fingerprint() }.to_string()),
            Err(problem) => Some(problem),
        };
        self.update_status(|status| status.approver_problem = problem);
    }
}

/// The human's hand. Only the console is given one: there is no other way to a decision.
pub struct Approver {
    pub(super) shared: Arc<Shared>,
    pub(super) key: Arc<ApproverKey>,
}

impl Approver {
    /// Decides a pending approval. The first decision counts.
    ///
    /// # Errors
    /// Why the decision does not count: already decided, expired, the request is not the one that was shown, or it
    /// cannot be signed.
    pub async fn decide(&self, id: &ApprovalId, decision: Decision) -> Result<Approval, Undecided> {
        let found = self.shared.ledger.approval(id).await.map_err(refused)?;
        let approval = found.ok_or_else(|| refused(format!("there is no approval {id} in this ledger")))?;
        let ledger = self.shared.trusted.ledger();
        let now = self.shared.clock.now();
        let mut grants = None;
        let (input, detail) = match &decision {
            Decision::Approve { shown } | Decision::Grant { shown } => {
                let trust = Box::new(self.shared.trust().map_err(refused)?);
                if matches!(decision, Decision::Grant { .. }) {
                    Grant::over(&approval, ledger, now).map_err(refused)?;
                    grants = Some(trust.clone());
                }
                let signed = self.signed(approval.statement(ledger, *shown, Says::Approve, "", now));
                let signed = Box::new(signed.map_err(|error| match error {
                    KeyError::Locked => Undecided::Locked,
                    error => refused(error),
                })?);
                let detail =
                    json!({"digest": approval.digest, "key": self.key.public().fingerprint(), "signed": signed});
                (Input::Approve { signed, trust }, detail)
            }
            Decision::Deny { reason } => {
                let statement = approval.statement(ledger, approval.shown(), Says::Deny, reason, now);
                // A denial needs no passphrase.
                let signed = self.signed(statement).ok().map(Box::new);
                let detail = json!({"reason": reason, "key": self.key.public().fingerprint(), "signed": signed});
                (Input::Deny { reason: reason.clone(), signed }, detail)
            }
        };
        let decided = ask::decide(&self.shared, id, input, detail).await.map_err(refused)?.map_err(refused)?;
        if let Some(trust) = grants {
            // Its facts are those that were shown: the decision over them has just counted.
            self.grant(&decided, &trust).await.map_err(refused)?;
        }
        Ok(decided)
    }

    /// The public half of its key.
    pub fn key(&self) -> PublicKey {
        self.key.public()
    }

    /// Whether a passphrase must be given before anything can be approved.
    pub fn is_locked(&self) -> bool {
        self.key.is_locked(self.shared.clock.now())
    }

    /// Takes the key's passphrase; it is forgotten after a quarter of an hour.
    ///
    /// # Errors
    /// [`Undecided::Passphrase`] when it is another one.
    pub async fn unlock(&self, passphrase: Passphrase) -> Result<(), Undecided> {
        let (key, now) = (Arc::clone(&self.key), self.shared.clock.now());
        // A quarter of a second of work, on purpose.
        let done = tokio::task::spawn_blocking(move || key.unlock(passphrase.reveal(), now)).await;
        done.map_err(refused)?.map_err(|error| match error {
            KeyError::Passphrase => Undecided::Passphrase,
            error => refused(error),
        })?;
        let (shared, key) = (Arc::clone(&self.shared), Arc::clone(&self.key));
        self.shared.tasks.spawn(async move {
            tokio::select! {
                () = shared.stop.cancelled() => key.lock(),
                // Forgets a passphrase whose time is over; one that was given again meanwhile stays.
                () = tokio::time::sleep(key::REMEMBERED + LATE) => drop(key.is_locked(shared.clock.now())),
            }
        });
        Ok(())
    }

    /// Signs bytes within a domain, which names the purpose.
    ///
    /// # Errors
    /// [`KeyError::Locked`] while a passphrase must be given first.
    pub fn sign(&self, domain: &str, bytes: &[u8]) -> Result<Signature, KeyError> {
        self.key.sign(domain, bytes, self.shared.clock.now())
    }

    fn signed(&self, statement: Statement) -> Result<Signed, KeyError> {
        let signature = self.sign(decision::DOMAIN, &statement.bytes())?;
        Ok(Signed { statement, key: self.key.public(), signature })
    }
}

fn refused(problem: impl std::fmt::Display) -> Undecided {
    Undecided::Refused(problem.to_string())
}
