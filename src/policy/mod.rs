//! Floor 2: policy.yaml. What a call meets: allow, ask or deny, and which rule said so.
//!
//! `parse` turns text into nodes, `read` turns nodes into a [`Policy`], `decide` asks it; `lint` and `diff` hold it
//! against every operation. Everything fails closed: a file with any problem yields no policy at all, a condition that
//! cannot be evaluated counts against the call. [`Approval`]: `ttl_seconds`, `require`, `require_for`, `approvers`.

mod decide;
mod diff;
mod entries;
mod file;
mod lint;
mod narrow;
mod parse;
mod preset;
mod problem;
mod read;
mod rule;
mod survey;
#[cfg(test)]
mod tests;

pub use decide::{Decision, Matched, Subject, auto_approve};
pub use diff::{Change, Diff, Group};
pub use entries::Entry;
pub use file::{Approval, Files, Policy, SHIPPED};
pub use lint::{Finding, Known, Level};
pub use narrow::{Tally, Uses};
pub use preset::Preset;
pub use problem::{PolicyError, Problem};
pub use survey::{Fact, Standing};

pub use crate::base::Verdict;
