//! Commits are noticed, whoever made them.

use std::time::{Duration, Instant};

use super::{Home, note};

const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn commits_of_this_and_of_other_handles_are_noticed() {
    let home = Home::new();
    let (ledger, other) = (home.open().await, home.open().await);
    let mut last = ledger.wait_for_change(0, LONG).await.unwrap();
    for (writer, n) in [(&ledger, 1), (&other, 2), (&ledger, 3), (&other, 4)] {
        let begun = Instant::now();
        let (change, event) = tokio::join!(ledger.wait_for_change(last, LONG), writer.append(note(n)));
        event.unwrap();
        let change = change.unwrap();
        assert_ne!(change, last);
        assert!(begun.elapsed() < LONG / 2);
        last = change;
    }
    // Nothing new: the same number, when the time is up.
    assert_eq!(ledger.wait_for_change(last, Duration::from_millis(1)).await, Ok(last));
    // What was committed before anybody waited is noticed at once.
    other.append(note(5)).await.unwrap();
    assert_ne!(ledger.wait_for_change(last, Duration::ZERO).await.unwrap(), last);
}

#[tokio::test]
async fn everybody_who_waits_is_woken() {
    let home = Home::new();
    let (ledger, other) = (home.open().await, home.open().await);
    let last = ledger.wait_for_change(0, LONG).await.unwrap();
    let waiters = futures_util::future::join_all((0..5).map(|_| ledger.wait_for_change(last, LONG)));
    let (changes, event) = tokio::join!(waiters, other.append(note(1)));
    event.unwrap();
    for change in changes {
        assert_ne!(change.unwrap(), last);
    }
}
