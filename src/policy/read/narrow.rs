//! What narrows a rule: regions, accounts, profiles, parameters, hours, rate and count.

use super::super::narrow::{BadHours, Hours, Limit, Narrow, Parameter, Test, zones_like};
use super::super::parse::{Node, Yaml};
use super::{Fields, Reader};

/// The keys of a test on a parameter.
const TESTS: &[&str] = &["matches", "not", "min", "max"];

impl Reader<'_> {
    /// What of these a rule has; `None` when it has none.
    pub(super) fn narrow(&mut self, fields: &Fields<'_>) -> Option<Narrow> {
        const KEYS: [&str; 8] = ["classes", "regions", "accounts", "profiles", "parameters", "hours", "rate", "count"];
        if !KEYS.iter().any(|key| fields.get(key).is_some()) {
            return None;
        }
        let mut narrow = Narrow::default();
        if let Some(node) = fields.get("classes") {
            narrow.classes = self.classes(node, "classes");
            if narrow.classes.is_empty() {
                self.wrong(node.at, "`classes` names no class", "leave it out to mean any");
            }
        }
        if let Some(node) = fields.get("regions") {
            for (at, region) in self.one_or_more(node, "regions", "regions") {
                let sound = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '-' || ch == '*';
                if region.is_empty() || !region.chars().all(sound) {
                    self.wrong(at, format!("`{region}` is not a region"), "as in `eu-central-1` or `eu-*`");
                }
                narrow.regions.push(region);
            }
        }
        if let Some(node) = fields.get("accounts") {
            for (at, account) in self.one_or_more(node, "accounts", "account ids") {
                if account.len() != 12 || !account.chars().all(|ch| ch.is_ascii_digit()) {
                    self.wrong(at, format!("`{account}` is not an account id"), "an account id has 12 digits");
                }
                narrow.accounts.push(account);
            }
        }
        if let Some(node) = fields.get("profiles") {
            let profiles = self.one_or_more(node, "profiles", "profiles");
            narrow.profiles = profiles.into_iter().map(|(_, profile)| profile).collect();
        }
        if let Some(node) = fields.get("hours") {
            narrow.hours = self.hours(node);
        }
        if let Some(node) = fields.get("parameters") {
            narrow.parameters = self.parameters(node);
        }
        if let Some(node) = fields.get("rate") {
            for (at, text) in self.one_or_more(node, "rate", "rates") {
                match Limit::parse_rate(&text) {
                    Some(limit) => narrow.limits.push(limit),
                    None => {
                        let help = "as in `20/minute`, `100/hour` or `5/10 minutes`; a window has at most 366 days";
                        self.wrong(at, format!("`{text}` is not a rate"), help);
                    }
                }
            }
        }
        if let Some(node) = fields.get("count") {
            let most = self.number(node, "count", 1..=1_000_000_000);
            narrow.limits.extend(most.map(|most| Limit { most, window: None }));
        }
        Some(narrow)
    }

    fn hours(&mut self, node: &Node) -> Vec<Hours> {
        let mut all = Vec::new();
        for (at, text) in self.one_or_more(node, "hours", "spans of time") {
            match Hours::parse(&text) {
                Ok(hours) => all.push(hours),
                Err(BadHours::Zone) => {
                    let zone = text.split_whitespace().last().unwrap_or_default();
                    let near = zones_like(zone).unwrap_or("Europe/Berlin");
                    let help = format!("zones are named as in `{near}`; without one the hours are UTC");
                    self.wrong(at, format!("`{zone}` is not a time zone"), help);
                }
                Err(BadHours::Form) => {
                    let help = "as in `08:00-18:00` or `Mon-Fri 08:00-18:00 Europe/Berlin`; without a zone in UTC";
                    self.wrong(at, format!("`{text}` is not a span of time"), help);
                }
            }
        }
        all
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
            let tests = match &value.value {
                Yaml::Map(_) => self.tests(value, &what),
                _ => vec![Test::Like(self.regexes(value, &what))],
            };
            parameters.extend(tests.into_iter().map(|test| Parameter { path: key.name.clone(), test }));
        }
        parameters
    }

    /// `{matches: …, not: …, min: …, max: …}`: all of them must hold.
    fn tests(&mut self, node: &Node, what: &str) -> Vec<Test> {
        let fields = Fields(self.entries(node, &format!("`{what}`"), TESTS));
        let mut tests = Vec::new();
        if let Some(node) = fields.get("matches") {
            tests.push(Test::Like(self.regexes(node, what)));
        }
        if let Some(node) = fields.get("not") {
            tests.push(Test::Unlike(self.regexes(node, what)));
        }
        let mut end = |key: &str| fields.get(key).and_then(|node| self.measure(node, &format!("{what}.{key}")));
        let (min, max) = (end("min"), end("max"));
        if fields.get("min").is_some() || fields.get("max").is_some() {
            if min.zip(max).is_some_and(|(min, max)| min > max) {
                self.wrong(node.at, format!("`{what}`: no number lies between these limits"), "swap `min` and `max`");
            }
            tests.push(Test::Within { min, max });
        }
        if tests.is_empty() {
            self.wrong(node.at, format!("`{what}` tests nothing"), "as in `{matches: '^tmp-'}` or `{max: 5}`");
        }
        tests
    }

    fn regexes(&mut self, node: &Node, what: &str) -> Vec<regex::Regex> {
        let patterns = self.one_or_more(node, what, "patterns");
        patterns.into_iter().filter_map(|(at, text)| self.regex(at, &text, what)).collect()
    }

    /// Any finite number.
    fn measure(&mut self, node: &Node, what: &str) -> Option<f64> {
        let text = node.text().filter(|_| node.kind() == "a number");
        let value = text.and_then(|text| text.parse::<f64>().ok()).filter(|value| value.is_finite());
        if value.is_none() {
            self.wrong(node.at, format!("`{what}` must be a number, not {}", node.kind()), "as in `{max: 5}`");
        }
        value
    }
}
