//! A policy held against every operation there is: which rule matches what, and where each operation stands.

use serde::Serialize;

use super::file::Policy;
use super::narrow::Narrow;
use super::rule::{Rule, RuleList};
use crate::base::{RiskClass, Verdict};

/// An operation, as far as a policy looks at it without a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact<'a> {
    /// Canonical service name.
    pub service: &'a str,
    /// Exact operation name.
    pub operation: &'a str,
    /// Its class by name.
    pub class: RiskClass,
}

impl Fact<'_> {
    /// `s3:PutObject`
    pub(super) fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }
}

/// Where an operation stands: the verdicts between which conditions (regions, accounts, hours, payload) move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Standing {
    /// The most lenient verdict it can meet.
    pub widest: Verdict,
    /// The strictest one.
    pub strictest: Verdict,
}

/// The lists of rules, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum List {
    Deny,
    Destructive,
    Ask,
    Allow,
}

impl List {
    pub(super) const ALL: [Self; 4] = [Self::Deny, Self::Destructive, Self::Ask, Self::Allow];

    /// What its rules say.
    pub(super) const fn verdict(self) -> Verdict {
        match self {
            Self::Deny => Verdict::Deny,
            Self::Destructive | Self::Ask => Verdict::Ask,
            Self::Allow => Verdict::Allow,
        }
    }
}

/// What decides an operation whatever the conditions are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    Services,
    Rule(List, usize),
    Class(RiskClass),
}

/// What a policy says of one operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// What denies it always.
    pub(super) denied: Option<By>,
    /// What asks about it always, were it not denied.
    pub(super) asked: Option<By>,
    /// The first rule that allows it always.
    pub(super) allowed: Option<usize>,
    /// The first rule that allows it, narrowed or not.
    pub(super) allowing: Option<usize>,
    pub(super) standing: Standing,
}

/// The whole of it.
pub(super) struct Survey {
    /// One for each fact, in order.
    pub(super) rows: Vec<Row>,
    /// For each list and each of its rules the numbers of the facts that its pattern matches.
    hits: [Vec<Vec<usize>>; 4],
}

impl Survey {
    pub(super) fn of(policy: &Policy, facts: &[Fact<'_>]) -> Self {
        let mut hits = List::ALL.map(|list| vec![Vec::new(); policy.list(list).rules().len()]);
        let mut rows = Vec::with_capacity(facts.len());
        let mut refused = ("", false);
        let mut name = String::new();
        for (at, fact) in facts.iter().enumerate() {
            if refused.0 != fact.service || at == 0 {
                refused = (fact.service, policy.hidden(fact.service));
            }
            name.clear();
            name.extend([fact.service, ":", fact.operation]);
            rows.push(row(policy, fact, &name, refused.1, at, &mut hits));
        }
        Self { rows, hits }
    }

    /// The facts that a rule's pattern matches.
    pub(super) fn hits(&self, list: List, rule: usize) -> &[usize] {
        self.hits.get(list as usize).and_then(|rules| rules.get(rule)).map(Vec::as_slice).unwrap_or_default()
    }
}

fn row(policy: &Policy, fact: &Fact<'_>, name: &str, refused: bool, at: usize, hits: &mut [Vec<Vec<usize>>; 4]) -> Row {
    // The first rule of each list that always applies, and the first that does under conditions.
    let (mut always, mut maybe) = ([None; 4], [None; 4]);
    for list in List::ALL {
        let rules = policy.list(list);
        for index in rules.hits(name) {
            let narrow = rules.rules().get(index).and_then(|rule| rule.narrow.as_deref());
            if narrow.is_some_and(|narrow| !narrow.is_about(fact.class)) {
                continue;
            }
            if let Some(hits) = hits.get_mut(list as usize).and_then(|hits| hits.get_mut(index)) {
                hits.push(at);
            }
            let narrowed = narrow.is_some_and(Narrow::is_conditional);
            let slot = if narrowed { maybe.get_mut(list as usize) } else { always.get_mut(list as usize) };
            if let Some(slot) = slot {
                slot.get_or_insert(index);
            }
        }
    }
    let [deny, destructive, ask, allowed] = always;
    let rule = |list: List, index: Option<usize>| index.map(|index| By::Rule(list, index));
    let denied = if refused { Some(By::Services) } else { rule(List::Deny, deny) };
    let by_class = policy.asks_about(fact.class);
    let asked =
        rule(List::Destructive, destructive).or(by_class.then_some(By::Class(fact.class))).or(rule(List::Ask, ask));
    let base = match (denied, asked, allowed) {
        (Some(_), _, _) => Verdict::Deny,
        (None, Some(_), _) => Verdict::Ask,
        (None, None, Some(_)) => Verdict::Allow,
        (None, None, None) => policy.default,
    };
    let sure = denied.is_some() || asked.is_some() || allowed.is_some();
    let mut standing = Standing { widest: base, strictest: base };
    for list in List::ALL {
        let applies = maybe.get(list as usize).is_some_and(Option::is_some);
        // What is decided already is moved by stronger verdicts only; a default is moved by every rule.
        if applies && (!sure || list.verdict() > base) {
            standing.widest = standing.widest.min(list.verdict());
            standing.strictest = standing.strictest.max(list.verdict());
        }
    }
    let first = |a: Option<usize>, b: Option<usize>| a.into_iter().chain(b).min();
    Row { denied, asked, allowed, allowing: first(allowed, maybe.get(3).copied().flatten()), standing }
}

impl Policy {
    /// The rules of a list.
    pub(super) const fn list(&self, list: List) -> &RuleList {
        match list {
            List::Deny => &self.deny,
            List::Destructive => &self.destructive,
            List::Ask => &self.ask,
            List::Allow => &self.allow,
        }
    }

    /// All rules, list by list, with their numbers in it.
    pub(super) fn all_rules(&self) -> impl Iterator<Item = (List, usize, &Rule)> {
        List::ALL
            .into_iter()
            .flat_map(|list| self.list(list).rules().iter().enumerate().map(move |(index, rule)| (list, index, rule)))
    }

    /// Whether a rule looks at values in the payload.
    pub fn looks_into_payloads(&self) -> bool {
        self.all_rules().any(|(_, _, rule)| rule.narrow.as_ref().is_some_and(|narrow| !narrow.parameters.is_empty()))
    }

    /// How many rules it has, entries of the service lists included.
    pub fn rule_count(&self) -> usize {
        let listed = self.allowlist.as_ref().map_or(0, Vec::len) + self.denylist.len();
        self.all_rules().count() + listed
    }

    /// The line of the rule that a decision or a trace names; `None` for classes, lists and the default.
    pub fn line_of(&self, rule: &str) -> Option<usize> {
        let (place, _) = rule.split_once(": ")?;
        self.all_rules().find(|(_, _, known)| known.place == place).map(|(_, _, rule)| rule.line)
    }
}
