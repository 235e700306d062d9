//! Floor 2: the risk class of a call, payload included (the classes: [`RiskClass`]).
//!
//! Policy asks by the class alone. `also` says what else some payload of an operation deserves: with the payload at hand
//! that is found and becomes the class, and what could not be looked at counts as destructive. What is left in `also` of
//! a call is what no payload shows, as whether a write overwrites; who wants to be asked about that says so in a rule.

mod classifier;
mod levels;
mod names;
mod order;
mod payload;
mod reviewed;
mod statement;
mod words;

use serde::{Deserialize, Serialize};

pub use self::classifier::{Classifier, OperationFacts};
pub use crate::base::RiskClass;

/// A class, other classes that are as defensible, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The main class.
    pub class: RiskClass,
    /// Further classes some payload of it deserves; of a call: what it may do besides and cannot be seen to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RiskClass>,
    /// Why, in plain sentences, strongest first; each names its source.
    pub reasons: Vec<String>,
}
