//! A real MCP client against the server: over a pipe and over the Unix socket, in every protocol version.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Mutex;

use countersign::engine::{Peer, Tool};
use countersign::mcp::Host;
use countersign::mcp::socket::Socket;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig, ErrorCode, Implementation,
    ProgressNotificationParam, ProtocolVersion, ServerResult,
};
use rmcp::service::{NotificationContext, PeerRequestOptions, RoleClient, RunningService};
use rmcp::{ClientHandler, ClientLifecycleMode, ClientServiceExt as _, ServiceError, ServiceExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixStream;
use tokio_util::sync::CancellationToken;

use crate::support::agents::{Script, Seen, pipe, soon};

/// How far, of how much, and what is being waited for.
type Told = (f64, Option<f64>, Option<String>);

/// A client that keeps the progress it is told.
struct Client {
    version: ProtocolVersion,
    progress: Mutex<Vec<Told>>,
}

impl Client {
    fn new(version: ProtocolVersion) -> Self {
        Self { version, progress: Mutex::default() }
    }
}

impl ClientHandler for Client {
    fn get_info(&self) -> ClientConfig {
        ClientConfig::new(ClientCapabilities::default(), Implementation::new("suite", "1.2.3"))
            .with_protocol_version(self.version.clone())
    }

    async fn on_progress(&self, told: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.progress.lock().unwrap().push((told.progress, told.total, told.message));
    }
}

type Running = RunningService<RoleClient, Client>;

/// Connects in the way of a protocol version.
async fn join(stream: impl AsyncRead + AsyncWrite + Send + 'static, version: ProtocolVersion) -> Running {
    let client = Client::new(version.clone());
    let joined = async {
        if version >= ProtocolVersion::V_2026_07_28 {
            let lifecycle = ClientLifecycleMode::Discover { preferred_versions: vec![version] };
            client.serve_with_lifecycle(stream, lifecycle).await
        } else {
            client.serve(stream).await
        }
    };
    soon("the handshake", joined).await.unwrap()
}

fn serve_pipe(host: &Host) -> tokio::io::DuplexStream {
    let (near, far) = tokio::io::duplex(64 << 10);
    let host = host.clone();
    tokio::spawn(async move {
        let (read, write) = tokio::io::split(far);
        host.serve(pipe(), read, write, CancellationToken::new()).await;
    });
    near
}

fn call(name: &str, arguments: Value) -> CallToolRequestParams {
    let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
    CallToolRequestParams::new(name.to_owned()).with_arguments(arguments)
}

/// A result's structured content, after checking that the text says the same.
fn content(result: &CallToolResult) -> (bool, Value) {
    let [text] = result.content.as_slice() else { panic!("{result:?}") };
    let text: Value = serde_json::from_str(&text.as_text().unwrap().text).unwrap();
    assert_eq!(Some(&text), result.structured_content.as_ref());
    (result.is_error == Some(true), text)
}

#[tokio::test]
async fn every_protocol_version_is_served_by_the_same_server() {
    for version in ProtocolVersion::KNOWN_VERSIONS {
        let mut script = Script::new("one");
        let client = join(serve_pipe(&script.host), version.clone()).await;

        let tools = soon("tools/list", client.list_all_tools()).await.unwrap();
        let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
        assert_eq!(names, ["aws_search_operations", "aws_get_operation_schema", "aws_execute"], "{version}");
        assert!(tools.iter().all(|tool| tool.output_schema.is_some() && tool.annotations.is_some()));

        let arguments = json!({"service": "s3", "operation": "ListBuckets", "action": "invoke"});
        let result = soon("a call", client.call_tool(call("aws_execute", arguments.clone()))).await.unwrap();
        let expected =
            json!({"status": "ok", "service": "s3", "operation": "ListBuckets", "region": "one", "result": arguments});
        assert_eq!(content(&result), (false, expected), "{version}");

        soon("the end", client.cancel()).await.unwrap();
        script.seen.until(&Seen::Introduced("suite".to_owned(), "1.2.3".to_owned())).await;
        assert_eq!(script.seen.next().await, Seen::Called(Tool::Execute, arguments));
        assert_eq!(script.seen.next().await, Seen::Left, "{version}");
    }
}

#[tokio::test]
async fn the_handshake_tells_who_we_are_and_how_to_work() {
    let script = Script::new("one");
    let client = join(serve_pipe(&script.host), ProtocolVersion::V_2025_06_18).await;
    let info = client.peer_info().unwrap();
    assert_eq!(info.server_info.as_ref().unwrap().name, "countersign");
    assert_eq!(info.protocol_version, ProtocolVersion::V_2025_06_18);
    assert!(info.instructions.as_ref().unwrap().contains("aws_search_operations"));
    let capabilities = serde_json::to_value(&info.capabilities).unwrap();
    assert_eq!(capabilities, json!({"tools": {}}));
}

#[tokio::test]
async fn every_spelling_is_called() {
    let mut script = Script::new("one");
    let client = join(serve_pipe(&script.host), ProtocolVersion::V_2025_11_25).await;
    let spellings = [
        ("aws_search_operations", Tool::Search),
        ("aws.searchOperations", Tool::Search),
        ("aws_searchOperations", Tool::Search),
        ("search_operations", Tool::Search),
        ("aws.getOperationSchema", Tool::Schema),
        ("aws_get_operation_schema", Tool::Schema),
        ("aws.execute", Tool::Execute),
        ("awsExecute", Tool::Execute),
    ];
    script.seen.so_far();
    for (name, tool) in spellings {
        let result = soon("a call", client.call_tool(call(name, json!({"service": "s3"})))).await.unwrap();
        assert!(!content(&result).0, "{name}");
        assert_eq!(script.seen.next().await, Seen::Called(tool, json!({"service": "s3"})), "{name}");
    }
}

#[tokio::test]
async fn errors_that_a_model_can_mend_are_results() {
    let script = Script::new("one");
    let client = join(serve_pipe(&script.host), ProtocolVersion::V_2025_11_25).await;
    let denied = soon("a call", client.call_tool(call("aws_execute", json!({"service": "deny"})))).await.unwrap();
    let expected = json!({"error": {
        "type": "PolicyDenied", "message": "rule 1 forbids it", "hint": "tell the user", "retryable": false, "rule": "deny[0]"
    }});
    assert_eq!(content(&denied), (true, expected));

    // A panic stays within its call: it is answered, and the connection goes on.
    let broken = soon("a call", client.call_tool(call("aws_execute", json!({"service": "panic"})))).await.unwrap();
    let (is_error, error) = content(&broken);
    assert!(is_error);
    assert_eq!(error.pointer("/error/type"), Some(&json!("Internal")));
    assert!(!error.to_string().contains("as the test wants it"), "{error}");

    let fine = soon("a call", client.call_tool(call("aws_execute", json!({"service": "s3"})))).await.unwrap();
    assert!(!content(&fine).0);
}

#[tokio::test]
async fn what_a_model_cannot_mend_is_a_protocol_error() {
    let script = Script::new("one");
    let client = join(serve_pipe(&script.host), ProtocolVersion::V_2025_11_25).await;
    let unknown = soon("a call", client.call_tool(call("aws_approve\u{1b}[2J", json!({})))).await;
    let Err(ServiceError::McpError(error)) = unknown else { panic!("{unknown:?}") };
    assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
    assert_eq!(
        error.message,
        "Unknown tool: aws_approve\\u{1b}[2J. The tools are aws_search_operations, aws_get_operation_schema, aws_execute"
    );
    let prompts = soon("prompts/list", client.list_prompts(None)).await;
    let Err(ServiceError::McpError(error)) = prompts else { panic!("{prompts:?}") };
    assert_eq!(error.code, ErrorCode::METHOD_NOT_FOUND);
}

#[tokio::test]
async fn progress_comes_at_once_and_before_the_answer() {
    for version in [ProtocolVersion::V_2024_11_05, ProtocolVersion::V_2026_07_28] {
        let script = Script::new("one");
        let client = join(serve_pipe(&script.host), version).await;
        let request = rmcp::model::CallToolRequest::new(call("aws_execute", json!({"service": "steps"})));
        let asked = client.send_cancellable_request(request.into(), PeerRequestOptions::no_options()).await.unwrap();
        script.let_go(3);
        let answer = soon("the answer", asked.await_response()).await.unwrap();
        assert!(matches!(answer, ServerResult::CallToolResult(_)), "{answer:?}");
        let told = client.service().progress.lock().unwrap().clone();
        // Steps that follow each other at once may be told as one; the first and the order are certain.
        assert_eq!(told.first(), Some(&(0.0, None, Some("received".to_owned()))));
        assert!(told.is_sorted_by(|a, b| a.0 < b.0), "{told:?}");
    }
}

fn private(folder: &Path) {
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
}

#[tokio::test]
async fn the_socket_serves_many_and_ends_cleanly() {
    let home = tempfile::tempdir().unwrap();
    private(home.path());
    let path = home.path().join("c.sock");
    let mut script = Script::new("console");
    let shutdown = CancellationToken::new();
    let socket = Socket::bind(&path).await.unwrap();
    let serving = tokio::spawn(socket.serve(script.host.clone(), shutdown.clone()));

    let mut clients = Vec::new();
    for version in ProtocolVersion::KNOWN_VERSIONS {
        clients.push(join(UnixStream::connect(&path).await.unwrap(), version.clone()).await);
        let ourselves = Peer { transport: "socket", pid: Some(std::process::id()), ..Peer::default() };
        script.seen.until(&Seen::Connected(ourselves)).await;
    }
    for client in &clients {
        let result = soon("a call", client.call_tool(call("aws.execute", json!({"service": "s3"})))).await.unwrap();
        assert!(!content(&result).0);
    }

    // One agent waits for a human; the shutdown ends its call, too.
    let waiting = clients.pop().unwrap();
    let held = tokio::spawn(async move {
        waiting.call_tool(call("aws_execute", json!({"service": "slow", "operation": "Held"}))).await.map(drop)
    });
    script.seen.until(&Seen::Called(Tool::Execute, json!({"service": "slow", "operation": "Held"}))).await;
    shutdown.cancel();
    soon("the listener ends", serving).await.unwrap();
    script.seen.until(&Seen::Cancelled("Held".to_owned())).await;
    drop(soon("the held call ends", held).await.unwrap());
    assert!(!path.exists());
}
