//! Floor 7: the agent's face. Three tools over MCP, the same from every transport; no way to approve anything.
//!
//! [`host`] serves connections from a [`Backend`]; [`stdio`] and [`socket`] bring the connections; [`join`] is
//! the relay behind `countersign stdio`, which outlives the console it is joined to.

pub mod backend;
mod call;
mod engine;
mod envelope;
pub mod host;
mod inbox;
pub mod join;
mod lines;
mod locked;
mod out;
mod relay;
mod schemas;
mod server;
pub mod socket;
pub mod stdio;
pub mod tools;
mod wire;

pub use backend::{Backend, Session};
pub use host::Host;
pub use tools::{ToolNames, tool_from_name};
