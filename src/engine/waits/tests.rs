//! The loop of a wait, with scripted polls and a time that passes only where the loop pauses.

use std::sync::Mutex;

use futures_util::FutureExt as _;

use super::*;
use crate::smithy::{Fault, Model};

/// Seconds that have passed; each pause adds its own.
#[derive(Clone, Default)]
struct Time(Arc<Mutex<Vec<u64>>>);

impl Time {
    fn pauses(&self) -> Vec<u64> {
        self.0.lock().unwrap().clone()
    }
}

impl Pace for Time {
    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.pauses().iter().sum())
    }

    fn pause(&mut self, duration: Duration) -> impl Future<Output = ()> + Send {
        self.0.lock().unwrap().push(duration.as_secs());
        std::future::ready(())
    }
}

fn waiter(delay: u64, attempts: u64) -> Waiter {
    let form = json!({"delay": delay, "maxAttempts": attempts, "operation": "DescribeToy", "acceptors": [
        {"state": "success", "matcher": "path", "argument": "State", "expected": "ready"},
        {"state": "failure", "matcher": "path", "argument": "State", "expected": "broken"},
        {"state": "retry", "matcher": "error", "expected": "NotThere"},
        {"state": "failure", "matcher": "error", "expected": "Forbidden"},
        {"state": "success", "matcher": "status", "expected": 410},
    ]});
    Waiter::read(&Model::default(), "ToyReady", &form).unwrap()
}

fn state(state: &str) -> Result<AwsReply, AwsError> {
    let output = json!({"State": state});
    Ok(AwsReply { output, request_id: Some("id".into()), attempts: 2, http_status: 200, unread: Vec::new() })
}

fn error(code: &str, http_status: u16) -> Result<AwsReply, AwsError> {
    Err(AwsError::Service {
        code: code.into(),
        message: "told".into(),
        http_status,
        request_id: Some("id".into()),
        fault: Fault::Client,
        attempts: 1,
        detail: Box::default(),
    })
}

/// What a wait of up to `within` seconds came to: the end, the pauses, the progress.
struct Run {
    end: Result<Fetched, CallError>,
    pauses: Vec<u64>,
    told: Vec<(f64, String)>,
}

fn run(waiter: &Waiter, within: u64, polls: Vec<Result<AwsReply, AwsError>>) -> Run {
    let told = Arc::new(Mutex::new(Vec::new()));
    let progress: Progress = {
        let told = Arc::clone(&told);
        Arc::new(move |update: ProgressUpdate| {
            assert_eq!(update.total_seconds, Some(Duration::from_secs(within).as_secs_f64()));
            told.lock().unwrap().push((update.elapsed_seconds, update.message));
        })
    };
    let never = CancellationToken::new();
    let wait = Wait { waiter, within: Duration::from_secs(within), progress: &progress, gone: &never, stop: &never };
    let time = Time::default();
    let mut polls = polls.into_iter();
    let poll = || std::future::ready(polls.next().expect("it polls no more than it should"));
    let end = wait.run(time.clone(), poll, Value::clone).now_or_never().expect("nothing here takes time");
    assert_eq!(polls.len(), 0, "it polls as often as it should");
    let told = told.lock().unwrap().clone();
    Run { end, pauses: time.pauses(), told }
}

fn ended(run: Run) -> (Value, u32, u16, Map<String, Value>) {
    let Fetched { reply, told, next, saved } = run.end.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((next, saved), (None, None));
    assert_eq!(reply.request_id.as_deref(), Some("id"));
    (reply.output, reply.attempts, reply.http_status, told)
}

fn facts(polls: u64, state: &str) -> Map<String, Value> {
    let waiter = json!({"name": "ToyReady", "polls": polls, "state": state});
    Map::from_iter([("waiter".to_owned(), waiter)])
}

#[test]
fn it_polls_until_the_state_is_reached() {
    let run = run(&waiter(12, 9), 900, vec![state("new"), error("NotThere", 404), state("ready")]);
    // Progress with every poll, and every five seconds in between.
    let polls = |polls: u64| format!("waiting for ToyReady, polls so far: {polls}");
    let told = [(0.0, 0), (5.0, 1), (10.0, 1), (12.0, 1), (17.0, 2), (22.0, 2), (24.0, 2)];
    assert_eq!(run.told, told.map(|(at, count)| (at, polls(count))));
    assert_eq!(run.pauses, [5, 5, 2, 5, 5, 2]);
    assert_eq!(ended(run), (json!({"State": "ready"}), 5, 200, facts(3, "success")));
}

