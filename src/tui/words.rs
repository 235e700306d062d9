//! Small things in words: times, durations, sizes, kinds of events, outcomes.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::theme::{Glyphs, Role};
use crate::approval::State;
use crate::audit::{Kind, Outcome};
use crate::base::Timestamp;

/// The time of day, `12:03:04`; with the day before it when it is not today.
pub fn clock(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (Some(then), Some(today)) = (zoned(at, zone), zoned(now, zone)) else { return at.to_string() };
    let format = if then.date() == today.date() { "%H:%M:%S" } else { "%b %d %H:%M" };
    then.strftime(format).to_string()
}

/// The instant to the millisecond, with its zone: for records.
pub fn instant(at: Timestamp, zone: &TimeZone) -> String {
    zoned(at, zone).map_or_else(|| at.to_string(), |at| at.strftime("%Y-%m-%d %H:%M:%S%.3f %Z").to_string())
}

fn zoned(at: Timestamp, zone: &TimeZone) -> Option<jiff::Zoned> {
    jiff::Timestamp::from_millisecond(at.as_millis()).ok().map(|at| at.to_zoned(zone.clone()))
}

/// How long ago, in one figure: `8s`, `3m`, `2h`, `5d`.
pub fn age(duration: Duration) -> String {
    match duration.as_secs() {
        s @ 0..60 => format!("{s}s"),
        s @ 60..3_600 => format!("{}m", s / 60),
        s @ 3_600..86_400 => format!("{}h", s / 3_600),
        s => format!("{}d", s / 86_400),
    }
}

/// A countdown: `14:48`, `2h 05m`.
pub fn countdown(duration: Duration) -> String {
    // Rounded up: `0:00` means that no time is left.
    let seconds = duration.as_millis().div_ceil(1_000);
    if seconds < 3_600 {
        format!("{}:{:02}", seconds / 60, seconds % 60)
    } else {
        format!("{}h {:02}m", seconds / 3_600, seconds / 60 % 60)
    }
}

/// How long something took: `12 ms`, `1.4 s`, `3m 05s`.
pub fn took(millis: i64) -> String {
    match millis {
        ..1_000 => format!("{} ms", millis.max(0)),
        1_000..60_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        _ => format!("{}m {:02}s", millis / 60_000, millis / 1_000 % 60),
    }
}

/// Bytes as people read them, and exactly: `1.5 MiB (1,572,864 bytes)`.
pub fn size(bytes: u64) -> String {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let exact = format!("{} bytes", grouped(bytes));
    match units.into_iter().find(|(_, shift)| bytes >> shift > 0) {
        Some((unit, shift)) => {
            let tenths = (u128::from(bytes) * 10) >> shift;
            format!("{}.{} {unit} ({exact})", tenths / 10, tenths % 10)
        }
        None => exact,
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A kind of event.
pub const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::EngineStarted => "engine started",
        Kind::EngineStopped => "engine stopped",
        Kind::PolicyInForce => "policy in force",
        Kind::PolicyAccepted => "policy accepted",
        Kind::PolicyRejected => "policy edit rejected",
        Kind::AgentConnected => "agent connected",
        Kind::AgentGone => "agent gone",
        Kind::Received => "received",
        Kind::Judged => "judged",
        Kind::Refused => "refused",
        Kind::Validated => "validated",
        Kind::Asked => "asked",
        Kind::Signed => "signed by one approver",
        Kind::Approved => "approved",
        Kind::Denied => "denied",
        Kind::Expired => "expired",
        Kind::Withdrawn => "withdrawn",
        Kind::CallerGone => "caller gone",
        Kind::Consumed => "consumed",
        Kind::Intent => "intent",
        Kind::Outcome => "outcome",
        Kind::Settled => "approval settled",
        Kind::Console => "console",
        Kind::LedgerMade => "ledger made",
        Kind::Tampered => "TAMPERED",
        Kind::Paused => "paused",
        Kind::Resumed => "resumed",
        Kind::Granted => "granted",
        Kind::GrantUsed => "grant used",
        Kind::GrantRevoked => "grant revoked",
    }
}

/// How a call ended: a mark, a word, and how it looks.
pub const fn outcome(outcome: Outcome, glyphs: &'static Glyphs) -> (&'static str, &'static str, Role) {
    match outcome {
        Outcome::Pending => (glyphs.waiting, "pending", Role::Warn),
        Outcome::Ok => (glyphs.done, "ok", Role::Good),
        Outcome::Refused => (glyphs.failed, "refused", Role::Bad),
        Outcome::Denied => (glyphs.failed, "denied", Role::Bad),
        Outcome::Expired => (glyphs.none, "expired", Role::Dim),
        Outcome::Failed => (glyphs.failed, "failed", Role::Bad),
        Outcome::Unknown => (glyphs.unknown, "unknown", Role::Warn),
    }
}

/// Where an approval stands: a mark, a word, and how it looks.
pub const fn state(state: &State, glyphs: &'static Glyphs) -> (&'static str, &'static str, Role) {
    match state {
        State::Pending => (glyphs.waiting, "pending", Role::Warn),
        State::Approved { .. } => (glyphs.done, "approved", Role::Good),
        State::Denied { .. } => (glyphs.failed, "denied", Role::Bad),
        State::Expired { .. } => (glyphs.none, "expired", Role::Dim),
        State::Withdrawn { .. } => (glyphs.none, "withdrawn", Role::Dim),
        State::Consumed { .. } => (glyphs.waiting, "running", Role::Good),
        State::Done { .. } => (glyphs.done, "done", Role::Good),
        State::Failed { .. } => (glyphs.failed, "failed", Role::Bad),
        State::Unknown { .. } => (glyphs.unknown, "unknown", Role::Warn),
    }
}

/// Since when an approval stands where it stands; when it was asked, while it is pending.
pub const fn state_since(state: &State, asked: Timestamp) -> Timestamp {
    match state {
        State::Pending => asked,
        State::Approved { at, .. }
        | State::Denied { at, .. }
        | State::Expired { at }
        | State::Withdrawn { at }
        | State::Consumed { at }
        | State::Done { at }
        | State::Failed { at }
        | State::Unknown { at } => *at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_in_words() {
        let seconds = |s| Duration::from_secs(s);
        assert_eq!([0, 59, 60, 3_599, 3_600, 86_400].map(|s| age(seconds(s))), ["0s", "59s", "1m", "59m", "1h", "1d"]);
        assert_eq!([0, 59, 888, 7_500].map(|s| countdown(seconds(s))), ["0:00", "0:59", "14:48", "2h 05m"]);
        assert_eq!(countdown(Duration::from_millis(1)), "0:01");
        assert_eq!([-1, 12, 1_450, 185_000].map(took), ["0 ms", "12 ms", "1.4 s", "3m 05s"]);
        assert_eq!(
            [0, 1_023, 1_024, 1_572_864].map(size),
            ["0 bytes", "1,023 bytes", "1.0 KiB (1,024 bytes)", "1.5 MiB (1,572,864 bytes)"]
        );
    }

    #[test]
    fn times_of_today_are_short() {
        let zone = TimeZone::UTC;
        let noon = Timestamp::from_millis(1_767_269_000_000);
        assert_eq!(clock(noon, noon, &zone), "12:03:20");
        assert_eq!(clock(noon, noon.plus(Duration::from_secs(86_400)), &zone), "Jan 01 12:03");
        assert_eq!(instant(noon, &zone), "2026-01-01 12:03:20.000 UTC");
    }
}
