//! Standard input and output as a connection. Nothing else may ever be written to standard output.

use rmcp::transport::{StdioReader, StdioWriter, stdio_pipes};
use tokio_util::sync::CancellationToken;

use super::Host;
use crate::engine::Peer;

/// Standard input and output; pipes are driven without threads where the platform allows it.
///
/// Elsewhere a read that waits cannot be broken off: end the process without waiting for it (tokio's
/// `shutdown_background`).
pub(super) fn pipes() -> (StdioReader, StdioWriter) {
    stdio_pipes()
}

/// What is known of the client at the other end.
pub(super) fn peer() -> Peer {
    Peer { transport: "stdio", pid: Some(std::os::unix::process::parent_id()), ..Peer::default() }
}

/// Serves the client that started this process, until it closes standard input or `shutdown` is cancelled.
pub async fn serve(host: &Host, shutdown: CancellationToken) {
    let (read, write) = pipes();
    host.serve(peer(), read, write, shutdown).await;
}
