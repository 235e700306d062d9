//! What is odd about a sound policy, held against every operation there is: rules without effect, rules that reach
//! further than they look, and what dangerous runs without a question.

mod guess;
mod reach;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::file::{Listed, Policy};
use super::narrow::wildcard;
use super::rule::Rule;
use super::survey::{By, Fact, List, Row, Survey};
use crate::base::{RiskClass, Verdict};

/// How many operations a finding names.
const EXAMPLES: usize = 3;

/// What a policy is held against.
pub struct Known<'a> {
    /// Every operation of every service, service by service.
    pub facts: &'a [Fact<'a>],
    /// The canonical names that a spelling of a service stands for, or else is nearest to.
    pub services: &'a dyn Fn(&str) -> Vec<String>,
    /// The top-level members of an operation's input.
    pub members: &'a dyn Fn(&Fact<'_>) -> Vec<String>,
    /// The classes that some payload of an operation deserves besides its class by name.
    pub also: &'a dyn Fn(&Fact<'_>) -> Vec<RiskClass>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something that is meant to protect does not.
    Error,
    /// The policy does something else than it seems to say.
    Warning,
    /// Something is of no use.
    Note,
}

impl Level {
    /// Its name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One thing that is odd.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What kind: `matches-nothing`, `dead-alternative`, `unknown-service`, `unknown-parameter`, `unanchored`,
    /// `more-than-named`, `shadowed`, `runs-unasked` or `may-do-worse`.
    pub code: &'static str,
    /// The line, from 1.
    pub line: usize,
    /// The rule, as the file writes it.
    pub rule: String,
    /// What is odd, as a sentence that the rule begins.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Policy {
    /// Everything that is odd, in the order of the file.
    pub fn lint(&self, known: &Known<'_>) -> Vec<Finding> {
        let survey = Survey::of(self, known.facts);
        let mut lint = Lint { policy: self, known, survey: &survey, found: Vec::new() };
        lint.services();
        for (list, index, rule) in self.all_rules() {
            let hits = survey.hits(list, index);
            if hits.is_empty() {
                lint.matches_nothing(list, rule);
            } else {
                lint.alternatives(list, rule, hits);
                lint.parameters(list, rule, hits);
                lint.reach(list, rule, hits);
                lint.shadowed(list, index, rule, hits);
            }
        }
        lint.unasked();
        lint.found.sort_by(|a, b| (a.line, &a.rule, a.level).cmp(&(b.line, &b.rule, b.level)));
        lint.found
    }
}

/// A lint under way.
struct Lint<'a> {
    policy: &'a Policy,
    known: &'a Known<'a>,
    survey: &'a Survey,
    found: Vec<Finding>,
}

/// How bad it is when a rule of a list does not do what it says: what forbids or asks protects.
const fn broken(list: List) -> Level {
    match list {
        List::Deny | List::Ask => Level::Error,
        // What is destructive by its class is asked about all the same.
        List::Destructive | List::Allow => Level::Warning,
    }
}

