//! The three tools from a shell, through the same gate: a destructive invoke waits for the console.

use std::io::{self, Read as _, StdoutLock, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::args::{Color, InvokeArgs, SchemaArgs, SearchArgs, ValidateArgs};
use super::paint::Paint;
use super::{log, open, tell};
use crate::call::CallError;
use crate::engine::{Peer, Progress, ProgressUpdate, Tool};
use crate::settings::Settings;

/// `countersign search`
pub(super) async fn search(settings: &Settings, args: &SearchArgs, paint: Paint) -> anyhow::Result<ExitCode> {
    let arguments = json!({"query": args.query.join(" "), "serviceHint": args.service, "limit": args.limit});
    let reply = call(settings, Tool::Search, arguments).await?;
    finish(reply, args.json, |reply, out| tell::search(reply, paint, out), paint)
}

/// `countersign schema`
pub(super) async fn schema(settings: &Settings, args: &SchemaArgs, paint: Paint) -> anyhow::Result<ExitCode> {
    let detail = if args.full { "full" } else { "compact" };
    let arguments = json!({"service": args.service, "operation": args.operation, "detail": detail, "path": args.path});
    let reply = call(settings, Tool::Schema, arguments).await?;
    finish(reply, args.json, |reply, out| tell::schema(reply, paint, out), paint)
}

/// `countersign validate`
pub(super) async fn validate(
    settings: &Settings,
    args: &ValidateArgs,
    as_json: bool,
    paint: Paint,
) -> anyhow::Result<ExitCode> {
    let arguments = json!({
        "action": "validate",
        "service": args.service,
        "operation": args.operation,
        "payload": payload(&args.payload)?,
        "region": args.region,
    });
    let reply = call(settings, Tool::Execute, arguments).await?;
    finish(reply, as_json, |reply, out| tell::valid(reply, paint, out), paint)
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
    let reply = call(settings, Tool::Execute, arguments).await?;
    // An answer is data: it is always JSON.
    finish(reply, true, |_, _| Ok(()), Paint::of(Color::Never))
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
            io::stdin().read_to_string(&mut text).context("the payload on stdin")?;
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

/// Prints what came back, as JSON or for people; the exit code tells what kind of end it was.
fn finish(
    reply: Result<Value, CallError>,
    as_json: bool,
    told: impl FnOnce(&Value, &mut StdoutLock<'static>) -> io::Result<()>,
    paint: Paint,
) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout().lock();
    let error = match reply {
        Ok(reply) => {
            if as_json {
                writeln!(out, "{reply:#}")?;
            } else {
                told(&reply, &mut out)?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        Err(error) => error,
    };
    if as_json {
        writeln!(out, "{:#}", error.to_json())?;
    } else {
        tell::refused(&error, paint, &mut out)?;
    }
    Ok(code_of(&error))
}

fn code_of(error: &CallError) -> ExitCode {
    ExitCode::from(match error.kind {
        "InvalidArguments" => 2,
        "PolicyDenied" | "ConfirmationDenied" => 3,
        "ConfirmationRequired" => 4,
        "ServiceError" => 5,
        _ => 1,
    })
}
