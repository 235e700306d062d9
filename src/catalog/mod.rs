//! Floor 2: all services at once, without loading a model: their names, their operations and the light facts
//! that search, risk and resolution need.

pub mod entry;
pub mod index;
pub mod names;
pub mod nearest;
pub mod resolve;

pub use entry::{InputMember, OperationEntry, ServiceEntry};
pub use index::{Index, IndexError};
pub use nearest::nearest;
pub use resolve::{ResolveError, Resolved};
