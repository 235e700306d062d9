//! The filter language of the console and of `countersign audit query`:
//! `service:s3 verdict:deny,ask agent:claude since:1h "free text"`. Terms narrow; several values of one key
//! widen. Pure: the time is handed in, and [`Filter::matches`] says what the ledger's query says.

use std::time::Duration;

use super::event::{CallRow, Outcome};
use crate::base::{RiskClass, Timestamp, Verdict};

/// The keys of the language.
pub const KEYS: [&str; 12] = [
    "service",
    "operation",
    "verdict",
    "outcome",
    "agent",
    "risk",
    "region",
    "tool",
    "target",
    "error",
    "since",
    "until",
];

/// Longest filter, in bytes.
pub const MAX_LENGTH: usize = 1000;

const VERDICTS: [Verdict; 3] = [Verdict::Allow, Verdict::Ask, Verdict::Deny];

/// A filter, read. An empty list or `None` does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Service, whole name.
    pub service: Vec<Pattern>,
    /// Operation, any part of it.
    pub operation: Vec<Pattern>,
    /// Agent, any part of its name.
    pub agent: Vec<Pattern>,
    /// Region, whole name.
    pub region: Vec<Pattern>,
    /// Tool, whole name.
    pub tool: Vec<Pattern>,
    /// Resource, any part of it.
    pub target: Vec<Pattern>,
    /// Error, any part of it.
    pub error: Vec<Pattern>,
    /// Verdicts.
    pub verdict: Vec<Verdict>,
    /// Risk classes.
    pub risk: Vec<RiskClass>,
    /// Outcomes.
    pub outcome: Vec<Outcome>,
    /// Came in at this instant or later.
    pub since: Option<Timestamp>,
    /// Came in before this instant.
    pub until: Option<Timestamp>,
    /// Words and phrases, lower case; all must stand somewhere in the row.
    pub text: Vec<String>,
}

/// A value to look for in one field, in lower case (ASCII); `*` stands for anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

/// Why a filter cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// Not a key, but close to one.
    #[error("`{key}:` is not a key; did you mean `{nearest}:`? To look for the text itself, put it in quotes")]
    UnknownKey {
        /// As written.
        key: String,
        /// The nearest key.
        nearest: &'static str,
    },
    /// A key without a value.
    #[error("`{key}:` needs a value")]
    NoValue {
        /// The key.
        key: &'static str,
    },
    /// A value the key does not know.
    #[error("`{key}:{value}` is not known; possible values are {choices}")]
    UnknownValue {
        /// The key.
        key: &'static str,
        /// As written.
        value: String,
        /// What there is.
        choices: String,
    },
    /// Not a time.
    #[error(
        "`{key}:{value}` is not a time; write a span such as 90s, 15m, 1h, 2d, 1w, or a date such as 2026-01-31 or 2026-01-31T10:00 (UTC)"
    )]
    BadTime {
        /// The key.
        key: &'static str,
        /// As written.
        value: String,
    },
    /// A quote that is not closed.
    #[error("a quote is not closed; add a `\"` at the end")]
    OpenQuote,
    /// Too much.
    #[error("the filter is longer than {MAX_LENGTH} bytes; shorten it")]
    TooLong,
}

impl Filter {
    /// Reads a filter. Spans such as `since:1h` count back from `now`.
    ///
    /// # Errors
    /// [`FilterError`], which says how to write it.
    pub fn parse(text: &str, now: Timestamp) -> Result<Self, FilterError> {
        if text.len() > MAX_LENGTH {
            return Err(FilterError::TooLong);
        }
        let mut filter = Self::default();
        for word in words(text)? {
            match word.key()? {
                Some(key) => filter.take(key, &word.value, now)?,
                None if word.value.is_empty() => {}
                None => filter.text.push(fold_text(&word.value)),
            }
        }
        Ok(filter)
    }

    /// Whether it selects everything.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a row is selected.
    pub fn matches(&self, row: &CallRow) -> bool {
        let any = |patterns: &[Pattern], field: &str| patterns.is_empty() || patterns.iter().any(|p| p.matches(field));
        let error = row.error.as_deref();
        any(&self.service, &row.service)
            && any(&self.operation, &row.operation)
            && any(&self.agent, &row.agent)
            && any(&self.region, &row.region)
            && any(&self.tool, &row.tool)
            && any(&self.target, &row.target)
            && (self.error.is_empty() || error.is_some_and(|error| any(&self.error, error)))
            && (self.verdict.is_empty() || row.verdict.is_some_and(|verdict| self.verdict.contains(&verdict)))
            && (self.risk.is_empty() || row.risk.is_some_and(|risk| self.risk.contains(&risk)))
            && (self.outcome.is_empty() || self.outcome.contains(&row.outcome))
            && self.since.is_none_or(|since| row.at >= since)
            && self.until.is_none_or(|until| row.at < until)
            && (self.text.is_empty() || {
                let all = search_text(row);
                self.text.iter().all(|text| all.contains(text.as_str()))
            })
    }

    fn take(&mut self, key: &'static str, text: &str, now: Timestamp) -> Result<(), FilterError> {
        for value in text.split(',').map(str::trim) {
            if value.is_empty() {
                return Err(FilterError::NoValue { key });
            }
            match key {
                "service" => self.service.push(Pattern::whole(value)),
                "region" => self.region.push(Pattern::whole(value)),
                "tool" => self.tool.push(Pattern::whole(value)),
                "operation" => self.operation.push(Pattern::part(value)),
                "agent" => self.agent.push(Pattern::part(value)),
                "target" => self.target.push(Pattern::part(value)),
                "error" => self.error.push(Pattern::part(value)),
                "verdict" => self.verdict.push(choice(key, value, &VERDICTS, Verdict::as_str)?),
                "risk" => self.risk.push(choice(key, value, &RiskClass::ALL, RiskClass::as_str)?),
                "outcome" => self.outcome.push(choice(key, value, &Outcome::ALL, Outcome::as_str)?),
                "since" => self.since = Some(instant(key, value, now)?),
                _ => self.until = Some(instant(key, value, now)?),
            }
        }
        Ok(())
    }
}

