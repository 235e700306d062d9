//! `countersign audit export`: calls as JSONL, CSV or OCSF, streamed to stdout or into a new file.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use super::args::{ExportArgs, Format};
use super::pages::Pages;
use crate::audit::export::{Told, csv, json, ocsf};
use crate::audit::{CallRow, Event, Filter};
use crate::base::Shown;
use crate::ledger::Ledger;

/// Writes out.
pub(super) async fn run(ledger: &Ledger, filter: Filter, args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let Some(path) = &args.output else {
        let mut out = BufWriter::new(std::io::stdout().lock());
        write(ledger, filter, args.format, &mut out).await?;
        return Ok(ExitCode::SUCCESS);
    };
    let told = Shown::line(&path.display().to_string());
    let mut file = BufWriter::new(create(path)?);
    match write(ledger, filter, args.format, &mut file).await {
        Ok(calls) => {
            writeln!(std::io::stdout().lock(), "{calls} calls written to {told}")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            // Half an export must not pass for a whole one.
            let left = std::fs::remove_file(path).err().map(|_| ", and what was written of it is left there");
            Err(error.context(format!("the export to {told} failed{}", left.unwrap_or_default())))
        }
    }
}

/// A new file for its owner only.
fn create(path: &Path) -> anyhow::Result<File> {
    let told = Shown::line(&path.display().to_string());
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(file) => Ok(file),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{told} is there already and is not overwritten; name another file, or move it away")
        }
        Err(error) => Err(error).with_context(|| format!("{told} cannot be made; name a file in a folder that is")),
    }
}

/// Writes every call; gives how many there were.
async fn write(ledger: &Ledger, filter: Filter, format: Format, out: &mut impl Write) -> anyhow::Result<u64> {
    if format == Format::Csv {
        out.write_all(csv::header().as_bytes())?;
    }
    let mut shared = Shared { filter: filter.clone(), written: HashSet::new() };
    let mut pages = Pages::new(ledger, filter, u64::MAX);
    let mut calls = 0_u64;
    loop {
        let page = pages.next().await?;
        if page.is_empty() {
            break;
        }
        for row in &page {
            match format {
                Format::Csv => out.write_all(csv::row(row).as_bytes())?,
                Format::Jsonl => events(ledger, row, &mut shared, out).await?,
                Format::Ocsf => writeln!(out, "{}", json::line(&activity(ledger, row).await?))?,
            }
            calls = calls.saturating_add(1);
        }
    }
    out.flush()?;
    Ok(calls)
}

/// Events of an approval that several calls share, so that none is written twice.
struct Shared {
    filter: Filter,
    written: HashSet<i64>,
}

impl Shared {
    /// Whether an event is written with this call: its own are; another's only if that one is not written itself.
    async fn belongs(&mut self, ledger: &Ledger, row: &CallRow, event: &Event) -> anyhow::Result<bool> {
        let other = match &event.event.tx {
            Some(tx) if *tx == row.tx => return Ok(true),
            Some(tx) => ledger.call(tx).await?,
            None => None,
        };
        Ok(!other.is_some_and(|other| self.filter.matches(&other)) && self.written.insert(event.seq))
    }
}

async fn events(ledger: &Ledger, row: &CallRow, shared: &mut Shared, out: &mut impl Write) -> anyhow::Result<()> {
    for event in ledger.events_of(&row.tx).await? {
        if shared.belongs(ledger, row, &event).await? {
            writeln!(out, "{}", json::line(&serde_json::to_value(&event)?))?;
        }
    }
    Ok(())
}

async fn activity(ledger: &Ledger, row: &CallRow) -> anyhow::Result<serde_json::Value> {
    let events = ledger.events_of(&row.tx).await?;
    let approval = match &row.approval {
        Some(id) => ledger.approval(id).await?,
        None => None,
    };
    let (account, principal) =
        approval.as_ref().map_or(("", ""), |approval| (&approval.facts.account, &approval.facts.principal));
    Ok(ocsf::event(Told { row, events: &events, account, principal }))
}
