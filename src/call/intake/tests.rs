//! Intake: what is accepted, and how every problem is told at once.

use serde_json::json;

use super::*;

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("not an object: {other}"),
    }
}

fn problems(error: &CallError) -> &Value {
    &error.extra["problems"]
}

#[test]
fn execute_is_read_whole() {
    let call = ExecuteCall::read(&map(json!({
        "action": "invoke", "service": "s3", "operation": "DeleteBucket", "payload": {"Bucket": "b"},
        "region": "eu-west-1",
        "options": {"confirmationToken": "cs_1", "hold": 5, "reason": "clean up", "query": "a.b",
                    "paginate": {"maxItems": 10_000, "skip": 3}, "waitFor": "BucketExists", "profile": "work",
                    "idempotencyKey": "k-1", "outputPath": "out.bin", "overwrite": true}
    })));
    assert_eq!(
        call,
        Ok(ExecuteCall {
            action: Action::Invoke,
            service: "s3".into(),
            operation: "DeleteBucket".into(),
            payload: json!({"Bucket": "b"}),
            region: Some("eu-west-1".into()),
            options: Options {
                confirmation_token: Some("cs_1".into()),
                hold: Some(5),
                reason: Some("clean up".into()),
                query: Some("a.b".into()),
                paginate: Some(Paginate { max_items: 10_000, skip: 3 }),
                wait_for: Some("BucketExists".into()),
                profile: Some("work".into()),
                idempotency_key: Some("k-1".into()),
                output_path: Some("out.bin".into()),
                overwrite: true,
            },
        })
    );
}

#[test]
fn a_payload_may_be_json_text_or_absent() {
    let base = json!({"action": "validate", "service": "s3", "operation": "ListBuckets"});
    for (payload, want) in [
        (json!("{\"Bucket\":\"b\"}"), json!({"Bucket": "b"})),
        (json!(""), json!({})),
        (json!(null), json!({})),
        (json!({}), json!({})),
    ] {
        let mut arguments = map(base.clone());
        arguments.insert("payload".into(), payload);
        assert_eq!(ExecuteCall::read(&arguments).unwrap().payload, want);
    }
    assert_eq!(ExecuteCall::read(&map(base)).unwrap().payload, json!({}));
}

#[test]
fn all_problems_are_told_at_once_with_the_nearest_name() {
    let error = ExecuteCall::read(&map(json!({
        "acton": "invoke", "service": 3, "operation": " ", "payload": "[1]", "region": "us east",
        "options": {"confirmToken": "x", "hold": 1.5}
    })))
    .unwrap_err();
    assert_eq!(error.kind, "InvalidArguments");
    assert_eq!(
        problems(&error),
        &json!([
            {"path": "acton", "problem": "unknown key",
             "known": ["action", "service", "operation", "payload", "region", "options"], "nearest": "action"},
            {"path": "action", "problem": "required: one of validate, invoke"},
            {"path": "service", "problem": "a string is expected, got a number"},
            {"path": "operation", "problem": "required"},
            {"path": "payload", "problem": "the JSON text must hold an object, it holds an array"},
            {"path": "region", "problem": "a region looks like us-east-1"},
            {"path": "options.confirmToken", "problem": "unknown key",
             "known": ["confirmationToken", "hold", "reason", "query", "paginate", "waitFor", "profile",
                       "idempotencyKey", "outputPath", "overwrite"], "nearest": "confirmationToken"},
            {"path": "options.hold", "problem": "a whole number from 0 to 3600 is expected, got 1.5"},
        ])
    );
    assert!(error.message.contains("acton: unknown key, did you mean action?"), "{}", error.message);
}

#[test]
fn pages_have_bounds() {
    let read = |options: Value| {
        let call = json!({"action": "invoke", "service": "s3", "operation": "ListBuckets", "options": options});
        ExecuteCall::read(&map(call)).map(|call| call.options)
    };
    assert_eq!(read(json!({"paginate": null, "waitFor": ""})), Ok(Options::default()));
    for (paginate, path, problem) in [
        (json!({}), "options.paginate.maxItems", "required: a whole number from 1 to 10000"),
        (json!({"maxItems": 0}), "options.paginate.maxItems", "a whole number from 1 to 10000 is expected, got 0"),
        (
            json!({"maxItems": 10_001}),
            "options.paginate.maxItems",
            "a whole number from 1 to 10000 is expected, got 10001",
        ),
        (json!({"maxItems": 1, "pageSize": 5}), "options.paginate.pageSize", "unknown key"),
        (
            json!({"maxItems": 1, "skip": -1}),
            "options.paginate.skip",
            "a whole number from 0 to 1000000 is expected, got -1",
        ),
        (json!(true), "options.paginate", "an object with maxItems is expected, got a boolean"),
        (json!(100), "options.paginate", "an object with maxItems is expected, got a number"),
    ] {
        let error = read(json!({"paginate": paginate})).unwrap_err();
        assert_eq!(problems(&error).as_array().unwrap().len(), 1, "{paginate}");
        let told = &problems(&error)[0];
        assert_eq!((&told["path"], &told["problem"]), (&json!(path), &json!(problem)), "{paginate}");
    }
}

