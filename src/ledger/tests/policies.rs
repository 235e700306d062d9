//! Accepted policies, and what is counted of their rules.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use super::{Home, event, findings};
use crate::approval::tests::samples::{at, tx};
use crate::audit::{Broken, Kind, NewEvent};
use crate::ledger::{Ledger, LedgerError, Placed, PolicyVersion, RuleHits};
use crate::policy::{Tally, Uses};

fn version(number: i64, text: &str) -> PolicyVersion {
    PolicyVersion { number, text: text.into(), at: at(number), signed: (number > 1).then(|| json!({"key": "k"})) }
}

fn accepted(number: i64) -> NewEvent {
    let detail = json!({"number": number});
    NewEvent { at: at(number), kind: Kind::PolicyAccepted, tx: None, op: None, agent: None, approval: None, detail }
}

async fn put(ledger: &Ledger, number: i64, text: &str) -> Placed {
    ledger.put_policy(version(number, text), accepted(number)).await.unwrap()
}

#[tokio::test]
async fn the_newest_is_in_force_for_everyone() {
    let home = Home::new();
    let (here, there) = (home.open().await, home.open().await);
    assert_eq!((here.latest_policy().await, here.policy_mark().await), (Ok(None), Ok(None)));
    assert_eq!(put(&here, 1, "a").await, Placed::Newest);
    let first = there.policy_mark().await.unwrap();
    assert_eq!(there.latest_policy().await, Ok(Some(version(1, "a"))));
    // Both look at the first and accept another; one comes too late and is told.
    assert_eq!(put(&there, 2, "b").await, Placed::Newest);
    assert_eq!(put(&here, 2, "c").await, Placed::Other(Box::new(version(2, "b"))));
    assert_eq!(here.latest_policy().await, Ok(Some(version(2, "b"))));
    assert_ne!(here.policy_mark().await.unwrap(), first);
    assert!(matches!(
        here.put_policy(version(3, "c"), event(Kind::Judged, 1, json!({}))).await,
        Err(LedgerError::Misuse { .. })
    ));
    assert!(matches!(here.append(accepted(3)).await, Err(LedgerError::Misuse { .. })));
    assert_eq!(findings(&here).await, Ok(2));
}

#[tokio::test]
async fn of_many_that_accept_at_once_one_counts() {
    let home = Home::new();
    let ledgers = [home.open().await, home.open().await];
    put(&ledgers[0], 1, "a").await;
    let each = |n: usize| {
        let ledger = ledgers[n % 2].clone();
        tokio::spawn(async move { put(&ledger, 2, &format!("b{n}")).await })
    };
    let mut placed = 0;
    for task in (0..8).map(each).collect::<Vec<_>>() {
        placed += usize::from(task.await.unwrap() == Placed::Newest);
    }
    assert_eq!(placed, 1);
    assert_eq!(findings(&ledgers[0]).await, Ok(2));
}

#[tokio::test]
async fn what_was_changed_by_hand_is_not_read() {
    let not_recorded = |seq, number| Broken::at(seq, format!("policy {number} is not what was recorded"));
    let cases = [
        ("UPDATE policies SET text = 'rules: open' WHERE number = 2", not_recorded(2, 2)),
        ("UPDATE policies SET signed = NULL WHERE number = 2", not_recorded(2, 2)),
        ("UPDATE policies SET at = at + 1 WHERE number = 2", not_recorded(2, 2)),
        (
            "INSERT INTO policies SELECT 3, 'rules: open', at, signed, last_seq, seal FROM policies WHERE number = 2",
            not_recorded(2, 3),
        ),
        ("DELETE FROM policies WHERE number = 2", Broken::at(2, "policy 1 is not the last that was accepted")),
        ("DELETE FROM policies", Broken::at(2, "the policy that was accepted here is missing")),
    ];
    for (sql, broken) in cases {
        let home = Home::new();
        let ledger = home.open().await;
        put(&ledger, 1, "a").await;
        put(&ledger, 2, "b").await;
        home.edit(sql).await;
        match ledger.latest_policy().await {
            Err(LedgerError::Tampered { broken: found, .. }) => assert_eq!(found, broken, "{sql}"),
            other => panic!("{sql}: {other:?}"),
        }
        assert!(findings(&ledger).await.is_err(), "{sql}");
        assert!(
            matches!(ledger.put_policy(version(3, "c"), accepted(3)).await, Err(LedgerError::Tampered { .. })),
            "{sql}"
        );
    }
}

