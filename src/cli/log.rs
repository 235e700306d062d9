//! The diagnostic logs: files with daily rotation beneath `COUNTERSIGN_HOME`. Stdout carries only MCP.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;

use anyhow::Context as _;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

use crate::base::Shown;
use crate::settings::{LogLevel, Settings};

/// Log files that are kept.
const KEPT: usize = 14;

/// Starts logging; the guard writes the last lines when it is dropped.
pub(super) fn start(settings: &Settings) -> anyhow::Result<WorkerGuard> {
    let folder = settings.paths.logs();
    let cure =
        || format!("cannot write logs to {}: make the folder writable, or set COUNTERSIGN_HOME", folder.display());
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).with_context(cure)?;
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("countersign")
        .filename_suffix("log")
        .max_log_files(KEPT)
        .build(&folder)
        .with_context(|| {
            format!("cannot write logs to {}: make the folder writable, or set COUNTERSIGN_HOME", folder.display())
        })?;
    let (writer, guard) = tracing_appender::non_blocking(appender);
    let level = match settings.log_level {
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warning => "warn",
        LogLevel::Error => "error",
    };
    // rmcp logs whole messages, and the SDK whole requests: neither belongs on disk.
    let filter = EnvFilter::new(format!("warn,countersign={level}"));
    // Fails only if a logger is installed already, as in a test process: then that one is used.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(false).try_init();
    for name in &settings.unknown_aws {
        tracing::warn!(name = %Shown::line(name), "a variable in .env that AWS's tools do not know; it has no effect");
    }
    Ok(guard)
}
