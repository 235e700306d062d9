//! `countersign stdio`: joined to a console, on its own engine, and moving between them while a client talks.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign::engine::{Peer, Tool};
use countersign::mcp::join::Join;
use countersign::mcp::socket::{Socket, SocketError};
use futures_util::FutureExt as _;
use serde_json::{Value, json};
use tokio::io::DuplexStream;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::agents::{Raw, Script, Seen, short, soon};

const LEGACY: &str = "2025-06-18";

/// A folder with a socket, a relay, and the relay's own engine.
struct Desk {
    home: tempfile::TempDir,
    own: Script,
    made: Arc<AtomicUsize>,
    shutdown: CancellationToken,
}

impl Desk {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        Self { home, own: Script::new("own"), made: Arc::default(), shutdown: CancellationToken::new() }
    }

    fn socket(&self) -> PathBuf {
        self.home.path().join("c.sock")
    }

    /// What an MCP client starts.
    fn start_relay(&self) -> (Raw<DuplexStream>, JoinHandle<()>) {
        let (host, made) = (self.own.host.clone(), Arc::clone(&self.made));
        let own = Box::new(move || {
            made.fetch_add(1, Ordering::Relaxed);
            let host = host.clone();
            async { Ok(host) }.boxed()
        });
        let join = Join::new(self.socket(), own);
        let (near, far) = tokio::io::duplex(1 << 20);
        let (read, write) = tokio::io::split(far);
        (Raw::new(near), tokio::spawn(join.run(read, write, self.shutdown.clone())))
    }
}

/// A console in a runtime of its own, so that it can die as a process does.
struct Console {
    script: Script,
    runtime: Runtime,
}

impl Console {
    async fn start(path: &Path, name: &'static str) -> Self {
        let script = Script::new(name);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (path, host) = (path.to_owned(), script.host.clone());
        let (listens, listening) = tokio::sync::oneshot::channel();
        runtime.spawn(async move {
            let socket = loop {
                match Socket::bind(&path).await {
                    // The one before is still dying.
                    Err(SocketError::Taken { .. }) => tokio::task::yield_now().await,
                    bound => break bound.unwrap(),
                }
            };
            listens.send(()).unwrap();
            socket.serve(host, CancellationToken::new()).await;
        });
        soon("the console listens", listening).await.unwrap();
        Self { script, runtime }
    }

    fn die(self) {
        self.runtime.shutdown_background();
    }
}

fn called(service: &str, operation: &str) -> Seen {
    Seen::Called(Tool::Execute, json!({"action": "invoke", "service": service, "operation": operation}))
}

fn is_lost(message: &Value) -> bool {
    message.pointer("/result/isError") == Some(&json!(true))
        && message.pointer("/result/structuredContent/error/type") == Some(&json!("TransportError"))
        && message.pointer("/result/structuredContent/error/retryable") == Some(&json!(true))
        && message.pointer("/result/structuredContent/error/outcome") == Some(&json!("unknown"))
}

