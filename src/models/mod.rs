//! The models of all services. The snapshot in the binary is always there; beneath `COUNTERSIGN_HOME` a *generation* may
//! lie over it: the snapshot merged with what a sync, an import and an installed botocore bring. Generations are made
//! aside, verified by loading, put in place whole, and taken over by running engines.

mod assemble;
mod cache;
mod embedded;
pub mod home;
pub mod import;
pub mod installed;
pub mod live;
pub mod manifest;
mod merge;
mod packed;
mod sources;
pub mod status;
pub mod store;
pub mod sync;
mod verify;

pub use assemble::AssembleError;
pub use home::{Home, HomeError};
pub use live::{Models, Refreshed};
pub use manifest::Origin;
pub use packed::Effort;
pub use store::{ModelError, Store};
pub use verify::VerifyError;
