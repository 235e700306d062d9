//! Attacks on the way from a request to a send. Each ends with nothing having been sent that no approver signed.

use std::sync::Arc;

use countersign::approval::{Input, Says, SecretKey, Signed, State, Statement, Trust, decision};
use countersign::audit::Kind;
use countersign::base::{Clock as _, Timestamp};
use countersign::engine::{Decision, Engine};
use countersign::settings::{ApproverKey, SystemClock};
use serde_json::{Value, json};

use crate::support::house::{key, paths};
use crate::support::scene::{ASK, Caller, Scene, approve, history, human, pending};

const DELETED: &str = r#"DeleteTable {"TableName":"orders"}"#;

fn soon() -> Timestamp {
    SystemClock.now().plus(std::time::Duration::from_secs(600))
}

/// Somebody's own key.
fn mallory() -> SecretKey {
    SecretKey::from_seed(&[66; 32])
}

fn signed(statement: Statement, key: &SecretKey) -> Signed {
    let signature = key.sign(decision::DOMAIN, &statement.bytes());
    Signed { statement, key: key.public(), signature }
}

/// What was found stands in the ledger and on the screen.
async fn reported(engine: &Engine, what: &str) {
    let found: Vec<Value> = history(engine)
        .await
        .into_iter()
        .filter_map(|(kind, detail)| (kind == Kind::Tampered).then_some(detail))
        .collect();
    assert!(found.iter().any(|detail| detail["what"].as_str().unwrap().contains(what)), "{what}: {found:?}");
    let shown = engine.observer().status().tampering.unwrap_or_default();
    assert!(shown.contains(what), "{what}: {shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_set_to_approved_by_hand_sends_nothing_and_is_reported() {
    let scene = Scene::open(ASK).await;
    let engine = scene.engine().await;
    let caller = Caller::of(&engine);
    let token = caller.ask("orders").await;
    let asked = pending(&engine).await;
    scene.forge(&asked.id, |approval| approval.state = State::Approved { at: SystemClock.now(), use_by: soon() }).await;

    let refused = caller.again("orders", &token).await.unwrap_err();
    assert_eq!((refused.kind, &refused.extra["state"]), ("InvalidConfirmationToken", &json!("forged")), "{refused}");
    assert_eq!(scene.sent(), Vec::<String>::new());
    reported(&engine, "nobody signed it").await;
    // The way is free for an honest question.
    let (answer, _) = tokio::join!(caller.delete("orders"), approve(&engine));
    assert_eq!(answer.unwrap()["status"], json!("ok"));
    assert_eq!(scene.sent(), [DELETED]);
    drop(caller);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_signed_with_a_key_that_is_not_pinned_sends_nothing() {
    let scene = Scene::open(ASK).await;
    let engine = scene.engine().await;
    let caller = Caller::of(&engine);
    let token = caller.ask("orders").await;
    let asked = pending(&engine).await;
    // With the program's own library, so that row, events and chain are as they would be.
    let ledger = scene.ledger().await;
    let now = SystemClock.now();
    let identity = ledger.identity(countersign::base::Digest::ZERO, now).await.unwrap();
    let statement = asked.statement(identity, asked.shown(), Says::Approve, "", now);
    let trust = Trust { ledger: identity, keys: [mallory().public()].into() };
    let input = Input::Approve { signed: Box::new(signed(statement, &mallory())), trust: Box::new(trust) };
    ledger.transition(&asked.id, input, now, json!({})).await.unwrap().into_result().unwrap();
    assert!(ledger.verify().await.is_ok(), "nothing else gives it away");

    let refused = caller.again("orders", &token).await.unwrap_err();
    assert_eq!((refused.kind, &refused.extra["state"]), ("InvalidConfirmationToken", &json!("forged")), "{refused}");
    assert_eq!(scene.sent(), Vec::<String>::new());
    reported(&engine, "which is not an approver's").await;
    drop(caller);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_moved_to_another_request_sends_nothing() {
    let scene = Scene::open(ASK).await;
    let engine = scene.engine().await;
    let caller = Caller::of(&engine);
    caller.ask("scratch").await;
    let harmless = approve(&engine).await;
    let token = caller.ask("orders").await;
    let asked = pending(&engine).await;
    let signed = harmless.signed.clone();
    scene
        .forge(&asked.id, |approval| {
            approval.state = harmless.state.clone();
            approval.signed = signed;
        })
        .await;
    let refused = caller.again("orders", &token).await.unwrap_err();
    assert_eq!(refused.extra["state"], json!("forged"), "{refused}");
    assert_eq!(scene.sent(), Vec::<String>::new());
    reported(&engine, "signed another request than this one").await;
    drop(caller);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_turned_into_an_approval_sends_nothing() {
    let scene = Scene::open(ASK).await;
    let engine = scene.engine().await;
    let caller = Caller::of(&engine);
    let token = caller.ask("orders").await;
    let asked = pending(&engine).await;
    let denied = human(&engine).decide(&asked.id, Decision::Deny { reason: "no".to_owned() }).await.unwrap();
    assert_eq!(denied.signed.len(), 1, "a denial is signed too");
    scene.forge(&asked.id, |approval| approval.state = State::Approved { at: SystemClock.now(), use_by: soon() }).await;
    let refused = caller.again("orders", &token).await.unwrap_err();
    assert_eq!(refused.extra["state"], json!("forged"), "{refused}");
    assert_eq!(scene.sent(), Vec::<String>::new());
    reported(&engine, "said something else").await;
    drop(caller);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shown_must_be_what_is_sent() {
    let scene = Scene::open(ASK).await;
    let engine = scene.engine().await;
    let caller = Caller::of(&engine);
    let token = caller.ask("orders").await;
    let asked = pending(&engine).await;
    // The human is shown another table than the one that the request names.
    scene
        .forge(&asked.id, |approval| {
            approval.facts.sentence = approval.facts.sentence.replace("orders", "scratch");
            approval.facts.targets = vec![("TableName".to_owned(), "scratch".to_owned())];
            approval.facts.payload = json!({"TableName": "scratch"});
        })
        .await;
    approve(&engine).await;
    let refused = caller.again("orders", &token).await.unwrap_err();
    assert_eq!(refused.extra["state"], json!("forged"), "{refused}");
    assert_eq!(scene.sent(), Vec::<String>::new());
    reported(&engine, "what was shown to the human is not this request").await;
    drop(caller);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_over_what_was_shown_before_does_not_count() {
    let scene = Scene::open(ASK).await;
    let engine = scene.engine().await;
    let caller = Caller::of(&engine);
    caller.ask("orders").await;
    let asked = pending(&engine).await;
    scene.forge(&asked.id, |approval| approval.facts.sentence.push_str(" Really.")).await;
    let late = human(&engine).decide(&asked.id, Decision::Approve { shown: asked.shown() }).await.unwrap_err();
    assert!(late.to_string().contains("changed since it was shown"), "{late}");
    assert_eq!(pending(&engine).await.signed, []);
    drop(caller);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_longer_time_to_use_than_was_signed_sends_nothing() {
    let scene = Scene::open(
        "
version: 1
services: {allowlist: ['*'], denylist: []}
approval: {ttl_seconds: 1}
default: ask
",
    )
    .await;
    let engine = scene.engine().await;
    let caller = Caller::of(&engine);
    let token = caller.ask("orders").await;
    let approved = approve(&engine).await;
    let use_by = approved.signed[0].statement.use_by;
    scene
        .forge(&approved.id, |approval| approval.state = State::Approved { at: SystemClock.now(), use_by: soon() })
        .await;
    while SystemClock.now() <= use_by {
        tokio::task::yield_now().await;
    }
    let refused = caller.again("orders", &token).await.unwrap_err();
    assert_eq!(refused.extra["state"], json!("forged"), "{refused}");
    assert_eq!(scene.sent(), Vec::<String>::new());
    drop(caller);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_approval_set_back_to_approved_sends_nothing_more() {
    let scene = Scene::open(ASK).await;
    let engine = scene.engine().await;
    let caller = Caller::of(&engine);
    let token = caller.ask("orders").await;
    let approved = approve(&engine).await;
    caller.again("orders", &token).await.unwrap();
    assert_eq!(scene.sent(), [DELETED]);
    // State and signatures are the true ones.
    scene.forge(&approved.id, |approval| approval.state = approved.state.clone()).await;
    let refused = caller.again("orders", &token).await.unwrap_err();
    assert_eq!(refused.extra["state"], json!("forged"), "{refused}");
    assert_eq!(scene.sent(), [DELETED]);
    reported(&engine, "it was used already").await;
    drop(caller);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_set_back_to_before_the_use_stops_the_engine() {
    let scene = Scene::open(ASK).await;
    let engine = scene.engine().await;
    let caller = Caller::of(&engine);
    let token = caller.ask("orders").await;
    approve(&engine).await;
    let kept = scene.home.path().join("kept.db");
    scene.sql(&format!("PRAGMA user_version; VACUUM INTO '{}'; UPDATE head SET id = 1", kept.display())).await;
    caller.again("orders", &token).await.unwrap();
    let path = paths(&scene.home).ledger();
    // The tables as they were: what was recorded since is gone, and everything that is left is sound.
    scene
        .sql(&format!(
            "PRAGMA foreign_keys = OFF; ATTACH '{}' AS kept; BEGIN IMMEDIATE; DELETE FROM events; DELETE FROM head; \
             DELETE FROM approvals; DELETE FROM calls; DELETE FROM state; INSERT INTO events SELECT * FROM kept.events; \
             INSERT INTO head SELECT * FROM kept.head; INSERT INTO approvals SELECT * FROM kept.approvals; \
             INSERT INTO calls SELECT * FROM kept.calls; INSERT INTO state SELECT * FROM kept.state; COMMIT",
            kept.display()
        ))
        .await;
    assert!(countersign::ledger::Ledger::open(&path).await.unwrap().verify().await.is_ok());
    let refused = caller.again("orders", &token).await.unwrap_err();
    assert!(refused.to_string().contains("another one than this program has recorded"), "{refused}");
    assert_eq!(scene.sent(), [DELETED]);
    assert!(engine.observer().status().tampering.is_some());
    drop(caller);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_counts_once_whoever_brings_it() {
    let scene = Scene::open(ASK).await;
    let (one, two) = (scene.engine().await, scene.engine().await);
    let callers = [Caller::of(&one), Caller::of(&two)];
    let token = callers[0].ask("orders").await;
    approve(&one).await;
    let tries = (0..12).map(|n| callers[n % 2].again("orders", &token));
    let answers = futures_util::future::join_all(tries).await;
    let ran = answers.iter().filter(|answer| answer.is_ok()).count();
    let used = answers.iter().filter_map(|answer| answer.as_ref().err());
    assert!(used.clone().all(|error| error.extra["state"] == json!("used")), "{answers:?}");
    assert_eq!((ran, used.count()), (1, 11));
    assert_eq!(scene.sent(), [DELETED]);
    drop(callers);
    one.stop().await;
    two.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_another_request_is_refused_and_stays_good() {
    let scene = Scene::open(ASK).await;
    let engine = scene.engine().await;
    let caller = Caller::of(&engine);
    let token = caller.ask("orders").await;
    approve(&engine).await;
    let with = |operation: &str, payload: Value, region: Option<&str>| {
        let mut arguments = json!({
            "action": "invoke", "service": "dynamodb", "operation": operation, "payload": payload,
            "options": {"confirmationToken": token, "hold": 0},
        });
        if let Some(region) = region {
            arguments["region"] = region.into();
        }
        arguments
    };
    for (arguments, differs) in [
        (with("DeleteTable", json!({"TableName": "orders2"}), None), vec!["payload"]),
        (with("DeleteTable", json!({"TableName": "orders"}), Some("eu-west-1")), vec!["region"]),
        (with("UpdateTable", json!({"TableName": "orders"}), None), vec!["operation", "models changed"]),
    ] {
        let refused = caller.execute(arguments.clone()).await.unwrap_err();
        assert_eq!(refused.kind, "InvalidConfirmationToken", "{refused}");
        let told: Vec<&str> = refused.extra["differs"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(told, differs, "{arguments}");
    }
    assert_eq!(scene.sent(), Vec::<String>::new());
    caller.again("orders", &token).await.unwrap();
    assert_eq!(scene.sent(), [DELETED]);
    drop(caller);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn auto_approve_switched_on_later_does_not_turn_a_no_into_a_yes() {
    let scene = Scene::open(ASK).await;
    let careful = scene.engine().await;
    let caller = Caller::of(&careful);
    let token = caller.ask("orders").await;
    let asked = pending(&careful).await;
    human(&careful).decide(&asked.id, Decision::Deny { reason: "keep it".to_owned() }).await.unwrap();
    let careless = scene.engine_with(true).await;
    let other = Caller::of(&careless);
    let refused = other.again("orders", &token).await.unwrap_err();
    assert_eq!((refused.kind, &refused.extra["reason"]), ("ConfirmationDenied", &json!("keep it")), "{refused}");
    assert_eq!(scene.sent(), Vec::<String>::new());
    drop((caller, other));
    careful.stop().await;
    careless.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_added_to_the_file_of_approvers_counts_for_no_engine_that_runs() {
    let scene = Scene::open(ASK).await;
    let engine = scene.engine().await;
    let caller = Caller::of(&engine);
    // It has needed the keys once.
    let first = caller.ask("scratch").await;
    approve(&engine).await;
    caller.again("scratch", &first).await.unwrap();
    std::fs::write(paths(&scene.home).approvers(), format!("{}\n", mallory().public())).unwrap();

    let token = caller.ask("orders").await;
    let asked = pending(&engine).await;
    let theirs = engine.approver(Arc::new(ApproverKey::of(mallory())));
    let refused = theirs.decide(&asked.id, Decision::Approve { shown: asked.shown() }).await.unwrap_err();
    assert!(refused.to_string().contains("is not an approver's"), "{refused}");
    assert!(engine.observer().status().approver_problem.is_some());
    // The right one still counts.
    human(&engine).decide(&asked.id, Decision::Approve { shown: asked.shown() }).await.unwrap();
    caller.again("orders", &token).await.unwrap();
    drop(caller);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_two_approvers_are_wanted_one_key_is_not_enough() {
    let scene = Scene::open(
        "
version: 1
services: {allowlist: ['*'], denylist: []}
approval: {require: 2, require_for: [destructive]}
default: ask
",
    )
    .await;
    let second = || Arc::new(ApproverKey::of(SecretKey::from_seed(&[2; 32])));
    let pins = format!("{}\n{}\n", key().public(), second().public());
    std::fs::write(paths(&scene.home).approvers(), pins).unwrap();
    let engine = scene.engine().await;
    let caller = Caller::of(&engine);
    let token = caller.ask("orders").await;
    let asked = pending(&engine).await;
    assert_eq!(asked.require, 2);
    let yes = || Decision::Approve { shown: asked.shown() };
    let half = human(&engine).decide(&asked.id, yes()).await.unwrap();
    assert_eq!((half.state, half.signed.len()), (State::Pending, 1));
    let twice = human(&engine).decide(&asked.id, yes()).await.unwrap_err();
    assert!(twice.to_string().contains("wants another approver's too"), "{twice}");
    assert_eq!(caller.again("orders", &token).await.unwrap_err().kind, "ConfirmationRequired");

    // Somebody writes down that one is enough.
    let state = State::Approved { at: SystemClock.now(), use_by: soon() };
    let pending = asked.clone();
    scene.forge(&asked.id, |approval| (approval.require, approval.state) = (1, state)).await;
    let refused = caller.again("orders", &token).await.unwrap_err();
    assert_eq!(refused.extra["state"], json!("forged"), "{refused}");
    assert_eq!(scene.sent(), Vec::<String>::new());

    // Honestly, with both.
    let token = caller.ask("orders").await;
    let asked = crate::support::scene::pending(&engine).await;
    assert_ne!(asked.id, pending.id);
    let yes = || Decision::Approve { shown: asked.shown() };
    human(&engine).decide(&asked.id, yes()).await.unwrap();
    let whole = engine.approver(second()).decide(&asked.id, yes()).await.unwrap();
    assert_eq!((whole.state.name(), whole.signed.len()), ("approved", 2));
    caller.again("orders", &token).await.unwrap();
    assert_eq!(scene.sent(), [DELETED]);
    drop(caller);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_made_in_another_ledger_does_not_count_here() {
    let (here, there) = (Scene::open(ASK).await, Scene::open(ASK).await);
    let engine = here.engine().await;
    let caller = Caller::of(&engine);
    let token = caller.ask("orders").await;
    let asked = pending(&engine).await;
    // The same approver decides a row with the same id and content in a ledger of somebody's making.
    let other = there.ledger().await;
    let now = SystemClock.now();
    let identity = other.identity(countersign::base::Digest::of("test", b"there"), now).await.unwrap();
    let statement = asked.statement(identity, asked.shown(), Says::Approve, "", now);
    let moved = signed(statement, &SecretKey::from_seed(&[1; 32]));
    here.forge(&asked.id, |approval| {
        approval.state = State::Approved { at: now, use_by: moved.statement.use_by };
        approval.signed.push(moved);
    })
    .await;
    let refused = caller.again("orders", &token).await.unwrap_err();
    assert_eq!(refused.extra["state"], json!("forged"), "{refused}");
    assert_eq!(here.sent(), Vec::<String>::new());
    reported(&engine, "in another ledger").await;
    drop(caller);
    engine.stop().await;
}
