//! Floor 4: one agent call as a pure plan: what comes in ([`intake`]), how often it is sent ([`course`]), which
//! files go up ([`blobs`]), how a result is shaped ([`shape`]) or saved ([`output`]), and every way it can end without one ([`CallError`]).

mod args;
pub mod blobs;
pub mod course;
pub mod error;
pub mod expression;
pub mod intake;
pub mod many;
pub mod mask;
pub mod output;
pub mod paginate;
pub mod plan;
pub mod query;
pub mod shape;
pub mod survey;
pub mod waiter;
pub mod wishes;

pub use error::CallError;
pub use intake::{Action, ExecuteCall, Options, Paginate, SchemaCall, SearchCall};
