//! The life of one `execute`: plan, ask if need be, send, answer. Every end is recorded.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::ask::{self, Caller};
use super::grants;
use super::load::{Load, changed_since};
use super::load_open;
use super::pause::FROZEN;
use super::prepare::{judge_many, prepare, turn};
use super::record::Trail;
use super::send::{Leave, call_error, send};
use super::shared::{Shared, lock};
use crate::audit::{Kind, Outcome};
use crate::base::Verdict;
use crate::call::many::Many;
use crate::call::plan::Plan;
use crate::call::{Action, CallError, ExecuteCall, query};

/// Runs one `execute` call to its end. The trail has begun; it is written whole when this returns.
pub(super) async fn execute(
    shared: &Arc<Shared>,
    trail: &mut Trail,
    caller: &Caller<'_>,
    arguments: &Map<String, Value>,
) -> Result<Value, CallError> {
    let result = run(shared, trail, caller, arguments).await.map_err(|error| explained(shared, error));
    // What was sent has recorded its own end.
    if let (Err(error), None) = (&result, trail.op()) {
        trail.refuse(error).await;
    }
    result
}

/// Without a sound policy file everything is denied: then the file is what there is to tell about.
fn explained(shared: &Shared, error: CallError) -> CallError {
    let none = shared.policies.in_force().number == 0;
    let status = lock(&shared.status);
    match status.tampering.clone().or_else(|| status.policy_problem.clone()) {
        Some(problem) if none && error.kind == "PolicyDenied" => {
            let message = "every call is denied: no policy is in force".to_owned();
            CallError { message, hint: Some(problem), ..error }
        }
        _ => error,
    }
}

async fn run(
    shared: &Arc<Shared>,
    trail: &mut Trail,
    caller: &Caller<'_>,
    arguments: &Map<String, Value>,
) -> Result<Value, CallError> {
    let call = ExecuteCall::read(arguments)?;
    if let Some(expression) = &call.options.query {
        query::check(expression)?;
    }
    if call.action == Action::Validate {
        "validate".clone_into(&mut trail.row.tool);
    }
    if call.action == Action::Invoke {
        // Boxed, here and below: in one piece the steps of a call are too much for a small stack.
        return Box::pin(invoke(shared, trail, caller, &call)).await;
    }
    let plan = Box::pin(prepare(shared, trail, &call)).await?;
    if plan.decision.verdict == Verdict::Deny {
        trail.end(Outcome::Ok, None);
        trail.add(Kind::Validated, json!({}));
        written(trail).await;
        return Ok(valid(&plan, &Load::default()));
    }
    let (plan, load) = Box::pin(loaded(shared, trail, plan, caller)).await?;
    trail.end(Outcome::Ok, None);
    trail.add(Kind::Validated, json!({}));
    written(trail).await;
    Ok(valid(&plan, &load))
}

async fn written(trail: &mut Trail) {
    if let Err(problem) = trail.write().await {
        tracing::error!(tx = %trail.tx(), %problem, "a validation could not be recorded");
    }
}

/// The way of a call that is to be sent. While everything is paused it goes no further; then it is planned anew.
async fn invoke(
    shared: &Arc<Shared>,
    trail: &mut Trail,
    caller: &Caller<'_>,
    call: &ExecuteCall,
) -> Result<Value, CallError> {
    let until = Instant::now() + call.options.hold.map_or(shared.limits.hold, Duration::from_secs);
    loop {
        let plan = Box::pin(prepare(shared, trail, call)).await?;
        // What is denied is not looked at.
        if plan.decision.verdict == Verdict::Deny {
            return Err(plan.denied());
        }
        if shared.is_paused() {
            shared.unless_paused(caller, until.saturating_duration_since(Instant::now())).await?;
            continue;
        }
        let (plan, load) = Box::pin(loaded(shared, trail, plan, caller)).await?;
        // Whoever brings a token gets what a human decided about it, even where nobody would be asked today.
        let brings = call.options.confirmation_token.is_some();
        let plan = if brings || plan.decision.verdict != Verdict::Allow {
            plan
        } else {
            turn(shared, trail, plan, false).await?
        };
        let result = match plan.decision.verdict {
            Verdict::Deny => return Err(plan.denied()),
            Verdict::Allow if !brings => {
                let plan = located(shared, plan).await?;
                Box::pin(send(shared, trail, &plan, &load, &call.options, Leave::Free, caller)).await
            }
            Verdict::Allow | Verdict::Ask => {
                Box::pin(countersigned(shared, trail, caller, call, plan, load, until)).await
            }
        };
        match result {
            // Paused between our look and the record of the intent.
            Err(error) if error.kind == FROZEN && trail.op().is_none() && Instant::now() < until => {
                shared.refresh_paused().await;
            }
            result => return result,
        }
    }
}

