//! Floor 7: the human's face. A console in the manner of Elm: a [`model`] of plain values, messages ([`msg`]) that
//! happen to it, one pure [`update`](update::update) that answers with effects ([`effect`]), and screens ([`view`])
//! that draw it and report what they drew. The [`guard`] stands between every key and a signature; the loop
//! ([`run`]) and the [`terminal`] are all that touches the world.
//!
//! Architecture invariant: nothing here decides without [`guard::Guard`] having seen the whole request on the screen.
//! Architecture invariant: text from outside becomes [`Shown`](crate::base::Shown) before it becomes a [`text::Row`].

mod backend;
pub mod desk;
pub mod document;
pub mod drawn;
pub mod effect;
pub mod error;
pub mod guard;
pub mod keys;
pub mod model;
pub mod msg;
pub mod run;
mod signals;
pub mod terminal;
pub mod text;
pub mod theme;
pub mod update;
pub mod view;
pub mod words;

#[cfg(test)]
mod tests;

pub use error::TuiError;
pub use run::{Options, run};
