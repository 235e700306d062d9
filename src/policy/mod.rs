//! Floor 2: policy.yaml. What a call meets: allow, ask or deny, and which rule said so.

use serde::{Deserialize, Serialize};

pub use crate::base::Verdict;

/// The verdict on one call, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What it meets.
    pub verdict: Verdict,
    /// The rule that decided, as the file writes it (`rules.deny[0]: ^.*:Delete.*`), or the default's name.
    pub rule: String,
    /// Why, in plain sentences.
    pub reasons: Vec<String>,
}
