//! What the MCP side needs of an engine, and nothing more: there is deliberately no way to decide here.

use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use crate::call::CallError;
use crate::engine::{Peer, Progress, Tool};

/// Runs the calls of agents.
pub trait Backend: Send + Sync + 'static {
    /// A new connection. Dropping the session tells that the agent is gone.
    fn connect(&self, peer: Peer) -> Box<dyn Session>;
}

/// One connected agent.
pub trait Session: Send + Sync + 'static {
    /// Who the client says it is, once it has said so. Untrusted, for display only.
    fn introduce(&self, name: &str, version: &str);

    /// Runs one call to its end.
    ///
    /// `cancel` is cancelled when the caller no longer wants the answer or is gone; the call then ends soon.
    ///
    /// # Errors
    /// Every way a call can end without a result; the agent gets it as it is.
    fn call(
        &self,
        tool: Tool,
        arguments: Map<String, Value>,
        progress: Progress,
        cancel: CancellationToken,
    ) -> BoxFuture<'_, Result<Value, CallError>>;
}
