//! `countersign models sync`: for a person with progress, for a program as JSON, for the engine beside it as events.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::runtime::Runtime;

use super::fetch::Web;
use super::run::{place, places};
use super::show;
use crate::base::{Clock as _, Shown};
use crate::cli::args::SyncArgs;
use crate::models::Home;
use crate::models::sync::{self, Fetch, Report, Step, SyncError};
use crate::settings::{Settings, SystemClock};

/// How often progress is shown.
const EVERY: Duration = Duration::from_millis(200);

/// A line of `--events`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// Where it stands.
    At(Step),
    /// It is over.
    Done(Box<Report>),
    /// It failed.
    Failed {
        /// Why.
        problem: String,
        /// Whether the server was just not reached.
        offline: bool,
    },
}

/// Threads for work that somebody waits for.
pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Syncs.
pub(super) fn run(settings: &Settings, args: &SyncArgs, runtime: &Runtime) -> anyhow::Result<ExitCode> {
    let home = Home::new(settings.paths.models());
    let places = places();
    // Beside an engine, calls come first.
    let threads = if args.events { 1 } else { threads() };
    let options = sync::Options { home: &home, places: &places, now: SystemClock.now(), threads, anew: args.anew };
    let place = place(settings)?;
    let web = Web::new(runtime.handle().clone(), settings.sdk_timeout)?;
    let source = (!args.offline).then_some((&place, &web as &dyn Fetch));
    let shown = Meter::new(args);
    let result = sync::sync(options, source, &|step| shown.at(step));
    shown.end();
    finish(args, result)
}

fn finish(args: &SyncArgs, result: Result<Report, SyncError>) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    match result {
        Ok(report) if args.events => line(&mut out, &Line::Done(Box::new(report)))?,
        Ok(report) if args.json => writeln!(out, "{}", serde_json::to_string(&report)?)?,
        Ok(report) => show::report(&mut out, &report)?,
        Err(error) if args.events => {
            line(&mut out, &Line::Failed { problem: error.to_string(), offline: error.is_offline() })?;
            return Ok(ExitCode::FAILURE);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(ExitCode::SUCCESS)
}

fn line(out: &mut impl std::io::Write, line: &Line) -> anyhow::Result<()> {
    writeln!(out, "{}", serde_json::to_string(line)?)?;
    out.flush()?;
    Ok(())
}

/// Shows where a sync stands: to a person on one line of the terminal, to the engine as events, else not at all.
struct Meter {
    way: Way,
    last: Mutex<Option<(Instant, std::mem::Discriminant<Step>)>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Terminal,
    Events,
    None,
}

impl Meter {
    fn new(args: &SyncArgs) -> Self {
        let way = match (args.events, std::io::stderr().is_terminal() && !args.json) {
            (true, _) => Way::Events,
            (false, true) => Way::Terminal,
            (false, false) => Way::None,
        };
        Self { way, last: Mutex::new(None) }
    }

    /// A step of another kind is shown at once, one of the same kind now and then.
    fn at(&self, step: Step) {
        let kind = std::mem::discriminant(&step);
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if last.is_some_and(|(at, known)| known == kind && at.elapsed() < EVERY) {
            return;
        }
        *last = Some((Instant::now(), kind));
        // Progress that nobody reads any more is no reason to stop.
        let _ = match self.way {
            Way::Terminal => write!(std::io::stderr(), "\r\x1b[K{}", Shown::line(&show::step(step))),
            Way::Events => line(&mut std::io::stdout().lock(), &Line::At(step)).map_err(std::io::Error::other),
            Way::None => Ok(()),
        };
    }

    fn end(&self) {
        if self.way == Way::Terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
