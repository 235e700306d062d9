//! From an `audit` command to its file, with the ledger opened for reading.

use std::process::ExitCode;

use super::args::{AuditCommand, FilterArgs};
use super::{export, query, show, tail, verify};
use crate::audit::Filter;
use crate::base::Clock as _;
use crate::ledger::Ledger;
use crate::settings::{Settings, SystemClock};

/// Runs a command on the ledger.
pub(in crate::cli) async fn run(settings: &Settings, command: &AuditCommand) -> anyhow::Result<ExitCode> {
    // What is wrong with a filter is told before anything is opened.
    let filter = match command {
        AuditCommand::Tail(args) => filter(&args.which)?,
        AuditCommand::Query(args) => filter(&args.which)?,
        AuditCommand::Export(args) => filter(&args.which)?,
        AuditCommand::Show(_) | AuditCommand::Verify { .. } => Filter::default(),
    };
    let path = settings.paths.ledger();
    let ledger = match (Ledger::open_existing(&path).await, command) {
        (Ok(ledger), _) => ledger,
        (Err(error), AuditCommand::Verify { json }) => return verify::told(&Err(error), *json),
        (Err(error), _) => return Err(error.into()),
    };
    let done = match command {
        AuditCommand::Tail(args) => tail::run(&ledger, &filter, args.json).await,
        AuditCommand::Query(args) => query::run(&ledger, filter, args).await,
        AuditCommand::Show(args) => show::run(&ledger, args).await,
        AuditCommand::Verify { json } => verify::told(&ledger.verify().await, *json),
        AuditCommand::Export(args) => export::run(&ledger, filter, args).await,
    };
    ledger.close().await;
    done
}

fn filter(args: &FilterArgs) -> anyhow::Result<Filter> {
    Ok(Filter::parse(&args.filter.join(" "), SystemClock.now())?)
}
