//! What the flows have in common.

pub(crate) mod agents;
pub(crate) mod models;
pub(crate) mod moto;
pub(crate) mod scripted;
