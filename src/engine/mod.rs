//! Floor 6: the only place where core and edges meet. What goes out of it: a [`Door`] lets
//! agents in, an [`Agent`] can ask, an [`Observer`] can look, and only an [`Approver`] can decide.

mod approver;
mod ask;
mod buffers;
mod catalogue;
mod execute;
mod fetch;
mod find;
mod grants;
mod handle;
mod keep;
mod load;
mod load_open;
mod objects;
mod pages;
mod parts;
mod pause;
mod policy;
mod prepare;
mod record;
mod resume;
mod send;
mod shared;
mod start;
pub mod status;
mod tamper;
mod tick;
mod trusted;
mod waits;
mod watch;

pub use approver::Approver;
pub use catalogue::{ModelsKeeper, SyncNews};
pub use handle::{Agent, Door, Observer};
pub use policy::{Explained, PendingView, PolicyView, RuleView};
pub use shared::Limits;
pub use start::{Engine, Parts};
pub use status::{Decision, Hint, Passphrase, Peer, Progress, ProgressUpdate, Status, Tool, Undecided};
pub use trusted::PinSource;
