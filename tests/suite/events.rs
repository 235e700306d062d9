//! Output event streams: each protocol's frames into one list, errors among them, and every limit.

use std::time::Duration;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use countersign::aws::{Aws, AwsConfig, AwsError, AwsReply, AwsRequest, Outcome};
use countersign::smithy::Fault;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::models;
use crate::support::scripted::{Act, Scripted};

/// A frame: message type, event or exception type, payload.
fn frame(kind: &str, name: &str, payload: &str) -> Vec<u8> {
    let text = |name: &'static str, value: &str| Header::new(name, HeaderValue::String(value.to_owned().into()));
    let message = Message::new(payload.to_owned()).add_header(text(":message-type", kind));
    let message = match kind {
        "event" => message.add_header(text(":event-type", name)),
        "exception" => message.add_header(text(":exception-type", name)),
        _ => message.add_header(text(":error-code", name)).add_header(text(":error-message", payload)),
    };
    let mut bytes = Vec::new();
    write_message_to(&message, &mut bytes).unwrap();
    bytes
}

fn event(name: &str, payload: &str) -> Vec<u8> {
    frame("event", name, payload)
}

fn answer(headers: &str, frames: &[Vec<u8>]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\nx-amzn-requestid: r-1\r\n{headers}\r\n"
    );
    [head.into_bytes(), frames.concat()].concat()
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

/// What such an answer becomes, and how often it was asked for.
async fn heard(
    act: Act,
    (service, operation, payload): (&str, &str, Value),
    change: impl FnOnce(&mut AwsConfig),
) -> (Result<Value, AwsError>, usize) {
    let server = Scripted::start(vec![act]).await;
    let aws = server.client(change).await;
    let got = call(&aws, service, operation, payload).await;
    (got.map(|reply| reply.output), server.sent().len())
}

fn select() -> (&'static str, &'static str, Value) {
    let payload = json!({
        "Bucket": "b", "Key": "k", "Expression": "select * from s3object", "ExpressionType": "SQL",
        "InputSerialization": {"CSV": {}}, "OutputSerialization": {"CSV": {}},
    });
    ("s3", "SelectObjectContent", payload)
}

fn shard() -> (&'static str, &'static str, Value) {
    let payload = json!({
        "ConsumerARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/s/consumer/c:1",
        "ShardId": "shardId-0", "StartingPosition": {"Type": "LATEST"},
    });
    ("kinesis", "SubscribeToShard", payload)
}

#[tokio::test]
async fn s3_select_is_read_frame_by_frame() {
    let stats = "<Stats><BytesScanned>9</BytesScanned><BytesReturned>8</BytesReturned></Stats>";
    let frames = [event("Records", "a,b\n"), event("Records", "c,d\n"), event("Stats", stats), event("End", "")];
    let (got, _) = heard(Act::Raw(answer("", &frames)), select(), |_| {}).await;
    assert_eq!(
        got,
        Ok(json!({"Payload": [
            {"Records": {"Payload": "a,b\n", "Payload$encoding": "text"}},
            {"Records": {"Payload": "c,d\n", "Payload$encoding": "text"}},
            {"Stats": {"Details": {"BytesScanned": 9, "BytesReturned": 8}}},
            {"End": {}},
        ]}))
    );
}

#[tokio::test]
async fn an_rpc_stream_begins_with_the_rest_of_the_answer() {
    let record = r#"{"Records":[{"SequenceNumber":"1","Data":"aGk=","PartitionKey":"p"}],"ContinuationSequenceNumber":"2","MillisBehindLatest":0}"#;
    let frames =
        [event("initial-response", "{}"), event("SubscribeToShardEvent", record), event("NewerThanThis", "{}")];
    let (got, _) = heard(Act::Raw(answer("", &frames)), shard(), |_| {}).await;
    let record = json!({
        "Records": [{"SequenceNumber": "1", "Data": "aGk=", "PartitionKey": "p"}],
        "ContinuationSequenceNumber": "2",
        "MillisBehindLatest": 0,
    });
    assert_eq!(got, Ok(json!({"EventStream": [{"SubscribeToShardEvent": record}, {"NewerThanThis": {}}]})));
}

