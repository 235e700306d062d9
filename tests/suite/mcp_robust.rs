//! What a client may do wrong, or maliciously: never a crash, never a hang, other connections unaffected.

use countersign::engine::Tool;
use serde_json::{Value, json};

use crate::support::agents::{Script, Seen, short};

const LEGACY: &str = "2025-06-18";

#[tokio::test]
async fn both_handshakes_on_one_connection() {
    let script = Script::new("one");
    let mut client = script.connect();
    // Some clients ask in the new way and then shake hands in the old one.
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "new", "version": "2"},
    });
    client.ask(1, "server/discover", json!({"_meta": meta})).await;
    let discovered = client.next().await;
    assert_eq!(
        discovered.pointer("/result/supportedVersions"),
        Some(&json!(["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"]))
    );
    let initialized = client.initialize(LEGACY).await;
    assert_eq!(initialized.pointer("/result/protocolVersion"), Some(&json!(LEGACY)));
    client.ask(2, "tools/list", json!({})).await;
    let listed = client.next().await;
    assert_eq!(listed.pointer("/result/_meta/io.modelcontextprotocol~1serverInfo/name"), Some(&json!("countersign")));
    assert_eq!(listed.pointer("/result/resultType"), None);
}

#[tokio::test]
async fn the_new_protocol_needs_no_handshake() {
    let mut script = Script::new("one");
    let mut client = script.connect();
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "new", "version": "2"},
    });
    client.ask(1, "tools/list", json!({"_meta": meta})).await;
    let listed = client.next().await;
    assert_eq!(listed.pointer("/result/resultType"), Some(&json!("complete")));
    assert_eq!(listed.pointer("/result/tools/2/name"), Some(&json!("aws_execute")));
    client.ask(2, "tools/call", json!({"_meta": meta, "name": "aws_execute", "arguments": {"operation": "A"}})).await;
    assert_eq!(client.next_short().await, "2 one A");
    script.seen.until(&Seen::Introduced("new".to_owned(), "2".to_owned())).await;
    // An unknown version is told which ones there are.
    let mut future = meta.clone();
    future["io.modelcontextprotocol/protocolVersion"] = json!("2031-01-01");
    client.ask(3, "tools/list", json!({"_meta": future})).await;
    assert_eq!(client.next_short().await, "3 -32022");
}

#[tokio::test]
async fn before_the_handshake() {
    let script = Script::new("one");
    let mut client = script.connect();
    client.send(json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
    client.send(json!({"jsonrpc": "2.0", "id": 1, "result": {}})).await;
    client.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 5}})).await;
    client.ping().await;
    client.ask(2, "tools/list", json!({})).await;
    assert_eq!(client.next_short().await, "2 -32602");
    client.execute(3, "s3", "ListBuckets").await;
    assert_eq!(client.next_short().await, "3 -32602");
    client.ask(4, "initialize", json!({"protocolVersion": 7})).await;
    assert_eq!(client.next_short().await, "4 -32602");
    client.initialize(LEGACY).await;
    client.execute(5, "s3", "ListBuckets").await;
    assert_eq!(client.next_short().await, "5 one ListBuckets");
}

