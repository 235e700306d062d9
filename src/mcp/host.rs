//! Serves connections, whatever brings them: one server over one session of the engine each.

use std::sync::Arc;

use rmcp::ServiceExt as _;
use rmcp::model::Tool as Listed;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::server::Server;
use super::tools::{self, ToolNames};
use super::wire::Wire;
use super::{Backend, Session};
use crate::engine::Peer;

/// Calls that may run at once, over all connections.
const CALLS: usize = 2_048;

/// What all connections share.
#[derive(Clone)]
pub struct Host {
    backend: Arc<dyn Backend>,
    shared: Arc<Shared>,
}

/// The parts of [`Host`] that a server needs.
pub(super) struct Shared {
    pub(super) tools: Vec<Listed>,
    pub(super) instructions: String,
    pub(super) calls: Arc<Semaphore>,
}

impl Host {
    /// Serves a backend under the given names of its tools.
    pub fn new(backend: Arc<dyn Backend>, names: ToolNames) -> Self {
        let shared = Shared {
            tools: tools::listed(names),
            instructions: tools::instructions(names),
            calls: Arc::new(Semaphore::new(CALLS)),
        };
        Self { backend, shared: Arc::new(shared) }
    }

    /// Serves one connection until the client ends it or `shutdown` is cancelled.
    ///
    /// At the end of the input its calls are cancelled at once; answers that are ready are still written.
    pub async fn serve<R, W>(&self, peer: Peer, read: R, write: W, shutdown: CancellationToken)
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let gone = shutdown.child_token();
        let wire = Wire::new(read, write, gone.clone());
        let out = wire.out();
        let session: Box<dyn Session> = self.backend.connect(peer);
        let server = Server::new(Arc::clone(&self.shared), session, gone.clone());
        // An error here is a connection that ended before its first request: nothing to tell anybody.
        // The library cancels the token it is given, so it gets one of its own.
        if let Ok(running) = server.serve_with_ct(wire, shutdown.child_token()).await {
            drop(running.waiting().await);
        }
        gone.cancel();
        // Already closed, unless the connection ended before its first request.
        drop(out.close().await);
    }
}
