//! What a human decided, as it is signed, and what makes it count: a key that is pinned, this ledger, this approval,
//! exactly what was on the screen, in time.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Approval, Binding, PublicKey, Refusal, Signature};
use crate::base::{ApprovalId, Digest, Timestamp, canonical_json};

/// The domain of a decision's signature.
pub const DOMAIN: &str = "countersign decision v1";

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Says {
    /// Run it once, exactly as shown.
    Approve,
    /// Do not run it.
    Deny,
}

/// A decision in the words that are signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Identity of the ledger it was made in.
    pub ledger: Digest,
    /// The approval it decides.
    pub approval: ApprovalId,
    /// Digest of what was on the screen, [`Approval::shown`].
    pub shown: Digest,
    /// Yes or no.
    pub says: Says,
    /// Digest of the words that go with it.
    pub reason: Digest,
    /// When it was made.
    pub at: Timestamp,
    /// The last instant at which a yes can be used.
    pub use_by: Timestamp,
}

impl Statement {
    /// Digest of a reason's words, as a statement has it.
    pub fn reason(words: &str) -> Digest {
        Digest::of("countersign reason v1", words.as_bytes())
    }

    /// The bytes that are signed, within [`DOMAIN`].
    pub fn bytes(&self) -> Vec<u8> {
        // A struct of digests, an id and numbers: writing it as JSON cannot fail.
        canonical_json(&serde_json::to_value(self).unwrap_or(Value::Null)).into_bytes()
    }
}

/// A decision with its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// What was decided.
    pub statement: Statement,
    /// Whose key signed it.
    pub key: PublicKey,
    /// The signature over the statement.
    pub signature: Signature,
}

/// Whose decisions count, and in which ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// Identity of the ledger.
    pub ledger: Digest,
    /// The pinned keys.
    pub keys: BTreeSet<PublicKey>,
}

/// A request as it would be sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Everything an approval is bound to, computed anew.
    pub binding: Binding,
    /// Digest of the facts a human would be shown, [`super::Facts::digest`].
    pub facts: Digest,
    /// How many approvers the policy wants.
    pub require: usize,
}

impl Signed {
    /// Checks that a pinned key says this, of this approval, in this ledger.
    ///
    /// # Errors
    /// What is wrong, in plain words.
    pub fn check(&self, approval: &Approval, says: Says, trust: &Trust) -> Result<(), String> {
        let statement = &self.statement;
        let who = self.key.fingerprint();
        if !trust.keys.contains(&self.key) {
            return Err(format!("it is signed with the key {who}, which is not an approver's"));
        }
        if self.key.verify(DOMAIN, &statement.bytes(), &self.signature).is_err() {
            return Err(format!("the signature of the key {who} does not fit it"));
        }
        if statement.ledger != trust.ledger {
            return Err(format!("the key {who} signed it in another ledger"));
        }
        if statement.approval != approval.id || statement.shown != approval.shown() {
            return Err(format!("the key {who} signed another request than this one"));
        }
        if statement.says != says {
            return Err(format!("the key {who} said something else"));
        }
        Ok(())
    }
}

/// That enough approvers said yes to this very request, and that it is still time to use it.
///
/// # Errors
/// A [`Refusal`]: it differs, or the record of the approval is not what an approver signed.
pub(super) fn prove(approval: &Approval, request: &Request, trust: &Trust, now: Timestamp) -> Result<(), Refusal> {
    let mut differs = approval.binding.differs(&request.binding);
    if differs.is_empty() && request.binding.digest() != approval.digest {
        // What was signed is the digest, not the parts kept beside it.
        differs.push("digest".to_owned());
    }
    if !differs.is_empty() {
        return Err(Refusal::Differs { differs });
    }
    let forged = |what: String| Err(Refusal::Forged { what });
    if approval.facts.digest() != request.facts {
        return forged("what was shown to the human is not this request".to_owned());
    }
    let mut keys = BTreeSet::new();
    for signed in &approval.signed {
        if let Err(what) = signed.check(approval, Says::Approve, trust) {
            return forged(what);
        }
        let use_by = signed.statement.use_by;
        if now > use_by {
            return forged(format!("it could be used until {use_by}, and its record says otherwise"));
        }
        keys.insert(signed.key);
    }
    match keys.len() {
        0 => forged("nobody signed it".to_owned()),
        count if count < request.require => {
            forged(format!("the policy wants {} approvers, and {count} signed it", request.require))
        }
        _ => Ok(()),
    }
}
