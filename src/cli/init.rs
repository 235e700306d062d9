//! `countersign init`: a policy and an `.env` to start from, and what to paste into an MCP client.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;

use crate::policy::Preset;
use crate::settings::Settings;

/// The commented settings that are shipped.
const ENV_EXAMPLE: &str = include_str!("../../.env.example");

/// Writes what is absent and leaves alone what is there.
pub(super) fn run(settings: &Settings, preset: Preset) -> anyhow::Result<ExitCode> {
    let policy = write_new(&settings.policy_path, preset.text())?;
    let env = write_new(Path::new(".env"), ENV_EXAMPLE)?;
    let program = std::env::current_exe().context("the program's own path")?;
    let client = json!({"mcpServers": {"countersign": {"command": program, "args": ["stdio"]}}});
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} {}", told(policy), settings.policy_path.display())?;
    writeln!(out, "{} .env", told(env))?;
    writeln!(out, "\nFor an MCP client (Claude Desktop, Claude Code, Cursor and others take this form):\n")?;
    writeln!(out, "{client:#}")?;
    writeln!(out, "\nThen open the console in this folder: countersign")?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a file unless there is one; tells whether it did.
fn write_new(path: &Path, content: &str) -> anyhow::Result<bool> {
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => {
            file.write_all(content.as_bytes()).with_context(|| format!("writing {}", path.display()))?;
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error).with_context(|| format!("writing {}", path.display())),
    }
}

const fn told(written: bool) -> &'static str {
    if written { "written:      " } else { "already there:" }
}
