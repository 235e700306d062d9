//! Which course a call takes, and every way it cannot.

use serde_json::json;

use super::*;

fn model() -> Model {
    let waiter = |operation: &str| {
        json!({"delay": 1, "maxAttempts": 2, "operation": operation,
               "acceptors": [{"state": "success", "matcher": "status", "expected": 200}]})
    };
    serde_json::from_value(json!({
        "service": {},
        "shapes": {},
        "operations": {
            "ListToys": {"name": "ListToys",
                "paginator": {"input_token": ["T"], "output_token": ["T"], "result_key": ["Toys"]}},
            "GetToy": {"name": "GetToy"},
        },
        "waiters": {"ToyReady": waiter("GetToy"), "ToyGone": waiter("GetToy"), "ToysThere": waiter("ListToys")},
    }))
    .unwrap()
}

fn of(operation: &str, class: RiskClass, options: &Options) -> Result<Course, CallError> {
    let model = model();
    Course::of(&model, model.operation(operation).unwrap(), class, &Arc::new(json!({"A": 1})), options)
}

fn pages(max_items: usize) -> Options {
    Options { paginate: Some(Paginate { max_items, skip: 0 }), ..Options::default() }
}

fn wait(name: &str) -> Options {
    Options { wait_for: Some(name.to_owned()), ..Options::default() }
}

#[test]
fn the_options_say_how_often() {
    assert_eq!(of("ListToys", RiskClass::Write, &Options::default()), Ok(Course::Once));
    let Ok(Course::Pages(pages)) = of("ListToys", RiskClass::Read, &pages(7)) else { panic!("no pages") };
    assert_eq!((pages.max_items(), Value::clone(&pages.payload())), (7, json!({"A": 1})));
    for name in ["ToyReady", "toy_ready", "toy-ready", "TOYREADY"] {
        for (hold, seconds) in [(None, 900), (Some(20), 20), (Some(0), 0), (Some(3_600), 900)] {
            let course = of("GetToy", RiskClass::Read, &Options { hold, ..wait(name) });
            let Ok(Course::Wait { waiter, within }) = course else { panic!("{name}: no wait") };
            assert_eq!((waiter.name.as_str(), within), ("ToyReady", Duration::from_secs(seconds)), "{name}");
        }
    }
}

#[test]
fn an_approval_is_bound_to_it() {
    let extent = |operation: &str, options: &Options| of(operation, RiskClass::Read, options).unwrap().extent();
    assert_eq!(extent("ListToys", &Options::default()), "");
    assert_eq!(extent("ListToys", &pages(7)), "page by page, up to 7 items");
    assert_eq!(extent("GetToy", &Options { hold: Some(3), ..wait("ToyReady") }), "again and again until ToyReady");
}

#[test]
fn what_cannot_be_is_told() {
    let both = Options { paginate: pages(1).paginate, ..wait("ToysThere") };
    let known = ["ToyGone", "ToyReady"];
    for (operation, class, options, problem) in [
        (
            "GetToy",
            RiskClass::Read,
            pages(1),
            json!({"path": "options.paginate", "problem": "GetToy does not answer in pages; leave it out"}),
        ),
        (
            "ListToys",
            RiskClass::Secret,
            pages(1),
            json!({"path": "options.paginate",
                   "problem": "only what reads is sent more than once, and the class of this call is secret"}),
        ),
        (
            "GetToy",
            RiskClass::Write,
            wait("ToyReady"),
            json!({"path": "options.waitFor",
                   "problem": "only what reads is sent more than once, and the class of this call is write"}),
        ),
        (
            "GetToy",
            RiskClass::Read,
            wait("ToyRedy"),
            json!({"path": "options.waitFor", "known": known, "nearest": "ToyReady",
                   "problem": "GetToy has no waiter of that name, it has ToyGone, ToyReady"}),
        ),
        (
            "GetToy",
            RiskClass::Read,
            wait("BucketExists"),
            json!({"path": "options.waitFor", "known": known,
                   "problem": "GetToy has no waiter of that name, it has ToyGone, ToyReady"}),
        ),
        (
            "ListToys",
            RiskClass::Read,
            wait("toy_ready"),
            json!({"path": "options.waitFor", "known": ["ToysThere"],
                   "problem": "ToyReady waits with GetToy, not with ListToys; call that operation"}),
        ),
        (
            "ListToys",
            RiskClass::Read,
            both,
            json!({"path": "options.waitFor", "problem": "not together with options.paginate"}),
        ),
    ] {
        let error = of(operation, class, &options).unwrap_err();
        assert_eq!((error.kind, &error.extra["problems"]), ("InvalidArguments", &json!([problem])));
        assert!(error.message.contains(problem["problem"].as_str().unwrap()), "{error}");
    }
}

#[test]
fn an_operation_without_waiters_says_so() {
    let mut model = model();
    model.waiters.clear();
    let operation = model.operation("GetToy").unwrap();
    let error = Course::of(&model, operation, RiskClass::Read, &Arc::default(), &wait("X")).unwrap_err();
    assert_eq!(error.message, "options.waitFor: GetToy has no waiters; leave it out");
}
