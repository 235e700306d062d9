//! A ledger opened to be read: nothing is made, changed or recorded.

use serde_json::json;

use super::{Home, event, note, row};
use crate::approval::tests::samples::tx;
use crate::audit::Kind;
use crate::ledger::{Ledger, LedgerError};

#[tokio::test]
async fn it_reads_what_is_there_and_writes_nothing() {
    let home = Home::new();
    let ledger = home.open().await;
    ledger.record(vec![event(Kind::Received, 1, json!({"n": 1}))], Some(row(1))).await.unwrap();
    let reader = Ledger::open_existing(&home.path()).await.unwrap();
    assert_eq!(reader.calls_beginning(tx(1).as_str(), 2).await, ledger.calls_beginning("tx_", 9).await);
    assert_eq!(reader.verify().await, ledger.verify().await);
    assert_eq!(reader.append(note(2)).await, Err(LedgerError::Closed));
    assert_eq!(reader.head().await.unwrap().0, 1);

    // What others write afterwards is seen.
    let change = reader.wait_for_change(0, std::time::Duration::ZERO).await.unwrap();
    ledger.append(note(2)).await.unwrap();
    assert_ne!(reader.wait_for_change(change, std::time::Duration::from_secs(60)).await.unwrap(), change);
    assert_eq!(reader.head().await.unwrap().0, 2);
}

#[tokio::test]
async fn calls_are_found_by_the_beginning_of_their_id() {
    let home = Home::new();
    let ledger = home.open().await;
    for n in [1, 2, 17] {
        ledger.record(vec![event(Kind::Received, n, json!({}))], Some(row(n))).await.unwrap();
    }
    let all = [tx(1), tx(2), tx(17)];
    for whole in &all {
        let id = whole.as_str();
        for (length, _) in id.char_indices().skip(3) {
            let begins = id.get(..length).unwrap();
            let wanted: Vec<_> = all.iter().filter(|tx| tx.as_str().starts_with(begins)).cloned().collect();
            let found: Vec<_> =
                ledger.calls_beginning(begins, 9).await.unwrap().into_iter().map(|row| row.tx).collect();
            assert_eq!(found, wanted, "{begins}");
        }
    }
    assert_eq!(ledger.calls_beginning("tx_", 2).await.unwrap().len(), 2);
}

#[tokio::test]
async fn where_there_is_none_none_is_made() {
    let home = Home::new();
    let error = Ledger::open_existing(&home.path()).await.err().unwrap();
    assert_eq!(error, LedgerError::Missing { path: home.path() });
    assert!(!home.path().parent().unwrap().exists());

    // A file that holds nothing is not made into one.
    std::fs::create_dir(home.path().parent().unwrap()).unwrap();
    std::fs::write(home.path(), "").unwrap();
    let error = Ledger::open_existing(&home.path()).await.err().unwrap();
    assert!(matches!(error, LedgerError::Corrupt { .. }), "{error:?}");
    assert_eq!(std::fs::read(home.path()).unwrap(), b"");
}

#[tokio::test]
async fn one_of_another_age_is_left_alone() {
    let home = Home::new();
    home.open().await.close().await;
    home.edit("INSERT INTO schema_version (version, program) SELECT MAX(version) + 1, '9.9.9' FROM schema_version")
        .await;
    let error = Ledger::open_existing(&home.path()).await.err().unwrap();
    assert!(matches!(error, LedgerError::Newer { .. }), "{error:?}");
    home.edit("DELETE FROM schema_version; INSERT INTO schema_version (version, program) VALUES (0, '0.0.1')").await;
    let error = Ledger::open_existing(&home.path()).await.err().unwrap().to_string();
    let wanted = format!("the ledger {} was written by an older countersign (0.0.1, schema 0;", home.path().display());
    assert!(
        error.starts_with(&wanted) && error.ends_with("start `countersign` once, which brings it up to date"),
        "{error}"
    );
}
