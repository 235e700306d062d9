//! What an edited policy would change: operations whose verdict differs, by name, and what no name shows.

use std::collections::BTreeMap;

use serde::Serialize;

use super::file::Policy;
use super::survey::{Fact, Standing, Survey};
use crate::base::{RiskClass, Verdict};

/// All that differs between two policies; what widens stands first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Operations that stand elsewhere, by where they come from and go to.
    pub groups: Vec<Group>,
    /// What differs besides: conditions, classes, limits, files.
    pub settings: Vec<Change>,
}

/// Operations that move alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Where they stood.
    pub from: Standing,
    /// Where they stand.
    pub to: Standing,
    /// Whether more is possible than was.
    pub widens: bool,
    /// How many of them have which class by name.
    pub classes: BTreeMap<RiskClass, usize>,
    /// Their names, the gravest classes first.
    pub operations: Vec<String>,
}

/// A setting, or a rule narrowed by conditions, that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which.
    pub what: String,
    /// As it was; empty when it is new.
    pub from: String,
    /// As it is; empty when it is gone.
    pub to: String,
    /// Whether more is possible than was, or may be.
    pub widens: bool,
}

impl Standing {
    /// Whether more is possible here than there.
    const fn widens(self, from: Self) -> bool {
        (self.widest as u8) < (from.widest as u8) || (self.strictest as u8) < (from.strictest as u8)
    }

    /// As an adjective: `allowed`, `asked about`, `denied`, or what lies between.
    pub fn words(self) -> String {
        let word = |verdict| match verdict {
            Verdict::Allow => "allowed",
            Verdict::Ask => "asked about",
            Verdict::Deny => "denied",
        };
        if self.widest == self.strictest {
            return word(self.widest).to_owned();
        }
        format!("{} or {}, by conditions", word(self.widest), word(self.strictest))
    }
}

impl Diff {
    /// What changes when `new` takes the place of `old`. `facts` are all operations.
    pub fn of(old: &Policy, new: &Policy, facts: &[Fact<'_>]) -> Self {
        let (before, after) = (Survey::of(old, facts), Survey::of(new, facts));
        let mut moved: BTreeMap<(Standing, Standing), Vec<&Fact<'_>>> = BTreeMap::new();
        for ((fact, before), after) in facts.iter().zip(&before.rows).zip(&after.rows) {
            if before.standing != after.standing {
                moved.entry((before.standing, after.standing)).or_default().push(fact);
            }
        }
        let mut groups: Vec<Group> = moved.into_iter().map(|((from, to), facts)| group(from, to, facts)).collect();
        groups.sort_by_key(|group| (!group.widens, group.to, std::cmp::Reverse(group.operations.len())));
        let mut settings = settings(old, new);
        settings.extend(conditions(old, new));
        settings.sort_by_key(|change| !change.widens);
        Self { groups, settings }
    }

    /// Whether nothing differs that a call could meet.
    pub const fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.settings.is_empty()
    }

    /// Whether anything becomes possible that was not.
    pub fn widens(&self) -> bool {
        self.groups.iter().any(|group| group.widens) || self.settings.iter().any(|change| change.widens)
    }
}

fn group(from: Standing, to: Standing, mut facts: Vec<&Fact<'_>>) -> Group {
    // Stable: within a class they stay in the order of their names.
    facts.sort_by_key(|fact| std::cmp::Reverse(fact.class));
    let mut classes = BTreeMap::new();
    for fact in &facts {
        *classes.entry(fact.class).or_default() += 1;
    }
    Group { from, to, widens: to.widens(from), classes, operations: facts.into_iter().map(Fact::name).collect() }
}

/// Settings that bear on payloads, approvals and files, which no verdict by name shows.
fn settings(old: &Policy, new: &Policy) -> Vec<Change> {
    let gone = |from: &[String], to: &[String]| from.iter().any(|item| !to.contains(item));
    let classes = |policy: &Policy| -> Vec<String> {
        let mut classes: Vec<_> = policy.ask_for.clone();
        classes.sort_unstable();
        classes.dedup();
        classes.into_iter().map(|class| class.to_string()).collect()
    };
    let (asked, asks) = (classes(old), classes(new));
    let (before, after) = (&old.files, &new.files);
    let ttl = |policy: &Policy| policy.approval.ttl.as_secs().to_string();
    let approvers = |policy: &Policy| policy.approval.approvers.iter().map(hex::encode).collect::<Vec<_>>();
    let (knew, knows) = (approvers(old), approvers(new));
    let needed = |policy: &Policy| RiskClass::ALL.map(|class| (class, policy.approval.needed(class)));
    let two = |policy: &Policy| {
        let two = needed(policy).into_iter().filter(|(_, needed)| *needed > 1);
        two.map(|(class, _)| class.to_string()).collect::<Vec<_>>()
    };
    let (twice, twice_now) = (two(old), two(new));
    let of = |what: &str, from: String, to: String, widens: bool| Change { what: what.to_owned(), from, to, widens };
    let all = [
        of("ask_for", asked.join(", "), asks.join(", "), gone(&asked, &asks)),
        of("default", old.default.to_string(), new.default.to_string(), new.default < old.default),
        of("approval.ttl_seconds", ttl(old), ttl(new), new.approval.ttl > old.approval.ttl),
        of("two approvers for", twice.join(", "), twice_now.join(", "), gone(&twice, &twice_now)),
        of("approval.approvers", knew.join(", "), knows.join(", "), knows.is_empty() || gone(&knows, &knew)),
        of("files.roots", before.roots.join(", "), after.roots.join(", "), gone(&after.roots, &before.roots)),
        of("files.deny", before.deny.join(", "), after.deny.join(", "), gone(&before.deny, &after.deny)),
        of("files.allow", before.allow.join(", "), after.allow.join(", "), gone(&after.allow, &before.allow)),
        of(
            "files.max_bytes",
            before.max_bytes.to_string(),
            after.max_bytes.to_string(),
            after.max_bytes > before.max_bytes,
        ),
    ];
    all.into_iter().filter(|change| change.from != change.to).collect()
}

/// Narrowed rules that are in one policy only: a verdict by name may hide what they change.
fn conditions(old: &Policy, new: &Policy) -> Vec<Change> {
    let narrowed = |policy: &Policy| -> Vec<(Verdict, String)> {
        let rules = policy.all_rules();
        let text = |(list, _, rule): (super::survey::List, usize, &super::rule::Rule)| {
            rule.narrow.as_ref().map(|narrow| (list.verdict(), format!("{} ({})", rule.pattern, narrow.text())))
        };
        rules.filter_map(text).collect()
    };
    let (before, after) = (narrowed(old), narrowed(new));
    let what = |verdict: &Verdict| format!("narrowed {verdict} rule");
    let gone = before.iter().filter(|rule| !after.contains(rule)).map(|(verdict, text)| Change {
        what: what(verdict),
        from: text.clone(),
        to: String::new(),
        widens: *verdict != Verdict::Allow,
    });
    let come = after.iter().filter(|rule| !before.contains(rule)).map(|(verdict, text)| Change {
        what: what(verdict),
        from: String::new(),
        to: text.clone(),
        // An ask can take the place of a default that denies.
        widens: *verdict == Verdict::Allow || (*verdict == Verdict::Ask && new.default == Verdict::Deny),
    });
    gone.chain(come).collect()
}

#[cfg(test)]
mod tests;
