//! The one place that knows the protocol crates: which protocol a service is spoken to in, and one face
//! ([`Wire`]) for all of them.

mod choose;
mod event;
mod fault;
mod framing;
mod rpc_json;
mod salvage;
mod wire;
mod xml_error;

pub use choose::ProtocolChoice;
pub(crate) use choose::choose;
pub(crate) use event::Said;
pub(crate) use fault::ServiceFault;
pub(crate) use wire::{Wire, WireError};

#[cfg(test)]
mod tests;
