//! `countersign serve`: engine and listener without a screen; one line per event on stderr, no approver.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::console::names;
use super::{log, models, open};
use crate::audit::Event;
use crate::base::Shown;
use crate::engine::{Hint, Observer};
use crate::mcp::Host;
use crate::mcp::socket::Socket;
use crate::settings::Settings;

/// Serves until it is told to stop.
pub(super) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let _guard = log::start(settings)?;
    let engine = open::engine(settings).await?;
    let socket = Socket::bind(&settings.paths.socket()).await.context("the socket for agents")?;
    say(&format!(
        "listening on {}; open `countersign` to decide what is asked",
        Shown::line(&socket.path().display().to_string())
    ));
    let observer = engine.observer();
    if let Some(problem) = observer.status().policy_problem {
        for line in Shown::lines(&problem) {
            say(line.as_str());
        }
    }
    engine.listening(socket.path().display().to_string());
    models::keep_fresh(settings, &engine.models_keeper());
    let shutdown = CancellationToken::new();
    let host = Host::new(Arc::new(engine.door()), names(settings));
    let listener = tokio::spawn(socket.serve(host, shutdown.clone()));
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
        result = tell(&observer) => result?,
    }
    shutdown.cancel();
    listener.await?;
    engine.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Writes a line for every event of the ledger from now on, other processes' included.
async fn tell(observer: &Observer) -> anyhow::Result<()> {
    let mut hints = observer.hints();
    let mut last = observer.head().await?;
    loop {
        for event in observer.events_after(last).await? {
            last = event.seq;
            say(&line(&event));
        }
        // Any hint, a lost one too, means: read again.
        while let Ok(Hint::Status) = hints.recv().await {}
    }
}

fn line(event: &Event) -> String {
    let kind = serde_json::to_value(event.event.kind).unwrap_or_default();
    let tx = event.event.tx.as_ref().map_or("-", |tx| tx.as_str());
    let detail = Shown::line(&event.event.detail.to_string());
    format!("{} #{} {} {tx} {detail}", event.event.at, event.seq, kind.as_str().unwrap_or_default())
}

#[expect(clippy::print_stderr, reason = "stderr is where this command tells what happens")]
fn say(line: &str) {
    eprintln!("{line}");
}
