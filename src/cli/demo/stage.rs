//! Sets the stage: a temporary home, the S3 server, the engine, the agent at its socket, the console.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::UnixStream;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::{script, server};
use crate::approval::Acceptance;
use crate::aws::Aws;
use crate::cli::args::Looks;
use crate::cli::{log, looks, open};
use crate::mcp::socket::Socket;
use crate::mcp::{Host, ToolNames};
use crate::models::Models;
use crate::settings::{PolicyFile, Settings};
use crate::tui;

/// What the demo allows and asks.
const POLICY: &str = include_str!("policy.yaml");

/// Plays the demo until the human leaves.
pub(in crate::cli) async fn run(look: Looks) -> anyhow::Result<ExitCode> {
    tui::terminal::check()?;
    let home = tempfile::Builder::new().prefix("countersign-demo-").tempdir().context("a folder for the demo")?;
    let variables = BTreeMap::from([("COUNTERSIGN_HOME".to_owned(), home.path().join("home").display().to_string())]);
    let settings = Settings::read(&variables, home.path())?;
    let guard = log::start(&settings)?;
    let (address, s3) = server::start(&home.path().join("s3")).await?;
    let models = Models::embedded();
    let aws = Aws::new(server::aws_config(open::aws_config(&models.store())?, address)).await?;
    let key = open::key(&settings)?;
    let pins = BTreeSet::from([key.public()]);
    let policy = PolicyFile::fixed("demo policy", POLICY);
    let engine = open::start(&settings, models, aws, policy, Box::new(move || Ok(pins.clone()))).await?;
    engine.learn_identity();
    let socket = Socket::bind(&settings.paths.socket()).await.context("the socket for agents")?;
    engine.listening(socket.path().display().to_string());
    let shutdown = CancellationToken::new();
    let host = Host::new(Arc::new(engine.door()), ToolNames::Underscore);
    let listener = tokio::spawn(socket.serve(host, shutdown.clone()));
    let (narration, lines) = unbounded_channel();
    let agent = tokio::spawn(play(settings.paths.socket(), narration));
    let approver = engine.approver(key);
    // The demo's policy is its own: there is nothing to review.
    approver.accept_policy(Acceptance::digest(POLICY)).await.map_err(anyhow::Error::msg)?;
    let shown = tui::run(engine.observer(), approver, looks::options(look, Some(lines))).await;
    agent.abort();
    shutdown.cancel();
    listener.await?;
    engine.stop().await;
    s3.abort();
    drop(guard);
    home.close().context("removing the demo's folder")?;
    shown?;
    Ok(ExitCode::SUCCESS)
}

async fn play(socket: std::path::PathBuf, narration: UnboundedSender<String>) {
    let played = async {
        let (reader, writer) = UnixStream::connect(&socket).await?.into_split();
        script::play(reader, writer, &narration).await
    };
    if let Err(error) = played.await {
        let _ = narration.send(format!("The scripted agent stopped: {error:#}"));
    }
}