#[test]
fn an_error_can_be_what_is_waited_for() {
    let run = run(&waiter(1, 9), 900, vec![state("new"), error("Gone", 410)]);
    assert_eq!(ended(run), (Value::Null, 3, 410, facts(2, "success")));
}

#[test]
fn a_state_without_return_ends_it() {
    for (last, detail) in [
        (state("broken"), json!({"State": "broken"})),
        (error("Forbidden", 403), json!({"code": "Forbidden", "message": "told"})),
    ] {
        let status = if last.is_ok() { 200 } else { 403 };
        let attempts = if last.is_ok() { 4 } else { 3 };
        let error = run(&waiter(1, 9), 900, vec![state("new"), last]).end.err().unwrap();
        assert_eq!((error.kind, error.retryable), ("ServiceError", false));
        assert_eq!(
            Value::Object(error.extra),
            json!({"httpStatus": status, "requestId": "id", "detail": detail, "code": "WaiterFailed",
                   "attempts": attempts, "waiter": {"name": "ToyReady", "polls": 2, "state": "failure"}})
        );
    }
}

/// `(delay, attempts, within, polls, pauses)`
#[test]
fn attempts_and_time_run_out() {
    for (delay, attempts, within, polls, pauses) in [
        (3, 4, 900, 4, vec![3, 3, 3]),
        (3, 1, 900, 1, vec![]),
        // What is left of the time is used, with a last look at its end.
        (4, 99, 10, 4, vec![4, 4, 2]),
        (4, 99, 8, 3, vec![4, 4]),
        (30, 99, 7, 2, vec![5, 2]),
        (30, 99, 0, 1, vec![]),
    ] {
        let run = run(&waiter(delay, attempts), within, (0..polls).map(|_| state("new")).collect());
        assert_eq!(run.pauses, pauses, "{delay} {attempts} {within}");
        let error = run.end.err().unwrap();
        assert_eq!((error.kind, error.retryable), ("Timeout", true));
        let seconds: u64 = pauses.iter().sum();
        assert_eq!(error.message, format!("ToyReady: not yet (polls: {polls}, seconds: {seconds})"));
        assert_eq!(
            Value::Object(error.extra),
            json!({"httpStatus": 200, "requestId": "id", "detail": {"State": "new"}, "attempts": 2 * polls,
                   "waiter": {"name": "ToyReady", "polls": polls, "state": "retry"}})
        );
    }
}

#[test]
fn an_error_that_the_waiter_does_not_know_is_the_calls_own() {
    let end = run(&waiter(1, 9), 900, vec![state("new"), error("Throttled", 400)]).end.err().unwrap();
    assert_eq!((end.kind, &end.extra["code"]), ("ServiceError", &json!("Throttled")));
    assert_eq!(end.extra["waiter"], facts(2, "error")["waiter"]);

    let outcome = crate::aws::Outcome::NotSent;
    let lost = Err(AwsError::Transport { message: "gone".into(), outcome, attempts: 3 });
    let end = run(&waiter(1, 9), 900, vec![lost]).end.err().unwrap();
    assert_eq!((end.kind, &end.extra["outcome"]), ("TransportError", &json!("not_sent")));
}

/// A time that stands still: a pause ends only by being broken off.
struct Still(CancellationToken);

impl Pace for Still {
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn pause(&mut self, _: Duration) -> impl Future<Output = ()> + Send {
        self.0.cancel();
        std::future::pending()
    }
}

#[test]
fn a_pause_is_broken_off() {
    let progress: Progress = Arc::new(|_| {});
    let waiter = waiter(30, 9);
    for (stopping, told, retryable) in [
        (false, "the caller went away while it waits for ToyReady", false),
        (true, "Countersign stops while it waits for ToyReady", true),
    ] {
        let (now, never) = (CancellationToken::new(), CancellationToken::new());
        let (gone, stop) = if stopping { (&never, &now) } else { (&now, &never) };
        let wait = Wait { waiter: &waiter, within: Duration::from_secs(900), progress: &progress, gone, stop };
        let poll = || std::future::ready(state("new"));
        let end = wait.run(Still(now.clone()), poll, Value::clone).now_or_never();
        let error = end.expect("it does not wait").err().unwrap();
        assert_eq!((error.kind, error.message.as_str(), error.retryable), ("TransportError", told, retryable));
        assert_eq!(Value::Object(error.extra), json!({"outcome": "not_sent"}));
    }
}
