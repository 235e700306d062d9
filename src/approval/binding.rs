//! What an approval is bound to: if any part differs when it is redeemed, it does not count.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::Digest;

/// Everything that must be the same at execution as it was when it was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// Canonical service name.
    pub service: String,
    /// Exact operation name.
    pub operation: String,
    /// Digest of the canonical payload after binding to the model.
    pub payload: Digest,
    /// Content hash of every `$path` file, by path.
    pub files: BTreeMap<String, Digest>,
    /// AWS account id; empty while unknown.
    pub account: String,
    /// Principal ARN; empty while unknown.
    pub principal: String,
    /// Profile.
    pub profile: String,
    /// Region.
    pub region: String,
    /// Resolved endpoint URL.
    pub endpoint: String,
    /// Version of the policy in force.
    pub policy: String,
    /// Digest of what the operation is made of in its model: its own facts and the shapes it uses.
    pub model: String,
    /// How often it is sent, in words; empty for once.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub extent: String,
    /// Where the result is saved; empty for nowhere.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
}

impl Binding {
    /// The digest the human signs.
    pub fn digest(&self) -> Digest {
        Digest::of_json("countersign request v1", &self.as_json())
    }

    /// Names of the parts in which `self` and `other` differ, in declaration order.
    pub fn differs(&self, other: &Self) -> Vec<String> {
        let (Value::Object(mine), Value::Object(theirs)) = (self.as_json(), other.as_json()) else {
            return vec!["everything".to_owned()];
        };
        let mut differs: Vec<String> =
            mine.iter().filter(|(part, value)| theirs.get(*part) != Some(*value)).map(|(part, _)| told(part)).collect();
        // What is empty here is left out of `mine`.
        differs.extend(theirs.keys().filter(|part| !mine.contains_key(*part)).map(|part| told(part)));
        differs
    }

    fn as_json(&self) -> Value {
        // A struct of strings, digests and a map with string keys: writing it as JSON cannot fail.
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}

/// What a part that differs is called in answers.
fn told(part: &str) -> String {
    if part == "model" { "models changed".to_owned() } else { part.to_owned() }
}
