//! Rules: plain patterns, mappings that narrow them, and `conditions`, which are such mappings with a verdict.

use regex::Regex;

use super::super::parse::{At, Node, Yaml};
use super::super::rule::{MAX_PATTERN, Rule, compile};
use super::{Fields, Reader, Rules, items};

const KEYS: &[&str] =
    &["match", "classes", "regions", "accounts", "profiles", "parameters", "hours", "rate", "count", "because"];
const CONDITION_KEYS: &[&str] = &[
    "verdict",
    "match",
    "classes",
    "regions",
    "accounts",
    "profiles",
    "parameters",
    "hours",
    "rate",
    "count",
    "because",
];

impl Reader<'_> {
    /// `rules.deny` and its like: patterns and mappings.
    pub(super) fn rule_list(&mut self, node: &Node, what: &str) -> Vec<Rule> {
        let Some(items) = items(node) else {
            let last = what.rsplit('.').next().unwrap_or(what);
            let message = format!("`{what}` must be a list of rules, not {}", node.kind());
            self.wrong(node.at, message, format!("as in `{last}: ['^s3:List.*']`"));
            return Vec::new();
        };
        let rules = items.iter().enumerate();
        rules.filter_map(|(index, item)| self.rule(item, format!("{what}[{index}]"), KEYS)).collect()
    }

    /// `destructive_patterns`: patterns only.
    pub(super) fn patterns(&mut self, node: &Node, what: &str) -> Vec<Rule> {
        let texts = self.texts(node, what, "patterns");
        let rules = texts.into_iter().enumerate();
        rules.filter_map(|(index, (at, text))| self.plain(at, &text, format!("{what}[{index}]"))).collect()
    }

    /// `conditions`: each is added to the rules of its verdict.
    pub(super) fn conditions(&mut self, node: &Node, rules: &mut Rules) {
        let Some(items) = items(node) else {
            let message = format!("`conditions` must be a list, not {}", node.kind());
            self.wrong(node.at, message, "as in `conditions: [{verdict: deny, match: '^s3:', regions: [eu-*]}]`");
            return;
        };
        for (index, item) in items.iter().enumerate() {
            let place = format!("conditions[{index}]");
            if !matches!(item.value, Yaml::Map(_)) {
                let message = format!("`{place}` must be a mapping, not {}", item.kind());
                self.wrong(item.at, message, "as in `{verdict: deny, match: '^s3:', regions: [eu-*]}`");
                continue;
            }
            let verdict = Fields(self.peek(item)).get("verdict");
            let list = match verdict.and_then(Node::text) {
                Some("deny") => &mut rules.deny,
                Some("ask") => &mut rules.ask,
                Some("allow") => &mut rules.allow,
                _ => {
                    let at = verdict.map_or(item.at, |node| node.at);
                    self.wrong(at, format!("`{place}` needs a verdict"), "as in `verdict: deny`; or `ask`, or `allow`");
                    continue;
                }
            };
            list.extend(self.rule(item, place, CONDITION_KEYS));
        }
    }

    /// The entries of a mapping, unchecked.
    fn peek<'n>(&self, node: &'n Node) -> Vec<(&'n super::Key, &'n Node)> {
        match &node.value {
            Yaml::Map(entries) => entries.iter().map(|(key, value)| (key, value)).collect(),
            _ => Vec::new(),
        }
    }

    fn rule(&mut self, node: &Node, place: String, keys: &[&str]) -> Option<Rule> {
        if !matches!(node.value, Yaml::Map(_)) {
            let Some(text) = node.text() else {
                let message = format!("`{place}` must be a pattern or a mapping, not {}", node.kind());
                self.wrong(node.at, message, "as in `'^s3:List.*'` or `{match: '^s3:List.*', regions: [eu-*]}`");
                return None;
            };
            return self.plain(node.at, text, place);
        }
        let fields = Fields(self.entries(node, &format!("`{place}`"), keys));
        let narrow = self.narrow(&fields);
        let because = fields.get("because").and_then(|node| {
            let text = node.text().map(str::to_owned);
            if text.is_none() {
                self.wrong(node.at, "`because` must be a text", "say in one sentence why the rule is there");
            }
            text
        });
        let Some(pattern) = fields.get("match") else {
            self.wrong(node.at, format!("`{place}` has no `match`"), "as in `match: '^s3:Put.*'`");
            return None;
        };
        let text = pattern.text().unwrap_or_default();
        let rule = self.plain(pattern.at, text, place)?;
        Some(Rule { narrow: narrow.map(Box::new), because, ..rule })
    }

    fn plain(&mut self, at: At, pattern: &str, place: String) -> Option<Rule> {
        self.regex(at, pattern, &place)?;
        Some(Rule { place, line: at.line, pattern: pattern.to_owned(), narrow: None, because: None })
    }

    pub(super) fn regex(&mut self, at: At, pattern: &str, what: &str) -> Option<Regex> {
        let length = pattern.chars().count();
        if pattern.is_empty() {
            self.wrong(
                at,
                format!("`{what}` is an empty pattern"),
                "an empty pattern matches everything; write `.*` if that is meant",
            );
            return None;
        }
        if length > MAX_PATTERN {
            let message = format!("`{what}` has {length} characters; a pattern has at most {MAX_PATTERN}");
            self.wrong(at, message, "split it into several rules");
            return None;
        }
        match compile(pattern) {
            Ok(regex) => Some(regex),
            Err(regex::Error::CompiledTooBig(_)) => {
                self.wrong(at, format!("`{what}` is too large once compiled"), "shrink the repetitions in it");
                None
            }
            Err(error) => {
                // The first lines of the crate's message draw the pattern, which stands above already.
                let text = error.to_string();
                let reason = text.lines().rev().find_map(|line| line.strip_prefix("error: ")).unwrap_or("not a regex");
                let help = "patterns are regular expressions on `service:Operation`, as in `^s3:List.*`; look-around and back-references do not exist";
                self.wrong(at, format!("`{what}` is not a regular expression: {reason}"), help);
                None
            }
        }
    }
}
