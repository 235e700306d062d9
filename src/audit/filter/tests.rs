//! The filter language: what is read, what is refused and how, what it selects.

use std::time::Duration;

use super::{Filter, FilterError, MAX_LENGTH, Pattern, search_text};
use crate::audit::{CallRow, Outcome};
use crate::base::{ApprovalId, RiskClass, Timestamp, TxId, Verdict};

/// 2026-01-31T12:00:00Z
const NOW: Timestamp = Timestamp::from_millis(1_769_860_800_000);

fn row() -> CallRow {
    CallRow {
        tx: TxId::parse("tx_0123456789abcdef0123456789abcdef").unwrap(),
        at: NOW,
        agent: "Claude-Code".into(),
        tool: "execute".into(),
        service: "s3".into(),
        operation: "DeleteBucket".into(),
        target: "Demo_Logs 100%".into(),
        region: "eu-west-1".into(),
        verdict: Some(Verdict::Ask),
        risk: Some(RiskClass::Destructive),
        outcome: Outcome::Failed,
        error: Some("NoSuchBucket".into()),
        duration_ms: Some(12),
        approval: ApprovalId::parse("ap_ffffffffffffffffffffffffffffffff"),
        last_seq: 9,
    }
}

fn ago(seconds: u64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() - i64::try_from(Duration::from_secs(seconds).as_millis()).unwrap())
}

#[test]
fn what_is_written_is_what_is_read() {
    let whole = |value: &str| vec![Pattern::whole(value)];
    let part = |value: &str| vec![Pattern::part(value)];
    let text = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let empty = Filter::default;
    let cases = [
        ("", empty()),
        ("   ", empty()),
        ("service:s3", Filter { service: whole("s3"), ..empty() }),
        ("SERVICE:S3", Filter { service: whole("s3"), ..empty() }),
        ("service:s3,sqs service:iam", Filter { service: ["s3", "sqs", "iam"].map(Pattern::whole).into(), ..empty() }),
        ("operation:delete", Filter { operation: part("delete"), ..empty() }),
        ("agent:\"claude code\"", Filter { agent: part("claude code"), ..empty() }),
        ("region:eu-*", Filter { region: whole("eu-*"), ..empty() }),
        ("tool:search", Filter { tool: whole("search"), ..empty() }),
        ("target:demo error:Denied", Filter { target: part("demo"), error: part("denied"), ..empty() }),
        ("verdict:deny,ask", Filter { verdict: vec![Verdict::Deny, Verdict::Ask], ..empty() }),
        ("risk:Secret", Filter { risk: vec![RiskClass::Secret], ..empty() }),
        ("outcome:failed", Filter { outcome: vec![Outcome::Failed], ..empty() }),
        ("since:90s", Filter { since: Some(ago(90)), ..empty() }),
        ("since:15m", Filter { since: Some(ago(15 * 60)), ..empty() }),
        ("since:1h until:5m", Filter { since: Some(ago(3600)), until: Some(ago(300)), ..empty() }),
        ("since:2d", Filter { since: Some(ago(2 * 86_400)), ..empty() }),
        ("since:1w", Filter { since: Some(ago(7 * 86_400)), ..empty() }),
        ("since:2026-01-31", Filter { since: Some(ago(12 * 3600)), ..empty() }),
        ("since:2026-01-31T11:59", Filter { since: Some(ago(60)), ..empty() }),
        ("since:2026-01-31T12:59:00+01:00", Filter { since: Some(ago(60)), ..empty() }),
        ("two Words", Filter { text: text(&["two", "words"]), ..empty() }),
        ("\"one phrase\"", Filter { text: text(&["one phrase"]), ..empty() }),
        ("arn:aws:s3:::demo", Filter { text: text(&["arn:aws:s3:::demo"]), ..empty() }),
        ("s3:DeleteBucket", Filter { text: text(&["s3:deletebucket"]), ..empty() }),
        ("\"verdicts:deny\"", Filter { text: text(&["verdicts:deny"]), ..empty() }),
        ("\"service:s3\"", Filter { text: text(&["service:s3"]), ..empty() }),
        (
            "service:s3 verdict:deny agent:claude since:1h outcome:failed free text",
            Filter {
                service: whole("s3"),
                verdict: vec![Verdict::Deny],
                agent: part("claude"),
                since: Some(ago(3600)),
                outcome: vec![Outcome::Failed],
                text: text(&["free", "text"]),
                ..empty()
            },
        ),
    ];
    for (written, expected) in cases {
        assert_eq!(Filter::parse(written, NOW), Ok(expected), "{written}");
    }
}

