//! How calls end: retries, timeouts, refusals, cancellation; and that every ending says whether the call may
//! have taken effect. What goes over the wire is signed.

use std::time::Duration;

use countersign::aws::{Aws, AwsConfig, AwsError, AwsReply, AwsRequest, Outcome};
use countersign::smithy::Fault;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::models;
use crate::support::scripted::{Act, Scripted, client_of};

const JSON: &str = "content-type: application/x-amz-json-1.0\r\nx-amzn-requestid: r-1\r\n";

fn answer(status: u16, body: &Value) -> Act {
    Act::Answer(status, JSON, body.to_string())
}

fn once(config: &mut AwsConfig) {
    config.max_retries = 0;
}

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
async fn a_server_error_is_tried_again_and_counted() {
    let server = Scripted::start(vec![
        answer(500, &json!({"__type": "InternalServerError", "message": "m"})),
        answer(200, &json!({"TableNames": ["a"]})),
    ])
    .await;
    let aws = server.client(|_| {}).await;
    assert_eq!(
        call(&aws, "dynamodb", "ListTables", json!({})).await,
        Ok(AwsReply {
            output: json!({"TableNames": ["a"]}),
            request_id: Some("r-1".into()),
            attempts: 2,
            http_status: 200,
            unread: Vec::new(),
        })
    );
    assert_eq!(server.sent().len(), 2);
}

#[tokio::test]
async fn throttling_is_waited_out_and_told_when_it_stays() {
    let slow = || answer(400, &json!({"__type": "ThrottlingException", "message": "slow down"}));
    let server = Scripted::start(vec![slow(), slow(), answer(200, &json!({"TableNames": []}))]).await;
    let reply = call(&server.client(|_| {}).await, "dynamodb", "ListTables", json!({})).await.unwrap();
    assert_eq!((reply.attempts, server.sent().len()), (3, 3));
    let server = Scripted::start(vec![slow(), slow(), slow(), slow()]).await;
    let error = call(&server.client(|_| {}).await, "dynamodb", "ListTables", json!({})).await.unwrap_err();
    let AwsError::Service { code, http_status: 400, attempts: 3, .. } = error else { panic!("{error:?}") };
    assert_eq!((code.as_str(), server.sent().len()), ("ThrottlingException", 3));
}

#[tokio::test]
async fn a_service_says_how_long_to_wait() {
    let later = |status, wait| Act::Answer(status, wait, json!({"__type": "ThrottlingException"}).to_string());
    let done = || answer(200, &json!({"TableNames": []}));
    // Without the header the pause is at most a second, mostly far less; with it, at least what it says.
    for (first, pause) in [
        (later(400, "x-amz-retry-after: 1500\r\n"), 1500),
        (later(400, "retry-after: 2\r\n"), 2000),
        (Act::Answer(503, "retry-after: 2\r\n", String::new()), 2000),
    ] {
        let server = Scripted::start(vec![first, done()]).await;
        let aws = server.client(|_| {}).await;
        let begun = std::time::Instant::now();
        let reply = call(&aws, "dynamodb", "ListTables", json!({})).await.unwrap();
        assert_eq!(reply.attempts, 2);
        assert!(begun.elapsed() >= Duration::from_millis(pause), "{:?} {pause}", begun.elapsed());
    }
    // What is not tried again is not tried again because of the header.
    let refusal = json!({"__type": "ValidationException"}).to_string();
    let server = Scripted::start(vec![Act::Answer(400, "retry-after: 1\r\n", refusal), done()]).await;
    let error = call(&server.client(|_| {}).await, "dynamodb", "ListTables", json!({})).await.unwrap_err();
    assert!(matches!(error, AwsError::Service { attempts: 1, .. }), "{error:?}");
}

