//! Floor 2: the risk class of a call, payload included (the classes: [`RiskClass`]).

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
    /// Further classes some payload of it deserves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RiskClass>,
    /// Why, in plain sentences, strongest first; each names its source.
    pub reasons: Vec<String>,
}
