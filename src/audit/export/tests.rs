//! What leaves the ledger, whole: lines, CSV rows, OCSF events, JSON that a terminal cannot be steered by.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{Told, Widths, csv, json as text, line, ocsf};
use crate::audit::{CallRow, Event, Head, Kind, NewEvent, Outcome};
use crate::base::{AgentId, ApprovalId, OpId, RiskClass, Timestamp, TxId, Verdict};

/// 2026-01-31T12:00:00Z
const NOW: Timestamp = Timestamp::from_millis(1_769_860_800_000);

fn row() -> CallRow {
    CallRow {
        tx: TxId::parse("tx_0123456789abcdef0123456789abcdef").unwrap(),
        at: NOW,
        agent: "claude".into(),
        tool: "execute".into(),
        service: "s3".into(),
        operation: "DeleteBucket".into(),
        target: "demo-logs".into(),
        region: "eu-west-1".into(),
        verdict: Some(Verdict::Ask),
        risk: Some(RiskClass::Destructive),
        outcome: Outcome::Failed,
        error: Some("NoSuchBucket".into()),
        duration_ms: Some(1_450),
        approval: ApprovalId::parse("ap_ffffffffffffffffffffffffffffffff"),
        last_seq: 9,
    }
}

/// A call that only looks: nothing is known of policy, risk or region.
fn search() -> CallRow {
    CallRow {
        tool: "search".into(),
        service: String::new(),
        operation: String::new(),
        target: String::new(),
        region: String::new(),
        verdict: None,
        risk: None,
        outcome: Outcome::Ok,
        error: None,
        duration_ms: Some(3),
        approval: None,
        last_seq: 4,
        ..row()
    }
}

fn events(of: &[(Kind, Value)]) -> Vec<Event> {
    let mut head = Head::START;
    of.iter()
        .map(|(kind, detail)| {
            let event = head
                .extend(NewEvent {
                    at: Timestamp::from_millis(NOW.as_millis() + head.seq),
                    kind: *kind,
                    tx: Some(row().tx),
                    op: OpId::parse("op_eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"),
                    agent: AgentId::parse("ag_dddddddddddddddddddddddddddddddd"),
                    approval: None,
                    detail: detail.clone(),
                })
                .unwrap();
            head = Head { seq: event.seq, hash: event.hash };
            event
        })
        .collect()
}

#[test]
fn a_call_in_a_line() {
    let zone = TimeZone::fixed(jiff::tz::offset(2));
    let narrow = Widths::of(&[]);
    let tx = "tx_0123456789abcdef0123456789abcdef";
    let cases = [
        (
            row(),
            Widths::of(&[row()]),
            format!("2026-01-31 14:00:00  claude  s3:DeleteBucket  demo-logs  ask    failed      1.4 s  {tx}"),
        ),
        (search(), narrow, format!("2026-01-31 14:00:00  claude  search  -  -      ok          1.4 s  {tx}")),
        (
            // Wide characters take two columns, hidden ones are written out.
            CallRow { agent: "克\u{202e}".into(), target: "é".into(), tool: "validate".into(), ..row() },
            Widths { agent: 12, operation: 24, target: 4 },
            format!(
                "2026-01-31 14:00:00  克\\u{{202e}}    validate s3:DeleteBucket  é     ask    failed      1.4 s  {tx}"
            ),
        ),
        (
            CallRow { agent: "\u{1b}[2J\n".into(), target: "x".repeat(200), ..row() },
            narrow,
            format!(
                "2026-01-31 14:00:00  \\u{{1b}}[2J\\u{{a}}  s3:DeleteBucket  {}…  ask    failed      1.4 s  {tx}",
                "x".repeat(79)
            ),
        ),
    ];
    for (row, widths, wanted) in cases {
        assert_eq!(line::line(&row, widths, &zone, "1.4 s"), wanted);
    }
}

#[test]
fn columns_are_as_wide_as_their_widest_cell() {
    let other = CallRow { agent: "克克克克".into(), service: String::new(), target: String::new(), ..row() };
    assert_eq!(Widths::of(&[row(), other]), Widths { agent: 8, operation: 15, target: 9 });
    let lines = [row(), search()]
        .map(|each| line::line(&each, Widths::of(&[row(), search()]), &TimeZone::UTC, "3 ms").find("tx_").unwrap());
    assert_eq!(lines[0], lines[1]);
}

