//! Rules that count, and a switch that asks nobody: what the ledger says of them.

use std::sync::Arc;

use countersign::audit::Kind;
use serde_json::{Value, json};

use crate::policy_live::Office;

#[tokio::test(flavor = "multi_thread")]
async fn of_many_calls_at_once_no_more_are_sent_than_the_rate_allows() {
    let office = Office::open("version: 1\nrules: {allow: [{match: '^s3:ListBuckets$', rate: 3/hour}]}\n").await;
    let seats = [Arc::new(office.engine().await), Arc::new(office.engine().await)];
    let calls = (0..12).map(|n| {
        let seat = Arc::clone(&seats[n % 2]);
        tokio::spawn(async move { seat.invoke("ListBuckets", json!({}), json!({})).await.map_err(|error| error.kind) })
    });
    let mut sent = 0;
    for call in calls.collect::<Vec<_>>() {
        match call.await.unwrap() {
            Ok(_) => sent += 1,
            Err(kind) => assert_eq!(kind, "PolicyDenied"),
        }
    }
    assert_eq!(sent, 3);
    // A check takes no turn, and tells that the limit is reached.
    let arguments = json!({"action": "validate", "service": "s3", "operation": "ListBuckets", "payload": {}});
    let checked = seats[0].call(countersign::engine::Tool::Execute, arguments).await.unwrap();
    assert_eq!((&checked["verdict"], &checked["rule"]), (&json!("deny"), &json!("default: deny")));
    for seat in seats {
        Arc::into_inner(seat).unwrap().close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_a_count_a_human_is_asked() {
    let policy = "version: 1\nrules:\n  allow: ['^s3:']\n  ask: [{match: '^s3:CreateBucket$', count: 2}]\n";
    let office = Office::open(policy).await;
    let seat = office.engine().await;
    let mut ends = Vec::new();
    for n in 0..3 {
        let made = seat.invoke("CreateBucket", json!({"Bucket": format!("bucket-{n}")}), json!({"hold": 0})).await;
        ends.push(made.map_or_else(|error| error.kind, |_| "ok"));
    }
    assert_eq!(ends, ["ok", "ok", "ConfirmationRequired"]);
    seat.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_that_asks_nobody_stands_on_every_entry() {
    let office = Office::open("version: 1\nrules: {allow: ['^s3:']}\n").await;
    let seat = office.engine_that(true).await;
    assert!(seat.observer.status().auto_approve);
    seat.invoke("CreateBucket", json!({"Bucket": "gone"}), json!({})).await.unwrap();
    // Asked about otherwise.
    seat.invoke("DeleteBucket", json!({"Bucket": "gone"}), json!({})).await.unwrap();
    // What opens access is asked about all the same.
    let policy = json!({"Bucket": "gone", "Policy": "{}"});
    let asked = seat.invoke("PutBucketPolicy", policy, json!({"hold": 0})).await.unwrap_err();
    assert_eq!(asked.kind, "ConfirmationRequired");
    let events = seat.observer.events_after(0).await.unwrap();
    let of_calls: Vec<_> = events.iter().filter(|event| event.event.tx.is_some()).collect();
    assert!(of_calls.len() >= 11, "{}", of_calls.len());
    for event in of_calls {
        assert_eq!(event.event.detail["auto_approve"], Value::Bool(true), "{:?}", event.event.kind);
    }
    let started = events.iter().find(|event| event.event.kind == Kind::EngineStarted).unwrap();
    assert_eq!(started.event.detail["auto_approve"], Value::Bool(true));
    let judged: Vec<&Value> =
        events.iter().filter(|event| event.event.kind == Kind::Judged).map(|event| &event.event.detail).collect();
    assert_eq!((&judged[1]["verdict"], &judged[1]["rule"]), (&json!("allow"), &json!("ask_for: destructive")));
    seat.close().await;
}
