//! A house to test in: a temporary home, the embedded S3 server, an engine, its socket; and real MCP clients.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use countersign::approval::SecretKey;
use countersign::aws::Aws;
use countersign::cli::demo::server;
use countersign::engine::{Engine, Limits, Parts, PinSource};
use countersign::files::Files;
use countersign::ledger::Ledger;
use countersign::mcp::socket::Socket;
use countersign::mcp::{Host, ToolNames};
use countersign::models::Models;
use countersign::settings::{ApproverKey, Paths, Pins, PolicyFile, SystemClock, SystemEntropy};
use rmcp::model::CallToolRequestParams;
use rmcp::service::RunningService;
use rmcp::{RoleClient, ServiceExt as _};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::UnixStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Reads run, writes of objects run, everything else is asked; IAM is denied.
pub(crate) const POLICY: &str = r#"
version: 1
services: {allowlist: ["*"], denylist: [iam]}
rules:
  allow: ["^s3:(List|Get|Head).*", "^s3:PutObject$"]
default: ask
"#;

/// A connected MCP client.
pub(crate) type Client = RunningService<RoleClient, ()>;

pub(crate) struct House {
    pub(crate) home: TempDir,
    pub(crate) engine: Engine,
    pub(crate) endpoint: String,
    shutdown: CancellationToken,
    listener: JoinHandle<()>,
    server: JoinHandle<()>,
}

impl House {
    /// A house whose engine listens on its socket.
    pub(crate) async fn open() -> Self {
        Self::open_with(POLICY).await
    }

    /// The same under another policy.
    pub(crate) async fn open_with(policy: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let (address, server) = server::start(&home.path().join("s3")).await.unwrap();
        let endpoint = format!("http://{address}");
        let engine = engine(&paths(&home), address, policy).await;
        let shutdown = CancellationToken::new();
        let socket = Socket::bind(&paths(&home).socket()).await.unwrap();
        let host = Host::new(Arc::new(engine.door()), ToolNames::Underscore);
        let listener = tokio::spawn(socket.serve(host, shutdown.clone()));
        Self { home, engine, endpoint, shutdown, listener, server }
    }

    pub(crate) fn paths(&self) -> Paths {
        paths(&self.home)
    }

    /// The folder the S3 server keeps its buckets in.
    pub(crate) fn buckets(&self) -> PathBuf {
        self.home.path().join("s3")
    }

    /// The folder that the engine's files lie in.
    pub(crate) fn work(&self) -> PathBuf {
        work(&self.paths())
    }

    /// A client on the socket.
    pub(crate) async fn client(&self) -> Client {
        let stream = UnixStream::connect(self.paths().socket()).await.unwrap();
        ().serve(stream.into_split()).await.unwrap()
    }

    /// A client on the real binary's stdin and stdout. It finds this house's home, and nothing of the machine's.
    pub(crate) async fn stdio(&self) -> Client {
        ().serve(rmcp::transport::TokioChildProcess::new(self.command("stdio")).unwrap()).await.unwrap()
    }

    /// The house's policy as a file.
    pub(crate) fn policy_file(&self) -> PathBuf {
        let path = self.home.path().join("policy.yaml");
        std::fs::write(&path, POLICY).unwrap();
        path
    }

    /// The real binary in this house.
    pub(crate) fn command(&self, command: &str) -> tokio::process::Command {
        let mut process = tokio::process::Command::new(env!("CARGO_BIN_EXE_countersign"));
        process
            .arg(command)
            .env_clear()
            .env("COUNTERSIGN_HOME", &self.paths().home)
            .env("POLICY_PATH", self.policy_file())
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", server::ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", server::SECRET_KEY)
            .env("AWS_REGION", "us-east-1")
            .env("SMITHY_AUTO_SYNC", "false")
            .env("AWS_CONFIG_FILE", self.home.path().join("no-config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", self.home.path().join("no-credentials"))
            .current_dir(self.home.path())
            .kill_on_drop(true);
        process
    }