#[tokio::test]
async fn malformed_and_unknown_requests_have_their_codes() {
    let script = Script::new("one");
    let mut client = script.connect();
    client.initialize(LEGACY).await;
    let table = [
        ("tools/call", json!({}), "-32602"),
        ("tools/call", json!({"name": 5}), "-32602"),
        ("tools/call", json!({"name": "aws_execute", "arguments": []}), "-32602"),
        ("tools/call", json!({"name": "aws_execute", "arguments": "{}"}), "-32602"),
        ("tools/call", json!({"name": "no_such_tool", "arguments": {}}), "-32602"),
        ("tools/call", json!(7), "-32602"),
        ("tools/list", json!({"cursor": "2"}), "-32602"),
        ("server/discover", json!([]), "-32602"),
        ("prompts/list", json!({}), "-32601"),
        ("prompts/get", json!({"name": "x"}), "-32601"),
        ("resources/list", json!({}), "-32601"),
        ("resources/templates/list", json!({}), "-32601"),
        ("resources/read", json!({"uri": "file:///etc/passwd"}), "-32601"),
        ("resources/subscribe", json!({"uri": "x:y"}), "-32601"),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": "x"}, "argument": {"name": "a", "value": "b"}}),
            "-32601",
        ),
        ("logging/setLevel", json!({"level": "debug"}), "-32601"),
        ("tasks/get", json!({"taskId": "x"}), "-32601"),
        ("roots/list", json!({}), "-32601"),
        ("sampling/createMessage", json!({}), "-32601"),
        ("elicitation/create", json!({}), "-32601"),
        ("aws/approve", json!({}), "-32601"),
        ("", json!({}), "-32601"),
        ("tools/list", json!({}), "ok"),
        ("tools/list", json!({"cursor": ""}), "ok"),
        ("tools/list", json!({"unknown": [1]}), "ok"),
        ("ping", json!({}), "ok"),
    ];
    let mut found = Vec::new();
    for (id, (method, params, _)) in table.iter().enumerate() {
        client.ask(id, method, params.clone()).await;
        found.push(client.next_short().await);
    }
    let expected: Vec<String> = table.iter().enumerate().map(|(id, (_, _, what))| format!("{id} {what}")).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn garbage_is_answered_and_forgotten() {
    let script = Script::new("one");
    let mut other = script.connect();
    other.initialize(LEGACY).await;
    let mut client = script.connect();
    let deep = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{}", "[".repeat(200_000));
    let closed = format!("{deep}{}}}", "]".repeat(200_000));
    let twice = br#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"aws_execute","arguments":{"service":"s3","service":"iam"}}}"#;
    let garbage: [(&[u8], &str); 10] = [
        (b"not json", "- -32700"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pi", "1 -32700"),
        (b"\xff\xfe\x00\x01", "- -32700"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":\"\xc3\x28\",\"method\":\"ping\"}", "- -32700"),
        (b"\0\0\0\0", "- -32700"),
        (deep.as_bytes(), "1 -32600"),
        (closed.as_bytes(), "1 -32600"),
        (b"[]", "- -32600"),
        (twice, "3 -32600"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1e400,\"method\":\"ping\"}", "- -32700"),
    ];
    // Before the handshake and after it.
    for _ in 0..2 {
        for (line, expected) in &garbage {
            client.write(line).await;
            client.write(b"\n").await;
            assert_eq!(client.next_short().await, *expected);
        }
        client.write(b"\n\r\n   \n").await;
        client.initialize(LEGACY).await;
        client.ping().await;
    }
    other.ping().await;
}

#[tokio::test]
async fn messages_may_be_split_and_glued() {
    let script = Script::new("one");
    let mut client = script.connect();
    client.initialize(LEGACY).await;
    let line = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"x\":\"äöü 😀\"}}\r\n";
    for byte in line.as_bytes() {
        client.write([*byte]).await;
    }
    assert_eq!(client.next_short().await, "1 ok");
    let glued: String =
        (10..20).map(|id| format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"ping\"}}\n")).collect();
    client.write(format!("{glued}{{\"jsonrpc\":\"2.0\",\"id\":20,")).await;
    let mut answered = Vec::new();
    for _ in 10..20 {
        answered.push(client.next_short().await);
    }
    answered.sort();
    assert_eq!(answered, (10..20).map(|id| format!("{id} ok")).collect::<Vec<_>>());
    client.write("\"method\":\"ping\"}\n").await;
    assert_eq!(client.next_short().await, "20 ok");
}

#[tokio::test]
async fn a_message_too_long_is_refused_under_its_id() {
    let script = Script::new("one");
    let mut client = script.connect();
    client.initialize(LEGACY).await;
    let chunk = "x".repeat(1 << 20);
    client.write("{\"jsonrpc\":\"2.0\",\"method\":\"tools/call\",\"params\":{\"name\":\"").await;
    for _ in 0..40 {
        client.write(&chunk).await;
    }
    // The id comes last, as some clients write it.
    client.write("\"},\"id\":77}\n").await;
    assert_eq!(client.next_short().await, "77 -32600");
    client.ping().await;
    // A line that never ends costs no memory and keeps nobody else waiting.
    for _ in 0..40 {
        client.write(&chunk).await;
    }
    let mut other = script.connect();
    other.initialize(LEGACY).await;
    other.ping().await;
    client.hang_up().await;
    assert_eq!(client.read().await, None);
}

#[tokio::test]
async fn numbers_and_names_of_any_kind_reach_the_engine_as_they_are() {
    let mut script = Script::new("one");
    let mut client = script.connect();
    client.initialize(LEGACY).await;
    let arguments =
        json!({"service": "s3", "n": [1e308, -0.0, u64::MAX, 9_007_199_254_740_993_i64], "\u{0}": "\u{202e}"});
    client.ask("ü\u{1F600}", "tools/call", json!({"name": "aws_execute", "arguments": arguments})).await;
    assert_eq!(client.next_short().await, "ü\u{1F600} one ");
    script.seen.until(&Seen::Called(Tool::Execute, arguments)).await;
}

#[tokio::test]
async fn an_id_in_use_is_not_run_twice() {
    let mut script = Script::new("one");
    let mut client = script.connect();
    client.initialize(LEGACY).await;
    client.execute(1, "slow", "First").await;
    client.execute(1, "slow", "Second").await;
    assert_eq!(client.next_short().await, "- -32600");
    script.let_go(1);
    assert_eq!(client.next_short().await, "1 one First");
    let called = script.seen.so_far().into_iter().filter(|seen| matches!(seen, Seen::Called(..))).count();
    assert_eq!(called, 1);
    client.execute(1, "s3", "Third").await;
    assert_eq!(client.next_short().await, "1 one Third");
}

#[tokio::test]
async fn cancelling_ends_the_call_and_nothing_else() {
    let mut script = Script::new("one");
    let mut client = script.connect();
    client.initialize(LEGACY).await;
    client.execute(1, "slow", "Cancelled").await;
    client.execute(2, "slow", "Kept").await;
    // Junk cancellations first.
    for junk in
        [json!({}), json!({"requestId": 99}), json!({"requestId": null}), json!({"requestId": {}}), json!([]), json!(1)]
    {
        client.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": junk})).await;
    }
    client.ping().await;
    client
        .send(
            json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1, "reason": "no"}}),
        )
        .await;
    script.seen.until(&Seen::Cancelled("Cancelled".to_owned())).await;
    script.let_go(1);
    // The cancelled call gets no answer.
    assert_eq!(client.next_short().await, "2 one Kept");
    client.ping().await;
}

