//! `$path` end to end: a real MCP client, a human where one is asked, an S3 server that checks signatures.

use std::fs;

use countersign::base::Clock as _;
use countersign::settings::SystemClock;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::house::{Client, House, call, invoke};
use crate::support::human::Human;

async fn run(client: &Client, operation: &str, payload: Value, options: Value) -> Value {
    call(client, "aws_execute", invoke(operation, payload, options)).await
}

fn put(key: &str, path: &str) -> Value {
    json!({"Bucket": "demo-reports", "Key": key, "Body": {"$path": path}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_up_and_what_is_refused_is_told_beforehand() {
    let house = House::open().await;
    let client = house.client().await;
    let big: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    fs::write(house.work().join("big.bin"), &big).unwrap();
    fs::write(house.work().join("empty"), "").unwrap();
    fs::write(house.work().join(".env"), "SECRET=1").unwrap();

    let valid = json!({"action": "validate", "service": "s3", "operation": "PutObject",
        "payload": put("b", "big.bin")});
    let valid = call(&client, "aws_execute", valid).await;
    let files = json!([{"member": "/Body", "path": "big.bin", "size": big.len()}]);
    assert_eq!((&valid["status"], &valid["files"]), (&json!("valid"), &files), "{valid}");

    for (path, bytes) in [("big.bin", big.as_slice()), ("./empty", b"")] {
        let answer = run(&client, "PutObject", put("b", path), json!({})).await;
        assert_eq!(answer["status"], json!("ok"), "{answer}");
        assert!(fs::read(house.buckets().join("demo-reports/b")).unwrap() == bytes, "{path}");
    }

    for action in ["validate", "invoke"] {
        let refused = json!({"action": action, "service": "s3", "operation": "PutObject",
            "payload": put("e", ".env")});
        let refused = call(&client, "aws_execute", refused).await;
        let error = &refused["error"];
        assert_eq!(
            (&error["type"], &error["rule"], &error["path"], &error["message"]),
            (
                &json!("FileRefused"),
                &json!("secret: dotenv"),
                &json!(".env"),
                &json!(".env: it is refused by the rule `secret: dotenv`")
            )
        );
        assert!(error["hint"].as_str().unwrap().contains("files.allow"), "{refused}");
    }
    house.close().await;
}

/// A call of which the human is asked: `s3:UploadPart` is not on the list of what runs by itself.
fn part(path: &str) -> Value {
    json!({"Bucket": "demo-reports", "Key": "k", "PartNumber": 1, "UploadId": "u", "Body": {"$path": path}})
}

#[tokio::test(flavor = "multi_thread")]
async fn the_human_sees_size_and_digest_and_a_changed_file_is_not_sent() {
    let house = House::open().await;
    let client = house.client().await;
    let path = house.work().join("part.bin");
    fs::write(&path, "as it was shown").unwrap();

    // Swapped while the call is held: it is opened anew and differs.
    let held = run(&client, "UploadPart", part("part.bin"), json!({"hold": 60}));
    let (answer, asked) = tokio::join!(held, async {
        let mut human = Human::at(&house.engine, SystemClock.now());
        let asked = human.reads(&house.engine).await;
        fs::write(house.work().join("other"), "something else!").unwrap();
        fs::rename(house.work().join("other"), &path).unwrap();
        human.approves(&house.engine, "demo-reports").await;
        asked
    });
    let sha256 = hex::encode(Sha256::digest("as it was shown"));
    assert_eq!(
        serde_json::to_value(&asked.facts.files).unwrap(),
        json!([{"path": "part.bin", "size": 15, "sha256": sha256}])
    );
    assert_eq!(serde_json::to_value(&asked.binding.files).unwrap(), json!({"part.bin": sha256}));
    let error = &answer["error"];
    assert_eq!((&error["type"], &error["rule"]), (&json!("FileRefused"), &json!("changed since approval")), "{answer}");

    // Changed between the answer and the call with its token.
    let asked = run(&client, "UploadPart", part("part.bin"), json!({"hold": 0})).await;
    let token = asked["error"]["confirmation"]["token"].clone();
    let mut human = Human::at(&house.engine, SystemClock.now());
    human.reads(&house.engine).await;
    human.approves(&house.engine, "demo-reports").await;
    fs::write(&path, "something new!!").unwrap();
    let refused = run(&client, "UploadPart", part("part.bin"), json!({"confirmationToken": token})).await;
    let error = &refused["error"];
    assert_eq!(
        (&error["type"], &error["differs"]),
        (&json!("InvalidConfirmationToken"), &json!(["files"])),
        "{refused}"
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_file_is_sent_as_it_was_shown() {
    let house = House::open().await;
    let client = house.client().await;
    fs::write(house.work().join("a.txt"), "approved").unwrap();
    // Renaming what was approved changes nothing of it.
    let payload = json!({"Bucket": "demo-reports", "Key": "k", "UploadId": "00000000-0000-0000-0000-000000000000",
        "PartNumber": 1, "Body": {"$path": "a.txt"}});
    let held = run(&client, "UploadPart", payload, json!({"hold": 60}));
    let (answer, ()) = tokio::join!(held, async {
        let mut human = Human::at(&house.engine, SystemClock.now());
        human.reads(&house.engine).await;
        human.approves(&house.engine, "demo-reports").await;
    });
    // The server does not know the upload: the call was sent.
    assert_eq!(answer["error"]["type"], json!("ServiceError"), "{answer}");
    house.close().await;
}