/// The way of a call that a human must approve.
async fn countersigned(
    shared: &Arc<Shared>,
    trail: &mut Trail,
    caller: &Caller<'_>,
    call: &ExecuteCall,
    plan: Plan,
    mut load: Load,
    until: Instant,
) -> Result<Value, CallError> {
    let mut plan = located(shared, identified(shared, plan).await?).await?;
    load.seal(&mut plan, None, caller).await?;
    let approved = plan.contents.clone();
    if call.options.confirmation_token.is_none()
        && let Some(grant) = shared.grant_for(caller.agent, &plan).await
    {
        let plan = turn(shared, trail, plan.clone(), true).await?;
        if plan.decision.verdict == Verdict::Deny {
            return Err(plan.denied());
        }
        match Box::pin(send(shared, trail, &plan, &load, &call.options, Leave::Granted(&grant), caller)).await {
            // Somebody took it back, or the last use of it, a moment ago.
            Err(error) if error.kind == grants::OVER => {}
            result => return result,
        }
    }
    let approval = ask::ask(shared, trail, caller, call, &plan).await?;
    shared.unless_paused(caller, until.saturating_duration_since(Instant::now())).await?;
    // While it was held, the policy, the identity or the models may have changed: what is sent is what holds now.
    let plan = Box::pin(prepare(shared, trail, call)).await?;
    if plan.decision.verdict == Verdict::Deny {
        return Err(plan.denied());
    }
    let (plan, mut now) = Box::pin(loaded(shared, trail, plan, caller)).await?;
    let plan = turn(shared, trail, plan, true).await?;
    if plan.decision.verdict == Verdict::Deny {
        return Err(plan.denied());
    }
    let mut plan = located(shared, identified(shared, plan).await?).await?;
    now.seal(&mut plan, Some(&load), caller).await?;
    if let Some(changed) = changed_since(&plan.contents, &approved) {
        return Err(changed);
    }
    Box::pin(send(shared, trail, &plan, &now, &call.options, Leave::Approved(&approval.id), caller)).await
}

/// With its files open; a folder is judged by every key that its files get.
async fn loaded(
    shared: &Arc<Shared>,
    trail: &mut Trail,
    mut plan: Plan,
    caller: &Caller<'_>,
) -> Result<(Plan, Load), CallError> {
    let load = load_open::open(shared, &plan, caller).await?;
    if let Some(objects) = load.objects() {
        let (keys, bytes) = (objects.keys().collect(), objects.bytes());
        plan.many = Some(Many { keys, bytes, from: objects.folder.path.clone() });
        judge_many(shared, trail, &mut plan).await?;
    }
    Ok((plan, load))
}

/// With the account and the principal, which the human must see and the approval is bound to.
async fn identified(shared: &Shared, mut plan: Plan) -> Result<Plan, CallError> {
    match shared.identity().await {
        Ok(Some(identity)) => {
            plan.account = identity.account;
            plan.principal = identity.arn;
            Ok(plan)
        }
        // The human sees that it is unknown; a later answer that knows it is a difference.
        Ok(None) => Ok(plan),
        Err(problem) => Err(CallError::new("CredentialsUnavailable", problem.message).hint(problem.cure)),
    }
}

/// With the endpoint it will go to.
async fn located(shared: &Shared, mut plan: Plan) -> Result<Plan, CallError> {
    let endpoint = shared.aws.destination(&plan.model, &plan.operation, &plan.payload, Some(&plan.region)).await;
    plan.endpoint = endpoint.map_err(|error| call_error(&error))?;
    Ok(plan)
}

fn valid(plan: &Plan, load: &Load) -> Value {
    let mut valid = json!({
        "status": "valid",
        "service": plan.service,
        "operation": plan.operation,
        "region": plan.region,
        "risk": plan.assessment.class,
        "riskReasons": plan.assessment.reasons,
        "verdict": plan.decision.verdict,
        "rule": plan.decision.rule,
        "unchecked": plan.unchecked,
    });
    if let (false, Some(map)) = (plan.blobs.is_empty(), valid.as_object_mut()) {
        map.insert("files".into(), load.told().into());
    }
    valid
}
