//! The interpreter on small rule sets; the official cases of all services are in `tests/suite/endpoints.rs`.

use serde_json::{Map, Value, json};

use super::{Endpoint, EndpointError, Partitions, RuleSet};

fn partitions() -> Partitions {
    Partitions::parse(&json!({"partitions": [
        {"id": "aws", "regionRegex": "^(us|eu)-\\w+-\\d+$",
         "outputs": {"dnsSuffix": "amazonaws.com", "supportsFIPS": true},
         "regions": {"us-east-1": {"description": "here"}}},
        {"id": "aws-cn", "regionRegex": "^cn-\\w+-\\d+$",
         "outputs": {"dnsSuffix": "amazonaws.com.cn", "supportsFIPS": false}, "regions": {}},
    ]}))
    .unwrap()
}

fn params(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

/// Resolves the value of one call, seen through an endpoint's property.
fn call(function: &str, args: &Value) -> Option<Value> {
    let rules = RuleSet::parse(&json!({"parameters": {}, "rules": [
        {"type": "endpoint", "conditions": [{"fn": function, "argv": args, "assign": "out"}],
         "endpoint": {"url": "https://x", "properties": {"out": {"ref": "out"}}}}
    ]}))
    .unwrap();
    match rules.resolve(&partitions(), &Map::new()) {
        Ok(endpoint) => endpoint.properties.get("out").cloned(),
        Err(EndpointError::NoRule) => None,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn functions_answer_as_the_standard_library_says() {
    let cases = [
        ("not", json!([false]), Some(json!(true))),
        ("stringEquals", json!(["a", "a"]), Some(json!(true))),
        ("stringEquals", json!(["a", "b"]), None),
        ("isValidHostLabel", json!(["a-1", false]), Some(json!(true))),
        ("isValidHostLabel", json!(["a.b", false]), None),
        ("isValidHostLabel", json!(["a.b", true]), Some(json!(true))),
        ("isValidHostLabel", json!(["-a", false]), None),
        ("substring", json!(["abcdef", 1, 3, false]), Some(json!("bc"))),
        ("substring", json!(["abcdef", 0, 2, true]), Some(json!("ef"))),
        ("substring", json!(["ab", 0, 3, false]), None),
        ("substring", json!(["éé", 0, 1, false]), None),
        ("uriEncode", json!(["a b/ü~"]), Some(json!("a%20b%2F%C3%BC~"))),
        ("parseURL", json!(["https://h:8/p?q"]), None),
        ("parseURL", json!(["ftp://h"]), None),
        (
            "parseURL",
            json!(["https://h:8/p"]),
            Some(json!({"scheme": "https", "authority": "h:8", "path": "/p", "normalizedPath": "/p/", "isIp": false})),
        ),
        (
            "parseURL",
            json!(["http://127.0.0.1:5000"]),
            Some(json!({
                "scheme": "http", "authority": "127.0.0.1:5000", "path": "", "normalizedPath": "/", "isIp": true
            })),
        ),
        (
            "aws.parseArn",
            json!(["arn:aws:s3:us-east-1:1:accesspoint/a:b"]),
            Some(json!({
                "partition": "aws", "service": "s3", "region": "us-east-1", "accountId": "1",
                "resourceId": ["accesspoint", "a", "b"]
            })),
        ),
        ("aws.parseArn", json!(["arn:aws:s3:::"]), None),
        ("aws.isVirtualHostableS3Bucket", json!(["my-bucket", false]), Some(json!(true))),
        ("aws.isVirtualHostableS3Bucket", json!(["My-bucket", false]), None),
        ("aws.isVirtualHostableS3Bucket", json!(["1.2.3.4", true]), None),
        ("split", json!(["a--b--c", "--", 2]), Some(json!(["a", "b--c"]))),
        ("split", json!(["a--b", "--", 0]), Some(json!(["a", "b"]))),
        ("coalesce", json!(["first", "second"]), Some(json!("first"))),
        ("ite", json!([true, "yes", "no"]), Some(json!("yes"))),
        ("ite", json!([false, "yes", "no"]), Some(json!("no"))),
    ];
    for (function, args, expected) in cases {
        assert_eq!(call(function, &args), expected, "{function} {args}");
    }
}

#[test]
fn a_region_is_found_by_name_then_by_pattern_then_in_the_default_partition() {
    let name = |region: &str| call("aws.partition", &json!([region])).map(|found| found["name"].clone());
    assert_eq!(name("us-east-1"), Some(json!("aws")));
    assert_eq!(name("cn-north-1"), Some(json!("aws-cn")));
    assert_eq!(name("moon-1"), Some(json!("aws")));
    assert_eq!(
        call("aws.partition", &json!(["cn-north-1"])),
        Some(json!({"name": "aws-cn", "dnsSuffix": "amazonaws.com.cn", "supportsFIPS": false}))
    );
}

fn two_ways() -> RuleSet {
    RuleSet::parse(&json!({
        "parameters": {
            "Region": {"type": "string", "builtIn": "AWS::Region", "required": true},
            "UseFIPS": {"type": "boolean", "builtIn": "AWS::UseFIPS", "default": false, "required": true},
            "Endpoint": {"type": "string", "builtIn": "SDK::Endpoint"},
        },
        "rules": [
            {"type": "tree", "conditions": [{"fn": "isSet", "argv": [{"ref": "Endpoint"}]}], "rules": [
                {"type": "error", "error": "no {Region} with FIPS {{here}}",
                 "conditions": [{"fn": "booleanEquals", "argv": [{"ref": "UseFIPS"}, true]}]},
                {"type": "endpoint", "conditions": [], "endpoint": {"url": {"ref": "Endpoint"}}},
            ]},
            {"type": "endpoint",
             "conditions": [
                {"fn": "aws.partition", "argv": [{"ref": "Region"}], "assign": "P"},
                {"fn": "stringEquals", "argv": [{"fn": "getAttr", "argv": [{"ref": "P"}, "name"]}, "aws"]}],
             "endpoint": {
                "url": "https://svc.{Region}.{P#dnsSuffix}",
                "headers": {"x-region": ["{Region}"]},
                "properties": {"authSchemes": [
                    {"name": "sigv4", "signingRegion": "{Region}", "disableDoubleEncoding": true}]}}},
        ],
    }))
    .unwrap()
}

#[test]
fn the_first_rule_whose_conditions_hold_decides() {
    let (rules, partitions) = (two_ways(), partitions());
    let resolve = |value| rules.resolve(&partitions, &params(&value));
    assert_eq!(
        resolve(json!({"Region": "us-east-1"})),
        Ok(Endpoint {
            url: "https://svc.us-east-1.amazonaws.com".into(),
            headers: vec![("x-region".into(), vec!["us-east-1".into()])],
            properties: params(&json!({"authSchemes": [
                {"name": "sigv4", "signingRegion": "us-east-1", "disableDoubleEncoding": true}]})),
        })
    );
    assert_eq!(
        resolve(json!({"Region": "us-east-1", "Endpoint": "http://localhost:1", "Unknown": 1})),
        Ok(Endpoint { url: "http://localhost:1".into(), ..Endpoint::default() })
    );
    assert_eq!(
        resolve(json!({"Region": "r", "Endpoint": "http://localhost:1", "UseFIPS": true})),
        Err(EndpointError::Refused("no r with FIPS {here}".into()))
    );
    assert_eq!(resolve(json!({})), Err(EndpointError::Missing("Region".into())));
    assert_eq!(resolve(json!({"Region": "r", "UseFIPS": "yes"})), Err(EndpointError::WrongType("UseFIPS".into())));
    assert_eq!(resolve(json!({"Region": "cn-north-1"})), Err(EndpointError::NoRule));
}

#[test]
fn broken_rule_sets_are_refused_when_they_are_read() {
    let problem = |rule: &Value| RuleSet::parse(&json!({"parameters": {}, "rules": [rule]})).unwrap_err().to_string();
    let cure = "refresh the models with `countersign models sync`";
    let endpoint = |url: &str| json!({"type": "endpoint", "conditions": [], "endpoint": {"url": url}});
    assert_eq!(
        problem(&json!({"type": "error", "conditions": [{"fn": "guess", "argv": []}], "error": "x"})),
        format!("endpoint rules: rules[0]: unknown function `guess`; {cure}")
    );
    assert_eq!(problem(&endpoint("{Nobody}")), format!("endpoint rules: Nobody: nothing of that name exists; {cure}"));
    assert_eq!(
        problem(&endpoint("https://{x")),
        format!("endpoint rules: rules[0]: `https://{{x` is not a template; {cure}")
    );
    assert_eq!(
        problem(&json!({"type": "leap", "conditions": []})),
        format!("endpoint rules: rules[0]: a rule is a tree, an endpoint or an error; {cure}")
    );
}
