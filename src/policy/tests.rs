//! What a policy says, as data: `tests/policy/decide.txt` (verdicts) and `tests/policy/broken.txt` (messages).

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
        uses: None,
    }
}

#[test]
fn verdicts() {
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for (title, body) in cases(DECIDE) {
        let (text, lines) = body.split_once("---\n").unwrap();
        let preset = text.strip_prefix("preset ").map(|name| Preset::parse(name.trim()).unwrap());
        let text = preset.map_or(text, Preset::text);
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
            let (mut sent, uses);
            sent = None;
            for word in words {
                match word.split_once('=').unwrap() {
                    ("region", value) => subject.region = value,
                    ("account", value) => subject.account = value,
                    ("profile", value) => subject.profile = value,
                    ("at", value) => {
                        let at: jiff::Timestamp = value.parse().unwrap();
                        subject.now = Timestamp::from_millis(at.as_millisecond());
                    }
                    ("at_ms", value) => subject.now = Timestamp::from_millis(value.parse().unwrap()),
                    ("sent", value) => sent = Some(value.parse().unwrap()),
                    other => panic!("{other:?}"),
                }
            }
            if let Some(sent) = sent {
                uses = policy.tallies(&subject).into_iter().map(|tally| (tally, sent)).collect();
                subject.uses = Some(&uses);
            }
            let decision = policy.decide(&subject);
            let found = format!("{} {}", decision.verdict, decision.rule);
            let same = if preset.is_some() { found.starts_with(expected) } else { found == expected };
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
fn two_approvers_are_required_where_the_file_says_so() {
    use RiskClass::{Destructive, Execute, Privilege, Read};
    let of =
        |approval: &str| Policy::parse(&format!("version: 1\napproval: {approval}\n"), "p").unwrap().approval().clone();
    assert_eq!(of("{}"), Approval::default());
    let both = of("{require: 2}");
    assert_eq!(RiskClass::ALL.map(|class| both.needed(class)), [2; 6]);
    let (a, b) = ("aa".repeat(32), "0B".repeat(32));
    let some = of(&format!(
        "{{ttl_seconds: 5, require: 2, require_for: [destructive, privilege], approvers: ['ed25519:{a}', 'ed25519:{b}']}}"
    ));
    let expected = Approval {
        ttl: std::time::Duration::from_secs(5),
        require: 2,
        require_for: vec![Destructive, Privilege],
        approvers: vec![[0xaa; 32], [0x0b; 32]],
    };
    assert_eq!(some, expected);
    assert_eq!([Destructive, Privilege, Execute, Read].map(|class| some.needed(class)), [2, 2, 1, 1]);
    assert_eq!(of("{}").needed(Destructive), 1);
}

#[test]
fn the_trace_shows_every_rule_and_which_decided() {
    let text =
        "version: 1\nrules:\n  deny: [{match: '^s3:Delete', because: 'we keep everything.'}]\n  allow: ['^s3:']\n";
    let policy = Policy::parse(text, "p").unwrap();
    let decision = policy.decide(&subject("s3:DeleteBucket", RiskClass::Destructive));
    let matched = |rule: &str, id: &str, verdict, because: Option<&str>, decided| Matched {
        rule: rule.to_owned(),
        id: id.to_owned(),
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
            matched("rules.deny[0]: ^s3:Delete", "deny ^s3:Delete", Verdict::Deny, Some("we keep everything."), true),
            matched("ask_for: destructive", "ask_for: destructive", Verdict::Ask, None, false),
            matched("rules.allow[0]: ^s3:", "allow ^s3:", Verdict::Allow, None, false),
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

pub(super) mod properties;
