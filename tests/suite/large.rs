//! Memory stays flat: large files up and down, and very many small ones, through the whole engine. Each measurement runs in
//! a process of its own. `cargo test -- --ignored full_size` does it with 5 GB and 10,000 files.

use std::convert::Infallible;
use std::fs;
use std::process::Command;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::desk::{Desk, OPEN};

/// What may be added to what an idle engine takes, in KiB.
const MOST: u64 = 60 * 1024;

/// An S3 that keeps nothing: it takes whatever comes, and answers a GET with zeros.
async fn sink(len: u64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service_fn(move |request| answer(request, len));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    url
}

async fn answer(
    request: http::Request<Incoming>,
    len: u64,
) -> Result<http::Response<BoxBody<Bytes, Infallible>>, Infallible> {
    const ZEROS: Bytes = Bytes::from_static(&[0; 1 << 16]);
    let (head, mut body) = request.into_parts();
    while let Some(Ok(_)) = body.frame().await {}
    let query = head.uri.query().unwrap_or_default();
    let text = match head.method.as_str() {
        "GET" => {
            let pieces = (0..len / ZEROS.len() as u64).map(|_| Ok(Frame::data(ZEROS)));
            let body = BoxBody::new(StreamBody::new(futures_util::stream::iter(pieces)));
            return Ok(http::Response::builder().header("content-length", len).body(body).unwrap());
        }
        "POST" if query.contains("uploads") => {
            "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
        }
        "POST" => "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>",
        _ => "",
    };
    Ok(http::Response::builder().header("etag", "\"e\"").body(BoxBody::new(Full::from(text))).unwrap())
}

/// A line of `/proc/self/status`, in KiB.
fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches([':', ' ', '\t', 'k', 'B']).parse().unwrap()
}

/// Run by the tests below.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures the memory of its process"]
async fn alone() {
    let number = |name: &str| std::env::var(name).unwrap().parse::<u64>().unwrap();
    let (large, count) = (number("COUNTERSIGN_TEST_LARGE") >> 16 << 16, number("COUNTERSIGN_TEST_COUNT"));
    let desk = Desk::open(&sink(large).await, OPEN).await;
    for folder in ["large", "many"] {
        fs::create_dir(desk.work().join(folder)).unwrap();
    }
    fs::File::create(desk.work().join("large/file")).unwrap().set_len(large).unwrap();
    for n in 0..count {
        fs::write(desk.work().join(format!("many/{n}")), n.to_string()).unwrap();
    }
    fs::write(desk.work().join("small"), "x").unwrap();
    let put = |path: &str| json!({"Bucket": "b", "Key": "k", "Body": {"$path": path}});
    // Whatever is set up once is set up now.
    desk.invoke("s3", "PutObject", put("small"), json!({})).await.unwrap();
    let get = json!({"Bucket": "b", "Key": "k"});
    for (what, path, operation) in [
        ("one large file in parts", "large", "PutObject"),
        ("one large file whole", "large/file", "PutObject"),
        ("many small files", "many", "PutObject"),
        ("one large object down", "down", "GetObject"),
    ] {
        // Begin the peak anew.
        fs::write("/proc/self/clear_refs", "5").unwrap();
        let (before, started) = (memory("VmRSS"), std::time::Instant::now());
        if operation == "GetObject" {
            let answer = desk.invoke("s3", operation, get.clone(), json!({"outputPath": path})).await.unwrap();
            assert_eq!(answer["metadata"]["saved"]["bytes"], json!(large));
            fs::remove_file(desk.work().join(path)).unwrap();
        } else {
            let answer = desk.invoke("s3", operation, put(path), json!({})).await.unwrap();
            assert_eq!(answer["status"], json!("ok"));
        }
        let grown = memory("VmHWM").saturating_sub(before);
        println!("{what}: {grown} KiB above {before} KiB, {:.1} s", started.elapsed().as_secs_f64());
        assert!(grown <= MOST, "{what}: {grown} KiB");
    }
    desk.close().await;
}

fn measure(large: u64, count: u64) {
    if !std::path::Path::new("/proc/self/clear_refs").exists() {
        println!("left out: memory is measured by Linux's /proc");
        return;
    }
    let done = Command::new(std::env::current_exe().unwrap())
        .args(["large::alone", "--exact", "--ignored", "--nocapture"])
        .env("COUNTERSIGN_TEST_LARGE", large.to_string())
        .env("COUNTERSIGN_TEST_COUNT", count.to_string())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&done.stdout);
    print!("{text}");
    assert!(done.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn transfers_stay_out_of_memory() {
    measure(300 << 20, 500);
}

#[test]
#[ignore = "writes 5 GB to the disk; about a minute"]
fn full_size() {
    measure(5 << 30, 10_000);
}
