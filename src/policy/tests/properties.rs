//! What holds of every policy and every call.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::*;
use super::subject;
use crate::base::{RiskClass, Timestamp};

const PATTERNS: [&str; 7] = ["^s3:", "Delete", ".*", "^ec2:Describe", "^iam:.*$", "Put|Get", "^sqs:"];
const CONDITIONS: [&str; 10] = [
    "regions: eu-*",
    "accounts: '111122223333'",
    "profiles: [dev]",
    "parameters: {Bucket: '^a'}",
    "parameters: {Bucket: {not: '^a'}}",
    "parameters: {Tags.Key: '^k'}",
    "parameters: {Size: {max: 5}}",
    "hours: 'Mon-Fri 08:00-18:00 Europe/Berlin'",
    "rate: 3/hour",
    "count: 3",
];

/// A rule as the file writes it: a pattern, and conditions, each key at most once.
fn rule() -> impl Strategy<Value = (String, Vec<String>)> {
    let conditions = prop::sample::subsequence(CONDITIONS.to_vec(), 0..3);
    (prop::sample::select(PATTERNS.to_vec()), conditions).prop_map(|(pattern, conditions)| {
        let mut kept: Vec<String> = Vec::new();
        for condition in conditions {
            let key = condition.split(':').next().unwrap_or_default();
            if !kept.iter().any(|known| known.split(':').next() == Some(key)) {
                kept.push(condition.to_owned());
            }
        }
        (pattern.to_owned(), kept)
    })
}

fn written((pattern, conditions): &(String, Vec<String>)) -> String {
    let more: String = conditions.iter().map(|condition| format!(", {condition}")).collect();
    format!("{{match: '{pattern}'{more}}}")
}

/// Rules whose conditions are those that a survey of all operations walks through.
pub(in super::super) fn plain_rules() -> impl Strategy<Value = Vec<String>> {
    let pattern = prop::sample::select(PATTERNS.to_vec());
    let narrow =
        prop::sample::select(vec!["", "regions: eu-*", "accounts: '111122223333'", "parameters: {Bucket: '^a'}"]);
    prop::collection::vec((pattern, narrow).prop_map(|(p, n)| format!("{{match: '{p}', {n}}}")), 0..4)
}

fn rules() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(rule().prop_map(|rule| written(&rule)), 0..4)
}

fn policy(deny: &[String], ask: &[String], allow: &[String], default: &str) -> Policy {
    let text = format!(
        "version: 1\nrules:\n  deny: [{}]\n  ask: [{}]\n  allow: [{}]\ndefault: {default}\n",
        deny.join(", "),
        ask.join(", "),
        allow.join(", "),
    );
    Policy::parse(&text, "p").unwrap_or_else(|error| panic!("{error}"))
}

/// A call, and what is known of it.
#[derive(Debug, Clone)]
struct Call {
    name: &'static str,
    class: RiskClass,
    region: &'static str,
    account: &'static str,
    profile: &'static str,
    payload: Option<Value>,
    millis: i64,
    sent: Option<u64>,
}

fn call() -> impl Strategy<Value = Call> {
    let names = vec!["s3:PutObject", "s3:DeleteBucket", "ec2:DescribeVpcs", "iam:GetUser", "sqs:SendMessage"];
    let payloads = vec![
        None,
        Some(json!({})),
        Some(json!({"Bucket": "a1", "Size": 3})),
        Some(json!({"Bucket": "b1", "Size": "many"})),
        Some(json!({"Bucket": {"$path": "x"}, "Tags": [{"Key": "k"}, {"Key": "l"}]})),
        Some(json!({"Tags": [{"Key": "k"}, {}], "Size": 9})),
    ];
    (
        prop::sample::select(names),
        prop::sample::select(RiskClass::ALL.to_vec()),
        prop::sample::select(vec!["", "eu-west-1", "us-east-1"]),
        prop::sample::select(vec!["", "111122223333", "444455556666"]),
        prop::sample::select(vec!["", "dev", "prod"]),
        prop::sample::select(payloads),
        0..1_000_000_000_000_i64,
        prop::sample::select(vec![None, Some(0), Some(2), Some(3), Some(9)]),
    )
        .prop_map(|(name, class, region, account, profile, payload, millis, sent)| Call {
            name,
            class,
            region,
            account,
            profile,
            payload,
            millis,
            sent,
        })
}

