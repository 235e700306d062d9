//! A server on a loopback port that answers each request with the next line of a script, and remembers what
//! it was sent.

use std::sync::{Arc, Mutex};

use countersign::aws::{Aws, AwsConfig, StaticCredentials};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::models;

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Status, further header lines, body.
    Answer(u16, &'static str, String),
    /// These bytes, then the connection is closed.
    Raw(Vec<u8>),
    /// These bytes, and the connection stays open.
    RawOpen(Vec<u8>),
    /// Closes the connection without a word.
    Close,
    /// Never answers.
    Hang,
}

/// The server; its requests, as text.
pub(crate) struct Scripted {
    pub(crate) url: String,
    pub(crate) requests: Arc<Mutex<Vec<String>>>,
    /// Told after each request was read.
    pub(crate) arrived: Arc<Notify>,
}

impl Scripted {
    /// Starts a server; after its script it closes connections.
    pub(crate) async fn start(script: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let arrived = Arc::new(Notify::new());
        let (seen, told) = (Arc::clone(&requests), Arc::clone(&arrived));
        tokio::spawn(async move {
            let mut script = script.into_iter();
            let mut held = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(request) = read(&mut stream).await else { continue };
                seen.lock().unwrap().push(request);
                told.notify_one();
                match script.next().unwrap_or(Act::Close) {
                    Act::Answer(status, headers, body) => {
                        let head = format!(
                            "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
                            body.len()
                        );
                        let _ = stream.write_all(head.as_bytes()).await;
                        let _ = stream.write_all(body.as_bytes()).await;
                    }
                    Act::Raw(bytes) => {
                        let _ = stream.write_all(&bytes).await;
                    }
                    Act::RawOpen(bytes) => {
                        let _ = stream.write_all(&bytes).await;
                        held.push(stream);
                    }
                    Act::Close => {}
                    Act::Hang => held.push(stream),
                }
            }
        });
        Self { url, requests, arrived }
    }

    /// A client of this server, with further settings.
    pub(crate) async fn client(&self, change: impl FnOnce(&mut AwsConfig)) -> Aws {
        client_of(&self.url, change).await
    }

    /// What was sent so far.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// A client of some URL, with further settings.
pub(crate) async fn client_of(url: &str, change: impl FnOnce(&mut AwsConfig)) -> Aws {
    let mut config = AwsConfig::new(models::partitions(), models::model("sts"), models::entropy());
    config.endpoint_url = Some(url.to_owned());
    config.region = Some("eu-west-1".into());
    config.credentials = Some(StaticCredentials {
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "secret".into(),
        session_token: Some("session".into()),
    });
    change(&mut config);
    Aws::new(config).await.unwrap()
}

async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend_from_slice(&piece[..n]),
        }
    }
}
