//! Support and screen-level tests of the console.

mod clipping;
mod flows;
mod screens;
pub(super) mod support;
