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

/// Bytes in memory that are hashed where they are: less than it takes to hand them to another thread.
const AT_ONCE: u64 = 32 * 1024;

/// A leaf of Glacier's tree hash.
const LEAF: usize = 1 << 20;

/// What goes up as the operation's streaming payload, in place of a member of the payload.
#[derive(Debug, Clone)]
pub enum Body {
    /// Bytes in memory.
    Bytes {
        /// They themselves.
        bytes: Bytes,
        /// The SHA-256 that they must have, if any.
        sha256: Option<[u8; 32]>,
    },
    /// Part of an open file. It is read twice, for its checksums and for sending, and again for each further attempt;
    /// its own position is not used. If it changes meanwhile, its last piece is never sent.
    File {
        /// The file, open for reading.
        file: Arc<File>,
        /// Where the part begins.
        offset: u64,
        /// Its length in bytes.
        len: u64,
        /// The SHA-256 that the part must have; what it has when the call begins, if there is none.
        sha256: Option<[u8; 32]>,
    },
}

impl Body {
    fn len(&self) -> u64 {
        match self {
            Self::Bytes { bytes, .. } => bytes.len() as u64,
            Self::File { len, .. } => *len,
        }
    }
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
    as_was: Option<Stamp>,
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
        let as_was = match &body {
            // What was promised is held against what is read; else the file must be as it was before it was looked through.
            Body::File { file, sha256: None, .. } => Stamp::of(file).ok(),
            Body::File { .. } | Body::Bytes { .. } => None,
        };
        let looking = body.clone();
        let scan = move || match looking {
            Body::File { file, offset, len, .. } => scan(&file, offset, len, wanted, glacier),
            Body::Bytes { bytes, .. } => {
                let mut scan = Scan::new(wanted, glacier);
                bytes.chunks(LEAF).for_each(|piece| scan.update(piece));
                Ok(scan.finish())
            }
        };
        let scanned = if body.len() <= AT_ONCE {
            scan()
        } else {
            tokio::task::spawn_blocking(scan).await.map_err(|error| AwsError::Payload(error.to_string()))?
        };
        let (found, checksums) = scanned.map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => AwsError::Changed,
            _ => AwsError::Payload(format!("the file cannot be read: {error}")),
        })?;
        let mut body = body;
        let (Body::File { sha256, .. } | Body::Bytes { sha256, .. }) = &mut body;
        if sha256.is_some_and(|promised| promised != found) {
            return Err(AwsError::Changed);
        }
        *sha256 = Some(found);
        Ok(Self { body, as_was, sha256: Some(hex::encode(found)), checksums })
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
            Body::Bytes { bytes, .. } => (SdkBody::from(bytes.clone()), bytes.len() as u64),
            Body::File { file, offset, len, sha256 } => {
                let (file, offset, len, as_was) = (Arc::clone(file), *offset, *len, self.as_was);
                let promised = sha256.filter(|_| as_was.is_none()).map(|sha256| (Sha256::new(), sha256));
                let sending = move || {
                    let sending =
                        Sending { file: Arc::clone(&file), offset, left: len, promised: promised.clone(), as_was };
                    stream(sending)
                };
                (SdkBody::retryable(sending), len)
            }
        };
        headers.insert("content-length", len.to_string());
        *request.body_mut() = body;
    }
}

type Scanned = ([u8; 32], Vec<(String, String)>);

fn scan(file: &File, offset: u64, len: u64, wanted: Option<Wanted>, glacier: bool) -> std::io::Result<Scanned> {
    let mut scan = Scan::new(wanted, glacier);
    let mut piece = vec![0; LEAF];
    let mut done = 0;
    while done < len {
        let want = usize::try_from(len - done).unwrap_or(LEAF).min(LEAF);
        let piece = piece.get_mut(..want).unwrap_or_default();
        file.read_exact_at(piece, offset + done)?;
        scan.update(piece);
        done += want as u64;
    }
    Ok(scan.finish())
}

/// A body being looked through: its digest, and the checksums that its request must carry.
struct Scan {
    sha256: Sha256,
    wanted: Option<Wanted>,
    /// Of Glacier's tree hash.
    leaves: Option<Vec<[u8; 32]>>,
}

impl Scan {
    fn new(wanted: Option<Wanted>, glacier: bool) -> Self {
        Self { sha256: Sha256::new(), wanted, leaves: glacier.then(Vec::new) }
    }

    /// Takes the next mebibyte, or what is left of it.
    fn update(&mut self, piece: &[u8]) {
        self.sha256.update(piece);
        if let Some(wanted) = &mut self.wanted {
            wanted.update(piece);
        }
        if let Some(leaves) = &mut self.leaves {
            leaves.push(Sha256::digest(piece).into());
        }
    }

    fn finish(self) -> Scanned {
        let mut headers = Headers::new();
        if let Some(wanted) = self.wanted {
            wanted.put(&mut headers);
        }
        let mut checksums: Vec<_> = headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        if let Some(leaves) = self.leaves.filter(|leaves| !leaves.is_empty()) {
            checksums.push(("x-amz-sha256-tree-hash".to_owned(), tree_root(leaves)));
        }
        (self.sha256.finalize().into(), checksums)
    }
}

/// A file that is not what it was when its request was made.
#[derive(Debug, thiserror::Error)]
#[error("the file changed while it was sent")]
pub(super) struct FileChanged;

/// What tells whether a file was touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp([i64; 5]);

impl Stamp {
    fn of(file: &File) -> std::io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let data = file.metadata()?;
        let len = i64::try_from(data.len()).unwrap_or(i64::MAX);
        Ok(Self([len, data.mtime(), data.mtime_nsec(), data.ctime(), data.ctime_nsec()]))
    }
}

/// A body on its way: what is still to be read.
struct Sending {
    file: Arc<File>,
    offset: u64,
    left: u64,
    /// The digest of what was read, and what the whole must have.
    promised: Option<(Sha256, [u8; 32])>,
    as_was: Option<Stamp>,
}

impl Sending {
    /// The next piece. The last one is only given when the whole is what was promised, or was not touched.
    fn next(mut self) -> std::io::Result<(Bytes, Self)> {
        let want = usize::try_from(self.left).unwrap_or(PIECE).min(PIECE);
        let mut piece = vec![0; want];
        self.file.read_exact_at(&mut piece, self.offset).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => std::io::Error::other(FileChanged),
            _ => error,
        })?;
        self.offset += want as u64;
        self.left -= want as u64;
        if let Some((hasher, _)) = &mut self.promised {
            hasher.update(&piece);
        }
        if self.left == 0 {
            let other =
                self.promised.take().is_some_and(|(hasher, sha256)| <[u8; 32]>::from(hasher.finalize()) != sha256);
            let touched = self.as_was.is_some_and(|as_was| Stamp::of(&self.file).ok() != Some(as_was));
            if other || touched {
                return Err(std::io::Error::other(FileChanged));
            }
        }
        Ok((Bytes::from(piece), self))
    }
}

/// The part of a file as a body, read as it is wanted.
fn stream(sending: Sending) -> SdkBody {
    let pieces = futures_util::stream::unfold(Some(sending), |state| async move {
        let sending = state.filter(|sending| sending.left > 0)?;
        let read = tokio::task::spawn_blocking(move || sending.next());
        Some(match read.await.map_err(std::io::Error::other).flatten() {
            Ok((piece, next)) => (Ok(Frame::data(piece)), Some(next)),
            Err(error) => (Err(error), None),
        })
    });
    SdkBody::from_body_1_x(StreamBody::new(pieces))
}
