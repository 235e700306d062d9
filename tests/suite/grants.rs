//! Grants at work: the same request again runs without being asked, everything else is asked, and all of it is told.

use countersign::audit::Kind;
use countersign::engine::{Decision, Engine};
use serde_json::{Value, json};

use crate::support::scene::{ASK, Caller, Scene, history, human, pending};

async fn grant(engine: &Engine) {
    let asked = pending(engine).await;
    human(engine).decide(&asked.id, Decision::Grant { shown: asked.shown() }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_runs_again_and_nothing_else_does() {
    let scene = Scene::open(ASK).await;
    let (engine, other) = (scene.engine().await, scene.engine().await);
    let (caller, stranger, elsewhere) = (Caller::of(&engine), Caller::of(&engine), Caller::of(&other));
    let (first, ()) = tokio::join!(caller.delete("orders"), grant(&engine));
    assert_eq!(first.unwrap()["status"], json!("ok"));
    assert_eq!(engine.observer().status().grants, 1);

    // Again, without a word; each use is on the record.
    for _ in 0..2 {
        let again = caller.invoke("DeleteTable", json!({"TableName": "orders"}), json!({"hold": 0})).await;
        assert_eq!(again.unwrap()["status"], json!("ok"));
    }
    let used: Vec<Value> = history(&engine)
        .await
        .into_iter()
        .filter_map(|(kind, detail)| (kind == Kind::GrantUsed).then(|| detail["left"].clone()))
        .collect();
    assert_eq!(used, [json!(9), json!(8)]);
    assert_eq!(scene.sent().len(), 3);

    // Another table, another session, the same in another engine: asked.
    for (who, table) in [(&caller, "orders2"), (&stranger, "orders"), (&elsewhere, "orders")] {
        who.ask(table).await;
    }
    assert_eq!(scene.sent().len(), 3);

    // Taken back, it is over at once, in every engine.
    let grants = other.observer().grants().await.unwrap();
    assert_eq!(grants.len(), 1);
    human(&other).revoke(grants[0].grant.id.clone()).await.unwrap();
    caller.ask("orders").await;
    assert_eq!(scene.sent().len(), 3);
    assert!(scene.ledger().await.verify().await.is_ok());
    drop((caller, stranger, elsewhere));
    engine.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_calls_and_then_it_asks_even_when_they_race() {
    let scene = Scene::open(ASK).await;
    let engine = scene.engine().await;
    let caller = Caller::of(&engine);
    let (first, ()) = tokio::join!(caller.delete("orders"), grant(&engine));
    first.unwrap();
    let calls = (0..16).map(|_| caller.invoke("DeleteTable", json!({"TableName": "orders"}), json!({"hold": 0})));
    let answers = futures_util::future::join_all(calls).await;
    let ran = answers.iter().filter(|answer| answer.is_ok()).count();
    let asked =
        answers.iter().filter_map(|answer| answer.as_ref().err()).filter(|error| error.kind == "ConfirmationRequired");
    assert_eq!((ran, asked.count()), (10, 6));
    assert_eq!(scene.sent().len(), 11);
    drop(caller);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_written_into_the_ledger_by_hand_covers_nothing() {
    let scene = Scene::open(ASK).await;
    let engine = scene.engine().await;
    let caller = Caller::of(&engine);
    let (first, ()) = tokio::join!(caller.delete("scratch"), grant(&engine));
    first.unwrap();
    // The true grant, for another request: what the session would like to have.
    let ledger = scene.ledger().await;
    let mut standing = ledger.grants().await.unwrap().remove(0);
    caller.ask("orders").await;
    let wanted = pending(&engine).await;
    standing.grant.id = wanted.id.clone();
    standing.grant.scope = countersign::approval::grant::scope(&wanted.facts);
    ledger.give_grant(standing).await.unwrap();
    caller.ask("orders").await;
    assert_eq!(scene.sent(), [r#"DeleteTable {"TableName":"scratch"}"#]);
    drop(caller);
    engine.stop().await;
}
