//! The models of all services: imported from where AWS publishes them, packed, embedded, and loaded
//! one by one when they are first needed.

mod cache;
mod embedded;
pub mod import;
mod packed;
pub mod store;

pub use store::{ModelError, Store};
