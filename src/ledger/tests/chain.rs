//! Events: recorded in order, whole or not at all, and still there afterwards.

use serde_json::json;

use super::{Home, event, findings, note, row};
use crate::approval::tests::samples::{approval_id, at, tx};
use crate::audit::{CallRow, Event, Head, Kind, NewEvent, Outcome};
use crate::base::{Digest, OpId};
use crate::ledger::{Counts, LedgerError};

#[tokio::test]
async fn what_is_recorded_is_read_back_as_it_was() {
    let home = Home::new();
    let ledger = home.open().await;
    assert_eq!(ledger.head().await.unwrap(), (0, Digest::ZERO));
    assert_eq!(ledger.counts().await.unwrap(), Counts::default());

    let odd = NewEvent {
        op: OpId::parse("op_0123456789abcdef0123456789abcdef"),
        approval: None,
        detail: json!({"z": 1, "a": [0.1, 1e300, -0.0, u64::MAX, i64::MIN], "text": "quote ' \" \\ \0 \u{202e} ü 🦀", "none": null}),
        ..event(Kind::Judged, 1, json!(null))
    };
    let recorded = ledger.record(vec![event(Kind::Received, 1, json!({})), odd.clone()], Some(row(1))).await.unwrap();

    let mut head = Head::START;
    for (event, new) in recorded.iter().zip([event(Kind::Received, 1, json!({})), odd]) {
        assert_eq!(event, &head.extend(new).unwrap());
        head = head.follow(event).unwrap();
    }
    assert_eq!(ledger.events_after(0, 10).await.unwrap(), recorded);
    // The order of keys is kept too.
    assert_eq!(
        ledger.events_after(1, 10).await.unwrap()[0].event.detail.to_string(),
        recorded[1].event.detail.to_string()
    );
    assert_eq!(ledger.events_after(0, 1).await.unwrap(), recorded[..1]);
    assert_eq!(ledger.events_after(2, 1).await.unwrap(), []);
    assert_eq!(ledger.head().await.unwrap(), (2, head.hash));
    assert_eq!(ledger.call(&tx(1)).await.unwrap(), Some(CallRow { last_seq: 2, ..row(1) }));
    assert_eq!(ledger.call(&tx(2)).await.unwrap(), None);
    assert_eq!(ledger.counts().await.unwrap(), Counts { events: 2, calls: 1, pending: 0 });
}

#[tokio::test]
async fn a_ledger_opened_again_goes_on_where_it_was() {
    let home = Home::new();
    let ledger = home.open().await;
    let first = ledger.append_all((0..5).map(note).collect()).await.unwrap();
    ledger.close().await;
    assert_eq!(ledger.append(note(5)).await, Err(LedgerError::Closed));

    let ledger = home.open().await;
    assert_eq!(ledger.head().await.unwrap(), (5, first[4].hash));
    let next = ledger.append(note(5)).await.unwrap();
    assert_eq!((next.seq, next.prev), (6, first[4].hash));
    assert_eq!(findings(&ledger).await, Ok(6));
}

#[tokio::test]
async fn the_events_of_a_call_are_its_own() {
    let home = Home::new();
    let ledger = home.open().await;
    for n in [1, 2] {
        ledger.record(vec![event(Kind::Received, n, json!({"n": n}))], Some(row(n))).await.unwrap();
    }
    ledger.append(note(0)).await.unwrap();
    ledger.record(vec![event(Kind::Outcome, 1, json!({}))], Some(row(1))).await.unwrap();
    let seqs = |events: Vec<Event>| events.into_iter().map(|event| event.seq).collect::<Vec<_>>();
    assert_eq!(seqs(ledger.events_of(&tx(1)).await.unwrap()), [1, 4]);
    assert_eq!(seqs(ledger.events_of(&tx(2)).await.unwrap()), [2]);
    assert_eq!(seqs(ledger.events_of(&tx(3)).await.unwrap()), [0_i64; 0]);
}

