//! What a call costs over the bare exchange of the same bytes, what 64 at once achieve, and what the first call to
//! a service adds. `cargo bench --bench invoke`; beside boto3: `python benches/invoke.py URL` with the URL it prints
//! under `--serve`.
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

#[tokio::main(worker_threads = 2)]
async fn main() -> Outcome<()> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    serve(listener)?;
    if std::env::args().any(|argument| argument == "--serve") {
        println!("{url}");
        std::future::pending::<()>().await;
    }
    let store = Store::embedded();
    store.index()?;
    let query = Arc::new(json!({"TableName": "t", "KeyConditionExpression": "id = :id",
        "ExpressionAttributeValues": {":id": {"S": "item"}}}));

    let plain = reqwest::Client::builder().no_proxy().build()?;
    let exchange = async || -> Outcome<()> {
        let request = plain.post(&url).header("content-type", "application/x-amz-json-1.0").body(query.to_string());
        if request.send().await?.bytes().await?.is_empty() { Err("an empty answer".into()) } else { Ok(()) }
    };

    // First calls: a store and a client that know nothing yet; the connection is opened by the call, as any is.
    for (service, operation) in [("sts", "GetCallerIdentity"), ("dynamodb", "Scan"), ("ec2", "DescribeRegions")] {
        let mut times = Vec::new();
        for _ in 0..10 {
            let store = Store::embedded();
            store.index()?;
            // The client reads the model of STS for itself, from another store.
            let aws = client(&Store::embedded(), &url).await?;
            let begun = Instant::now();
            let done = call(&aws, &store, service, operation, &Arc::new(json!({}))).await;
            times.push(begun.elapsed());
            // The canned answers are EC2's and DynamoDB's; STS's call fails once all that is measured has happened.
            if service != "sts" {
                done?;
            }
        }
        report(&format!("first call to {service}, model, schemas and rules included"), times);
    }

    let aws = client(&store, &url).await?;
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for nth in 0..CALLS + 200 {
        let begun = Instant::now();
        exchange().await?;
        let first = begun.elapsed();
        call(&aws, &store, "dynamodb", "Query", &query).await?;
        if nth >= 200 {
            bare.push(first);
            ours.push(begun.elapsed() - first);
        }
    }
    let bare = report("a bare exchange of the same bytes", bare);
    let ours = report("the same as an invoke", ours);
    println!("{:<58}     {:>9.1?}", "our own time per invoke", ours.saturating_sub(bare));

    let begun = Instant::now();
    try_join_all((0..AT_ONCE).map(async |_| {
        for _ in 0..TOGETHER / AT_ONCE {
            call(&aws, &store, "dynamodb", "Query", &query).await?;
        }
        Outcome::Ok(())
    }))
    .await?;
    println!("{:<58} {:.0}/s", "64 at once", f64::from(TOGETHER as u32) / begun.elapsed().as_secs_f64());
    Ok(())
}
