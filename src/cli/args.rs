//! The arguments, as clap reads them. Doc comments are the help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::audit::args::AuditCommand;

use crate::call::paginate::MAX_ITEMS;
use crate::policy::Preset;

/// A human watches AI agents work on AWS and countersigns every dangerous call before it runs.
#[derive(Debug, Parser)]
#[command(name = "countersign", arg_required_else_help = false, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do; the console when nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Tell the version, and which AWS models are in use.
    #[arg(short = 'V', long)]
    pub version: bool,
    /// Looks of the console and of what commands print.
    #[command(flatten)]
    pub looks: Looks,
}

/// Looks of the console.
#[derive(Debug, Clone, Copy, Args)]
pub struct Looks {
    /// Colours: as the terminal and NO_COLOR say, always, or never.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// Draw with ASCII characters only.
    #[arg(long, global = true)]
    pub ascii: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// As the terminal and NO_COLOR say.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The dashboard: approve, deny, watch. Agents reach it through its socket.
    Console,
    /// The dashboard on an embedded S3 server with a scripted agent: no AWS account, no network, nothing left behind.
    Demo,
    /// What an MCP client starts: MCP on stdin and stdout, joined to a running console or on its own.
    Stdio,
    /// The engine and its socket without a screen: one line per event on stderr, and nobody who approves.
    Serve,
    /// Write policy.yaml and .env if they are absent, and print the client configuration.
    Init {
        /// The policy to begin with: read-only, guarded or sandbox.
        #[arg(long, value_name = "PRESET", default_value = "guarded", value_parser = Preset::parse)]
        policy: Preset,
    },
    /// Search the operations of all AWS services, as an agent would.
    Search(SearchArgs),
    /// Show the JSON Schema of an operation's payload.
    Schema(SchemaArgs),
    /// Check a payload and tell what an invoke of it would meet; nothing is sent.
    Validate {
        /// The call.
        #[command(flatten)]
        call: ValidateArgs,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Call an operation through the same gate as an agent: what must be asked waits for the console.
    Invoke(InvokeArgs),
    /// Why a call is allowed, asked or denied; what is odd about the policy; what an edit would change.
    Policy {
        /// What to do with it.
        #[command(subcommand)]
        command: PolicyCommand,
    },
    /// The ledger: list, follow, show, check, write out.
    Audit {
        /// What to do with it.
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// The approver's key: show its public half, put a passphrase on it.
    Key {
        /// What to do with it.
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Where the AWS models come from and how old they are; refresh them.
    Models {
        /// What to do with them.
        #[command(subcommand)]
        command: ModelsCommand,
    },
}

/// Commands on the approver's key.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Print the public key, its fingerprint, and whether it counts here.
    Show {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Put a passphrase on the key, or another one in place of the present.
    Protect,
}

/// Commands on models.
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// Tell what models are in use, where each part comes from and how old it is.
    Status {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Fetch the models that AWS publishes (SMITHY_SYNC_URL, SMITHY_SYNC_REF) and merge them with the snapshot and with
    /// the documentation of a botocore or AWS CLI on this machine. Running engines take them over.
    Sync(SyncArgs),
    /// Read botocore's package (wheel, sdist or folder) or Smithy JSON AST (file, folder, tar, tar.gz, tar.zst).
    Import {
        /// The wheel, archive, file or folder.
        path: PathBuf,
        /// Write a folder such as the one built into the binary, instead of taking the models into COUNTERSIGN_HOME.
        #[arg(long, conflicts_with = "json")]
        output: Option<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

/// How to sync.
#[derive(Debug, Args)]
pub struct SyncArgs {
    /// Fetch nothing; only take over what is on this machine.
    #[arg(long)]
    pub offline: bool,
    /// Fetch and make everything anew, whatever is there.
    #[arg(long, conflicts_with = "offline")]
    pub anew: bool,
    /// What came of it as JSON.
    #[arg(long)]
    pub json: bool,
    /// Progress and result as one JSON object a line, for the engine beside it.
    #[arg(long, hide = true, conflicts_with = "json")]
    pub events: bool,
}

/// Commands on the policy.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Read the file and tell everything that is wrong with it.
    Check {
        /// The file; the policy in use when not said.
        file: Option<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// What a call meets, which rule decides it, and every other rule that matches.
    Explain(ExplainArgs),
    /// Hold the policy against every AWS operation: rules without effect, rules that reach further than they look.
    Lint {
        /// The file; the policy in use when not said.
        file: Option<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// The operations whose verdict an edited policy would change, what becomes possible first.
    Diff {
        /// The policy as it is.
        old: PathBuf,
        /// The policy as it would be.
        new: PathBuf,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

/// `SERVICE:OPERATION`, each in any spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationName {
    /// What stands before the colon.
    pub service: String,
    /// What stands after it.
    pub operation: String,
}

impl OperationName {
    /// Splits it at the first colon or dot.
    ///
    /// # Errors
    /// How to write it.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.split_once([':', '.']) {
            Some((service, operation)) if !service.is_empty() && !operation.is_empty() => {
                Ok(Self { service: service.to_owned(), operation: operation.to_owned() })
            }
            _ => Err("write SERVICE:OPERATION, as in s3:DeleteBucket".to_owned()),
        }
    }
}

/// Which call to explain.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The operation, in any spelling: s3:DeleteBucket.
    #[arg(value_name = "SERVICE:OPERATION", value_parser = OperationName::parse)]
    pub call: OperationName,
    /// The payload: JSON, @FILE, or - for stdin. Without it the call is judged by its name.
    #[arg(long)]
    pub payload: Option<String>,
    /// Region, if not the default one.
    #[arg(long)]
    pub region: Option<String>,
    /// Account id; unknown when not said.
    #[arg(long)]
    pub account: Option<String>,
    /// The file; the policy in use when not said.
    #[arg(long = "policy", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// What to search for.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// What is looked for, in plain words.
    #[arg(required = true)]
    pub query: Vec<String>,
    /// A service to prefer.
    #[arg(long)]
    pub service: Option<String>,
    /// How many results, 1 to 50.
    #[arg(long, default_value_t = 10)]
    pub limit: u64,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// Whose schema to show.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Service, in any spelling.
    pub service: String,
    /// Operation, in any spelling.
    pub operation: String,
    /// Whole, however long.
    #[arg(long)]
    pub full: bool,
    /// Where in the schema to start.
    #[arg(long)]
    pub path: Option<String>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// What to check.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// Service, in any spelling.
    pub service: String,
    /// Operation, in any spelling.
    pub operation: String,
    /// The payload: JSON, @FILE, or - for stdin.
    #[arg(default_value = "{}")]
    pub payload: String,
    /// Region, if not the default one.
    #[arg(long)]
    pub region: Option<String>,
}

/// What to call.
#[derive(Debug, Args)]
pub struct InvokeArgs {
    /// The call.
    #[command(flatten)]
    pub call: ValidateArgs,
    /// Why, for the human who decides.
    #[arg(long)]
    pub reason: Option<String>,
    /// The token of an earlier answer.
    #[arg(long)]
    pub token: Option<String>,
    /// Seconds to wait for the human.
    #[arg(long)]
    pub hold: Option<u64>,
    /// JMESPath over the result.
    #[arg(long)]
    pub query: Option<String>,
    /// Gather all pages of a read, up to so many items.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MAX_ITEMS))]
    pub max_items: Option<u64>,
    /// Poll a read until this waiter of the operation is satisfied; --hold bounds the wait.
    #[arg(long, value_name = "NAME", conflicts_with = "max_items")]
    pub wait_for: Option<String>,
    /// Save the result: a body as it comes and of any size, anything else as JSON.
    #[arg(long, value_name = "FILE")]
    pub output_path: Option<String>,
    /// Let --output-path replace a file.
    #[arg(long, requires = "output_path")]
    pub overwrite: bool,
}
