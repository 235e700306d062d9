//! What a call costs over the bare exchange of the same bytes, what 64 at once achieve beside boto3 with 64 threads,
//! and what the first call to a service adds. `cargo bench --bench invoke` measures everything and ends with the three
//! figures; boto3 and moto are those of the tests' virtual environment (target/moto-venv, made by `cargo test`).
//!
//! Goals: ≤ 1 ms over the exchange (median) · ≥ 3× boto3 with 64 threads · first call ≤ 60 ms, EC2's too.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use countersign::aws::{Aws, AwsConfig, AwsRequest, StaticCredentials};
use countersign::cli::aws_config;
use countersign::models::Store;
use futures_util::future::try_join_all;
use http_body_util::{BodyExt as _, Full};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::AsyncBufReadExt as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Calls of one after the other.
const CALLS: usize = 2_000;
/// Calls at the same time, and how many all in all.
const AT_ONCE: usize = 64;
const TOGETHER: usize = 12_800;

/// The answer to everything: a page of DynamoDB, of the usual length.
fn page() -> Bytes {
    let item = |nth: usize| {
        json!({
            "id": {"S": format!("item-{nth}")}, "count": {"N": nth.to_string()}, "on": {"BOOL": nth.is_multiple_of(2)},
            "tags": {"L": [{"S": "one"}, {"S": "two"}]}, "raw": {"B": "AAECAwQFBgc="},
        })
    };
    let items: Vec<Value> = (0..20).map(item).collect();
    Bytes::from(json!({"Count": items.len(), "ScannedCount": items.len(), "Items": items}).to_string())
}

const EC2: &str = "<DescribeRegionsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r</requestId>\
                   <regionInfo><item><regionName>eu-west-1</regionName></item></regionInfo></DescribeRegionsResponse>";

async fn answer(
    request: http::Request<hyper::body::Incoming>,
    page: Bytes,
) -> Result<http::Response<Full<Bytes>>, Infallible> {
    let form =
        request.headers().get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www"));
    drop(request.into_body().collect().await);
    let body = if form { Bytes::from_static(EC2.as_bytes()) } else { page };
    Ok(http::Response::new(Full::new(body)))
}

/// A server with a canned answer, on threads of its own as another process would be.
fn serve(listener: std::net::TcpListener) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    listener.set_nonblocking(true)?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            let Ok(listener) = TcpListener::from_std(listener) else { return };
            let page = page();
            while let Ok((stream, _)) = listener.accept().await {
                let page = page.clone();
                let service = service_fn(move |request| answer(request, page.clone()));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
    });
    Ok(())
}

async fn client(store: &Store, url: &str) -> Outcome<Aws> {
    let credentials = StaticCredentials {
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "secret".into(),
        session_token: None,
    };
    Ok(Aws::new(AwsConfig {
        region: Some("eu-west-1".into()),
        endpoint_url: Some(url.to_owned()),
        credentials: Some(credentials),
        ..aws_config(store)?
    })
    .await?)
}

async fn call(aws: &Aws, store: &Store, service: &str, operation: &str, payload: &Arc<Value>) -> Outcome<()> {
    let request = AwsRequest {
        model: store.model(service)?,
        operation: operation.to_owned(),
        payload: Arc::clone(payload),
        region: None,
    };
    let reply = aws.invoke(request, CancellationToken::new()).await?;
    if reply.output.as_object().is_none_or(serde_json::Map::is_empty) { Err("an empty answer".into()) } else { Ok(()) }
}

fn report(what: &str, mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len() - 1)).copied().unwrap_or_default();
    println!("{what:<58} p50 {:>9.1?}   p99 {:>9.1?}   n {}", at(50), at(99), times.len());
    at(50)
}

/// One server's figures: medians in milliseconds, calls a second.
struct Figures {
    bare: f64,
    ours: f64,
    together: f64,
    /// boto3's median and rate.
    boto3: Option<(f64, f64)>,
}

async fn measure(what: &str, url: &str, calls: usize, together: usize, store: &Store) -> Outcome<Figures> {
    let aws = client(store, url).await?;
    let query = Arc::new(json!({"TableName": "t", "KeyConditionExpression": "id = :id",
        "ExpressionAttributeValues": {":id": {"S": "item"}}}));
    let plain = reqwest::Client::builder().no_proxy().build()?;
    let exchange = async || -> Outcome<()> {
        let request = plain
            .post(url)
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", "DynamoDB_20120810.Query")
            .header("authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/dynamodb/aws4_request")
            .body(query.to_string());
        if request.send().await?.error_for_status()?.bytes().await?.is_empty() {
            Err("an empty answer".into())
        } else {
            Ok(())
        }
    };
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for nth in 0..calls + calls / 10 {
        let begun = Instant::now();
        exchange().await?;
        let first = begun.elapsed();
        call(&aws, store, "dynamodb", "Query", &query).await?;
        if nth >= calls / 10 {
            bare.push(first);
            ours.push(begun.elapsed() - first);
        }
    }
    let bare = report(&format!("{what}: a bare exchange of the same bytes"), bare);
    let ours = report(&format!("{what}: the same as an invoke"), ours);
    let begun = Instant::now();
    try_join_all((0..AT_ONCE).map(async |_| {
        for _ in 0..together / AT_ONCE {
            call(&aws, store, "dynamodb", "Query", &query).await?;
        }
        Outcome::Ok(())
    }))
    .await?;
    let rate = together as f64 / begun.elapsed().as_secs_f64();
    Ok(Figures { bare: milliseconds(bare), ours: milliseconds(ours), together: rate, boto3: boto3(url).await })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn python() -> Option<std::path::PathBuf> {
    let folder = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), std::path::PathBuf::from);
    Some(folder.join("moto-venv/bin/python")).filter(|python| python.exists())
}

