//! Floor 4: one agent call as a pure plan: what comes in ([`intake`]), how a result is shaped ([`shape`]),
//! and every way it can end without one ([`CallError`]).

mod args;
pub mod error;
pub mod intake;
pub mod mask;
pub mod plan;
pub mod query;
pub mod shape;

pub use error::CallError;
pub use intake::{Action, ExecuteCall, Options, SchemaCall, SearchCall};