#[test]
fn calls_as_csv() {
    assert_eq!(
        csv::header(),
        "tx,at,agent,tool,service,operation,target,region,verdict,risk,outcome,error,duration_ms,approval,last_seq\r\n"
    );
    let tx = "tx_0123456789abcdef0123456789abcdef";
    let cases = [
        (
            row(),
            format!(
                "{tx},2026-01-31T12:00:00.000Z,claude,execute,s3,DeleteBucket,demo-logs,eu-west-1,ask,destructive,\
                 failed,NoSuchBucket,1450,ap_ffffffffffffffffffffffffffffffff,9\r\n"
            ),
        ),
        (search(), format!("{tx},2026-01-31T12:00:00.000Z,claude,search,,,,,,,ok,,3,,4\r\n")),
        (
            CallRow { agent: "a \"b\", c".into(), target: " x ".into(), region: "l1\r\nl2".into(), ..search() },
            format!(
                "{tx},2026-01-31T12:00:00.000Z,\"a \"\"b\"\", c\",search,,,\" x \",l1\\u{{d}}\\u{{a}}l2,,,ok,,3,,4\r\n"
            ),
        ),
        (
            CallRow {
                agent: "=HYPERLINK(\"x\")".into(),
                service: "+1".into(),
                operation: "-1".into(),
                target: "@SUM(1,2)".into(),
                region: "\t=1".into(),
                ..search()
            },
            format!(
                "{tx},2026-01-31T12:00:00.000Z,\"'=HYPERLINK(\"\"x\"\")\",search,'+1,'-1,\"'@SUM(1,2)\",\\u{{9}}=1,\
                 ,,ok,,3,,4\r\n"
            ),
        ),
    ];
    for (row, wanted) in cases {
        assert_eq!(csv::row(&row), wanted);
    }
}

#[test]
fn json_means_the_same_and_hides_nothing() {
    let value = json!({"a": "é\u{202e}\u{9b}x\u{7f}\u{1b}克", "b": ["\u{e0041}", "\u{feff}\n"]});
    let line = text::line(&value);
    assert_eq!(line, r#"{"a":"é\u202e\u009bx\u007f\u001b克","b":["\udb40\udc41","\ufeff\n"]}"#);
    for written in [line, text::pretty(&value)] {
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), value);
    }
}

#[test]
fn a_denied_or_failed_call_as_ocsf() {
    let events = events(&[
        (Kind::Received, json!({"tool": "execute"})),
        (Kind::Judged, json!({"rule": "first"})),
        (Kind::Asked, json!({})),
        (Kind::Approved, json!({})),
        (Kind::Judged, json!({"rule": "ask_for: destructive"})),
        (Kind::Intent, json!({"account": "210987654321", "endpoint": "https://demo-logs.s3.eu-west-1.amazonaws.com/"})),
        (
            Kind::Outcome,
            json!({"error": {
                "type": "ServiceError", "message": "NoSuchBucket: no such bucket", "code": "NoSuchBucket",
                "httpStatus": 404, "requestId": "req-1",
            }}),
        ),
    ]);
    let told = Told {
        row: &row(),
        events: &events,
        account: "123456789012",
        principal: "arn:aws:iam::123456789012:user/agent",
    };
    let wanted = json!({
        "class_uid": 6003,
        "class_name": "API Activity",
        "category_uid": 6,
        "category_name": "Application Activity",
        "activity_id": 4,
        "activity_name": "Delete",
        "type_uid": 600_304,
        "type_name": "API Activity: Delete",
        "time": 1_769_860_800_000_i64,
        "start_time": 1_769_860_800_000_i64,
        "end_time": 1_769_860_801_450_i64,
        "duration": 1_450,
        "severity_id": 4,
        "severity": "High",
        "status_id": 2,
        "status": "Failure",
        "status_code": "NoSuchBucket",
        "status_detail": "NoSuchBucket: no such bucket",
        "metadata": {
            "version": "1.3.0",
            "profiles": ["cloud"],
            "product": {"name": "Countersign", "vendor_name": "Countersign", "version": env!("CARGO_PKG_VERSION")},
            "log_name": "ledger",
            "uid": "tx_0123456789abcdef0123456789abcdef",
            "sequence": 9,
        },
        "actor": {
            "app_name": "claude",
            "app_uid": "ag_dddddddddddddddddddddddddddddddd",
            "user": {"uid": "arn:aws:iam::123456789012:user/agent"},
        },
        "api": {
            "operation": "DeleteBucket",
            "service": {"name": "s3"},
            "request": {"uid": "tx_0123456789abcdef0123456789abcdef"},
            "response": {"code": 404, "error": "NoSuchBucket", "error_message": "NoSuchBucket: no such bucket"},
        },
        "cloud": {
            "provider": "AWS",
            "region": "eu-west-1",
            "account": {"uid": "123456789012", "type": "AWS Account", "type_id": 10},
        },
        "src_endpoint": {"svc_name": "countersign"},
        "dst_endpoint": {"hostname": "demo-logs.s3.eu-west-1.amazonaws.com"},
        "http_response": {"code": 404},
        "resources": [{"name": "demo-logs", "region": "eu-west-1"}],
        "unmapped": {
            "tool": "execute",
            "verdict": "ask",
            "risk": "destructive",
            "outcome": "failed",
            "rule": "ask_for: destructive",
            "approval": "ap_ffffffffffffffffffffffffffffffff",
            "decision": "approved",
            "decided_at": 1_769_860_800_003_i64,
            "aws_request_id": "req-1",
            "first_event": 1,
            "last_event_hash": events[6].hash,
        },
    });
    assert_eq!(ocsf::event(told), wanted);

    // It was told to come back, and its approval was then used: nothing of that is a failure.
    let used = CallRow { outcome: Outcome::Ok, ..row() };
    let event = ocsf::event(Told { row: &used, ..told });
    let found = [&event["status"], &event["api"]["response"]];
    assert_eq!(found, [&json!("Success"), &json!({"code": 404})]);
    assert_eq!((event.get("status_code"), event.get("status_detail")), (None, None));

    // Without an approval, the account is the one that the intent names.
    let cloud = ocsf::event(Told { account: "", ..told })["cloud"].clone();
    assert_eq!(cloud["account"]["uid"], json!("210987654321"));
}

