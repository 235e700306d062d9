//! Verification: a ledger that was only written by the program holds; one that was touched does not.

use serde_json::json;
use sqlx::{ConnectOptions as _, Connection as _, Row as _, sqlite::SqliteConnectOptions};

use super::{Home, event, findings, note, row};
use crate::approval::tests::samples::{approval, approval_id, approve, at, redeem, tx};
use crate::audit::{Broken, CallRow, Kind, NewEvent, Outcome};
use crate::base::OpId;
use crate::ledger::{Ledger, LedgerError, Verified};

/// A ledger with something of everything: 7 events, 2 calls, an approval, a switch.
async fn sample() -> (Home, Ledger) {
    let home = Home::new();
    let ledger = home.open().await;
    ledger.set_paused(false, note(0)).await.unwrap();
    let op = OpId::parse("op_0123456789abcdef0123456789abcdef");
    let judged = NewEvent { op, ..event(Kind::Judged, 1, json!({"risk": "read", "score": 1e21})) };
    ledger.record(vec![event(Kind::Received, 1, json!({})), judged], Some(row(1))).await.unwrap();
    ledger.open_approval(&approval(1), event(Kind::Asked, 1, json!({"k": ["v"]})), Some(row(1))).await.unwrap();
    ledger.transition(&approval_id(1), approve(1, at(1)), at(1), json!({})).await.unwrap();
    let refused = CallRow { outcome: Outcome::Refused, error: Some("ValidationError".into()), ..row(2) };
    ledger
        .record(vec![event(Kind::Received, 2, json!({})), event(Kind::Refused, 2, json!({}))], Some(refused))
        .await
        .unwrap();
    assert_eq!(findings(&ledger).await, Ok(7));
    (home, ledger)
}

#[tokio::test]
async fn ten_thousand_events_hold() {
    let home = Home::new();
    let ledger = home.open().await;
    let mut last = None;
    for n in 0..1000 {
        let mut events: Vec<_> = (0..9).map(|i| event(Kind::Judged, n, json!({"i": i, "n": n}))).collect();
        events.insert(0, event(Kind::Received, n, json!({"arguments": {"Bucket": n}})));
        last = ledger.record(events, Some(row(n))).await.unwrap().pop();
    }
    let verified = Verified { events: 10_000, head: last.unwrap().hash, approvals: 0, calls: 1000 };
    assert_eq!(ledger.verify().await, Ok(verified));
}

/// Every text of a table with its column and key, and the integers' columns.
async fn cells(home: &Home, table: &str, key: &str) -> Vec<(String, String, Option<String>)> {
    let mut conn = SqliteConnectOptions::new().filename(home.path()).connect().await.unwrap();
    let columns = sqlx::query("SELECT name FROM pragma_table_info($1)").bind(table).fetch_all(&mut conn).await.unwrap();
    let mut cells = Vec::new();
    for column in columns.iter().map(|row| row.get::<String, _>(0)) {
        let sql = format!("SELECT CAST({key} AS TEXT), CAST({column} AS TEXT) FROM {table} ORDER BY 1");
        for row in sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut conn).await.unwrap() {
            cells.push((column.clone(), row.get(0), row.get(1)));
        }
    }
    conn.close().await.unwrap();
    cells
}

/// Tries every byte of every cell of a table, and nothing and something in place of each; each must be found.
/// Columns in `aside` are not covered. One connection does all, and puts everything back.
async fn try_every_byte(home: &Home, ledger: &Ledger, table: &str, key: &str, aside: &[&str]) -> usize {
    let mut conn = SqliteConnectOptions::new()
        .filename(home.path())
        .foreign_keys(false)
        .pragma("synchronous", "OFF")
        .pragma("ignore_check_constraints", "ON")
        .connect()
        .await
        .unwrap();
    let mut tried = 0;
    for (column, id, value) in cells(home, table, key).await {
        if aside.contains(&column.as_str()) {
            continue;
        }
        let mut forged: Vec<Option<String>> = match &value {
            None => vec![Some("x".to_owned())],
            Some(value) => (0..value.len()).map(|at| Some(flip(value, at))).collect(),
        };
        forged.extend(value.as_ref().map(|value| Some(format!("{value}0"))));
        for text in forged {
            let set = |key: &str| format!("UPDATE {table} SET {column} = $1 WHERE CAST({key} AS TEXT) = $2");
            let change =
                |sql, text: Option<String>, id: String| sqlx::query(sqlx::AssertSqlSafe(sql)).bind(text).bind(id);
            match change(set(key), text.clone(), id.clone()).execute(&mut conn).await {
                // The schema itself does not take it.
                Err(sqlx::Error::Database(_)) => continue,
                done => assert_eq!(done.unwrap().rows_affected(), 1, "{table}.{column} {id}"),
            }
            let found = ledger.verify().await;
            assert!(
                matches!(found, Err(LedgerError::Tampered { .. })),
                "{table}.{column} of {id} as {text:?} instead of {value:?}: {found:?}"
            );
            let now = if column == key { text.unwrap_or_default() } else { id.clone() };
            change(set(key), value.clone(), now).execute(&mut conn).await.unwrap();
            tried += 1;
        }
    }
    conn.close().await.unwrap();
    tried
}

