//! The arguments of `countersign audit`. Doc comments are the help texts.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Commands on the ledger.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Follow calls: a line when one ends, and one when it begins to wait for a human. Ctrl-C ends it.
    Tail(TailArgs),
    /// List calls, the newest first.
    Query(QueryArgs),
    /// Show everything that is known of one call.
    Show(ShowArgs),
    /// Check the hash chain, and that calls and approvals are what it amounts to.
    Verify {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write calls out, the newest first: whole events (jsonl), rows (csv) or OCSF API Activity (ocsf).
    Export(ExportArgs),
}

/// Which calls.
#[derive(Debug, Args)]
pub struct FilterArgs {
    /// `service:s3 verdict:deny,ask agent:claude since:1h words`; keys: service, operation, verdict, outcome, agent,
    /// risk, region, tool, target, error, since, until.
    pub filter: Vec<String>,
}

/// What to follow.
#[derive(Debug, Args)]
pub struct TailArgs {
    /// Which calls.
    #[command(flatten)]
    pub which: FilterArgs,
    /// One JSON object a line.
    #[arg(long)]
    pub json: bool,
}

/// What to list.
#[derive(Debug, Args)]
pub struct QueryArgs {
    /// Which calls.
    #[command(flatten)]
    pub which: FilterArgs,
    /// How many at most.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: u64,
    /// One JSON object a line.
    #[arg(long)]
    pub json: bool,
}

/// What to show.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The id of the call (`tx_…`), or as much of its beginning as no other call shares.
    pub tx: String,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// What to write out, how and where to.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Which calls.
    #[command(flatten)]
    pub which: FilterArgs,
    /// In which form.
    #[arg(long, value_enum)]
    pub format: Format,
    /// Into a new file, for its owner only; to stdout when not said.
    #[arg(long)]
    pub output: Option<PathBuf>,
}

/// A form in which calls leave the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Every event of the calls, whole, one JSON object a line.
    Jsonl,
    /// One row a call.
    Csv,
    /// One OCSF event (class 6003, API Activity) a call and line.
    Ocsf,
}