impl Pattern {
    /// The value stands for the whole field.
    pub fn whole(value: &str) -> Self {
        Self(value.replace('\0', "\u{fffd}").to_ascii_lowercase())
    }

    /// The value stands for any part of the field.
    pub fn part(value: &str) -> Self {
        Self::whole(&format!("*{value}*"))
    }

    /// Whether a field matches, ASCII case aside.
    pub fn matches(&self, field: &str) -> bool {
        let field = field.to_ascii_lowercase();
        let mut parts = self.0.split('*');
        let Some(mut rest) = parts.next().and_then(|first| field.strip_prefix(first)) else { return false };
        let Some(last) = parts.next_back() else { return rest.is_empty() };
        for part in parts {
            let Some((_, after)) = rest.split_once(part) else { return false };
            rest = after;
        }
        rest.ends_with(last)
    }

    /// The same as a pattern for SQL's `LIKE … ESCAPE '\'` over the field in lower case.
    pub fn like(&self) -> String {
        like_escaped(&self.0).replace('*', "%")
    }
}

/// Text as it must stand in a pattern for SQL's `LIKE … ESCAPE '\'` to mean itself.
pub fn like_escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}

/// The text of a row in which words are looked for, in lower case: one field a line, `service:operation` once more
/// as one word, and the ids.
pub fn search_text(row: &CallRow) -> String {
    let approval = row.approval.as_ref().map_or("", |id| id.as_str());
    let error = row.error.as_deref().unwrap_or_default();
    let CallRow { tx, agent, tool, service, operation, target, region, .. } = row;
    fold_text(&format!("{agent}\n{tool}\n{service}:{operation}\n{target}\n{region}\n{error}\n{tx}\n{approval}"))
}

fn fold_text(text: &str) -> String {
    text.replace('\0', "\u{fffd}").to_lowercase()
}

/// One word of a filter. `bare` is what stood before the first colon, where that was outside of quotes.
#[derive(Debug, Default)]
struct Word {
    bare: Option<String>,
    value: String,
    quoted: bool,
}

impl Word {
    /// The key it begins with; `None` makes it free text.
    fn key(&self) -> Result<Option<&'static str>, FilterError> {
        let Some(bare) = &self.bare else { return Ok(None) };
        let written = bare.to_ascii_lowercase();
        if let Some(key) = KEYS.into_iter().find(|key| *key == written) {
            return if self.value.is_empty() { Err(FilterError::NoValue { key }) } else { Ok(Some(key)) };
        }
        let nearest = KEYS.into_iter().map(|key| (strsim::damerau_levenshtein(key, &written), key)).min();
        match nearest {
            // Shorter words are far more often AWS services (`s3:DeleteBucket`, `arn:aws:…`) than slips.
            Some((distance, nearest)) if distance <= 2 && written.len() >= 4 => {
                Err(FilterError::UnknownKey { key: bare.clone(), nearest })
            }
            _ => Ok(None),
        }
    }
}

fn words(text: &str) -> Result<Vec<Word>, FilterError> {
    let mut words = Vec::new();
    let mut word = Word::default();
    let mut in_quotes = false;
    for ch in text.chars() {
        match ch {
            '"' => {
                in_quotes = !in_quotes;
                word.quoted = true;
            }
            ch if ch.is_whitespace() && !in_quotes => words.push(std::mem::take(&mut word)),
            ':' if !in_quotes && !word.quoted && word.bare.is_none() => {
                word.bare = Some(std::mem::take(&mut word.value));
            }
            ch => word.value.push(ch),
        }
    }
    if in_quotes {
        return Err(FilterError::OpenQuote);
    }
    words.push(word);
    for word in &mut words {
        // What turned out not to be a key belongs to the text.
        if word.key()?.is_none()
            && let Some(bare) = word.bare.take()
        {
            word.value = format!("{bare}:{}", word.value);
        }
    }
    Ok(words)
}

fn choice<T: Copy>(
    key: &'static str,
    value: &str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<T, FilterError> {
    all.iter().copied().find(|choice| name(*choice).eq_ignore_ascii_case(value)).ok_or_else(|| {
        let choices = all.iter().map(|choice| name(*choice)).collect::<Vec<_>>().join(", ");
        FilterError::UnknownValue { key, value: value.to_owned(), choices }
    })
}

fn instant(key: &'static str, value: &str, now: Timestamp) -> Result<Timestamp, FilterError> {
    span(value)
        .map(|span| Timestamp::from_millis(now.as_millis().saturating_sub_unsigned(span)))
        .or_else(|| date(value))
        .ok_or_else(|| FilterError::BadTime { key, value: value.to_owned() })
}

/// `90s`, `15m`, `1h`, `2d`, `1w`, in milliseconds.
fn span(value: &str) -> Option<u64> {
    let number = value.trim_end_matches(|ch: char| !ch.is_ascii_digit());
    let seconds: u64 = match value.strip_prefix(number)? {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    let span = Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(seconds)?);
    u64::try_from(span.as_millis()).ok()
}

/// A date, a date with a time (UTC), or an instant with its offset.
fn date(value: &str) -> Option<Timestamp> {
    let instant = value.parse::<jiff::Timestamp>().ok().or_else(|| {
        let civil: jiff::civil::DateTime = value.parse().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()
    })?;
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

#[cfg(test)]
mod tests;
