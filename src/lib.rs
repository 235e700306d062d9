//! Countersign.
pub mod approval;
pub mod audit;
pub mod aws;
pub mod base;
pub mod call;
pub mod endpoint;
pub mod engine;
pub mod policy;
pub mod risk;
pub mod smithy;
