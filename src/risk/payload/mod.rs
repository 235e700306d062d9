//! The payload's part in the class of a call: it wins over the name.

mod batch;
mod direction;
mod document;
mod exposure;
mod finding;
mod judge;
mod members;
mod nodes;
mod protection;
mod queries;
mod template;

pub(super) use self::{judge::judge, members::Members};

#[cfg(test)]
mod tests;