#[test]
fn a_call_of_which_little_is_known_as_ocsf() {
    let told = Told { row: &search(), events: &[], account: "", principal: "" };
    let wanted = json!({
        "class_uid": 6003,
        "class_name": "API Activity",
        "category_uid": 6,
        "category_name": "Application Activity",
        "activity_id": 2,
        "activity_name": "Read",
        "type_uid": 600_302,
        "type_name": "API Activity: Read",
        "time": 1_769_860_800_000_i64,
        "start_time": 1_769_860_800_000_i64,
        "end_time": 1_769_860_800_003_i64,
        "duration": 3,
        "severity_id": 1,
        "severity": "Informational",
        "status_id": 1,
        "status": "Success",
        "metadata": {
            "version": "1.3.0",
            "profiles": ["cloud"],
            "product": {"name": "Countersign", "vendor_name": "Countersign", "version": env!("CARGO_PKG_VERSION")},
            "log_name": "ledger",
            "uid": "tx_0123456789abcdef0123456789abcdef",
            "sequence": 4,
        },
        "actor": {"app_name": "claude"},
        "api": {
            "operation": "aws.searchOperations",
            "service": {"name": "countersign"},
            "request": {"uid": "tx_0123456789abcdef0123456789abcdef"},
        },
        "cloud": {"provider": "AWS"},
        "src_endpoint": {"svc_name": "countersign"},
        "unmapped": {"tool": "search", "outcome": "ok"},
    });
    assert_eq!(ocsf::event(told), wanted);
}

#[test]
fn what_an_operation_does_how_bad_it_is_and_how_it_ended() {
    use RiskClass::{Destructive, Execute, Privilege, Read, Secret, Write};
    let cases = [
        ("execute", "CreateBucket", Some(Write), Outcome::Ok, (1, "Create", 2, 1)),
        ("execute", "RunInstances", Some(Write), Outcome::Refused, (1, "Create", 2, 2)),
        ("execute", "GetSecretValue", Some(Secret), Outcome::Denied, (2, "Read", 4, 2)),
        ("execute", "BatchGetItem", Some(Read), Outcome::Ok, (2, "Read", 1, 1)),
        ("execute", "BatchWriteItem", Some(Destructive), Outcome::Expired, (3, "Update", 4, 2)),
        ("execute", "PutUserPolicy", Some(Privilege), Outcome::Failed, (3, "Update", 4, 2)),
        ("execute", "TerminateInstances", Some(Destructive), Outcome::Unknown, (4, "Delete", 4, 0)),
        ("execute", "Invoke", Some(Execute), Outcome::Pending, (99, "Other", 3, 99)),
        ("execute", "EstimateCost", Some(Read), Outcome::Ok, (2, "Read", 1, 1)),
        ("execute", "Getaway", None, Outcome::Refused, (99, "Other", 0, 2)),
        ("execute", "", None, Outcome::Refused, (0, "Unknown", 0, 2)),
        ("validate", "DeleteBucket", Some(Destructive), Outcome::Ok, (99, "Validate", 1, 1)),
        ("schema", "DeleteBucket", None, Outcome::Ok, (2, "Read", 1, 1)),
    ];
    for (tool, operation, risk, outcome, wanted) in cases {
        let row = CallRow { tool: tool.into(), operation: operation.into(), risk, outcome, ..row() };
        let event = ocsf::event(Told { row: &row, events: &[], account: "", principal: "" });
        let found = ["activity_id", "severity_id", "status_id", "type_uid"].map(|key| event[key].as_i64().unwrap());
        let (activity, name, severity, status) = wanted;
        assert_eq!(found, [activity, severity, status, 600_300 + activity], "{tool} {operation}");
        assert_eq!(event["activity_name"], json!(name), "{tool} {operation}");
    }
}

#[test]
fn the_host_of_an_endpoint() {
    let cases = [
        ("https://s3.amazonaws.com/demo/key?x", Some("s3.amazonaws.com")),
        ("http://127.0.0.1:4566/demo", Some("127.0.0.1")),
        ("http://[::1]:4566/", Some("[::1]")),
        ("sts.amazonaws.com", Some("sts.amazonaws.com")),
        ("https:///x", None),
    ];
    for (endpoint, wanted) in cases {
        let events = events(&[(Kind::Intent, json!({"endpoint": endpoint}))]);
        let event = ocsf::event(Told { row: &row(), events: &events, account: "", principal: "" });
        assert_eq!(event.get("dst_endpoint"), wanted.map(|host| json!({"hostname": host})).as_ref(), "{endpoint}");
    }
}
