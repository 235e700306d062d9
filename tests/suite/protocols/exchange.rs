//! Both ends of a call: clients set up as a case wants, and a server that plays proxy, so that every host name
//! ends at it; it remembers a request's bytes and answers with given ones.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use countersign::aws::{Aws, AwsConfig, AwsError, AwsReply, AwsRequest, ProtocolChoice, StaticCredentials};
use countersign::smithy::Protocol;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::cases::Case;
use crate::support::models;

/// A request as it came over the socket.
#[derive(Debug, Clone, Default)]
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) host: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// An answer to give.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) code: u64,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// The answer to a request whose answer does not matter.
pub(super) fn nothing() -> Answer {
    Answer { code: 200, headers: Vec::new(), body: Vec::new() }
}

#[derive(Default)]
struct Desk {
    answer: Option<Answer>,
    sent: Option<Sent>,
}

pub(super) struct Exchange {
    proxy: String,
    desk: Arc<Mutex<Desk>>,
    clients: Mutex<HashMap<(String, Protocol, String), Aws>>,
}

impl Exchange {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = format!("http://{}", listener.local_addr().unwrap());
        let desk: Arc<Mutex<Desk>> = Arc::default();
        let at = Arc::clone(&desk);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(sent) = read(&mut stream).await else { continue };
                let answer = {
                    let mut desk = at.lock().unwrap();
                    desk.sent = Some(sent);
                    desk.answer.take()
                };
                if let Some(answer) = answer {
                    let _ = stream.write_all(&bytes(&answer)).await;
                }
            }
        });
        Self { proxy, desk, clients: Mutex::default() }
    }

    /// Calls the case's operation; gives what came back and what was sent.
    pub(super) async fn call(
        &self,
        case: &Case,
        payload: Value,
        answer: Answer,
    ) -> (Result<AwsReply, AwsError>, Option<Sent>) {
        *self.desk.lock().unwrap() = Desk { answer: Some(answer), sent: None };
        let aws = self.client(case, true).await;
        let request = AwsRequest {
            model: Arc::clone(&case.model),
            operation: case.operation.clone(),
            payload: payload.into(),
            region: None,
        };
        let result = aws.invoke(request, CancellationToken::new()).await;
        (result, self.desk.lock().unwrap().sent.take())
    }

    /// Where the case's call would go by the endpoint rules alone.
    pub(super) async fn endpoint(&self, case: &Case, payload: &Value) -> Result<String, AwsError> {
        self.client(case, false).await.endpoint(&case.model, &case.operation, payload, None)
    }

    /// A client with the case's settings; it sends to the case's host, or to where the rules say.
    async fn client(&self, case: &Case, to_host: bool) -> Aws {
        let settings = case.test["vendorParams"]["scopedConfig"]["client"].clone();
        let host = case.test["host"].as_str().unwrap_or("example.com").to_owned();
        let key = (host.clone(), case.protocol, format!("{settings}{to_host}{}", fills_in(case)));
        if let Some(aws) = self.clients.lock().unwrap().get(&key) {
            return aws.clone();
        }
        let mut config = AwsConfig::new(models::partitions(), models::model("sts"), models::entropy());
        config.proxy = Some(self.proxy.clone());
        config.model_defaults = fills_in(case);
        config.max_retries = 0;
        config.protocol = ProtocolChoice::Prefer(case.protocol);
        config.region = Some(settings["region"].as_str().unwrap_or("us-east-1").to_owned());
        config.credentials = Some(StaticCredentials {
            access_key_id: "AKIDEXAMPLE".into(),
            secret_access_key: "secret".into(),
            session_token: None,
        });
        let s3 = &settings["s3"];
        if to_host {
            config.endpoint_url = Some(format!("http://{host}"));
        } else {
            config.use_dual_stack = s3["use_dualstack_endpoint"].as_bool();
            config.s3_accelerate = s3["use_accelerate_endpoint"].as_bool().unwrap_or(false);
        }
        if !settings.is_null() {
            config.s3_path_style = Some(s3["addressing_style"] == "path");
        }
        let aws = Aws::new(config).await.unwrap();
        self.clients.lock().unwrap().insert(key, aws.clone());
        aws
    }
}

/// Cases about the model's defaults are about clients that fill them in.
fn fills_in(case: &Case) -> bool {
    case.test["tags"].as_array().is_some_and(|tags| tags.iter().any(|tag| tag == "defaults"))
}

fn bytes(answer: &Answer) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} X\r\n", answer.code);
    for (name, value) in &answer.headers {
        if !name.eq_ignore_ascii_case("content-length") {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    // No length and no further header, that a prefix-headers member would take for its own: the end of the
    // connection is the end of the body.
    head.push_str("\r\n");
    [head.as_bytes(), &answer.body].concat()
}

async fn read(stream: &mut TcpStream) -> Option<Sent> {
    let mut bytes = Vec::new();
    let mut piece = [0; 16384];
    loop {
        if let Some(sent) = parse(&bytes) {
            return Some(sent);
        }
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend_from_slice(&piece[..n]),
        }
    }
}

/// A whole request in absolute form, as a proxy gets it.
fn parse(bytes: &[u8]) -> Option<Sent> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let mut start = lines.next()?.split(' ');
    let (method, uri) = (start.next()?.to_owned(), start.next()?);
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned())))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, n)| n.parse().ok());
    let body = bytes.get(end + 4..end + 4 + length.unwrap_or(0))?.to_vec();
    let rest = uri.split_once("://")?.1;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Some(Sent { method, host: host.to_owned(), path: format!("/{path}"), query: query.to_owned(), headers, body })
}
