//! Sending: the intent is durable first, then the bytes leave, then the outcome is recorded and answered.

use std::sync::Arc;

use serde_json::{Value, json};

use super::ask::{Caller, refused, settled};
use super::fetch::{Fetched, fetch};
use super::grants;
use super::keep;
use super::load::Load;
use super::pause::frozen;
use super::record::Trail;
use super::shared::Shared;
use crate::approval::{Input, Refusal};
use crate::audit::{Kind, Outcome};
use crate::aws::{self, AwsError, AwsReply, Unread};
use crate::base::{ApprovalId, RiskClass};
use crate::call::course::Course;
use crate::call::plan::Plan;
use crate::call::{CallError, Options, mask, query, shape};
use crate::ledger::LedgerError;
use crate::smithy::Fault;

/// Why a call may be sent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Leave<'a> {
    /// The policy lets it run.
    Free,
    /// A human approved this very call.
    Approved(&'a ApprovalId),
    /// A human allowed it for a while.
    Granted(&'a ApprovalId),
}

/// Sends a planned call and shapes the answer. The trail is written when this returns.
///
/// With an approval it is redeemed first, in the same step that records the intent: only one caller ever gets past
/// that. The human approved this very call, so its secrets are shown to the agent.
pub(super) async fn send(
    shared: &Arc<Shared>,
    trail: &mut Trail,
    plan: &Plan,
    load: &Load,
    options: &Options,
    leave: Leave<'_>,
    caller: &Caller<'_>,
) -> Result<Value, CallError> {
    let approval = match leave {
        Leave::Approved(approval) => Some(approval),
        Leave::Free | Leave::Granted(_) => None,
    };
    // A wait takes its turn at every poll.
    let _permit = match plan.course {
        Course::Wait { .. } => None,
        Course::Once | Course::Pages(_) => shared.permits.acquire().await.ok(),
    };
    let cargo = load.fill(plan, approval.is_some()).await?;
    let digest = plan.payload_digest();
    let mut intent = json!({
        "account": plan.account, "region": plan.region, "endpoint": plan.endpoint, "payload_digest": digest,
    });
    if let (false, Some(map)) = (load.is_empty(), intent.as_object_mut()) {
        map.insert("files".into(), load.told().into());
    }
    trail.intend(intent);
    let fetched = match leave {
        Leave::Granted(grant) => {
            grants::claim(shared, trail, plan, grant, caller.agent).await?;
            fetch(shared, plan, cargo, caller).await
        }
        Leave::Approved(approval) => {
            redeem(shared, trail, plan, approval).await?;
            fetch(shared, plan, cargo, caller).await
        }
        Leave::Free if plan.assessment.class == RiskClass::Read => {
            // A read changes nothing: its record is written while the request is under way.
            let (written, fetched) = tokio::join!(trail.write(), fetch(shared, plan, cargo, caller));
            if let Err(problem) = written {
                tracing::error!(tx = %trail.tx(), %problem, "a read could not be recorded before its answer");
            }
            fetched
        }
        Leave::Free => {
            if let Err(problem) = trail.write().await {
                return Err(unsent(shared, trail, &problem).await);
            }
            fetch(shared, plan, cargo, caller).await
        }
    };
    let result = match fetched {
        Ok(fetched) => Ok(answer(shared, trail, plan, load, options, approval.is_some(), fetched).await),
        Err(error) => {
            trail.fail(Kind::Outcome, &error);
            Err(error)
        }
    };
    conclude(trail, approval, &result).await;
    result
}

/// Uses an approval up, if it is an approver's over this very request; the intent is then durable.
async fn redeem(shared: &Arc<Shared>, trail: &mut Trail, plan: &Plan, approval: &ApprovalId) -> Result<(), CallError> {
    let trust = shared.trust().map_err(|problem| untrusted(&problem))?;
    let input = Input::Redeem { request: Box::new(plan.request()), trust: Box::new(trust) };
    match trail.write_with(approval, input).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(refusal)) => {
            if let Refusal::Forged { what } = &refusal {
                shared.forged(approval, what).await;
            }
            Err(refused(&refusal))
        }
        Err(problem) => Err(unsent(shared, trail, &problem).await),
    }
}

