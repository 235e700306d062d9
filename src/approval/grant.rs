//! A grant: for a while, and so often, one session may make one very request again without asking. Of the request
//! everything counts but the content of bodies and files; what else differs is asked about as ever.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Approval, Binding, Facts, PublicKey, Signature, Trust};
use crate::base::{AgentId, ApprovalId, Digest, RiskClass, Timestamp, canonical_json};

/// The domain of a grant's signature.
pub const DOMAIN: &str = "countersign grant v1";
/// How long a grant lasts.
pub const LASTS: Duration = Duration::from_secs(15 * 60);
/// How many calls it is good for.
pub const USES: u32 = 10;

/// What was granted, in the words that are signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Identity of the ledger.
    pub ledger: Digest,
    /// The approval it was made with; a grant has no other name.
    pub id: ApprovalId,
    /// The session that may use it.
    pub agent: AgentId,
    /// What that session's client calls itself (untrusted; for the list).
    pub agent_name: String,
    /// Digest of the request as it was shown, save the content of bodies and files.
    pub scope: Digest,
    /// Digest of what it is bound to besides: policy, models, extent.
    pub under: Digest,
    /// What may happen, in one sentence (for the list).
    pub sentence: String,
    /// Service and operation (for the list).
    pub operation: String,
    /// When it was made.
    pub at: Timestamp,
    /// The last instant at which it counts.
    pub until: Timestamp,
    /// How many calls it is good for.
    pub uses: u32,
}

/// A grant with its signature, and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// What was granted.
    pub grant: Grant,
    /// Whose key signed it.
    pub key: PublicKey,
    /// The signature over the grant.
    pub signature: Signature,
    /// How many calls have run on it.
    pub used: u32,
    /// When a human took it back.
    pub revoked: Option<Timestamp>,
}

/// A call that would run on a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Whose call it is.
    pub agent: AgentId,
    /// [`scope`] of its facts.
    pub scope: Digest,
    /// [`under`] of its binding.
    pub under: Digest,
    /// Its class.
    pub risk: RiskClass,
    /// How many approvers the policy wants for it.
    pub require: usize,
    /// Whether something of it is masked on a screen: what cannot be seen cannot be granted.
    pub masked: bool,
}

/// Whether calls of a class may be granted at all.
pub const fn is_grantable(risk: RiskClass) -> bool {
    match risk {
        RiskClass::Read | RiskClass::Write | RiskClass::Destructive => true,
        RiskClass::Privilege | RiskClass::Secret | RiskClass::Execute => false,
    }
}

/// Digest of everything that facts say of a request, save the content of bodies and files.
pub fn scope(facts: &Facts) -> Digest {
    let mut facts = facts.clone();
    facts.files = Vec::new();
    if let Some(payload) = facts.payload.as_object_mut() {
        for member in &facts.content {
            if let Some(content) = payload.get_mut(member) {
                *content = Value::Null;
            }
        }
    }
    Digest::of("countersign scope v1", facts.digest().as_bytes())
}

/// Digest of everything else a request is bound to.
pub fn under(binding: &Binding) -> Digest {
    let rest = Binding { payload: Digest::ZERO, files: std::collections::BTreeMap::new(), ..binding.clone() };
    rest.digest()
}

impl Grant {
    /// A grant over what an approval showed.
    ///
    /// # Errors
    /// Why such a call is never granted.
    pub fn over(approval: &Approval, ledger: Digest, now: Timestamp) -> Result<Self, String> {
        let facts = &approval.facts;
        if !is_grantable(facts.risk) {
            return Err(format!("calls of the class {} are never granted; approve each one", facts.risk));
        }
        if approval.require > 1 {
            return Err("what two approvers must agree to is never granted; approve each call".to_owned());
        }
        Ok(Self {
            ledger,
            id: approval.id.clone(),
            agent: approval.agent.clone(),
            agent_name: facts.agent.clone(),
            scope: scope(facts),
            under: under(&approval.binding),
            sentence: facts.sentence.clone(),
            operation: format!("{}:{}", facts.service, facts.operation),
            at: now,
            until: now.plus(LASTS),
            uses: USES,
        })
    }

    /// The bytes that are signed, within [`DOMAIN`].
    pub fn bytes(&self) -> Vec<u8> {
        canonical_json(&serde_json::to_value(self).unwrap_or(Value::Null)).into_bytes()
    }
}

impl Standing {
    /// How many calls may still run on it; none when its time is over or it was taken back.
    pub fn left(&self, now: Timestamp) -> u32 {
        let in_time = now <= self.grant.until && now >= self.grant.at && self.revoked.is_none();
        if in_time { self.grant.uses.saturating_sub(self.used) } else { 0 }
    }

    /// Whether a call may run on it.
    ///
    /// # Errors
    /// Why not.
    pub fn covers(&self, claim: &Claim, trust: &Trust, now: Timestamp) -> Result<(), String> {
        let grant = &self.grant;
        let refused = |why: &str| Err(why.to_owned());
        if !trust.keys.contains(&self.key) || self.key.verify(DOMAIN, &grant.bytes(), &self.signature).is_err() {
            return refused("no approver signed it");
        }
        if grant.ledger != trust.ledger {
            return refused("it was made in another ledger");
        }
        if grant.until > grant.at.plus(LASTS) || grant.uses > USES {
            return refused("it is larger than a grant can be");
        }
        if grant.agent != claim.agent {
            return refused("it is another session's");
        }
        if grant.scope != claim.scope || claim.masked {
            return refused("it is for another request");
        }
        if grant.under != claim.under {
            return refused("policy, models or identity have changed since it was made");
        }
        if !is_grantable(claim.risk) || claim.require > 1 {
            return refused("such calls are never granted");
        }
        if self.left(now) == 0 {
            return refused("it is used up, over or taken back");
        }
        Ok(())
    }

    /// Uses it once.
    ///
    /// # Errors
    /// As [`Self::covers`]; it is then as it was.
    pub fn claim(&mut self, claim: &Claim, trust: &Trust, now: Timestamp) -> Result<(), String> {
        self.covers(claim, trust, now)?;
        self.used = self.used.saturating_add(1);
        Ok(())
    }
}