/// boto3 against the same server: the median of one call after the other, and calls a second of 64 threads.
async fn boto3(url: &str) -> Option<(f64, f64)> {
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/invoke.py");
    let mut command = tokio::process::Command::new(python()?);
    let output = command.arg(script).arg(url).stdin(std::process::Stdio::null()).output().await.ok()?;
    let told: Value = serde_json::from_slice(&output.stdout).ok()?;
    Some((told.get("p50_ms")?.as_f64()?, told.get("per_second")?.as_f64()?))
}

/// A moto with the table that is asked; `None` without the virtual environment.
async fn moto(store: &Store) -> Outcome<Option<(tokio::process::Child, String)>> {
    let Some(python) = python() else { return Ok(None) };
    let mut child = tokio::process::Command::new(python)
        .args(["-c", "import sys; from moto.server import main; main(['-H', '127.0.0.1', '-p', '0'])"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut lines = tokio::io::BufReader::new(child.stderr.take().ok_or("no stderr")?).lines();
    let url = loop {
        let Some(line) = lines.next_line().await? else { return Err("moto does not start".into()) };
        if let Some((_, port)) = line.split_once("Running on http://127.0.0.1:") {
            break format!("http://127.0.0.1:{}", port.trim());
        }
    };
    // Its log is read to the end, or it would block on a full pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    let aws = client(store, &url).await?;
    let key = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
    let attribute = |name: &str, kind: &str| json!({"AttributeName": name, "AttributeType": kind});
    let table = json!({"TableName": "t", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [key("id", "HASH"), key("count", "RANGE")],
        "AttributeDefinitions": [attribute("id", "S"), attribute("count", "N")]});
    call(&aws, store, "dynamodb", "CreateTable", &Arc::new(table)).await?;
    for nth in 0..20 {
        let item = json!({"id": {"S": "item"}, "count": {"N": nth.to_string()}, "on": {"BOOL": true},
            "tags": {"L": [{"S": "one"}, {"S": "two"}]}, "raw": {"B": "AAECAwQFBgc="}});
        let put = Arc::new(json!({"TableName": "t", "Item": item, "ReturnConsumedCapacity": "TOTAL"}));
        call(&aws, store, "dynamodb", "PutItem", &put).await?;
    }
    Ok(Some((child, url)))
}

/// First calls: a store and a client that know nothing yet; the connection is opened by the call, as any is.
async fn first_call(service: &str, operation: &str, url: &str) -> Outcome<f64> {
    let mut times = Vec::new();
    for _ in 0..10 {
        let store = Store::embedded();
        store.index()?;
        // The client reads the model of STS for itself, from another store.
        let aws = client(&Store::embedded(), url).await?;
        let begun = Instant::now();
        call(&aws, &store, service, operation, &Arc::new(json!({}))).await?;
        times.push(begun.elapsed());
    }
    Ok(milliseconds(report(&format!("first call to {service}, model, schemas and rules included"), times)))
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Outcome<()> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    serve(listener)?;
    let store = Store::embedded();
    store.index()?;
    let scan = first_call("dynamodb", "Scan", &url).await?;
    let ec2 = first_call("ec2", "DescribeRegions", &url).await?;
    let mut servers = vec![("a canned server", measure("canned", &url, CALLS, TOGETHER, &store).await?)];
    if let Some((mut child, url)) = moto(&store).await? {
        servers.push(("moto", measure("moto", &url, CALLS / 5, TOGETHER / 20, &store).await?));
        child.kill().await?;
    } else {
        println!("left out: moto and boto3, for want of target/moto-venv (made by `cargo test --test suite moto`)");
    }
    println!();
    for (server, Figures { bare, ours, together, boto3 }) in &servers {
        let of_boto3 = |told: Option<String>| told.unwrap_or_else(|| "not measured".to_owned());
        println!("against {server}");
        println!("  1. our own time per invoke (goal: at most 1 ms)    {:>8.2} ms", ours - bare);
        println!(
            "       bare reqwest {bare:.2} ms, ours {ours:.2} ms, boto3 {}",
            of_boto3(boto3.map(|(p50, _)| format!("{p50:.2} ms")))
        );
        println!(
            "  2. 64 at once beside boto3 (goal: at least 3 times) {:>7}",
            of_boto3(boto3.map(|(_, rate)| format!("{:.1} x", together / rate)))
        );
        println!(
            "       ours {together:.0}/s, boto3 with 64 threads {}",
            of_boto3(boto3.map(|(_, rate)| format!("{rate:.0}/s")))
        );
    }
    let bare = servers.first().map_or(0.0, |(_, figures)| figures.bare);
    println!("  3. first call on top of the exchange (goal: at most 60 ms)");
    println!("       dynamodb {:.1} ms, ec2 {:.1} ms", scan - bare, ec2 - bare);
    Ok(())
}
