//! Both ends of an agent's connection, without AWS: a scripted engine behind the server, and a client that
//! writes raw lines.

use std::sync::Arc;
use std::time::Duration;

use countersign::call::CallError;
use countersign::engine::status::ProgressUpdate;
use countersign::engine::{Peer, Progress, Tool};
use countersign::mcp::{Backend, Host, Session, ToolNames};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader, DuplexStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

/// Longest wait for anything that should come at once.
const SOON: Duration = Duration::from_secs(20);

/// What comes of a future that should end soon.
pub(crate) async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    match tokio::time::timeout(SOON, future).await {
        Ok(output) => output,
        Err(_) => panic!("this did not happen: {what}"),
    }
}

/// What the scripted engine saw.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Seen {
    Connected(Peer),
    Introduced(String, String),
    Called(Tool, Value),
    Cancelled(String),
    Left,
}

/// An engine that does what the `service` of a call tells it:
///
/// `slow` waits until it is let go or cancelled, `deny` refuses, `panic` panics, `steps` reports progress,
/// `big` answers with a megabyte; anything else is echoed.
pub(crate) struct Scripted {
    /// Distinguishes engines in what they answer.
    name: &'static str,
    seen: mpsc::UnboundedSender<Seen>,
    gate: Arc<Semaphore>,
}

/// The test's hold on a scripted engine.
pub(crate) struct Script {
    pub(crate) host: Host,
    pub(crate) seen: Watch,
    gate: Arc<Semaphore>,
}

/// What was seen, in order.
pub(crate) struct Watch(mpsc::UnboundedReceiver<Seen>);

impl Watch {
    pub(crate) async fn next(&mut self) -> Seen {
        soon("the engine sees something", self.0.recv()).await.unwrap()
    }

    /// Passes over what is seen until it is this.
    pub(crate) async fn until(&mut self, expected: &Seen) {
        while self.next().await != *expected {}
    }

    /// What was seen so far.
    pub(crate) fn so_far(&mut self) -> Vec<Seen> {
        std::iter::from_fn(|| self.0.try_recv().ok()).collect()
    }
}

impl Script {
    pub(crate) fn new(name: &'static str) -> Self {
        let (seen, watch) = mpsc::unbounded_channel();
        let gate = Arc::new(Semaphore::new(0));
        let backend = Scripted { name, seen, gate: Arc::clone(&gate) };
        Self { host: Host::new(Arc::new(backend), ToolNames::Underscore), seen: Watch(watch), gate }
    }

    /// Lets slow calls go on.
    pub(crate) fn let_go(&self, calls: usize) {
        self.gate.add_permits(calls);
    }

    /// Connects a raw client over a pipe of the given size.
    pub(crate) fn connect_over(&self, bytes: usize) -> Raw<DuplexStream> {
        let (near, far) = tokio::io::duplex(bytes);
        let host = self.host.clone();
        tokio::spawn(async move {
            let (read, write) = tokio::io::split(far);
            host.serve(pipe(), read, write, CancellationToken::new()).await;
        });
        Raw::new(near)
    }

    /// Connects a raw client.
    pub(crate) fn connect(&self) -> Raw<DuplexStream> {
        self.connect_over(1 << 20)
    }
}

/// A peer at the end of a pipe.
pub(crate) fn pipe() -> Peer {
    Peer { transport: "stdio", pid: Some(7), ..Peer::default() }
}

impl Backend for Scripted {
    fn connect(&self, peer: Peer) -> Box<dyn Session> {
        drop(self.seen.send(Seen::Connected(peer)));
        Box::new(Agent { name: self.name, seen: self.seen.clone(), gate: Arc::clone(&self.gate) })
    }
}

struct Agent {
    name: &'static str,
    seen: mpsc::UnboundedSender<Seen>,
    gate: Arc<Semaphore>,
}

impl Drop for Agent {
    fn drop(&mut self) {
        drop(self.seen.send(Seen::Left));
    }
}

impl Session for Agent {
    fn introduce(&self, name: &str, version: &str) {
        drop(self.seen.send(Seen::Introduced(name.to_owned(), version.to_owned())));
    }