    /// Closes the listener, so that new clients find nobody; the engine runs on.
    pub(crate) async fn stop_listening(&mut self) {
        self.shutdown.cancel();
        (&mut self.listener).await.unwrap();
    }

    /// Ends everything; what is left lies in the folder until that is dropped.
    pub(crate) async fn close(mut self) -> TempDir {
        if !self.listener.is_finished() {
            self.stop_listening().await;
        }
        self.engine.stop().await;
        self.server.abort();
        self.home
    }
}

/// The folder that the engine's files lie in.
fn work(paths: &Paths) -> PathBuf {
    let work = paths.home.parent().unwrap().join("work");
    std::fs::create_dir_all(&work).unwrap();
    work
}

pub(crate) fn paths(home: &TempDir) -> Paths {
    Paths { home: home.path().join("home") }
}

/// The key of the human who sits at a test's console.
pub(crate) fn key() -> Arc<ApproverKey> {
    Arc::new(ApproverKey::of(SecretKey::from_seed(&[1; 32])))
}

/// An engine on a home's ledger, talking to the given endpoint.
pub(crate) async fn engine(paths: &Paths, endpoint: std::net::SocketAddr, policy: &str) -> Engine {
    engine_on(paths, endpoint, PolicyFile::fixed("policy.yaml", policy), false).await
}

/// The same with other models than the snapshot's.
pub(crate) async fn engine_of(paths: &Paths, endpoint: std::net::SocketAddr, policy: &str, models: Models) -> Engine {
    engine_with(paths, endpoint, PolicyFile::fixed("policy.yaml", policy), false, models).await
}

/// An engine whose policy is a file, and which perhaps asks nobody.
pub(crate) async fn engine_on(
    paths: &Paths,
    endpoint: std::net::SocketAddr,
    policy: PolicyFile,
    auto_approve: bool,
) -> Engine {
    engine_with(paths, endpoint, policy, auto_approve, Models::embedded()).await
}

async fn engine_with(
    paths: &Paths,
    endpoint: std::net::SocketAddr,
    policy: PolicyFile,
    auto_approve: bool,
    models: Models,
) -> Engine {
    // As the first console leaves it: engines of the real binary find it too.
    let pinned = Pins::read_or_make(&paths.approvers(), key().public()).unwrap();
    let pins: PinSource = Box::new(move || Ok(pinned.keys()));
    // A console of the real binary is the same human's.
    let seed =
        serde_json::json!({"countersign_key": 1, "public": key().public(), "secret": {"plain": "01".repeat(32)}});
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(paths.home.join(Paths::KEY));
    if let Ok(mut file) = made {
        std::io::Write::write_all(&mut file, seed.to_string().as_bytes()).unwrap();
    }
    let config = countersign::cli::aws_config(&models.store()).unwrap();
    let aws = Aws::new(server::aws_config(config, endpoint)).await.unwrap();
    Engine::start(Parts {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        ledger: Ledger::open(&paths.ledger()).await.unwrap(),
        models,
        aws,
        files: Files::new(&work(paths), vec![paths.home.clone()]),
        limits: Limits { hold: Duration::from_secs(45), max_output_characters: 25_000, auto_approve },
        policy,
        pins,
    })
    .await
    .unwrap()
}

/// Calls a tool; what comes back is its structured content.
pub(crate) async fn call(client: &Client, tool: &'static str, arguments: Value) -> Value {
    let mut params = CallToolRequestParams::new(tool);
    params.arguments = arguments.as_object().cloned();
    client.call_tool(params).await.unwrap().structured_content.unwrap()
}

/// An `invoke` of an S3 operation.
#[expect(clippy::needless_pass_by_value, reason = "callers write the values in place")]
pub(crate) fn invoke(operation: &str, payload: Value, options: Value) -> Value {
    json!({"action": "invoke", "service": "s3", "operation": operation, "payload": payload, "options": options})
}
