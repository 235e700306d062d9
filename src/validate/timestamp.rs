//! Instants: every spelling that botocore takes, and the one form that a bound payload holds: RFC 3339 in UTC.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::pattern::{Match, Patterns};
use crate::smithy::spelling::{SECONDS, TIMESTAMP};

/// What to write, for messages.
pub(super) const EXPECTED: &str =
    "an instant of the years 0 to 9999: RFC 3339 (2026-01-31T12:00:00Z), an HTTP date, or seconds since 1970";

/// The canonical form of an instant: RFC 3339 in UTC, with as many digits of a second as it has.
pub(super) fn canonical(patterns: &Patterns, value: &Value) -> Option<String> {
    let instant = match value {
        Value::Number(number) => match number.as_i64() {
            Some(seconds) => jiff::Timestamp::from_second(seconds).ok()?,
            None => from_fraction(number.as_f64()?)?,
        },
        Value::String(text) if text.len() <= 64 && patterns.matches(TIMESTAMP, text) == Match::Yes => from_text(text)?,
        _ => return None,
    };
    // A year before 0 has no RFC 3339 form.
    let (first, last) = SECONDS;
    (instant.as_second() >= first && instant.as_second() <= last).then(|| instant.to_string())
}

/// Reads a text that has one of the forms; what is left to be wrong is a day that no calendar has.
fn from_text(text: &str) -> Option<jiff::Timestamp> {
    if let Ok(seconds) = text.parse() {
        return jiff::Timestamp::from_second(seconds).ok();
    }
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant);
    }
    if let Ok(civil) = text.parse::<DateTime>() {
        // Without an offset: UTC, as every SDK takes it.
        return TimeZone::UTC.to_timestamp(civil).ok();
    }
    if let Ok(zoned) = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text) {
        return Some(zoned);
    }
    from_fraction(text.parse().ok()?)
}

/// Seconds with a fraction, to the millisecond: finer digits of a double are noise.
fn from_fraction(seconds: f64) -> Option<jiff::Timestamp> {
    let millis = (seconds * 1000.0).round();
    if !millis.is_finite() || millis.abs() > 1e15 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole and within ±1e15, which i64 holds")]
    jiff::Timestamp::from_millisecond(millis as i64).ok()
}
