//! Floor 5: files on this machine, beneath the roots that the policy names and nowhere else: found and opened ([`reach`],
//! [`open`]), listed ([`walk`]), hashed ([`hash`]), and saved ([`save`]). What is refused is a
//! [`Refusal`](crate::uploads::Refusal) with the rule's name and the cure. Everything here blocks: callers give it threads
//! of its own.

pub mod hash;
pub mod open;
pub mod reach;
mod root;
pub mod save;

pub use open::{Found, Opened, Stamp};
pub use reach::{Files, Reach};
pub use save::{Draft, Saved, Target};

#[cfg(test)]
mod tests;