fn verdict(policy: &Policy, call: &Call) -> Verdict {
    let subject = Subject {
        region: call.region,
        account: call.account,
        profile: call.profile,
        payload: call.payload.as_ref(),
        now: Timestamp::from_millis(call.millis),
        ..subject(call.name, call.class)
    };
    let tallies = policy.tallies(&subject);
    let uses: Option<Uses> = call.sent.map(|sent| tallies.into_iter().map(|tally| (tally, sent)).collect());
    let subject = Subject { uses: uses.as_ref(), ..subject };
    let decision = policy.decide(&subject);
    // Total, deterministic, and the trace tells what decided.
    assert_eq!(decision, policy.decide(&subject));
    let decided: Vec<_> = decision.trace.iter().filter(|matched| matched.decided).collect();
    assert_eq!(decided.len(), 1);
    assert_eq!((decided[0].verdict, decided[0].rule.as_str()), (decision.verdict, decision.rule.as_str()));
    decision.verdict
}

fn default() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["deny", "ask"])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn adding_a_deny_never_allows_more(
        deny in rules(), ask in rules(), allow in rules(), more in rules(), default in default(), call in call(),
    ) {
        let all: Vec<String> = deny.iter().chain(&more).cloned().collect();
        let before = verdict(&policy(&deny, &ask, &allow, default), &call);
        let after = verdict(&policy(&all, &ask, &allow, default), &call);
        prop_assert!(after >= before, "{before} became {after}");
    }

    #[test]
    fn conditions_on_an_allow_never_allow_more(
        deny in rules(), ask in rules(), allow in rules(), narrowed in rule(), default in default(), call in call(),
    ) {
        let with = |rule: &(String, Vec<String>)| {
            let all: Vec<String> = allow.iter().cloned().chain([written(rule)]).collect();
            verdict(&policy(&deny, &ask, &all, default), &call)
        };
        let plain = with(&(narrowed.0.clone(), Vec::new()));
        let once = with(&(narrowed.0.clone(), narrowed.1.iter().take(1).cloned().collect()));
        let whole = with(&narrowed);
        // By name alone a default that denies may become a question: less than what the plain rule allows.
        prop_assert!(once >= plain && whole >= plain, "{plain}, {once}, {whole}");
        if call.payload.is_some() && call.sent.is_some() {
            prop_assert!(whole >= once, "{once} became {whole}");
        }
    }

    #[test]
    fn conditions_on_a_deny_never_deny_more(
        deny in rules(), ask in rules(), allow in rules(), narrowed in rule(), default in default(), call in call(),
    ) {
        let with = |rule: &(String, Vec<String>)| {
            let all: Vec<String> = deny.iter().cloned().chain([written(rule)]).collect();
            verdict(&policy(&all, &ask, &allow, default), &call)
        };
        prop_assert!(with(&narrowed) <= with(&(narrowed.0.clone(), Vec::new())));
    }

    #[test]
    fn the_order_within_a_list_does_not_matter(
        lists in prop::array::uniform3(rules()), default in default(), call in call(), turn in 0_usize..4,
    ) {
        let turned = lists.clone().map(|mut list| {
            if !list.is_empty() {
                let by = turn % list.len();
                list.rotate_left(by);
            }
            list.reverse();
            list
        });
        let [deny, ask, allow] = lists;
        let [turned_deny, turned_ask, turned_allow] = turned;
        let before = verdict(&policy(&deny, &ask, &allow, default), &call);
        prop_assert_eq!(before, verdict(&policy(&turned_deny, &turned_ask, &turned_allow, default), &call));
    }

    #[test]
    fn any_text_is_a_policy_or_an_error_with_words(text in "(version: 1\n)?[ -~\n\t\u{e9}\u{202e}]{0,80}") {
        if let Err(error) = Policy::parse(&text, "p") {
            prop_assert!(!error.problems.is_empty());
            prop_assert!(error.to_string().contains("help: "));
        }
    }

    /// Near misses: the shipped file with one piece cut out, doubled or replaced.
    #[test]
    fn a_damaged_policy_is_a_policy_or_an_error_with_words(
        from in 0_usize..6_000, length in 0_usize..60, put in "[ -~\n]{0,6}",
    ) {
        let text: Vec<char> = SHIPPED.chars().collect();
        let from = from.min(text.len());
        let damaged: String = text[..from].iter().chain(put.chars().collect::<Vec<_>>().iter())
            .chain(&text[(from + length).min(text.len())..]).collect();
        match Policy::parse(&damaged, "p") {
            Ok(policy) => prop_assert!(policy.decide(&subject("s3:DeleteBucket", RiskClass::Destructive)).verdict >= Verdict::Ask),
            Err(error) => prop_assert!(error.to_string().contains("help: ")),
        }
    }
}
