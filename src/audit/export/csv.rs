//! Rows of calls as CSV (RFC 4180). Text from outside is made visible, and no cell begins as a formula does: who
//! needs the very bytes takes JSONL.

use crate::audit::CallRow;
use crate::base::{RiskClass, Shown, Verdict};

/// The columns, in order.
pub const COLUMNS: [&str; 15] = [
    "tx",
    "at",
    "agent",
    "tool",
    "service",
    "operation",
    "target",
    "region",
    "verdict",
    "risk",
    "outcome",
    "error",
    "duration_ms",
    "approval",
    "last_seq",
];

/// The line that names the columns.
pub fn header() -> String {
    record(COLUMNS.map(str::to_owned))
}

/// The line of a call.
pub fn row(row: &CallRow) -> String {
    record([
        row.tx.to_string(),
        row.at.to_string(),
        told(&row.agent),
        told(&row.tool),
        told(&row.service),
        told(&row.operation),
        told(&row.target),
        told(&row.region),
        row.verdict.map(Verdict::as_str).unwrap_or_default().to_owned(),
        row.risk.map(RiskClass::as_str).unwrap_or_default().to_owned(),
        row.outcome.as_str().to_owned(),
        row.error.as_deref().map(told).unwrap_or_default(),
        row.duration_ms.map(|ms| ms.to_string()).unwrap_or_default(),
        row.approval.as_ref().map(ToString::to_string).unwrap_or_default(),
        row.last_seq.to_string(),
    ])
}

/// Untrusted text: visible, and with a `'` before what a spreadsheet would calculate.
fn told(text: &str) -> String {
    let shown = Shown::line(text);
    let formula = shown.as_str().starts_with(['=', '+', '-', '@']);
    if formula { format!("'{shown}") } else { shown.as_str().to_owned() }
}

fn record<const N: usize>(cells: [String; N]) -> String {
    let mut line = cells.map(quoted).join(",");
    line.push_str("\r\n");
    line
}

fn quoted(cell: String) -> String {
    let plain = !cell.contains([',', '"', '\r', '\n']) && cell.trim() == cell;
    if plain { cell } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
}
