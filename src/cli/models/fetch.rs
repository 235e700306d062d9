//! The sync's fetching, over the AWS edge's client: blocking on one side, the run loop on the other.

use std::io::{self, Read};
use std::time::Duration;

use anyhow::Context as _;
use bytes::{Buf as _, Bytes};
use tokio::runtime::Handle;

use crate::aws::{self, Fetched, Fetcher};
use crate::models::sync::{Fetch, FetchError, Request, Response};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// Fetches on a run loop for whoever blocks outside of it.
pub(super) struct Web {
    fetcher: Fetcher,
    runtime: Handle,
}

impl Web {
    /// Over the proxies and with the certificates that the environment names. `patience` is how long nothing may come.
    pub(super) fn new(runtime: Handle, patience: Duration) -> anyhow::Result<Self> {
        let fetcher = Fetcher::new(CONNECT, patience, true).context("no HTTP client can be set up")?;
        Ok(Self { fetcher, runtime })
    }
}

impl Fetch for Web {
    fn get(&self, request: Request<'_>) -> Result<Response, FetchError> {
        let headers: Vec<(&str, &str)> = request.etag.iter().map(|etag| ("if-none-match", *etag)).collect();
        let fetched = self.runtime.block_on(self.fetcher.get(request.url, &headers));
        let fetched = fetched.map_err(|error| FetchError {
            problem: error.to_string(),
            offline: matches!(error, aws::FetchError::Unreachable(_)),
        })?;
        let header = |name: &str| fetched.header(name).map(str::to_owned);
        Ok(Response {
            status: fetched.status(),
            etag: header("etag"),
            content_type: header("content-type"),
            length: header("content-length").and_then(|length| length.parse().ok()),
            digest: header("repr-digest").or_else(|| header("content-digest")),
            location: header("location"),
            body: Box::new(Body { fetched, rest: Bytes::new(), runtime: self.runtime.clone() }),
        })
    }
}

/// A body as a blocking reader.
struct Body {
    fetched: Fetched,
    rest: Bytes,
    runtime: Handle,
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.runtime.block_on(self.fetched.chunk()) {
                Ok(Some(chunk)) => self.rest = chunk,
                Ok(None) => return Ok(0),
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        let read = self.rest.len().min(buffer.len());
        if let Some(target) = buffer.get_mut(..read) {
            self.rest.copy_to_slice(target);
        }
        Ok(read)
    }
}
