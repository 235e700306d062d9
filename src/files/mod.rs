//! Floor 5: files on this machine, beneath the roots that the policy names and nowhere else: found and opened ([`reach`],
//! [`open`]), listed ([`walk`]), hashed ([`hash`]), packed ([`archive`]) and saved ([`save`]). What is refused is a
//! [`Refusal`](crate::uploads::Refusal) with the rule's name and the cure. Everything here blocks: callers give it threads
//! of its own.

pub mod archive;
pub mod hash;
pub mod open;
pub mod reach;
mod root;
pub mod save;
pub mod walk;

pub use hash::Sealed;
pub use open::{Folder, Found, Opened, Stamp};
pub use reach::{Files, Reach};
pub use save::{Draft, Saved, Target};
pub use walk::Item;

#[cfg(test)]
mod tests;
