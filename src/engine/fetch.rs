//! What a planned call brings, however often it has to be sent for that.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::ask::Caller;
use super::send::call_error;
use super::shared::Shared;
use super::{pages, waits};
use crate::aws::{AwsError, AwsReply, AwsRequest, Outcome};
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
}

/// Runs a planned call to its end.
///
/// # Errors
/// As AWS or the course of the call has it; masked, so that it can be recorded as it is.
pub(super) async fn fetch(shared: &Shared, plan: &Plan, caller: &Caller<'_>) -> Result<Fetched, CallError> {
    match &plan.course {
        Course::Once => {
            let reply = invoke(shared, plan, Arc::clone(&plan.payload), caller).await;
            let reply = reply.map_err(|error| call_error(&error))?;
            Ok(Fetched { reply, told: Map::new(), next: None })
        }
        Course::Pages(start) => pages::all(shared, plan, start, caller).await,
        Course::Wait { waiter, within } => waits::until(shared, plan, waiter, *within, caller).await,
    }
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
    let request = AwsRequest {
        model: Arc::clone(&plan.model),
        operation: plan.operation.clone(),
        payload,
        region: Some(plan.region.clone()),
    };
    let answer = shared.aws.invoke(request, caller.cancel.clone()).await;
    shared.credentials_seen(&answer);
    answer
}

/// A call that ended between two sends. What it had sent only reads.
pub(super) fn broken_off(stopping: bool, doing: &str) -> CallError {
    let why = if stopping { "Countersign stops" } else { "the caller went away" };
    let error = CallError::new("TransportError", format!("{why} while {doing}")).with("outcome", "not_sent");
    if stopping { error.retryable() } else { error }
}