impl Lint<'_> {
    fn add(&mut self, level: Level, code: &'static str, rule: &Rule, message: String, help: String) {
        self.found.push(Finding { level, code, line: rule.line, rule: rule.text(), message, help });
    }

    fn services(&mut self) {
        let names: BTreeSet<&str> = self.known.facts.iter().map(|fact| fact.service).collect();
        let policy = self.policy;
        let lists = [
            ("allowlist", policy.allowlist.as_deref().unwrap_or_default(), Level::Warning),
            ("denylist", policy.denylist.as_slice(), Level::Error),
        ];
        for (list, entries, level) in lists {
            for Listed { name, line } in entries.iter().filter(|entry| !names.iter().any(|n| wildcard(&entry.name, n)))
            {
                let help = match (self.known.services)(name).as_slice() {
                    [] => "`countersign search` finds services by what they do; or remove it".to_owned(),
                    [one] => format!("write `{one}`, or remove it"),
                    several => format!("write one of {}, or remove it", several.join(", ")),
                };
                self.found.push(Finding {
                    level,
                    code: "unknown-service",
                    line: *line,
                    rule: format!("services.{list}: {name}"),
                    message: "is the name of no service, so it has no effect".to_owned(),
                    help,
                });
            }
        }
    }

    fn matches_nothing(&mut self, list: List, rule: &Rule) {
        let message = "matches no operation of any service".to_owned();
        self.add(broken(list), "matches-nothing", rule, message, self.suggest(&rule.pattern));
    }

    fn suggest(&self, pattern: &str) -> String {
        match guess::nearest(pattern, self.known) {
            Some(near) => format!("the nearest is `{near}`; mend the pattern, or remove it"),
            None => "nothing is near; `countersign search` finds operations by what they do".to_owned(),
        }
    }

    /// Alternatives in a pattern that never match, where another of them does.
    fn alternatives(&mut self, list: List, rule: &Rule, hits: &[usize]) {
        for (alternative, only) in guess::alternatives(&rule.pattern) {
            let Ok(regex) = super::rule::compile(&only) else { continue };
            let alive = hits.iter().filter_map(|at| self.known.facts.get(*at)).any(|fact| regex.is_match(&fact.name()));
            if !alive {
                let message = format!("holds an alternative that matches no operation: `{alternative}`");
                self.add(broken(list), "dead-alternative", rule, message, self.suggest(&only));
            }
        }
    }

    /// Paths into the payload whose first step no matched operation has.
    fn parameters(&mut self, list: List, rule: &Rule, hits: &[usize]) {
        let parameters = rule.narrow.iter().flat_map(|narrow| &narrow.parameters);
        let steps = parameters.map(|parameter| parameter.path.split('.').next().unwrap_or_default());
        let steps: Vec<&str> = steps.map(|step| step.trim_end_matches("[]")).filter(|step| *step != "*").collect();
        if steps.is_empty() {
            return;
        }
        let facts = hits.iter().filter_map(|at| self.known.facts.get(*at));
        let members: BTreeSet<String> = facts.flat_map(|fact| (self.known.members)(fact)).collect();
        for step in steps.into_iter().filter(|step| !members.contains(*step)) {
            let small = step.to_ascii_lowercase();
            let like = |name: &&String| strsim::normalized_damerau_levenshtein(&small, &name.to_ascii_lowercase());
            let near = members.iter().max_by(|a, b| like(a).total_cmp(&like(b))).filter(|name| like(name) >= 0.6);
            let message = format!("looks at the parameter `{step}`, which no operation that it matches has");
            let help = match near {
                Some(near) => format!("the nearest is `{near}`; names are as in the operation's schema"),
                None => "names are as in `countersign schema SERVICE OPERATION`".to_owned(),
            };
            self.add(broken(list), "unknown-parameter", rule, message, help);
        }
    }

    /// Rules of which every operation is decided by something else, whatever the conditions are.
    fn shadowed(&mut self, list: List, index: usize, rule: &Rule, hits: &[usize]) {
        let rows = hits.iter().filter_map(|at| self.survey.rows.get(*at));
        let deciders: Option<Vec<By>> = rows.map(|row| decider(row, list, index)).collect();
        let Some(deciders) = deciders else { return };
        let mut counts: BTreeMap<By, usize> = BTreeMap::new();
        for by in deciders {
            *counts.entry(by).or_default() += 1;
        }
        let other = counts.keys().any(|by| verdict(*by) != list.verdict());
        let level = if other { Level::Warning } else { Level::Note };
        let mut counts: Vec<(By, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let more = counts.len().saturating_sub(2);
        let told: Vec<String> = match counts.as_slice() {
            [(by, _)] => vec![self.name(*by)],
            several => several.iter().take(2).map(|(by, count)| format!("{count} by {}", self.name(*by))).collect(),
        };
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let all = match hits.len() {
            1 => "the only operation it matches is".to_owned(),
            n => format!("all {n} operations it matches are"),
        };
        let by = if counts.len() == 1 { "by " } else { "" };
        let message = format!("has no effect: {all} decided {by}{}{more}", told.join(", "));
        let help = if other { "remove it, or what stands against it" } else { "remove it; the other says the same" };
        self.add(level, "shadowed", rule, message, help.to_owned());
    }

    fn name(&self, by: By) -> String {
        match by {
            By::Services => "the service lists".to_owned(),
            By::Class(class) => format!("`ask_for: {class}`"),
            By::Rule(list, index) => {
                let rule = self.policy.list(list).rules().get(index);
                rule.map(|rule| format!("`{}`", rule.text())).unwrap_or_default()
            }
        }
    }

    /// What is dangerous and yet runs because of an allow rule. What is destructive never does.
    fn unasked(&mut self) {
        const DANGEROUS: [RiskClass; 3] = [RiskClass::Privilege, RiskClass::Secret, RiskClass::Execute];
        let mut groups: BTreeMap<(RiskClass, usize), Vec<String>> = BTreeMap::new();
        for (fact, row) in self.known.facts.iter().zip(&self.survey.rows) {
            let runs = row.standing.widest == Verdict::Allow && DANGEROUS.contains(&fact.class);
            if let Some(rule) = row.allowing.filter(|_| runs) {
                groups.entry((fact.class, rule)).or_default().push(fact.name());
            }
        }
        for ((class, index), names) in groups {
            let Some(rule) = self.policy.allow.rules().get(index) else { continue };
            let what = match names.len() {
                1 => "one operation".to_owned(),
                n => format!("{n} operations"),
            };
            let message = format!("lets {what} of the class {class} run without a question: {}", examples(&names));
            let help = format!("put `{class}` into `ask_for`, or narrow the rule");
            self.add(Level::Warning, "runs-unasked", rule, message, help);
        }
        self.worse();
    }

    /// Writes that run because of an allow rule and may destroy what no payload shows: what they overwrite.
    fn worse(&mut self) {
        let mut groups: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (fact, row) in self.known.facts.iter().zip(&self.survey.rows) {
            let runs = row.standing.widest == Verdict::Allow && fact.class == RiskClass::Write;
            let Some(rule) = row.allowing.filter(|_| runs) else { continue };
            if (self.known.also)(fact).contains(&RiskClass::Destructive) {
                groups.entry(rule).or_default().push(fact.name());
            }
        }
        for (index, names) in groups {
            let Some(rule) = self.policy.allow.rules().get(index) else { continue };
            // Who names it alone has chosen it.
            let alone = rule.pattern.trim_start_matches('^').trim_end_matches('$');
            if names.iter().all(|name| name == alone) {
                continue;
            }
            let (what, they) = match names.len() {
                1 => ("one write".to_owned(), "it"),
                n => (format!("{n} writes"), "them"),
            };
            let message = format!(
                "lets {what} run without a question that may overwrite or take away what no payload shows: {}",
                examples(&names)
            );
            let help = format!("what a payload shows is asked about; to be asked about {they} always, add an ask rule");
            self.add(Level::Note, "may-do-worse", rule, message, help);
        }
    }
}

/// What decides an operation before a rule could; `None` when the rule itself makes a difference.
fn decider(row: &Row, list: List, index: usize) -> Option<By> {
    let earlier = match list {
        List::Deny => row.denied,
        List::Destructive | List::Ask => row.denied.or(row.asked),
        List::Allow => row.denied.or(row.asked).or(row.allowed.map(|index| By::Rule(List::Allow, index))),
    };
    // Of a destructive pattern and a class that ask both, the pattern speaks first.
    earlier.filter(|by| *by != By::Rule(list, index))
}

const fn verdict(by: By) -> Verdict {
    match by {
        By::Services => Verdict::Deny,
        By::Class(_) => Verdict::Ask,
        By::Rule(list, _) => list.verdict(),
    }
}

/// The first names of a list, and how many follow.
fn examples(names: &[String]) -> String {
    let first = names.iter().take(EXAMPLES).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(EXAMPLES) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

#[cfg(test)]
pub(super) mod tests;
