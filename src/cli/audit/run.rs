//! From an `audit` command to its file, with the ledger opened for reading.

use std::process::ExitCode;

use super::args::{AuditCommand, ExportArgs, QueryArgs, TailArgs};
use super::{export, query, show, tail, verify};
use crate::audit::{Filter, FilterError};
use crate::base::{Clock as _, Shown};
use crate::ledger::Ledger;
use crate::settings::{Settings, SystemClock};

/// Runs a command on the ledger.
pub(in crate::cli) async fn run(settings: &Settings, command: &AuditCommand) -> anyhow::Result<ExitCode> {
    let words = match command {
        AuditCommand::Tail(TailArgs { which, .. })
        | AuditCommand::Query(QueryArgs { which, .. })
        | AuditCommand::Export(ExportArgs { which, .. }) => which.filter.join(" "),
        AuditCommand::Show(_) | AuditCommand::Verify { .. } => String::new(),
    };
    let filter = match Filter::parse(&words, SystemClock.now()) {
        Ok(filter) => filter,
        Err(error) => {
            misused(&error);
            return Ok(ExitCode::from(2));
        }
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

#[expect(clippy::print_stderr, reason = "stderr is where wrong usage is told")]
fn misused(error: &FilterError) {
    eprintln!("countersign: {}", Shown::line(&error.to_string()));
}
