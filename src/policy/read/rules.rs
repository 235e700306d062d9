//! Rules: plain patterns, mappings that narrow them, and `conditions`, which are such mappings with a verdict.

use regex::Regex;

use super::super::narrow::{Hours, Narrow, Parameter};
use super::super::parse::{At, Node, Yaml};
use super::super::rule::{MAX_PATTERN, Rule, compile};
use super::{Fields, Reader, Rules, items};

const KEYS: &[&str] = &["match", "regions", "accounts", "profiles", "parameters", "hours", "rate", "because"];
const CONDITION_KEYS: &[&str] =
    &["verdict", "match", "regions", "accounts", "profiles", "parameters", "hours", "rate", "because"];

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

    fn regex(&mut self, at: At, pattern: &str, what: &str) -> Option<Regex> {
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

    fn narrow(&mut self, fields: &Fields<'_>) -> Option<Narrow> {
        let mut narrow = Narrow::default();
        let mut any = false;
        if let Some(node) = fields.get("regions") {
            any = true;
            for (at, region) in self.one_or_more(node, "regions", "regions") {
                let sound = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '-' || ch == '*';
                if !region.chars().all(sound) {
                    self.wrong(at, format!("`{region}` is not a region"), "as in `eu-central-1` or `eu-*`");
                }
                narrow.regions.push(region);
            }
        }
        if let Some(node) = fields.get("accounts") {
            any = true;
            for (at, account) in self.one_or_more(node, "accounts", "account ids") {
                if account.len() != 12 || !account.chars().all(|ch| ch.is_ascii_digit()) {
                    self.wrong(at, format!("`{account}` is not an account id"), "an account id has 12 digits");
                }
                narrow.accounts.push(account);
            }
        }
        if let Some(node) = fields.get("profiles") {
            any = true;
            let profiles = self.one_or_more(node, "profiles", "profiles");
            narrow.profiles = profiles.into_iter().map(|(_, profile)| profile).collect();
        }
        if let Some(node) = fields.get("hours") {
            any = true;
            for (at, text) in self.one_or_more(node, "hours", "spans of time") {
                match Hours::parse(&text) {
                    Some(hours) => narrow.hours.push(hours),
                    None => {
                        let help = "as in `08:00-18:00` or `Mon-Fri 08:00-18:00`, in UTC";
                        self.wrong(at, format!("`{text}` is not a span of time"), help);
                    }
                }
            }
        }
        if let Some(node) = fields.get("parameters") {
            any = true;
            narrow.parameters = self.parameters(node);
        }
        if let Some(node) = fields.get("rate") {
            self.wrong(node.at, "`rate` is not supported yet", "remove it; use `rules.ask` to have a human in between");
        }
        any.then_some(narrow)
    }

    fn parameters(&mut self, node: &Node) -> Vec<Parameter> {
        let entries = match &node.value {
            Yaml::Map(entries) if !entries.is_empty() => entries,
            _ => {
                let message = "`parameters` must be a mapping from paths to patterns";
                self.wrong(node.at, message, "as in `parameters: {Bucket: '^tmp-'}`");
                return Vec::new();
            }
        };
        let mut parameters = Vec::new();
        for (key, value) in entries {
            if key.name.split('.').any(|step| step.trim_end_matches("[]").is_empty()) {
                let message = format!("`{}` is not a path into a payload", key.name);
                self.wrong(key.at, message, "as in `Bucket`, `Delete.Objects.Key` or `Tags[].Value`");
            }
            let what = format!("parameters.{}", key.name);
            let patterns = self.one_or_more(value, &what, "patterns");
            let patterns = patterns.into_iter().filter_map(|(at, text)| self.regex(at, &text, &what)).collect();
            parameters.push(Parameter { path: key.name.clone(), patterns });
        }
        parameters
    }
}
