//! The way out of a connection: whole lines, one after the other, with a count of those that wait, so that a
//! client that does not read holds up nobody but itself.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{ErrorData, RequestId, ServerJsonRpcMessage};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{Mutex, Semaphore};
use tokio_util::sync::CancellationToken;

/// Messages that may wait to be written before no more requests are read.
const BACKLOG: usize = 256;

/// How long the end of a connection waits for a client that reads slowly.
const LAST_MOMENT: Duration = Duration::from_millis(500);

/// Writes messages to a client.
#[derive(Debug)]
pub(super) struct Out<W> {
    write: Arc<Mutex<W>>,
    backlog: Arc<Semaphore>,
    /// Cancelled when the client is gone.
    gone: CancellationToken,
    /// Cancelled when nothing is to be written any more.
    closed: CancellationToken,
}

impl<W> Clone for Out<W> {
    fn clone(&self) -> Self {
        Self {
            write: Arc::clone(&self.write),
            backlog: Arc::clone(&self.backlog),
            gone: self.gone.clone(),
            closed: self.closed.clone(),
        }
    }
}

impl<W: AsyncWrite + Unpin + Send + 'static> Out<W> {
    /// Over a writer; a failed write cancels `gone`.
    pub(super) fn new(write: W, gone: CancellationToken) -> Self {
        Self {
            write: Arc::new(Mutex::new(write)),
            backlog: Arc::new(Semaphore::new(BACKLOG)),
            gone,
            closed: CancellationToken::new(),
        }
    }

    /// Waits until few enough messages wait to be written.
    pub(super) async fn not_congested(&self) {
        // An error would mean that the semaphore was closed, which nobody does.
        drop(self.backlog.acquire().await);
    }

    /// Whether so many messages wait that one which may be left out should be.
    pub(super) fn is_slow(&self) -> bool {
        self.backlog.available_permits() < BACKLOG / 2
    }

    /// Writes one line. The count of waiting messages grows at once, not at the first poll.
    pub(super) fn send(&self, mut line: Vec<u8>) -> impl Future<Output = io::Result<()>> + Send + 'static {
        line.push(b'\n');
        let out = self.clone();
        let slot = Arc::clone(&self.backlog).try_acquire_owned().ok();
        async move {
            let written = tokio::select! {
                biased;
                () = out.closed.cancelled() => Err(io::ErrorKind::NotConnected.into()),
                written = out.write(&line) => written,
            };
            if written.is_err() {
                out.gone.cancel();
            }
            drop(slot);
            written
        }
    }

    async fn write(&self, line: &[u8]) -> io::Result<()> {
        let mut write = self.write.lock().await;
        write.write_all(line).await?;
        write.flush().await
    }

    /// Sends a message from a task of its own.
    pub(super) fn post(&self, message: &ServerJsonRpcMessage) {
        if let Ok(line) = serde_json::to_vec(message) {
            tokio::spawn(self.send(line));
        }
    }

    /// Answers a request that never reached the server; without an id where none is known.
    pub(super) fn refuse(&self, id: Option<RequestId>, error: ErrorData) {
        self.post(&ServerJsonRpcMessage::error(error, id));
    }

    /// Ends it: what still waits gets a moment to be written, then the client reads the end of the stream.
    pub(super) async fn close(&self) -> io::Result<()> {
        let all = u32::try_from(BACKLOG).unwrap_or(u32::MAX);
        drop(tokio::time::timeout(LAST_MOMENT, self.backlog.acquire_many(all)).await);
        self.closed.cancel();
        self.write.lock().await.shutdown().await
    }
}
