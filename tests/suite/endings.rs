//! How calls end that change something: how often each ending is sent, what a cancelled call leaves behind, and that
//! silence in the middle of a body ends it while slowness does not.

use std::sync::Arc;
use std::time::Duration;

use countersign::audit::{self, Filter};
use countersign::aws::{Aws, AwsError, AwsReply, AwsRequest, Body, Outcome, Transfer};
use countersign::mcp::socket::Socket;
use countersign::mcp::{Host, ToolNames};
use futures_util::future::join_all;
use rmcp::ServiceExt as _;
use rmcp::model::{CallToolRequest, CallToolRequestParams};
use rmcp::service::PeerRequestOptions;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::support::fake::{Fake, Reply};
use crate::support::house::{engine, paths};
use crate::support::models;
use crate::support::scripted::{Act, Scripted, client_of};

fn request(service: &str, operation: &str, payload: Value) -> AwsRequest {
    AwsRequest { model: models::model(service), operation: operation.into(), payload: payload.into(), region: None }
}

/// A message that would be there twice if it were sent twice.
fn send_message() -> AwsRequest {
    request("sqs", "SendMessage", json!({"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/q", "MessageBody": "m"}))
}

/// What the SDK's standard mode repeats: `TransientErrorClassifier` and `HttpStatusCodeClassifier` of
/// aws-smithy-runtime 1.16 (`client/retries/classifiers.rs`), `AwsErrorCodeClassifier` of aws-runtime 1.10
/// (`retries/classifiers.rs`). Each row: the ending, how often it is sent with two retries, what is told.
#[tokio::test]
async fn each_ending_is_sent_as_often_as_the_sdk_sends_it() {
    let error = |status, code: &str| Act::Answer(status, "", json!({"__type": code, "message": "m"}).to_string());
    let half = || Act::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"MessageId\"".to_vec());
    let rows = [
        ("the connection breaks", Act::Close, 3, "unknown"),
        ("no answer in time", Act::Hang, 3, "timeout unknown"),
        ("the answer breaks off", half(), 3, "unknown"),
        ("500", error(500, "InternalError"), 3, "InternalError"),
        ("502", Act::Answer(502, "", String::new()), 3, "BadGateway"),
        ("503", Act::Answer(503, "", String::new()), 3, "ServiceUnavailable"),
        ("504", Act::Answer(504, "", String::new()), 3, "GatewayTimeout"),
        ("501", Act::Answer(501, "", String::new()), 1, "NotImplemented"),
        ("throttling", error(400, "ThrottlingException"), 3, "ThrottlingException"),
        ("slow down", error(503, "SlowDown"), 3, "SlowDown"),
        ("a limit", error(400, "RequestLimitExceeded"), 3, "RequestLimitExceeded"),
        ("a request that came too slowly", error(400, "RequestTimeout"), 3, "RequestTimeout"),
        ("429 of no known code", Act::Answer(429, "", String::new()), 1, "TooManyRequests"),
        ("a refusal", error(400, "InvalidMessageContents"), 1, "InvalidMessageContents"),
        ("no right to it", error(403, "AccessDenied"), 1, "AccessDenied"),
        ("an answer that cannot be read", Act::Answer(200, "", "<html>".into()), 1, "unknown"),
    ];
    let run = async |(what, act, sends, told): (&str, Act, usize, &str)| {
        let server = Scripted::start(vec![act; 5]).await;
        let aws = server.client(|config| config.timeouts.read = Duration::from_millis(300)).await;
        let error = aws.invoke(send_message(), CancellationToken::new()).await.unwrap_err();
        let (found, attempts) = match &error {
            AwsError::Service { code, attempts, .. } => (code.clone(), *attempts),
            AwsError::Transport { outcome, attempts, .. } => (outcome.as_str().to_owned(), *attempts),
            AwsError::Timeout { outcome, attempts, .. } => (format!("timeout {}", outcome.as_str()), *attempts),
            other => (other.to_string(), 0),
        };
        let sent = server.sent().len();
        let right = (found.as_str(), sent, attempts as usize) == (told, sends, sends);
        (!right).then(|| format!("{what}: {found}, sent {sent} times, told {attempts}"))
    };
    let wrong: Vec<String> = join_all(rows.into_iter().map(run)).await.into_iter().flatten().collect();
    assert_eq!(wrong, Vec::<String>::new());
}

