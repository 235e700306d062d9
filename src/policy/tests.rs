//! What a policy says, as data: `tests/policy/decide.txt` (verdicts) and `tests/policy/broken.txt` (messages).

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::base::{RiskClass, Timestamp};

const DECIDE: &str = include_str!("../../tests/policy/decide.txt");
const BROKEN: &str = include_str!("../../tests/policy/broken.txt");

pub(super) fn cases(text: &str) -> Vec<(&str, &str)> {
    let cases = text.split("=== ").skip(1);
    cases.map(|case| case.split_once('\n').unwrap_or((case.trim(), ""))).collect()
}

fn subject<'a>(name: &'a str, class: RiskClass) -> Subject<'a> {
    let (service, operation) = name.split_once(':').unwrap();
    Subject {
        service,
        operation,
        class,
        region: "",
        account: "",
        profile: "",
        payload: None,
        now: Timestamp::default(),
    }
}

#[test]
fn verdicts() {
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for (title, body) in cases(DECIDE) {
        let (text, lines) = body.split_once("---\n").unwrap();
        let text = if text == "shipped\n" { SHIPPED } else { text };
        let policy = Policy::parse(text, "policy.yaml").unwrap_or_else(|error| panic!("{title}\n{error}"));
        for line in lines.lines().filter(|line| !line.is_empty()) {
            let (call, expected) = line.split_once(" => ").unwrap();
            let (call, payload) = match call.split_once(" payload=") {
                Some((call, payload)) => (call, Some(serde_json::from_str::<Value>(payload).unwrap())),
                None => (call, None),
            };
            let mut words = call.split(' ');
            let name = words.next().unwrap();
            let class = serde_json::from_value(json!(words.next().unwrap())).unwrap();
            let mut subject = Subject { payload: payload.as_ref(), ..subject(name, class) };
            for word in words {
                match word.split_once('=').unwrap() {
                    ("region", value) => subject.region = value,
                    ("account", value) => subject.account = value,
                    ("profile", value) => subject.profile = value,
                    ("at", value) => {
                        let at: jiff::Timestamp = value.parse().unwrap();
                        subject.now = Timestamp::from_millis(at.as_millisecond());
                    }
                    other => panic!("{other:?}"),
                }
            }
            let decision = policy.decide(&subject);
            let found = format!("{} {}", decision.verdict, decision.rule);
            let same = if text == SHIPPED { found.starts_with(expected) } else { found == expected };
            if !same {
                wrong.push(format!("{title}: {call}\n  expected {expected}\n  found    {found}"));
            }
            judged += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(judged > 60, "{judged} lines judged");
}

#[test]
fn broken_files_are_explained() {
    let mut out = String::new();
    for (title, text) in cases(BROKEN) {
        let error = Policy::parse(text, "policy.yaml").err().unwrap_or_else(|| panic!("{title} was accepted"));
        out.push_str(&format!("=== {title}\n{error}\n"));
    }
    insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("broken", out);
    });
}

#[test]
fn a_file_too_large_is_refused_unread() {
    let text = format!("version: 1\n#{}", "x".repeat(Policy::MAX_BYTES));
    let error = Policy::parse(&text, "policy.yaml").unwrap_err();
    assert_eq!(error.headline(), "policy.yaml: the file has 1048588 bytes; a policy has at most 1048576");
}

#[test]
fn a_deep_file_is_refused() {
    let headline = |depth| {
        let text = format!("version: 1\nfiles: {}{}", "[".repeat(depth), "]".repeat(depth));
        Policy::parse(&text, "policy.yaml").unwrap_err().headline()
    };
    assert_eq!(headline(20), "policy.yaml:2:23: nested too deeply");
    assert_eq!(headline(100_000), "policy.yaml:2:263: not YAML: recursion limit exceeded");
}

#[test]
fn the_headline_counts_the_rest() {
    let error = Policy::parse("version: 1\na: 1\nb: 2\n", "p.yaml").unwrap_err();
    assert_eq!(error.headline(), "p.yaml:2:1: unknown key of a policy: `a` (and 1 more)");
}

#[test]
fn settings_are_read() {
    let text = "version: 1\napproval: {ttl_seconds: 60}\nfiles: {roots: [a, b], deny: ['*.pem'], allow: [ca.pem], max_bytes: 10}\n";
    let policy = Policy::parse(text, "p").unwrap();
    assert_eq!(policy.approval_ttl().as_secs(), 60);
    let files = Files {
        roots: vec!["a".into(), "b".into()],
        deny: vec!["*.pem".into()],
        allow: vec!["ca.pem".into()],
        max_bytes: 10,
    };
    assert_eq!(policy.files(), &files);
    let policy = Policy::parse("version: 1\n", "p").unwrap();
    assert_eq!(policy.approval_ttl().as_secs(), 900);
    assert_eq!(policy.files(), &Files::default());
    assert_eq!(policy.version().len(), 12);
    assert_ne!(policy.version(), Policy::parse("version: 1\n\n", "p").unwrap().version());
}

