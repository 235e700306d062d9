//! Keeping what comes down: a body goes into its file as it arrives, a result when it is there; hashed on the way.

use std::fs::File;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWrite;

use super::load::blocking;
use super::shared::{Shared, lock};
use crate::call::CallError;
use crate::call::blobs::refused;
use crate::files::{Draft, Target};
use crate::uploads::Refusal;

/// What went through.
#[derive(Debug, Default)]
struct Passed {
    hasher: Sha256,
    bytes: u64,
}

/// A file that is being written; dropped, nothing stays of it.
pub(super) struct Keep {
    draft: Draft,
    file: File,
    passed: Arc<Mutex<Passed>>,
}

/// What lies in a file now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    /// As the options have it (untrusted).
    pub(super) path: String,
    pub(super) bytes: u64,
    /// Hex.
    pub(super) sha256: String,
}

impl Kept {
    /// For the answer and the record.
    pub(super) fn to_json(&self) -> Value {
        json!({"path": self.path, "bytes": self.bytes, "sha256": self.sha256})
    }

    /// In place of the result that was saved.
    pub(super) fn in_place(&self) -> Value {
        json!({"$path": self.path, "$bytes": self.bytes, "$sha256": self.sha256})
    }
}

/// The way into the file.
struct Way {
    file: tokio::fs::File,
    passed: Arc<Mutex<Passed>>,
}

impl Keep {
    /// Begins the file, and gives the way into it.
    ///
    /// # Errors
    /// `FileRefused` when nothing can be written there.
    pub(super) async fn begin(
        shared: &Shared,
        target: &Target,
    ) -> Result<(Self, Box<dyn AsyncWrite + Send + Unpin>), CallError> {
        let mut random = [0; 8];
        shared.entropy.fill(&mut random);
        let target = target.clone();
        let begun = blocking(move || {
            let (draft, file) = target.begin(random)?;
            let writer = file.try_clone().map_err(|error| {
                let cure = "close what is open, or raise the limit of open files";
                Refusal::new(&target.path, "path", format!("it cannot be written: {error}"), cure)
            })?;
            Ok((draft, file, writer))
        });
        let (draft, file, writer) = begun.await?;
        let passed = Arc::new(Mutex::new(Passed::default()));
        let way = Way { file: tokio::fs::File::from_std(writer), passed: Arc::clone(&passed) };
        Ok((Self { draft, file, passed }, Box::new(way)))
    }

    /// Puts the file in place; says what is in it.
    ///
    /// # Errors
    /// `FileRefused` when it cannot be put there.
    pub(super) async fn finish(self) -> Result<Kept, CallError> {
        let Self { draft, file, passed } = self;
        let saved = blocking(move || draft.finish(&file)).await?;
        let passed = std::mem::take(&mut *lock(&passed));
        Ok(Kept { path: saved.path, bytes: passed.bytes, sha256: hex::encode(passed.hasher.finalize()) })
    }
}

/// Saves a text as a whole.
///
/// # Errors
/// `FileRefused` when it cannot be written.
pub(super) async fn text(shared: &Shared, target: &Target, text: &str) -> Result<Kept, CallError> {
    use tokio::io::AsyncWriteExt as _;
    let (keep, mut way) = Keep::begin(shared, target).await?;
    let written = async {
        way.write_all(text.as_bytes()).await?;
        way.flush().await
    };
    written.await.map_err(|error: io::Error| {
        let cure = "make room, or choose another place";
        refused(&Refusal::new(&target.path, "path", format!("it cannot be written: {error}"), cure))
    })?;
    drop(way);
    keep.finish().await
}

impl AsyncWrite for Way {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.file).poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = &written {
            let mut passed = lock(&self.passed);
            passed.hasher.update(bytes.get(..*count).unwrap_or_default());
            passed.bytes += *count as u64;
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.file).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.file).poll_shutdown(context)
    }
}