#[test]
fn search_has_bounds() {
    let read = |value| SearchCall::read(&map(value));
    assert_eq!(
        read(json!({"query": "list buckets"})),
        Ok(SearchCall { query: "list buckets".into(), service_hint: None, limit: 10 })
    );
    for (arguments, path) in [
        (json!({}), "query"),
        (json!({"query": "x".repeat(257)}), "query"),
        (json!({"query": "x", "limit": 51}), "limit"),
        (json!({"query": "x", "limit": 0}), "limit"),
        (json!({"query": "x", "limit": "10"}), "limit"),
        (json!({"query": "x", "hint": "s3"}), "hint"),
    ] {
        let error = read(arguments).unwrap_err();
        assert_eq!(problems(&error)[0]["path"], path);
    }
}

#[test]
fn schema_detail_is_a_choice() {
    let read = |value| SchemaCall::read(&map(value));
    let call = read(json!({"service": "s3", "operation": "GetObject", "detail": "full", "path": "A.B"}));
    assert_eq!(
        call,
        Ok(SchemaCall { service: "s3".into(), operation: "GetObject".into(), full: true, path: Some("A.B".into()) })
    );
    let error = read(json!({"service": "s3", "operation": "GetObject", "detail": "long"})).unwrap_err();
    assert_eq!(problems(&error)[0]["problem"], "one of compact, full is expected, got \"long\"");
}

/// What is told of a payload given as text.
fn told(payload: String) -> String {
    let mut arguments = map(json!({"action": "validate", "service": "s3", "operation": "ListBuckets"}));
    arguments.insert("payload".into(), payload.into());
    ExecuteCall::read(&arguments)
        .map_or_else(|error| error.message, |call| format!("{} bytes", call.payload.to_string().len()))
}

#[test]
fn hostile_payloads_end_in_an_error_and_a_short_one() {
    let deep = |open: &str| format!("{{\"a\":{}", open.repeat(100_000));
    let keys: Vec<String> = (0..1_000_000).map(|key| format!("\"k{key}\":0")).collect();
    let cases = [
        (deep("["), "payload: the text is not JSON: recursion limit exceeded"),
        (deep("{\"a\":"), "payload: the text is not JSON: recursion limit exceeded"),
        ("[".repeat(50 << 20), "payload: the text is not JSON: recursion limit exceeded"),
        ("{\"a\":1e999999999}".to_owned(), "payload: the text is not JSON: number out of range"),
        (
            "{\"a\":1,\"b\":{\"c\":1,\"c\":2}}".to_owned(),
            "payload: the text is not JSON: the key \"c\" stands twice in one object",
        ),
        (
            format!("{{{}}}", ["\"k\":0"; 2].join(",")),
            "payload: the text is not JSON: the key \"k\" stands twice in one object",
        ),
        (format!("{{\"a\":\"{}\"}}", "x".repeat(50 << 20)), "52428808 bytes"),
        (format!("{{{}}}", keys.join(",")), "11888891 bytes"),
        (format!("\"{}\"", "x".repeat(65 << 20)), "payload: at most 67108864 bytes of JSON text"),
        (format!("{{\"a\":{}}}", "9".repeat(300)), "12 bytes"),
        ("\u{0}".to_owned(), "payload: the text is not JSON: expected value"),
        ("{\"a\":\"\\ud800\"}".to_owned(), "payload: the text is not JSON: unexpected end of hex escape"),
    ];
    for (payload, expected) in cases {
        let start: String = payload.chars().take(20).collect();
        let told = told(payload);
        let told = told.split(" at line").next().unwrap_or_default();
        assert_eq!(told, expected, "{start}");
    }
}
