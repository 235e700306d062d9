//! Floor 6: the only place where core and edges meet. What goes out of it: a [`Door`] lets
//! agents in, an [`Agent`] can ask, an [`Observer`] can look, and only an [`Approver`] can decide.

mod ask;
mod execute;
mod fetch;
mod find;
mod handle;
mod keep;
mod load;
mod load_open;
mod objects;
mod pages;
mod parts;
mod prepare;
mod record;
mod resume;
mod send;
mod shared;
mod start;
pub mod status;
mod tick;
mod waits;
mod watch;

pub use handle::{Agent, Approver, Door, Observer};
pub use shared::Limits;
pub use start::{Engine, Parts};
pub use status::{Decision, Hint, Peer, Progress, ProgressUpdate, Status, Tool};
