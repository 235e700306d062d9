//! `countersign models`: what models there are, and the import of others.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::args::ModelsCommand;
use crate::models::{Store, import};
use crate::settings::Settings;

/// Runs a command on models.
pub(super) fn run(settings: &Settings, command: &ModelsCommand) -> anyhow::Result<ExitCode> {
    match command {
        ModelsCommand::Status { json } => status(*json),
        ModelsCommand::Import { path, output } => {
            let output = output.clone().unwrap_or_else(|| settings.paths.models());
            import(path, &output)
        }
    }
}

fn status(as_json: bool) -> anyhow::Result<ExitCode> {
    let store = Store::embedded();
    let index = store.index()?;
    let (services, operations) = (index.services().len(), index.operation_count());
    let mut out = std::io::stdout().lock();
    if as_json {
        writeln!(out, "{}", json!({"source": index.source(), "services": services, "operations": operations}))?;
    } else {
        writeln!(out, "embedded snapshot of {}: {services} services, {operations} operations", index.source())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn import(source: &Path, output: &Path) -> anyhow::Result<ExitCode> {
    let store = Store::embedded();
    let options = import::Options { names: Some(store.index()?), ..import::Options::default() };
    let report = import::run(source, output, options)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{report}")?;
    Ok(ExitCode::SUCCESS)
}
