//! Connections: HTTP/1.1 on hyper, TLS by rustls with the system's certificates, proxies as curl finds them. What is
//! signed is what is sent, byte for byte: nothing here takes a URL apart and puts it together again, so an object key
//! may hold `.` and `..`. HTTP/1.1 only, as boto3: a slow call never shares a connection with another.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderValue, Request, Uri, header};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::legacy::{Client, ResponseFuture};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls_platform_verifier::Verifier;
use tokio::time::timeout;
use tower_service::Service;

use super::pieces::Pieces;
use crate::base::Shown;

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(90);

/// How long a connection may be silent before the system asks whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);

type BoxError = Box<dyn Error + Send + Sync>;

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

/// No connection within the time for one.
#[derive(Debug, thiserror::Error)]
#[error("no connection within {0:?}")]
pub(super) struct NoConnection(Duration);

/// A client, and the connections it keeps.
#[derive(Debug)]
pub(super) struct Http {
    client: Client<Connector, Pieces>,
    proxies: Option<Arc<Matcher>>,
}

impl Http {
    /// A client without connections yet, which waits this long for one.
    ///
    /// # Errors
    /// When the certificates cannot be read; the text says which.
    pub(super) fn new(patience: Duration, surroundings: &Surroundings) -> Result<Self, String> {
        let proxies = match surroundings {
            Surroundings::Environment if shunned() => None,
            Surroundings::Environment => Some(Matcher::from_env()),
            Surroundings::None => None,
            Surroundings::Proxy(url) => Some(Matcher::builder().all(url.as_str()).build()),
        };
        let proxies = proxies.map(Arc::new);
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE));
        let tls = Arc::new(tls(surroundings)?);
        let connector = Connector { tcp, tls, proxies: proxies.clone(), patience };
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .build(connector);
        Ok(Self { client, proxies })
    }

    /// Sends a request; its URI is absolute.
    pub(super) fn send(&self, mut request: Request<Pieces>) -> ResponseFuture {
        // A proxy that passes plain HTTP on is asked in the request itself; one that tunnels, when it opens the tunnel.
        let plain = request.uri().scheme() == Some(&http::uri::Scheme::HTTP);
        let proxy = self.proxies.as_ref().filter(|_| plain).and_then(|proxies| proxies.intercept(request.uri()));
        if let Some(password) = proxy.as_ref().and_then(Intercept::basic_auth) {
            request.headers_mut().insert(header::PROXY_AUTHORIZATION, password.clone());
        }
        self.client.request(request)
    }
}

/// Whether no host at all is to be reached through a proxy; the matcher takes `*` for names only, not for addresses.
fn shunned() -> bool {
    ["NO_PROXY", "no_proxy"].iter().any(|name| std::env::var(name).is_ok_and(|hosts| hosts.trim() == "*"))
}

/// A machine without any CA certificates can still talk plain HTTP (to an emulator); HTTPS then fails when it is used.
fn tls(surroundings: &Surroundings) -> Result<ClientConfig, String> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let bundle = match surroundings {
        Surroundings::Environment => std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()),
        Surroundings::None | Surroundings::Proxy(_) => None,
    };
    let own: Vec<CertificateDer<'static>> = match bundle {
        Some(path) => {
            let read = CertificateDer::pem_file_iter(&path).and_then(Iterator::collect);
            read.map_err(|error| format!("AWS_CA_BUNDLE {}: {error}", Shown::line(&path.to_string_lossy())))?
        }
        None => Vec::new(),
    };
    let verifier = Verifier::new_with_extra_roots(own, Arc::clone(&provider));
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?;
    let mut config = match verifier {
        Ok(verifier) => builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth(),
        Err(error) => {
            tracing::warn!(%error, "there are no certificates to know a server by; HTTPS will fail");
            builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Opens connections: straight, through a proxy that passes plain HTTP on, or through a tunnel.
#[derive(Clone)]
struct Connector {
    tcp: HttpConnector,
    tls: Arc<ClientConfig>,
    proxies: Option<Arc<Matcher>>,
    patience: Duration,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").field("proxies", &self.proxies).finish_non_exhaustive()
    }
}

impl Connector {
    async fn open(self, uri: Uri) -> Result<Link, BoxError> {
        let mut straight = HttpsConnector::from((self.tcp, Arc::clone(&self.tls)));
        let Some(proxy) = self.proxies.and_then(|proxies| proxies.intercept(&uri)) else {
            return Ok(Link::new(straight.call(uri).await?, false));
        };
        let at = proxy.uri().clone();
        if !matches!(at.scheme_str(), Some("http" | "https")) {
            let scheme = at.scheme_str().unwrap_or_default();
            return Err(format!("a proxy is spoken to in http or https, not in {scheme}").into());
        }
        if uri.scheme() == Some(&http::uri::Scheme::HTTP) {
            return Ok(Link::new(straight.call(at).await?, true));
        }
        let tunnel = Tunnel::new(at, straight);
        let tunnel = match proxy.basic_auth() {
            Some(password) => tunnel.with_auth(HeaderValue::clone(password)),
            None => tunnel,
        };
        Ok(Link::new(HttpsConnector::from((tunnel, self.tls)).call(uri).await?, false))
    }
}

impl Service<Uri> for Connector {
    type Response = Link;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Link, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let (connector, patience) = (self.clone(), self.patience);
        Box::pin(async move {
            match timeout(patience, connector.open(uri)).await {
                Ok(opened) => opened,
                Err(_) => Err(NoConnection(patience).into()),
            }
        })
    }
}

trait Stream: Read + Write + Send + Unpin {}

impl<T: Read + Write + Send + Unpin> Stream for T {}

/// A connection, however it was opened.
struct Link {
    io: Box<dyn Stream>,
    /// To a proxy that passes requests on.
    through_proxy: bool,
}

impl Link {
    fn new(io: impl Stream + 'static, through_proxy: bool) -> Self {
        Self { io: Box::new(io), through_proxy }
    }
}

impl Connection for Link {
    fn connected(&self) -> Connected {
        Connected::new().proxy(self.through_proxy)
    }
}

impl Read for Link {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_read(cx, buf)
    }
}

impl Write for Link {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write_vectored(cx, bufs)
    }
}