#[tokio::test]
async fn a_rest_stream_has_its_other_members_in_headers() {
    let frames = [event("PayloadChunk", "hi"), event("InvokeComplete", r#"{"LogResult":"bG9n"}"#)];
    let invoke = ("lambda", "InvokeWithResponseStream", json!({"FunctionName": "f"}));
    let (got, _) = heard(Act::Raw(answer("x-amz-executed-version: 7\r\n", &frames)), invoke, |_| {}).await;
    assert_eq!(
        got,
        Ok(json!({
            "StatusCode": 200,
            "ExecutedVersion": "7",
            "ResponseStreamContentType": "application/vnd.amazon.eventstream",
            "EventStream": [
                {"PayloadChunk": {"Payload": "hi", "Payload$encoding": "text"}},
                {"InvokeComplete": {"LogResult": "bG9n"}},
            ],
        }))
    );
}

#[tokio::test]
async fn an_error_in_a_stream_is_the_error_of_the_call_and_is_not_tried_again() {
    let converse = || ("bedrock-runtime", "ConverseStream", json!({"modelId": "m"}));
    let start = || event("messageStart", r#"{"role":"assistant"}"#);
    let failed = |code: &str, message: &str, fault, detail| AwsError::Service {
        code: code.into(),
        message: message.into(),
        http_status: 200,
        request_id: Some("r-1".into()),
        fault,
        attempts: 1,
        detail: Box::new(detail),
    };
    let cases = [
        (
            frame("exception", "throttlingException", r#"{"message":"slow down"}"#),
            failed("ThrottlingException", "slow down", Fault::Client, json!({})),
        ),
        (
            frame("exception", "modelStreamErrorException", r#"{"message":"m","originalStatusCode":500}"#),
            failed("ModelStreamErrorException", "m", Fault::Client, json!({"originalStatusCode": 500})),
        ),
        (frame("error", "InternalError", "it broke"), failed("InternalError", "it broke", Fault::Server, json!({}))),
    ];
    for (last, expected) in cases {
        let act = Act::Raw(answer("", &[start(), last]));
        assert_eq!(heard(act, converse(), |_| {}).await, (Err(expected), 1));
    }
}

#[tokio::test]
async fn listening_stops_at_each_limit_with_what_has_arrived() {
    let frames = |count: usize| answer("", &vec![event("Records", "a\n"); count]);
    let records = |count: usize, limit: &str| {
        let record = json!({"Records": {"Payload": "a\n", "Payload$encoding": "text"}});
        Ok(json!({"Payload": vec![record; count], "Payload$stopped": limit}))
    };
    let (got, _) = heard(Act::RawOpen(frames(3)), select(), |config| config.stream.events = 2).await;
    assert_eq!(got, records(2, "events"));
    let (got, _) = heard(Act::RawOpen(frames(3)), select(), |config| {
        config.stream.time = Duration::from_millis(200);
    })
    .await;
    assert_eq!(got, records(3, "time"));
    let (got, _) = heard(Act::RawOpen(frames(3)), select(), |config| config.stream.bytes = 10).await;
    assert_eq!(got.unwrap()["Payload$stopped"], "bytes");
    // A limit on the whole call ends the listening in time.
    let (got, _) = heard(Act::RawOpen(frames(1)), select(), |config| {
        config.timeouts.call = Some(Duration::from_millis(500));
    })
    .await;
    assert_eq!(got, records(1, "time"));
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_an_error_and_is_not_tried_again() {
    let whole = event("Records", "a\n");
    let mut damaged = whole.clone();
    *damaged.last_mut().unwrap() ^= 1;
    for last in [whole[..whole.len() - 3].to_vec(), damaged] {
        let (got, sent) = heard(Act::Raw(answer("", &[whole.clone(), last])), select(), |_| {}).await;
        let Err(AwsError::Transport { message, outcome: Outcome::Unknown, attempts: 1 }) = got else {
            panic!("{got:?}")
        };
        assert!(message.starts_with("the event stream broke off: "), "{message}");
        assert_eq!(sent, 1);
    }
}

#[tokio::test]
async fn a_refusal_before_the_stream_is_an_ordinary_error() {
    let body = r#"{"message":"no such model"}"#;
    let headers = "content-type: application/json\r\nx-amzn-errortype: ResourceNotFoundException\r\n";
    let converse = ("bedrock-runtime", "ConverseStream", json!({"modelId": "m"}));
    let (got, _) = heard(Act::Answer(404, headers, body.into()), converse, |_| {}).await;
    let Err(AwsError::Service { code, message, http_status: 404, .. }) = got else { panic!("{got:?}") };
    assert_eq!((code.as_str(), message.as_str()), ("ResourceNotFoundException", "no such model"));
}
