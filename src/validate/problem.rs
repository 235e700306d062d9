//! What is wrong with a payload, in the words and fields that an agent gets.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::path::cut;

/// What kind of problem it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Another JSON type than the model's.
    Type,
    /// A member that the model does not have.
    Unknown,
    /// `null` where nothing can be absent.
    Null,
    /// None of the values of the enum.
    Enum,
    /// Too short or too long, too few or too many.
    Length,
    /// Too small or too large.
    Range,
    /// The text does not match the pattern.
    Pattern,
    /// The same item twice.
    Unique,
    /// Not exactly one member of a union.
    Union,
    /// No base64.
    Base64,
    /// No instant.
    Timestamp,
    /// A `$path` object that is none.
    Path,
    /// Empty where it becomes a part of the URL.
    Empty,
    /// No label of a host's name.
    HostLabel,
    /// Nested too deeply.
    Depth,
    /// Something that this program cannot send.
    Unsupported,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// Where: `Tagging.TagSet[0].Key`; empty for the payload itself. Holds names from the payload (untrusted).
    pub path: String,
    /// What kind.
    pub code: Code,
    /// What the model asks for.
    pub expected: String,
    /// What stands there, cut; only its size where the model says it is sensitive (untrusted).
    pub got: String,
    /// The name or value that was probably meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<String>,
}

/// A payload that does not fit: everything that is wrong with it, up to [`Invalid::LIMIT`] entries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(deny_unknown_fields, default)]
pub struct Invalid {
    /// Paths of required members that are not there.
    pub missing: Vec<String>,
    /// What is there and wrong.
    pub invalid: Vec<Problem>,
    /// How many further problems are not listed.
    #[serde(skip_serializing_if = "is_zero")]
    pub more: usize,
}

impl Invalid {
    /// Entries listed at most.
    pub const LIMIT: usize = 100;

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.invalid.is_empty() && self.more == 0
    }

    /// Whether one more entry will be listed; if not it is only counted.
    pub(super) fn has_room(&self) -> bool {
        self.missing.len() + self.invalid.len() < Self::LIMIT
    }

    /// Adds a required member that is not there.
    pub(super) fn miss(&mut self, path: impl FnOnce() -> String) {
        if self.has_room() {
            self.missing.push(path());
        } else {
            self.more += 1;
        }
    }

    /// Adds a problem.
    pub(super) fn add(&mut self, problem: impl FnOnce() -> Problem) {
        if self.has_room() {
            self.invalid.push(problem());
        } else {
            self.more += 1;
        }
    }
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Names told in the one-line message.
const TOLD: usize = 5;

impl fmt::Display for Invalid {
    /// One line: what is missing, what is wrong and where, and that the fields tell the rest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the payload does not fit the operation: ")?;
        let mut parts = Vec::new();
        if !self.missing.is_empty() {
            parts.push(format!("missing {}", told(self.missing.iter().map(String::as_str))));
        }
        if !self.invalid.is_empty() {
            let paths = self.invalid.iter().map(|problem| match problem.path.as_str() {
                "" => "the payload itself",
                path => path,
            });
            parts.push(format!("not valid {}", told(paths)));
        }
        if self.more > 0 {
            parts.push(format!("and {} more problems", self.more));
        }
        f.write_str(&parts.join("; "))
    }
}

fn told<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let count = names.len();
    let mut text = names.take(TOLD).collect::<Vec<_>>().join(", ");
    if count > TOLD {
        text.push_str(&format!(" and {} more", count - TOLD));
    }
    text
}

/// A value in a few words. Of what is sensitive only type and size.
pub(super) fn describe(value: &Value, sensitive: bool) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Array(items) => format!("an array of {}", items.len()),
        Value::Object(members) => format!("an object of {}", members.len()),
        Value::String(text) if sensitive => format!("a string of {} characters", text.chars().count()),
        Value::Bool(_) if sensitive => "a boolean".to_owned(),
        Value::Number(_) if sensitive => "a number".to_owned(),
        Value::String(text) => format!("{:?}", cut(text, 60)),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}
