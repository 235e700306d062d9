//! What is settled before a call is sent: accounts in endpoints, endpoints that a service tells itself, requests that
//! are signed for another region, user data.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::aws::{Aws, AwsConfig, AwsError, AwsReply, AwsRequest, Identity};
use countersign::catalog::schema::{Detail, input_schema};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::models;
use crate::support::scripted::{Act, Scripted, client_of};

async fn call(aws: &Aws, service: &str, operation: &str, payload: Value) -> Result<AwsReply, AwsError> {
    let request = AwsRequest {
        model: models::model(service),
        operation: operation.into(),
        payload: payload.into(),
        region: None,
    };
    aws.invoke(request, CancellationToken::new()).await
}

#[tokio::test]
async fn an_account_has_its_own_endpoints_once_it_is_known() {
    let endpoint = async |account: Option<&str>, mode: Option<&str>| {
        let aws = client_of("", |config| {
            config.endpoint_url = None;
            config.account_id_endpoint_mode = mode.map(str::to_owned);
            config.identity =
                account.map(|account| Identity { account: account.into(), arn: "arn:aws:iam::1:user/u".into() });
        })
        .await;
        aws.endpoint(&models::model("dynamodb"), "ListTables", &json!({}), None)
    };
    let plain = || Ok("https://dynamodb.eu-west-1.amazonaws.com".to_owned());
    let own = || Ok("https://123456789012.ddb.eu-west-1.amazonaws.com".to_owned());
    assert_eq!(endpoint(None, None).await, plain());
    assert_eq!(endpoint(Some("123456789012"), None).await, own());
    assert_eq!(endpoint(Some("123456789012"), Some("required")).await, own());
    assert_eq!(endpoint(Some("123456789012"), Some("disabled")).await, plain());
    assert_eq!(endpoint(Some("not an account"), None).await, plain());
    let error = endpoint(None, Some("required")).await.unwrap_err();
    assert!(matches!(&error, AwsError::Endpoint(text) if text.contains("AccountId")), "{error:?}");
}

