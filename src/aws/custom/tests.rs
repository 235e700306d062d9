//! Each service's own way, on the smallest case that shows it. Their whole calls are among the protocol tests.

use aws_smithy_runtime_api::http::Request;
use aws_smithy_types::body::SdkBody;
use serde_json::{Map, Value, json};

use super::{bucket_path, endpoint, headers, host_prefix, prepare_input, shaping, tree_hash};
use crate::smithy::{Http, Location, Member, Operation, Service, Shape, Traits};

fn service(sdk_id: &str) -> Service {
    Service { sdk_id: sdk_id.into(), version: "2012-06-01".into(), ..Service::default() }
}

fn operation(name: &str, uri: &str) -> Operation {
    let http = Http { method: "POST".into(), uri: uri.into(), code: 200 };
    Operation { name: name.into(), http, ..Operation::default() }
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn prepared(service_name: &str, uri: &str, input: Option<&Shape>, payload: &Value) -> Value {
    let mut payload = object(payload);
    let mut token = || "token".to_owned();
    prepare_input(&service(service_name), &operation("Do", uri), input, &mut payload, &mut token);
    Value::Object(payload)
}

#[test]
fn the_bucket_leaves_the_uri_of_s3() {
    let uri = |uri: &str| shaping(&service("S3"), &operation("Do", uri)).uri;
    assert_eq!(uri("/{Bucket}/{Key+}?tagging"), Some("/{Key+}?tagging".into()));
    assert_eq!(uri("/{Bucket}?acl"), Some("/?acl".into()));
    assert_eq!(uri("/{Bucket}"), Some("/".into()));
    assert_eq!(uri("/"), None);
    assert_eq!(shaping(&service("Other"), &operation("Do", "/{Bucket}")).uri, None);
    let s3 = service("S3");
    assert_eq!(bucket_path(&s3, "http://h:1/b"), Some(("http://h:1", "/b")));
    assert_eq!(bucket_path(&s3, "https://b.s3.amazonaws.com"), None);
    assert_eq!(bucket_path(&service("Other"), "http://h/p"), None);
}

#[test]
fn tokens_and_accounts_are_filled_in_only_where_they_are_missing() {
    let member = |name: &str, idempotency_token| Member {
        name: name.into(),
        target: "smithy.api#String".into(),
        traits: Some(Box::new(Traits { idempotency_token, ..Traits::default() })),
        ..Member::default()
    };
    let input = Shape { members: vec![member("t", true), member("accountId", false)], ..Shape::default() };
    let input = Some(&input);
    assert_eq!(prepared("Other", "/", input, &json!({})), json!({"t": "token"}));
    assert_eq!(prepared("Other", "/", input, &json!({"t": "own"})), json!({"t": "own"}));
    assert_eq!(prepared("Glacier", "/", input, &json!({"t": "own"})), json!({"t": "own", "accountId": "-"}));
    assert_eq!(prepared("Glacier", "/", input, &json!({"accountId": "1"})), json!({"accountId": "1", "t": "token"}));
}

#[test]
fn route_53_takes_the_ids_it_gives() {
    // The member, its name in the path, what is given, what is sent.
    let cases = [
        ("Id", Some("Id"), "/hostedzone/Z1", "Z1"),
        ("Id", Some("Id"), "/change/C1", "C1"),
        ("HostedZoneId", Some("HostedZoneId"), "Z1", "Z1"),
        ("HostedZoneId", Some("Id"), "/hostedzone/Z1", "Z1"),
        ("HostedZoneId", None, "/hostedzone/Z1", "/hostedzone/Z1"),
        ("Id", None, "/hostedzone/Z1", "/hostedzone/Z1"),
        ("DelegationSetId", None, "/delegationset/N1", "N1"),
    ];
    for (name, label, given, sent) in cases {
        let location = label.map(|label| Location::Label(label.to_owned()));
        let traits = Traits { location, ..Traits::default() };
        let member = Member { name: name.into(), traits: Some(Box::new(traits)), ..Member::default() };
        let input = Shape { members: vec![member], ..Shape::default() };
        let payload = prepared("Route 53", "/", Some(&input), &json!({name: given}));
        assert_eq!(payload, json!({name: sent}), "{name} as {label:?}");
    }
}

#[test]
fn glacier_and_api_gateway_have_headers_of_their_own() {
    let sent = |service_name: &str, name: &str, header: &str, body: &'static str| {
        let mut request = Request::new(SdkBody::from(body));
        headers(&service(service_name), &operation(name, "/"), &mut request);
        request.headers().get(header).map(str::to_owned)
    };
    assert_eq!(sent("API Gateway", "GetRestApis", "accept", ""), Some("application/json".into()));
    assert_eq!(sent("Glacier", "ListVaults", "x-amz-glacier-version", ""), Some("2012-06-01".into()));
    let tree = "x-amz-sha256-tree-hash";
    assert_eq!(
        sent("Glacier", "UploadArchive", tree, "hello world"),
        Some("b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9".into())
    );
    assert_eq!(sent("Glacier", "UploadArchive", tree, ""), None);
    assert_eq!(sent("Glacier", "ListVaults", tree, "x"), None);
}

#[test]
fn a_tree_hash_joins_its_leaves_in_pairs() {
    // Worked out with Python's hashlib, by the rule of the Glacier developer guide.
    let leaf = |size: usize| tree_hash(&vec![b'a'; size]);
    let mib = 1 << 20;
    assert_eq!(leaf(mib), "9bc1b2a288b26af7257a36277ae3816a7d4f16e89c1e7e77d0a5c48bad62b360");
    assert_eq!(leaf(3 * mib), "70239f4f2ead7561f69d48b956b547edef52a1280a93c262c0b582190be7db17");
    assert_eq!(leaf(2 * mib), "560c2c9333c719cb00cfdffee3ba293db17f58743cdd1f7e4055373ae6300afa");
}

#[test]
fn some_hosts_are_said_elsewhere() {
    let prefixed = Operation { host_prefix: Some("{AccountId}.".into()), ..Operation::default() };
    assert_eq!(host_prefix(&service("S3 Control"), &prefixed), None);
    assert_eq!(host_prefix(&service("Other"), &prefixed), Some("{AccountId}."));
    let payload = object(&json!({"PredictEndpoint": "https://realtime.example.com/"}));
    let predict = operation("Predict", "/");
    assert_eq!(endpoint(&service("Machine Learning"), &predict, &payload), Some("https://realtime.example.com".into()));
    assert_eq!(endpoint(&service("Other"), &predict, &payload), None);
}
