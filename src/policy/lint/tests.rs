//! What is odd, as data: `tests/policy/lint.txt` against a small world of operations.

use super::super::tests::{cases, properties::plain_rules};
use super::*;
use crate::base::Timestamp;
use crate::policy::{Decision, Subject};
use proptest::prelude::*;
use serde_json::json;

const LINT: &str = include_str!("../../../tests/policy/lint.txt");

/// A small world.
pub(in crate::policy) const WORLD: [(&str, &str, RiskClass); 22] = [
    ("aws-s3", "GetObject", RiskClass::Read),
    ("ec2", "DescribeVpcs", RiskClass::Read),
    ("ec2", "RunInstances", RiskClass::Write),
    ("iam", "AttachUserPolicy", RiskClass::Privilege),
    ("iam", "GetUser", RiskClass::Read),
    ("kms", "DisableKey", RiskClass::Destructive),
    ("kms", "ScheduleKeyDeletion", RiskClass::Destructive),
    ("lambda", "PreDescribe", RiskClass::Read),
    ("lambda", "Redescribe:Describe", RiskClass::Read),
    ("s3", "DeleteBucket", RiskClass::Destructive),
    ("s3", "DeleteObject", RiskClass::Destructive),
    ("s3", "DeleteObjectTagging", RiskClass::Write),
    ("s3", "GetObject", RiskClass::Read),
    ("s3", "GetObjectAcl", RiskClass::Read),
    ("s3", "ListBuckets", RiskClass::Read),
    ("s3", "PutAllowList", RiskClass::Write),
    ("s3", "PutBucketPolicy", RiskClass::Privilege),
    ("s3", "PutObject", RiskClass::Write),
    ("secretsmanager", "DescribeSecret", RiskClass::Read),
    ("secretsmanager", "GetSecretValue", RiskClass::Secret),
    ("stepfunctions", "ListExecutions", RiskClass::Read),
    ("stepfunctions", "StartExecution", RiskClass::Execute),
];

pub(in crate::policy) fn facts() -> Vec<Fact<'static>> {
    WORLD.map(|(service, operation, class)| Fact { service, operation, class }).to_vec()
}

fn lint(text: &str) -> Vec<Finding> {
    let policy = Policy::parse(text, "policy.yaml").unwrap_or_else(|error| panic!("{text}\n{error}"));
    let services = |spelling: &str| match spelling {
        "states" => vec!["stepfunctions".to_owned()],
        "S3" => vec!["s3".to_owned()],
        _ => Vec::new(),
    };
    let members = |_: &Fact<'_>| vec!["Bucket".to_owned(), "Key".to_owned(), "ACL".to_owned()];
    let also = |fact: &Fact<'_>| match fact.operation {
        "PutObject" => vec![RiskClass::Destructive],
        "RunInstances" => vec![RiskClass::Execute],
        _ => Vec::new(),
    };
    policy.lint(&Known { facts: &facts(), services: &services, members: &members, also: &also })
}