    fn call(
        &self,
        tool: Tool,
        arguments: Map<String, Value>,
        progress: Progress,
        cancel: CancellationToken,
    ) -> BoxFuture<'_, Result<Value, CallError>> {
        let said = |key: &str| arguments.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (service, operation) = (said("service"), said("operation"));
        let arguments = Value::Object(arguments);
        drop(self.seen.send(Seen::Called(tool, arguments.clone())));
        async move {
            match service.as_str() {
                "panic" => panic!("as the test wants it"),
                "deny" => Err(CallError::new("PolicyDenied", "rule 1 forbids it")
                    .hint("tell the user")
                    .with("rule", "deny[0]")),
                "slow" => {
                    tokio::select! {
                        permit = self.gate.acquire() => permit.unwrap().forget(),
                        () = cancel.cancelled() => {
                            drop(self.seen.send(Seen::Cancelled(operation)));
                            return Err(CallError::new("Timeout", "cancelled").retryable());
                        }
                    }
                    Ok(self.answer(&service, &operation, &Value::Null))
                }
                "steps" => {
                    for step in [1.0_f64, 2.0, 3.0] {
                        progress(ProgressUpdate {
                            elapsed_seconds: step,
                            total_seconds: Some(45.0),
                            message: "waiting for a human".to_owned(),
                        });
                        self.gate.acquire().await.unwrap().forget();
                    }
                    Ok(self.answer(&service, &operation, &Value::Null))
                }
                "big" => Ok(self.answer(&service, &operation, &"x".repeat(1 << 20).into())),
                _ => Ok(match tool {
                    Tool::Search => json!({"count": 0, "results": [], "hint": arguments}),
                    Tool::Schema => json!({"service": service, "operation": operation, "schema": {"type": "object"}}),
                    Tool::Execute => self.answer(&service, &operation, &arguments),
                }),
            }
        }
        .boxed()
    }
}

impl Agent {
    fn answer(&self, service: &str, operation: &str, result: &Value) -> Value {
        json!({"status": "ok", "service": service, "operation": operation, "region": self.name, "result": result})
    }
}

/// A client that writes and reads lines.
pub(crate) struct Raw<S> {
    read: BufReader<tokio::io::ReadHalf<S>>,
    write: tokio::io::WriteHalf<S>,
}

impl<S: AsyncRead + AsyncWrite + Send + 'static> Raw<S> {
    pub(crate) fn new(stream: S) -> Self {
        let (read, write) = tokio::io::split(stream);
        Self { read: BufReader::new(read), write }
    }

    /// Writes bytes as they are.
    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        soon("the server reads", self.write.write_all(bytes.as_ref())).await.unwrap();
        self.write.flush().await.unwrap();
    }

    /// Writes a message.
    pub(crate) async fn send(&mut self, message: Value) {
        self.write(format!("{message}\n")).await;
    }

    /// Writes a request.
    pub(crate) async fn ask(&mut self, id: impl Into<Value>, method: &str, params: Value) {
        self.send(json!({"jsonrpc": "2.0", "id": id.into(), "method": method, "params": params})).await;
    }

    /// Calls `aws_execute`.
    pub(crate) async fn execute(&mut self, id: impl Into<Value>, service: &str, operation: &str) {
        let arguments = json!({"action": "invoke", "service": service, "operation": operation});
        self.ask(id, "tools/call", json!({"name": "aws_execute", "arguments": arguments})).await;
    }

    /// The next message; `None` at the end.
    pub(crate) async fn read(&mut self) -> Option<Value> {
        let mut line = String::new();
        soon("the server writes", self.read.read_line(&mut line)).await.unwrap();
        (!line.is_empty()).then(|| serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}")))
    }

    /// The next message, of which there must be one.
    pub(crate) async fn next(&mut self) -> Value {
        self.read().await.expect("the server writes one more message")
    }

    /// The next message in short: its id, and what it is.
    pub(crate) async fn next_short(&mut self) -> String {
        short(&self.next().await)
    }

    /// Shakes hands in the way before 2026-07-28.
    pub(crate) async fn initialize(&mut self, version: &str) -> Value {
        let params = json!({
            "protocolVersion": version,
            "capabilities": {},
            "clientInfo": {"name": "raw", "version": "1"},
        });
        self.ask("init", "initialize", params).await;
        let answer = self.next().await;
        self.send(json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
        answer
    }

    /// Whether the server still answers.
    pub(crate) async fn ping(&mut self) {
        self.ask("ping", "ping", json!({})).await;
        assert_eq!(self.next().await, json!({"jsonrpc": "2.0", "id": "ping", "result": {}}));
    }

    /// Closes the client's side; the server's can still be read.
    pub(crate) async fn hang_up(&mut self) {
        self.write.shutdown().await.unwrap();
    }
}

/// A message in one line: its id, then the code of an error, the type of a call's error, the engine and
/// operation of a call's result, or the method of a notification.
pub(crate) fn short(message: &Value) -> String {
    let at = |pointer: &str| message.pointer(pointer).map(ToString::to_string).unwrap_or_default().replace('"', "");
    let what = if message.get("method").is_some() {
        return at("/method");
    } else if message.get("error").is_some() {
        at("/error/code")
    } else if message.pointer("/result/isError") == Some(&Value::Bool(true)) {
        at("/result/structuredContent/error/type")
    } else if message.pointer("/result/structuredContent/operation").is_some() {
        format!("{} {}", at("/result/structuredContent/region"), at("/result/structuredContent/operation"))
    } else {
        "ok".to_owned()
    };
    let id = at("/id");
    format!("{} {what}", if id.is_empty() { "-" } else { &id })
}
