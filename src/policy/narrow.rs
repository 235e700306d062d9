//! What narrows a rule besides its pattern: region, account, profile, values in the payload, hours of the day.

use std::fmt;

use regex::Regex;
use serde_json::Value;

use super::decide::Subject;
use crate::base::Timestamp;

/// A rule applies only where everything given here holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Narrow {
    /// Wildcards (`eu-*`); empty means any.
    pub(super) regions: Vec<String>,
    /// Account ids; empty means any.
    pub(super) accounts: Vec<String>,
    /// Wildcards; empty means any.
    pub(super) profiles: Vec<String>,
    /// Values in the payload.
    pub(super) parameters: Vec<Parameter>,
    /// Spans of time, UTC; empty means any.
    pub(super) hours: Vec<Hours>,
}

/// A path into the payload and the patterns of which one must match its values.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    pub(super) path: String,
    pub(super) patterns: Vec<Regex>,
}

/// Whether a narrowed rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Applies {
    No,
    /// The payload is not at hand: asked by name only.
    ByPayload,
    /// Another fact is missing that the rule asks for.
    Unknown,
    Yes,
}

impl Narrow {
    /// What it says, in the words of the file.
    pub(super) fn text(&self) -> String {
        let lists = [("regions", &self.regions), ("accounts", &self.accounts), ("profiles", &self.profiles)];
        let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
        let mut parts: Vec<String> = lists.map(|(name, list)| format!("{name}: [{}]", list.join(", "))).collect();
        for parameter in &self.parameters {
            let patterns: Vec<&str> = parameter.patterns.iter().map(Regex::as_str).collect();
            parts.push(format!("parameters.{}: [{}]", parameter.path, patterns.join(", ")));
        }
        if !self.hours.is_empty() {
            let hours: Vec<String> = self.hours.iter().map(ToString::to_string).collect();
            parts.push(format!("hours: [{}]", hours.join(", ")));
        }
        parts.join(", ")
    }

    /// Whether it holds for a call. `whole` tells how payload values are taken: all of them must match (a rule that
    /// allows), or one is enough (a rule that asks or denies), so that a list never hides its worst entry.
    pub(super) fn applies(&self, subject: &Subject<'_>, whole: bool) -> Applies {
        let facts = [
            one_of(&self.regions, subject.region),
            one_of(&self.accounts, subject.account),
            one_of(&self.profiles, subject.profile),
        ];
        let open = self.hours.is_empty() || self.hours.iter().any(|hours| hours.holds(subject.now));
        let hours = if open { Applies::Yes } else { Applies::No };
        let parameters = match subject.payload {
            _ if self.parameters.is_empty() => Applies::Yes,
            None => Applies::ByPayload,
            Some(payload) if self.parameters.iter().all(|parameter| parameter.holds(payload, whole)) => Applies::Yes,
            Some(_) => Applies::No,
        };
        facts.into_iter().chain([hours, parameters]).min().unwrap_or(Applies::Yes)
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

impl Parameter {
    fn holds(&self, payload: &Value, whole: bool) -> bool {
        let path: Vec<&str> = self.path.split('.').map(|step| step.trim_end_matches("[]")).collect();
        let mut values = Vec::new();
        collect(payload, &path, &mut values);
        let matches = |value: &String| self.patterns.iter().any(|pattern| pattern.is_match(value));
        if whole { !values.is_empty() && values.iter().all(matches) } else { values.iter().any(matches) }
    }
}

/// Gathers the scalars at `path` and beneath it; lists are walked through, `*` is any member.
fn collect(value: &Value, path: &[&str], into: &mut Vec<String>) {
    match (value, path.split_first()) {
        (Value::Array(items), _) => items.iter().for_each(|item| collect(item, path, into)),
        (Value::Object(members), Some((&"*", rest))) => members.values().for_each(|item| collect(item, rest, into)),
        (Value::Object(members), Some((step, rest))) => {
            if let Some(member) = members.get(*step) {
                collect(member, rest, into);
            }
        }
        (Value::Object(members), None) => members.values().for_each(|item| collect(item, path, into)),
        (_, Some(_)) | (Value::Null, None) => {}
        (Value::String(text), None) => into.push(text.clone()),
        (scalar, None) => into.push(scalar.to_string()),
    }
}

/// Some days of the week, and on them the minutes of the day from `from` to before `to`; over midnight when `to` is
/// not later than `from` (the days are then those on which it begins).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hours {
    /// Monday first.
    days: [bool; 7],
    from: i64,
    to: i64,
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MINUTES_OF_DAY: i64 = 24 * 60;
const MILLIS_OF_MINUTE: i64 = 60_000;
/// 1970-01-01 was a Thursday.
const FIRST_WEEKDAY: i64 = 3;

impl Hours {
    /// From `08:00-18:00` or `Mon-Fri 08:00-18:00`, UTC.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (days, times) = match text.trim().rsplit_once(' ') {
            Some((days, times)) => (parse_days(days)?, times),
            None => ([true; 7], text.trim()),
        };
        let (from, to) = times.split_once('-')?;
        Some(Self { days, from: parse_minute(from)?, to: parse_minute(to)? })
    }

    fn holds(&self, now: Timestamp) -> bool {
        let minutes = now.as_millis().div_euclid(MILLIS_OF_MINUTE);
        let (day, minute) = (minutes.div_euclid(MINUTES_OF_DAY), minutes.rem_euclid(MINUTES_OF_DAY));
        let on = |day: i64| {
            let weekday = usize::try_from((day + FIRST_WEEKDAY).rem_euclid(7)).unwrap_or(0);
            self.days.get(weekday).copied().unwrap_or(false)
        };
        if self.from < self.to {
            on(day) && (self.from..self.to).contains(&minute)
        } else {
            (on(day) && minute >= self.from) || (on(day - 1) && minute < self.to)
        }
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.days.contains(&false) {
            let days: Vec<&str> = DAYS.iter().zip(self.days).filter(|(_, on)| *on).map(|(day, _)| *day).collect();
            write!(f, "{} ", days.join(","))?;
        }
        let (from, to) = (self.from, self.to);
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

fn parse_days(text: &str) -> Option<[bool; 7]> {
    let day = |name: &str| DAYS.iter().position(|day| name.trim().eq_ignore_ascii_case(day));
    let mut days = [false; 7];
    for part in text.split(',') {
        let (first, last) = match part.split_once('-') {
            Some((first, last)) => (day(first)?, day(last)?),
            None => (day(part)?, day(part)?),
        };
        let span = if first <= last { last - first } else { last + 7 - first };
        for index in first..=first + span {
            *days.get_mut(index % 7)? = true;
        }
    }
    Some(days)
}

fn parse_minute(text: &str) -> Option<i64> {
    let (hour, minute) = text.trim().split_once(':')?;
    let two = |part: &str| (part.len() == 2).then(|| part.parse::<i64>().ok()).flatten();
    let (hour, minute) = (two(hour)?, two(minute)?);
    let within = (0..24).contains(&hour) && (0..60).contains(&minute) || (hour, minute) == (24, 0);
    within.then_some(hour * 60 + minute)
}
