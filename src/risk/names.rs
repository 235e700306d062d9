//! What names mean: patterns over the words of an operation's name, in order.

use super::{
    reviewed::{Ruling, lines},
    words::words,
};

/// A part of a pattern.
#[derive(Debug)]
pub(super) enum Part {
    /// Any number of words.
    Any,
    /// One of these runs of words; a run may be empty.
    One(Vec<Vec<String>>),
}

#[derive(Debug)]
struct Pattern {
    /// Services it is for; none: all.
    services: Vec<&'static str>,
    parts: Vec<Part>,
    ruling: Ruling,
}

/// Patterns; the first that fits decides.
#[derive(Debug, Default)]
pub(super) struct Names {
    patterns: Vec<Pattern>,
}

impl Names {
    /// Reads a table, and tells the numbers of the lines that it could not read.
    pub(super) fn parse(table: &'static str) -> (Self, Vec<usize>) {
        let mut names = Self::default();
        let mut unread = Vec::new();
        for line in lines(table) {
            let Ok(line) = line.map_err(|number| unread.push(number)) else { continue };
            let Some((services, pattern)) = line.subject.split_once(':') else {
                unread.push(line.number);
                continue;
            };
            let Some(parts) = parts(pattern) else {
                unread.push(line.number);
                continue;
            };
            let services = if services == "*" { Vec::new() } else { services.split(',').collect() };
            names.patterns.push(Pattern { services, parts, ruling: line.ruling });
        }
        (names, unread)
    }

    /// What the pattern says that fits first.
    pub(super) fn ruling(&self, service: &str, operation: &str) -> Option<&Ruling> {
        let words = words(operation);
        self.patterns
            .iter()
            .filter(|pattern| pattern.services.is_empty() || pattern.services.contains(&service))
            .find(|pattern| fits(&pattern.parts, &words))
            .map(|pattern| &pattern.ruling)
    }
}

/// The parts of a pattern: `(Put|Set)*Policy`.
pub(super) fn parts(pattern: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix('*') {
            parts.push(Part::Any);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('(') {
            let (inside, after) = after.split_once(')')?;
            parts.push(Part::One(inside.split('|').map(words).collect()));
            rest = after;
        } else if first.is_ascii_alphanumeric() {
            let end = rest.find(['*', '(']).unwrap_or(rest.len());
            let (literal, after) = rest.split_at_checked(end)?;
            parts.extend(words(literal).into_iter().map(|word| Part::One(vec![vec![word]])));
            rest = after;
        } else {
            return None;
        }
    }
    Some(parts)
}

/// Whether the words of a name fit a pattern.
pub(super) fn fits(parts: &[Part], words: &[String]) -> bool {
    match parts.split_first() {
        None => words.is_empty(),
        Some((Part::Any, rest)) => (0..=words.len()).any(|skip| fits(rest, words.get(skip..).unwrap_or_default())),
        Some((Part::One(known), rest)) => {
            known.iter().any(|run| words.strip_prefix(run.as_slice()).is_some_and(|after| fits(rest, after)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{fits, parts};
    use crate::risk::words::words;

    #[test]
    fn patterns_fit_whole_words() {
        for (pattern, name, expected) in [
            ("Get*", "GetObject", true),
            ("Get*", "Get", true),
            ("Get*", "GetawayObject", false),
            ("(Put|Set)*Policy", "PutResourcePolicy", true),
            ("(Put|Set)*Policy", "SetPolicies", true),
            ("(Put|Set)*Policy", "PutPolicyVersion", false),
            ("(Put|Set)*Policy*", "PutPolicyVersion", true),
            ("*Key", "CreateAPIKeys", true),
            ("CreateApiKey", "CreateAPIKey", true),
            ("Create*Key", "CreateKeyspace", false),
            ("(Create|Reset)*(AccessKey|Login)", "ResetBucketAccessKeys", true),
            ("(Create|Reset)*(AccessKey|Login)", "CreateKey", false),
            ("(Admin|)Set*Password", "SetUserPassword", true),
            ("(Admin|)Set*Password", "AdminSetPassword", true),
        ] {
            let parts = parts(pattern).expect("a pattern");
            assert_eq!(fits(&parts, &words(name)), expected, "{pattern} {name}");
        }
    }
}
