//! The loop of a waiter: polls its operation until the model says that the wait is over, and tells how long it
//! has been waiting. Time comes in as a value, so that tests need none.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::ask::{Caller, PROGRESS_EVERY};
use super::fetch::{Fetched, broken_off, invoke};
use super::send::call_error;
use super::shared::Shared;
use super::status::{Progress, ProgressUpdate};
use crate::aws::{AwsError, AwsReply};
use crate::call::plan::Plan;
use crate::call::waiter::{Judgement, Polled, Waiter};
use crate::call::{CallError, mask, shape};

/// Characters of the last output that go with an error.
const DETAIL: usize = 4_000;

/// Time as a wait sees it.
trait Pace: Send {
    /// Since the wait began.
    fn elapsed(&self) -> Duration;
    /// Lets time pass.
    fn pause(&mut self, duration: Duration) -> impl Future<Output = ()> + Send;
}

/// The time there is.
struct Real(Instant);

impl Pace for Real {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn pause(&mut self, duration: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(duration)
    }
}

/// A wait that is told to the caller and can be broken off.
struct Wait<'a> {
    waiter: &'a Waiter,
    within: Duration,
    progress: &'a Progress,
    gone: &'a CancellationToken,
    stop: &'a CancellationToken,
}

/// Where a wait stands.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
struct Count {
    polls: u64,
    attempts: u32,
}

/// Polls until the waiter is satisfied.
///
/// # Errors
/// `Timeout` when attempts or time run out, `ServiceError` with code `WaiterFailed` when what is waited for cannot
/// come any more, and every error of the call that the waiter does not know.
pub(super) async fn until(
    shared: &Shared,
    plan: &Plan,
    waiter: &Waiter,
    within: Duration,
    caller: &Caller<'_>,
) -> Result<Fetched, CallError> {
    let wait = Wait { waiter, within, progress: caller.progress, gone: caller.cancel, stop: &shared.stop };
    let poll = || async {
        // Only while it polls does it count as a call at work: a long wait must not keep others out.
        let _permit = shared.permits.acquire().await;
        invoke(shared, plan, Arc::clone(&plan.payload), caller).await
    };
    let detail = |output: &Value| {
        let mut output = output.clone();
        let shape = plan.model.operation(&plan.operation).and_then(|operation| operation.output.as_deref());
        if let Some(shape) = shape {
            mask::mask(&plan.model, shape, &mut output);
        }
        shape::shape(output, DETAIL).value
    };
    wait.run(Real(Instant::now()), poll, detail).await
}

