//! Floor 6: the only place where core and edges meet. What goes out of it: a [`Door`] lets
//! agents in, an [`Agent`] can ask, an [`Observer`] can look, and only an [`Approver`] can decide.

mod ask;
mod catalogue;
mod execute;
mod fetch;
mod find;
mod handle;
mod pages;
mod prepare;
mod record;
mod send;
mod shared;
mod start;
pub mod status;
mod waits;
mod watch;

pub use catalogue::{ModelsKeeper, SyncNews};
pub use handle::{Agent, Approver, Door, Observer};
pub use shared::Limits;
pub use start::{Engine, Parts};
pub use status::{Decision, Hint, Peer, Progress, ProgressUpdate, Status, Tool};