#[test]
fn what_cannot_be_read_says_how_to_write_it() {
    let cases = [
        (
            "servcie:s3",
            "`servcie:` is not a key; did you mean `service:`? To look for the text itself, put it in quotes",
        ),
        (
            "verdicts:deny",
            "`verdicts:` is not a key; did you mean `verdict:`? To look for the text itself, put it in quotes",
        ),
        ("service:", "`service:` needs a value"),
        ("service: s3", "`service:` needs a value"),
        ("service:s3,", "`service:` needs a value"),
        ("verdict:denied", "`verdict:denied` is not known; possible values are allow, ask, deny"),
        (
            "outcome:done",
            "`outcome:done` is not known; possible values are pending, ok, refused, denied, expired, failed, unknown",
        ),
        (
            "risk:high",
            "`risk:high` is not known; possible values are read, write, destructive, secret, privilege, execute",
        ),
        (
            "since:yesterday",
            "`since:yesterday` is not a time; write a span such as 90s, 15m, 1h, 2d, 1w, or a date such as 2026-01-31 \
             or 2026-01-31T10:00 (UTC)",
        ),
        ("agent:\"claude", "a quote is not closed; add a `\"` at the end"),
    ];
    for (written, message) in cases {
        assert_eq!(
            Filter::parse(written, NOW).map_err(|error| error.to_string()),
            Err(message.to_owned()),
            "{written}"
        );
    }
    for bad in ["since:h", "since:1", "since:1y", "since:-1h", "since:99999999999999999999s", "until:2026-13-01"] {
        assert!(matches!(Filter::parse(bad, NOW), Err(FilterError::BadTime { .. })), "{bad}");
    }
    assert_eq!(Filter::parse(&"x".repeat(MAX_LENGTH + 1), NOW), Err(FilterError::TooLong));
}

#[test]
fn a_filter_selects_by_every_field() {
    let selected = [
        "",
        "service:s3",
        "service:S3",
        "service:*3",
        "service:sqs,s3",
        "operation:delete",
        "operation:bucket",
        "operation:d*b*t",
        "agent:claude",
        "agent:CODE",
        "region:eu-west-1",
        "region:eu-*",
        "tool:execute",
        "target:logs",
        "target:\"100%\"",
        "target:_logs",
        "error:nosuch",
        "verdict:ask",
        "verdict:deny,ask",
        "risk:destructive",
        "outcome:failed",
        "since:1h",
        "until:2027-01-01",
        "demo_logs",
        "claude delete",
        "s3:deletebucket",
        "tx_0123456789abcdef",
        "ap_ffff",
        "NOSUCHBUCKET",
        "service:s3 verdict:ask bucket",
    ];
    let left_out = [
        "service:s",
        "service:s3control",
        "service:3",
        "operation:put",
        "operation:b*d*t",
        "agent:cursor",
        "region:eu",
        "region:us-*",
        "tool:search",
        "target:logz",
        "target:demo%",
        "error:denied",
        "verdict:allow",
        "risk:read",
        "outcome:ok,pending",
        "until:1h",
        "since:2027-01-01",
        "demo%logs",
        "claude put",
        "service:s3 verdict:deny",
        "demo*logs",
    ];
    for (text, expected) in selected.iter().map(|text| (text, true)).chain(left_out.iter().map(|text| (text, false))) {
        assert_eq!(Filter::parse(text, NOW).unwrap().matches(&row()), expected, "{text}");
    }
    let nothing_known = CallRow { verdict: None, risk: None, error: None, approval: None, ..row() };
    for text in ["verdict:ask", "risk:read", "error:*"] {
        assert!(!Filter::parse(text, NOW).unwrap().matches(&nothing_known), "{text}");
    }
}

#[test]
fn patterns_become_like_patterns_that_mean_the_same() {
    let cases = [("s3", "s3"), ("EU-*", "eu-%"), ("100%", r"100\%"), ("a_b", r"a\_b"), (r"a\b", r"a\\b"), ("*", "%")];
    for (value, like) in cases {
        assert_eq!(Pattern::whole(value).like(), like);
    }
    assert_eq!(Pattern::part("x").like(), "%x%");
}

#[test]
fn the_searched_text_is_pinned() {
    // Rows keep it beside them; another form needs a migration.
    assert_eq!(
        search_text(&row()),
        "claude-code\nexecute\ns3:deletebucket\ndemo_logs 100%\neu-west-1\nnosuchbucket\n\
         tx_0123456789abcdef0123456789abcdef\nap_ffffffffffffffffffffffffffffffff"
    );
}
