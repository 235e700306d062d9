//! `countersign audit` on the ledger of a house in which calls were made: the real binary, every command.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use countersign::audit::{CallRow, Event};
use countersign::engine::Decision;
use countersign::ledger::{CallQuery, Ledger};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::ChildStdout;

use crate::flow::pending;
use crate::support::house::{Client, House, call, invoke};

/// Stands in one event of the ledger and nowhere else.
const ONCE: &str = "what a very particular reason";

/// What a command of the binary answered.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    fn json_lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

async fn finish(command: &mut tokio::process::Command) -> Ran {
    let done = command.output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: done.status.code(), out: text(done.stdout), err: text(done.stderr) }
}

async fn audit(house: &House, arguments: &[&str]) -> Ran {
    finish(house.command("audit").args(arguments)).await
}

/// A validation, a read, a denial by policy, and a deletion that two callers share and the human approves.
async fn make_calls(house: &House, client: &Client) {
    let valid = json!({"action": "validate", "service": "s3", "operation": "DeleteBucket", "payload": {"Bucket": "b"}});
    call(client, "aws_execute", valid).await;
    call(client, "aws_execute", invoke("ListBuckets", json!({}), json!({}))).await;
    let mut denied = invoke("DeleteUser", json!({"UserName": "x"}), json!({ "reason": ONCE }));
    denied["service"] = json!("iam");
    call(client, "aws_execute", denied).await;
    let delete = |hold: u32| invoke("DeleteBucket", json!({"Bucket": "demo-reports"}), json!({ "hold": hold }));
    // The first asks, the second joins its approval and runs.
    call(client, "aws_execute", delete(0)).await;
    let (answer, ()) = tokio::join!(call(client, "aws_execute", delete(60)), async {
        let asked = pending(&house.engine).await;
        house
            .engine
            .approver(crate::support::house::key())
            .decide(&asked.id, Decision::Approve { shown: asked.shown() })
            .await
            .unwrap();
    });
    assert_eq!(answer["status"], json!("ok"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_from_a_shell() {
    let house = House::open().await;
    let client = house.client().await;
    make_calls(&house, &client).await;
    let ledger = Ledger::open_existing(&house.paths().ledger()).await.unwrap();
    let rows = ledger.calls(&CallQuery::default()).await.unwrap();
    let before = ledger.head().await.unwrap();

    lists(&house, &rows).await;
    shows(&house, &ledger, &rows).await;
    exports(&house, &ledger, &rows).await;
    refuses(&house).await;

    let verified = ledger.verify().await.unwrap();
    let ran = audit(&house, &["verify"]).await;
    let wanted = format!(
        "The ledger holds.\nevents     {}\ncalls      {}\napprovals  1\nhead       {}\n",
        before.0,
        rows.len(),
        before.1
    );
    assert_eq!((ran.code, ran.out), (Some(0), wanted));
    let wanted = json!({"ok": true, "events": before.0, "calls": rows.len(), "approvals": 1, "head": verified.head});
    assert_eq!(audit(&house, &["verify", "--json"]).await.json(), wanted);
    assert_eq!(ledger.head().await.unwrap(), before, "reading leaves no trace");

    let place = ledger.events_after(0, 1000).await.unwrap();
    let place = place.iter().find(|event| event.event.detail.to_string().contains(ONCE)).unwrap().seq;
    drop(client);
    ledger.close().await;
    let path = house.paths().ledger();
    let copy = tempfile::tempdir().unwrap();
    let mut command = house.command("audit");
    command.env("COUNTERSIGN_HOME", copy.path());
    let _home = house.close().await;
    changed(command, &path, copy.path(), place).await;
}

async fn lists(house: &House, rows: &[CallRow]) {
    let outcomes: Vec<&str> = rows.iter().map(|row| row.outcome.as_str()).collect();
    assert_eq!(outcomes, ["ok", "ok", "denied", "ok", "ok"], "{rows:?}");
    let json = |rows: &[CallRow]| rows.iter().map(|row| serde_json::to_value(row).unwrap()).collect::<Vec<_>>();
    assert_eq!(audit(house, &["query", "--json"]).await.json_lines(), json(rows));
    assert_eq!(audit(house, &["query", "--json", "--limit", "2"]).await.json_lines(), json(&rows[..2]));
    assert_eq!(audit(house, &["query", "service:iam", "verdict:deny", "--json"]).await.json_lines(), json(&rows[2..3]));

    let told = audit(house, &["query", "service:s3"]).await;
    let told: Vec<Vec<&str>> = told.out.lines().map(|line| line.split_whitespace().collect()).collect();
    let wanted = [
        (0, "s3:DeleteBucket", "demo-reports"),
        (1, "s3:DeleteBucket", "demo-reports"),
        (3, "s3:ListBuckets", "-"),
        (4, "s3:DeleteBucket", "b"),
    ];
    assert_eq!(told.len(), wanted.len());
    for (line, (at, operation, target)) in told.iter().zip(wanted) {
        assert!(line.contains(&operation) && line.contains(&target), "{line:?}");
        assert_eq!(line.last(), Some(&rows[at].tx.as_str()));
    }
}

async fn shows(house: &House, ledger: &Ledger, rows: &[CallRow]) {
    let row = &rows[0];
    let events = ledger.events_of(&row.tx).await.unwrap();
    let shortened = row.tx.as_str().get(..30).unwrap();
    let wanted = json!({"call": row, "events": events});
    assert_eq!(audit(house, &["show", shortened, "--json"]).await.json(), wanted);

    let told = audit(house, &["show", row.tx.as_str()]).await.out;
    let kinds: Vec<&str> =
        told.lines().filter(|line| line.starts_with('#')).filter_map(|line| line.split("  ").nth(2)).collect();
    let wanted: Vec<String> =
        events.iter().map(|event| event.event.kind.as_str().replace("settled", "approval settled")).collect();
    assert_eq!(kinds, wanted, "{told}");
    assert!(told.contains("Target     demo-reports\n") && told.contains("    \"Bucket\": \"demo-reports\""), "{told}");

    // Every id begins with the same digits of the clock.
    let shared = row.tx.as_str().get(..6).unwrap();
    for (id, told) in [
        (shared, row.tx.as_str()),
        ("tx_ffffffff", "there is no call tx_ffffffff in "),
        ("ListBuckets", "`ListBuckets` is not the id of a call"),
    ] {
        let ran = audit(house, &["show", id]).await;
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
        assert!(ran.err.contains(told), "{}", ran.err);
    }
}

async fn exports(house: &House, ledger: &Ledger, rows: &[CallRow]) {
    // Whole events, each once though two calls share an approval.
    let mut wanted: Vec<Event> = ledger.events_after(0, 1000).await.unwrap();
    wanted.retain(|event| event.event.tx.is_some());
    let mut lines = audit(house, &["export", "--format", "jsonl"]).await.json_lines();
    lines.sort_by_key(|event| event["seq"].as_i64());
    assert_eq!(lines, wanted.iter().map(|event| serde_json::to_value(event).unwrap()).collect::<Vec<_>>());

    // Of one call alone: what it shares with the other is there.
    let one = audit(house, &["export", "--format", "jsonl", rows[0].tx.as_str()]).await.json_lines();
    let of_one = ledger.events_of(&rows[0].tx).await.unwrap();
    assert_eq!(one, of_one.iter().map(|event| serde_json::to_value(event).unwrap()).collect::<Vec<_>>());

    let csv = audit(house, &["export", "--format", "csv"]).await.out;
    let ids: Vec<&str> = csv.split("\r\n").skip(1).filter_map(|line| line.split(',').next()).collect();
    let wanted: Vec<&str> = rows.iter().map(|row| row.tx.as_str()).chain([""]).collect();
    assert_eq!(ids, wanted, "{csv}");

    let file = house.home.path().join("calls.ocsf");
    let path = file.to_str().unwrap();
    let ran = audit(house, &["export", "service:s3", "--format", "ocsf", "--output", path]).await;
    assert_eq!((ran.code, ran.out), (Some(0), format!("4 calls written to {path}\n")));
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let written = std::fs::read_to_string(&file).unwrap();
    let told: Vec<Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<Value> = told
        .iter()
        .map(|event| {
            let (account, by) = (&event["cloud"]["account"]["uid"], &event["unmapped"]["decision"]);
            json!([event["type_uid"], event["status"], account, by])
        })
        .collect();
    let wanted = [
        json!([600_304, "Success", "000000000000", "approved"]),
        json!([600_304, "Success", "000000000000", "approved"]),
        json!([600_302, "Success", null, null]),
        json!([600_399, "Success", null, null]),
    ];
    assert_eq!(told, wanted);

    let again = audit(house, &["export", "--format", "csv", "--output", path]).await;
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("is there already and is not overwritten"), "{}", again.err);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), written);
}

