//! `countersign models`: what models there are and how old they are, their refreshing, and the import of others.

mod background;
mod fetch;
mod run;
mod show;
mod sync;

pub(super) use background::keep_fresh;
pub(super) use run::{place, run, version};
