//! What the flows have in common.

pub(crate) mod agents;
pub(crate) mod house;
pub(crate) mod models;
pub(crate) mod moto;
pub(crate) mod pty;
pub(crate) mod scripted;
pub mod agents;
pub mod fake;
pub mod house;
pub mod machine;
pub mod models;
pub mod moto;
pub mod pty;
pub mod scripted;