#[test]
fn the_trace_shows_every_rule_and_which_decided() {
    let text =
        "version: 1\nrules:\n  deny: [{match: '^s3:Delete', because: 'we keep everything.'}]\n  allow: ['^s3:']\n";
    let policy = Policy::parse(text, "p").unwrap();
    let decision = policy.decide(&subject("s3:DeleteBucket", RiskClass::Destructive));
    let matched = |rule: &str, verdict, because: Option<&str>, decided| Matched {
        rule: rule.to_owned(),
        verdict,
        because: because.map(str::to_owned),
        decided,
        note: None,
    };
    let expected = Decision {
        verdict: Verdict::Deny,
        rule: "rules.deny[0]: ^s3:Delete".to_owned(),
        reasons: vec!["`rules.deny[0]: ^s3:Delete` denies it: we keep everything.".to_owned()],
        trace: vec![
            matched("rules.deny[0]: ^s3:Delete", Verdict::Deny, Some("we keep everything."), true),
            matched("ask_for: destructive", Verdict::Ask, None, false),
            matched("rules.allow[0]: ^s3:", Verdict::Allow, None, false),
        ],
        auto_approved: false,
    };
    assert_eq!(decision, expected);
}

#[test]
fn auto_approval_spares_privilege_and_secret_and_shows_both() {
    let policy = Policy::parse("version: 1\nrules: {deny: ['^iam:']}\n", "p").unwrap();
    let run = |name, class| {
        let decision = auto_approve(policy.decide(&subject(name, class)), class);
        (decision.verdict, decision.auto_approved, decision.rule)
    };
    let ask = |class: &str| format!("ask_for: {class}");
    assert_eq!(run("s3:DeleteBucket", RiskClass::Destructive), (Verdict::Allow, true, ask("destructive")));
    assert_eq!(run("lambda:Invoke", RiskClass::Execute), (Verdict::Allow, true, ask("execute")));
    assert_eq!(run("s3:PutBucketPolicy", RiskClass::Privilege), (Verdict::Ask, false, ask("privilege")));
    assert_eq!(run("ssm:GetParameter", RiskClass::Secret), (Verdict::Ask, false, ask("secret")));
    assert_eq!(run("iam:DeleteUser", RiskClass::Destructive), (Verdict::Deny, false, "rules.deny[0]: ^iam:".into()));
    assert_eq!(run("s3:ListBuckets", RiskClass::Read), (Verdict::Deny, false, "default: deny".into()));
}

#[test]
fn hidden_services() {
    let policy = Policy::parse("version: 1\nservices: {allowlist: ['s3*'], denylist: [s3control]}\n", "p").unwrap();
    let hidden: Vec<bool> = ["s3", "S3", "s3tables", "s3control", "ec2"].map(|name| policy.hidden(name)).to_vec();
    assert_eq!(hidden, [false, false, false, true, true]);
}

#[test]
fn the_closed_policy_denies_everything() {
    for class in RiskClass::ALL {
        assert_eq!(Policy::closed().decide(&subject("s3:ListBuckets", class)).verdict, Verdict::Deny);
    }
}

/// Policies made of a few patterns, some of them narrowed.
pub(super) fn rules() -> impl Strategy<Value = Vec<String>> {
    let pattern = prop::sample::select(vec!["^s3:", "Delete", ".*", "^ec2:Describe", "^iam:.*$", "Put|Get"]);
    let narrow =
        prop::sample::select(vec!["", "regions: eu-*", "accounts: '111122223333'", "parameters: {Bucket: '^a'}"]);
    prop::collection::vec((pattern, narrow).prop_map(|(p, n)| format!("{{match: '{p}', {n}}}")), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn adding_a_deny_never_allows_more(
        deny in rules(), ask in rules(), allow in rules(), more in rules(),
        default in prop::sample::select(vec!["deny", "ask"]),
        name in prop::sample::select(vec!["s3:PutObject", "s3:DeleteBucket", "ec2:DescribeVpcs", "iam:GetUser"]),
        class in prop::sample::select(RiskClass::ALL.to_vec()),
        region in prop::sample::select(vec!["", "eu-west-1", "us-east-1"]),
        account in prop::sample::select(vec!["", "111122223333", "444455556666"]),
        bucket in prop::sample::select(vec![None, Some("a1"), Some("b1")]),
    ) {
        let text = |deny: &[String]| format!(
            "version: 1\nrules:\n  deny: [{}]\n  ask: [{}]\n  allow: [{}]\ndefault: {default}\n",
            deny.join(", "), ask.join(", "), allow.join(", "),
        );
        let all: Vec<String> = deny.iter().chain(&more).cloned().collect();
        let payload = bucket.map(|bucket| json!({ "Bucket": bucket }));
        let subject = Subject { region, account, payload: payload.as_ref(), ..subject(name, class) };
        let before = Policy::parse(&text(&deny), "p").unwrap().decide(&subject).verdict;
        let after = Policy::parse(&text(&all), "p").unwrap().decide(&subject).verdict;
        prop_assert!(after >= before, "{before} became {after}");
    }

    #[test]
    fn any_text_is_a_policy_or_an_error_with_words(text in "(version: 1\n)?[ -~\n\t\u{e9}\u{202e}]{0,80}") {
        if let Err(error) = Policy::parse(&text, "p") {
            prop_assert!(!error.problems.is_empty());
            prop_assert!(error.to_string().contains("help: "));
        }
    }
}