impl Wait<'_> {
    async fn run<P, F>(
        &self,
        mut pace: P,
        mut poll: impl FnMut() -> F + Send,
        detail: impl Fn(&Value) -> Value + Send,
    ) -> Result<Fetched, CallError>
    where
        P: Pace,
        F: Future<Output = Result<AwsReply, AwsError>> + Send,
    {
        let mut count = Count::default();
        loop {
            self.tell(&pace, count);
            let answer = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(self.broken(true)),
                answer = poll() => answer,
            };
            count.polls += 1;
            let judged = match &answer {
                Ok(reply) => {
                    count.attempts = count.attempts.saturating_add(reply.attempts);
                    self.waiter.judge(&Polled::Answered { status: reply.http_status, output: &reply.output })
                }
                Err(AwsError::Service { code, http_status, attempts, .. }) => {
                    count.attempts = count.attempts.saturating_add(*attempts);
                    self.waiter.judge(&Polled::Failed { status: *http_status, code })
                }
                Err(_) => Judgement::Unexpected,
            };
            match judged {
                Judgement::Success => return Ok(self.reached(answer, count)),
                Judgement::Failure => return Err(self.failed(&answer, count, detail)),
                Judgement::Unexpected => return Err(self.unexpected(&answer, count)),
                Judgement::Retry => {}
            }
            let left = self.within.saturating_sub(pace.elapsed());
            if count.polls >= self.waiter.max_attempts || left.is_zero() {
                return Err(self.timed_out(&answer, count, pace.elapsed(), detail));
            }
            self.pause(&mut pace, self.waiter.delay.min(left), count).await?;
        }
    }

    /// Waits, and tells every few seconds that it is alive.
    async fn pause(&self, pace: &mut impl Pace, duration: Duration, count: Count) -> Result<(), CallError> {
        let mut left = duration;
        while !left.is_zero() {
            let step = left.min(PROGRESS_EVERY);
            tokio::select! {
                biased;
                () = self.gone.cancelled() => return Err(self.broken(false)),
                () = self.stop.cancelled() => return Err(self.broken(true)),
                () = pace.pause(step) => {}
            }
            left = left.saturating_sub(step);
            if !left.is_zero() {
                self.tell(pace, count);
            }
        }
        Ok(())
    }

    fn tell(&self, pace: &impl Pace, count: Count) {
        let name = &self.waiter.name;
        (self.progress)(ProgressUpdate {
            elapsed_seconds: pace.elapsed().as_secs_f64(),
            total_seconds: Some(self.within.as_secs_f64()),
            message: format!("waiting for {name}, polls so far: {}", count.polls),
        });
    }

    fn facts(&self, count: Count, state: &str) -> Map<String, Value> {
        let waiter = json!({"name": self.waiter.name, "polls": count.polls, "state": state});
        Map::from_iter([("waiter".to_owned(), waiter)])
    }

    fn reached(&self, answer: Result<AwsReply, AwsError>, count: Count) -> Fetched {
        let reply = match answer {
            Ok(reply) => AwsReply { attempts: count.attempts, ..reply },
            // What was waited for is an error (`BucketNotExists`): there is no result.
            Err(AwsError::Service { http_status, request_id, .. }) => {
                AwsReply { output: Value::Null, request_id, attempts: count.attempts, http_status, unread: Vec::new() }
            }
            Err(_) => AwsReply {
                output: Value::Null,
                request_id: None,
                attempts: count.attempts,
                http_status: 0,
                unread: Vec::new(),
            },
        };
        Fetched { reply, told: self.facts(count, "success"), next: None, saved: None }
    }

    fn failed(&self, answer: &Result<AwsReply, AwsError>, count: Count, detail: impl Fn(&Value) -> Value) -> CallError {
        let name = &self.waiter.name;
        let message = format!("{name}: a state is reached from which it will not come (polls: {})", count.polls);
        let error = CallError::new("ServiceError", message).hint("detail has the last answer; it tells the state");
        let error = with_last(error, answer, detail).with("code", "WaiterFailed");
        self.with_facts(error.with("attempts", count.attempts), count, "failure")
    }

    fn timed_out(
        &self,
        answer: &Result<AwsReply, AwsError>,
        count: Count,
        elapsed: Duration,
        detail: impl Fn(&Value) -> Value,
    ) -> CallError {
        let (name, seconds) = (&self.waiter.name, elapsed.as_secs());
        let message = format!("{name}: not yet (polls: {}, seconds: {seconds})", count.polls);
        let error = CallError::new("Timeout", message)
            .retryable()
            .hint("call again to go on waiting; options.hold sets for how many seconds, up to 900");
        let error = with_last(error, answer, detail).with("attempts", count.attempts);
        self.with_facts(error, count, "retry")
    }

    fn unexpected(&self, answer: &Result<AwsReply, AwsError>, count: Count) -> CallError {
        let error = match answer {
            Err(error) => call_error(error),
            Ok(_) => CallError::new("Internal", "an answer was taken for an error"),
        };
        self.with_facts(error, count, "error")
    }

    fn with_facts(&self, mut error: CallError, count: Count, state: &str) -> CallError {
        error.extra.extend(self.facts(count, state));
        error
    }

    fn broken(&self, stopping: bool) -> CallError {
        broken_off(stopping, &format!("it waits for {}", self.waiter.name))
    }
}

/// With what the last poll brought.
fn with_last(error: CallError, answer: &Result<AwsReply, AwsError>, detail: impl Fn(&Value) -> Value) -> CallError {
    match answer {
        Ok(reply) => error
            .with("httpStatus", reply.http_status)
            .with("requestId", reply.request_id.clone())
            .with("detail", detail(&reply.output)),
        Err(AwsError::Service { code, message, http_status, request_id, .. }) => error
            .with("httpStatus", *http_status)
            .with("requestId", request_id.clone())
            .with("detail", json!({"code": code, "message": message})),
        Err(other) => error.with("detail", other.to_string()),
    }
}

#[cfg(test)]
mod tests;
