//! Floor 7: the human's face, in the manner of Elm. A [`model`] of plain values, messages ([`msg`]), one pure
//! [`update`](update::update) that answers with effects ([`effect`]), screens ([`view`]) that report what they drew.
//! Architecture invariant: nothing decides without [`guard::Guard`] having seen the whole request on the screen.
//! Architecture invariant: text from outside becomes [`Shown`](crate::base::Shown) before it becomes a [`text::Row`].
//! Only the loop ([`mod@run`]) and the [`terminal`] touch the world.

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
pub mod prompt;
pub mod run;
pub mod secret;
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
