//! Tests of the console as a whole, without a terminal and an engine.

mod browsing;
mod clipping;
mod flows;
mod harness;
mod passphrase;
pub(super) mod policies;
mod policy;
mod screens;
pub(super) mod support;
mod untrusted;
