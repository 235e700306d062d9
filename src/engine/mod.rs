//! Floor 6: the only place where core and edges meet. Three handles go out of it: an [`Agent`] can ask,
//! an [`Observer`] can look, and only an [`Approver`] can decide.

pub mod status;

pub use status::{Decision, Hint, Peer, Progress, Status, Tool};
