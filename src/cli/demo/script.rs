//! What the scripted agent does: it looks, it uploads, and it tries to delete; a human decides.

use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::UnboundedSender;

use super::client::Client;

/// The pause between two steps, so that a reader can follow.
const PAUSE: Duration = Duration::from_millis(1_200);
/// How long the agent waits for the human, in seconds.
const HOLD: u64 = 900;

/// Plays the script; each line of narration tells the human what happens.
pub(super) async fn play<R, W>(reader: R, writer: W, narration: &UnboundedSender<String>) -> anyhow::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let say = |line: String| {
        // The console may be gone already; then nobody listens.
        let _ = narration.send(line);
    };
    let mut agent = Client::connect(reader, writer).await?;
    say("A scripted agent is connected. It lists the buckets: the policy allows that.".to_owned());
    tokio::time::sleep(PAUSE).await;
    let buckets = invoke(&mut agent, "ListBuckets", json!({}), None).await?;
    let count = buckets.pointer("/result/Buckets").and_then(Value::as_array).map_or(0, Vec::len);
    say(format!("It sees {count} buckets. Now it uploads a report: the demo's policy allows that, too."));
    tokio::time::sleep(PAUSE).await;
    let report = json!({"Bucket": "demo-reports", "Key": "november.txt", "Body": "Tm92ZW1iZXI6IGFsbCBncmVlbi4K"});
    invoke(&mut agent, "PutObject", report, None).await?;
    say("Uploaded. Now it wants to delete a bucket: you decide. Enter opens the request.".to_owned());
    tokio::time::sleep(PAUSE).await;
    let bucket = json!({"Bucket": "demo-logs"});
    let answer =
        invoke(&mut agent, "DeleteBucket", bucket, Some("The logs are old; I want to save storage costs.")).await?;
    say(format!("{} Next it wants to delete an invoice.", heard(&answer)));
    tokio::time::sleep(PAUSE).await;
    let invoice = json!({"Bucket": "demo-invoices", "Key": "2026/10/0001.txt"});
    let answer = invoke(&mut agent, "DeleteObject", invoice, Some("Invoice 0001 looks like a duplicate.")).await?;
    say(format!("{} Now it tries a token it made up.", heard(&answer)));
    tokio::time::sleep(PAUSE).await;
    let forged = json!({
        "action": "invoke", "service": "s3", "operation": "DeleteBucket", "payload": {"Bucket": "demo-invoices"},
        "options": {"confirmationToken": "cs_0000000000000000000000000000000000000000", "hold": 0},
    });
    let answer = agent.call("aws_execute", forged).await?;
    let refused = answer.pointer("/error/type").and_then(Value::as_str).unwrap_or("nothing");
    say(format!("Refused: {refused}. The agent is done. 2 shows the whole story, q leaves; nothing stays behind."));
    // The connection stays open until the console ends, as a real agent's would.
    std::future::pending().await
}

async fn invoke<R, W>(
    agent: &mut Client<R, W>,
    operation: &str,
    payload: Value,
    reason: Option<&str>,
) -> anyhow::Result<Value>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut options = json!({"hold": HOLD});
    if let (Some(reason), Some(map)) = (reason, options.as_object_mut()) {
        map.insert("reason".into(), reason.into());
    }
    let arguments = json!({
        "action": "invoke", "service": "s3", "operation": operation, "payload": payload, "options": options,
    });
    agent.call("aws_execute", arguments).await.with_context(|| format!("the scripted agent's {operation}"))
}

fn heard(answer: &Value) -> String {
    match answer.pointer("/error/type").and_then(Value::as_str) {
        None => "You approved, and it ran, once.".to_owned(),
        Some("ConfirmationDenied") => "You denied, and the agent got your words.".to_owned(),
        Some(other) => format!("It ended with {other}."),
    }
}