#[tokio::test]
async fn timestream_is_asked_where_it_is_once() {
    let json = "content-type: application/x-amz-json-1.0\r\n";
    let targets = |server: &Scripted| {
        let target = |request: &String| {
            let line = request.lines().find_map(|line| line.strip_prefix("x-amz-target: ")).unwrap();
            line.rsplit_once('.').unwrap().1.to_owned()
        };
        server.sent().iter().map(target).collect::<Vec<_>>()
    };
    let listing = || Act::Answer(200, json, r#"{"Databases":[]}"#.into());
    let cell = Scripted::start(vec![listing(), listing()]).await;
    let address = cell.url.strip_prefix("http://").unwrap();
    let told = json!({"Endpoints": [{"Address": address, "CachePeriodInMinutes": 60}]});
    let server = Scripted::start(vec![Act::Answer(200, json, told.to_string())]).await;
    let aws = server.client(|config| config.endpoint_discovery = Some(true)).await;
    for _ in 0..2 {
        let reply = call(&aws, "timestream-write", "ListDatabases", json!({})).await.unwrap();
        assert_eq!(reply.output, json!({"Databases": []}));
    }
    assert_eq!(targets(&server), ["DescribeEndpoints"]);
    assert_eq!(targets(&cell), ["ListDatabases", "ListDatabases"]);
    // What is shown and bound is where it goes.
    for (service, operation) in [("timestream-write", "ListDatabases"), ("timestream-query", "CancelQuery")] {
        let (cell, told) = (cell.url.clone(), told.clone());
        let server = Scripted::start(vec![Act::Answer(200, json, told.to_string())]).await;
        let aws = server.client(|config| config.endpoint_discovery = Some(true)).await;
        let (model, payload) = (models::model(service), json!({"QueryId": "q"}));
        let payload = if service == "timestream-query" { payload } else { json!({}) };
        for _ in 0..2 {
            assert_eq!(aws.destination(&model, operation, &payload, None).await, Ok(cell.clone()));
        }
        assert_eq!(targets(&server), ["DescribeEndpoints"]);
    }
    // An endpoint of one's own is where the calls go, unless one says otherwise.
    let server = Scripted::start(vec![listing()]).await;
    call(&server.client(|_| {}).await, "timestream-write", "ListDatabases", json!({})).await.unwrap();
    assert_eq!(targets(&server), ["ListDatabases"]);
    // Nobody is led away.
    let told = json!({"Endpoints": [{"Address": "evil.example.com", "CachePeriodInMinutes": 60}]});
    let server = Scripted::start(vec![Act::Answer(200, json, told.to_string())]).await;
    let aws = server.client(|config| config.endpoint_discovery = Some(true)).await;
    let error = call(&aws, "timestream-write", "ListDatabases", json!({})).await.unwrap_err();
    let place = "Timestream Write names a place outside its own domain";
    assert_eq!(error, AwsError::Endpoint(place.into()));
}

/// What a form says, by name.
fn form(text: &str) -> BTreeMap<String, String> {
    let decoded = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((first, more)) = rest.split_first() {
            rest = more;
            bytes.push(match first {
                b'%' => {
                    let (code, more) = rest.split_at(2);
                    rest = more;
                    u8::from_str_radix(std::str::from_utf8(code).unwrap(), 16).unwrap()
                }
                b'+' => b' ',
                other => *other,
            });
        }
        String::from_utf8(bytes).unwrap()
    };
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

async fn sent(
    service: &str,
    operation: &str,
    payload: Value,
    change: impl FnOnce(&mut AwsConfig),
) -> BTreeMap<String, String> {
    let server = Scripted::start(vec![Act::Answer(200, "", String::new())]).await;
    call(&server.client(change).await, service, operation, payload).await.unwrap();
    form(server.sent().remove(0).split_once("\r\n\r\n").unwrap().1)
}

/// The signed request inside a copy, without what differs from run to run.
fn signed(url: &str) -> BTreeMap<String, String> {
    let mut query = form(url.split_once('?').unwrap().1);
    assert_eq!(query.remove("X-Amz-Signature").unwrap().len(), 64);
    let day = query.remove("X-Amz-Date").unwrap().get(..8).unwrap().to_owned();
    let credential = query.remove("X-Amz-Credential").unwrap();
    query.insert("scope".into(), credential.replace(&day, "DAY"));
    query
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_copy_from_another_region_carries_a_request_signed_for_it() {
    let common = |scope, action, version| {
        [
            ("Action", action),
            ("Version", version),
            ("DestinationRegion", "eu-west-1"),
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Expires", "3600"),
            ("X-Amz-SignedHeaders", "host"),
            ("X-Amz-Security-Token", "session"),
            ("scope", scope),
        ]
    };
    let copy = json!({
        "SourceRegion": "us-west-2",
        "SourceDBSnapshotIdentifier": "arn:aws:rds:us-west-2:123456789012:snapshot:a",
        "TargetDBSnapshotIdentifier": "b",
    });
    let mut body = sent("rds", "CopyDBSnapshot", copy, |_| {}).await;
    let url = body.remove("PreSignedUrl").unwrap();
    let own = [
        ("SourceDBSnapshotIdentifier", "arn:aws:rds:us-west-2:123456789012:snapshot:a"),
        ("TargetDBSnapshotIdentifier", "b"),
    ];
    assert_eq!(body, pairs(&[&own[..], &[("Action", "CopyDBSnapshot"), ("Version", "2014-10-31")]].concat()));
    let rds = common("AKIDEXAMPLE/DAY/us-west-2/rds/aws4_request", "CopyDBSnapshot", "2014-10-31");
    assert_eq!(signed(&url), pairs(&[&own[..], &rds].concat()));

    let copy = json!({"SourceRegion": "us-west-2", "SourceSnapshotId": "snap-1"});
    let mut body = sent("ec2", "CopySnapshot", copy, |_| {}).await;
    let url = body.remove("PresignedUrl").unwrap();
    let own = [("SourceRegion", "us-west-2"), ("SourceSnapshotId", "snap-1"), ("DestinationRegion", "eu-west-1")];
    assert_eq!(body, pairs(&[&own[..], &[("Action", "CopySnapshot"), ("Version", "2016-11-15")]].concat()));
    let ec2 = common("AKIDEXAMPLE/DAY/us-west-2/ec2/aws4_request", "CopySnapshot", "2016-11-15");
    assert_eq!(signed(&url), pairs(&[&own[..], &ec2].concat()));
}

#[tokio::test]
async fn a_copy_at_home_and_a_request_of_ones_own_stay_as_they_are() {
    let home = json!({"SourceRegion": "eu-west-1", "DBClusterIdentifier": "c", "Engine": "docdb"});
    let body = sent("docdb", "CreateDBCluster", home, |_| {}).await;
    assert_eq!((body.get("PreSignedUrl"), body.get("SourceRegion")), (None, None));
    let own = json!({"SourceRegion": "us-west-2", "PreSignedUrl": "https://mine", "DBClusterIdentifier": "c", "Engine": "neptune"});
    let body = sent("neptune", "CreateDBCluster", own, |_| {}).await;
    assert_eq!(body.get("PreSignedUrl").map(String::as_str), Some("https://mine"));
}

/// What happens to it is said where the agent looks: in the short schema and in the whole one.
#[test]
fn the_schema_says_what_happens_to_user_data() {
    for (service, operation) in [("ec2", "RunInstances"), ("autoscaling", "CreateLaunchConfiguration")] {
        let model = models::model(service);
        for detail in [Detail::Compact, Detail::Full] {
            let schema = input_schema(&model, model.operation(operation).unwrap(), detail, None).unwrap();
            let told = schema["properties"]["UserData"]["description"].as_str().unwrap_or_default();
            assert!(told.starts_with("The text itself, which is base64-encoded"), "{service} {detail:?}: {schema}");
        }
    }
}

#[tokio::test]
async fn user_data_may_be_the_text_itself() {
    let script = "#!/bin/sh\necho hi\n";
    let encoded = STANDARD.encode(script);
    for given in [script, &encoded] {
        let payload = json!({"MaxCount": 1, "MinCount": 1, "UserData": given});
        let body = sent("ec2", "RunInstances", payload, |_| {}).await;
        assert_eq!(body.get("UserData"), Some(&encoded));
    }
}
