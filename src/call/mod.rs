//! Floor 4: one agent call as a pure plan: what came in ([`intake`]), what goes out ([`error`]).

pub mod error;
pub mod intake;

pub use error::CallError;
pub use intake::{Action, ExecuteCall, Options, SchemaCall, SearchCall};
