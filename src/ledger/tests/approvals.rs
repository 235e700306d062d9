//! Approvals in the ledger: one for one request, decided once, used once, whoever races.

use serde_json::{Value, json};

use super::{Home, event, findings, row};
use crate::approval::tests::samples::{
    TTL, approval, approval_id, approve, approved, at, binding_of, redeem, token, tx,
};
use crate::approval::{Approval, Input, Refusal, State};
use crate::audit::{CallRow, Kind, NewEvent, Outcome};
use crate::base::Timestamp;
use crate::ledger::{Ledger, LedgerError, Opened, Transition};

/// Opens the sample of that number, with its call.
async fn open(ledger: &Ledger, n: u32) -> Opened {
    ledger.open_approval(&approval(n), event(Kind::Asked, n, json!({})), Some(row(n))).await.unwrap()
}

async fn step(ledger: &Ledger, n: u32, input: Input, now: Timestamp) -> Result<Approval, Refusal> {
    ledger.transition(&approval_id(n), input, now, json!({})).await.unwrap().into_result()
}

fn refused(state: &str, wanted: &'static str) -> Result<Approval, Refusal> {
    Err(Refusal::State { state: state.to_owned(), wanted })
}

#[tokio::test]
async fn a_whole_life_is_told_by_the_events_and_seen_from_another_handle() {
    let home = Home::new();
    let (engine, console) = (home.open().await, home.open().await);
    engine.record(vec![event(Kind::Received, 1, json!({}))], Some(row(1))).await.unwrap();
    assert_eq!(open(&engine, 1).await, Opened::New);
    assert_eq!(console.open_approvals().await.unwrap(), [approval(1)]);
    assert_eq!(console.approval(&approval_id(1)).await.unwrap(), Some(approval(1)));
    assert_eq!(console.approval_by_token(&token(1)).await.unwrap(), Some(approval(1)));
    assert_eq!(console.approval_by_token(&token(2)).await.unwrap(), None);

    assert_eq!(step(&engine, 1, redeem(1), at(1)).await, Err(Refusal::Undecided));
    let use_by = at(2 + TTL);
    let expected = Approval { state: State::Approved { at: at(2), use_by }, ..approved(1, at(2)) };
    assert_eq!(step(&console, 1, approve(1, at(2)), at(2)).await, Ok(expected.clone()));
    assert_eq!(engine.approval(&approval_id(1)).await.unwrap(), Some(expected));

    let differs = Err(Refusal::Differs { differs: vec!["payload".to_owned()] });
    assert_eq!(step(&engine, 1, redeem(2), at(3)).await, differs);

    // Used by another call, which brings its intent along in the same transaction.
    engine.record(vec![event(Kind::Received, 2, json!({}))], Some(row(2))).await.unwrap();
    let intent = NewEvent { approval: Some(approval_id(1)), ..event(Kind::Intent, 2, json!({"endpoint": "e"})) };
    let used = CallRow { approval: Some(approval_id(1)), ..row(2) };
    let consumed = engine
        .transition_with(&approval_id(1), redeem(1), at(4), json!({"by": "held"}), vec![intent], Some(used.clone()))
        .await
        .unwrap();
    assert_eq!(consumed.approval().state, State::Consumed { at: at(4) });
    assert_eq!(step(&console, 1, redeem(1), at(5)).await, refused("consumed", "used"));
    assert_eq!(console.open_approvals().await.unwrap(), []);

    step(&engine, 1, Input::Done, at(6)).await.unwrap();
    let done = Approval { state: State::Done { at: at(6) }, ..approved(1, at(2)) };
    assert_eq!(console.recent_approvals(10).await.unwrap(), [done]);

    // Both calls have the whole story; the one that only asked ended with the approval.
    let story = |events: Vec<crate::audit::Event>| {
        events.into_iter().map(|event| (event.event.kind.as_str(), event.event.tx.unwrap())).collect::<Vec<_>>()
    };
    let shared = [("asked", tx(1)), ("approved", tx(1)), ("consumed", tx(2)), ("intent", tx(2)), ("settled", tx(1))];
    let mut first = shared.to_vec();
    first.insert(0, ("received", tx(1)));
    assert_eq!(story(console.events_of(&tx(1)).await.unwrap()), first);
    let mut second = shared.to_vec();
    second.insert(2, ("received", tx(2)));
    assert_eq!(story(console.events_of(&tx(2)).await.unwrap()), second);
    let first =
        CallRow { approval: Some(approval_id(1)), outcome: Outcome::Ok, duration_ms: Some(5), last_seq: 7, ..row(1) };
    assert_eq!(console.call(&tx(1)).await.unwrap(), Some(first));
    let second = CallRow { outcome: Outcome::Ok, duration_ms: Some(4), last_seq: 7, ..used };
    assert_eq!(console.call(&tx(2)).await.unwrap(), Some(second));
    assert_eq!(findings(&console).await, Ok(7));
}

