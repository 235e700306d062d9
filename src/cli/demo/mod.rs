//! `countersign demo`: the real console on an embedded S3 server, with a scripted agent. Nothing is left behind.

mod client;
mod script;
pub mod server;
mod stage;

pub(super) use stage::run;
