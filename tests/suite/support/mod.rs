//! What the flows have in common.

pub mod agents;
pub mod desk;
pub mod house;
pub mod models;
pub mod moto;
pub mod pty;
pub mod scripted;