/// The refusal of a call whose intent was not recorded.
pub(super) async fn unsent(shared: &Shared, trail: &mut Trail, problem: &LedgerError) -> CallError {
    trail.relent();
    if *problem == LedgerError::Paused { frozen() } else { shared.unreadable(problem).await }
}

/// The refusal while nobody can be told to be an approver.
fn untrusted(problem: &str) -> CallError {
    CallError::new("Internal", format!("nothing was sent: it is not known whose decisions count ({problem})"))
        .hint("a human must mend that file; the message says how")
        .retryable()
}

/// Records the outcome, and with it what it means for the approval.
async fn conclude(trail: &mut Trail, approval: Option<&ApprovalId>, result: &Result<Value, CallError>) {
    let written = match approval {
        Some(approval) => trail.write_with(approval, settled(result)).await.map(|done| {
            if let Err(refusal) = done {
                tracing::error!(%approval, %refusal, "an approval could not be settled");
            }
        }),
        None => trail.write().await,
    };
    if let Err(problem) = written {
        tracing::error!(tx = %trail.tx(), %problem, "an outcome could not be recorded; it stays unknown");
    }
}

/// The refusal of a call that cannot be recorded.
pub(super) fn unrecorded(problem: &str) -> CallError {
    CallError::new("Internal", format!("nothing was sent: the ledger cannot be written ({problem})"))
        .hint("a human must mend the ledger's folder; `countersign doctor` tells what is wrong")
        .retryable()
}

async fn answer(
    shared: &Shared,
    trail: &mut Trail,
    plan: &Plan,
    load: &Load,
    options: &Options,
    approved: bool,
    fetched: Fetched,
) -> Value {
    let Fetched { reply, told, mut next, mut saved } = fetched;
    let AwsReply { output: mut result, request_id, attempts, http_status, unread } = reply;
    trail.end(Outcome::Ok, None);
    let mut outcome =
        json!({"status": "ok", "http_status": http_status, "request_id": request_id, "attempts": attempts});
    if let Some(map) = outcome.as_object_mut() {
        map.extend(told.clone());
    }
    trail.add(Kind::Outcome, outcome);
    let mut masked = 0;
    if let (false, Some(operation)) = (approved, plan.model.operation(&plan.operation)) {
        let mut hide = |shape: &Option<String>, value: &mut Value| {
            masked += shape.as_deref().map_or(0, |shape| mask::mask(&plan.model, shape, value));
        };
        hide(&operation.output, &mut result);
        // Some services call their tokens sensitive.
        if let Some(payload) = next.as_mut().and_then(|next| next.get_mut("payload")) {
            hide(&operation.input, payload);
        }
    }
    if !approved && plan.assessment.class == RiskClass::Secret {
        masked += mask::mask_texts(&mut result, &plan.payload);
    }
    // The call ran: an expression that does not fit its result takes nothing away from the answer.
    let mut query_problem = None;
    match options.query.as_deref().map(|expression| query::apply(expression, &result)) {
        None => {}
        Some(Ok(found)) => result = found,
        Some(Err(problem)) => query_problem = Some(problem),
    }
    let mut save_problem = None;
    if let (None, Some(target)) = (&saved, &load.target) {
        // The call ran: a result that cannot be saved is given as any other.
        match keep::text(shared, target, &format!("{result:#}\n")).await {
            Ok(told) => {
                result = told.in_place();
                saved = Some(told);
            }
            Err(problem) => save_problem = Some(problem.message),
        }
    }
    let shaped = shape::shape(result, shared.limits.max_output_characters);
    let mut metadata = json!({
        "txId": trail.tx(),
        "opId": trail.op(),
        "requestId": request_id,
        "attempts": attempts,
        "durationMs": trail.elapsed_ms(),
    });
    if let Some(map) = metadata.as_object_mut() {
        map.extend(told);
        if let Some(next) = next {
            map.insert("next".into(), next);
        }
        if let Some(truncated) = shaped.truncated() {
            map.insert("truncated".into(), truncated);
        }
        if let Some(saved) = saved {
            map.insert("saved".into(), saved.to_json());
        }
        if let Some(problem) = save_problem {
            map.insert("saveProblem".into(), problem.into());
        }
        if !unread.is_empty() {
            map.insert("unread".into(), told_unread(&unread));
        }
        if let Some(problem) = query_problem {
            map.insert("queryProblem".into(), problem.into());
        }
        if masked > 0 {
            map.insert("masked".into(), masked.into());
        }
    }
    let mut told = json!({
        "status": "ok",
        "service": plan.service,
        "operation": plan.operation,
        "region": plan.region,
        "result": shaped.value,
        "metadata": metadata,
    });
    if let (false, Some(map)) = (plan.account.is_empty(), told.as_object_mut()) {
        map.insert("account".into(), plan.account.as_str().into());
    }
    told
}