#[tokio::test]
async fn progress_is_told_step_by_step() {
    let script = Script::new("one");
    let mut client = script.connect();
    client.initialize(LEGACY).await;
    let params = json!({"name": "aws_execute", "arguments": {"service": "steps"}, "_meta": {"progressToken": "p"}});
    client.ask(1, "tools/call", params).await;
    let told = |progress: f64, total: Option<f64>, message: &str| {
        let mut params = json!({"progressToken": "p", "progress": progress});
        if let Some(total) = total {
            params["total"] = json!(total);
        }
        params["message"] = json!(message);
        json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})
    };
    assert_eq!(client.next().await, told(0.0, None, "received"));
    for step in [1.0, 2.0, 3.0] {
        assert_eq!(client.next().await, told(step, Some(45.0), "waiting for a human"));
        script.let_go(1);
    }
    assert_eq!(client.next_short().await, "1 one ");
    // Who did not ask for progress is told none.
    script.let_go(3);
    client.execute(2, "steps", "Quiet").await;
    assert_eq!(client.next_short().await, "2 one Quiet");
}

#[tokio::test]
async fn the_end_of_the_input_cancels_at_once() {
    let mut script = Script::new("one");
    let mut client = script.connect();
    client.initialize(LEGACY).await;
    client.execute(1, "slow", "Held").await;
    script
        .seen
        .until(&Seen::Called(Tool::Execute, json!({"action": "invoke", "service": "slow", "operation": "Held"})))
        .await;
    // In the middle of a message.
    client.write("{\"jsonrpc\":\"2.0\",\"id\":2,\"meth").await;
    client.hang_up().await;
    assert_eq!(script.seen.next().await, Seen::Cancelled("Held".to_owned()));
    assert_eq!(client.next_short().await, "1 Timeout");
    assert_eq!(client.read().await, None);
    assert_eq!(script.seen.next().await, Seen::Left);
}

