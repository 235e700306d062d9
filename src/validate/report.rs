//! What a walk has found so far, and where it stands. Texts are made only for what is listed.

use serde_json::Value;

use super::FileRef;
use super::path::{Step, cut, dotted, pointer};
use super::problem::{Code, Invalid, Problem, describe};

/// Unchecked patterns that are listed.
const MAX_UNCHECKED: usize = 20;

/// What stands in a payload, for a message.
#[derive(Clone, Copy)]
pub(super) enum Got<'a> {
    /// A value.
    Value(&'a Value),
    /// A name: of a member or of a map's entry.
    Name(&'a str),
    /// So many of something.
    Count(usize, &'a str),
}

/// Findings and the present path.
#[derive(Default)]
pub(super) struct Report<'w> {
    pub(super) path: Vec<Step<'w>>,
    /// How many shapes around the present place are sensitive.
    pub(super) hidden: usize,
    pub(super) found: Invalid,
    pub(super) files: Vec<FileRef>,
    pub(super) unchecked: Vec<String>,
}

impl Report<'_> {
    /// Notes a problem at the present path.
    pub(super) fn note(&mut self, code: Code, got: Got<'_>, expected: impl FnOnce() -> String) {
        self.note_near(code, got, expected, || None);
    }

    /// [`Self::note`], with what was probably meant.
    pub(super) fn note_near(
        &mut self,
        code: Code,
        got: Got<'_>,
        expected: impl FnOnce() -> String,
        nearest: impl FnOnce() -> Option<String>,
    ) {
        let (path, hidden) = (&self.path, self.hidden > 0);
        self.found.add(|| Problem {
            path: dotted(path),
            code,
            expected: expected(),
            got: match got {
                Got::Value(value) => describe(value, hidden),
                Got::Name(name) => format!("{:?}", cut(name, 60)),
                Got::Count(count, unit) => format!("{count} {unit}"),
            },
            nearest: nearest(),
        });
    }

    /// Notes a problem where a value ends with it.
    pub(super) fn wrong(&mut self, code: Code, got: Got<'_>, expected: impl FnOnce() -> String) -> Option<Value> {
        self.note(code, got, expected);
        None
    }

    /// Notes that a required member is not there.
    pub(super) fn miss(&mut self) {
        let path = &self.path;
        self.found.miss(|| dotted(path));
    }

    /// Notes a pattern of which something cannot be checked; `what`, or nothing for all of it.
    pub(super) fn leave_unchecked(&mut self, what: &str, pattern: &str) {
        if self.unchecked.len() < MAX_UNCHECKED {
            let space = if what.is_empty() { "" } else { " " };
            let note = format!("{}: {what}{space}pattern {}", dotted(&self.path), cut(pattern, 200));
            if !self.unchecked.contains(&note) {
                self.unchecked.push(note);
            }
        }
    }

    /// Notes a `$path` object.
    pub(super) fn file(&mut self, value: &Value) {
        self.files.push(FileRef { pointer: pointer(&self.path), value: value.clone() });
    }

    /// How many problems there are so far.
    pub(super) fn problems(&self) -> usize {
        self.found.invalid.len() + self.found.more
    }
}
