//! Values in the payload: a path, and a test on what lies there.
//!
//! `Delete.Objects.Key` walks through members and lists (`Objects[]` is the same), `*` is any member, and a text
//! that is a JSON document (a bucket policy) is walked into. Member names are found whatever their case.

use std::borrow::Cow;
use std::fmt;

use regex::Regex;
use serde_json::Value;

use super::Applies;

/// A path into the payload and the test on its values.
#[derive(Debug, Clone)]
pub(in super::super) struct Parameter {
    /// As the file writes it.
    pub(in super::super) path: String,
    /// What its values are held against.
    pub(in super::super) test: Test,
}

/// A test on one value.
#[derive(Debug, Clone)]
pub(in super::super) enum Test {
    /// It matches one of the patterns.
    Like(Vec<Regex>),
    /// It matches none of them.
    Unlike(Vec<Regex>),
    /// It is a number within these limits.
    Within {
        /// The least.
        min: Option<f64>,
        /// The most.
        max: Option<f64>,
    },
}

/// What lies at a path.
#[derive(Default)]
struct Found<'a> {
    values: Vec<Cow<'a, str>>,
    /// Somewhere on the way there is nothing at the path.
    missing: bool,
    /// There is something that cannot be looked into: a file, a text that is no document.
    hidden: bool,
}

impl Parameter {
    /// Whether the test holds for the values of a payload: for all of them and at least one (`all`: the rule
    /// allows), or for any. A value that is not there is no value: nothing matches it, and so `not` holds for it
    /// where one value is enough.
    pub(super) fn holds(&self, payload: &Value, all: bool) -> Applies {
        let path: Vec<&str> = self.path.split('.').map(|step| step.trim_end_matches("[]")).collect();
        let mut found = Found::default();
        found.walk(payload, &path);
        let hidden = found.hidden.then_some(Applies::Unknown);
        let results = found.values.iter().map(|value| self.test.holds(value)).chain(hidden);
        if all {
            let least = results.min().unwrap_or(Applies::No);
            return if found.missing { Applies::No } else { least };
        }
        let unlike = matches!(self.test, Test::Unlike(_)) && (found.missing || found.values.is_empty());
        results.chain(unlike.then_some(Applies::Yes)).max().unwrap_or(Applies::No)
    }
}

impl Test {
    fn holds(&self, value: &str) -> Applies {
        let holds = match self {
            Self::Like(patterns) => patterns.iter().any(|pattern| pattern.is_match(value)),
            Self::Unlike(patterns) => !patterns.iter().any(|pattern| pattern.is_match(value)),
            Self::Within { min, max } => {
                let Ok(number) = value.parse::<f64>() else { return Applies::Unknown };
                if number.is_nan() {
                    return Applies::Unknown;
                }
                min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max)
            }
        };
        if holds { Applies::Yes } else { Applies::No }
    }
}

impl<'a> Found<'a> {
    fn walk(&mut self, value: &'a Value, path: &[&str]) {
        match (value, path.split_first()) {
            (Value::Array(items), _) => items.iter().for_each(|item| self.walk(item, path)),
            (Value::Object(members), _) if members.contains_key("$path") => self.hidden = true,
            (Value::Object(members), Some((&"*", rest))) => members.values().for_each(|item| self.walk(item, rest)),
            (Value::Object(members), Some((step, rest))) => {
                let exact = members.get(*step);
                let member = exact
                    .or_else(|| members.iter().find(|(name, _)| name.eq_ignore_ascii_case(step)).map(|(_, item)| item));
                match member {
                    Some(member) => self.walk(member, rest),
                    None => self.missing = true,
                }
            }
            (Value::Object(members), None) => members.values().for_each(|item| self.walk(item, path)),
            (Value::Null, _) => self.missing = true,
            (Value::String(text), Some(_)) => match document(text) {
                Some(document) => self.adopt(&document, path),
                None => self.hidden = true,
            },
            (_, Some(_)) => self.hidden = true,
            (Value::String(text), None) => self.values.push(Cow::Borrowed(text)),
            (scalar, None) => self.values.push(Cow::Owned(scalar.to_string())),
        }
    }

    /// Walks a value that does not live as long as the payload.
    fn adopt(&mut self, value: &Value, path: &[&str]) {
        let mut inner = Found::default();
        inner.walk(value, path);
        self.values.extend(inner.values.into_iter().map(|value| Cow::Owned(value.into_owned())));
        self.missing |= inner.missing;
        self.hidden |= inner.hidden;
    }
}

/// A text that is a JSON object or list.
fn document(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |patterns: &[Regex]| patterns.iter().map(Regex::as_str).collect::<Vec<_>>().join(", ");
        write!(f, "parameters.{}: ", self.path)?;
        match &self.test {
            Test::Like(patterns) => write!(f, "[{}]", joined(patterns)),
            Test::Unlike(patterns) => write!(f, "not [{}]", joined(patterns)),
            Test::Within { min, max } => {
                let ends = [("at least", min), ("at most", max)];
                let ends = ends.into_iter().filter_map(|(word, end)| end.map(|end| format!("{word} {end}")));
                f.write_str(&ends.collect::<Vec<_>>().join(", "))
            }
        }
    }
}
