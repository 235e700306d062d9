//! What the flows have in common.

pub mod agents;
pub mod fake;
pub mod house;
pub mod machine;
pub mod models;
pub mod moto;
pub mod pty;
pub mod scripted;
