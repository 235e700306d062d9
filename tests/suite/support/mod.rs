//! What the flows have in common.

pub(crate) mod agents;
pub(crate) mod botocore;
pub(crate) mod desk;
pub(crate) mod fake;
pub(crate) mod house;
pub(crate) mod human;
pub(crate) mod machine;
pub(crate) mod models;
pub(crate) mod moto;
pub(crate) mod pty;
pub(crate) mod scene;
pub(crate) mod scripted;
pub(crate) mod smithy;
pub(crate) mod suites;
