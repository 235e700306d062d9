//! `countersign`: the dashboard, with the MCP server on a background task.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::args::Looks;
use super::{log, looks, models, open};
use crate::mcp::socket::Socket;
use crate::mcp::{Host, ToolNames};
use crate::settings::Settings;
use crate::tui;

/// Opens the console and stays until the human leaves.
pub(super) async fn run(settings: &Settings, look: Looks) -> anyhow::Result<ExitCode> {
    tui::terminal::check()?;
    let _guard = log::start(settings)?;
    let key = open::key(settings)?;
    let engine = open::engine(settings).await?;
    let socket = Socket::bind(&settings.paths.socket()).await.context("the socket for agents")?;
    engine.listening(socket.path().display().to_string());
    engine.learn_identity();
    models::keep_fresh(settings, &engine.models_keeper());
    let shutdown = CancellationToken::new();
    let host = Host::new(Arc::new(engine.door()), names(settings));
    let listener = tokio::spawn(socket.serve(host, shutdown.clone()));
    let shown = tui::run(engine.observer(), engine.approver(key), looks::options(look, None)).await;
    shutdown.cancel();
    listener.await?;
    engine.stop().await;
    shown?;
    Ok(ExitCode::SUCCESS)
}

/// How the tools are listed.
pub(super) const fn names(settings: &Settings) -> ToolNames {
    if settings.dotted_tool_names { ToolNames::Dotted } else { ToolNames::Underscore }
}
