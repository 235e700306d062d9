//! Patterns that reach further than they look: without `^`, or the name of one operation that begins others.

use super::{Fact, Level, Lint, List, Rule, examples};
use crate::policy::rule::compile;

impl Lint<'_> {
    /// What a rule matches besides what it seems to say.
    pub(super) fn reach(&mut self, list: List, rule: &Rule, hits: &[usize]) {
        // These are meant to be found anywhere in a name.
        if list == List::Destructive {
            return;
        }
        let pattern = rule.pattern.as_str();
        let names: Vec<String> = hits.iter().filter_map(|at| self.known.facts.get(*at)).map(Fact::name).collect();
        let level = if list == List::Allow { Level::Warning } else { Level::Note };
        let loose = self.loose(pattern, &names);
        if !loose.is_empty() {
            let (what, help) = if pattern.starts_with('^') {
                ("holds `^` for its first alternative only, and so also matches", bracketed(pattern))
            } else if pattern.contains(':') {
                ("is not anchored, and also matches in their middle", format!("begin it with `^`: `^{pattern}`"))
            } else {
                ("is not anchored, and also matches in their middle", format!("say where a name begins: `:{pattern}`"))
            };
            let message = format!("{what} {}: {}", count(&loose), examples(&loose));
            self.add(level, "unanchored", rule, message, help);
        } else if list == List::Allow {
            let longer = longer(pattern, &names);
            if !longer.is_empty() {
                let message = format!("names one operation, and also allows {}: {}", count(&longer), examples(&longer));
                self.add(Level::Warning, "more-than-named", rule, message, format!("end it with `$`: `{pattern}$`"));
            }
        }
    }

    /// The names that a pattern finds in their middle only. A pattern without `^` may as well mean the beginning of
    /// an operation's name as that of a service's.
    fn loose(&self, pattern: &str, names: &[String]) -> Vec<String> {
        let begin = if pattern.contains('^') || pattern.contains(':') { "^" } else { "^(?:[^:]*:)?" };
        match compile(&format!("{begin}(?:{pattern})")) {
            Ok(regex) => names.iter().filter(|name| !regex.is_match(name)).cloned().collect(),
            Err(_) => Vec::new(),
        }
    }
}

/// How to hold all alternatives to the beginning: `^s3:List|Get` most probably means `^s3:(List|Get)`.
fn bracketed(pattern: &str) -> String {
    let bare = pattern.trim_start_matches('^');
    match bare.split_once(':') {
        Some((service, rest)) if !rest.contains(':') && !service.contains('|') => {
            format!("bracket the alternatives: `^{service}:({rest})`")
        }
        _ => format!("bracket the alternatives: `^(?:{bare})`"),
    }
}

/// What a pattern without any wildcard, which is the whole name of an operation, matches besides.
fn longer(pattern: &str, names: &[String]) -> Vec<String> {
    let plain = pattern.trim_start_matches('^');
    let literal = plain.chars().all(|ch| ch.is_ascii_alphanumeric() || ch == '-' || ch == ':');
    if !literal || !names.iter().any(|name| name == plain) {
        return Vec::new();
    }
    names.iter().filter(|name| *name != plain).cloned().collect()
}

fn count(names: &[String]) -> String {
    match names.len() {
        1 => "one operation".to_owned(),
        n => format!("{n} operations"),
    }
}
