//! `countersign models sync`: AWS's own models, with documentation, from the repository in which AWS publishes them.
//! Conditional, incremental, verified by loading, put in place whole or not at all. Blocking: call it off the run loop.

mod archive;
mod ask;
mod digest;
mod error;
pub mod fetch;
mod inflate;
mod place;
mod report;
mod run;

pub use error::SyncError;
pub use fetch::{Fetch, FetchError, Request, Response};
pub use place::{DEFAULT_REF, DEFAULT_URL, Place};
pub use report::{Change, Progress, Report, Step};
pub use run::{Options, import, sync};

#[cfg(test)]
mod tests;
