//! JSON Schema 2020-12 of an operation's input, true to the model: whole, or short enough to be read at a glance.
//!
//! A whole schema accepts what validation accepts, down to the spellings that it brings to one form (numeric
//! text, HTTP dates, `null` for an absent member); what JSON Schema cannot say stands in its `$comment`. A
//! compact one shows the canonical form alone, and refuses nothing that has it.

mod bytes;
mod ecma;
mod input;
mod leaf;
mod path;
mod plan;
mod render;
mod spelt;
mod uses;

pub use input::{COMPACT_BYTES, Detail, SchemaError, input_schema};

#[cfg(test)]
mod tests;
