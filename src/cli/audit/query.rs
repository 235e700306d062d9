//! `countersign audit query`: calls, the newest first, a line each.

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use jiff::tz::TimeZone;

use super::args::QueryArgs;
use super::pages::Pages;
use crate::audit::export::{Widths, json, line};
use crate::audit::{CallRow, Filter};
use crate::ledger::Ledger;
use crate::tui::words;

/// Lists.
pub(super) async fn run(ledger: &Ledger, filter: Filter, args: &QueryArgs) -> anyhow::Result<ExitCode> {
    let zone = TimeZone::system();
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut pages = Pages::new(ledger, filter, args.limit);
    loop {
        let page = pages.next().await?;
        if page.is_empty() {
            break;
        }
        let widths = Widths::of(&page);
        for row in &page {
            put(&mut out, row, args.json, widths, &zone)?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Writes one call.
pub(super) fn put(
    out: &mut impl Write,
    row: &CallRow,
    as_json: bool,
    widths: Widths,
    zone: &TimeZone,
) -> anyhow::Result<()> {
    if as_json {
        writeln!(out, "{}", json::line(&serde_json::to_value(row)?))?;
    } else {
        let took = row.duration_ms.map_or_else(|| "-".to_owned(), words::took);
        writeln!(out, "{}", line::line(row, widths, zone, &took))?;
    }
    Ok(())
}
