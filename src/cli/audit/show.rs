//! `countersign audit show`: everything of one call, its events in order.

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use anyhow::bail;
use jiff::tz::TimeZone;
use serde_json::json;

use super::args::ShowArgs;
use crate::audit::export::{json, line};
use crate::audit::{CallRow, Event};
use crate::base::{RiskClass, Shown, Verdict};
use crate::ledger::Ledger;
use crate::tui::words;

/// Calls that are named when the beginning of an id fits several.
const NAMED: u32 = 6;

/// Shows.
pub(super) async fn run(ledger: &Ledger, args: &ShowArgs) -> anyhow::Result<ExitCode> {
    let row = find(ledger, &args.tx).await?;
    let events = ledger.events_of(&row.tx).await?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    if args.json {
        writeln!(out, "{}", json::pretty(&json!({"call": row, "events": events})))?;
    } else {
        let zone = TimeZone::system();
        head(&mut out, &row, &zone)?;
        for event in &events {
            tell(&mut out, event, &zone)?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// The call whose id is, or alone begins with, what was written.
async fn find(ledger: &Ledger, written: &str) -> anyhow::Result<CallRow> {
    let wanted = written.trim().to_ascii_lowercase();
    let digits = wanted.strip_prefix("tx_").unwrap_or(&wanted);
    if digits.is_empty() || digits.len() > 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        bail!(
            "`{}` is not the id of a call, nor the beginning of one: ids are tx_ and 32 hexadecimal digits; \
             `countersign audit query` lists them",
            Shown::line(written)
        );
    }
    let id = format!("tx_{digits}");
    let mut found = ledger.calls_beginning(&id, NAMED).await?;
    match (found.pop(), found.as_slice()) {
        (Some(row), []) => Ok(row),
        (Some(last), rest) => {
            let some: Vec<String> = rest.iter().chain([&last]).map(|row| row.tx.to_string()).collect();
            let more = if u32::try_from(some.len()).is_ok_and(|count| count == NAMED) { ", …" } else { "" };
            bail!("several calls begin with {id}; write more of the id: {}{more}", some.join(", "))
        }
        (None, _) => bail!(
            "there is no call {id} in {}; `countersign audit query` lists the latest ones",
            Shown::line(&ledger.path().display().to_string())
        ),
    }
}

fn head(out: &mut impl Write, row: &CallRow, zone: &TimeZone) -> anyhow::Result<()> {
    let fields = [
        ("Call", Some(row.tx.to_string())),
        ("Came in", Some(words::instant(row.at, zone))),
        ("Agent", Some(row.agent.clone())),
        ("Tool", Some(row.tool.clone())),
        ("Service", Some(row.service.clone())),
        ("Operation", Some(row.operation.clone())),
        ("Target", Some(row.target.clone())),
        ("Region", Some(row.region.clone())),
        ("Risk", row.risk.map(|risk| RiskClass::as_str(risk).to_owned())),
        ("Verdict", row.verdict.map(|verdict| Verdict::as_str(verdict).to_owned())),
        ("Outcome", Some(row.outcome.as_str().to_owned())),
        ("Error", row.error.clone()),
        ("Took", row.duration_ms.map(words::took)),
        ("Approval", row.approval.as_ref().map(ToString::to_string)),
    ];
    for (name, value) in fields {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            writeln!(out, "{name:<10} {}", Shown::line(&value))?;
        }
    }
    Ok(())
}

fn tell(out: &mut impl Write, event: &Event, zone: &TimeZone) -> anyhow::Result<()> {
    let Event { seq, event: new, .. } = event;
    let at = line::local(new.at, zone);
    let mut ids = String::new();
    if let Some(op) = &new.op {
        ids.push_str(&format!("  {op}"));
    }
    if let Some(approval) = &new.approval {
        ids.push_str(&format!("  {approval}"));
    }
    writeln!(out, "\n#{seq}  {at}  {}{ids}", words::kind(new.kind))?;
    if new.detail.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(());
    }
    for text in json::pretty(&new.detail).lines() {
        writeln!(out, "  {}", Shown::line(text))?;
    }
    Ok(())
}
