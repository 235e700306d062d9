//! Grants at work: which one covers a call, its use, how one is given and taken back.

use std::sync::Arc;

use super::approver::Approver;
use super::handle::Observer;
use super::record::Trail;
use super::send::unsent;
use super::shared::Shared;
use crate::approval::grant::{self, Grant, Standing};
use crate::approval::{Approval, Trust};
use crate::base::{AgentId, ApprovalId};
use crate::call::CallError;
use crate::call::plan::Plan;
use crate::ledger::LedgerError;

/// The error type of a grant that turned out not to cover the call: it is asked about as ever.
pub(super) const OVER: &str = "GrantOver";

impl Shared {
    /// The grant that covers a call, if there is one.
    pub(super) async fn grant_for(&self, agent: &AgentId, plan: &Plan) -> Option<ApprovalId> {
        if !grant::is_grantable(plan.assessment.class) {
            return None;
        }
        let trust = self.trust().ok()?;
        let now = self.clock.now();
        let mut claim = None;
        for standing in self.ledger.grants().await.ok()?.iter().filter(|standing| standing.left(now) > 0) {
            let claim = claim.get_or_insert_with(|| plan.claim(agent));
            match standing.covers(claim, &trust, now) {
                Ok(()) => return Some(standing.grant.id.clone()),
                Err(why) => tracing::debug!(grant = %standing.grant.id, why, "a grant does not cover the call"),
            }
        }
        None
    }

    /// Counts the grants in force, for the header.
    pub(super) async fn refresh_grants(&self) {
        let now = self.clock.now();
        if let Ok(grants) = self.ledger.grants().await {
            let grants = grants.iter().filter(|standing| standing.left(now) > 0).count();
            self.update_status(|status| status.grants = grants);
        }
    }
}

/// Uses a grant; the intent is durable then.
///
/// # Errors
/// [`OVER`] when it does not cover the call any more.
pub(super) async fn claim(
    shared: &Arc<Shared>,
    trail: &mut Trail,
    plan: &Plan,
    id: &ApprovalId,
    agent: &AgentId,
) -> Result<(), CallError> {
    let trust = shared.trust().map_err(|problem| CallError::new(OVER, problem))?;
    match trail.write_on(id, plan.claim(agent), trust).await {
        Ok(Ok(_)) => {
            shared.refresh_grants().await;
            Ok(())
        }
        Ok(Err(why)) => {
            trail.relent();
            Err(CallError::new(OVER, why))
        }
        Err(problem) => Err(unsent(shared, trail, &problem).await),
    }
}

impl Approver {
    /// Lets the session that asked make the approved request again for a while.
    ///
    /// # Errors
    /// Why such a request is never granted, or that it could not be signed or recorded.
    pub(super) async fn grant(&self, approval: &Approval, trust: &Trust) -> Result<(), String> {
        let now = self.shared.clock.now();
        let grant = Grant::over(approval, trust.ledger, now)?;
        let signature = self.sign(grant::DOMAIN, &grant.bytes()).map_err(|error| error.to_string())?;
        let standing = Standing { grant, key: self.key(), signature, used: 0, revoked: None };
        self.shared.ledger.give_grant(standing).await.map_err(|error| error.to_string())?;
        self.shared.refresh_grants().await;
        Ok(())
    }

    /// Takes a grant back. Needs no passphrase.
    ///
    /// # Errors
    /// When it could not be recorded.
    pub async fn revoke(&self, id: ApprovalId) -> Result<(), String> {
        let (now, key) = (self.shared.clock.now(), self.key().fingerprint());
        self.shared.ledger.revoke_grant(id, now, key).await.map_err(|error| error.to_string())?;
        self.shared.refresh_grants().await;
        Ok(())
    }
}

impl Observer {
    /// The grants that may still be used, the latest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn grants(&self) -> Result<Vec<Standing>, LedgerError> {
        let now = self.shared.clock.now();
        let mut grants = self.shared.ledger.grants().await?;
        grants.retain(|standing| standing.left(now) > 0);
        Ok(grants)
    }
}