#[tokio::test]
async fn without_a_console_the_own_engine_answers() {
    let mut desk = Desk::new();
    let (mut client, relay) = desk.start_relay();
    let answer = client.initialize(LEGACY).await;
    assert_eq!(answer.pointer("/result/serverInfo/name"), Some(&json!("countersign")));
    client.execute(1, "s3", "ListBuckets").await;
    assert_eq!(client.next_short().await, "1 own ListBuckets");
    let Seen::Connected(peer) = desk.own.seen.next().await else { panic!() };
    assert_eq!((peer.transport, peer.pid), ("stdio", Some(std::os::unix::process::parent_id())));
    client.hang_up().await;
    assert_eq!(client.read().await, None);
    soon("the relay ends", relay).await.unwrap();
    desk.own.seen.until(&Seen::Left).await;
    assert_eq!(desk.made.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_console_that_is_there_is_joined() {
    let desk = Desk::new();
    let mut console = Console::start(&desk.socket(), "console").await;
    let (mut client, relay) = desk.start_relay();
    client.initialize(LEGACY).await;
    client.execute(1, "s3", "ListBuckets").await;
    assert_eq!(client.next_short().await, "1 console ListBuckets");
    let ourselves = Peer { transport: "socket", pid: Some(std::process::id()), ..Peer::default() };
    console.script.seen.until(&Seen::Connected(ourselves)).await;
    console.script.seen.until(&Seen::Introduced("raw".to_owned(), "1".to_owned())).await;
    client.hang_up().await;
    assert_eq!(client.read().await, None);
    soon("the relay ends", relay).await.unwrap();
    console.script.seen.until(&Seen::Left).await;
    assert_eq!(desk.made.load(Ordering::Relaxed), 0);
    console.die();
}

#[tokio::test]
async fn new_calls_go_to_a_console_that_appears() {
    let mut desk = Desk::new();
    let (mut client, _relay) = desk.start_relay();
    client.initialize(LEGACY).await;
    client.execute(1, "slow", "Held").await;
    desk.own.seen.until(&called("slow", "Held")).await;

    let mut console = Console::start(&desk.socket(), "console").await;
    client.execute(2, "s3", "ListBuckets").await;
    assert_eq!(client.next_short().await, "2 console ListBuckets");
    // The handshake was replayed, and the client heard nothing of it.
    console.script.seen.until(&Seen::Introduced("raw".to_owned(), "1".to_owned())).await;

    // The call that was held before ends where it began; then nothing holds the own engine's session.
    desk.own.let_go(1);
    assert_eq!(client.next_short().await, "1 own Held");
    desk.own.seen.until(&Seen::Left).await;
    client.ping().await;
    console.die();
}

#[tokio::test]
async fn the_client_outlives_the_console() {
    for legacy in [true, false] {
        let mut desk = Desk::new();
        let mut console = Console::start(&desk.socket(), "first").await;
        let (mut client, _relay) = desk.start_relay();
        let mut params = json!({"name": "aws_execute", "arguments": {"service": "slow", "operation": "Held"}});
        if legacy {
            client.initialize(LEGACY).await;
        } else {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
                "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "1"},
            });
        }
        let held = Seen::Called(Tool::Execute, params["arguments"].clone());
        let introduced = Seen::Introduced("raw".to_owned(), "1".to_owned());

        client.ask(1, "tools/call", params.clone()).await;
        console.script.seen.until(&held).await;
        console.die();
        let lost = client.next().await;
        assert!(is_lost(&lost), "{lost}");
        assert_eq!(lost["id"], json!(1));
        // 2026-07-28 wants every result to say what it is; older clients may refuse the member.
        assert_eq!(lost.pointer("/result/resultType"), (!legacy).then_some(&json!("complete")));

        // Nobody listens: the own engine takes over, as if it had been there from the start.
        client.ask(2, "tools/call", params.clone()).await;
        desk.own.seen.until(&introduced).await;
        desk.own.let_go(1);
        assert_eq!(client.next_short().await, "2 own Held");

        // A new console: back to it.
        let mut console = Console::start(&desk.socket(), "second").await;
        client.ask(3, "tools/call", params.clone()).await;
        console.script.seen.until(&introduced).await;
        console.script.let_go(1);
        assert_eq!(client.next_short().await, "3 second Held");
        console.die();
    }
}

