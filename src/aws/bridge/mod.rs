//! JSON values onto the wire and back: the protocol crates ask for members and values, the graph of
//! schemas says where in the JSON they are.
//!
//! Blobs are base64 strings in JSON, timestamps RFC 3339 strings; numbers that JSON cannot hold
//! (`NaN`, infinities, very big numbers) are strings.

mod blob;
mod document;
mod lenient;
mod read;
mod scalar;
mod write;

pub(crate) use blob::put_blob;
pub(crate) use document::{from_document, to_document};
pub use lenient::Unread;
pub(crate) use lenient::{Notes, read_text, read_tree};
pub(crate) use read::read_structure;
pub(crate) use write::{Input, Style};

#[cfg(test)]
mod tests;
