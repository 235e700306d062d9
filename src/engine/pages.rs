//! The loop over the pages of a read: asks for one after the other, and tells how far it is.

use serde_json::{Map, Value};
use tokio::time::Instant;

use super::ask::Caller;
use super::fetch::{Fetched, broken_off, invoke};
use super::send::call_error;
use super::shared::Shared;
use super::status::ProgressUpdate;
use crate::aws::AwsReply;
use crate::call::CallError;
use crate::call::paginate::Pages;
use crate::call::plan::Plan;

/// Gathers the pages.
///
/// # Errors
/// That of the page that failed, with how far it had come.
pub(super) async fn all(
    shared: &Shared,
    plan: &Plan,
    start: &Pages,
    caller: &Caller<'_>,
) -> Result<Fetched, CallError> {
    let started = Instant::now();
    let mut pages = start.clone();
    let mut sent = 0_u32;
    let mut oddities = Vec::new();
    let last = loop {
        let answer = tokio::select! {
            biased;
            () = shared.stop.cancelled() => return Err(so_far(broken_off(true, "it gathers pages"), &pages)),
            answer = invoke(shared, plan, pages.payload(), caller) => answer,
        };
        let AwsReply { output, request_id, attempts, http_status, unread } =
            answer.map_err(|error| so_far(call_error(&error), &pages))?;
        sent = sent.saturating_add(attempts);
        oddities.extend(unread);
        let more = pages.absorb(output)?;
        let (count, items) = pages.so_far();
        (caller.progress)(ProgressUpdate {
            elapsed_seconds: started.elapsed().as_secs_f64(),
            total_seconds: None,
            message: format!("gathering pages: {count} so far, items: {items}"),
        });
        if !more {
            break AwsReply { output: Value::Null, request_id, attempts: sent, http_status, unread: oddities };
        }
    };
    let gathered = pages.finish();
    let told = [("pages", gathered.pages), ("items", gathered.items)];
    let told: Map<String, Value> = told.into_iter().map(|(name, count)| (name.to_owned(), count.into())).collect();
    Ok(Fetched { reply: AwsReply { output: gathered.output, ..last }, told, next: gathered.next, saved: None })
}

fn so_far(error: CallError, pages: &Pages) -> CallError {
    let (count, items) = pages.so_far();
    let hint = error.hint.clone().unwrap_or_else(|| {
        "with a smaller paginate.maxItems a call ends before that page, and metadata.next tells how to go on".to_owned()
    });
    error.with("pages", count).with("items", items).hint(hint)
}
