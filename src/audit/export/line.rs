//! One call in one line, its columns under one another.

use jiff::tz::TimeZone;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::audit::CallRow;
use crate::base::shown::grapheme_width;
use crate::base::{Shown, Timestamp, Verdict};

/// Columns of the terminal that one cell takes at most; what is longer is cut.
const LONGEST: usize = 80;

/// How wide the columns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Widths {
    pub(super) agent: usize,
    pub(super) operation: usize,
    pub(super) target: usize,
}

impl Default for Widths {
    /// For rows that are not known yet.
    fn default() -> Self {
        Self { agent: 12, operation: 24, target: 20 }
    }
}

impl Widths {
    /// Wide enough for these rows.
    pub fn of(rows: &[CallRow]) -> Self {
        rows.iter().fold(Self { agent: 1, operation: 1, target: 1 }, Self::with)
    }

    /// Wide enough for one more row.
    #[must_use]
    pub fn with(self, row: &CallRow) -> Self {
        Self {
            agent: self.agent.max(cell(&row.agent).1),
            operation: self.operation.max(cell(&operation(row)).1),
            target: self.target.max(cell(&row.target).1),
        }
    }
}

/// The line of a call: local time, agent, operation, target, verdict, outcome, how long it took (in words, as the
/// caller says it), and the id by which `audit show` finds it.
pub fn line(row: &CallRow, widths: Widths, zone: &TimeZone, took: &str) -> String {
    let verdict = row.verdict.map_or("-", Verdict::as_str);
    let agent = padded(&row.agent, widths.agent);
    let operation = padded(&operation(row), widths.operation);
    let target = padded(&row.target, widths.target);
    let (at, outcome, tx) = (local(row.at, zone), row.outcome.as_str(), &row.tx);
    format!("{at}  {agent}  {operation}  {target}  {verdict:<5}  {outcome:<7}  {took:>8}  {tx}")
}

/// An instant in local time, to the second.
pub fn local(at: Timestamp, zone: &TimeZone) -> String {
    jiff::Timestamp::from_millisecond(at.as_millis())
        .map_or_else(|_| at.to_string(), |at| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// `service:operation`, or what is known of it; the tool for the calls that only look.
pub fn operation(row: &CallRow) -> String {
    match (row.service.as_str(), row.operation.as_str()) {
        ("", "") => row.tool.clone(),
        (service, "") => format!("{} {service}", row.tool),
        ("", operation) => operation.to_owned(),
        (service, operation) if row.tool == "execute" => format!("{service}:{operation}"),
        (service, operation) => format!("{} {service}:{operation}", row.tool),
    }
}

fn padded(text: &str, width: usize) -> String {
    let (mut text, taken) = cell(text);
    text.push_str(&" ".repeat(width.saturating_sub(taken)));
    text
}

/// Untrusted text as a cell, and the columns it takes.
fn cell(text: &str) -> (String, usize) {
    let shown = if text.is_empty() { Shown::line("-") } else { Shown::line(text) };
    let width = shown.width();
    if width <= LONGEST {
        return (shown.as_str().to_owned(), width);
    }
    let (mut cut, mut taken) = (String::new(), 0);
    for grapheme in shown.as_str().graphemes(true) {
        let next = taken + grapheme_width(grapheme);
        if next >= LONGEST {
            break;
        }
        cut.push_str(grapheme);
        taken = next;
    }
    cut.push('…');
    (cut, taken + 1)
}
