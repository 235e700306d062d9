//! Accepting and rejecting an edit of the policy: on the human's hand, and nowhere else.

use std::sync::Arc;

use serde_json::json;

use super::{Edit, digest, event};
use crate::approval::SignedAcceptance;
use crate::approval::acceptance::{Acceptance, DOMAIN};
use crate::audit::Kind;
use crate::base::Digest;
use crate::engine::Approver;
use crate::engine::shared::lock;
use crate::ledger::{Placed, PolicyVersion};

/// The switch that names an edit which a human does not want.
pub(super) const REJECTED: &str = "policy_rejected";

impl Approver {
    /// Puts a policy in force for every engine on this ledger: the edit that waits, or the one that was taken as it
    /// was found. `shown` is the digest of the text that was on the screen ([`PolicyView::offer`]).
    ///
    /// # Errors
    /// Why it is not in force: it is not what was shown, another was accepted first, or it cannot be signed.
    ///
    /// [`PolicyView::offer`]: super::PolicyView::offer
    pub async fn accept_policy(&self, shown: Digest) -> Result<(), String> {
        let shared = &self.shared;
        shared.refresh_policy().await.map_err(|error| error.to_string())?;
        let in_force = shared.policies.in_force();
        let pending = match &*lock(&shared.policies.edit) {
            Edit::Pending(pending) => Some((pending.text.clone(), Arc::clone(&pending.policy))),
            Edit::None | Edit::Broken(_) => None,
        };
        let found = (in_force.number > 0 && in_force.by.is_none())
            .then(|| (in_force.text.clone(), Arc::clone(&in_force.policy)));
        let offered = [pending, found].into_iter().flatten().find(|(text, _)| digest(text) == shown);
        let (text, policy) = offered.ok_or("the policy has changed since it was shown; look at it again")?;
        let (number, at) = (in_force.number.saturating_add(1), shared.clock.now());
        let replaces = if in_force.number > 0 { digest(&in_force.text) } else { Digest::ZERO };
        let statement = Acceptance { ledger: shared.root()?.ledger, number, policy: digest(&text), replaces, at };
        let signature = self.sign(DOMAIN, &statement.bytes()).map_err(|error| error.to_string())?;
        let signed = SignedAcceptance { statement, key: self.key(), signature };
        // What would not count must not get there.
        signed.check(number, &text, at, &shared.root()?)?;
        let detail = json!({
            "number": number, "version": policy.version(), "reviewed": true, "key": self.key().fingerprint(),
            "replaces": in_force.policy.version(),
        });
        let signed = Some(serde_json::to_value(&signed).map_err(|error| error.to_string())?);
        let version = PolicyVersion { number, text, at, signed };
        let placed = shared.ledger.put_policy(version, event(at, Kind::PolicyAccepted, detail)).await;
        let placed = placed.map_err(|error| error.to_string())?;
        shared.refresh_policy().await.map_err(|error| error.to_string())?;
        match placed {
            Placed::Newest => Ok(()),
            Placed::Other(other) => {
                Err(format!("policy {} was accepted elsewhere first; look at the edit again", other.number))
            }
        }
    }

    /// Notes that the edit that waits is not wanted. It stays where it is, and can still be accepted.
    ///
    /// # Errors
    /// When it is not what was shown, or that cannot be recorded.
    pub async fn reject_policy(&self, shown: Digest) -> Result<(), String> {
        let shared = &self.shared;
        let version = match &*lock(&shared.policies.edit) {
            Edit::Pending(pending) if digest(&pending.text) == shown => pending.policy.version().to_owned(),
            _ => return Err("the edit has changed since it was shown; look at it again".to_owned()),
        };
        let event = event(shared.clock.now(), Kind::PolicyRejected, json!({"version": version}));
        let set = shared.ledger.set_state(REJECTED, json!(shown.to_string()), event).await;
        set.map(drop).map_err(|error| error.to_string())
    }
}
