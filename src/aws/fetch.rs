//! Plain GETs of public files (the models that AWS publishes), over the same kind of client as calls: the environment's
//! proxies and certificates, no redirects, patience for as long as bytes come.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use hyper::body::Incoming;
use tokio::time::timeout;

use super::http::{Http, Surroundings};
use super::pieces::Pieces;
use super::transport::next;

/// Why there is no answer, or no more of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The other side was not reached.
    #[error("the server cannot be reached ({0})")]
    Unreachable(String),
    /// It was reached, and then something failed.
    #[error("{0}")]
    Broken(String),
    /// No byte for too long.
    #[error("nothing came for {0:?}")]
    Stalled(Duration),
}

/// Fetches public files.
#[derive(Debug)]
pub struct Fetcher {
    http: Http,
    read: Duration,
}

/// An answer whose body is still to come.
#[derive(Debug)]
pub struct Fetched {
    head: http::response::Parts,
    body: Incoming,
    read: Duration,
}

impl Fetcher {
    /// A fetcher that waits this long for a connection, and for every further byte. With `environment` it goes through
    /// the proxies that the environment names, else straight.
    ///
    /// # Errors
    /// When the certificates cannot be read.
    pub fn new(connect: Duration, read: Duration, environment: bool) -> Result<Self, FetchError> {
        let surroundings = if environment { Surroundings::Environment } else { Surroundings::None };
        let http = Http::new(connect, &surroundings).map_err(FetchError::Broken)?;
        Ok(Self { http, read })
    }

    /// Sends a GET and waits for the head of the answer.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<Fetched, FetchError> {
        let agent = concat!("countersign/", env!("CARGO_PKG_VERSION"));
        let mut request = http::Request::get(url).header("user-agent", agent).header("accept", "*/*");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Pieces::new(SdkBody::empty(), &Arc::default()));
        let request = request.map_err(|error| FetchError::Broken(error.to_string()))?;
        match timeout(self.read, self.http.send(request)).await {
            Ok(Ok(answer)) => {
                let (head, body) = answer.into_parts();
                Ok(Fetched { head, body, read: self.read })
            }
            Ok(Err(error)) if error.is_connect() => Err(FetchError::Unreachable(cause(&error))),
            Ok(Err(error)) => Err(FetchError::Broken(cause(&error))),
            Err(_) => Err(FetchError::Stalled(self.read)),
        }
    }
}

impl Fetched {
    /// HTTP status.
    pub fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    /// A header, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    /// The next part of the body; none at its end.
    ///
    /// # Errors
    /// When it breaks off, or nothing comes for too long.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, FetchError> {
        match timeout(self.read, next(&mut self.body)).await {
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(error)) => Err(FetchError::Broken(format!("the answer broke off: {}", cause(&error)))),
            Err(_) => Err(FetchError::Stalled(self.read)),
        }
    }
}

/// What caused an error in the end.
fn cause(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}
