//! What the human is shown: facts computed here, and, kept apart, the agent's own words.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::{Digest, RiskClass};

/// A file that a payload names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFact {
    /// Path as the payload gives it (untrusted).
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the content, hex.
    pub sha256: String,
}

/// The facts of one request for approval. Text that comes from the agent is untrusted wherever noted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// What will happen, in one sentence made from the model (`Deletes the S3 bucket demo-logs.`).
    pub sentence: String,
    /// Canonical service name.
    pub service: String,
    /// Operation name.
    pub operation: String,
    /// What it is about: identifiers found in the payload, `(member, value)` (values untrusted).
    pub targets: Vec<(String, String)>,
    /// AWS account id; empty while unknown.
    pub account: String,
    /// Principal ARN; empty while unknown.
    pub principal: String,
    /// Profile.
    pub profile: String,
    /// Region.
    pub region: String,
    /// Endpoint URL.
    pub endpoint: String,
    /// Risk class.
    pub risk: RiskClass,
    /// Why that class.
    pub risk_reasons: Vec<String>,
    /// Whether it can be taken back: `Some(false)` for what cannot, `None` where nothing is known.
    pub reversible: Option<bool>,
    /// The rule that asked.
    pub rule: String,
    /// Why it asked.
    pub rule_reasons: Vec<String>,
    /// The whole payload, bound to the model, secrets masked (values untrusted).
    pub payload: Value,
    /// Members of the payload that hold content (bodies, files): a grant does not look at it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<String>,
    /// Files.
    pub files: Vec<FileFact>,
    /// The agent's name (untrusted).
    pub agent: String,
    /// The agent's reason, in its own words (untrusted).
    pub agent_reason: Option<String>,
}

/// Parts of the facts that may be others when the same request is made again: who asks and with which words, and in
/// which words the policy and the risk tables explain themselves.
const OF_THE_MOMENT: [&str; 5] = ["agent", "agent_reason", "rule", "rule_reasons", "risk_reasons"];

impl Facts {
    /// Digest of what they say of the request itself.
    pub fn digest(&self) -> Digest {
        let mut facts = serde_json::to_value(self).unwrap_or(Value::Null);
        if let Some(facts) = facts.as_object_mut() {
            facts.retain(|part, _| !OF_THE_MOMENT.contains(&part.as_str()));
        }
        Digest::of_json("countersign facts v1", &facts)
    }
}
