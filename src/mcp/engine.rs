//! The engine as what the MCP side needs of it: a door that lets agents in.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::backend::{Backend, Session};
use crate::call::CallError;
use crate::engine::{Agent, Door, Peer, Progress, Tool};

impl Backend for Door {
    fn connect(&self, peer: Peer) -> Box<dyn Session> {
        Box::new(Self::connect(self, peer))
    }
}

impl Session for Agent {
    fn introduce(&self, name: &str, version: &str) {
        Self::introduce(self, name, version);
    }

    fn call(
        &self,
        tool: Tool,
        arguments: Map<String, Value>,
        progress: Progress,
        cancel: CancellationToken,
    ) -> BoxFuture<'_, Result<Value, CallError>> {
        Self::call(self, tool, arguments, progress, cancel).boxed()
    }
}
