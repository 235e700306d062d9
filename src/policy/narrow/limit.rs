//! How often: `rate` within a window of time, `count` in total. What has been sent is counted by the ledger and
//! comes in as a value.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::Applies;
use crate::policy::Subject;

/// So many calls, within a window that ends now or in total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Limit {
    /// The most.
    pub(in super::super) most: u64,
    /// The window; `None`: ever.
    pub(in super::super) window: Option<Duration>,
}

/// What must be counted before a call can be judged: calls sent that a rule matched but for its limits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tally {
    /// The rule's id.
    pub rule: String,
    /// Up to how long ago; `None`: ever.
    pub window: Option<Duration>,
}

/// How many calls have been sent, for each [`Tally`].
pub type Uses = BTreeMap<Tally, u64>;

const UNITS: [(&str, u64); 4] = [("second", 1), ("minute", 60), ("hour", 3_600), ("day", 86_400)];
/// The longest window, in days.
const MAX_DAYS: u64 = 366;

impl Limit {
    /// From `20/minute`, `5/10 minutes`.
    pub(in super::super) fn parse_rate(text: &str) -> Option<Self> {
        let (most, window) = text.split_once('/')?;
        let window = window.trim();
        let digits = window.find(|ch: char| !ch.is_ascii_digit())?;
        let (number, unit) = window.split_at_checked(digits)?;
        let number: u64 = if number.is_empty() { 1 } else { number.parse().ok()? };
        let unit = unit.trim().to_ascii_lowercase();
        let unit = unit.strip_suffix('s').unwrap_or(&unit);
        let (_, seconds) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
        let seconds = number.checked_mul(seconds).filter(|seconds| (1..=MAX_DAYS * 86_400).contains(seconds))?;
        let most = most.trim().parse().ok().filter(|most| *most > 0)?;
        Some(Self { most, window: Some(Duration::from_secs(seconds)) })
    }

    pub(in super::super) fn tally(&self, rule: &str) -> Tally {
        Tally { rule: rule.to_owned(), window: self.window }
    }

    /// A rule that allows does so within the limit; one that asks or denies does so beyond it.
    pub(super) fn applies(&self, subject: &Subject<'_>, allows: bool, rule: &str) -> Applies {
        match subject.uses.and_then(|uses| uses.get(&self.tally(rule))) {
            Some(sent) if (*sent < self.most) == allows => Applies::Yes,
            Some(_) => Applies::No,
            None if subject.payload.is_none() => Applies::ByCall,
            None => Applies::Unknown,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(window) = self.window else { return write!(f, "count: {}", self.most) };
        let seconds = window.as_secs();
        let whole = UNITS.into_iter().rev().find(|(_, each)| seconds % each == 0);
        let (unit, each) = whole.unwrap_or(("second", 1));
        match seconds / each {
            1 => write!(f, "rate: {}/{unit}", self.most),
            number => write!(f, "rate: {}/{number} {unit}s", self.most),
        }
    }
}
