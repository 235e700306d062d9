//! `countersign key`: what the approver's key is, and a passphrase on it.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::json;

use super::args::KeyCommand;
use crate::settings::{KeyError, Pins, Settings, SystemEntropy, key};
use crate::tui::prompt;

/// Runs one of them.
pub(super) fn run(settings: &Settings, command: &KeyCommand) -> anyhow::Result<ExitCode> {
    match command {
        KeyCommand::Show { json } => show(settings, *json),
        KeyCommand::Protect => protect(settings),
    }
}

fn show(settings: &Settings, json: bool) -> anyhow::Result<ExitCode> {
    let path = &settings.key_path;
    let (public, protected) = key::look(path)?;
    let pinned = Pins::read(&settings.paths.approvers())?.keys().contains(&public);
    let mut out = std::io::stdout();
    if json {
        let told = json!({
            "publicKey": public, "fingerprint": public.fingerprint(), "path": path, "protected": protected,
            "pinned": pinned,
        });
        writeln!(out, "{told:#}")?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "public key   {public}")?;
    writeln!(out, "fingerprint  {}", public.fingerprint())?;
    writeln!(out, "file         {}", path.display())?;
    let passphrase = if protected { "yes" } else { "none; `countersign key protect` puts one on it" };
    writeln!(out, "passphrase   {passphrase}")?;
    let approvers = settings.paths.approvers();
    let counts = if pinned {
        format!("yes, it is in {}", approvers.display())
    } else {
        format!("not by {}: an approver adds it to `approval.approvers` in the policy", approvers.display())
    };
    writeln!(out, "counts       {counts}")?;
    Ok(ExitCode::SUCCESS)
}

fn protect(settings: &Settings) -> anyhow::Result<ExitCode> {
    let path = &settings.key_path;
    let (_, protected) = key::look(path)?;
    let ask = |question: &str| prompt::secret(question)?.context("nothing was changed");
    let present = if protected { Some(ask("present passphrase:")?) } else { None };
    let new = ask("new passphrase (at least 8 characters):")?;
    if *ask("the same again:")? != *new {
        bail!("the two differ; nothing was changed");
    }
    let public = match key::protect(path, present.as_deref().map(String::as_str), &new, &SystemEntropy) {
        Err(KeyError::Passphrase) => bail!("that is not the present passphrase; nothing was changed"),
        other => other?,
    };
    let told = "The key is protected. Consoles that run keep the key as they read it: start them again. Whoever read the \
                file before can still sign with what is in it.";
    writeln!(std::io::stdout(), "{told}\nfingerprint  {}", public.fingerprint())?;
    Ok(ExitCode::SUCCESS)
}