#[test]
fn findings() {
    let mut wrong = Vec::new();
    for (title, body) in cases(LINT) {
        let (text, expected) = body.split_once("---\n").unwrap();
        let line = |finding: &Finding| {
            format!("{} {} {} {}", finding.level.as_str(), finding.code, finding.line, finding.rule)
        };
        let found: Vec<String> = lint(text).iter().map(line).collect();
        let expected: Vec<&str> = expected.lines().filter(|line| !line.is_empty()).collect();
        if found != expected {
            wrong.push(format!("{title}\n  expected {expected:#?}\n  found    {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn messages_tell_what_and_how() {
    for (rules, message, help) in [
        (
            "allow: ['^s3:PutO']",
            "lets one write run without a question that may overwrite or take away what no payload shows: s3:PutObject",
            "what a payload shows is asked about; to be asked about it always, add an ask rule",
        ),
        (
            "deny: ['^s3:DeletBucket$']",
            "matches no operation of any service",
            "the nearest is `s3:DeleteBucket`; mend the pattern, or remove it",
        ),
        (
            "deny: ['^states:StratExecution$']",
            "matches no operation of any service",
            "the nearest is `stepfunctions:StartExecution`; mend the pattern, or remove it",
        ),
        (
            "deny: [{match: '^s3:PutObject$', parameters: {Bukcet: x}}]",
            "looks at the parameter `Bukcet`, which no operation that it matches has",
            "the nearest is `Bucket`; names are as in the operation's schema",
        ),
        (
            "deny: ['^s3:DeleteBucket$|ScheduleKey$|Policy$']",
            "holds an alternative that matches no operation: `ScheduleKey$`",
            "the nearest is `kms:ScheduleKeyDeletion`; mend the pattern, or remove it",
        ),
        (
            "allow: ['^ec2:Describe|Start']",
            "holds `^` for its first alternative only, and so also matches one operation: stepfunctions:StartExecution",
            "bracket the alternatives: `^ec2:(Describe|Start)`",
        ),
        (
            "allow: ['^s3:GetObject']",
            "names one operation, and also allows one operation: s3:GetObjectAcl",
            "end it with `$`: `^s3:GetObject$`",
        ),
        ("allow: ['^(s3:Delete|kms:)']", "has no effect: 2 by `ask_for: destructive`", ""),
        (
            "allow: ['^(s3:Delete(Bucket|Object)|kms:.*)$'], deny: ['^kms:']",
            "has no effect: all 4 operations it matches are decided 2 by `rules.deny[0]: ^kms:`, 2 by `ask_for: destructive`",
            "remove it, or what stands against it",
        ),
    ] {
        let found = lint(&format!("version: 1\nrules: {{{rules}}}\n"));
        let found: Vec<(&str, &str)> = found.iter().map(|f| (f.message.as_str(), f.help.as_str())).collect();
        if help.is_empty() {
            // One of what it matches is a plain write: it has an effect.
            assert_eq!(found, Vec::<(&str, &str)>::new(), "{rules}");
        } else {
            assert!(found.contains(&(message, help)), "{rules}: {found:#?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A survey never says other than the judge: whatever a call's surroundings and payload are, its verdict lies within
    /// where its operation stands, and without conditions it is exactly that.
    #[test]
    fn verdicts_lie_where_operations_stand(
        deny in plain_rules(), ask in plain_rules(), allow in plain_rules(), destructive in prop::sample::select(vec!["", "Delete", "Get"]),
        default in prop::sample::select(vec!["deny", "ask"]),
        ask_for in prop::sample::select(vec!["", "secret", "privilege, execute"]),
        region in prop::sample::select(vec!["", "eu-west-1", "us-east-1"]),
        account in prop::sample::select(vec!["", "111122223333", "444455556666"]),
        payload in prop::sample::select(vec![json!({}), json!({"Bucket": "a1"}), json!({"Bucket": "b1"})]),
    ) {
        let text = format!(
            "version: 1\nservices: {{denylist: [kms]}}\nrules:\n  deny: [{}]\n  ask: [{}]\n  allow: [{}]\n\
             default: {default}\nask_for: [{ask_for}]\ndestructive_patterns: [{destructive}]\n",
            deny.join(", "), ask.join(", "), allow.join(", "),
        );
        let policy = Policy::parse(&text, "p").unwrap();
        let conditions = ["regions", "accounts", "parameters"].iter().any(|word| text.contains(word));
        let facts = facts();
        for (fact, row) in facts.iter().zip(Survey::of(&policy, &facts).rows) {
            let Decision { verdict, .. } = policy.decide(&Subject {
                service: fact.service, operation: fact.operation, class: fact.class,
                region, account, profile: "", payload: Some(&payload), now: Timestamp::default(),
                uses: None,
            });
            let standing = row.standing;
            prop_assert!(standing.widest <= verdict && verdict <= standing.strictest, "{}: {verdict} {standing:?}", fact.name());
            prop_assert!(conditions || standing.widest == standing.strictest, "{}: {standing:?}", fact.name());
        }
    }
}
