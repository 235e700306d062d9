//! Bodies that do not pass through memory: files on their way up, answers on their way into a file.

use std::fs::File;
use std::io::Write as _;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::aws::{Aws, AwsError, AwsReply, AwsRequest, Body, Outcome, Transfer};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::{NamedTempFile, tempfile};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::support::models;
use crate::support::scripted::{Act, Scripted, client_of};

async fn transfer(aws: &Aws, call: (&str, &str, Value), transfer: Transfer) -> Result<AwsReply, AwsError> {
    let request =
        AwsRequest { model: models::model(call.0), operation: call.1.into(), payload: call.2.into(), region: None };
    aws.invoke_with(request, transfer, CancellationToken::new()).await
}

fn put() -> (&'static str, &'static str, Value) {
    ("s3", "PutObject", json!({"Bucket": "b", "Key": "k"}))
}

fn get() -> (&'static str, &'static str, Value) {
    ("s3", "GetObject", json!({"Bucket": "b", "Key": "k"}))
}

fn file(text: &str) -> Arc<File> {
    let mut file = tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    Arc::new(file)
}

fn up(file: &Arc<File>, offset: u64, len: u64) -> Transfer {
    Transfer { body: Some(Body::File { file: Arc::clone(file), offset, len, sha256: None }), ..Transfer::default() }
}

fn header<'r>(request: &'r str, name: &str) -> Option<&'r str> {
    request.lines().find_map(|line| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)))?.1.into()
}

#[tokio::test]
async fn part_of_a_file_goes_up_the_same_in_every_attempt() {
    let server = Scripted::start(vec![Act::Answer(500, "", String::new()), Act::Answer(200, "", String::new())]).await;
    let file = file("..hi..");
    let reply = transfer(&server.client(|_| {}).await, put(), up(&file, 2, 2)).await.unwrap();
    assert_eq!(reply.attempts, 2);
    for request in server.sent() {
        assert_eq!(request.split_once("\r\n\r\n").unwrap().1, "hi");
        let found = ["content-length", "content-type", "x-amz-checksum-crc32", "x-amz-content-sha256"]
            .map(|name| header(&request, name).unwrap().to_owned());
        assert_eq!(
            found,
            ["2", "application/octet-stream", "2JMqrA==", &hex::encode(Sha256::digest("hi"))].map(str::to_owned)
        );
    }
}

#[tokio::test]
async fn bytes_go_up_like_a_member_of_the_payload() {
    let server = Scripted::start(vec![Act::Answer(200, "", String::new()); 2]).await;
    let aws = server.client(|_| {}).await;
    let body = Some(Body::Bytes { bytes: "hi".into(), sha256: None });
    transfer(&aws, put(), Transfer { body, ..Transfer::default() }).await.unwrap();
    let (service, operation, mut payload) = put();
    payload["Body"] = STANDARD.encode("hi").into();
    transfer(&aws, (service, operation, payload), Transfer::default()).await.unwrap();
    let told = |request: &String| {
        let names = ["content-length", "content-type", "x-amz-checksum-crc32", "x-amz-content-sha256"];
        let body = request.split_once("\r\n\r\n").unwrap().1.to_owned();
        (names.map(|name| header(request, name).map(str::to_owned)), body)
    };
    let sent: Vec<_> = server.sent().iter().map(told).collect();
    assert_eq!(sent[0], sent[1]);
}

#[tokio::test]
async fn glacier_gets_the_tree_hash_of_a_file() {
    let server = Scripted::start(vec![Act::Answer(201, "", String::new())]).await;
    let file = file("hello world");
    let upload = ("glacier", "UploadArchive", json!({"vaultName": "v"}));
    transfer(&server.client(|_| {}).await, upload, up(&file, 0, 11)).await.unwrap();
    let sent = server.sent().remove(0);
    let hash = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
    let found = ["x-amz-sha256-tree-hash", "x-amz-content-sha256"].map(|name| header(&sent, name));
    assert_eq!(found, [Some(hash), Some(hash)]);
}

