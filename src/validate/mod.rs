//! Floor 2: a payload against the shapes of its operation. All problems at once, and one canonical form for
//! all spellings of one payload. Pure: no file is opened, nothing is sent.

mod bind;
mod blob;
mod leaf;
mod nearest;
mod path;
mod pattern;
mod problem;
mod report;
mod scalar;
mod timestamp;
mod walk;

#[cfg(test)]
mod tests;

pub use bind::{Bound, FileRef, Validator, bind};
pub use problem::{Code, Invalid, Problem};
