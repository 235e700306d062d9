//! A moto server (<https://github.com/getmoto/moto>): AWS's services in memory, on a loopback port. Its
//! virtual environment is made once beneath `target/`; one server serves all tests of this process and ends
//! with it, because it ends when its standard input does.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use countersign::aws::{Aws, AwsConfig, AwsError, AwsReply, AwsRequest, StaticCredentials};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::models;

/// Starts moto on a free port, and stops with whoever started it.
const LAUNCH: &str = "
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from moto.server import main
main(['-H', '127.0.0.1', '-p', '0'])
";

/// Before that: the time stands still, so that two servers which are asked the same answer the same.
const FREEZE: &str = "
import datetime, time
real, instant = datetime.datetime, 1767323045.678
class Same(type(real)):
    def __instancecheck__(cls, other):
        return isinstance(other, real)
class Frozen(real, metaclass=Same):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(instant, tz)
    @classmethod
    def utcnow(cls):
        return cls.fromtimestamp(instant, datetime.timezone.utc).replace(tzinfo=None)
datetime.datetime = Frozen
time.time = lambda: instant
";

/// A running server; it ends when this is dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    child: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();

/// The server's URL; `None`, after saying what is left out, when there is no Python or no way to get moto.
pub(crate) fn url() -> Option<&'static str> {
    match SERVER.get_or_init(|| start(LAUNCH)) {
        Ok(server) => Some(&server.url),
        Err(reason) => {
            println!("left out: tests against moto ({reason})");
            None
        }
    }
}

/// A client of the moto server; `None` as for [`url`].
pub(crate) async fn client() -> Option<Aws> {
    let mut config = AwsConfig::new(models::partitions(), models::model("sts"), models::entropy());
    config.endpoint_url = Some(url()?.to_owned());
    config.region = Some("us-east-1".into());
    config.credentials = Some(StaticCredentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
        session_token: None,
    });
    Some(Aws::new(config).await.expect("a client needs nothing but its configuration"))
}

/// Calls an operation.
pub(crate) async fn call(aws: &Aws, service: &str, operation: &str, payload: Value) -> Result<AwsReply, AwsError> {
    let request = AwsRequest {
        model: models::model(service),
        operation: operation.to_owned(),
        payload: payload.into(),
        region: None,
    };
    aws.invoke(request, CancellationToken::new()).await
}

/// Calls an operation that must succeed, and gives its output.
pub(crate) async fn output(aws: &Aws, service: &str, operation: &str, payload: Value) -> Value {
    match call(aws, service, operation, payload).await {
        Ok(reply) => reply.output,
        Err(error) => panic!("{service}:{operation}: {error:?}"),
    }
}

/// A server of one's own, for which the time stands still.
pub(crate) fn frozen() -> Result<Server, String> {
    start(&format!("{FREEZE}{LAUNCH}"))
}

fn start(program: &str) -> Result<Server, String> {
    let python = environment()?;
    let mut child = Command::new(python)
        .args(["-c", program])
        // So that sets keep one order.
        .env("PYTHONHASHSEED", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("moto does not start: {error}"))?;
    let mut lines = BufReader::new(child.stderr.take().expect("stderr is piped")).lines().map_while(Result::ok);
    let mut seen = Vec::new();
    let port = lines.by_ref().find_map(|line| {
        let port = line.split_once("Running on http://127.0.0.1:").map(|(_, port)| port.trim().to_owned());
        seen.push(line);
        port
    });
    let port = port.ok_or_else(|| format!("moto does not start: {}", seen.join(" / ")))?;
    // Its log is read to the end, or it would block on a full pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Ok(Server { url: format!("http://127.0.0.1:{port}"), child })
}

/// Where cargo builds, and where what the tests fetch is kept.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from)
}

static ENVIRONMENT: OnceLock<Result<PathBuf, String>> = OnceLock::new();

/// The virtual environment's Python, made and filled when it is not there yet, by whichever test asks first.
pub(crate) fn environment() -> Result<PathBuf, String> {
    ENVIRONMENT.get_or_init(make).clone()
}

fn make() -> Result<PathBuf, String> {
    let venv = target().join("moto-venv");
    let python = venv.join("bin").join("python");
    let ready = venv.join("ready");
    if !ready.exists() {
        let made = run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv));
        made.map_err(|problem| format!("no virtual environment: {problem}"))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "moto[server]"];
        run(Command::new(&python).args(pip)).map_err(|problem| format!("moto cannot be installed: {problem}"))?;
        std::fs::write(&ready, "").map_err(|error| error.to_string())?;
    }
    Ok(python)
}

/// Runs a program; its last words when it fails.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let output: Output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(text.lines().last().unwrap_or("it failed").to_owned())
}

/// Calls an operation that must fail with an error of the service; gives code, message, status, fault,
/// attempts and detail, after checking that the request has an id.
pub(crate) async fn fault(aws: &Aws, service: &str, operation: &str, payload: Value) -> Value {
    match call(aws, service, operation, payload).await {
        Err(AwsError::Service { code, message, http_status, request_id, fault, attempts, detail }) => {
            assert!(request_id.is_some_and(|id| !id.is_empty()), "{service}:{operation} has no request id");
            json!({
                "code": code, "message": message, "status": http_status, "fault": fault, "attempts": attempts,
                "detail": detail
            })
        }
        other => panic!("{service}:{operation}: {other:?}"),
    }
}

/// Puts `*` in place of the values of these members, wherever they stand; each must be a text, not empty.
pub(crate) fn forget(mut value: Value, members: &[&str]) -> Value {
    fn walk(value: &mut Value, members: &[&str]) {
        match value {
            Value::Object(entries) => {
                for (name, value) in entries {
                    if members.contains(&name.as_str()) {
                        assert!(value.as_str().is_some_and(|text| !text.is_empty()), "{name}: {value}");
                        *value = "*".into();
                    } else {
                        walk(value, members);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, members)),
            _ => {}
        }
    }
    walk(&mut value, members);
    value
}