#[tokio::test]
async fn the_same_request_joins_and_brings_its_own_token() {
    let home = Home::new();
    let ledger = home.open().await;
    assert_eq!(open(&ledger, 1).await, Opened::New);
    let again = Approval { binding: binding_of(1), digest: approval(1).digest, ..approval(2) };
    let asked = event(Kind::Asked, 2, json!({"facts": {}}));
    let joined = ledger.open_approval(&again, asked.clone(), Some(row(2))).await.unwrap();
    assert_eq!(joined, Opened::Joined(Box::new(approval(1))));
    assert_eq!(ledger.approval_by_token(&token(2)).await.unwrap(), Some(approval(1)));
    assert_eq!(ledger.approval(&approval_id(2)).await.unwrap(), None);
    let told = ledger.events_of(&tx(2)).await.unwrap();
    assert_eq!(told[1].event.detail, json!({"facts": {}, "joined": true}));
    assert_eq!(told[1].event.approval, Some(approval_id(1)));

    // Approved, still joined; used up, a new one.
    step(&ledger, 1, approve(1, at(1)), at(1)).await.unwrap();
    let third = Approval { binding: binding_of(1), digest: approval(1).digest, ..approval(3) };
    let joined = ledger.open_approval(&third, asked.clone(), None).await.unwrap();
    assert!(matches!(joined, Opened::Joined(open) if matches!(open.state, State::Approved { .. })));
    step(&ledger, 1, redeem(1), at(2)).await.unwrap();
    assert_eq!(ledger.open_approval(&again, asked.clone(), None).await, Ok(Opened::New));

    // Another request never joins.
    assert_eq!(open(&ledger, 9).await, Opened::New);
    assert_eq!(ledger.open_approvals().await.unwrap(), [again, approval(9)]);
    assert_eq!(findings(&ledger).await, Ok(7));
}

#[tokio::test]
async fn one_that_has_run_out_is_not_joined() {
    let home = Home::new();
    let ledger = home.open().await;
    open(&ledger, 1).await;
    let later = NewEvent { at: at(TTL + 1), ..event(Kind::Asked, 2, json!({})) };
    let again = Approval { binding: binding_of(1), digest: approval(1).digest, decide_by: at(2 * TTL), ..approval(2) };
    assert_eq!(ledger.open_approval(&again, later, Some(row(2))).await, Ok(Opened::New));
    let expired = Approval { state: State::Expired { at: at(TTL + 1) }, ..approval(1) };
    assert_eq!(ledger.recent_approvals(10).await.unwrap(), [expired]);
    assert_eq!(ledger.open_approvals().await.unwrap(), [again]);
    assert_eq!(ledger.call(&tx(1)).await.unwrap().unwrap().outcome, Outcome::Expired);
    assert_eq!(ledger.call(&tx(2)).await.unwrap().unwrap().outcome, Outcome::Pending);
    assert_eq!(findings(&ledger).await, Ok(3));
}

#[tokio::test]
async fn what_is_opened_is_pending_and_over_its_own_digest() {
    let home = Home::new();
    let ledger = home.open().await;
    let decided = Approval { state: State::Approved { at: at(0), use_by: at(9) }, ..approval(1) };
    let foreign = Approval { digest: approval(2).digest, ..approval(1) };
    for bad in [decided, foreign] {
        let result = ledger.open_approval(&bad, event(Kind::Asked, 1, json!({})), None).await;
        assert!(matches!(result, Err(LedgerError::Misuse { .. })), "{result:?}");
    }
    assert_eq!(ledger.head().await.unwrap().0, 0);
}

