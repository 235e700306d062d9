//! Engines that end, in order or not: what they left open is closed by the others, and only that.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use super::{Home, event, findings, row};
use crate::approval::tests::samples::{approval, approval_id, approve, approved, at, redeem, tx};
use crate::approval::{Approval, Input, State};
use crate::audit::{CallRow, Kind, NewEvent, Outcome};
use crate::ledger::{Ledger, Orphans};

/// Tells the child of a test which ledger to write to.
const CHILD: &str = "COUNTERSIGN_TEST_WRITES";

fn locks(home: &Home) -> usize {
    std::fs::read_dir(home.path().with_file_name("engines")).unwrap().count()
}

/// Opens, approves and uses the sample of that number, for the call of that number.
async fn consume(ledger: &Ledger, n: u32) {
    ledger.open_approval(&approval(n), event(Kind::Asked, n, json!({})), Some(row(n))).await.unwrap();
    ledger.transition(&approval_id(n), approve(n, at(0)), at(0), json!({})).await.unwrap().into_result().unwrap();
    ledger.transition(&approval_id(n), redeem(n), at(0), json!({})).await.unwrap().into_result().unwrap();
}

#[tokio::test]
async fn what_a_dead_engine_left_open_is_closed() {
    let home = Home::new();
    let (dead, alive) = (home.open().await, home.open().await);
    for ledger in [&dead, &alive] {
        let base = if std::ptr::eq(ledger, &dead) { 0 } else { 10 };
        consume(ledger, base + 1).await;
        // Sent, and no answer yet.
        let sent = vec![event(Kind::Received, base + 2, json!({})), event(Kind::Intent, base + 2, json!({}))];
        ledger.record(sent, Some(row(base + 2))).await.unwrap();
        // Not yet sent.
        ledger.record(vec![event(Kind::Received, base + 3, json!({}))], Some(row(base + 3))).await.unwrap();
        // Waits for the human.
        let asked = event(Kind::Asked, base + 4, json!({}));
        ledger.open_approval(&approval(base + 4), asked, Some(row(base + 4))).await.unwrap();
        // Ended.
        let ended = CallRow { outcome: Outcome::Ok, ..row(base + 5) };
        ledger.record(vec![event(Kind::Received, base + 5, json!({}))], Some(ended)).await.unwrap();
    }
    let before = alive.head().await.unwrap();
    assert_eq!(alive.mark_orphans(at(50)).await.unwrap(), Orphans::default(), "both run");
    assert_eq!(dead.mark_orphans(at(50)).await.unwrap(), Orphans::default(), "both run");
    assert_eq!(alive.head().await.unwrap(), before);

    dead.close().await;
    let orphans = alive.mark_orphans(at(50)).await.unwrap();
    let seq = before.0;
    let approvals = vec![Approval { state: State::Unknown { at: at(50) }, ..approved(1, at(0)) }];
    let calls = vec![
        CallRow {
            approval: Some(approval_id(1)),
            outcome: Outcome::Unknown,
            duration_ms: Some(49),
            last_seq: seq + 1,
            ..row(1)
        },
        CallRow { outcome: Outcome::Unknown, last_seq: seq + 2, ..row(2) },
        CallRow { outcome: Outcome::Failed, error: Some("Interrupted".into()), last_seq: seq + 3, ..row(3) },
    ];
    assert_eq!(orphans, Orphans { approvals, calls });
    let reason = "the engine ended before an answer was recorded";
    let details: Vec<_> =
        alive.events_after(seq, 9).await.unwrap().into_iter().map(|event| event.event.detail).collect();
    assert_eq!(
        details,
        [
            json!({"status": "unknown", "reason": reason, "intent": false}),
            json!({"status": "unknown", "reason": reason}),
            json!({"status": "interrupted", "reason": reason}),
        ]
    );
    let outcome = async |n| alive.call(&tx(n)).await.unwrap().unwrap().outcome;
    assert_eq!(outcome(4).await, Outcome::Pending, "the human can still decide");
    assert_eq!(outcome(5).await, Outcome::Ok);
    for (n, expected) in
        [(11, Outcome::Pending), (12, Outcome::Pending), (13, Outcome::Pending), (14, Outcome::Pending)]
    {
        assert_eq!(outcome(n).await, expected, "the other engine still runs");
    }
    assert_eq!(alive.mark_orphans(at(60)).await.unwrap(), Orphans::default());
    assert_eq!(locks(&home), 1);
    assert_eq!(findings(&alive).await, Ok(seq + 3));

    // The approval that outlived its engine is decided, and its call ends with it.
    let deny = Input::Deny { reason: "no".into(), signed: None };
    alive.transition(&approval_id(4), deny, at(70), json!({})).await.unwrap().into_result().unwrap();
    assert_eq!(outcome(4).await, Outcome::Denied);
}

#[tokio::test]
async fn who_only_reads_is_no_engine() {
    let home = Home::new();
    let reader = home.open().await;
    assert_eq!(reader.calls(&crate::ledger::CallQuery::default()).await.unwrap(), []);
    assert!(!home.path().with_file_name("engines").exists());
}

/// A process is killed in the midst of writing, again and again: what it was told is recorded is there.
#[cfg(unix)]
#[tokio::test]
async fn a_killed_process_loses_nothing_that_was_acknowledged() {
    let home = Home::new();
    let mut seen = 0;
    for round in 1..=5_u32 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "ledger::tests::engines::child_writes", "--nocapture"])
            .env(CHILD, home.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut acknowledged = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let Some(number) = line.split("recorded ").nth(1) else { continue };
            acknowledged.push(number.parse::<u32>().unwrap());
            if acknowledged.len() as u32 == 7 * round {
                // SIGKILL: it cannot tidy up.
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(acknowledged.len() as u32 >= 7 * round);

        let ledger = home.open().await;
        for n in &acknowledged {
            assert_eq!(ledger.call(&tx(*n)).await.unwrap().map(|row| row.outcome), Some(Outcome::Pending));
        }
        let (seq, _) = ledger.head().await.unwrap();
        assert_eq!(findings(&ledger).await, Ok(seq));
        // At most the one that was on its way is there besides.
        let orphans = ledger.mark_orphans(at(99)).await.unwrap();
        let extra = orphans.calls.len() - acknowledged.len();
        assert!(extra <= 1, "{extra}");
        assert!(orphans.calls.iter().all(|row| row.outcome == Outcome::Unknown));
        let (seq, _) = ledger.head().await.unwrap();
        assert!(seq > seen);
        seen = seq;
        assert_eq!(findings(&ledger).await, Ok(seq));
        ledger.close().await;
    }
}

/// Run by the test above in a process of its own; by itself it does nothing.
#[tokio::test]
async fn child_writes() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let ledger = Ledger::open(Path::new(&path)).await.unwrap();
    let first = u32::try_from(ledger.head().await.unwrap().0).unwrap() + 1;
    for n in first.. {
        let call = CallRow { target: "x".repeat(n as usize % 5000), ..row(n) };
        let sent = NewEvent { detail: json!({"n": n}), ..event(Kind::Intent, n, json!({})) };
        ledger.record(vec![event(Kind::Received, n, json!({})), sent], Some(call)).await.unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "recorded {n}").unwrap();
        out.flush().unwrap();
    }
}
