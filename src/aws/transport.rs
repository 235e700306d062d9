//! HTTP: the runtime's connector over one client. No redirects, no decompression, no retries and no timeouts of its
//! own beyond connecting and reading; the runtime decides those.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

use super::Outcome;
use super::body::{FileChanged, Saved, Sink};
use super::checksum::Promised;
use super::error::find;
use super::events::{self, StreamLimits};
use super::http::{Http, NoConnection, Surroundings};
use super::operation::Prepared;
use super::pieces::Pieces;

/// Bytes of an answer that is not a streaming one; pages of the largest services stay far below.
pub(super) const MAX_DOCUMENT_BYTES: u64 = 64 * 1024 * 1024;

/// What a connector refuses or breaks off by itself.
#[derive(Debug, thiserror::Error)]
pub(super) enum TransportError {
    /// The answer exceeds the limit.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(u64),
    /// No byte for too long.
    #[error("no answer within {0:?}")]
    Stalled(Duration),
    /// An answer that was being saved.
    #[error("{0}")]
    Broken(String),
    /// The same, when no byte came for too long.
    #[error("the answer stood still for {0:?}")]
    StoodStill(Duration),
    /// The request could not be put together.
    #[error("{0}")]
    Request(String),
}

/// Counts what left the machine during one call, over all its attempts.
#[derive(Debug, Default)]
pub(super) struct Trace {
    sent: AtomicU32,
    /// Attempts that have not been answered, and whether they have got a connection.
    open: Mutex<Vec<(u32, CaptureConnection)>>,
}

impl Trace {
    /// How often the call was sent, or tried to be.
    pub(super) fn attempts(&self) -> u32 {
        self.sent.load(Ordering::SeqCst)
    }

    /// Whether the call may have taken effect, judging from what was never answered.
    pub(super) fn outcome(&self) -> Outcome {
        let sent = self.open().iter().any(|(_, connection)| is_connected(connection));
        if sent { Outcome::Unknown } else { Outcome::NotSent }
    }

    fn begin(&self, connection: CaptureConnection) -> u32 {
        let nth = self.sent.fetch_add(1, Ordering::SeqCst) + 1;
        self.open().push((nth, connection));
        nth
    }

    /// An attempt whose effect is known: it was answered, or never reached the server.
    fn settle(&self, nth: u32) {
        self.open().retain(|(open, _)| *open != nth);
    }

    fn open(&self) -> MutexGuard<'_, Vec<(u32, CaptureConnection)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_connected(connection: &CaptureConnection) -> bool {
    connection.connection_metadata().is_some()
}

/// The connections of all calls; the client is set up when the first of them begins.
#[derive(Debug)]
struct Pool {
    connect: Duration,
    surroundings: Surroundings,
    http: OnceLock<Result<Http, String>>,
}

impl Pool {
    fn http(&self) -> Result<&Http, TransportError> {
        let http = self.http.get_or_init(|| Http::new(self.connect, &self.surroundings));
        http.as_ref().map_err(|problem| TransportError::Request(format!("no HTTP client can be set up: {problem}")))
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
        let pool = Arc::new(Pool { connect, surroundings, http: OnceLock::new() });
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
        let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let mut request = request.map(|body| Pieces::new(body, &progress));
        let head = request.method() == http::Method::HEAD;
        let http = self.pool.http().map_err(|error| ConnectorError::user(error.into()))?;
        let connection = capture_connection(&mut request);
        let nth = self.trace.begin(connection.clone());
        let mut answer = std::pin::pin!(http.send(request));
        let mut seen = 0;
        let answer = loop {
            match timeout(self.read_timeout, &mut answer).await {
                Ok(Ok(answer)) => break answer,
                Ok(Err(error)) => return Err(self.failed(error, nth)),
                // A large body may take its time, as long as it gets on.
                Err(_) if progress.load(Ordering::Relaxed) > seen => seen = progress.load(Ordering::Relaxed),
                Err(_) => {
                    let stalled = ConnectorError::timeout(TransportError::Stalled(self.read_timeout).into());
                    return Err(if is_connected(&connection) { stalled } else { stalled.never_connected() });
                }
            }
        };
        let mut response = http::Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            headers.extend(answer.headers().iter().map(|(name, value)| (name.clone(), readable(value))));
        }
        let (mut gathered, mut saved) = (None, None);
        let sink = self.sink.clone().filter(|_| answer.status().is_success());
        let body = match self.stream.filter(|_| answer.status().is_success()) {
            Some(limits) => {
                gathered = Some(events::gather(answer.into_body(), limits).await);
                Bytes::new()
            }
            None if head => Bytes::new(),
            None if let Some((sink, prepared)) = sink => {
                saved = Some(self.save(answer, &sink, &prepared).await?);
                Bytes::new()
            }
            None => self.body(answer.into_body(), nth).await?,
        };
        self.trace.settle(nth);
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
        answer: http::Response<Incoming>,
        sink: &Sink,
        prepared: &Prepared,
    ) -> Result<Saved, ConnectorError> {
        let broken = |problem: String| ConnectorError::user(TransportError::Broken(problem).into());
        let (head, mut body) = answer.into_parts();
        let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
        let mut promised = Promised::of(&prepared.operation, head.status.as_u16(), header);
        let mut sink = sink.0.lock().await;
        let mut written = 0;
        loop {
            match timeout(self.read_timeout, next(&mut body)).await {
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
                Err(_) => return Err(ConnectorError::user(TransportError::StoodStill(self.read_timeout).into())),
            }
        }
        sink.flush().await.map_err(|error| broken(format!("the answer cannot be saved: {error}")))?;
        promised.map_or(Ok(()), Promised::check).map_err(broken)?;
        Ok(Saved(written))
    }

    async fn body(&self, mut incoming: Incoming, nth: u32) -> Result<Bytes, ConnectorError> {
        let too_large = || {
            self.trace.settle(nth);
            ConnectorError::user(TransportError::TooLarge(self.limit).into())
        };
        if incoming.size_hint().lower() > self.limit {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        loop {
            match timeout(self.read_timeout, next(&mut incoming)).await {
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

    fn failed(&self, error: hyper_util::client::legacy::Error, nth: u32) -> ConnectorError {
        if find::<FileChanged>(&error).is_some() {
            // Nothing a further attempt could mend.
            self.trace.settle(nth);
            return ConnectorError::user(FileChanged.into());
        }
        if !error.is_connect() {
            return ConnectorError::io(error.into());
        }
        self.trace.settle(nth);
        let late = find::<NoConnection>(&error).is_some();
        let error = if late { ConnectorError::timeout(error.into()) } else { ConnectorError::io(error.into()) };
        error.never_connected()
    }
}

/// A header's value as text. Any byte may stand in one; what is not UTF-8 is taken for Latin-1, as boto3 does.
fn readable(value: &HeaderValue) -> HeaderValue {
    if std::str::from_utf8(value.as_bytes()).is_ok() {
        return value.clone();
    }
    let text: String = value.as_bytes().iter().copied().map(char::from).collect();
    HeaderValue::from_bytes(text.as_bytes()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// The next bytes of a body.
pub(super) async fn next(body: &mut Incoming) -> hyper::Result<Option<Bytes>> {
    while let Some(frame) = body.frame().await {
        // Trailers say nothing that is wanted here.
        if let Ok(data) = frame?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
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
