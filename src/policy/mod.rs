//! Floor 2: policy.yaml. What a call meets: allow, ask or deny, and which rule said so.
//!
//! `parse` turns text into positioned nodes, `read` turns nodes into a [`Policy`], `decide` asks it.
//! Everything fails closed: a file with any problem yields no policy at all.

mod decide;
mod file;
mod narrow;
mod parse;
mod problem;
mod read;
mod rule;
#[cfg(test)]
mod tests;

pub use decide::{Decision, Matched, Subject, auto_approve};
pub use file::{Files, Policy, SHIPPED};
pub use problem::{PolicyError, Problem};

pub use crate::base::Verdict;