#[tokio::test]
async fn an_idempotency_token_stays_the_same_over_all_attempts() {
    let busy = || answer(500, &json!({"__type": "InternalServerError"}));
    let server = Scripted::start(vec![busy(), busy(), answer(200, &json!({}))]).await;
    let aws = server.client(|_| {}).await;
    let payload = json!({"TransactItems": [
        {"Delete": {"TableName": "t", "Key": {"k": {"S": "v"}}}}
    ]});
    call(&aws, "dynamodb", "TransactWriteItems", payload).await.unwrap();
    let tokens: Vec<String> = server
        .sent()
        .iter()
        .map(|request| {
            let body: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
            body["ClientRequestToken"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(tokens.len(), 3);
    assert!(tokens.iter().all(|token| token.len() == 36 && *token == tokens[0]), "{tokens:?}");
}

#[tokio::test]
async fn a_refusal_is_not_tried_again() {
    let refusal = json!({"__type": "com.amazonaws.dynamodb.v20120810#ValidationException", "message": "no"});
    let server = Scripted::start(vec![answer(400, &refusal)]).await;
    let aws = server.client(|_| {}).await;
    assert_eq!(
        call(&aws, "dynamodb", "ListTables", json!({})).await,
        Err(AwsError::Service {
            code: "ValidationException".into(),
            message: "no".into(),
            http_status: 400,
            request_id: Some("r-1".into()),
            fault: Fault::Client,
            attempts: 1,
            detail: Box::new(json!({})),
        })
    );
}

#[tokio::test]
async fn credentials_that_aws_does_not_take_come_with_a_cure() {
    let expired = json!({"__type": "ExpiredTokenException", "message": "too old"});
    let server = Scripted::start(vec![answer(400, &expired)]).await;
    let aws = server.client(|_| {}).await;
    assert_eq!(
        call(&aws, "dynamodb", "ListTables", json!({})).await,
        Err(AwsError::Credentials {
            message: "AWS does not take the credentials of profile `default` (ExpiredTokenException: too old)".into(),
            cure: "Renew them (`aws sso login --profile default`, or new keys), then try again".into(),
        })
    );
}

#[tokio::test]
async fn nobody_listens_so_nothing_was_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let aws = client_of(&url, once).await;
    let error = call(&aws, "dynamodb", "ListTables", json!({})).await.unwrap_err();
    let AwsError::Transport { message, outcome: Outcome::NotSent, attempts: 1 } = error else { panic!("{error:?}") };
    assert!(message.starts_with("AWS cannot be reached: "), "{message}");
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_the_outcome_unknown() {
    let server = Scripted::start(vec![Act::Close]).await;
    let aws = server.client(once).await;
    let error = call(&aws, "dynamodb", "ListTables", json!({})).await.unwrap_err();
    let AwsError::Transport { outcome: Outcome::Unknown, attempts: 1, .. } = error else { panic!("{error:?}") };
}

#[tokio::test]
async fn silence_is_a_timeout_with_unknown_outcome() {
    let server = Scripted::start(vec![Act::Hang]).await;
    let aws = server
        .client(|config| {
            once(config);
            config.timeouts.read = Duration::from_millis(50);
        })
        .await;
    let error = call(&aws, "dynamodb", "ListTables", json!({})).await.unwrap_err();
    let AwsError::Timeout { outcome: Outcome::Unknown, attempts: 1, .. } = error else { panic!("{error:?}") };
    let server = Scripted::start(vec![Act::Hang]).await;
    let aws = server.client(|config| config.timeouts.call = Some(Duration::from_millis(50))).await;
    let error = call(&aws, "dynamodb", "ListTables", json!({})).await.unwrap_err();
    assert_eq!(
        error,
        AwsError::Timeout { message: "AWS did not answer in time".into(), outcome: Outcome::Unknown, attempts: 1 }
    );
}

#[tokio::test]
async fn cancellation_stops_a_call_and_says_what_is_known() {
    let server = Scripted::start(vec![Act::Hang]).await;
    let aws = server.client(|_| {}).await;
    let cancel = CancellationToken::new();
    let request = AwsRequest {
        model: models::model("dynamodb"),
        operation: "ListTables".into(),
        payload: json!({}).into(),
        region: None,
    };
    let running = tokio::spawn({
        let (aws, request, cancel) = (aws.clone(), request.clone(), cancel.clone());
        async move { aws.invoke(request, cancel).await }
    });
    server.arrived.notified().await;
    cancel.cancel();
    assert_eq!(running.await.unwrap(), Err(AwsError::Cancelled { outcome: Outcome::Unknown }));
    // Cancelled before it began: nothing leaves.
    assert_eq!(aws.invoke(request, cancel).await, Err(AwsError::Cancelled { outcome: Outcome::NotSent }));
    assert_eq!(server.sent().len(), 1);
}

#[tokio::test]
async fn a_redirect_is_an_error_and_is_not_followed() {
    let moved = Act::Answer(
        301,
        "location: http://127.0.0.1:1/\r\nx-amz-request-id: r-2\r\n",
        "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message><Endpoint>e</Endpoint></Error>".into(),
    );
    let server = Scripted::start(vec![moved]).await;
    let aws = server.client(|_| {}).await;
    assert_eq!(
        call(&aws, "s3", "ListObjectsV2", json!({"Bucket": "b"})).await,
        Err(AwsError::Service {
            code: "PermanentRedirect".into(),
            message: "elsewhere".into(),
            http_status: 301,
            request_id: Some("r-2".into()),
            fault: Fault::Client,
            attempts: 1,
            detail: Box::new(json!({})),
        })
    );
}

#[tokio::test]
async fn an_error_in_a_200_of_s3_is_an_error() {
    let answer = "<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code><Message>m</Message></Error>";
    let server = Scripted::start(vec![Act::Answer(200, "", answer.into())]).await;
    let aws = server.client(once).await;
    let copy = json!({"Bucket": "b", "Key": "k", "CopySource": "a/k"});
    let error = call(&aws, "s3", "CopyObject", copy).await.unwrap_err();
    let AwsError::Service { code, http_status: 200, .. } = error else { panic!("{error:?}") };
    assert_eq!(code, "InternalError");
    // An object may be such a document; reading it is no error.
    let server = Scripted::start(vec![Act::Answer(200, "content-type: text/xml\r\n", answer.into())]).await;
    let aws = server.client(once).await;
    let got = call(&aws, "s3", "GetObject", json!({"Bucket": "b", "Key": "k"})).await.unwrap();
    assert_eq!(got.output["Body"], answer);
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_not_asked_for_again() {
    let server = Scripted::start(vec![Act::Answer(200, JSON, "not json".into())]).await;
    let aws = server.client(|_| {}).await;
    let error = call(&aws, "dynamodb", "ListTables", json!({})).await.unwrap_err();
    let AwsError::Transport { message, outcome: Outcome::Unknown, attempts: 1 } = error else { panic!("{error:?}") };
    assert!(message.starts_with("the answer cannot be read as the model describes it: "), "{message}");
    assert_eq!(server.sent().len(), 1);
}

#[tokio::test]
async fn payloads_that_do_not_fit_are_not_sent() {
    let server = Scripted::start(Vec::new()).await;
    let aws = server.client(|_| {}).await;
    let cases = [
        ("dynamodb", "ListTables", json!({"Limit": "many"}), "Limit: expected a 32-bit integer, got a string"),
        ("dynamodb", "ListTables", json!({"Limits": 1}), "there is no member `Limits`"),
        (
            "ec2",
            "DescribeInstances",
            json!({"Filters": [{"Name": "a", "Values": [1]}]}),
            "Filters: [0]: Values: [0]: expected a string, got a number",
        ),
        (
            "s3",
            "PutObject",
            json!({"Bucket": "b", "Key": "k", "Body": "%"}),
            "Body: expected bytes in base64, got a string",
        ),
        ("s3", "DeleteObject", json!({"Bucket": "b"}), "Key was missing: cannot be empty or unset"),
    ];
    for (service, operation, payload, expected) in cases {
        let error = call(&aws, service, operation, payload).await.unwrap_err();
        let AwsError::Payload(message) = &error else { panic!("{error:?}") };
        assert!(message.ends_with(expected), "{message}");
    }
    assert_eq!(server.sent(), Vec::<String>::new());
}

#[tokio::test]
async fn calls_are_signed_for_their_service_and_region() {
    let ok = || Act::Answer(200, "", "<x/>".into());
    let server = Scripted::start(vec![ok(), ok(), answer(200, &json!({}))]).await;
    let aws = server.client(once).await;
    call(&aws, "s3", "PutObject", json!({"Bucket": "b", "Key": "a b", "Body": "aGk="})).await.unwrap();
    call(&aws, "iam", "ListUsers", json!({})).await.unwrap();
    call(&aws, "dynamodb", "ListTables", json!({})).await.unwrap();
    let sent = server.sent();
    let header = |request: &str, name: &str| {
        let found = request.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then(|| value.to_owned())
        });
        found.unwrap_or_else(|| panic!("no {name} in {request}"))
    };
    assert!(sent[0].starts_with("PUT /b/a%20b HTTP/1.1\r\n"), "{}", sent[0]);
    assert_eq!(
        header(&sent[0], "x-amz-content-sha256"),
        "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"
    );
    assert_eq!(header(&sent[0], "x-amz-checksum-crc32"), "2JMqrA==");
    assert_eq!(header(&sent[0], "x-amz-sdk-checksum-algorithm"), "CRC32");
    assert_eq!(header(&sent[0], "x-amz-security-token"), "session");
    for (request, scope) in sent.iter().zip(["eu-west-1/s3", "eu-west-1/iam", "eu-west-1/dynamodb"]) {
        let authorization = header(request, "authorization");
        assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{authorization}");
        assert!(authorization.contains(&format!("/{scope}/aws4_request")), "{authorization}");
        assert!(header(request, "user-agent").contains("countersign"));
    }
}

#[tokio::test]
async fn endpoints_are_known_before_anything_is_sent() {
    let aws = client_of("http://unused", |config| config.endpoint_url = None).await;
    let endpoint = |service: &str, operation: &str, payload: Value, region: Option<&str>| {
        aws.endpoint(&models::model(service), operation, &payload, region).unwrap()
    };
    let bucket = || json!({"Bucket": "logs"});
    assert_eq!(endpoint("s3", "ListObjectsV2", bucket(), None), "https://logs.s3.eu-west-1.amazonaws.com");
    assert_eq!(
        endpoint("s3", "ListObjectsV2", bucket(), Some("cn-north-1")),
        "https://logs.s3.cn-north-1.amazonaws.com.cn"
    );
    assert_eq!(
        endpoint("s3", "ListObjectsV2", json!({"Bucket": "a.b"}), None),
        "https://s3.eu-west-1.amazonaws.com/a.b"
    );
    assert_eq!(endpoint("iam", "ListUsers", json!({}), None), "https://iam.amazonaws.com");
    assert_eq!(
        endpoint("s3control", "GetAccessPoint", json!({"AccountId": "123456789012", "Name": "n"}), None),
        "https://123456789012.s3-control.eu-west-1.amazonaws.com"
    );
    let error = aws.endpoint(&models::model("s3"), "ListObjectsV2", &bucket(), Some("not a region"));
    assert_eq!(error, Err(AwsError::Endpoint("`not a region` is not the name of a region".into())));
}

#[tokio::test]
async fn what_is_not_spoken_is_refused_by_name() {
    let aws = client_of("http://127.0.0.1:1", once).await;
    let refused = async |service: &str, operation: &str| match call(&aws, service, operation, json!({})).await {
        Err(AwsError::Unsupported(message)) => message,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        refused("polly", "StartSpeechSynthesisStream").await,
        "StartSpeechSynthesisStream takes an event stream while it answers with another: a conversation, not a call \
         with one payload; use an SDK for it"
    );
    assert_eq!(
        refused("sdb", "ListDomains").await,
        "SimpleDB signs with the old signature version 2, which is not spoken here; use the AWS CLI for it"
    );
    assert_eq!(refused("s3", "NoSuchThing").await, "s3 has no operation `NoSuchThing`");
}
