//! `countersign policy`: is the file sound, what does it say to a call, what is odd about it, what would an edit
//! change. No engine and no ledger: the file, the index of operations and the risk tables are enough.

mod explain;
mod show;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::args::PolicyCommand;
use super::open;
use crate::call::survey;
use crate::catalog::Index;
use crate::policy::{Diff, Fact, Finding, Level, Policy, PolicyError};
use crate::risk::Classifier;
use crate::settings::{PolicyFile, Settings};

/// Runs a command on the policy.
pub(super) fn run(settings: &Settings, command: &PolicyCommand) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout().lock();
    // As people write it: relative where it lies beneath the working folder.
    let folder = std::env::current_dir().unwrap_or_default();
    let in_use = settings.policy_path.strip_prefix(&folder).unwrap_or(&settings.policy_path);
    let or_default = |file: &Option<PathBuf>| file.clone().unwrap_or_else(|| in_use.to_owned());
    match command {
        PolicyCommand::Check { file, json } => {
            let path = or_default(file);
            check(&name(&path), &read(&path), *json, &mut out)
        }
        PolicyCommand::Explain(args) => {
            let path = or_default(&args.file);
            match read(&path) {
                Ok(policy) => explain::run(settings, &policy, args, &mut out),
                Err(error) => broken(&error, args.json, &mut out),
            }
        }
        PolicyCommand::Lint { file, json } => {
            let path = or_default(file);
            match read(&path) {
                Ok(policy) => lint(&name(&path), &policy, open::models(settings)?.store().index()?, *json, &mut out),
                Err(error) => broken(&error, *json, &mut out),
            }
        }
        PolicyCommand::Diff { old, new, json } => match (read(old), read(new)) {
            (Ok(old), Ok(new)) => diff(&old, &new, open::models(settings)?.store().index()?, *json, &mut out),
            (Err(error), _) | (_, Err(error)) => broken(&error, *json, &mut out),
        },
    }
}

/// `countersign policy check`
fn check(
    file: &str,
    policy: &Result<Policy, PolicyError>,
    as_json: bool,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    match policy {
        Ok(policy) if as_json => {
            let answer = json!({
                "file": file, "sound": true, "version": policy.version(), "rules": policy.rule_count(), "problems": [],
            });
            writeln!(out, "{answer:#}")?;
        }
        Ok(policy) => show::sound(file, policy, out)?,
        Err(error) => return broken(error, as_json, out),
    }
    Ok(ExitCode::SUCCESS)
}

/// `countersign policy lint`. Fails when something that is meant to protect does not.
fn lint(file: &str, policy: &Policy, index: &Index, as_json: bool, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let findings = findings(policy, index);
    if as_json {
        writeln!(out, "{:#}", json!({"file": file, "version": policy.version(), "findings": findings}))?;
    } else {
        show::lint(file, policy, &findings, index, out)?;
    }
    let failed = findings.iter().any(|finding| finding.level == Level::Error);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// `countersign policy diff`
fn diff(old: &Policy, new: &Policy, index: &Index, as_json: bool, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let diff = Diff::of(old, new, &facts(index));
    if as_json {
        let (from, to) = (old.version(), new.version());
        let answer = json!({
            "from": from, "to": to, "widens": diff.widens(), "groups": diff.groups, "settings": diff.settings,
        });
        writeln!(out, "{answer:#}")?;
    } else {
        show::diff(old, new, &diff, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is odd about a policy, held against all operations.
fn findings(policy: &Policy, index: &Index) -> Vec<Finding> {
    survey::findings(policy, index, &facts(index))
}

/// Every operation with its class by name.
fn facts(index: &Index) -> Vec<Fact<'_>> {
    survey::facts(index, &Classifier::embedded())
}

/// Tells what is wrong with a file.
fn broken(error: &PolicyError, as_json: bool, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    if as_json {
        let problem = |problem: &crate::policy::Problem| {
            json!({
                "line": problem.line, "column": problem.column, "message": problem.message, "help": problem.help,
            })
        };
        let problems: Vec<_> = error.problems.iter().map(problem).collect();
        writeln!(out, "{:#}", json!({"file": error.file, "sound": false, "problems": problems}))?;
    } else {
        show::broken(error, out)?;
    }
    Ok(ExitCode::FAILURE)
}

/// A file's name for messages.
fn name(path: &Path) -> String {
    path.display().to_string()
}

/// Reads a policy file.
fn read(path: &Path) -> Result<Policy, PolicyError> {
    let file = PolicyFile::at(path);
    file.read().and_then(|text| Policy::parse(&text, &file.name()))
}

#[cfg(test)]
mod tests;