/// The token bucket of the SDK's standard mode: retries take tokens, and without tokens there are none.
#[tokio::test]
async fn a_service_that_keeps_failing_gets_few_retries() {
    let fake = Fake::start(|_| async { Reply(500, "application/json", r#"{"__type": "InternalError"}"#.into()) }).await;
    let aws = client_of(&fake.url, |config| config.max_retries = 1).await;
    let call = || aws.invoke(send_message(), CancellationToken::new());
    let attempts = |answer: Result<AwsReply, AwsError>| match answer {
        Err(AwsError::Service { attempts, .. }) => attempts as usize,
        other => panic!("{other:?}"),
    };
    let sent: Vec<usize> = join_all((0..150).map(|_| call())).await.into_iter().map(attempts).collect();
    let retries = sent.iter().sum::<usize>() - sent.len();
    println!("150 calls that fail: {retries} retries");
    // The bucket holds 500 tokens; a retry takes at least five while its call runs.
    assert!((1..=100).contains(&retries), "{retries}");
}

/// A server that takes a request and never answers it; it tells when the connection ends.
async fn silent() -> (std::net::SocketAddr, oneshot::Receiver<()>, oneshot::Receiver<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (arrived, has_arrived) = oneshot::channel();
    let (ended, has_ended) = oneshot::channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut piece = [0; 65536];
        let read = stream.read(&mut piece).await.unwrap();
        assert!(read > 0);
        arrived.send(()).unwrap();
        while matches!(stream.read(&mut piece).await, Ok(1..)) {}
        ended.send(true).unwrap();
    });
    (address, has_arrived, has_ended)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_the_agent_cancels_is_dropped_and_its_outcome_stays_unknown() {
    let policy = "version: 1\nservices: {allowlist: [sqs]}\nrules: {allow: [\"^sqs:SendMessage$\"]}\ndefault: deny\n";
    let (address, arrived, ended) = silent().await;
    let home = tempfile::tempdir().unwrap();
    let engine = engine(&paths(&home), address, policy).await;
    let shutdown = CancellationToken::new();
    let socket = Socket::bind(&paths(&home).socket()).await.unwrap();
    let host = Host::new(Arc::new(engine.door()), ToolNames::Underscore);
    let listener = tokio::spawn(socket.serve(host, shutdown.clone()));
    let stream = UnixStream::connect(paths(&home).socket()).await.unwrap();
    let client = ().serve(stream.into_split()).await.unwrap();

    let mut params = CallToolRequestParams::new("aws_execute");
    let payload = json!({"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/q", "MessageBody": "m"});
    params.arguments = json!({"action": "invoke", "service": "sqs", "operation": "SendMessage", "payload": payload})
        .as_object()
        .cloned();
    let call = CallToolRequest::new(params);
    let asked = client.send_cancellable_request(call.into(), PeerRequestOptions::no_options()).await.unwrap();
    arrived.await.unwrap();
    asked.cancel(Some("changed my mind".into())).await.unwrap();
    // The server sees the connection closed: nothing waits for the answer any more.
    assert!(ended.await.unwrap());
    let mut hints = engine.observer().hints();
    let row = loop {
        let calls = engine.observer().calls(Filter::default(), None, 10).await.unwrap();
        match calls.into_iter().find(|call| call.outcome != audit::Outcome::Pending) {
            Some(row) => break row,
            None => hints.recv().await.map(|_| ()).unwrap_or_default(),
        }
    };
    assert_eq!(row.outcome, audit::Outcome::Unknown);
    let events = engine.observer().transaction(&row.tx).await.unwrap();
    let last = &events.last().unwrap().event.detail;
    assert_eq!(
        (&last["error"]["outcome"], &last["error"]["type"]),
        (&json!("unknown"), &json!("TransportError")),
        "{last}"
    );
    client.cancel().await.unwrap();
    shutdown.cancel();
    listener.await.unwrap();
    engine.stop().await;
}

#[tokio::test]
async fn an_sts_that_never_answers_is_in_nobodys_way() {
    let fake = Fake::start(|request| async move {
        if request.body.contains("GetCallerIdentity") {
            std::future::pending::<()>().await;
        }
        Reply::json(&json!({"TableNames": ["t"]}))
    })
    .await;
    let aws = client_of(&fake.url, |_| {}).await;
    let asking = tokio::spawn({
        let aws = aws.clone();
        async move { aws.identity().await }
    });
    while fake.connections() == 0 {
        tokio::task::yield_now().await;
    }
    for _ in 0..3 {
        let reply = aws.invoke(request("dynamodb", "ListTables", json!({})), CancellationToken::new()).await.unwrap();
        assert_eq!(reply.output, json!({"TableNames": ["t"]}));
    }
    assert!(!asking.is_finished());
    asking.abort();
}

/// Reads a request's head, then the body in pieces of a megabyte, with a pause before each; after `pieces` of them
/// it reads no more. Answers once it has everything.
async fn slow_reader(pause: Duration, pieces: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut left = content_length(&mut stream).await;
        let mut piece = vec![0; 1 << 20];
        for _ in 0..pieces {
            let take = left.min(piece.len());
            tokio::time::timeout(pause, std::future::pending::<()>()).await.unwrap_err();
            stream.read_exact(&mut piece[..take]).await.unwrap();
            left -= take;
        }
        if left == 0 {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        }
        std::future::pending::<()>().await;
    });
    url
}

