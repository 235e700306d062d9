//! `countersign audit tail`: a line for each call that ends or begins to wait for a human, whichever process runs it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::process::ExitCode;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::io::Interest;
use tokio::net::unix::pipe::Sender;

use super::query::put;
use crate::audit::export::Widths;
use crate::audit::{CallRow, Filter, Outcome};
use crate::base::TxId;
use crate::ledger::Ledger;

/// How long to sleep at a time when nothing happens.
const PATIENCE: Duration = Duration::from_secs(60);

/// Events read at a time.
const PAGE: u32 = 500;

/// Calls whose last word is remembered, so that nothing is told twice.
const REMEMBERED: usize = 10_000;

/// Follows until it is told to stop, or nobody reads any more.
pub(super) async fn run(ledger: &Ledger, filter: &Filter, as_json: bool) -> anyhow::Result<ExitCode> {
    tokio::select! {
        done = follow(ledger, filter, as_json) => done?,
        () = hung_up() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn follow(ledger: &Ledger, filter: &Filter, as_json: bool) -> anyhow::Result<()> {
    let zone = TimeZone::system();
    let mut told = Told::default();
    let mut widths = Widths::default();
    let (mut last, _) = ledger.head().await?;
    let mut change = 0;
    loop {
        change = ledger.wait_for_change(change, PATIENCE).await?;
        loop {
            let events = ledger.events_after(last, PAGE).await?;
            let Some(end) = events.last() else { break };
            last = end.seq;
            let touched: BTreeSet<TxId> = events.into_iter().filter_map(|event| event.event.tx).collect();
            for tx in touched {
                let Some(row) = ledger.call(&tx).await? else { continue };
                if told.is_news(&row) && filter.matches(&row) {
                    widths = widths.with(&row);
                    let mut out = std::io::stdout().lock();
                    put(&mut out, &row, as_json, widths, &zone)?;
                    out.flush()?;
                }
            }
        }
    }
}

/// What was told of the latest calls; ids sort by time.
#[derive(Default)]
struct Told(BTreeMap<TxId, Outcome>);

impl Told {
    /// Whether a call stands where it has not stood before. One that is merely under way is no news.
    fn is_news(&mut self, row: &CallRow) -> bool {
        let under_way = row.outcome == Outcome::Pending && row.approval.is_none();
        if under_way || self.0.get(&row.tx) == Some(&row.outcome) {
            return false;
        }
        self.0.insert(row.tx.clone(), row.outcome);
        if self.0.len() > REMEMBERED {
            self.0.pop_first();
        }
        true
    }
}

/// Returns when the reader of a piped stdout has gone; never, where stdout is something that cannot tell.
async fn hung_up() {
    // Only watched, never written to: the blocking mode of stdout stays as it is.
    let stdout = std::io::stdout().as_fd().try_clone_to_owned();
    if let Ok(pipe) = stdout.and_then(Sender::from_owned_fd_unchecked)
        && pipe.ready(Interest::ERROR).await.is_ok()
    {
        return;
    }
    std::future::pending::<()>().await;
}
