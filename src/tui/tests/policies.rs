//! Policies as an engine would tell them: real texts, held against a small catalogue.

use std::collections::BTreeMap;
use std::time::Duration;

use super::support::at;
use crate::base::{Digest, RiskClass};
use crate::engine::{Explained, PendingView, PolicyView, RuleView};
use crate::ledger::RuleHits;
use crate::policy::{Diff, Fact, Finding, Level, Policy, Subject};
use crate::risk::Assessment;

pub(crate) const IN_FORCE: &str = "version: 1
services: {denylist: [iam]}
rules:
  deny: [{match: '^kms:ScheduleKeyDeletion$', because: 'data under a lost key is lost'}]
  allow: ['^s3:(List|Get)', {match: '^ec2:', regions: [eu-*], hours: 'Mon-Fri 08:00-18:00 Europe/Berlin'}]
default: ask
";

const WIDER: &str = "version: 1
services: {denylist: [iam]}
rules:
  deny: []
  allow: ['^s3:', {match: '^ec2:', regions: [eu-*], hours: 'Mon-Fri 08:00-18:00 Europe/Berlin'}]
default: ask
approval: {ttl_seconds: 3600}
";

const NARROWER: &str = "version: 1
services: {denylist: [iam, lambda]}
rules:
  deny: [{match: '^kms:ScheduleKeyDeletion$', because: 'data under a lost key is lost'}]
  allow: ['^s3:(List|Get)', {match: '^ec2:', regions: [eu-*], hours: 'Mon-Fri 08:00-18:00 Europe/Berlin'}]
default: ask
";

const OPERATIONS: [(&str, &str, RiskClass); 10] = [
    ("ec2", "DescribeInstances", RiskClass::Read),
    ("ec2", "TerminateInstances", RiskClass::Destructive),
    ("iam", "CreateUser", RiskClass::Privilege),
    ("kms", "ScheduleKeyDeletion", RiskClass::Destructive),
    ("lambda", "ListFunctions", RiskClass::Read),
    ("s3", "CreateBucket", RiskClass::Write),
    ("s3", "DeleteBucket", RiskClass::Destructive),
    ("s3", "GetObject", RiskClass::Read),
    ("s3", "ListBuckets", RiskClass::Read),
    ("s3", "PutObject", RiskClass::Write),
];

fn facts() -> Vec<Fact<'static>> {
    OPERATIONS.iter().map(|(service, operation, class)| Fact { service, operation, class: *class }).collect()
}

fn policy(text: &str) -> Policy {
    Policy::parse(text, "policy.yaml").unwrap()
}

/// What is in force, and nothing waits.
pub(crate) fn ruling() -> PolicyView {
    let policy = policy(IN_FORCE);
    let mut hits = BTreeMap::from([
        ("allow ^s3:(List|Get)", (1_204, 8, "s3:ListBuckets")),
        ("ask_for: destructive", (17, 95, "s3:DeleteBucket")),
        ("default: ask", (3, 90_000, "s3:PutObject")),
    ]);
    let rules = policy.entries().into_iter().map(|entry| {
        let hits = hits.remove(entry.id.as_str()).map(|(hits, ago, call)| RuleHits {
            hits,
            last_at: at(-ago),
            last_call: call.to_owned(),
        });
        RuleView { entry, hits }
    });
    PolicyView {
        number: 4,
        version: "3f2a91c04b11".to_owned(),
        at: at(-7_200),
        by: Some("9c1b-77e0-12aa-4f00".to_owned()),
        path: "./policy.yaml".to_owned(),
        rules: rules.collect(),
        findings: vec![Finding {
            level: Level::Warning,
            code: "unanchored",
            line: 5,
            rule: "rules.allow[1]: ^ec2:".to_owned(),
            message: "matches to the end of every name of ec2".to_owned(),
            help: "end it with `$` if one operation is meant".to_owned(),
        }],
        offer: None,
        problem: None,
    }
}

fn offer(text: &str) -> PendingView {
    let (old, new) = (policy(IN_FORCE), policy(text));
    PendingView {
        digest: Digest::of("test", text.as_bytes()),
        version: new.version().to_owned(),
        since: at(-30),
        in_force: false,
        rejected: false,
        against_accepted: true,
        diff: Diff::of(&old, &new, &facts()),
        findings: Vec::new(),
    }
}

/// An edit waits that lets more happen.
pub(crate) fn edited() -> PolicyView {
    PolicyView { offer: Some(offer(WIDER)), ..ruling() }
}

/// An edit waits that lets less happen.
pub(crate) fn tightened() -> PolicyView {
    PolicyView { offer: Some(offer(NARROWER)), ..ruling() }
}

/// The first policy of a ledger: nobody has looked at it.
pub(crate) fn found() -> PolicyView {
    let policy = policy(IN_FORCE);
    let diff = Diff::of(&Policy::closed(), &policy, &facts());
    let offer = PendingView { in_force: true, against_accepted: false, diff, ..offer(IN_FORCE) };
    PolicyView { number: 1, by: None, offer: Some(offer), findings: Vec::new(), ..ruling() }
}

/// What a deletion meets.
pub(crate) fn explained() -> Explained {
    let subject = Subject {
        service: "s3",
        operation: "DeleteBucket",
        class: RiskClass::Destructive,
        region: "eu-central-1",
        account: "123456789012",
        profile: "default",
        payload: None,
        now: at(0).plus(Duration::ZERO),
        uses: None,
    };
    Explained {
        service: "s3".to_owned(),
        operation: "DeleteBucket".to_owned(),
        assessment: Assessment {
            class: RiskClass::Destructive,
            also: Vec::new(),
            reasons: vec!["The operation's name begins with Delete.".to_owned()],
        },
        decision: policy(WIDER).decide(&subject),
    }
}
