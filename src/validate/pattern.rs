//! `pattern` constraints checked, compiled patterns kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::smithy::pattern::{Compiled, compile};

/// Patterns kept compiled; when there are more, all go and the ones in use come back.
const KEPT: usize = 256;

/// What a pattern says to a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// It matches somewhere in the text.
    Yes,
    /// It matches, but for upper bounds of repetitions, which are not checked.
    Loosely,
    /// It does not match.
    No,
    /// It cannot be checked.
    Unchecked,
}

/// Compiled patterns, by their text in the model.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    compiled: Mutex<HashMap<String, Option<Arc<Compiled>>>>,
}

impl Patterns {
    /// What the pattern says to the text.
    pub(super) fn matches(&self, pattern: &str, text: &str) -> Match {
        match self.get(pattern) {
            None => Match::Unchecked,
            Some(compiled) if !compiled.regex.is_match(text) => Match::No,
            Some(compiled) if compiled.loosened => Match::Loosely,
            Some(_) => Match::Yes,
        }
    }

    fn get(&self, pattern: &str) -> Option<Arc<Compiled>> {
        // The map is whole between any two operations on it, so a panic elsewhere does not spoil it.
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = compiled.get(pattern) {
            return known.clone();
        }
        let regex = compile(pattern).map(Arc::new);
        if compiled.len() >= KEPT {
            compiled.clear();
        }
        compiled.insert(pattern.to_owned(), regex.clone());
        regex
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_checked_is_known() {
        let patterns = Patterns::default();
        for (pattern, text, expected) in [
            ("^[a-z]+$", "abc", Match::Yes),
            ("^[a-z]+$", "aBc", Match::No),
            ("^.{1,65535}$", "x", Match::Loosely),
            ("^.{1,65535}$", "", Match::No),
            ("^(?!aws:)[a-z]+$", "aws:x", Match::Unchecked),
        ] {
            assert_eq!(patterns.matches(pattern, text), expected, "{pattern} on {text:?}");
        }
    }

    #[test]
    fn the_cache_is_bounded() {
        let patterns = Patterns::default();
        for number in 0..KEPT * 2 + 3 {
            assert_eq!(patterns.matches(&format!("^{number}$"), &number.to_string()), Match::Yes);
        }
        assert!(patterns.compiled.lock().unwrap().len() <= KEPT);
    }
}
