//! Floor 2: where a call goes. An interpreter of AWS's endpoint rule sets (Smithy rules engine,
//! <https://smithy.io/2.0/additional-specs/rules-engine/>), and the partitions they ask for. Pure.

mod function;
mod partition;
mod resolve;
mod rules;
mod text;

pub use partition::Partitions;
pub use resolve::{Endpoint, EndpointError};
pub use rules::{Parameter, RuleSet, RuleSetError};

#[cfg(test)]
mod tests;
