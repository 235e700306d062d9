//! The three tools from a shell, through the same gate: a destructive invoke waits for the console.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::args::{InvokeArgs, SchemaArgs, SearchArgs, ValidateArgs};
use super::{log, open};
use crate::base::Shown;
use crate::call::CallError;
use crate::engine::{Peer, Progress, ProgressUpdate, Tool};
use crate::settings::Settings;

/// `countersign search`
pub(super) async fn search(settings: &Settings, args: &SearchArgs) -> anyhow::Result<ExitCode> {
    let arguments = json!({"query": args.query.join(" "), "serviceHint": args.service, "limit": args.limit});
    let reply = call(settings, Tool::Search, arguments).await?;
    if args.json {
        return finish(reply);
    }
    let reply = match reply {
        Ok(reply) => reply,
        Err(error) => return finish(Err(error)),
    };
    let mut out = std::io::stdout().lock();
    for result in reply.get("results").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| result.get(key).and_then(Value::as_str).unwrap_or_default();
        let name = format!("{}:{}", text("service"), text("operation"));
        writeln!(out, "{name:<48} {:<11} {:<5} {}", text("risk"), text("verdict"), Shown::line(text("summary")))?;
    }
    if let Some(hint) = reply.get("hint").and_then(Value::as_str) {
        writeln!(out, "{}", Shown::line(hint))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// `countersign schema`
pub(super) async fn schema(settings: &Settings, args: &SchemaArgs) -> anyhow::Result<ExitCode> {
    let detail = if args.full { "full" } else { "compact" };
    let arguments = json!({"service": args.service, "operation": args.operation, "detail": detail, "path": args.path});
    finish(call(settings, Tool::Schema, arguments).await?)
}

/// `countersign validate`
pub(super) async fn validate(settings: &Settings, args: &ValidateArgs) -> anyhow::Result<ExitCode> {
    let arguments = json!({
        "action": "validate",
        "service": args.service,
        "operation": args.operation,
        "payload": payload(&args.payload)?,
        "region": args.region,
    });
    finish(call(settings, Tool::Execute, arguments).await?)
}

/// `countersign invoke`
pub(super) async fn invoke(settings: &Settings, args: &InvokeArgs) -> anyhow::Result<ExitCode> {
    let arguments = json!({
        "action": "invoke",
        "service": args.call.service,
        "operation": args.call.operation,
        "payload": payload(&args.call.payload)?,
        "region": args.call.region,
        "options": {
            "reason": args.reason,
            "confirmationToken": args.token,
            "hold": args.hold,
            "query": args.query,
            "paginate": args.max_items.map(|items| json!({"maxItems": items})),
            "waitFor": args.wait_for,
            "outputPath": args.output_path,
            "overwrite": args.overwrite.then_some(true),
        },
    });
    finish(call(settings, Tool::Execute, arguments).await?)
}

/// Runs a call on an engine of its own, on the shared ledger.
async fn call(settings: &Settings, tool: Tool, arguments: Value) -> anyhow::Result<Result<Value, CallError>> {
    let _guard = log::start(settings)?;
    let engine = open::engine(settings).await?;
    let agent = engine.door().connect(Peer { transport: "cli", pid: Some(std::process::id()), ..Peer::default() });
    agent.introduce("countersign", env!("CARGO_PKG_VERSION"));
    let cancel = CancellationToken::new();
    let reply = {
        let work = agent.call(tool, without_nulls(arguments), progress(), cancel.clone());
        tokio::pin!(work);
        tokio::select! {
            reply = &mut work => reply,
            _ = tokio::signal::ctrl_c() => {
                cancel.cancel();
                work.await
            }
        }
    };
    drop(agent);
    engine.stop().await;
    Ok(reply)
}

fn without_nulls(arguments: Value) -> Map<String, Value> {
    let Value::Object(map) = arguments else { return Map::new() };
    let kept = map.into_iter().filter(|(_, value)| !value.is_null());
    kept.map(|(key, value)| if key == "options" { (key, Value::Object(without_nulls(value))) } else { (key, value) })
        .collect()
}

/// A payload as an argument gives it: JSON, `@FILE`, or `-` for stdin.
fn payload(argument: &str) -> anyhow::Result<Value> {
    let text = match argument.strip_prefix('@') {
        Some(path) => std::fs::read_to_string(path).with_context(|| format!("the payload file {path}"))?,
        None if argument == "-" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("the payload on stdin")?;
            text
        }
        None => argument.to_owned(),
    };
    // Text goes on as text: what is wrong with it is then told like everything else.
    Ok(Value::String(text))
}

/// Tells on stderr that a human is waited for.
#[expect(clippy::print_stderr, reason = "stderr is where a waiting command tells why")]
fn progress() -> Progress {
    Arc::new(|update: ProgressUpdate| eprintln!("{:.0} s: {}", update.elapsed_seconds, update.message))
}

/// Prints what came back; the exit code tells what kind of end it was.
fn finish(reply: Result<Value, CallError>) -> anyhow::Result<ExitCode> {
    let (json, code) = match reply {
        Ok(reply) => (reply, ExitCode::SUCCESS),
        Err(error) => {
            let code = match error.kind {
                "InvalidArguments" => 2,
                "PolicyDenied" | "ConfirmationDenied" => 3,
                "ConfirmationRequired" => 4,
                "ServiceError" => 5,
                _ => 1,
            };
            (error.to_json(), ExitCode::from(code))
        }
    };
    writeln!(std::io::stdout().lock(), "{json:#}")?;
    Ok(code)
}
