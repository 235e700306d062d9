//! HTTP: the runtime's connector over one reqwest client. No redirects, no decompression, no retries and
//! no timeouts of its own beyond connecting and reading; the runtime decides those.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

use super::Outcome;
use super::body::{FileChanged, Saved, Sink};
use super::checksum::Promised;
use super::error::find;
use super::events::{self, StreamLimits};
use super::operation::Prepared;
use crate::base::Shown;

/// Bytes of an answer that is not a streaming one; pages of the largest services stay far below.
pub(super) const MAX_DOCUMENT_BYTES: u64 = 64 * 1024 * 1024;

/// What a connector refuses or breaks off by itself.
#[derive(Debug, thiserror::Error)]
pub(super) enum TransportError {
    /// The answer exceeds the limit.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(u64),
    /// The URL would reach the server in another form than the one that was signed.
    #[error("the path `{0}` cannot be sent as it is: `.` and `..` segments would be taken out on the way")]
    PathChanged(String),
    /// No byte for too long.
    #[error("no answer within {0:?}")]
    Stalled(Duration),
    /// An answer that was being saved.
    #[error("{0}")]
    Broken(String),
    /// The request could not be put together.
    #[error("{0}")]
    Request(String),
}

/// Counts what left the machine during one call, over all its attempts.
#[derive(Debug, Default)]
pub(super) struct Trace {
    sent: AtomicU32,
    /// Attempts that were sent and have not been answered.
    open: AtomicU32,
}

impl Trace {
    /// How often the call was sent, or tried to be.
    pub(super) fn attempts(&self) -> u32 {
        self.sent.load(Ordering::SeqCst)
    }

    /// Whether the call may have taken effect, judging from what was never answered.
    pub(super) fn outcome(&self) -> Outcome {
        if self.open.load(Ordering::SeqCst) == 0 { Outcome::NotSent } else { Outcome::Unknown }
    }

    fn begin(&self) {
        self.sent.fetch_add(1, Ordering::SeqCst);
        self.open.fetch_add(1, Ordering::SeqCst);
    }

    /// An attempt whose effect is known: it was answered, or never reached the server.
    fn settle(&self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Which proxies and certificates are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Surroundings {
    /// The environment's (`HTTPS_PROXY`, `NO_PROXY`, `AWS_CA_BUNDLE`, …).
    Environment,
    /// No proxy, the system's certificates.
    None,
    /// This proxy, for everything.
    Proxy(String),
}

/// The connections of all calls; the client is set up when the first of them begins.
#[derive(Debug)]
struct Pool {
    connect: Duration,
    surroundings: Surroundings,
    client: OnceLock<Result<reqwest::Client, String>>,
}

impl Pool {
    fn client(&self) -> Result<&reqwest::Client, TransportError> {
        let client = self.client.get_or_init(|| {
            // A machine without any CA certificates can still talk plain HTTP (to an emulator); HTTPS then
            // fails when it is used, with a message of its own.
            let builder = self.builder()?;
            let bare = || Ok::<_, String>(self.builder()?.tls_certs_only([]));
            builder.build().or_else(|_| bare()?.build().map_err(|error| error.to_string()))
        });
        client.as_ref().map_err(|problem| TransportError::Request(format!("no HTTP client can be set up: {problem}")))
    }

    fn builder(&self) -> Result<reqwest::ClientBuilder, String> {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .http1_only()
            .referer(false)
            .tcp_nodelay(true)
            .connect_timeout(self.connect);
        match &self.surroundings {
            Surroundings::Proxy(url) => {
                Ok(builder.proxy(reqwest::Proxy::all(url).map_err(|error| format!("proxy {url}: {error}"))?))
            }
            Surroundings::None => Ok(builder.no_proxy()),
            Surroundings::Environment => match std::env::var_os("AWS_CA_BUNDLE") {
                Some(path) => {
                    let wrong = |problem: &dyn std::fmt::Display| {
                        format!("AWS_CA_BUNDLE {}: {problem}", Shown::line(&path.to_string_lossy()))
                    };
                    let pem = std::fs::read(&path).map_err(|error| wrong(&error))?;
                    let certificates = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| wrong(&error))?;
                    Ok(builder.tls_certs_merge(certificates))
                }
                None => Ok(builder),
            },
        }
    }
}

/// The runtime's HTTP client: connections, limits, and the trace of the call it serves.
#[derive(Debug, Clone)]
pub(super) struct Transport {
    pool: Arc<Pool>,
    read_timeout: Duration,
    limit: u64,
    /// Whether the answer is an event stream, and how long to listen.
    stream: Option<StreamLimits>,
    /// Where the body goes, and the operation it is the answer of.
    sink: Option<(Sink, Arc<Prepared>)>,
    trace: Arc<Trace>,
}

impl Transport {
    /// A transport without connections yet.
    pub(super) fn new(connect: Duration, read: Duration, surroundings: Surroundings) -> Self {
        let pool = Arc::new(Pool { connect, surroundings, client: OnceLock::new() });
        Self { pool, read_timeout: read, limit: MAX_DOCUMENT_BYTES, stream: None, sink: None, trace: Arc::default() }
    }