/// The text with one bit of one byte turned, still text.
fn flip(text: &str, at: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] ^= 1;
    String::from_utf8(bytes.clone()).unwrap_or_else(|_| {
        bytes[at] = b'?';
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

#[tokio::test]
async fn a_change_of_any_byte_is_found() {
    let (home, ledger) = sample().await;
    let tables = [
        ("events", "seq", &[][..], 1000),
        ("head", "id", &["id"][..], 60),
        // Who runs a call is no part of the record.
        ("calls", "tx", &["engine"][..], 500),
        ("approvals", "id", &["engine"][..], 1700),
        ("state", "name", &[][..], 70),
    ];
    for (table, key, aside, at_least) in tables {
        let tried = try_every_byte(&home, &ledger, table, key, aside).await;
        assert!(tried >= at_least, "{table}: {tried}");
        assert_eq!(findings(&ledger).await, Ok(7), "{table} was put back");
    }
}

#[tokio::test]
async fn what_is_left_out_moved_or_added_is_found() {
    let broken = |seq, what: &str| Err(Broken::at(seq, what));
    let approval = approval_id(1);
    let cases = [
        ("DELETE FROM events WHERE seq = 1", broken(1, "missing; the next one found is 2")),
        ("DELETE FROM events WHERE seq = 3", broken(3, "missing; the next one found is 4")),
        ("DELETE FROM events WHERE seq = 7", broken(7, "missing, up to event 7")),
        ("DELETE FROM events WHERE seq > 4", broken(5, "missing, up to event 7")),
        ("DELETE FROM events", broken(1, "missing, up to event 7")),
        ("DELETE FROM head", broken(0, "the record of where the chain ends is missing")),
        (
            "UPDATE events SET seq = -2 WHERE seq = 2; UPDATE events SET seq = 2 WHERE seq = 3; \
             UPDATE events SET seq = 3 WHERE seq = -2",
            broken(2, "does not follow the event before it"),
        ),
        (
            "INSERT INTO events (seq, at, kind, detail, prev, hash) \
             SELECT 8, at, 'console', '{}', hash, hash FROM events WHERE seq = 7",
            broken(8, "its content is not what was recorded"),
        ),
        (
            "INSERT INTO events (seq, at, kind, detail, prev, hash) VALUES (-1, 0, 'console', '{}', '', '')",
            broken(-1, "its prev is not what was recorded"),
        ),
        ("DELETE FROM calls WHERE tx LIKE '%2'", broken(6, "the row of its call is missing")),
        ("DELETE FROM approval_tokens; DELETE FROM approvals", broken(5, &format!("approval {approval} is missing"))),
        // The end cut off, and the record of the end with it: what hung on it gives it away.
        (
            "DELETE FROM events WHERE seq = 7; \
             UPDATE head SET seq = 6, hash = (SELECT hash FROM events WHERE seq = 6)",
            broken(6, &format!("the row of call {} is not what was recorded", tx(2))),
        ),
    ];
    for (sql, expected) in cases {
        let (home, ledger) = sample().await;
        home.edit(sql).await;
        assert_eq!(findings(&ledger).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn nothing_is_added_to_a_chain_whose_end_was_touched() {
    let cases = [
        "DELETE FROM events WHERE seq = 7",
        "UPDATE events SET hash = prev WHERE seq = 7",
        "UPDATE head SET seq = 6",
        "UPDATE head SET hash = 'x'",
        "INSERT INTO events SELECT 8, at, kind, tx, op, agent, approval, detail, prev, hash FROM events WHERE seq = 7",
    ];
    for sql in cases {
        let (home, ledger) = sample().await;
        home.edit(sql).await;
        let before = ledger.counts().await.unwrap();
        for _ in 0..2 {
            let result = ledger.append(note(9)).await;
            assert!(matches!(result, Err(LedgerError::Tampered { .. })), "{sql}: {result:?}");
        }
        assert_eq!(ledger.counts().await.unwrap(), before);
    }
}

#[tokio::test]
async fn a_decision_written_by_hand_is_refused_and_reported() {
    let home = Home::new();
    let ledger = home.open().await;
    ledger.open_approval(&approval(1), event(Kind::Asked, 1, json!({})), None).await.unwrap();
    home.edit(
        "UPDATE approvals SET state = 'approved', due = 9999999999999, body = json_set(body, '$.state', \
         json('{\"state\":\"approved\",\"at\":1,\"use_by\":9999999999999}'))",
    )
    .await;
    let tampered = LedgerError::Tampered {
        path: home.path(),
        broken: Broken::at(1, format!("approval {}: it is not what was recorded", approval_id(1))),
    };
    assert_eq!(ledger.transition(&approval_id(1), redeem(1), at(1), json!({})).await, Err(tampered.clone()));
    assert_eq!(ledger.approval(&approval_id(1)).await, Err(tampered.clone()));
    assert_eq!(ledger.open_approvals().await, Err(tampered.clone()));
    assert_eq!(ledger.verify().await, Err(tampered));
    assert_eq!(ledger.head().await.unwrap().0, 1);
}

#[tokio::test]
async fn a_pause_lifted_by_hand_is_reported() {
    let home = Home::new();
    let ledger = home.open().await;
    ledger.set_paused(true, note(1)).await.unwrap();
    home.edit("UPDATE state SET value = 'false'").await;
    let broken = Broken::at(1, "the switch `paused` is not what was recorded");
    assert_eq!(ledger.paused().await, Err(LedgerError::Tampered { path: home.path(), broken }));
}
