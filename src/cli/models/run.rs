//! From `countersign models …` to what it does.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::{show, sync};
use crate::base::Clock as _;
use crate::cli::args::ModelsCommand;
use crate::models::installed::Places;
use crate::models::sync::{DEFAULT_REF, DEFAULT_URL, Place, SyncError};
use crate::models::{Home, Models, Store, import, status, sync as syncing};
use crate::settings::{Settings, SystemClock};

/// Runs a command on models.
pub(in crate::cli) fn run(
    settings: &Settings,
    command: &ModelsCommand,
    runtime: &tokio::runtime::Runtime,
) -> anyhow::Result<ExitCode> {
    match command {
        ModelsCommand::Status { json } => status(settings, *json),
        ModelsCommand::Sync(args) => sync::run(settings, args, runtime),
        ModelsCommand::Import { path, output: Some(output), .. } => into_folder(path, output),
        ModelsCommand::Import { path, output: None, json } => into_home(settings, path, *json),
    }
}

/// Where the settings say that models come from.
pub(in crate::cli) fn place(settings: &Settings) -> Result<Place, SyncError> {
    let url = settings.sync_url.as_deref().unwrap_or(DEFAULT_URL);
    Place::new(url, settings.sync_ref.as_deref().unwrap_or(DEFAULT_REF))
}

/// What `--version` tells: the program, and the models it would use.
pub(in crate::cli) fn version(settings: Option<&Settings>) -> anyhow::Result<String> {
    let models = match settings {
        Some(settings) => Models::open(Home::new(settings.paths.models()))?,
        None => Models::embedded(),
    };
    let snapshot = Store::embedded();
    let snapshot = snapshot.index()?.source();
    let generation = models.generation().map(|generation| format!(", generation {generation}")).unwrap_or_default();
    Ok(format!("countersign {}\nmodels: {snapshot}{generation}", env!("CARGO_PKG_VERSION")))
}

/// Where an installed botocore may lie on this machine.
pub(super) fn places() -> Places {
    let path = std::env::var_os("PATH").unwrap_or_default();
    Places {
        path: std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect(),
        home: std::env::var_os("HOME").map(PathBuf::from),
        virtual_env: std::env::var_os("VIRTUAL_ENV").map(PathBuf::from),
        root: PathBuf::from("/"),
    }
}

fn status(settings: &Settings, as_json: bool) -> anyhow::Result<ExitCode> {
    let home = Home::new(settings.paths.models());
    let models = Models::open(home.clone())?;
    let status = status::status(&models, &home)?;
    let mut out = std::io::stdout().lock();
    if as_json {
        let mut value = serde_json::to_value(&status)?;
        if let Some(value) = value.as_object_mut() {
            value.insert("auto_sync".into(), settings.auto_sync.into());
            value.insert("from".into(), place(settings)?.describe().into());
        }
        writeln!(out, "{value}")?;
    } else {
        show::status(&mut out, &status, SystemClock.now())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes a folder such as the one that is built into the binary.
fn into_folder(source: &Path, output: &Path) -> anyhow::Result<ExitCode> {
    let store = Store::embedded();
    let options = import::Options { names: Some(store.index()?), ..import::Options::default() };
    let report = import::run(source, output, options)?;
    let mut out = std::io::stdout().lock();
    write!(out, "{report}")?;
    Ok(ExitCode::SUCCESS)
}

/// Takes models into the home, where every engine finds them.
fn into_home(settings: &Settings, source: &Path, as_json: bool) -> anyhow::Result<ExitCode> {
    let home = Home::new(settings.paths.models());
    let places = places();
    let options = syncing::Options {
        home: &home,
        places: &places,
        now: SystemClock.now(),
        threads: sync::threads(),
        anew: false,
    };
    let (read, made) = syncing::import(options, source, &|_| {})?;
    let mut out = std::io::stdout().lock();
    if as_json {
        writeln!(out, "{}", json!({"source": read.source, "read": read.services, "made": made}))?;
    } else {
        write!(out, "{read}")?;
        show::report(&mut out, &made)?;
    }
    Ok(ExitCode::SUCCESS)
}