    /// The same pool for one call: its own trace, its own limits on the answer.
    pub(super) fn for_call(&self, limit: u64, stream: Option<StreamLimits>) -> (Self, Arc<Trace>) {
        let trace = Arc::new(Trace::default());
        (Self { limit, stream, trace: Arc::clone(&trace), ..self.clone() }, trace)
    }

    /// The same for a call whose body is saved.
    pub(super) fn saving(self, sink: Sink, prepared: Arc<Prepared>) -> Self {
        Self { sink: Some((sink, prepared)), ..self }
    }

    async fn send(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let progress = Arc::new(AtomicU64::new(0));
        let request = into_reqwest(request, &progress).map_err(|error| ConnectorError::user(error.into()))?;
        let head = request.method() == reqwest::Method::HEAD;
        let client = self.pool.client().map_err(|error| ConnectorError::user(error.into()))?;
        self.trace.begin();
        let mut answer = std::pin::pin!(client.execute(request));
        let mut seen = 0;
        let answer = loop {
            match timeout(self.read_timeout, &mut answer).await {
                Ok(Ok(answer)) => break answer,
                Ok(Err(error)) => return Err(self.failed(error)),
                // A large body may take its time, as long as it gets on.
                Err(_) if progress.load(Ordering::Relaxed) > seen => seen = progress.load(Ordering::Relaxed),
                Err(_) => return Err(ConnectorError::timeout(TransportError::Stalled(self.read_timeout).into())),
            }
        };
        let mut response = http::Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            headers.extend(answer.headers().clone());
        }
        let (mut gathered, mut saved) = (None, None);
        let sink = self.sink.clone().filter(|_| answer.status().is_success());
        let body = match self.stream.filter(|_| answer.status().is_success()) {
            Some(limits) => {
                gathered = Some(events::gather(answer, limits).await);
                Bytes::new()
            }
            None if head => Bytes::new(),
            None if let Some((sink, prepared)) = sink => {
                saved = Some(self.save(answer, &sink, &prepared).await?);
                Bytes::new()
            }
            None => self.body(answer).await?,
        };
        self.trace.settle();
        let unreadable = |error: Box<dyn std::error::Error + Send + Sync>| ConnectorError::other(error, None);
        let response = response.body(SdkBody::from(body)).map_err(|error| unreadable(error.into()))?;
        let mut response = HttpResponse::try_from(response).map_err(|error| unreadable(error.into()))?;
        if let Some(saved) = saved {
            // The runtime would miss the bytes that went elsewhere.
            response.headers_mut().remove("content-length");
            response.add_extension(saved);
        }
        if let Some(gathered) = gathered {
            response.add_extension(gathered);
        }
        Ok(response)
    }