/// Places of an answer that are told; the rest is counted.
const UNREAD: usize = 20;

/// Where the answer is not as its model says.
fn told_unread(unread: &[Unread]) -> Value {
    let told = unread.iter().take(UNREAD).map(|place| json!({"path": place.path, "problem": place.problem}));
    let mut told: Vec<Value> = told.collect();
    let more = unread.len().saturating_sub(UNREAD);
    if more > 0 {
        told.push(json!({"problem": format!("and {more} more such places")}));
    }
    told.into()
}

/// An edge's error in the words of the contract.
pub(super) fn call_error(error: &AwsError) -> CallError {
    // Some services answer with a code and no message.
    let message = error.to_string().trim_end_matches(": ").to_owned();
    match error {
        AwsError::Service { code, http_status, request_id, fault, attempts, detail, .. } => {
            let mut told = CallError::new("ServiceError", message)
                .with("code", code.as_str())
                .with("httpStatus", *http_status)
                .with("requestId", request_id.clone())
                .with("fault", fault_name(*fault))
                .with("attempts", *attempts);
            if !detail.is_null() {
                told = told.with("detail", Value::clone(detail));
            }
            if *http_status >= 500 || *http_status == 429 { told.retryable() } else { told }
        }
        AwsError::Transport { outcome, attempts, .. } => unanswered("TransportError", message, *outcome, *attempts),
        AwsError::Timeout { outcome, attempts, .. } => unanswered("Timeout", message, *outcome, *attempts),
        AwsError::Credentials { message, cure } => {
            CallError::new("CredentialsUnavailable", message.as_str()).hint(cure.clone())
        }
        AwsError::Changed => CallError::new("FileRefused", message)
            .hint("nothing of use was sent; call again when nothing else changes the file")
            .with("rule", "changed")
            .with("outcome", "not_sent"),
        AwsError::TooLarge { .. } => CallError::new("ServiceError", message).with("outcome", "done"),
        AwsError::Cancelled { outcome } => {
            CallError::new("TransportError", message).with("attempts", 1).with("outcome", outcome.as_str())
        }
        AwsError::Endpoint(_) | AwsError::Payload(_) => CallError::new("ValidationError", message),
        AwsError::Unsupported(_) => CallError::new("ValidationError", message)
            .hint("this operation cannot be called through Countersign; use the AWS CLI or an SDK for it"),
    }
}

const fn fault_name(fault: Fault) -> &'static str {
    match fault {
        Fault::Client => "client",
        Fault::Server => "server",
    }
}

/// No answer came. What was not sent may be sent again; what may have taken effect must be looked after first.
fn unanswered(kind: &'static str, message: String, outcome: aws::Outcome, attempts: u32) -> CallError {
    let error = CallError::new(kind, message)
        .with("attempts", attempts)
        .with("outcome", outcome.as_str())
        .hint(hint_of(outcome));
    if outcome == aws::Outcome::NotSent { error.retryable() } else { error }
}

const fn hint_of(outcome: aws::Outcome) -> &'static str {
    match outcome {
        aws::Outcome::NotSent => "nothing was sent; check the network, then call again",
        aws::Outcome::Unknown => "look with a read operation whether it took effect before you send it again",
    }
}
