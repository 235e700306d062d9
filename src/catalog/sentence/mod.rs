//! Plain sentences made from facts: what an operation does, and what one call of it will do.

mod noun;
mod say;
mod verb;
pub(super) mod words;

#[cfg(test)]
mod tests;

pub use say::{service_title, summary, will_do};