#[tokio::test]
async fn the_calls_that_wait_end_with_the_approval() {
    let ends: [(Vec<Input>, Outcome); 6] = [
        (vec![Input::Deny { reason: "no".into(), signed: None }], Outcome::Denied),
        (vec![Input::Withdraw], Outcome::Refused),
        (vec![approve(1, at(10)), Input::Withdraw], Outcome::Refused),
        (vec![approve(1, at(10)), redeem(1), Input::Done], Outcome::Ok),
        (vec![approve(1, at(10)), redeem(1), Input::Failed], Outcome::Failed),
        (vec![approve(1, at(10)), redeem(1), Input::Unknown], Outcome::Unknown),
    ];
    for (inputs, outcome) in ends {
        let home = Home::new();
        let ledger = home.open().await;
        open(&ledger, 1).await;
        for input in inputs {
            assert_eq!(ledger.call(&tx(1)).await.unwrap().unwrap().outcome, Outcome::Pending);
            step(&ledger, 1, input, at(10)).await.unwrap();
        }
        let (seq, _) = ledger.head().await.unwrap();
        let ended = CallRow { approval: Some(approval_id(1)), outcome, duration_ms: Some(9), last_seq: seq, ..row(1) };
        assert_eq!(ledger.call(&tx(1)).await.unwrap(), Some(ended));
        assert_eq!(findings(&ledger).await, Ok(seq));
    }
}

#[tokio::test]
async fn a_late_decision_finds_it_expired_and_that_is_recorded() {
    let home = Home::new();
    let ledger = home.open().await;
    open(&ledger, 1).await;
    let now = at(TTL + 1);
    let expired = Approval { state: State::Expired { at: now }, ..approval(1) };
    let done = ledger.transition(&approval_id(1), approve(1, now), now, json!({})).await.unwrap();
    let refusal = Refusal::State { state: "expired".into(), wanted: "approved" };
    assert_eq!(done, Transition::Refused { approval: Box::new(expired), refusal });
    let events = ledger.events_of(&tx(1)).await.unwrap();
    assert_eq!((events[1].event.kind, &events[1].event.detail), (Kind::Expired, &json!({"was": "pending"})));
    assert_eq!(step(&ledger, 1, approve(1, now), now).await, refused("expired", "approved"));
    assert_eq!(ledger.head().await.unwrap().0, 2);
}

#[tokio::test]
async fn sweeping_expires_what_is_overdue_and_nothing_else() {
    let home = Home::new();
    let ledger = home.open().await;
    for n in 1..=4 {
        open(&ledger, n).await;
    }
    step(&ledger, 3, Input::Deny { reason: String::new(), signed: None }, at(1)).await.unwrap();
    step(&ledger, 4, approve(4, at(1)), at(1)).await.unwrap();
    step(&ledger, 4, redeem(4), at(2)).await.unwrap();
    step(&ledger, 2, approve(2, at(TTL)), at(TTL)).await.unwrap();
    let before = ledger.head().await.unwrap();
    assert_eq!(ledger.sweep(at(TTL)).await.unwrap(), []);
    assert_eq!(ledger.head().await.unwrap(), before);

    let expired = Approval { state: State::Expired { at: at(TTL + 1) }, ..approval(1) };
    assert_eq!(ledger.sweep(at(TTL + 1)).await.unwrap(), [expired]);
    let expired = Approval { state: State::Expired { at: at(3 * TTL) }, ..approved(2, at(TTL)) };
    assert_eq!(ledger.sweep(at(3 * TTL)).await.unwrap(), [expired]);
    let last = ledger.events_after(before.0 + 1, 9).await.unwrap();
    assert_eq!(last[0].event.detail, json!({"was": "approved"}));
    assert_eq!(ledger.sweep(at(9 * TTL)).await.unwrap(), []);
    assert_eq!(findings(&ledger).await, Ok(before.0 + 2));
}

