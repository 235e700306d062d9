//! What a planned call brings, however often it has to be sent for that.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::ask::Caller;
use super::keep::{Keep, Kept};
use super::load::Cargo;
use super::send::call_error;
use super::shared::Shared;
use super::tick::ticking;
use super::{objects, pages, waits};
use crate::aws::{AwsError, AwsReply, AwsRequest, Outcome, Transfer};
use crate::call::CallError;
use crate::call::course::Course;
use crate::call::plan::Plan;

/// What came of a call.
pub(super) struct Fetched {
    /// The answer; of many, the last one's id and status, all attempts, and one output.
    pub(super) reply: AwsReply,
    /// What its course adds to the record and to the answer's metadata.
    pub(super) told: Map<String, Value>,
    /// Where another call would go on.
    pub(super) next: Option<Value>,
    /// What was saved on the way: path, bytes, digest.
    pub(super) saved: Option<Kept>,
}

/// Runs a planned call to its end.
///
/// # Errors
/// As AWS or the course of the call has it; masked, so that it can be recorded as it is.
pub(super) async fn fetch(
    shared: &Arc<Shared>,
    plan: &Plan,
    cargo: Cargo,
    caller: &Caller<'_>,
) -> Result<Fetched, CallError> {
    match &plan.course {
        Course::Once => Box::pin(once(shared, plan, cargo, caller)).await,
        Course::Pages(start) => pages::all(shared, plan, start, caller).await,
        Course::Wait { waiter, within } => waits::until(shared, plan, waiter, *within, caller).await,
    }
}

/// Sends it, with the files that go up and the file that its answer goes into.
async fn once(shared: &Arc<Shared>, plan: &Plan, cargo: Cargo, caller: &Caller<'_>) -> Result<Fetched, CallError> {
    let Cargo { payload, body, objects, target } = cargo;
    if let Some(objects) = objects {
        return Box::pin(objects::upload(shared, plan, &payload, objects, caller)).await;
    }
    let (keep, sink) = match &target {
        Some(target) => Some(Keep::begin(shared, target).await?).unzip(),
        None => (None, None),
    };
    let said = || "waiting for AWS".to_owned();
    let sent = shared.aws.invoke_with(request(plan, payload), Transfer { body, sink }, caller.cancel.clone());
    let answer = ticking(caller, said, Box::pin(sent)).await;
    shared.credentials_seen(&answer);
    let mut reply = answer.map_err(|error| call_error(&error))?;
    let mut saved = None;
    if let (Some(keep), Some(body)) = (keep, plan.output.as_ref().and_then(|output| output.body.as_deref())) {
        let told = keep.finish().await.map_err(|error| error.with("outcome", "done"))?;
        if let Some(output) = reply.output.as_object_mut() {
            output.insert(format!("{body}$path"), told.path.as_str().into());
            output.insert(format!("{body}$sha256"), told.sha256.as_str().into());
        }
        saved = Some(told);
    }
    Ok(Fetched { reply, told: Map::new(), next: None, saved })
}

/// Sends the call once, with this payload.
pub(super) async fn invoke(
    shared: &Shared,
    plan: &Plan,
    payload: Arc<Value>,
    caller: &Caller<'_>,
) -> Result<AwsReply, AwsError> {
    // A call of many requests stops between two of them.
    if shared.unless_paused(caller, shared.limits.hold).await.is_err() {
        return Err(AwsError::Cancelled { outcome: Outcome::NotSent });
    }
    let answer = shared.aws.invoke(request(plan, payload), caller.cancel.clone()).await;
    shared.credentials_seen(&answer);
    answer
}

fn request(plan: &Plan, payload: Arc<Value>) -> AwsRequest {
    AwsRequest {
        model: Arc::clone(&plan.model),
        operation: plan.operation.clone(),
        payload,
        region: Some(plan.region.clone()),
    }
}

/// A call that ended between two sends. What it had sent only reads.
pub(super) fn broken_off(stopping: bool, doing: &str) -> CallError {
    let why = if stopping { "Countersign stops" } else { "the caller went away" };
    let error = CallError::new("TransportError", format!("{why} while {doing}")).with("outcome", "not_sent");
    if stopping { error.retryable() } else { error }
}
