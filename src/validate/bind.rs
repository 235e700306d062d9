//! Binding a payload to an operation: what goes in, and what comes out when it fits.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Invalid;
use super::pattern::Patterns;
use super::walk::Walk;
use crate::smithy::{Model, Operation, Slot};

/// A `$path` object in a payload, found where the model has a blob.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// Where in the bound payload, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// The whole object, `$path` and its options (untrusted).
    pub value: Value,
}

/// A payload that fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// The canonical form: the same for all spellings of one payload. Members in model order; integers as
    /// numbers, floats as doubles, timestamps as RFC 3339 in UTC, blobs as padded base64, members that are
    /// `null` left out. Nothing is added: no defaults, no idempotency tokens.
    pub payload: Value,
    /// Files that the payload names. Whether they exist is not known here.
    pub files: Vec<FileRef>,
    /// Constraints that could not be checked: `Name: pattern …`.
    pub unchecked: Vec<String>,
}

/// Checks payloads; keeps what is worth keeping between two of them (compiled patterns, bounded).
#[derive(Debug, Default)]
pub struct Validator {
    patterns: Patterns,
}

impl Validator {
    /// A new one, with nothing kept.
    pub fn new() -> Self {
        Self::default()
    }

    /// Binds a payload to an operation of a model.
    ///
    /// # Errors
    /// [`Invalid`] tells all problems at once, up to its limit.
    pub fn bind(&self, model: &Model, operation: &Operation, payload: &Value) -> Result<Bound, Invalid> {
        let mut walk = Walk::new(model, &self.patterns);
        let input = Slot::of_shape(model, operation.input.as_deref().unwrap_or("smithy.api#Unit"));
        let bound = walk.structure(input, payload);
        let (found, files, unchecked) = walk.finish();
        match bound {
            Some(payload) if found.is_empty() => Ok(Bound { payload, files, unchecked }),
            _ => Err(found),
        }
    }
}

/// [`Validator::bind`] for a single payload.
///
/// # Errors
/// [`Invalid`] tells all problems at once, up to its limit.
pub fn bind(model: &Model, operation: &Operation, payload: &Value) -> Result<Bound, Invalid> {
    Validator::new().bind(model, operation, payload)
}
