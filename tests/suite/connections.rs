//! Connections as they are on the wire: paths byte for byte, proxies, certificates, and a connection that is never made.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::aws::{Aws, AwsError, AwsReply, AwsRequest, Outcome};
use countersign::cli::demo::server;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::support::machine::Machine;
use crate::support::models;
use crate::support::scripted::{Act, Scripted, client_of};

async fn call(aws: &Aws, operation: &str, payload: Value) -> Result<AwsReply, AwsError> {
    let request =
        AwsRequest { model: models::model("s3"), operation: operation.into(), payload: payload.into(), region: None };
    aws.invoke(request, CancellationToken::new()).await
}

#[tokio::test]
async fn a_path_is_sent_as_it_is() {
    let keys = [
        ("a/../b", "/b/a/../b"),
        ("./a", "/b/./a"),
        ("a/.", "/b/a/."),
        ("..", "/b/.."),
        ("../../x", "/b/../../x"),
        ("a//b", "/b/a//b"),
        ("/a", "/b//a"),
        ("a b+c&d=e?f#g%2e", "/b/a%20b%2Bc%26d%3De%3Ff%23g%252e"),
        ("ä/~*'()!", "/b/%C3%A4/~%2A%27%28%29%21"),
        ("%2e%2e/x", "/b/%252e%252e/x"),
    ];
    let server = Scripted::start(vec![Act::Answer(200, "", String::new()); keys.len()]).await;
    let aws = server.client(|_| {}).await;
    for (key, _) in keys {
        call(&aws, "HeadObject", json!({"Bucket": "b", "Key": key})).await.unwrap();
    }
    let sent: Vec<String> =
        server.sent().iter().map(|request| request.split(' ').nth(1).unwrap_or_default().to_owned()).collect();
    assert_eq!(sent, keys.map(|(_, path)| path));
}

/// The server checks every signature, over the path that it got.
#[tokio::test]
async fn what_is_sent_is_what_was_signed() {
    let folder = tempfile::tempdir().unwrap();
    let (address, task) = server::start(folder.path()).await.unwrap();
    let aws = client_of("", |config| *config = server::aws_config(config.clone(), address)).await;
    for key in ["a/../b", "./a", "c/./d", "x y+z", "ä/%2e"] {
        let object = json!({"Bucket": "demo-reports", "Key": key, "Body": "aGk="});
        call(&aws, "PutObject", object).await.unwrap_or_else(|error| panic!("{key}: {error}"));
        let got = call(&aws, "GetObject", json!({"Bucket": "demo-reports", "Key": key})).await.unwrap();
        assert_eq!(got.output["Body"], "hi", "{key}");
    }
    // It does check: with another secret the same call is refused.
    let other = client_of("", |config| {
        *config = server::aws_config(config.clone(), address);
        config.credentials.as_mut().unwrap().secret_access_key = "another".into();
    })
    .await;
    let error = call(&other, "GetObject", json!({"Bucket": "demo-reports", "Key": "./a"})).await.unwrap_err();
    assert!(matches!(&error, AwsError::Service { code, .. } if code == "SignatureDoesNotMatch"), "{error:?}");
    task.abort();
}

/// A listener whose queue is full: the system answers no further connection. The streams keep it so.
async fn full() -> (String, TcpListener, Vec<TcpStream>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queued = Vec::new();
    while let Ok(stream) = tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        queued.push(stream.unwrap());
        assert!(queued.len() < 1000, "the queue never fills");
    }
    (format!("http://{address}"), listener, queued)
}

#[tokio::test]
async fn a_connection_that_is_never_made_was_never_used() {
    let (url, _listener, _queued) = full().await;
    let put = || json!({"Bucket": "b", "Key": "k", "Body": "aGk="});
    let aws = client_of(&url, |config| {
        config.max_retries = 1;
        config.timeouts.connect = Duration::from_millis(100);
    })
    .await;
    let error = call(&aws, "PutObject", put()).await.unwrap_err();
    let AwsError::Timeout { message, outcome: Outcome::NotSent, attempts: 2 } = error else { panic!("{error:?}") };
    assert!(message.contains("no connection within 100ms"), "{message}");
    // The time of the whole call, and of the answer, run out before there is a connection.
    for whole in [true, false] {
        let aws = client_of(&url, |config| {
            config.max_retries = 0;
            config.timeouts.call = whole.then(|| Duration::from_millis(100));
            config.timeouts.read = Duration::from_millis(if whole { 30_000 } else { 100 });
        })
        .await;
        let error = call(&aws, "PutObject", put()).await.unwrap_err();
        assert!(matches!(error, AwsError::Timeout { outcome: Outcome::NotSent, attempts: 1, .. }), "{error:?}");
    }
    // The caller gives up meanwhile.
    let aws = client_of(&url, |_| {}).await;
    let cancel = CancellationToken::new();
    let request =
        AwsRequest { model: models::model("s3"), operation: "PutObject".into(), payload: put().into(), region: None };
    let (answer, ()) = tokio::join!(aws.invoke(request, cancel.clone()), async {
        tokio::time::timeout(Duration::from_millis(100), std::future::pending::<()>()).await.unwrap_err();
        cancel.cancel();
    });
    assert_eq!(answer, Err(AwsError::Cancelled { outcome: Outcome::NotSent }));
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/data/tls").join(name)
}

