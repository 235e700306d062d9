//! `countersign policy explain`: what a call meets, which rule decides it, and every other rule that matches.

use std::io::{Read as _, Write};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::super::args::{ExplainArgs, OperationName};
use super::super::open;
use super::show;
use crate::base::{Clock as _, Verdict};
use crate::call::plan::{self, Rules};
use crate::call::{CallError, Options};
use crate::models::Store;
use crate::policy::{Decision, Policy};
use crate::risk::{Assessment, Classifier};
use crate::settings::{Settings, SystemClock};
use crate::validate::Validator;

/// An operation, what it can do and what it meets.
pub(super) struct Explained {
    /// Canonical service name.
    pub(super) service: String,
    /// Exact operation name.
    pub(super) operation: String,
    /// Whether a payload was judged, and not the name alone.
    pub(super) by_payload: bool,
    /// Its class and why.
    pub(super) assessment: Assessment,
    /// The verdict and why.
    pub(super) decision: Decision,
}

/// Runs the command.
pub(super) fn run(
    settings: &Settings,
    policy: &Policy,
    args: &ExplainArgs,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    // As the engine judges: with the models that it would use.
    let store = open::models(settings)?.store();
    let rules = Rules {
        index: store.index()?,
        classifier: &Classifier::embedded(),
        policy,
        auto_approve: settings.auto_approve,
        now: SystemClock.now(),
        account: args.account.as_deref().unwrap_or_default(),
        profile: settings.profile.as_deref().unwrap_or_default(),
        region: args.region.as_deref().or(settings.region.as_deref()).unwrap_or_default(),
        uses: None,
    };
    let payload = args.payload.as_deref().map(read_payload).transpose()?;
    tell(&rules, &store, &args.call, payload.as_ref(), args.json, out)
}

/// Judges and prints.
pub(super) fn tell(
    rules: &Rules<'_>,
    store: &Store,
    call: &OperationName,
    payload: Option<&Value>,
    as_json: bool,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    match explain(rules, store, call, payload)? {
        Ok(explained) if as_json => writeln!(out, "{:#}", to_json(&explained, rules.policy))?,
        Ok(explained) => show::explained(&explained, rules.policy, out)?,
        Err(error) => {
            if as_json {
                writeln!(out, "{:#}", error.to_json())?;
            } else {
                show::refused(&error, out)?;
            }
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn explain(
    rules: &Rules<'_>,
    store: &Store,
    call: &OperationName,
    payload: Option<&Value>,
) -> anyhow::Result<Result<Explained, CallError>> {
    let named = match plan::name(rules, &call.service, &call.operation) {
        Ok(named) => named,
        Err(error) => return Ok(Err(error)),
    };
    let explained = |by_payload, assessment, decision| Explained {
        service: named.found.service.name.clone(),
        operation: named.found.operation.name.to_owned(),
        by_payload,
        assessment,
        decision,
    };
    // What is denied by name is denied whatever the payload says.
    let Some(payload) = payload.filter(|_| named.decision.verdict != Verdict::Deny) else {
        return Ok(Ok(explained(false, named.assessment.clone(), named.decision.clone())));
    };
    let service = &named.found.service;
    let model = store.model(&service.name)?;
    let bound = plan::bind(rules, &named, &Validator::new(), &model, payload, &Options::default());
    Ok(bound.map(|plan| explained(true, plan.assessment, plan.decision)))
}

fn to_json(explained: &Explained, policy: &Policy) -> Value {
    let Explained { service, operation, by_payload, assessment, decision } = explained;
    json!({
        "service": service,
        "operation": operation,
        "byPayload": by_payload,
        "verdict": decision.verdict,
        "rule": decision.rule,
        "line": policy.line_of(&decision.rule),
        "reasons": decision.reasons,
        "trace": decision.trace,
        "autoApproved": decision.auto_approved,
        "risk": assessment.class,
        "riskReasons": assessment.reasons,
        "policyVersion": policy.version(),
    })
}

/// A payload as an argument gives it: JSON, `@FILE`, or `-` for stdin.
fn read_payload(argument: &str) -> anyhow::Result<Value> {
    let text = match argument.strip_prefix('@') {
        Some(path) => std::fs::read_to_string(path).with_context(|| format!("the payload file {path}"))?,
        None if argument == "-" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("the payload on stdin")?;
            text
        }
        None => argument.to_owned(),
    };
    let payload: Value = serde_json::from_str(&text).context("the payload is not JSON")?;
    if !payload.is_object() {
        bail!("the payload must be a JSON object, as in '{{\"Bucket\": \"my-bucket\"}}'");
    }
    Ok(payload)
}
