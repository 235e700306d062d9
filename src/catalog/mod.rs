//! Floor 2: all services at once, without loading a model: their names, their operations and the light facts
//! that search, risk and resolution need; and what is told of one operation once its model is at hand: its
//! JSON Schema, sentences and targets.

pub mod entry;
pub mod index;
pub mod names;
pub mod nearest;
pub mod resolve;
pub mod schema;
pub mod search;
pub mod sentence;
pub mod targets;

pub use entry::{InputMember, OperationEntry, ServiceEntry};
pub use index::{Index, IndexError};
pub use nearest::nearest;
pub use resolve::{ResolveError, Resolved};
