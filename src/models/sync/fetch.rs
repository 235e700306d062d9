//! What a sync needs of HTTP, handed in by whoever has a client: this floor opens no connections.

use std::io::Read;

/// One GET.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// Where.
    pub url: &'a str,
    /// `If-None-Match`, when what is there already would do.
    pub etag: Option<&'a str>,
}

/// An answer whose body is still to be read. Redirects are not followed by whoever fetches.
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// `ETag`
    pub etag: Option<String>,
    /// `Content-Type`
    pub content_type: Option<String>,
    /// `Content-Length`
    pub length: Option<u64>,
    /// `Repr-Digest`, or else `Content-Digest` (RFC 9530)
    pub digest: Option<String>,
    /// `Location`
    pub location: Option<String>,
    /// The body as it was sent.
    pub body: Box<dyn Read + Send>,
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response").field("status", &self.status).field("etag", &self.etag).finish_non_exhaustive()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct FetchError {
    /// In words, without a cure.
    pub problem: String,
    /// Whether the other side was not reached at all: offline is no error of anybody's.
    pub offline: bool,
}

/// Somebody who can fetch.
pub trait Fetch {
    /// Sends the request and waits for the head of the answer.
    ///
    /// # Errors
    /// When there is no answer in time.
    fn get(&self, request: Request<'_>) -> Result<Response, FetchError>;
}
