//! What narrows a rule besides its pattern: region, account, profile, values in the payload, hours, how often.
//!
//! A condition that cannot be evaluated (a fact that is not known, a value that lies in a file) counts against the
//! call: a rule that denies or asks then holds, a rule that allows does not.

mod hours;
mod limit;
mod values;

pub(super) use hours::{BadHours, Hours, zones_like};
pub(super) use limit::Limit;
pub use limit::{Tally, Uses};
pub(super) use values::{Parameter, Test};

use super::decide::Subject;
use crate::base::RiskClass;

/// A rule applies only where everything given here holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Narrow {
    /// Risk classes; empty means any.
    pub(super) classes: Vec<RiskClass>,
    /// Wildcards (`eu-*`); empty means any.
    pub(super) regions: Vec<String>,
    /// Account ids; empty means any.
    pub(super) accounts: Vec<String>,
    /// Wildcards; empty means any.
    pub(super) profiles: Vec<String>,
    /// Values in the payload.
    pub(super) parameters: Vec<Parameter>,
    /// Spans of time; empty means any.
    pub(super) hours: Vec<Hours>,
    /// How often; all of them count.
    pub(super) limits: Vec<Limit>,
}

/// Whether a narrowed rule applies. The order is that of a conjunction: the least of all conditions counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Applies {
    No,
    /// Asked by name only: the call itself, with its payload and its place in the count, decides it.
    ByCall,
    /// It cannot be evaluated.
    Unknown,
    Yes,
}

impl Narrow {
    /// What it says, in the words of the file.
    pub(super) fn text(&self) -> String {
        let classes: Vec<String> = self.classes.iter().map(ToString::to_string).collect();
        let lists = [
            ("classes", &classes),
            ("regions", &self.regions),
            ("accounts", &self.accounts),
            ("profiles", &self.profiles),
        ];
        let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
        let mut parts: Vec<String> = lists.map(|(name, list)| format!("{name}: [{}]", list.join(", "))).collect();
        parts.extend(self.parameters.iter().map(ToString::to_string));
        if !self.hours.is_empty() {
            let hours: Vec<String> = self.hours.iter().map(ToString::to_string).collect();
            parts.push(format!("hours: [{}]", hours.join(", ")));
        }
        parts.extend(self.limits.iter().map(ToString::to_string));
        parts.join(", ")
    }

    /// Whether it is about a risk class.
    pub(super) fn is_about(&self, class: RiskClass) -> bool {
        self.classes.is_empty() || self.classes.contains(&class)
    }

    /// Whether more than the class decides: what no list of operations tells.
    pub(super) fn is_conditional(&self) -> bool {
        let Self { classes: _, regions, accounts, profiles, parameters, hours, limits } = self;
        let lists = [regions.is_empty(), accounts.is_empty(), profiles.is_empty(), hours.is_empty()];
        !(lists.into_iter().all(|empty| empty) && parameters.is_empty() && limits.is_empty())
    }

    /// Whether it holds for a call. `allows` tells what the rule says: of several values all must match where it
    /// allows and one is enough where it asks or denies, so that a list never hides its worst entry; a limit is kept
    /// within where it allows and exceeded where it asks or denies.
    pub(super) fn applies(&self, subject: &Subject<'_>, allows: bool, id: &str) -> Applies {
        let here = self.but_for_limits(subject, allows);
        let limits = self.limits.iter().map(|limit| limit.applies(subject, allows, id));
        limits.chain([here]).min().unwrap_or(here)
    }

    /// The same, however often.
    pub(super) fn but_for_limits(&self, subject: &Subject<'_>, allows: bool) -> Applies {
        let facts = [
            if self.is_about(subject.class) { Applies::Yes } else { Applies::No },
            one_of(&self.regions, subject.region),
            one_of(&self.accounts, subject.account),
            one_of(&self.profiles, subject.profile),
        ];
        let hours = if self.hours.is_empty() {
            Applies::Yes
        } else {
            self.hours.iter().map(|hours| hours.holds(subject.now)).max().unwrap_or(Applies::Unknown)
        };
        let parameters = match subject.payload {
            _ if self.parameters.is_empty() => Applies::Yes,
            None => Applies::ByCall,
            Some(payload) => {
                let each = self.parameters.iter().map(|parameter| parameter.holds(payload, allows));
                each.min().unwrap_or(Applies::Unknown)
            }
        };
        facts.into_iter().chain([hours, parameters]).min().unwrap_or(Applies::Unknown)
    }
}

fn one_of(wanted: &[String], found: &str) -> Applies {
    if wanted.is_empty() {
        Applies::Yes
    } else if found.is_empty() {
        Applies::Unknown
    } else if wanted.iter().any(|pattern| wildcard(pattern, found)) {
        Applies::Yes
    } else {
        Applies::No
    }
}

/// Whether `text` matches `pattern`, in which `*` stands for anything.
pub(super) fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}
