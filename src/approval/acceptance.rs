//! The acceptance of a policy, as it is signed: which text, behind which one, in which ledger. Whoever puts a policy
//! in force checks it first; a policy that is not signed is in force only as the first of its ledger.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{PublicKey, Signature, Trust};
use crate::base::{Digest, Timestamp, canonical_json};

/// The domain of an acceptance's signature.
pub const DOMAIN: &str = "countersign policy v1";

/// What an approver says of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// Identity of the ledger.
    pub ledger: Digest,
    /// Its number there, from 1.
    pub number: i64,
    /// Digest of its text.
    pub policy: Digest,
    /// Digest of the text it takes the place of; zeros where there was none.
    pub replaces: Digest,
    /// When.
    pub at: Timestamp,
}

impl Acceptance {
    /// Digest of a policy's text, as an acceptance has it.
    pub fn digest(text: &str) -> Digest {
        Digest::of("countersign policy text v1", text.as_bytes())
    }

    /// The bytes that are signed, within [`DOMAIN`].
    pub fn bytes(&self) -> Vec<u8> {
        // A struct of digests and numbers: writing it as JSON cannot fail.
        canonical_json(&serde_json::to_value(self).unwrap_or(Value::Null)).into_bytes()
    }
}

/// An acceptance with its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedAcceptance {
    /// What is said.
    pub statement: Acceptance,
    /// Whose key signed it.
    pub key: PublicKey,
    /// The signature over the statement.
    pub signature: Signature,
}

impl SignedAcceptance {
    /// Checks that a pinned key says this of this text at this place in this ledger.
    ///
    /// # Errors
    /// What is wrong, in plain words.
    pub fn check(&self, number: i64, text: &str, at: Timestamp, trust: &Trust) -> Result<(), String> {
        let (statement, who) = (&self.statement, self.key.fingerprint());
        if !trust.keys.contains(&self.key) {
            return Err(format!("it is signed with the key {who}, which is not an approver's"));
        }
        if self.key.verify(DOMAIN, &statement.bytes(), &self.signature).is_err() {
            return Err(format!("the signature of the key {who} does not fit it"));
        }
        if statement.ledger != trust.ledger {
            return Err(format!("the key {who} signed it in another ledger"));
        }
        if statement.number != number || statement.policy != Acceptance::digest(text) || statement.at != at {
            return Err(format!("the key {who} signed another policy than this one"));
        }
        Ok(())
    }
}
