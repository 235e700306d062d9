//! The refreshing of models beside an engine: a process of its own, so that neither its memory nor its work is in the way
//! of calls, and whatever becomes of it, the engine goes on with what it has.

use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use super::sync::Line;
use crate::base::Clock as _;
use crate::engine::{ModelsKeeper, SyncNews};
use crate::models::Home;
use crate::settings::{Settings, SystemClock};

/// How long after the start the first look is: what a start has to do comes first.
const FIRST: Duration = Duration::from_secs(10);

/// How often it is looked whether a sync is due.
const LOOK: Duration = Duration::from_secs(60 * 60);

/// Syncs when that is due (unless the settings say never), and whenever the console wants it, until the engine stops.
pub(in crate::cli) fn keep_fresh(settings: &Settings, keeper: &ModelsKeeper) {
    let (auto, home) = (settings.auto_sync, Home::new(settings.paths.models()));
    let beside = keeper.clone();
    keeper.run(async move {
        let mut wait = FIRST;
        loop {
            let asked = tokio::select! {
                () = beside.wanted() => true,
                () = tokio::time::sleep(wait) => false,
            };
            wait = LOOK;
            let wanted = asked || (auto && is_due(&home).await);
            if !wanted {
                continue;
            }
            if let Err(error) = sync(&beside).await {
                tracing::warn!(%error, "the models could not be refreshed");
                beside.tell(SyncNews::Failed(format!("{error:#}")));
            }
        }
    });
}

async fn is_due(home: &Home) -> bool {
    let home = home.clone();
    tokio::task::spawn_blocking(move || home.is_due(SystemClock.now())).await.unwrap_or(false)
}

/// Runs `countersign models sync` and hears what it tells.
async fn sync(keeper: &ModelsKeeper) -> anyhow::Result<()> {
    let program = std::env::current_exe().context("the program's own path")?;
    let mut child = Command::new(program)
        .args(["models", "sync", "--events"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("`countersign models sync` cannot be started")?;
    let mut over = None;
    if let Some(out) = child.stdout.take() {
        let mut lines = BufReader::new(out).lines();
        while let Some(line) = lines.next_line().await? {
            match serde_json::from_str(&line) {
                Ok(Line::At(step)) => keeper.tell(SyncNews::At(step)),
                Ok(last) => over = Some(last),
                Err(error) => tracing::debug!(%error, "the sync said something that is not understood"),
            }
        }
    }
    let status = child.wait().await?;
    let news = match over {
        Some(Line::Done(report)) => {
            tracing::info!(change = ?report.change, generation = ?report.generation, "the models were refreshed");
            SyncNews::Over
        }
        Some(Line::Failed { problem, offline: true }) => {
            tracing::debug!(problem, "the models were not refreshed");
            SyncNews::Over
        }
        Some(Line::Failed { problem, offline: false }) => {
            tracing::warn!(problem, "the models were not refreshed");
            SyncNews::Failed(problem)
        }
        Some(Line::At(_)) | None => SyncNews::Failed(format!("`countersign models sync` ended early ({status})")),
    };
    let keeper = keeper.clone();
    // It may read another generation's index.
    tokio::task::spawn_blocking(move || keeper.tell(news)).await?;
    Ok(())
}
