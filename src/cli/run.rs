//! From the process's arguments to a command, and from its result to an exit code.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use super::args::{Cli, Command};
use super::{audit, console, demo, init, models, policy, serve, stdio, tools};
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
    if let Some(Command::Demo) = cli.command {
        return runtime()?.block_on(demo::run(cli.looks));
    }
    let settings = settings()?;
    match &cli.command {
        None | Some(Command::Console) => runtime()?.block_on(console::run(&settings, cli.looks)),
        Some(Command::Stdio) => runtime()?.block_on(stdio::run(&settings)),
        Some(Command::Serve) => runtime()?.block_on(serve::run(&settings)),
        Some(Command::Init) => init::run(&settings),
        Some(Command::Search(args)) => runtime()?.block_on(tools::search(&settings, args)),
        Some(Command::Schema(args)) => runtime()?.block_on(tools::schema(&settings, args)),
        Some(Command::Validate(args)) => runtime()?.block_on(tools::validate(&settings, args)),
        Some(Command::Invoke(args)) => runtime()?.block_on(tools::invoke(&settings, args)),
        Some(Command::Policy { command }) => policy::run(&settings, command),
        Some(Command::Audit { command }) => runtime()?.block_on(audit::run(&settings, command)),
        Some(Command::Models { command }) => models::run(&settings, command, &runtime()?),
        Some(Command::Demo) => Ok(ExitCode::SUCCESS),
    }
}

fn settings() -> anyhow::Result<Settings> {
    let environment: BTreeMap<String, String> =
        std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect();
    let settings = Settings::read(&environment, &std::env::current_dir()?)?;
    models::place(&settings)?;
    Ok(settings)
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}
