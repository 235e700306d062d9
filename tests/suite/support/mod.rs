//! What the flows have in common.

pub(crate) mod agents;
