//! `countersign stdio`: what an MCP client starts. Joins whoever listens on the socket, or runs its own engine.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::console::names;
use super::{log, models, open};
use crate::engine::Engine;
use crate::mcp::Host;
use crate::mcp::join::{Join, OwnEngine};
use crate::settings::Settings;

/// Relays until the client hangs up or the process is told to end.
pub(super) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let _guard = log::start(settings)?;
    let made: Arc<Mutex<Option<Engine>>> = Arc::default();
    let own = own_engine(settings.clone(), Arc::clone(&made));
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        terminate.recv().await;
        stop.cancel();
    });
    Join::new(settings.paths.socket(), own).stdio(shutdown).await;
    let engine = made.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(engine) = engine {
        engine.stop().await;
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes the engine the first time it is needed, and leaves it where it can be stopped.
fn own_engine(settings: Settings, made: Arc<Mutex<Option<Engine>>>) -> OwnEngine {
    Box::new(move || {
        let (settings, made) = (settings.clone(), Arc::clone(&made));
        async move {
            let engine = open::engine(&settings).await.map_err(|error| format!("{error:#}"))?;
            models::keep_fresh(&settings, &engine.models_keeper());
            let host = Host::new(Arc::new(engine.door()), names(&settings));
            *made.lock().unwrap_or_else(PoisonError::into_inner) = Some(engine);
            Ok(host)
        }
        .boxed()
    })
}