#[tokio::test]
async fn what_does_not_fit_is_not_sent() {
    let server = Scripted::start(Vec::new()).await;
    let aws = server.client(|_| {}).await;
    let file = file("hi");
    let sink = || Transfer { sink: Some(Box::new(Vec::new())), ..Transfer::default() };
    let twice = ("s3", "PutObject", json!({"Bucket": "b", "Key": "k", "Body": "aGk="}));
    let cases = [
        (twice, up(&file, 0, 2), "Body: it is given twice"),
        (get(), up(&file, 0, 2), "GetObject takes no body"),
        (put(), sink(), "PutObject answers with no body that could be saved"),
    ];
    for (call, with, expected) in cases {
        assert_eq!(transfer(&aws, call, with).await, Err(AwsError::Payload(expected.into())));
    }
    // Shorter than it was, and another content than was promised.
    assert_eq!(transfer(&aws, put(), up(&file, 0, 3)).await, Err(AwsError::Changed));
    let other = Body::File { file: Arc::clone(&file), offset: 0, len: 2, sha256: Some([7; 32]) };
    let with = Transfer { body: Some(other), ..Transfer::default() };
    assert_eq!(transfer(&aws, put(), with).await, Err(AwsError::Changed));
    assert_eq!(server.sent(), Vec::<String>::new());
}

/// What a saved answer becomes, and what is in the file then.
async fn saved(act: Act) -> (Result<Value, AwsError>, String, usize) {
    let server = Scripted::start(vec![act]).await;
    let target = NamedTempFile::new().unwrap();
    let sink = tokio::fs::File::from_std(target.reopen().unwrap());
    let with = Transfer { sink: Some(Box::new(sink)), ..Transfer::default() };
    let got = transfer(&server.client(|_| {}).await, get(), with).await;
    (got.map(|reply| reply.output), std::fs::read_to_string(target.path()).unwrap(), server.sent().len())
}

#[tokio::test]
async fn an_answer_goes_into_a_file_and_is_held_against_its_checksum() {
    let good = "etag: \"e\"\r\nx-amz-checksum-crc32: 2JMqrA==\r\n";
    let (got, text, _) = saved(Act::Answer(200, good, "hi".into())).await;
    assert_eq!(
        (got, text.as_str()),
        (
            Ok(
                json!({"ETag": "\"e\"", "ContentLength": 2, "ChecksumCRC32": "2JMqrA==", "Metadata": {}, "Body$bytes": 2})
            ),
            "hi"
        )
    );
    let broken =
        |message: &str| Err(AwsError::Transport { message: message.into(), outcome: Outcome::Unknown, attempts: 1 });
    let (got, _, sent) = saved(Act::Answer(200, "x-amz-checksum-crc32: AAAAAA==\r\n", "hi".into())).await;
    let damaged = "the body was damaged on the way: its CRC32 is 2JMqrA==, and S3 says AAAAAA==; call again";
    assert_eq!((got, sent), (broken(damaged), 1));
    // It ends too early: part of it is in the file, and it is not asked for again.
    let (got, text, sent) = saved(Act::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi".to_vec())).await;
    let Err(AwsError::Transport { message, outcome: Outcome::Unknown, attempts: 1 }) = got else { panic!("{got:?}") };
    assert!(message.starts_with("the answer broke off: "), "{message}");
    assert_eq!((text.as_str(), sent), ("hi", 1));
    // An error is an error, and nothing is in the file.
    let missing = "<Error><Code>NoSuchKey</Code><Message>m</Message></Error>";
    let (got, text, _) = saved(Act::Answer(404, "", missing.into())).await;
    assert!(matches!(&got, Err(AwsError::Service { code, .. }) if code == "NoSuchKey"), "{got:?}");
    assert_eq!(text, "");
}

const BIG: u64 = 200 * 1024 * 1024;

/// Takes what comes without keeping it, fails the first time, then answers; a GET gets as much back.
async fn big_server(counted: Arc<Mutex<Vec<u64>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (head, body) = drain(&mut stream).await;
            let first = counted.lock().unwrap().is_empty();
            counted.lock().unwrap().push(body);
            if head.starts_with("GET") {
                let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {BIG}\r\n\r\n").as_bytes()).await;
                let zeros = vec![0; 1 << 16];
                for _ in 0..BIG / (1 << 16) {
                    let _ = stream.write_all(&zeros).await;
                }
            } else {
                let status = if first { "500 X" } else { "200 OK" };
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        }
    });
    url
}

