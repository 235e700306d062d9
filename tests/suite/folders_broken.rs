//! Folders of which not everything goes up: what is told, what is cleaned up, what is sent again.

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Arc, Mutex};

use countersign::engine::{ProgressUpdate, Tool};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::support::desk::{Desk, OPEN};
use crate::support::fake::{Fake, Reply, Request};

type Seen = Arc<Mutex<Vec<(String, String)>>>;

fn forbidden() -> Reply {
    Reply(403, "application/xml", "<Error><Code>AccessDenied</Code><Message>no</Message></Error>".into())
}

fn ok() -> Reply {
    Reply(200, "application/xml", String::new())
}

fn created() -> Reply {
    Reply::xml("<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>".into())
}

/// An S3 that notes what it is asked, and answers as `answer` says.
async fn s3(seen: &Seen, answer: impl Fn(&Request) -> Reply + Clone + Send + Sync + 'static) -> Fake {
    let seen = Arc::clone(seen);
    Fake::start(move |request| {
        seen.lock().unwrap().push((request.method.clone(), request.path.clone()));
        let reply = answer(&request);
        async move { reply }
    })
    .await
}

fn upload(folder: &str) -> Value {
    json!({"Bucket": "b", "Key": "k", "Body": {"$path": folder}})
}

fn puts(seen: &Seen) -> BTreeSet<String> {
    std::mem::take(&mut *seen.lock().unwrap())
        .into_iter()
        .filter(|(method, _)| method == "PUT")
        .map(|(_, path)| path)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_told_and_only_that_is_sent_again() {
    let (seen, broken) = (Seen::default(), Arc::new(Mutex::new(true)));
    let still = Arc::clone(&broken);
    let server = s3(
        &seen,
        move |request| {
            if request.path.contains("bad") && *still.lock().unwrap() { forbidden() } else { ok() }
        },
    )
    .await;
    let desk = Desk::open(&server.url, OPEN).await;
    fs::create_dir(desk.work().join("d")).unwrap();
    for name in ["1.txt", "2.txt", "bad.txt", "worse-bad.txt"] {
        fs::write(desk.work().join("d").join(name), name).unwrap();
    }
    let error = desk.invoke("s3", "PutObject", upload("d"), json!({})).await.unwrap_err();
    let keys = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(puts(&seen).len(), 4);
    let failed = |key: &str| json!({"key": key, "code": "AccessDenied", "message": "AccessDenied: no"});
    let told = ["code", "files", "uploadedCount", "failedCount", "untriedCount", "uploaded", "failed", "outcome"];
    assert_eq!(
        (error.kind, told.map(|name| error.extra[name].clone())),
        (
            "ServiceError",
            [
                json!("AccessDenied"),
                json!(4),
                json!(2),
                json!(2),
                json!(0),
                json!(["k/1.txt", "k/2.txt"]),
                json!([failed("k/bad.txt"), failed("k/worse-bad.txt")]),
                json!("partial")
            ]
        )
    );
    // One that went is changed meanwhile: it goes again.
    *broken.lock().unwrap() = false;
    fs::write(desk.work().join("d/2.txt"), "another").unwrap();
    let answer = desk.invoke("s3", "PutObject", upload("d"), json!({})).await.unwrap();
    let sent: BTreeSet<_> = puts(&seen).into_iter().map(|path| path.split('?').next().unwrap().to_owned()).collect();
    assert_eq!(sent, keys(&["/b/k/2.txt", "/b/k/bad.txt", "/b/k/worse-bad.txt"]));
    assert_eq!(answer["result"]["Objects"].as_array().unwrap().len(), 4);
    // Done is done: the next time everything goes.
    desk.invoke("s3", "PutObject", upload("d"), json!({})).await.unwrap();
    assert_eq!(puts(&seen).len(), 4);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nothing_goes_it_stops_early() {
    let seen = Seen::default();
    let server = s3(&seen, |_| forbidden()).await;
    let desk = Desk::open(&server.url, OPEN).await;
    fs::create_dir(desk.work().join("d")).unwrap();
    for n in 0..200 {
        fs::write(desk.work().join(format!("d/{n}")), "x").unwrap();
    }
    let error = desk.invoke("s3", "PutObject", upload("d"), json!({})).await.unwrap_err();
    let tried = puts(&seen).len();
    assert!((20..60).contains(&tried), "{tried}");
    assert_eq!(error.extra["untriedCount"], json!(200 - tried), "{error}");
    desk.close().await;
}

fn large(desk: &Desk) {
    fs::create_dir(desk.work().join("d")).unwrap();
    fs::File::create(desk.work().join("d/big")).unwrap().set_len(40 << 20).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_fails_takes_the_others_with_it() {
    let seen = Seen::default();
    let server = s3(&seen, |request| match request.method.as_str() {
        "POST" => created(),
        "PUT" if request.path.contains("partNumber=3") => forbidden(),
        _ => ok(),
    })
    .await;
    let desk = Desk::open(&server.url, OPEN).await;
    large(&desk);
    let error = desk.invoke("s3", "PutObject", upload("d"), json!({})).await.unwrap_err();
    assert_eq!(error.extra["failed"], json!([{"key": "k/big", "code": "AccessDenied", "message": "AccessDenied: no"}]));
    let seen = seen.lock().unwrap().clone();
    let aborted = |(method, path): &(String, String)| {
        method == "DELETE" && path.starts_with("/b/k/big?") && path.contains("uploadId=u1")
    };
    assert!(seen.iter().any(aborted), "{seen:?}");
    desk.close().await;
}

/// A caller goes away while parts are under way: told by its token, or simply gone.
async fn goes_away(dropped: bool) {
    let (seen, arrived, gone) = (Seen::default(), Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (note, told, cleaned) = (Arc::clone(&seen), Arc::clone(&arrived), Arc::clone(&gone));
    let server = Fake::start(move |request| {
        note.lock().unwrap().push((request.method.clone(), request.path.clone()));
        let (told, cleaned) = (Arc::clone(&told), Arc::clone(&cleaned));
        async move {
            match request.method.as_str() {
                "POST" => created(),
                "PUT" => {
                    told.notify_one();
                    std::future::pending().await
                }
                _ => {
                    cleaned.notify_one();
                    Reply(204, "text/plain", String::new())
                }
            }
        }
    })
    .await;
    let desk = Desk::open(&server.url, OPEN).await;
    large(&desk);
    let mut call = Box::pin(desk.invoke("s3", "PutObject", upload("d"), json!({})));
    tokio::select! {
        end = &mut call => panic!("{end:?}"),
        () = arrived.notified() => {}
    }
    if dropped {
        drop(call);
    } else {
        desk.cancel.cancel();
        let error = call.await.unwrap_err();
        assert_eq!(error.kind, "TransportError", "{error}");
    }
    gone.notified().await;
    let seen = seen.lock().unwrap().clone();
    assert!(seen.iter().any(|(method, path)| method == "DELETE" && path.contains("uploadId=u1")), "{seen:?}");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_leaves_no_parts() {
    goes_away(false).await;
    goes_away(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_takes_long_gives_a_sign() {
    let told = Arc::new(Notify::new());
    let heard = Arc::clone(&told);
    let server = Fake::start(move |_| {
        let heard = Arc::clone(&heard);
        async move {
            // Not before the caller was told that it takes long.
            heard.notified().await;
            ok()
        }
    })
    .await;
    let desk = Desk::open(&server.url, OPEN).await;
    fs::create_dir(desk.work().join("d")).unwrap();
    fs::write(desk.work().join("d/1"), "x").unwrap();
    for (payload, want) in [
        (json!({"Bucket": "b", "Key": "k", "Body": "eA=="}), "waiting for AWS"),
        (upload("d"), "uploading: 0 of 1 files, 0 of 1 bytes"),
    ] {
        let (messages, told) = (Arc::new(Mutex::new(Vec::new())), Arc::clone(&told));
        let note = Arc::clone(&messages);
        let progress = Arc::new(move |update: ProgressUpdate| {
            note.lock().unwrap().push((update.elapsed_seconds >= 0.5, update.message));
            told.notify_one();
        });
        let arguments = json!({"action": "invoke", "service": "s3", "operation": "PutObject", "payload": payload});
        let arguments = arguments.as_object().cloned().unwrap();
        desk.agent.call(Tool::Execute, arguments, progress, desk.cancel.clone()).await.unwrap();
        assert_eq!(messages.lock().unwrap().first(), Some(&(true, want.to_owned())));
    }
    desk.close().await;
}