#[tokio::test]
async fn a_clock_set_back_does_not_make_an_approval_younger() {
    let home = Home::new();
    let ledger = home.open().await;
    open(&ledger, 1).await;
    step(&ledger, 1, approve(1, at(1)), at(1)).await.unwrap();
    // Time passes, which something else that is recorded tells; then the clock is set back.
    let late = NewEvent { at: at(1 + TTL + 1), ..event(Kind::Console, 2, json!({})) };
    ledger.append(NewEvent { tx: None, ..late }).await.unwrap();
    assert_eq!(step(&ledger, 1, redeem(1), at(2)).await, refused("expired", "used"));
    let stored = ledger.approval(&approval_id(1)).await.unwrap().unwrap();
    assert_eq!(stored.state, State::Expired { at: at(1 + TTL + 1) });
}

#[tokio::test]
async fn there_must_be_an_approval() {
    let home = Home::new();
    let ledger = home.open().await;
    let missing = ledger.transition(&approval_id(7), Input::Tick, at(0), json!({})).await;
    assert_eq!(missing, Err(LedgerError::NoApproval { id: approval_id(7) }));
}

/// Runs the same step from every handle many times at once; gives what came of each.
async fn race(handles: &[Ledger], inputs: impl Fn(usize) -> Input) -> Vec<Result<Approval, Refusal>> {
    let tasks: Vec<_> = (0..48)
        .map(|n| {
            let ledger = handles[n % handles.len()].clone();
            let input = inputs(n);
            tokio::spawn(async move { step(&ledger, 1, input, at(5)).await })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_redeem_at_once_exactly_one_does() {
    let home = Home::new();
    let handles = [home.open().await, home.open().await, home.open().await];
    open(&handles[0], 1).await;
    step(&handles[1], 1, approve(1, at(1)), at(1)).await.unwrap();
    let results = race(&handles, |_| redeem(1)).await;
    let used = Approval { state: State::Consumed { at: at(5) }, ..approved(1, at(1)) };
    assert_eq!(results.iter().filter(|result| **result == Ok(used.clone())).count(), 1);
    assert_eq!(results.iter().filter(|result| **result == refused("consumed", "used")).count(), 47);
    assert_eq!(findings(&handles[2]).await, Ok(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_decide_at_once_the_first_counts() {
    let home = Home::new();
    let handles = [home.open().await, home.open().await];
    open(&handles[0], 1).await;
    let deny = || Input::Deny { reason: "no".into(), signed: None };
    let results = race(&handles, |n| if n % 3 == 0 { approve(1, at(5)) } else { deny() }).await;
    let decided: Vec<&Approval> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
    assert_eq!(decided.len(), 1);
    assert_eq!(handles[1].approval(&approval_id(1)).await.unwrap().as_ref(), Some(decided[0]));
    assert_eq!(findings(&handles[1]).await, Ok(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_ask_the_same_at_once_one_opens_and_all_others_join() {
    let home = Home::new();
    let handles = [home.open().await, home.open().await];
    let tasks: Vec<_> = (1..=24_u32)
        .map(|n| {
            let ledger = handles[n as usize % 2].clone();
            let asked = Approval { binding: binding_of(0), digest: approval(0).digest, ..approval(n) };
            tokio::spawn(async move {
                ledger.open_approval(&asked, event(Kind::Asked, n, json!({})), Some(row(n))).await.unwrap()
            })
        })
        .collect();
    let mut new = 0;
    for task in tasks {
        new += i32::from(task.await.unwrap() == Opened::New);
    }
    assert_eq!(new, 1);
    let open = handles[0].open_approvals().await.unwrap();
    assert_eq!(open.len(), 1);
    for n in 1..=24 {
        assert_eq!(handles[1].approval_by_token(&token(n)).await.unwrap().as_ref(), open.first());
    }
    let detail: Vec<Value> =
        handles[0].events_after(0, 100).await.unwrap().into_iter().map(|event| event.event.detail).collect();
    assert_eq!(detail.iter().filter(|detail| **detail == json!({"joined": true})).count(), 23);
    assert_eq!(findings(&handles[0]).await, Ok(24));
}
