//! Waiters: every kind of matcher, in botocore's sense.

use serde_json::json;

use super::*;

fn model() -> Model {
    serde_json::from_value(json!({
        "service": {}, "operations": {},
        "shapes": {"GoneFault": {"t": "structure", "m": [], "x": {"error": {"fault": "client", "code": "Gone"}}}}
    }))
    .unwrap()
}

fn waiter(acceptors: &Value) -> Waiter {
    let form = json!({"delay": 15, "maxAttempts": 40, "operation": "DescribeToys", "acceptors": acceptors});
    Waiter::read(&model(), "ToyReady", &form).unwrap()
}

fn answered(output: &Value) -> Polled<'_> {
    Polled::Answered { status: 200, output }
}

/// `(matcher, argument, expected, output, fits)`
#[test]
fn matchers_of_the_output() {
    let toys = json!({"Toys": [{"State": "ready"}, {"State": "ready"}, {"State": "broken"}], "Status": "DONE",
                      "Ready": true, "Count": 2, "None": [], "Half": 1.0});
    for (matcher, argument, expected, fits) in [
        ("path", "Status", json!("DONE"), true),
        ("path", "Status", json!("done"), false),
        ("path", "Missing", json!("DONE"), false),
        ("path", "Missing", json!(null), false),
        ("path", "Ready", json!(true), true),
        ("path", "Ready", json!("true"), false),
        ("path", "Count", json!(2), true),
        ("path", "Half", json!(1), true),
        ("path", "length(Toys[]) > `0`", json!(true), true),
        ("path", "length(None) == `0`", json!(true), true),
        ("path", "length(Missing) == `0`", json!(true), false),
        ("path", "length(Toys[?!(State == 'ready')]) == `0`", json!(true), false),
        ("path", "Status != 'A' && Status != 'B'", json!(true), true),
        ("path", "Toys[].State", json!(["ready", "ready", "broken"]), true),
        ("pathAll", "Toys[].State", json!("ready"), false),
        ("pathAll", "Toys[:2].State", json!("ready"), true),
        ("pathAll", "None", json!("ready"), false),
        ("pathAll", "None[].State", json!("ready"), false),
        ("pathAll", "Missing[].State", json!("ready"), false),
        ("pathAll", "Status", json!("DONE"), false),
        ("pathAny", "Toys[].State", json!("broken"), true),
        ("pathAny", "Toys[].State", json!("gone"), false),
        ("pathAny", "None", json!("broken"), false),
        ("pathAny", "Status", json!("DONE"), false),
    ] {
        let waiter =
            waiter(&json!([{"state": "success", "matcher": matcher, "argument": argument, "expected": expected}]));
        let want = if fits { Judgement::Success } else { Judgement::Retry };
        assert_eq!(waiter.judge(&answered(&toys)), want, "{matcher} {argument} {expected}");
        // The output of an earlier poll is none of an error.
        let failed = Polled::Failed { status: 400, code: "DONE" };
        assert_eq!(waiter.judge(&failed), Judgement::Unexpected, "{matcher} {argument} {expected}");
    }
}

/// `(matcher, expected, status and error code, what comes of it)`
#[test]
fn matchers_of_status_and_error() {
    use Judgement::{Retry, Success, Unexpected};
    let output = json!({});
    for (matcher, expected, status, code, want) in [
        ("status", json!(200), 200, None, Success),
        ("status", json!(404), 200, None, Retry),
        ("status", json!(404), 404, Some("NotFound"), Success),
        ("status", json!(404), 403, Some("Forbidden"), Unexpected),
        ("error", json!("Gone"), 400, Some("Gone"), Success),
        ("error", json!("Gone"), 400, Some("GoneFault"), Unexpected),
        ("error", json!("Gone"), 200, None, Retry),
        // The name of an error's shape stands for its code too.
        ("error", json!("GoneFault"), 400, Some("Gone"), Success),
        ("error", json!("GoneFault"), 400, Some("GoneFault"), Success),
        ("error", json!("GoneFault"), 400, Some("Other"), Unexpected),
        ("error", json!(true), 500, Some("Any"), Success),
        ("error", json!(true), 200, None, Retry),
        ("error", json!(false), 200, None, Success),
        ("error", json!(false), 500, Some("Any"), Unexpected),
    ] {
        let waiter = waiter(&json!([{"state": "success", "matcher": matcher, "expected": expected}]));
        let polled = match code {
            Some(code) => Polled::Failed { status, code },
            None => Polled::Answered { status, output: &output },
        };
        assert_eq!(waiter.judge(&polled), want, "{matcher} {expected} {status} {code:?}");
    }
}

#[test]
fn the_first_acceptor_that_fits_decides() {
    let waiter = waiter(&json!([
        {"state": "success", "matcher": "pathAll", "argument": "Toys[].State", "expected": "ready"},
        {"state": "failure", "matcher": "pathAny", "argument": "Toys[].State", "expected": "broken"},
        {"state": "retry", "matcher": "error", "expected": "Gone"},
        {"state": "failure", "matcher": "error", "expected": true},
    ]));
    assert_eq!((waiter.delay, waiter.max_attempts), (Duration::from_secs(15), 40));
    for (states, want) in [
        (json!(["ready", "ready"]), Judgement::Success),
        (json!(["ready", "broken"]), Judgement::Failure),
        (json!(["ready", "pending"]), Judgement::Retry),
        (json!([]), Judgement::Retry),
    ] {
        let toys: Vec<Value> = states.as_array().unwrap().iter().map(|state| json!({"State": state})).collect();
        assert_eq!(waiter.judge(&answered(&json!({"Toys": toys}))), want, "{states}");
    }
    assert_eq!(waiter.judge(&Polled::Failed { status: 400, code: "Gone" }), Judgement::Retry);
    assert_eq!(waiter.judge(&Polled::Failed { status: 400, code: "Else" }), Judgement::Failure);
}

#[test]
fn an_unfit_waiter_is_told() {
    let form = |acceptor: Value| json!({"delay": 1, "maxAttempts": 1, "operation": "X", "acceptors": [acceptor]});
    for (form, told) in [
        (json!({"maxAttempts": 1, "acceptors": []}), "`delay`"),
        (json!({"delay": 1, "maxAttempts": 1}), "`acceptors`"),
        (form(json!({"state": "later", "matcher": "status", "expected": 200})), "`later`"),
        (form(json!({"state": "success", "matcher": "status", "expected": "x"})), "HTTP status"),
        (form(json!({"state": "success", "matcher": "header", "expected": "x"})), "`header`"),
        (form(json!({"state": "success", "matcher": "path", "expected": "x"})), "`argument`"),
        (form(json!({"state": "success", "matcher": "path", "argument": "[", "expected": "x"})), "not JMESPath"),
        (form(json!({"state": "success", "matcher": "error"})), "expects"),
    ] {
        let problem = Waiter::read(&model(), "ToyReady", &form).unwrap_err();
        assert!(problem.starts_with("the waiter ToyReady") && problem.contains(told), "{problem}");
    }
}
