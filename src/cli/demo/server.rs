//! An S3 server inside the process, on a loopback port and a folder that is removed with it.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::anyhow;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tokio::net::TcpListener;

use crate::aws::{AwsConfig, Identity, StaticCredentials};

/// Access key of the demo; it opens nothing else.
pub const ACCESS_KEY: &str = "AKIADEMODEMODEMODEMO";
/// Its secret.
pub const SECRET_KEY: &str = "demo-secret-key-of-the-embedded-server";

/// How an engine reaches this server: nothing of the machine's own configuration is looked at.
pub fn aws_config(config: AwsConfig, address: SocketAddr) -> AwsConfig {
    AwsConfig {
        profile: Some("demo".to_owned()),
        region: Some("us-east-1".to_owned()),
        endpoint_url: Some(format!("http://{address}")),
        credentials: Some(StaticCredentials {
            access_key_id: ACCESS_KEY.to_owned(),
            secret_access_key: SECRET_KEY.to_owned(),
            session_token: None,
        }),
        identity: Some(Identity {
            account: "000000000000".to_owned(),
            arn: "arn:aws:iam::000000000000:user/demo-agent".to_owned(),
        }),
        ..config
    }
}

/// Buckets and objects that are there at the beginning.
const CONTENT: &[(&str, &[(&str, &str)])] = &[
    (
        "demo-invoices",
        &[("2026/10/0001.txt", "Invoice 0001, 129.00 EUR\n"), ("2026/10/0002.txt", "Invoice 0002, 77.50 EUR\n")],
    ),
    ("demo-logs", &[("web/2026-11-01.log", "GET / 200\nGET /health 200\n"), ("web/2026-11-02.log", "GET / 200\n")]),
    ("demo-reports", &[]),
];

/// Fills the folder and serves it until the task is aborted. Requests must be signed.
///
/// # Errors
/// When the folder cannot be written or no loopback port is free.
pub async fn start(folder: &Path) -> anyhow::Result<(SocketAddr, tokio::task::JoinHandle<()>)> {
    for (bucket, objects) in CONTENT {
        let bucket = folder.join(bucket);
        tokio::fs::create_dir_all(&bucket).await?;
        for (key, body) in *objects {
            let path = bucket.join(key);
            if let Some(parent) = path.parent() {
                tokio::fs::create_dir_all(parent).await?;
            }
            tokio::fs::write(path, body).await?;
        }
    }
    let files = FileSystem::new(folder).map_err(|error| anyhow!("the embedded S3 server: {error:?}"))?;
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
    let service = builder.build();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(async move {
        let http = Builder::new(TokioExecutor::new());
        while let Ok((socket, _)) = listener.accept().await {
            let connection = http.serve_connection(TokioIo::new(socket), service.clone()).into_owned();
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection to the embedded S3 server ended");
                }
            });
        }
    });
    Ok((address, task))
}