#[tokio::test]
async fn what_can_be_asked_again_is_asked_again() {
    let desk = Desk::new();
    // A console that takes requests and dies before it answers any but the relay's first question.
    let listener = tokio::net::UnixListener::bind(desk.socket()).unwrap();
    let (mut client, _relay) = desk.start_relay();
    client
        .ask(
            "init",
            "initialize",
            json!({"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}),
        )
        .await;
    let (stream, _) = soon("the relay connects", listener.accept()).await.unwrap();
    let mut dying = Raw::new(stream);
    let probe = dying.next().await;
    dying.send(json!({"jsonrpc": "2.0", "id": probe["id"], "result": {}})).await;
    assert_eq!(dying.next().await["method"], json!("initialize"));
    client.ask("list", "tools/list", json!({})).await;
    client.execute("call", "s3", "DeleteBucket").await;
    assert_eq!(dying.next().await["method"], json!("tools/list"));
    assert_eq!(dying.next().await["method"], json!("tools/call"));
    drop(listener);
    std::fs::remove_file(desk.socket()).unwrap();
    drop(dying);

    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(client.next_short().await);
    }
    answers.sort();
    // Only the call may have had its effect; everything else was answered by the own engine.
    assert_eq!(answers, ["call TransportError", "init ok", "list ok"]);
    client.execute(1, "s3", "ListBuckets").await;
    assert_eq!(client.next_short().await, "1 own ListBuckets");
}

#[tokio::test]
async fn a_console_that_does_not_answer_is_passed_over() {
    let desk = Desk::new();
    // As a stopped process does: connections are taken, and nothing comes back.
    let _silent = tokio::net::UnixListener::bind(desk.socket()).unwrap();
    let (mut client, _relay) = desk.start_relay();
    client.initialize(LEGACY).await;
    for id in 0..100 {
        client.execute(id, "s3", "ListBuckets").await;
        assert_eq!(client.next_short().await, format!("{id} own ListBuckets"));
    }
}

#[tokio::test]
async fn a_console_that_falls_asleep_is_left() {
    let desk = Desk::new();
    let listener = tokio::net::UnixListener::bind(desk.socket()).unwrap();
    let (mut client, _relay) = desk.start_relay();
    let hello = json!({"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}});
    client.ask("init", "initialize", hello).await;
    let (stream, _) = soon("the relay connects", listener.accept()).await.unwrap();
    let mut sleepy = Raw::new(stream);
    for _ in 0..2 {
        let asked = sleepy.next().await;
        sleepy.send(json!({"jsonrpc": "2.0", "id": asked["id"], "result": {}})).await;
    }
    assert_eq!(client.next_short().await, "init ok");
    // From here on it says nothing any more. Calls are not lost in it for long.
    let mut sent = 0;
    let answer = loop {
        client.execute(sent, "s3", "ListBuckets").await;
        sent += 1;
        if let Ok(answer) = tokio::time::timeout(std::time::Duration::from_millis(300), client.next()).await {
            break answer;
        }
    };
    assert_eq!(answer.pointer("/result/structuredContent/region"), Some(&json!("own")));
    // It goes on: what was in flight there is answered, the relay's own question is not passed on.
    let mut answered = Vec::new();
    loop {
        let asked = soon("the console reads", sleepy.read()).await;
        let Some(asked) = asked else { break };
        let result = json!({"content": [], "structuredContent": {"operation": "x", "region": "late"}});
        sleepy.send(json!({"jsonrpc": "2.0", "id": asked["id"], "result": result})).await;
        if asked["method"] == json!("tools/call") {
            answered.push(client.next().await["id"].clone());
        }
    }
    assert!(!answered.is_empty() && answered.len() < sent, "{answered:?} of {sent}");
}

#[tokio::test]
async fn a_socket_left_behind_is_no_console() {
    let desk = Desk::new();
    drop(std::os::unix::net::UnixListener::bind(desk.socket()).unwrap());
    let (mut client, _relay) = desk.start_relay();
    client.initialize(LEGACY).await;
    client.execute(1, "s3", "ListBuckets").await;
    assert_eq!(client.next_short().await, "1 own ListBuckets");
}

#[tokio::test]
async fn an_engine_that_cannot_start_says_why() {
    let desk = Desk::new();
    let why = "the ledger's folder cannot be written: chmod u+w it";
    let join = Join::new(desk.socket(), Box::new(move || async move { Err(why.to_owned()) }.boxed()));
    let (near, far) = tokio::io::duplex(1 << 20);
    let (read, write) = tokio::io::split(far);
    let relay = tokio::spawn(join.run(read, write, CancellationToken::new()));
    let mut client = Raw::new(near);
    client.ask(1, "initialize", json!({})).await;
    assert_eq!(client.next().await, json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -32603, "message": why}}));
    client.execute(2, "s3", "ListBuckets").await;
    let answer = client.next().await;
    assert_eq!(short(&answer), "2 Internal");
    assert_eq!(answer.pointer("/result/structuredContent/error/message"), Some(&json!(why)));
    // A console that appears helps.
    let console = Console::start(&desk.socket(), "console").await;
    client.initialize(LEGACY).await;
    client.execute(3, "s3", "ListBuckets").await;
    assert_eq!(client.next_short().await, "3 console ListBuckets");
    client.hang_up().await;
    soon("the relay ends", relay).await.unwrap();
    console.die();
}