#[tokio::test]
async fn a_client_that_vanishes_is_noticed() {
    let mut script = Script::new("one");
    let mut client = script.connect();
    client.initialize(LEGACY).await;
    client.execute(1, "slow", "Held").await;
    script
        .seen
        .until(&Seen::Called(Tool::Execute, json!({"action": "invoke", "service": "slow", "operation": "Held"})))
        .await;
    drop(client);
    assert_eq!(script.seen.next().await, Seen::Cancelled("Held".to_owned()));
    assert_eq!(script.seen.next().await, Seen::Left);
}

#[tokio::test]
async fn ping_is_answered_while_a_hundred_calls_run() {
    let script = Script::new("one");
    let mut client = script.connect();
    client.initialize(LEGACY).await;
    for id in 0..100 {
        client.execute(id, "slow", "Held").await;
    }
    client.ping().await;
    script.let_go(100);
    let mut answered = Vec::new();
    for _ in 0..100 {
        answered.push(client.next().await.get("id").and_then(Value::as_u64).unwrap());
    }
    answered.sort_unstable();
    assert_eq!(answered, (0..100).collect::<Vec<_>>());
}

#[tokio::test]
async fn too_many_calls_are_told_so() {
    let script = Script::new("one");
    let mut client = script.connect();
    client.initialize(LEGACY).await;
    for id in 0..512 {
        client.execute(id, "slow", "Held").await;
    }
    client.execute(512, "s3", "OneTooMany").await;
    let refused = client.next().await;
    assert_eq!(short(&refused), "512 TooManyCalls");
    assert_eq!(refused.pointer("/result/structuredContent/error/retryable"), Some(&json!(true)));
    script.let_go(512);
    for _ in 0..512 {
        client.next().await;
    }
    client.execute(513, "s3", "Fine").await;
    assert_eq!(client.next_short().await, "513 one Fine");
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_up_nobody_else() {
    let script = Script::new("one");
    // The pipe holds a fraction of one answer.
    let mut silent = script.connect_over(4 << 10);
    silent.initialize(LEGACY).await;
    for id in 0..40 {
        silent.execute(id, "big", "Big").await;
    }
    let mut other = script.connect();
    other.initialize(LEGACY).await;
    for id in 0..50 {
        other.execute(id, "s3", "ListBuckets").await;
        assert_eq!(other.next_short().await, format!("{id} one ListBuckets"));
    }
    other.ping().await;
    // It reads at last: nothing was lost.
    let mut answered = Vec::new();
    for _ in 0..40 {
        answered.push(silent.next().await.get("id").and_then(Value::as_u64).unwrap());
    }
    answered.sort_unstable();
    assert_eq!(answered, (0..40).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_client_that_never_reads_is_not_read_either() {
    let script = Script::new("one");
    let mut silent = script.connect_over(4 << 10);
    silent.initialize(LEGACY).await;
    // Far more requests than may wait: at some point they are no longer taken.
    let request = format!("{}\n", json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}));
    let flood = async {
        for id in 0_u32.. {
            silent.write(request.replace("\"id\":1", &format!("\"id\":{id}"))).await;
        }
    };
    let stuck = tokio::time::timeout(std::time::Duration::from_millis(500), flood).await;
    assert!(stuck.is_err());
    let mut other = script.connect();
    other.initialize(LEGACY).await;
    other.ping().await;
}

/// Small changes anywhere in a conversation, always the same ones.
#[tokio::test]
async fn random_mutations_break_nothing() {
    let script = Script::new("one");
    let lines = [
        json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "m", "version": "1"}}}),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}),
        json!({"jsonrpc": "2.0", "id": "three", "method": "tools/call", "params": {"name": "aws_execute", "arguments": {"service": "s3", "operation": "A"}, "_meta": {"progressToken": 5}}}),
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "three"}}),
    ];
    let conversation: Vec<u8> = lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect();
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap()
    };
    for _ in 0..400 {
        let mut bytes = conversation.clone();
        for _ in 0..=random(4) {
            let at = random(bytes.len());
            match random(4) {
                0 => bytes[at] = u8::try_from(random(256)).unwrap(),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"\"{}[],:\\\n\0"[random(10)]),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let mut client = script.connect();
        client.write(&bytes).await;
        client.hang_up().await;
        while client.read().await.is_some() {}
    }
    let mut client = script.connect();
    client.initialize(LEGACY).await;
    client.ping().await;
}
