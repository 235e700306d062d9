//! Countersign.
pub mod approval;
pub mod audit;
pub mod base;
pub mod call;
pub mod engine;
pub mod policy;
pub mod risk;
pub mod smithy;
pub mod tui;
