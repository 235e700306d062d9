//! The scripted agent's end of the wire: a small MCP client that speaks JSON-RPC by lines.

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader, Lines};

/// A connected agent.
pub(super) struct Client<R, W> {
    lines: Lines<BufReader<R>>,
    writer: W,
    next: u64,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Client<R, W> {
    /// Shakes hands.
    pub(super) async fn connect(reader: R, writer: W) -> anyhow::Result<Self> {
        let mut client = Self { lines: BufReader::new(reader).lines(), writer, next: 1 };
        client
            .request(
                "initialize",
                json!({
                    "protocolVersion": "2025-11-25",
                    "capabilities": {},
                    "clientInfo": {"name": "demo-agent", "version": env!("CARGO_PKG_VERSION")},
                }),
            )
            .await?;
        client.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await?;
        Ok(client)
    }

    /// Calls a tool and returns its structured content, result or error alike.
    pub(super) async fn call(&mut self, tool: &str, arguments: Value) -> anyhow::Result<Value> {
        let reply = self.request("tools/call", json!({"name": tool, "arguments": arguments})).await?;
        reply.get("structuredContent").cloned().context("the tool answered without structured content")
    }

    async fn request(&mut self, method: &str, params: Value) -> anyhow::Result<Value> {
        let id = self.next;
        self.next += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).await?;
        while let Some(line) = self.lines.next_line().await? {
            let message: Value = serde_json::from_str(&line)?;
            // Progress and other notifications carry no id of ours.
            if message.get("id").and_then(Value::as_u64) != Some(id) {
                continue;
            }
            if let Some(error) = message.get("error") {
                bail!("{method}: {error}");
            }
            return message.get("result").cloned().context("a reply without a result");
        }
        bail!("{method}: the server hung up")
    }

    async fn send(&mut self, message: &Value) -> anyhow::Result<()> {
        let mut line = message.to_string();
        line.push('\n');
        self.writer.write_all(line.as_bytes()).await?;
        Ok(self.writer.flush().await?)
    }
}
