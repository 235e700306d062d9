//! Bodies that do not pass through memory: a file on its way up, a writer for what comes down.

use std::fmt;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use aws_smithy_runtime_api::http::{Headers, Request};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::Frame;
use http_body_util::StreamBody;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWrite;
use tokio::sync::Mutex;

use super::AwsError;
use super::checksum::Wanted;
use super::custom::tree_root;

/// Bytes read from a file at once.
const PIECE: usize = 256 * 1024;

/// A leaf of Glacier's tree hash.
const LEAF: usize = 1 << 20;

/// What goes up as the operation's streaming payload, in place of a member of the payload.
#[derive(Debug, Clone)]
pub enum Body {
    /// Bytes in memory.
    Bytes(Bytes),
    /// Part of an open file. It is read twice, for its checksums and for sending, and again for each further attempt;
    /// its own position is not used. If it changes meanwhile, AWS refuses it.
    File {
        /// The file, open for reading.
        file: Arc<File>,
        /// Where the part begins.
        offset: u64,
        /// Its length in bytes.
        len: u64,
    },
}

/// Where what comes down goes.
#[derive(Clone)]
pub(super) struct Sink(pub(super) Arc<Mutex<Box<dyn AsyncWrite + Send + Unpin>>>);

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sink")
    }
}

/// How many bytes were written to the sink; travels with the response.
#[derive(Debug, Clone, Copy)]
pub(super) struct Saved(pub(super) u64);

/// A body, looked through and ready to be sent.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    body: Body,
    /// Of a file: SHA-256 in hex, which the signature covers.
    pub(super) sha256: Option<String>,
    /// Header and value.
    checksums: Vec<(String, String)>,
}

impl Upload {
    /// Looks a body through; a file is read once, off the runtime's threads.
    ///
    /// # Errors
    /// When the file cannot be read, or ends too early.
    pub(super) async fn new(body: Body, wanted: Option<Wanted>, glacier: bool) -> Result<Self, AwsError> {
        let Body::File { file, offset, len } = body.clone() else {
            return Ok(Self { body, sha256: None, checksums: Vec::new() });
        };
        let scan = tokio::task::spawn_blocking(move || scan(&file, offset, len, wanted, glacier));
        let scanned = scan.await.map_err(|error| AwsError::Payload(error.to_string()))?;
        let (sha256, checksums) =
            scanned.map_err(|error| AwsError::Payload(format!("the file cannot be read: {error}")))?;
        Ok(Self { body, sha256: Some(sha256), checksums })
    }

    /// Puts the body and what is known of it into a request.
    pub(super) fn put(&self, request: &mut Request, media_type: &str) {
        let headers = request.headers_mut();
        if headers.get("content-type").is_none() {
            headers.insert("content-type", media_type.to_owned());
        }
        for (name, value) in &self.checksums {
            headers.insert(name.clone(), value.clone());
        }
        let (body, len) = match &self.body {
            Body::Bytes(bytes) => (SdkBody::from(bytes.clone()), bytes.len() as u64),
            Body::File { file, offset, len } => {
                let (file, offset, len) = (Arc::clone(file), *offset, *len);
                (SdkBody::retryable(move || stream(Arc::clone(&file), offset, len)), len)
            }
        };
        headers.insert("content-length", len.to_string());
        *request.body_mut() = body;
    }
}

type Scanned = (String, Vec<(String, String)>);

fn scan(file: &File, offset: u64, len: u64, mut wanted: Option<Wanted>, glacier: bool) -> std::io::Result<Scanned> {
    let mut sha256 = Sha256::new();
    let mut leaves: Vec<[u8; 32]> = Vec::new();
    let mut piece = vec![0; LEAF];
    let mut done = 0;
    while done < len {
        let want = usize::try_from(len - done).unwrap_or(LEAF).min(LEAF);
        let piece = piece.get_mut(..want).unwrap_or_default();
        file.read_exact_at(piece, offset + done)?;
        sha256.update(&*piece);
        if let Some(wanted) = &mut wanted {
            wanted.update(piece);
        }
        if glacier {
            leaves.push(Sha256::digest(&*piece).into());
        }
        done += want as u64;
    }
    let mut headers = Headers::new();
    if let Some(wanted) = wanted {
        wanted.put(&mut headers);
    }
    let mut checksums: Vec<_> = headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    if glacier && !leaves.is_empty() {
        checksums.push(("x-amz-sha256-tree-hash".to_owned(), tree_root(leaves)));
    }
    Ok((hex::encode(sha256.finalize()), checksums))
}

/// The part of a file as a body, read as it is wanted.
fn stream(file: Arc<File>, offset: u64, len: u64) -> SdkBody {
    let pieces = futures_util::stream::unfold(Some((file, offset, len)), |state| async move {
        let (file, offset, left) = state.filter(|(_, _, left)| *left > 0)?;
        let want = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; want];
            file.read_exact_at(&mut piece, offset).map(|()| (piece, file))
        });
        Some(match read.await.map_err(std::io::Error::other).flatten() {
            Ok((piece, file)) => {
                let next = (file, offset + want as u64, left - want as u64);
                (Ok(Frame::data(Bytes::from(piece))), Some(next))
            }
            Err(error) => (Err(error), None),
        })
    });
    SdkBody::from_body_1_x(StreamBody::new(pieces))
}
