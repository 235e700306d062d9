//! JSON Schema 2020-12 of an operation's input, true to the model: whole, or short enough to be read at a glance.
//!
//! It describes the canonical form of a payload. Validation takes more spellings of the same values (numeric
//! text, HTTP dates, `null` for an absent member) and brings them to this form.

mod ecma;
mod input;
mod leaf;
mod path;
mod plan;
mod render;
mod uses;

pub use input::{COMPACT_BYTES, Detail, SchemaError, input_schema};

#[cfg(test)]
mod tests;
