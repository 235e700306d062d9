//! Asking the human: one approval a request, the call held while it is open, the decision redeemed once.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::record::Trail;
use super::send::unrecorded;
use super::shared::Shared;
use super::status::{Progress, ProgressUpdate};
use crate::approval::{Approval, Input, Refusal, State};
use crate::audit::Kind;
use crate::base::{AgentId, ApprovalId, Token};
use crate::call::plan::Plan;
use crate::call::{CallError, ExecuteCall};
use crate::ledger::{LedgerError, Opened};

/// How often a held call tells that it is alive: below every client's known idle limit.
pub(super) const PROGRESS_EVERY: Duration = Duration::from_secs(5);
/// When a refused caller should come back, in milliseconds.
const RETRY_AFTER_MS: u64 = 10_000;

/// Who is asking, and how it hears of the wait.
pub(super) struct Caller<'a> {
    pub(super) agent: &'a AgentId,
    pub(super) name: &'a str,
    pub(super) progress: &'a Progress,
    pub(super) cancel: &'a CancellationToken,
}

/// Brings a request before the human and waits as long as the caller holds.
///
/// Returns the approval once it is approved.
///
/// # Errors
/// `ConfirmationRequired` when the hold is over, `ConfirmationDenied`, `InvalidConfirmationToken`.
pub(super) async fn ask(
    shared: &Arc<Shared>,
    trail: &mut Trail,
    caller: &Caller<'_>,
    call: &ExecuteCall,
    plan: &Plan,
) -> Result<Approval, CallError> {
    let (token, approval) = match call.options.confirmation_token.as_deref().map(Token::from_agent) {
        Some(token) => {
            let approval = redeemable(shared, &token, plan).await?;
            (token, approval)
        }
        None => {
            let token = Token::new(&*shared.entropy);
            let approval = open(shared, trail, caller, call, plan, &token).await?;
            (token, approval)
        }
    };
    trail.tie(&approval.id);
    let hold = call.options.hold.map_or(shared.limits.hold, Duration::from_secs);
    let approval = wait(shared, trail, caller, approval, hold).await?;
    verdict_of(approval, &token, shared)
}

/// What a redeemed call's end means for its approval.
pub(super) fn settled(result: &Result<Value, CallError>) -> Input {
    match result {
        Ok(_) => Input::Done,
        Err(error) => match error.extra.get("outcome").and_then(Value::as_str) {
            // AWS did it; only the answer could not be handed on.
            Some("done") => Input::Done,
            Some("unknown") => Input::Unknown,
            _ => Input::Failed,
        },
    }
}

/// Applies a human's decision to an approval in the ledger, and tells whoever looks.
pub(super) async fn decide(
    shared: &Shared,
    approval: &ApprovalId,
    input: Input,
    mut detail: Value,
) -> Result<Result<Approval, Refusal>, LedgerError> {
    shared.mark(&mut detail);
    let result = shared.ledger.transition(approval, input, shared.clock.now(), detail).await;
    shared.ledger_health(&result);
    let transition = result?;
    shared.refresh_pending().await;
    Ok(transition.into_result())
}

/// The approval a token belongs to, if it may still lead to an execution of this very request.
async fn redeemable(shared: &Shared, token: &Token, plan: &Plan) -> Result<Approval, CallError> {
    let found = shared.ledger.approval_by_token(&token.digest()).await;
    let found = match found {
        Ok(found) => found,
        Err(problem) => return Err(shared.unreadable(&problem).await),
    };
    let approval = found.ok_or_else(|| {
        CallError::new("InvalidConfirmationToken", "the token is unknown")
            .hint("leave options.confirmationToken out: the request is then put before the human anew")
            .with("state", "unknown")
    })?;
    let differs = approval.binding.differs(&plan.binding());
    if differs.is_empty() { Ok(approval) } else { Err(refused(&Refusal::Differs { differs })) }
}

async fn open(
    shared: &Arc<Shared>,
    trail: &mut Trail,
    caller: &Caller<'_>,
    call: &ExecuteCall,
    plan: &Plan,
    token: &Token,
) -> Result<Approval, CallError> {
    let now = shared.clock.now();
    let ttl = shared.policy().approval_ttl();
    let binding = plan.binding();
    let approval = Approval {
        id: ApprovalId::new(now, &*shared.entropy),
        tx: trail.tx().clone(),
        agent: caller.agent.clone(),
        token: token.digest(),
        facts: plan.facts(caller.name, call.options.reason.as_deref()),
        digest: binding.digest(),
        binding,
        asked_at: now,
        decide_by: now.plus(ttl),
        use_ms: u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX),
        require: plan.require(),
        signed: Vec::new(),
        state: State::Pending,
    };
    // What led here must be durable before the human sees it.
    trail.write().await.map_err(|problem| unrecorded(&problem.to_string()))?;
    trail.tie(&approval.id);
    let event = trail.event(
        Kind::Asked,
        json!({"digest": approval.digest, "decide_by": approval.decide_by, "sentence": approval.facts.sentence}),
    );
    let opened = shared.ledger.open_approval(&approval, event, Some(trail.row.clone())).await;
    shared.ledger_health(&opened);
    match opened {
        Err(problem) => Err(shared.unreadable(&problem).await),
        Ok(Opened::New) => {
            shared.refresh_pending().await;
            Ok(approval)
        }
        Ok(Opened::Joined(open)) => Ok(*open),
    }
}

