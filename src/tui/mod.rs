//! Floor 7.
pub mod document;
pub mod drawn;
pub mod effect;
pub mod guard;
pub mod keys;
pub mod model;
pub mod msg;
pub mod text;
pub mod theme;
pub mod update;
pub mod view;
pub mod words;

#[cfg(test)]
mod tests;