#[tokio::test]
async fn a_cancellation_finds_the_engine_that_has_the_call() {
    let mut desk = Desk::new();
    let (mut client, _relay) = desk.start_relay();
    client.initialize(LEGACY).await;
    client.execute(1, "slow", "Held").await;
    desk.own.seen.until(&called("slow", "Held")).await;
    let mut console = Console::start(&desk.socket(), "console").await;
    client.execute(2, "slow", "Kept").await;
    console.script.seen.until(&called("slow", "Kept")).await;
    client.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}})).await;
    desk.own.seen.until(&Seen::Cancelled("Held".to_owned())).await;
    desk.own.seen.until(&Seen::Left).await;
    console.script.let_go(1);
    assert_eq!(client.next_short().await, "2 console Kept");
    client.ping().await;
    console.die();
}

#[tokio::test]
async fn the_end_of_the_input_cancels_at_once_through_the_relay() {
    let mut desk = Desk::new();
    let (mut client, relay) = desk.start_relay();
    client.initialize(LEGACY).await;
    client.execute(1, "slow", "Held").await;
    desk.own.seen.until(&called("slow", "Held")).await;
    client.hang_up().await;
    desk.own.seen.until(&Seen::Cancelled("Held".to_owned())).await;
    assert_eq!(client.next_short().await, "1 Timeout");
    assert_eq!(client.read().await, None);
    soon("the relay ends", relay).await.unwrap();
}

#[tokio::test]
async fn a_shutdown_ends_relay_and_own_engine() {
    let mut desk = Desk::new();
    let (mut client, relay) = desk.start_relay();
    client.initialize(LEGACY).await;
    client.execute(1, "slow", "Held").await;
    desk.own.seen.until(&called("slow", "Held")).await;
    desk.shutdown.cancel();
    soon("the relay ends", relay).await.unwrap();
    desk.own.seen.until(&Seen::Left).await;
}

#[tokio::test]
async fn garbage_is_answered_through_the_relay_too() {
    let desk = Desk::new();
    let (mut client, _relay) = desk.start_relay();
    let long = format!("{{\"id\":7,\"method\":\"tools/call\",\"params\":\"{}\"}}", "x".repeat(9 << 20));
    let lines = [
        ("not json".to_owned(), "- -32700"),
        (String::from("{\"id\":1,\"method\":\"tools/call\",\"params\":{"), "1 -32700"),
        (format!("{{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\",\"params\":{}", "[".repeat(200_000)), "2 -32600"),
        (long, "7 -32600"),
        ("[]".to_owned(), "- -32600"),
    ];
    for (line, expected) in lines {
        client.write(line + "\n").await;
        assert_eq!(client.next_short().await, expected);
    }
    client.initialize(LEGACY).await;
    for id in 0..100 {
        client.execute(id, "slow", "Held").await;
    }
    client.ping().await;
    desk.own.let_go(100);
    let mut answered = Vec::new();
    for _ in 0..100 {
        answered.push(client.next().await.get("id").and_then(Value::as_u64).unwrap());
    }
    answered.sort_unstable();
    assert_eq!(answered, (0..100).collect::<Vec<_>>());
}
