//! The kill switch: one human stops all engines, nothing is lost, everything goes on.

use std::time::Instant;

use countersign::audit::Kind;
use serde_json::json;

use crate::support::scene::{ASK, Caller, Scene, approve, history, human, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_freezes_every_engine_on_the_ledger_and_held_calls_go_on_after_it() {
    let scene = Scene::open(ASK).await;
    let (console, headless) = (scene.engine().await, scene.engine().await);
    let (near, far) = (Caller::of(&console), Caller::of(&headless));
    let paused = Instant::now();
    human(&console).pause(true).await.unwrap();
    assert!(console.observer().status().paused);
    until(&headless, |status| status.paused).await;
    println!("the other engine knew after {:?}", paused.elapsed());

    // A write that nobody has to approve, and a read: both are held.
    let tag = || json!({"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/t", "Tags": []});
    let describe = || json!({"TableName": "orders"});
    let tagging = near.invoke("TagResource", tag(), json!({"hold": 60}));
    let reading = far.invoke("DescribeTable", describe(), json!({"hold": 60}));
    let resumed = async {
        tokio::join!(near.told("paused:"), far.told("paused:"));
        assert_eq!(scene.sent(), Vec::<String>::new());
        human(&headless).pause(false).await.unwrap();
    };
    let (tagged, read, ()) = tokio::join!(tagging, reading, resumed);
    assert_eq!((tagged.unwrap()["status"].clone(), read.unwrap()["status"].clone()), (json!("ok"), json!("ok")));
    assert_eq!(scene.sent().len(), 2);

    let kinds: Vec<Kind> = history(&console).await.into_iter().map(|(kind, _)| kind).collect();
    let turns: Vec<&Kind> = kinds.iter().filter(|kind| matches!(kind, Kind::Paused | Kind::Resumed)).collect();
    assert_eq!(turns, [&Kind::Paused, &Kind::Resumed]);
    drop((near, far));
    console.stop().await;
    headless.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_wait_is_told_that_everything_is_paused() {
    let scene = Scene::open(ASK).await;
    let engine = scene.engine().await;
    let caller = Caller::of(&engine);
    human(&engine).pause(true).await.unwrap();
    for (operation, payload) in
        [("DescribeTable", json!({"TableName": "t"})), ("DeleteTable", json!({"TableName": "t"}))]
    {
        let refused = caller.invoke(operation, payload, json!({"hold": 0})).await.unwrap_err();
        assert_eq!((refused.kind, refused.retryable), ("Paused", true), "{refused}");
    }
    // What changes nothing and sends nothing goes on.
    let valid = json!({"action": "validate", "service": "dynamodb", "operation": "DeleteTable", "payload": {"TableName": "t12"}});
    assert_eq!(caller.execute(valid).await.unwrap()["status"], json!("valid"));
    assert_eq!(scene.sent(), Vec::<String>::new());
    // It outlasts the engine that was told.
    drop(caller);
    engine.stop().await;
    let next = scene.engine().await;
    assert!(next.observer().status().paused);
    next.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_approved_before_a_pause_is_sent_after_it_and_once() {
    let scene = Scene::open(ASK).await;
    let (console, headless) = (scene.engine().await, scene.engine().await);
    let caller = Caller::of(&headless);
    let human = human(&console);
    let decided = async {
        let asked = crate::support::scene::pending(&console).await;
        human.pause(true).await.unwrap();
        until(&headless, |status| status.paused).await;
        let shown = asked.shown();
        human.decide(&asked.id, countersign::engine::Decision::Approve { shown }).await.unwrap();
        caller.told("paused:").await;
        assert_eq!(scene.sent(), Vec::<String>::new());
        human.pause(false).await.unwrap();
    };
    let (answer, ()) = tokio::join!(caller.delete("orders"), decided);
    assert_eq!(answer.unwrap()["status"], json!("ok"));
    assert_eq!(scene.sent(), [r#"DeleteTable {"TableName":"orders"}"#]);
    drop(caller);
    console.stop().await;
    headless.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_an_intent_and_the_pause_cannot_overtake_each_other() {
    let scene = Scene::open(ASK).await;
    let engine = scene.engine().await;
    let caller = Caller::of(&engine);
    let token = caller.ask("orders").await;
    let approved = approve(&engine).await;
    // The switch is turned in the ledger alone: the engine has not heard of it yet when it comes to the intent.
    let ledger = scene.ledger().await;
    let event = countersign::audit::NewEvent {
        at: approved.asked_at,
        kind: Kind::Paused,
        tx: None,
        op: None,
        agent: None,
        approval: None,
        detail: json!({}),
    };
    ledger.set_paused(true, event).await.unwrap();
    let refused = caller.again("orders", &token).await.unwrap_err();
    assert_eq!(refused.kind, "Paused", "{refused}");
    assert_eq!(scene.sent(), Vec::<String>::new());
    let still = ledger.approval(&approved.id).await.unwrap().unwrap();
    assert_eq!(still.state, approved.state, "the approval is not used up");
    drop(caller);
    engine.stop().await;
}