    /// Writes a body to its sink. What was begun is never begun again: part of it is written already.
    async fn save(
        &self,
        mut answer: reqwest::Response,
        sink: &Sink,
        prepared: &Prepared,
    ) -> Result<Saved, ConnectorError> {
        let broken = |problem: String| ConnectorError::user(TransportError::Broken(problem).into());
        let headers = answer.headers().clone();
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let mut promised = Promised::of(&prepared.operation, answer.status().as_u16(), header);
        let mut sink = sink.0.lock().await;
        let mut written = 0;
        loop {
            match timeout(self.read_timeout, answer.chunk()).await {
                Ok(Ok(Some(chunk))) => {
                    if let Some(promised) = &mut promised {
                        promised.update(&chunk);
                    }
                    let put = sink.write_all(&chunk).await;
                    put.map_err(|error| broken(format!("the answer cannot be saved: {error}")))?;
                    written += chunk.len() as u64;
                }
                Ok(Ok(None)) => break,
                Ok(Err(error)) => return Err(broken(format!("the answer broke off: {error}"))),
                Err(_) => return Err(broken(TransportError::Stalled(self.read_timeout).to_string())),
            }
        }
        sink.flush().await.map_err(|error| broken(format!("the answer cannot be saved: {error}")))?;
        promised.map_or(Ok(()), Promised::check).map_err(broken)?;
        Ok(Saved(written))
    }

    async fn body(&self, mut answer: reqwest::Response) -> Result<Bytes, ConnectorError> {
        let too_large = || {
            self.trace.settle();
            ConnectorError::user(TransportError::TooLarge(self.limit).into())
        };
        if answer.content_length().is_some_and(|length| length > self.limit) {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        loop {
            match timeout(self.read_timeout, answer.chunk()).await {
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
                Ok(Ok(None)) => return Ok(body.freeze()),
                Ok(Err(error)) => return Err(ConnectorError::io(error.into())),
                Err(_) => return Err(ConnectorError::timeout(TransportError::Stalled(self.read_timeout).into())),
            }
            if body.len() as u64 > self.limit {
                return Err(too_large());
            }
        }
    }

    fn failed(&self, error: reqwest::Error) -> ConnectorError {
        if find::<FileChanged>(&error).is_some() {
            // Nothing a further attempt could mend.
            self.trace.settle();
            return ConnectorError::user(FileChanged.into());
        }
        if error.is_connect() {
            self.trace.settle();
            let connector = if error.is_timeout() {
                ConnectorError::timeout(error.into())
            } else {
                ConnectorError::io(error.into())
            };
            return connector.never_connected();
        }
        if error.is_timeout() { ConnectorError::timeout(error.into()) } else { ConnectorError::io(error.into()) }
    }
}

impl HttpConnector for Transport {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().send(request))
    }
}

impl HttpClient for Transport {
    /// The credential providers have less patience than calls (the metadata service: a second).
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let wanted = settings.connect_timeout().zip(settings.read_timeout()).map(|(connect, read)| connect + read);
        let read_timeout = wanted.map_or(self.read_timeout, |wanted| wanted.min(self.read_timeout));
        SharedHttpConnector::new(Self { read_timeout, ..self.clone() })
    }
}

fn into_reqwest(request: HttpRequest, progress: &Arc<AtomicU64>) -> Result<reqwest::Request, TransportError> {
    let request = request.try_into_http1x().map_err(|error| TransportError::Request(error.to_string()))?;
    let (parts, body) = request.into_parts();
    let url =
        reqwest::Url::parse(&parts.uri.to_string()).map_err(|error| TransportError::Request(error.to_string()))?;
    // The URL type takes `.` and `..` out of a path, `%2e` too. An object key may hold them, and what is sent must be
    // what was asked for and signed.
    let path = if parts.uri.path().is_empty() { "/" } else { parts.uri.path() };
    if url.path() != path {
        return Err(TransportError::PathChanged(path.to_owned()));
    }
    let body = match body.bytes() {
        Some(bytes) => reqwest::Body::from(Bytes::copy_from_slice(bytes)),
        None => {
            let progress = Arc::clone(progress);
            reqwest::Body::wrap(body.map_frame(move |frame| {
                progress.fetch_add(frame.data_ref().map_or(0, |data| data.len() as u64), Ordering::Relaxed);
                frame
            }))
        }
    };
    let mut out = reqwest::Request::new(parts.method, url);
    *out.headers_mut() = parts.headers;
    *out.body_mut() = Some(body);
    Ok(out)
}