/// What cannot be done is told, and changes nothing.
async fn refuses(house: &House) {
    let ran = audit(house, &["query", "verdict:maybe"]).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(ran.err.contains("allow, ask, deny"), "{}", ran.err);

    let nowhere = house.home.path().join("nowhere");
    for command in [&["query"][..], &["tail"], &["show", "tx_0"], &["verify"], &["export", "--format", "csv"]] {
        let ran = finish(house.command("audit").args(command).env("COUNTERSIGN_HOME", &nowhere)).await;
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{command:?}");
        assert!(ran.err.contains("there is no ledger at ") && ran.err.contains("COUNTERSIGN_HOME"), "{}", ran.err);
        assert!(!nowhere.exists(), "{command:?}");
    }

    // Nobody reads: a quiet end.
    let mut child = house.command("audit").arg("query").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let done = child.wait_with_output().await.unwrap();
    assert_eq!((done.status.code(), done.stderr), (Some(0), vec![]));
}

/// A ledger in which one byte of one event was changed.
async fn changed(mut verify: tokio::process::Command, ledger: &Path, home: &Path, place: i64) {
    for name in ["ledger.db", "ledger.db-wal"] {
        let from = ledger.with_file_name(name);
        if from.exists() {
            std::fs::copy(from, home.join(name)).unwrap();
        }
    }
    verify.args(["verify", "--json"]);
    assert_eq!(finish(&mut verify).await.json()["ok"], json!(true));
    // The last one to close it has put everything into the one file.
    assert!(!home.join("ledger.db-wal").exists());
    let file = home.join("ledger.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let text = ONCE.as_bytes();
    let places: Vec<usize> = (0..bytes.len() - text.len()).filter(|at| bytes[*at..].starts_with(text)).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at] = b'W';
    }
    std::fs::write(&file, bytes).unwrap();
    let ran = finish(&mut verify).await;
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.json(), json!({"ok": false, "sequence": place, "what": "its content is not what was recorded"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tail_tells_what_ends_and_what_waits() {
    let house = House::open().await;
    let client = house.client().await;
    let tail = |arguments: &[&str]| {
        let mut child = house
            .command("audit")
            .arg("tail")
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        (child, lines)
    };
    let (child, mut lines) = tail(&["--json", "service:s3"]);
    // It tells of calls from its start on, which is when the first one is told.
    let first = first_line(&client, &mut lines).await;
    let first: CallRow = serde_json::from_str(&first).unwrap();
    assert_eq!((first.operation.as_str(), first.outcome.as_str()), ("ListBuckets", "ok"));

    // Not selected, then a deletion that waits and then runs: two lines for it.
    let denied = json!({"action": "invoke", "service": "iam", "operation": "DeleteUser", "payload": {"UserName": "x"}});
    call(&client, "aws_execute", denied).await;
    let delete = invoke("DeleteBucket", json!({"Bucket": "demo-reports"}), json!({"hold": 60}));
    let (_, told) = tokio::join!(call(&client, "aws_execute", delete), async {
        let asked = pending(&house.engine).await;
        let mut told: Vec<CallRow> = Vec::new();
        while told.last().is_none_or(|row| row.operation != "DeleteBucket") {
            told.push(serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap());
        }
        house
            .engine
            .approver(crate::support::house::key())
            .decide(&asked.id, Decision::Approve { shown: asked.shown() })
            .await
            .unwrap();
        told.push(serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap());
        told
    });
    let told: Vec<_> = told
        .iter()
        .map(|row| (row.operation.as_str(), row.outcome.as_str()))
        .filter(|told| *told != ("ListBuckets", "ok"))
        .collect();
    assert_eq!(told, [("DeleteBucket", "pending"), ("DeleteBucket", "ok")]);

    // Nobody reads any more: it ends though nothing happens.
    drop(lines);
    let done = child.wait_with_output().await.unwrap();
    assert_eq!((done.status.code(), done.stderr), (Some(0), vec![]));

    // Ctrl-C.
    let (child, mut lines) = tail(&[]);
    assert!(first_line(&client, &mut lines).await.contains("s3:ListBuckets"));
    let pid = child.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let done = child.wait_with_output().await.unwrap();
    assert_eq!((done.status.code(), done.stderr), (Some(0), vec![]));
    drop(client);
    house.close().await;
}

/// Makes calls until the tail tells of one: it tells of those that come after its start.
async fn first_line(client: &Client, lines: &mut Lines<BufReader<ChildStdout>>) -> String {
    let line = lines.next_line();
    tokio::pin!(line);
    loop {
        call(client, "aws_execute", invoke("ListBuckets", json!({}), json!({}))).await;
        tokio::select! {
            biased;
            line = &mut line => return line.unwrap().unwrap(),
            () = std::future::ready(()) => {}
        }
    }
}