#[tokio::test]
async fn many_writers_on_many_handles_make_one_chain() {
    let home = Home::new();
    let mut tasks = Vec::new();
    for handle in 0..4_u32 {
        let ledger = home.open().await;
        for task in 0..8_u32 {
            let ledger = ledger.clone();
            tasks.push(tokio::spawn(async move {
                let mut seqs = Vec::new();
                for n in 0..5 {
                    seqs.push(ledger.append(note(handle * 1000 + task * 10 + n)).await.unwrap().seq);
                }
                seqs
            }));
        }
    }
    let mut all = Vec::new();
    for task in tasks {
        let seqs = task.await.unwrap();
        assert!(seqs.is_sorted(), "what one writer records stays in its order: {seqs:?}");
        all.extend(seqs);
    }
    all.sort_unstable();
    assert_eq!(all, (1..=160).collect::<Vec<_>>());
    assert_eq!(findings(&home.open().await).await, Ok(160));
}

#[tokio::test]
async fn one_that_cannot_be_written_takes_nothing_else_with_it() {
    let home = Home::new();
    let ledger = home.open().await;
    // Queued together: some of them share a commit with one that is refused.
    let all = futures_util::future::join_all((0..20_u32).map(|n| {
        let bad = NewEvent { kind: Kind::Consumed, ..note(n) };
        ledger.append_all(if n % 5 == 0 { vec![note(n), bad] } else { vec![note(n)] })
    }))
    .await;
    for (n, result) in all.iter().enumerate() {
        match result {
            Ok(events) => assert_eq!(events[0].event, note(u32::try_from(n).unwrap())),
            Err(error) => assert!(n % 5 == 0 && matches!(error, LedgerError::Misuse { .. }), "{n}: {error}"),
        }
    }
    assert_eq!(all.iter().filter(|result| result.is_ok()).count(), 16);
    assert_eq!(findings(&ledger).await, Ok(16));
}

#[tokio::test]
async fn what_decides_over_approvals_has_no_other_way_in() {
    let home = Home::new();
    let ledger = home.open().await;
    let kinds = [
        Kind::Asked,
        Kind::Signed,
        Kind::Approved,
        Kind::Denied,
        Kind::Expired,
        Kind::Withdrawn,
        Kind::Consumed,
        Kind::Settled,
    ];
    for kind in kinds {
        let event = NewEvent { approval: Some(approval_id(1)), ..event(kind, 1, json!({})) };
        let error = ledger.append(event).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "`{}` is recorded with what it says has happened only; nothing was recorded. This is a fault of \
                 countersign: please report it",
                kind.as_str()
            )
        );
    }
    for (events, call) in [(vec![], Some(row(1))), (vec![event(Kind::Received, 1, json!({}))], None)] {
        assert!(matches!(ledger.record(events, call).await, Err(LedgerError::Misuse { .. })));
    }
    assert_eq!(ledger.head().await.unwrap(), (0, Digest::ZERO));
}

#[tokio::test]
async fn a_call_that_has_ended_stays_ended() {
    let home = Home::new();
    let ledger = home.open().await;
    ledger.record(vec![event(Kind::Received, 1, json!({}))], Some(row(1))).await.unwrap();
    let ended = CallRow { outcome: Outcome::Failed, error: Some("Boom".into()), duration_ms: Some(7), ..row(1) };
    ledger.record(vec![event(Kind::Outcome, 1, json!({}))], Some(ended.clone())).await.unwrap();
    // Late news of the same call, written by somebody who did not know.
    let late = CallRow { target: "other".into(), ..row(1) };
    ledger.record(vec![event(Kind::CallerGone, 1, json!({}))], Some(late)).await.unwrap();
    let expected = CallRow { target: "other".into(), last_seq: 3, ..ended };
    assert_eq!(ledger.call(&tx(1)).await.unwrap(), Some(expected));
    assert_eq!(findings(&ledger).await, Ok(3));
}

#[tokio::test]
async fn a_switch_is_set_by_an_event_and_seen_by_all() {
    let home = Home::new();
    let (one, two) = (home.open().await, home.open().await);
    assert!(!two.paused().await.unwrap());
    let event = one.set_paused(true, note(1)).await.unwrap();
    assert_eq!(event.seq, 1);
    assert!(two.paused().await.unwrap());
    two.set_paused(false, NewEvent { at: at(5), ..note(2) }).await.unwrap();
    assert!(!one.paused().await.unwrap());
    one.set_state("policy", json!({"version": "p1"}), note(3)).await.unwrap();
    assert_eq!(two.state("policy").await.unwrap(), Some(json!({"version": "p1"})));
    assert_eq!(two.state("other").await.unwrap(), None);
    assert_eq!(findings(&one).await, Ok(3));
}