async fn content_length(stream: &mut TcpStream) -> usize {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0)
}

async fn upload(url: &str, bytes: usize) -> Result<AwsReply, AwsError> {
    let aws = impatient(url).await;
    let body = Some(Body::Bytes { bytes: vec![7; bytes].into(), sha256: None });
    let put = request("s3", "PutObject", json!({"Bucket": "b", "Key": "k"}));
    aws.invoke_with(put, Transfer { body, ..Transfer::default() }, CancellationToken::new()).await
}

/// The limit on silence: far above the pauses below, so that a busy machine makes no difference.
const SILENCE: Duration = Duration::from_millis(1500);

async fn impatient(url: &str) -> Aws {
    client_of(url, |config| {
        config.max_retries = 0;
        config.timeouts.read = SILENCE;
    })
    .await
}

#[tokio::test]
async fn an_upload_may_be_slow_but_not_stand_still() {
    // Longer than the limit on silence in all, but something moves all the time.
    let reply = upload(&slow_reader(Duration::from_millis(80), 24).await, 24 << 20).await.unwrap();
    assert_eq!((reply.attempts, reply.http_status), (1, 200));
    let error = upload(&slow_reader(Duration::ZERO, 2).await, 64 << 20).await.unwrap_err();
    let AwsError::Timeout { message, outcome: Outcome::Unknown, attempts: 1 } = error else { panic!("{error:?}") };
    assert!(message.contains("no answer within 1.5s"), "{message}");
}

#[tokio::test]
async fn a_download_may_be_slow_but_not_stand_still() {
    let get = || request("s3", "GetObject", json!({"Bucket": "b", "Key": "k"}));
    let server = async |pieces: usize| {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            content_length(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n").await.unwrap();
            for _ in 0..pieces {
                tokio::time::timeout(Duration::from_millis(150), std::future::pending::<()>()).await.unwrap_err();
                stream.write_all(b"x").await.unwrap();
            }
            std::future::pending::<()>().await;
        });
        impatient(&url).await
    };
    for saved in [false, true] {
        let with = || Transfer { sink: saved.then(|| Box::new(Vec::new()) as Box<_>), ..Transfer::default() };
        let reply = server(12).await.invoke_with(get(), with(), CancellationToken::new()).await.unwrap();
        assert_eq!(reply.output["ContentLength"], 12);
        let error = server(3).await.invoke_with(get(), with(), CancellationToken::new()).await.unwrap_err();
        assert!(matches!(error, AwsError::Timeout { outcome: Outcome::Unknown, attempts: 1, .. }), "{saved} {error:?}");
    }
}
