//! What several tests need: the models, a moto server.

pub(crate) mod models;
pub(crate) mod moto;
pub(crate) mod scripted;
