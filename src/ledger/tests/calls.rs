//! The list of calls: order, paging, and filters that say what the pure filter says.

use proptest::prelude::*;
use serde_json::json;

use super::{Home, event, row};
use crate::approval::tests::samples::{approval_id, at, tx};
use crate::audit::{CallRow, Filter, Kind, Outcome};
use crate::base::{RiskClass, Verdict};
use crate::ledger::{CallQuery, Ledger};

async fn fill(ledger: &Ledger, rows: impl IntoIterator<Item = CallRow>) -> Vec<CallRow> {
    let mut stored = Vec::new();
    for row in rows {
        let event = crate::audit::NewEvent { tx: Some(row.tx.clone()), ..event(Kind::Received, 0, json!({})) };
        let last_seq = ledger.append(crate::audit::NewEvent { kind: Kind::Console, tx: None, ..event.clone() });
        last_seq.await.unwrap();
        let events = ledger.record(vec![event], Some(row.clone())).await.unwrap();
        stored.push(CallRow { last_seq: events[0].seq, ..row });
    }
    stored.reverse();
    stored
}

#[tokio::test]
async fn newest_first_page_by_page() {
    let home = Home::new();
    let ledger = home.open().await;
    // The clock was set back in between: the order is that of the ledger.
    let newest_first = fill(&ledger, (0..25).map(|n| CallRow { at: at(i64::from((n * 7) % 25)), ..row(n) })).await;
    let page = |before: Option<u32>, offset, limit| CallQuery {
        before: before.map(tx),
        offset,
        limit,
        ..CallQuery::default()
    };
    assert_eq!(ledger.calls(&CallQuery::default()).await.unwrap(), newest_first);
    assert_eq!(ledger.calls(&page(None, 0, 10)).await.unwrap(), newest_first[..10]);
    assert_eq!(ledger.calls(&page(None, 10, 10)).await.unwrap(), newest_first[10..20]);
    assert_eq!(ledger.calls(&page(Some(15), 0, 10)).await.unwrap(), newest_first[10..20]);
    assert_eq!(ledger.calls(&page(Some(15), 5, 10)).await.unwrap(), newest_first[15..]);
    assert_eq!(ledger.calls(&page(Some(0), 0, 10)).await.unwrap(), []);
    assert_eq!(ledger.calls(&page(Some(99), 0, 10)).await.unwrap(), []);
    assert_eq!(ledger.calls(&page(None, 0, 0)).await.unwrap(), []);

    // News of an old call does not move it.
    let ended = CallRow { outcome: Outcome::Ok, ..newest_first[20].clone() };
    let last = ledger.record(vec![event(Kind::Outcome, 4, json!({}))], Some(ended.clone())).await.unwrap();
    let mut expected = newest_first;
    expected[20] = CallRow { last_seq: last[0].seq, ..ended };
    assert_eq!(ledger.calls(&CallQuery::default()).await.unwrap(), expected);
}

#[tokio::test]
async fn odd_text_is_kept() {
    let home = Home::new();
    let ledger = home.open().await;
    let odd = CallRow { agent: "a'b\"\\%_\u{202e}🦀".into(), target: String::new(), ..row(1) };
    let nul = CallRow { agent: "a\0b".into(), ..row(2) };
    let stored = fill(&ledger, [odd, nul]).await;
    let visible = CallRow { agent: "a\u{fffd}b".into(), ..stored[0].clone() };
    assert_eq!(ledger.calls(&CallQuery::default()).await.unwrap(), [visible, stored[1].clone()]);
    assert_eq!(super::findings(&ledger).await, Ok(4));
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[aAbBsS3%_*\\\\. üÜ:-]{0,6}",
        Just("s3".to_owned()),
        Just("DeleteBucket".to_owned()),
        Just("a\0b".to_owned()),
    ]
}

fn rows() -> impl Strategy<Value = Vec<CallRow>> {
    let verdict = prop::sample::select(vec![None, Some(Verdict::Allow), Some(Verdict::Ask), Some(Verdict::Deny)]);
    let risk = prop::sample::select(vec![None, Some(RiskClass::Read), Some(RiskClass::Destructive)]);
    let outcome = prop::sample::select(Outcome::ALL.to_vec());
    let one = (text(), text(), text(), text(), prop::option::of(text()), verdict, risk, outcome, 0..5_i64);
    prop::collection::vec(one, 1..8).prop_map(|rows| {
        let number = |(n, row)| (u32::try_from(n).unwrap(), row);
        let rows = rows.into_iter().enumerate().map(number);
        rows.map(|(n, (agent, service, operation, target, error, verdict, risk, outcome, time))| CallRow {
            agent: agent.replace('\0', "\u{fffd}"),
            service: service.replace('\0', "\u{fffd}"),
            operation: operation.replace('\0', "\u{fffd}"),
            target: target.replace('\0', "\u{fffd}"),
            error: error.map(|error| error.replace('\0', "\u{fffd}")),
            verdict,
            risk,
            outcome,
            at: at(time),
            approval: (n == 1).then(|| approval_id(1)),
            ..row(n)
        })
        .collect()
    })
}

fn filters() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec!["service", "operation", "agent", "target", "error", "region", "tool"]);
    let term = prop_oneof![
        (key, text()).prop_map(|(key, value)| format!("{key}:\"{}\"", value.replace('"', ""))),
        text().prop_map(|text| format!("\"{text}\"")),
        prop::sample::select(vec![
            "verdict:deny",
            "verdict:ask,allow",
            "risk:read",
            "outcome:pending",
            "outcome:ok,failed,unknown",
            "since:2ms",
            "since:2023-11-14T22:13:20.002",
            "until:2023-11-14T22:13:20.003",
            "demo",
            "s3:delete",
            "tx_",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(term, 0..3).prop_map(|terms| terms.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_query_selects_what_the_filter_matches(rows in rows(), filters in prop::collection::vec(filters(), 12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let home = Home::new();
            let ledger = home.open().await;
            let newest_first = fill(&ledger, rows).await;
            for text in filters {
                let Ok(filter) = Filter::parse(&text, at(0)) else { continue };
                let expected: Vec<CallRow> =
                    newest_first.iter().filter(|row| filter.matches(row)).cloned().collect();
                let count = i64::try_from(expected.len()).unwrap();
                let query = CallQuery { filter: filter.clone(), ..CallQuery::default() };
                prop_assert_eq!(ledger.calls(&query).await.unwrap(), expected, "{}", text);
                prop_assert_eq!(ledger.count_calls(&filter).await.unwrap(), count);
            }
            Ok(())
        })?;
    }
}
