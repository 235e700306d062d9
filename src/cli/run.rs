//! From the process's arguments to a command, and from its result to an exit code.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use anyhow::Context as _;
use clap::Parser as _;

use super::args::{self, Cli};
use super::paint::Paint;
use super::{audit, console, demo, init, key, models, policy, serve, stdio, tools};
use crate::base::Shown;
use crate::settings::Settings;

/// Runs the program.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(&cli) {
        Ok(code) => code,
        Err(error) if nobody_reads(&error) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&error);
            ExitCode::FAILURE
        }
    }
}

/// Whether the error is that whoever read our output has gone (`| head`): a quiet end.
fn nobody_reads(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

#[expect(clippy::print_stderr, reason = "the last words of the program, after the screen is restored")]
fn tell(error: &anyhow::Error) {
    eprintln!("countersign: {error:#}");
}

fn dispatch(cli: &Cli) -> anyhow::Result<ExitCode> {
    if cli.version {
        // It is told whatever state the settings are in.
        writeln!(std::io::stdout(), "{}", models::version(settings().ok().as_ref())?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(args::Command::Demo) = cli.command {
        return runtime()?.block_on(demo::run(cli.looks));
    }
    let settings = settings()?;
    let paint = Paint::of(cli.looks.color);
    export(&settings)?;
    warn(&settings);
    match &cli.command {
        None | Some(args::Command::Console) => runtime()?.block_on(console::run(&settings, cli.looks)),
        Some(args::Command::Stdio) => runtime()?.block_on(stdio::run(&settings)),
        Some(args::Command::Serve) => runtime()?.block_on(serve::run(&settings)),
        Some(args::Command::Init { policy }) => init::run(&settings, *policy),
        Some(args::Command::Search(args)) => runtime()?.block_on(tools::search(&settings, args, paint)),
        Some(args::Command::Schema(args)) => runtime()?.block_on(tools::schema(&settings, args, paint)),
        Some(args::Command::Validate { call, json }) => {
            runtime()?.block_on(tools::validate(&settings, call, *json, paint))
        }
        Some(args::Command::Invoke(args)) => runtime()?.block_on(tools::invoke(&settings, args)),
        Some(args::Command::Policy { command }) => policy::run(&settings, command),
        Some(args::Command::Audit { command }) => runtime()?.block_on(audit::run(&settings, command)),
        Some(args::Command::Key { command }) => key::run(&settings, command),
        Some(args::Command::Models { command }) => models::run(&settings, command, &runtime()?),
        Some(args::Command::Demo) => Ok(ExitCode::SUCCESS),
    }
}

fn settings() -> anyhow::Result<Settings> {
    let environment: BTreeMap<String, String> =
        std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect();
    let settings = Settings::read(&environment, &std::env::current_dir()?)?;
    models::place(&settings)?;
    Ok(settings)
}

/// The SDK and the programs it starts read the process's environment: what only `.env` has is put there by beginning
/// anew, in the same process.
fn export(settings: &Settings) -> anyhow::Result<()> {
    let found = &settings.env_file_aws;
    if found.is_empty() {
        return Ok(());
    }
    let mut command = Command::new(std::env::current_exe().context("where this program lies")?);
    if found.contains_key("AWS_ACCESS_KEY_ID") {
        // Keys of two places must never be mixed.
        command.env_remove("AWS_SESSION_TOKEN").env_remove("AWS_SECURITY_TOKEN");
    }
    let error = command.args(std::env::args_os().skip(1)).envs(found).exec();
    Err(error).context("beginning anew with the AWS variables of .env; export them in the environment instead")
}

/// Tells which names in `.env` have no meaning to anybody.
#[expect(clippy::print_stderr, reason = "before the screen is taken; stdout is not ours alone")]
fn warn(settings: &Settings) {
    for name in &settings.unknown_aws {
        let name = Shown::line(name);
        eprintln!("countersign: {name} in .env is no variable that AWS's tools know; it has no effect");
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}