/// The head of a request, and how many bytes followed.
async fn drain(stream: &mut TcpStream) -> (String, u64) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let length = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
    let mut piece = vec![0; 1 << 16];
    let mut body = 0;
    while body < length {
        body += stream.read(&mut piece).await.unwrap() as u64;
    }
    (head, body)
}

/// A line of `/proc/self/status`, in KiB.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches([':', ' ', '\t', 'k', 'B']).parse().unwrap()
}

/// Run by the test below in a process of its own, where no other test takes memory.
#[tokio::test]
#[ignore = "measures the memory of its process"]
async fn alone_large_bodies_stay_out_of_memory() {
    let counted = Arc::new(Mutex::new(Vec::new()));
    let aws = client_of(&big_server(Arc::clone(&counted)).await, |_| {}).await;
    aws.endpoint(&models::model("s3"), "GetObject", &get().2, None).unwrap();
    let sparse = tempfile().unwrap();
    sparse.set_len(BIG).unwrap();
    let target = NamedTempFile::new().unwrap();
    // Begin the peak anew.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = memory("VmRSS");
    let reply = transfer(&aws, put(), up(&Arc::new(sparse), 0, BIG)).await.unwrap();
    assert_eq!(reply.attempts, 2);
    let sink = tokio::fs::File::from_std(target.reopen().unwrap());
    let down = Transfer { sink: Some(Box::new(sink)), ..Transfer::default() };
    let reply = transfer(&aws, get(), down).await.unwrap();
    assert_eq!(reply.output, json!({"ContentLength": BIG, "Metadata": {}, "Body$bytes": BIG}));
    assert_eq!(*counted.lock().unwrap(), [BIG, BIG, 0]);
    assert_eq!(target.path().metadata().unwrap().len(), BIG);
    let grown = memory("VmHWM").saturating_sub(before);
    println!("200 MiB up twice and down once: {grown} KiB more memory at the peak");
    assert!(grown <= 32 * 1024, "{grown} KiB");
}

#[test]
fn large_bodies_stay_out_of_memory() {
    if std::fs::read_to_string("/proc/self/clear_refs").is_err() && !std::path::Path::new("/proc/self/status").exists()
    {
        println!("left out: memory is measured by Linux's /proc");
        return;
    }
    let done = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["streams::alone_large_bodies_stay_out_of_memory", "--exact", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&done.stdout);
    print!("{text}");
    assert!(done.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&done.stderr));
}

/// Takes the head of a request and then nothing until it is told; how many bytes came after it, whole or not.
async fn slow_server(
    go: Arc<tokio::sync::Notify>,
    arrived: Arc<tokio::sync::Notify>,
) -> (String, Arc<Mutex<Vec<u64>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let counted = Arc::new(Mutex::new(Vec::new()));
    let counts = Arc::clone(&counted);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            arrived.notify_one();
            go.notified().await;
            let (mut piece, mut body) = (vec![0; 1 << 16], 0);
            while let Ok(read @ 1..) = stream.read(&mut piece).await {
                body += read as u64;
            }
            counts.lock().unwrap().push(body);
        }
    });
    (url, counted)
}

#[tokio::test]
async fn a_file_that_changes_on_its_way_does_not_arrive() {
    const LEN: u64 = 64 << 20;
    let (go, arrived) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
    let (url, counted) = slow_server(Arc::clone(&go), Arc::clone(&arrived)).await;
    let aws = client_of(&url, |_| {}).await;
    let file = tempfile().unwrap();
    file.set_len(LEN).unwrap();
    let writer = file.try_clone().unwrap();
    let sent = transfer(&aws, put(), up(&Arc::new(file), 0, LEN));
    let change = async {
        // It was hashed, its request is under way, and the server's buffers hold far less than it.
        arrived.notified().await;
        std::os::unix::fs::FileExt::write_at(&writer, b"!", LEN - (20 << 20)).unwrap();
        go.notify_one();
    };
    let (got, ()) = tokio::join!(sent, change);
    assert_eq!(got, Err(AwsError::Changed));
    while counted.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let counted = counted.lock().unwrap().clone();
    assert!(counted.len() == 1 && counted[0] < LEN, "sent once, and not whole: {counted:?} of {LEN}");
}