/// Waits until the approval is no longer pending, the hold is over, or the caller goes away.
async fn wait(
    shared: &Shared,
    trail: &mut Trail,
    caller: &Caller<'_>,
    mut approval: Approval,
    hold: Duration,
) -> Result<Approval, CallError> {
    let mut hints = shared.hints.subscribe();
    let started = Instant::now();
    let deadline = started + hold;
    let mut progress = tokio::time::interval(PROGRESS_EVERY);
    progress.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        match shared.ledger.approval(&approval.id).await {
            Ok(read) => approval = read.unwrap_or(approval),
            Err(problem) => return Err(shared.unreadable(&problem).await),
        }
        if approval.state != State::Pending || approval.is_overdue(shared.clock.now()) {
            return Ok(approval);
        }
        // One of these ends the pause; then the ledger is read again.
        tokio::select! {
            () = caller.cancel.cancelled() => {
                trail.add(Kind::CallerGone, json!({"waited_ms": trail.elapsed_ms()}));
                return Err(CallError::new("ConfirmationRequired", "the caller went away; the request stays with the human")
                    .retryable());
            }
            () = tokio::time::sleep_until(deadline) => return Ok(approval),
            () = shared.stop.cancelled() => return Ok(approval),
            hint = hints.recv() => if matches!(hint, Err(RecvError::Closed)) { return Ok(approval) },
            _ = progress.tick() => (caller.progress)(ProgressUpdate {
                elapsed_seconds: started.elapsed().as_secs_f64(),
                total_seconds: Some(hold.as_secs_f64()),
                message: "waiting for a human to decide in the Countersign console".to_owned(),
            }),
        }
    }
}

/// What the state of the approval means to the caller.
fn verdict_of(approval: Approval, token: &Token, shared: &Shared) -> Result<Approval, CallError> {
    let overdue = approval.is_overdue(shared.clock.now());
    match &approval.state {
        State::Approved { .. } if !overdue => Ok(approval),
        State::Pending if !overdue => Err(required(&approval, token)),
        State::Denied { reason, .. } => {
            let told = if reason.is_empty() {
                "the human denied this call".to_owned()
            } else {
                format!("the human denied this call: {reason}")
            };
            Err(CallError::new("ConfirmationDenied", told)
                .hint("do not send it again unless the human asks for it; tell the user what was denied and why")
                .with("reason", reason.as_str()))
        }
        state => {
            let name = if overdue { "expired" } else { state.name() };
            Err(refused(&Refusal::State { state: name.to_owned(), wanted: "used" }))
        }
    }
}

fn required(approval: &Approval, token: &Token) -> CallError {
    let facts = &approval.facts;
    CallError::new("ConfirmationRequired", format!("a human must approve this: {}", facts.sentence))
        .hint(
            "ask the user to decide in the Countersign console, then send exactly the same call again with \
             options.confirmationToken; do not look for another way to do it",
        )
        .retryable()
        .with(
            "confirmation",
            json!({
                "token": token.as_str(),
                "state": approval.state.name(),
                "expiresAt": approval.decide_by.to_string(),
                "retryAfterMs": RETRY_AFTER_MS,
            }),
        )
        .with(
            "asked",
            json!({"sentence": facts.sentence, "risk": facts.risk, "rule": facts.rule, "reasons": facts.risk_reasons}),
        )
}

pub(super) fn refused(refusal: &Refusal) -> CallError {
    let error = CallError::new("InvalidConfirmationToken", refusal.to_string());
    match refusal {
        Refusal::Differs { differs } => error
            .hint("send exactly the request that was approved, or leave the token out to ask anew")
            .with("state", "other_request")
            .with("differs", differs.clone()),
        Refusal::State { state, .. } => {
            let state =
                if matches!(state.as_str(), "consumed" | "done" | "failed" | "unknown") { "used" } else { state };
            error
                .hint("leave options.confirmationToken out to put the request before the human anew")
                .with("state", state)
        }
        Refusal::Forged { .. } => error
            .hint("tell the user at once: somebody changed Countersign's ledger; `countersign audit verify` says more")
            .with("state", "forged"),
        Refusal::Undecided
        | Refusal::ShownOther
        | Refusal::NotPinned { .. }
        | Refusal::SameKey
        | Refusal::Unfit { .. }
        | Refusal::NotYet => error.with("state", "pending").retryable(),
    }
}
