//! A policy as a list of what it says, in the order in which it is asked: for whoever looks at it.

use serde::Serialize;

use super::file::Policy;
use super::survey::List;
use crate::base::Verdict;

/// One thing a policy says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Where it stands: `rules.deny[0]`, `ask_for`, `default`.
    pub place: String,
    /// What it is counted under ([`Matched::id`](super::Matched)).
    pub id: String,
    /// What it says.
    pub verdict: Verdict,
    /// The pattern, the class, the service.
    pub what: String,
    /// Its conditions, in the words of the file; empty when there are none.
    pub conditions: String,
    /// The author's reason.
    pub because: Option<String>,
    /// Its line, from 1; `None` for what the file does not write out.
    pub line: Option<usize>,
}

impl Policy {
    /// All it says, strongest first.
    pub fn entries(&self) -> Vec<Entry> {
        let plain = |place: &str, id: String, verdict, what: String, line| Entry {
            place: place.to_owned(),
            id,
            verdict,
            what,
            conditions: String::new(),
            because: None,
            line,
        };
        let mut entries = Vec::new();
        for listed in &self.denylist {
            let id = format!("services.denylist: {}", listed.name);
            entries.push(plain("services.denylist", id, Verdict::Deny, listed.name.clone(), Some(listed.line)));
        }
        if let Some(list) = self.allowlist.as_ref().filter(|list| list.iter().all(|entry| entry.name != "*")) {
            let names: Vec<&str> = list.iter().map(|entry| entry.name.as_str()).collect();
            let what = format!("not one of {}", names.join(", "));
            let line = list.first().map(|entry| entry.line);
            entries.push(plain("services.allowlist", "services.allowlist".to_owned(), Verdict::Deny, what, line));
        }
        for list in List::ALL {
            if list == List::Ask {
                for class in self.asked_classes() {
                    entries.push(plain("ask_for", format!("ask_for: {class}"), Verdict::Ask, class.to_string(), None));
                }
            }
            for rule in self.list(list).rules() {
                entries.push(Entry {
                    place: rule.place.clone(),
                    id: rule.id(list.verdict()),
                    verdict: list.verdict(),
                    what: rule.pattern.clone(),
                    conditions: rule.narrow.as_ref().map(|narrow| narrow.text()).unwrap_or_default(),
                    because: rule.because.clone(),
                    line: Some(rule.line),
                });
            }
        }
        let default = format!("default: {}", self.default);
        entries.push(plain("default", default, self.default, "everything else".to_owned(), None));
        entries
    }
}
