//! What both readers share: the error that says where a document is wrong, the tally of keys a reader
//! does not know, and typed looks at JSON values.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Model;

/// A document that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{document}{}{at}: {problem}; fetch the package anew and import it again", if at.is_empty() { "" } else { ", at " })]
pub struct ReadError {
    /// The document (`service-2`, `model`).
    pub document: String,
    /// Keys from the document's root to the fault, joined by `.`; empty for the whole document.
    pub at: String,
    /// What is wrong there.
    pub problem: String,
}

/// One service as a reader understood it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The service.
    pub model: Model,
    /// What the reader saw and did not take over.
    pub notes: Notes,
}

/// Keys or traits that a reader met and did not take over: those it leaves out knowingly, and those it does not know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// Known, and no fact that anything here needs (`uid`, `box`, documentation when it is not kept).
    pub left_out: Tally,
    /// Not known at all: new in the source's format, worth a look.
    pub unknown: Tally,
}

/// How often something was met, and where first; by context and key (`operation.foo`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<String, Sighting>);

/// One key of a [`Tally`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// How often.
    pub count: usize,
    /// Where first (`s3 PutObject`).
    pub first: String,
}

impl Tally {
    /// Counts one more.
    pub fn add(&mut self, context: &str, key: &str, place: &str) {
        self.add_many(&format!("{context}.{key}"), 1, place);
    }

    fn add_many(&mut self, key: &str, count: usize, place: &str) {
        match self.0.get_mut(key) {
            Some(sighting) => sighting.count += count,
            None => {
                self.0.insert(key.to_owned(), Sighting { count, first: place.to_owned() });
            }
        }
    }

    /// Adds all that another counted; `place` goes before its places.
    pub fn absorb(&mut self, other: &Self, place: &str) {
        for (key, sighting) in &other.0 {
            self.add_many(key, sighting.count, format!("{place} {}", sighting.first).trim_end());
        }
    }

    /// All of it, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Sighting)> {
        self.0.iter().map(|(key, sighting)| (key.as_str(), sighting))
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A fault on its way out of a document: it collects the keys above it.
#[derive(Debug)]
pub(super) struct Problem {
    keys: Vec<String>,
    problem: String,
}

impl Problem {
    pub(super) fn new(problem: impl Into<String>) -> Self {
        Self { keys: Vec::new(), problem: problem.into() }
    }

    /// Names the key the fault lies under.
    pub(super) fn at(mut self, key: &str) -> Self {
        self.keys.push(key.to_owned());
        self
    }

    pub(super) fn in_document(mut self, document: &str) -> ReadError {
        self.keys.reverse();
        ReadError { document: document.to_owned(), at: self.keys.join("."), problem: self.problem }
    }
}

/// Names the key a fault lies under.
pub(super) trait Under {
    fn under(self, key: &str) -> Self;
}

impl<T> Under for Result<T, Problem> {
    fn under(self, key: &str) -> Self {
        self.map_err(|problem| problem.at(key))
    }
}

pub(super) fn object(value: &Value) -> Result<&Map<String, Value>, Problem> {
    value.as_object().ok_or_else(|| expected("an object", value))
}

pub(super) fn array(value: &Value) -> Result<&Vec<Value>, Problem> {
    value.as_array().ok_or_else(|| expected("an array", value))
}

pub(super) fn text(value: &Value) -> Result<String, Problem> {
    value.as_str().map(str::to_owned).ok_or_else(|| expected("a string", value))
}

pub(super) fn flag(value: &Value) -> Result<bool, Problem> {
    value.as_bool().ok_or_else(|| expected("true or false", value))
}

pub(super) fn status(value: &Value) -> Result<u16, Problem> {
    value.as_u64().and_then(|code| u16::try_from(code).ok()).ok_or_else(|| expected("an HTTP status", value))
}

pub(super) fn number(value: &Value) -> Result<serde_json::Number, Problem> {
    value.as_number().cloned().ok_or_else(|| expected("a number", value))
}

pub(super) fn texts(value: &Value) -> Result<Vec<String>, Problem> {
    array(value)?.iter().map(text).collect()
}

/// One string, or a list of them.
pub(super) fn text_or_texts(value: &Value) -> Result<Vec<String>, Problem> {
    if value.is_array() { texts(value) } else { text(value).map(|text| vec![text]) }
}

/// The string under a key that must be there.
pub(super) fn text_at(object: &Map<String, Value>, key: &str) -> Result<String, Problem> {
    object.get(key).ok_or_else(|| Problem::new(format!("`{key}` is missing"))).and_then(|value| text(value).under(key))
}

/// The string under a key, if it is there.
pub(super) fn text_if(object: &Map<String, Value>, key: &str) -> Result<Option<String>, Problem> {
    object.get(key).map(|value| text(value).under(key)).transpose()
}

fn expected(what: &str, found: &Value) -> Problem {
    let found = match found {
        Value::Null => "null".to_owned(),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        scalar => scalar.to_string().chars().take(40).collect(),
    };
    Problem::new(format!("{what} is expected, not {found}"))
}
