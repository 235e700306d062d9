//! Rules: a pattern on `service:Operation`, perhaps narrowed, and lists of them that match in one pass.

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::narrow::Narrow;
use crate::base::Verdict;

/// The longest pattern, in characters.
pub(super) const MAX_PATTERN: usize = 1_000;
/// Bytes that one compiled pattern may take.
const MAX_COMPILED: usize = 1 << 18;
/// Bytes that all patterns of a list may take together.
const MAX_LIST: usize = 1 << 25;
/// How deep groups may nest.
const MAX_NEST: u32 = 32;

/// Compiles one pattern, within limits of size and depth (matching time is linear whatever the pattern).
pub(super) fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(MAX_COMPILED).nest_limit(MAX_NEST).build()
}

/// One rule.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// Where it stands (`rules.deny[0]`).
    pub(super) place: String,
    /// The line of its pattern, from 1.
    pub(super) line: usize,
    /// Its pattern.
    pub(super) pattern: String,
    /// When else it applies.
    pub(super) narrow: Option<Box<Narrow>>,
    /// The author's reason.
    pub(super) because: Option<String>,
}

impl Rule {
    /// As the file writes it, for answers: `rules.deny[0]: ^.*:Delete.*`.
    pub(super) fn text(&self) -> String {
        format!("{}: {}", self.place, self.pattern)
    }

    /// What it is counted under: what it says, wherever it stands.
    pub(super) fn id(&self, verdict: Verdict) -> String {
        match &self.narrow {
            Some(narrow) => format!("{verdict} {} ({})", self.pattern, narrow.text()),
            None => format!("{verdict} {}", self.pattern),
        }
    }
}

/// Rules that say the same thing.
#[derive(Debug, Clone)]
pub(super) struct RuleList {
    rules: Vec<Rule>,
    set: RegexSet,
}

impl RuleList {
    /// Puts rules together whose patterns compile one by one.
    ///
    /// # Errors
    /// When they are too large together.
    pub(super) fn new(rules: Vec<Rule>) -> Result<Self, regex::Error> {
        let patterns = rules.iter().map(|rule| &rule.pattern);
        let set = RegexSetBuilder::new(patterns).size_limit(MAX_LIST).nest_limit(MAX_NEST).build()?;
        Ok(Self { rules, set })
    }

    /// No rules.
    pub(super) fn empty() -> Self {
        Self { rules: Vec::new(), set: RegexSet::empty() }
    }

    /// All of them, in order.
    pub(super) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The numbers of the rules whose pattern matches `service:Operation`, in order.
    pub(super) fn hits(&self, name: &str) -> impl Iterator<Item = usize> {
        self.set.matches(name).into_iter()
    }

    /// The rules whose pattern matches `service:Operation`, in order.
    pub(super) fn matching<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Rule> {
        let hits = self.set.matches(name);
        self.rules.iter().enumerate().filter(move |(index, _)| hits.matched(*index)).map(|(_, rule)| rule)
    }
}
