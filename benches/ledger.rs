//! How long the ledger takes: appends with durability, alone and many at once; the list of 100,000 calls; verification.
//!
//! `cargo bench --bench ledger`. Goals: an append ≤ 1 ms (p50, durable), a filter over 100,000 rows ≤ 100 ms.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::error::Error;
use std::time::{Duration, Instant};

use countersign::audit::{CallRow, Filter, Kind, NewEvent, Outcome};
use countersign::base::{RiskClass, Timestamp, TxId, Verdict};
use countersign::ledger::{CallQuery, Ledger};
use futures_util::future::try_join_all;
use serde_json::json;

const ROWS: u32 = 100_000;
const NOW: i64 = 1_700_000_000_000;

fn tx(n: u32) -> Result<TxId, Box<dyn Error>> {
    TxId::parse(&format!("tx_{n:032x}")).ok_or_else(|| "not an id".into())
}

fn event(n: u32) -> Result<NewEvent, Box<dyn Error>> {
    Ok(NewEvent {
        at: Timestamp::from_millis(NOW + i64::from(n)),
        kind: Kind::Received,
        tx: Some(tx(n)?),
        op: None,
        agent: None,
        approval: None,
        detail: json!({"tool": "execute", "arguments": {"service": "s3", "operation": "PutObject",
            "payload": {"Bucket": "demo", "Key": format!("folder/object-{n}")}}}),
    })
}

fn row(n: u32) -> Result<CallRow, Box<dyn Error>> {
    let pick = |words: [&str; 4]| words.get(n as usize % 4).copied().unwrap_or_default().to_owned();
    Ok(CallRow {
        tx: tx(n)?,
        at: Timestamp::from_millis(NOW + i64::from(n)),
        agent: pick(["claude-code", "cursor", "codex", "claude-desktop"]),
        tool: "execute".to_owned(),
        service: pick(["s3", "ec2", "dynamodb", "iam"]),
        operation: pick(["PutObject", "DescribeInstances", "BatchWriteItem", "ListRoles"]),
        target: format!("folder/object-{n}"),
        region: "eu-west-1".to_owned(),
        verdict: Some(Verdict::Allow),
        risk: Some(RiskClass::Write),
        outcome: Outcome::Ok,
        error: None,
        duration_ms: Some(12),
        approval: None,
        last_seq: 0,
    })
}

fn report(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len() - 1)).copied().unwrap_or_default();
    println!("{what:<58} p50 {:>9.1?}   p99 {:>9.1?}   n {}", at(50), at(99), times.len());
}

async fn filtered(ledger: &Ledger, text: &str) -> Result<(), Box<dyn Error>> {
    let filter = Filter::parse(text, Timestamp::from_millis(NOW))?;
    let query = CallQuery { filter, limit: 50, ..CallQuery::default() };
    let mut times = Vec::new();
    let mut found = 0;
    for _ in 0..20 {
        let begun = Instant::now();
        found = ledger.calls(&query).await?.len();
        times.push(begun.elapsed());
    }
    report(&format!("{ROWS} rows, 50 of `{text}` ({found} found)"), &mut times);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let home = tempfile::tempdir()?;
    let ledger = Ledger::open(&home.path().join("ledger.db")).await?;

    let mut n = 0;
    let mut times = Vec::new();
    for _ in 0..1000 {
        let event = NewEvent { kind: Kind::Intent, ..event(n)? };
        let begun = Instant::now();
        ledger.append(event).await?;
        times.push(begun.elapsed());
    }
    report("one event, durable", &mut times);

    times.clear();
    for _ in 0..1000 {
        n += 1;
        let (event, row) = (event(n)?, row(n)?);
        let begun = Instant::now();
        ledger.record(vec![event], Some(row)).await?;
        times.push(begun.elapsed());
    }
    report("one event and its call's row, durable", &mut times);

    let mut all = Vec::new();
    let begun = Instant::now();
    while n < ROWS {
        let mut writes = Vec::new();
        for _ in 0..64.min(ROWS - n) {
            n += 1;
            writes.push(ledger.record(vec![event(n)?], Some(row(n)?)));
        }
        let timed = writes.into_iter().map(async |write| {
            let begun = Instant::now();
            write.await.map(|_| begun.elapsed())
        });
        all.extend(try_join_all(timed).await?);
    }
    println!("{:<58} {:.0}/s", "64 writers at once", f64::from(ROWS) / begun.elapsed().as_secs_f64());
    report("64 writers at once, each", &mut all);

    // Who waits looks 25 times a second.
    let last = ledger.wait_for_change(0, Duration::ZERO).await?;
    times.clear();
    for _ in 0..1000 {
        let begun = Instant::now();
        ledger.wait_for_change(last, Duration::ZERO).await?;
        times.push(begun.elapsed());
    }
    report("one look for commits of other processes", &mut times);

    for text in ["", "nothing-like-this", "object-77", "service:iam agent:claude", "agent:nobody", "verdict:deny"] {
        filtered(&ledger, text).await?;
    }
    let begun = Instant::now();
    let counts = ledger.counts().await?;
    println!("{:<58} {:.1?}", "counts", begun.elapsed());
    let begun = Instant::now();
    let verified = ledger.verify().await?;
    println!("{:<58} {:.1?} for {} events, {} calls", "verify", begun.elapsed(), verified.events, counts.calls);
    ledger.close().await;
    println!("{:<58} {} bytes a call", "size", std::fs::metadata(ledger.path())?.len() / u64::from(ROWS));
    Ok(())
}
