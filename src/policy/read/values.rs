//! The small values: mappings with known keys, lists of texts, numbers; and the messages when they are not that.

use std::ops::RangeInclusive;

use super::super::parse::{At, Key, Node, Yaml};
use super::super::problem::Problem;
use super::{Reader, items};

/// Names at least this alike are worth suggesting.
const ALIKE: f64 = 0.7;

/// The name of `known` that is most like `name`.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let scored = known.iter().map(|known| (strsim::normalized_damerau_levenshtein(&name, known), *known));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let begins = |known: &&str| name.len() > 2 && (known.starts_with(&name) || name.starts_with(known));
    if best.0 >= ALIKE { Some(best.1) } else { known.iter().copied().find(begins) }
}

impl Reader<'_> {
    pub(super) fn wrong(&mut self, at: At, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem::at(self.text, at, message, help));
    }

    /// A name that is not among the known ones.
    pub(super) fn unknown(&mut self, at: At, what: &str, name: &str, known: &[&str]) {
        let message = match nearest(name, known) {
            Some(near) => format!("unknown {what} `{name}`; did you mean `{near}`?"),
            None => format!("unknown {what} `{name}`"),
        };
        self.wrong(at, message, format!("known: {}", known.join(", ")));
    }

    fn type_error(&mut self, node: &Node, what: &str, wanted: &str, example: &str) {
        let message = format!("{what} must be {wanted}, not {}", node.kind());
        self.wrong(node.at, message, format!("as in `{example}`"));
    }

    /// The entries of a mapping; unknown keys are reported and left out.
    pub(super) fn entries<'n>(&mut self, node: &'n Node, what: &str, known: &[&str]) -> Vec<(&'n Key, &'n Node)> {
        let Yaml::Map(entries) = &node.value else {
            self.type_error(node, what, "a mapping", &format!("{}: …", known.first().unwrap_or(&"key")));
            return Vec::new();
        };
        let mut sound = Vec::new();
        for (key, value) in entries {
            if known.contains(&key.name.as_str()) {
                sound.push((key, value));
            } else {
                self.unknown(key.at, &format!("key of {what}:"), &key.name, known);
            }
        }
        sound
    }

    /// A list of texts, with their places.
    pub(super) fn texts(&mut self, node: &Node, what: &str, of: &str) -> Vec<(At, String)> {
        let Some(items) = items(node) else {
            let last = what.rsplit('.').next().unwrap_or(what);
            self.type_error(
                node,
                &format!("`{what}`"),
                &format!("a list of {of}"),
                &format!("{last}: [first, second]"),
            );
            return Vec::new();
        };
        let mut texts = Vec::new();
        for (index, item) in items.iter().enumerate() {
            match item.text() {
                Some(text) => texts.push((item.at, text.to_owned())),
                None => self.wrong(
                    item.at,
                    format!("`{what}[{index}]` must be a text, not {}", item.kind()),
                    format!("`{what}` is a list of {of}"),
                ),
            }
        }
        texts
    }

    /// One text or a list of texts.
    pub(super) fn one_or_more(&mut self, node: &Node, what: &str, of: &str) -> Vec<(At, String)> {
        match (node.text(), items(node)) {
            (Some(text), _) => vec![(node.at, text.to_owned())],
            (None, Some([])) => {
                self.wrong(node.at, format!("`{what}` is empty"), "leave it out to mean any");
                Vec::new()
            }
            _ => self.texts(node, what, of),
        }
    }

    /// A whole number within limits.
    pub(super) fn number(&mut self, node: &Node, what: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let value = node.text().filter(|_| node.kind() == "a number").and_then(|text| text.parse().ok());
        if value.is_none_or(|value| !range.contains(&value)) {
            let message = match range.end() {
                &u64::MAX => format!("`{what}` must be a whole number of at least {}", range.start()),
                end => format!("`{what}` must be a whole number from {} to {end}", range.start()),
            };
            self.wrong(node.at, message, format!("as in `{what}: {}`", range.end().min(&900)));
            return None;
        }
        value
    }
}
