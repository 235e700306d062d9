//! What `countersign stdio` does: joins the console or server that listens on the socket; where there is none,
//! runs an engine of its own; and outlives both, so that the client notices nothing.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, DuplexStream};
use tokio::net::UnixStream;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::lines::{Line, Lines};
use super::locked::locked;
use super::relay::{self, ALIVE, MAX_ANSWER, PROBE_ID};
use super::{Host, socket, stdio};
use crate::base::Shown;

/// What our own engine may hold back of a client that does not read.
const PIPE: usize = 64 << 10;

/// Makes the own engine, the first time it is needed; the error says what the user can do.
pub type OwnEngine = Box<dyn Fn() -> BoxFuture<'static, Result<Host, String>> + Send + Sync>;

/// Where calls can go.
pub struct Join {
    socket: PathBuf,
    own: OwnEngine,
    made: tokio::sync::Mutex<Option<Host>>,
    connections: std::sync::Mutex<JoinSet<()>>,
    shutdown: CancellationToken,
}

/// The reading and the writing side of a connection to an engine.
pub(super) type Sides = (Lines<Box<dyn AsyncRead + Send + Unpin>>, Box<dyn AsyncWrite + Send + Unpin>);

impl Join {
    /// Joins whoever listens on `socket`, or else uses what `own` makes.
    pub fn new(socket: PathBuf, own: OwnEngine) -> Self {
        Self {
            socket,
            own,
            made: tokio::sync::Mutex::new(None),
            connections: std::sync::Mutex::new(JoinSet::new()),
            shutdown: CancellationToken::new(),
        }
    }

    /// Relays standard input and output until the client closes standard input or `shutdown` is cancelled.
    pub async fn stdio(self, shutdown: CancellationToken) {
        let (read, write) = stdio::pipes();
        self.run(read, write, shutdown).await;
    }

    /// Relays any reader and writer.
    pub async fn run<R, W>(self, read: R, write: W, shutdown: CancellationToken)
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let join = Arc::new(self);
        relay::run(Arc::clone(&join), read, write, shutdown).await;
        // The own engine ends its connections and records that its agent is gone.
        join.shutdown.cancel();
        let mut connections = std::mem::take(&mut *locked(&join.connections));
        while connections.join_next().await.is_some() {}
    }

    /// A console or server that answers, if there is one.
    pub(super) async fn console(&self) -> Option<Sides> {
        let stream = socket::connect(&self.socket).await.ok()?;
        tokio::time::timeout(ALIVE, probe(stream)).await.ok().flatten()
    }

    /// Whether it is worth asking for the console: the file is there.
    pub(super) fn console_may_be_there(&self) -> bool {
        self.socket.exists()
    }

    /// A connection to the own engine.
    pub(super) async fn own(&self) -> Result<Sides, String> {
        let mut made = self.made.lock().await;
        let host = match made.as_ref() {
            Some(host) => host.clone(),
            None => made.insert((self.own)().await.map_err(|error| Shown::line(&error).to_string())?).clone(),
        };
        drop(made);
        let (near, far) = tokio::io::duplex(PIPE);
        let shutdown = self.shutdown.child_token();
        locked(&self.connections).spawn(async move {
            let (read, write) = tokio::io::split(far);
            host.serve(stdio::peer(), read, write, shutdown).await;
        });
        Ok(sides_of_own(near))
    }
}

fn sides_of_own(near: DuplexStream) -> Sides {
    let (read, write) = tokio::io::split(near);
    (Lines::new(Box::new(read), MAX_ANSWER), Box::new(write))
}

/// A stopped process accepts connections and never answers: only an answer shows that it is alive.
async fn probe(stream: UnixStream) -> Option<Sides> {
    let (read, mut write) = stream.into_split();
    let mut lines: Lines<Box<dyn AsyncRead + Send + Unpin>> = Lines::new(Box::new(read), MAX_ANSWER);
    let ping = format!("{{\"jsonrpc\":\"2.0\",\"id\":\"{PROBE_ID}\",\"method\":\"ping\"}}\n");
    write.write_all(ping.as_bytes()).await.ok()?;
    match lines.next().await {
        Ok(Some(Line::Whole(_))) => Some((lines, Box::new(write))),
        _ => None,
    }
}