fn acceptor() -> TlsAcceptor {
    let chain = vec![CertificateDer::from_pem_file(data("server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(data("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    TlsAcceptor::from(Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap()))
}

/// The head of a request; its body is read along.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return String::new() };
        bytes.push(byte);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    stream.read_exact(&mut vec![0; length]).await.unwrap();
    head
}

async fn answer(stream: &mut (impl AsyncWrite + Unpin), name: &str) {
    let body = json!({"TableNames": [name]}).to_string();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
}

/// A proxy that passes plain HTTP on and tunnels the rest, both to itself. It tells the first line of each request and
/// the password it came with.
async fn proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let request = head(&mut stream).await;
            let mut headers = request.lines().filter_map(|line| line.split_once(": "));
            let password = headers.find(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"));
            let first = request.lines().next().unwrap_or_default();
            told.lock().unwrap().push(format!("{first} {}", password.map_or("-", |(_, value)| value)));
            if !request.starts_with("CONNECT ") {
                answer(&mut stream, "passed on").await;
                continue;
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            let Ok(mut inner) = acceptor().accept(stream).await else { continue };
            let request = head(&mut inner).await;
            told.lock().unwrap().push(request.lines().next().unwrap_or_default().to_owned());
            answer(&mut inner, "tunnelled").await;
        }
    });
    (address, seen)
}

/// A machine that goes through the proxy, if it goes there at all.
async fn behind(address: &str, more: &[(&str, &str)]) -> Machine {
    let mut machine = Machine::with(&[]).await;
    machine.unset("AWS_ENDPOINT_URL");
    machine.set("AWS_ACCESS_KEY_ID", "AKID");
    machine.set("AWS_SECRET_ACCESS_KEY", "secret");
    let proxy = format!("http://user:pass@{address}");
    machine.set("HTTPS_PROXY", &proxy);
    machine.set("HTTP_PROXY", &proxy);
    for (name, value) in more {
        machine.set(name, value);
    }
    machine
}

#[tokio::test(flavor = "multi_thread")]
async fn proxies_and_certificates_of_the_environment_are_used() {
    let (address, seen) = proxy().await;
    let told = || std::mem::take(&mut *seen.lock().unwrap());
    let ca = data("ca.pem").display().to_string();
    // HTTPS goes through a tunnel, and the server is known by the bundle.
    let machine = behind(&address, &[("AWS_CA_BUNDLE", &ca)]).await;
    assert_eq!(machine.signer().await, json!(["tunnelled"]));
    let expected = ["CONNECT dynamodb.eu-west-1.amazonaws.com:443 HTTP/1.1 Basic dXNlcjpwYXNz", "POST / HTTP/1.1"];
    assert_eq!(told(), expected);
    // Without the bundle it is not known: nothing is sent, and the message says why.
    let machine = behind(&address, &[("AWS_MCP_MAX_RETRIES", "0")]).await;
    let (kind, message, _) = machine.problem().await;
    assert!(kind == "TransportError" && message.contains("invalid peer certificate"), "{kind} {message}");
    assert_eq!(told(), [expected[0]]);
    let machine = behind(&address, &[("AWS_CA_BUNDLE", "{home}/gone.pem")]).await;
    let (_, message, _) = machine.problem().await;
    assert!(message.contains("AWS_CA_BUNDLE") && message.contains("gone.pem"), "{message}");
    assert_eq!(told(), Vec::<String>::new());
    // Plain HTTP is passed on, in absolute form, with the password in the request itself.
    let machine = behind(&address, &[("AWS_ENDPOINT_URL", "http://aws.example.com:81")]).await;
    assert_eq!(machine.signer().await, json!(["passed on"]));
    assert_eq!(told(), ["POST http://aws.example.com:81/ HTTP/1.1 Basic dXNlcjpwYXNz"]);
    // What NO_PROXY names is reached without it.
    let fake = machine.fake.url.clone();
    for no in ["127.0.0.1", "127.0.0.0/8,example.com", "*"] {
        let machine = behind(&address, &[("AWS_ENDPOINT_URL", &fake), ("NO_PROXY", no)]).await;
        assert_eq!(machine.signer().await, json!(["AKID", ""]), "{no}");
    }
    assert_eq!(told(), Vec::<String>::new());
}