#[tokio::test]
async fn hits_are_counted_with_the_judgements() {
    let home = Home::new();
    let ledger = home.open().await;
    let judged = |n: u32, call: &str, ids: &[&str], again: bool| {
        let trace: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
        let mut detail = json!({"call": call, "trace": trace});
        if again {
            detail["again"] = true.into();
        }
        event(Kind::Judged, n, detail)
    };
    ledger.append(judged(1, "s3:GetObject", &["allow ^s3:", "ask_for: secret"], false)).await.unwrap();
    ledger.append(judged(2, "s3:PutObject", &["allow ^s3:"], false)).await.unwrap();
    ledger.append(judged(2, "s3:PutObject", &["allow ^s3:"], true)).await.unwrap();
    ledger.append(event(Kind::Judged, 3, json!({"trace": "odd"}))).await.unwrap();
    ledger.append(event(Kind::Refused, 3, json!({"call": "s3:X", "trace": [{"id": "allow ^s3:"}]}))).await.unwrap();
    ledger.close().await;
    let hits = |hits, n: u32, call: &str| RuleHits { hits, last_at: at(i64::from(n)), last_call: call.into() };
    let expected = BTreeMap::from([
        ("allow ^s3:".to_owned(), hits(2, 2, "s3:PutObject")),
        ("ask_for: secret".to_owned(), hits(1, 1, "s3:GetObject")),
    ]);
    assert_eq!(home.open().await.rule_hits().await, Ok(expected));
}

fn tally(rule: &str, seconds: Option<u64>) -> Tally {
    Tally { rule: rule.into(), window: seconds.map(Duration::from_secs) }
}

#[tokio::test]
async fn turns_are_counted_within_their_window() {
    let home = Home::new();
    let ledger = home.open().await;
    let (minute, ever) = (tally("r", Some(60)), tally("r", None));
    let both = vec![minute.clone(), ever.clone()];
    let counts = |within, all| Uses::from([(minute.clone(), within), (ever.clone(), all)]);
    let now = |seconds: u64| at(0).plus(Duration::from_secs(seconds));
    assert_eq!(ledger.take_turn(&tx(1), both.clone(), now(0)).await, Ok(counts(0, 0)));
    assert_eq!(ledger.take_turn(&tx(2), both.clone(), now(30)).await, Ok(counts(1, 1)));
    // The same call again keeps its place.
    assert_eq!(ledger.take_turn(&tx(2), both.clone(), now(31)).await, Ok(counts(1, 1)));
    assert_eq!(ledger.uses(&both, now(59)).await, Ok(counts(2, 2)));
    assert_eq!(ledger.uses(&both, now(60)).await, Ok(counts(1, 2)));
    assert_eq!(ledger.uses(&both, now(90)).await, Ok(counts(0, 2)));
    ledger.give_turn_back(&tx(1)).await.unwrap();
    assert_eq!(ledger.uses(&both, now(59)).await, Ok(counts(1, 1)));
    assert_eq!(ledger.uses(&[tally("other", None)], now(59)).await, Ok(Uses::from([(tally("other", None), 0)])));
}

#[tokio::test]
async fn of_many_turns_at_once_each_sees_those_before_it() {
    let home = Home::new();
    let ledgers = [home.open().await, home.open().await];
    let turn = |n: u32| {
        let ledger = ledgers[n as usize % 2].clone();
        tokio::spawn(async move { ledger.take_turn(&tx(n), vec![tally("r", None)], at(0)).await.unwrap() })
    };
    let mut seen = Vec::new();
    for task in (1..=20).map(turn).collect::<Vec<_>>() {
        seen.extend(task.await.unwrap().into_values());
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..20).collect::<Vec<u64>>());
}
