//! `countersign policy`: is the file sound, what does it say to a call, what is odd about it, what would an edit
//! change. No engine and no ledger: the file, the index of operations and the risk tables are enough.

mod explain;
mod show;

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::args::PolicyCommand;
use crate::call::plan::facts_of;
use crate::catalog::{Index, ResolveError, Resolved};
use crate::models::Store;
use crate::policy::{Diff, Fact, Finding, Known, Level, Policy, PolicyError};
use crate::risk::Classifier;
use crate::settings::Settings;

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
                Ok(policy) => lint(&name(&path), &policy, Store::embedded().index()?, *json, &mut out),
                Err(error) => broken(&error, *json, &mut out),
            }
        }
        PolicyCommand::Diff { old, new, json } => match (read(old), read(new)) {
            (Ok(old), Ok(new)) => diff(&old, &new, Store::embedded().index()?, *json, &mut out),
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
    let services = |spelling: &str| match index.resolve_service(spelling) {
        Ok(service) => vec![service.name.clone()],
        Err(ResolveError::AmbiguousService { choices, .. }) => choices,
        Err(ResolveError::UnknownService { nearest, .. } | ResolveError::UnknownOperation { nearest, .. }) => nearest,
    };
    let members = |fact: &Fact<'_>| {
        let found = index.service(fact.service).and_then(|service| index.operation(service, fact.operation));
        found.into_iter().flat_map(|entry| entry.members()).map(|member| member.name.to_owned()).collect()
    };
    policy.lint(&Known { facts: &facts(index), services: &services, members: &members })
}

/// Every operation with its class by name.
fn facts(index: &Index) -> Vec<Fact<'_>> {
    let classifier = Classifier::embedded();
    let fact = |(service, operation)| {
        let class = classifier.classify(&facts_of(&Resolved { service, operation })).class;
        Fact { service: &service.name, operation: operation.name, class }
    };
    index.all_operations().map(fact).collect()
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

/// Reads a policy file, and of a file too large only so much as shows that it is.
fn read(path: &Path) -> Result<Policy, PolicyError> {
    let unreadable = |error: &dyn std::fmt::Display, help: &str| {
        PolicyError::unreadable(&name(path), format!("cannot be read: {error}"), help)
    };
    let help = "name another file, or set POLICY_PATH; `countersign init` writes a policy where there is none";
    let file = File::open(path).map_err(|error| unreadable(&error, help))?;
    let is_file = file.metadata().map_err(|error| unreadable(&error, help))?.is_file();
    if !is_file {
        return Err(unreadable(&"it is not a file", help));
    }
    let mut text = Vec::new();
    file.take(Policy::MAX_BYTES as u64 + 1).read_to_end(&mut text).map_err(|error| unreadable(&error, help))?;
    if text.len() > Policy::MAX_BYTES {
        let message = format!("the file is larger than {} bytes", Policy::MAX_BYTES);
        return Err(PolicyError::unreadable(&name(path), message, "is it really a policy? merge rules with `|`"));
    }
    let text = String::from_utf8(text).map_err(|_| unreadable(&"it is not UTF-8 text", "save it as UTF-8"))?;
    Policy::parse(&text, &name(path))
}

#[cfg(test)]
mod tests;
