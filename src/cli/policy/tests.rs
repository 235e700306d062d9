//! What the commands print, whole; and that the shipped policy is clean.

use std::sync::Arc;

use serde_json::Value;

use super::*;
use crate::base::Timestamp;
use crate::call::plan::Rules;
use crate::cli::args::OperationName;
use crate::models::Store;
use crate::policy::{Preset, SHIPPED};

const OLD: &str = "\
version: 1
services: {allowlist: ['*'], denylist: [iam]}
rules:
  deny:
    - {match: '^s3:PutBucketPolicy$', because: 'buckets stay private'}
  ask: ['^sqs:Send']
  allow: ['^sqs:(Get|List)', {match: '^s3:PutObject$', parameters: {Bucket: '^tmp-'}}]
destructive_patterns: [Delete]
";

const NEW: &str = "\
version: 1
rules:
  allow: ['^sqs:(Get|List|Send)', {match: '^s3:PutObject$', parameters: {Bucket: '^(tmp|dev)-'}}]
  deny: ['^s3:PutBucketPolicy$', '^sqs:Delete']
services: {allowlist: ['*'], denylist: [iam]}
ask_for: [destructive, privilege, secret]
approval: {ttl_seconds: 60}
destructive_patterns: [Delete]
";

const ODD: &str = "\
version: 1
services:
  denylist: [organisations]
rules:
  deny:
    - '^cloudtrail:(DeleteTrail|StopLoging)$'
    - '^s3:DeletBucket$'
    - '^states:DeleteStateMachine$'
    - {match: '^s3:PutBucketAcl$', parameters: {Acl: public}}
  ask:
    - '^sqs:SendMesage'
  allow:
    - '^sqs:List|sns:List'
    - '^s3:GetBucketPolicy'
    - '^s3:DeleteBucket$'
    - \"^ec2:\\eDescribe\"
";

fn policy(text: &str) -> Policy {
    Policy::parse(text, "policy.yaml").unwrap_or_else(|error| panic!("{error}"))
}

fn index() -> Arc<Index> {
    Arc::clone(Store::embedded().index().unwrap())
}

fn code(code: ExitCode) -> &'static str {
    if code == ExitCode::SUCCESS { "0" } else { "1" }
}

/// What a command prints and its exit code.
fn printed(run: impl FnOnce(&mut Vec<u8>) -> anyhow::Result<ExitCode>) -> String {
    let mut out = Vec::new();
    let ended = run(&mut out).unwrap();
    format!("{}exit {}\n", String::from_utf8(out).unwrap(), code(ended))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text.rsplit_once("exit ").unwrap().0).unwrap()
}

fn explain(policy: &Policy, call: &str, payload: Option<&str>, as_json: bool) -> String {
    let store = Store::embedded();
    let rules = Rules {
        index: store.index().unwrap(),
        classifier: &Classifier::embedded(),
        policy,
        auto_approve: false,
        now: Timestamp::default(),
        account: "",
        profile: "",
        region: "eu-central-1",
        uses: None,
    };
    let payload: Option<Value> = payload.map(|text| serde_json::from_str(text).unwrap());
    let call = OperationName::parse(call).unwrap();
    printed(|out| explain::tell(&rules, &store, &call, payload.as_ref(), as_json, out))
}

macro_rules! snapshot {
    ($name:literal, $text:expr) => {
        insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!($name, $text);
        });
    };
}

#[test]
fn the_shipped_policy_is_clean() {
    for preset in Preset::ALL {
        let mut found = findings(&policy(preset.text()), &index());
        // That writes run unasked is what a sandbox is for.
        found.retain(|finding| preset != Preset::Sandbox || finding.code != "may-do-worse");
        assert_eq!(found, [], "{}", preset.name());
    }
    let ended = printed(|out| lint("policy.yaml", &policy(SHIPPED), &index(), false, out));
    assert!(ended.starts_with("policy.yaml: clean; ") && ended.ends_with("exit 0\n"), "{ended}");
}

#[test]
fn check_prints_problems_with_their_places() {
    let of =
        |text: &str, as_json| printed(|out| check("policy.yaml", &Policy::parse(text, "policy.yaml"), as_json, out));
    let broken = "version: 1\nruls: {}\nrules:\n  deny: ['^s3:(']\n";
    let all = [of(OLD, false), of(OLD, true), of(broken, false), of(broken, true)];
    snapshot!("check", all.join("\n"));
}

#[test]
fn lint_tells_what_is_odd() {
    snapshot!("lint", printed(|out| lint("policy.yaml", &policy(ODD), &index(), false, out)));
    let answer = json(&printed(|out| lint("policy.yaml", &policy(ODD), &index(), true, out)));
    let first = serde_json::json!({
        "level": "error",
        "code": "unknown-service",
        "line": 3,
        "rule": "services.denylist: organisations",
        "message": "is the name of no service, so it has no effect",
        "help": "write `organizations`, or remove it",
    });
    assert_eq!(answer.pointer("/findings/0"), Some(&first));
}

#[test]
fn diff_lists_what_changes() {
    let of = |old, new, as_json| printed(|out| diff(&policy(old), &policy(new), &index(), as_json, out));
    // Without the class execute, whose operations are many and change with every release.
    let new = NEW.replace("ask_for: [destructive, privilege, secret]\n", "");
    snapshot!("diff", [of(OLD, &new, false), of(OLD, OLD, false)].join("\n"));
    let answer = json(&of(OLD, NEW, true));
    assert_eq!(answer.get("widens"), Some(&Value::Bool(true)));
    let settings = serde_json::json!({
        "what": "ask_for",
        "from": "destructive, secret, privilege, execute",
        "to": "destructive, secret, privilege",
        "widens": true,
    });
    assert!(answer.get("settings").unwrap().as_array().unwrap().contains(&settings), "{answer:#}");
}

#[test]
fn explain_tells_verdict_rule_class_and_trace() {
    let policy = policy(OLD);
    let cases = [
        ("s3:delete-bucket", None),
        ("S3:PutBucketPolicy", Some("{}")),
        ("s3:PutObject", None),
        ("s3:PutObject", Some(r#"{"Bucket": "tmp-1", "Key": "k"}"#)),
        ("s3:PutObject", Some(r#"{"Bucket": "prod", "Key": "k"}"#)),
        ("s3:PutObject", Some(r#"{"Bukcet": "tmp-1", "Key": 7}"#)),
        ("sqs.list_queues", None),
        ("s3:PutObjekt", None),
        ("s4:\u{1b}[31mPutObject", None),
    ];
    let told = cases.map(|(call, payload)| {
        let title = format!("$ explain {} {}", call.escape_debug(), payload.unwrap_or_default());
        format!("{}\n{}", title.trim_end(), explain(&policy, call, payload, false))
    });
    snapshot!("explain", told.join("\n"));
}

#[test]
fn explain_as_json() {
    let answer = json(&explain(&policy(OLD), "s3:PutBucketPolicy", None, true));
    let text = |key: &str| answer.get(key).and_then(Value::as_str).unwrap();
    assert_eq!((text("verdict"), text("rule")), ("deny", "rules.deny[0]: ^s3:PutBucketPolicy$"));
    assert_eq!(answer.get("line"), Some(&5.into()));
    assert_eq!(answer.pointer("/trace/0/because"), Some(&"buckets stay private".into()));
    let error = json(&explain(&policy(OLD), "s3:PutObjekt", None, true));
    assert_eq!(error.pointer("/error/type"), Some(&"OperationNotFound".into()));
}

#[test]
fn files_that_cannot_be_read_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.yaml");
    let headline = |path: &Path| {
        let text = read(path).unwrap_err().headline();
        text.replace(&folder.path().display().to_string(), "F")
    };
    assert_eq!(headline(&path), "F/policy.yaml: there is no such file");
    assert_eq!(headline(folder.path()), "F: is a folder, not a file");
    std::fs::write(&path, b"version: 1\n# \xff\n").unwrap();
    assert_eq!(headline(&path), "F/policy.yaml: is not UTF-8 text");
    let large = std::fs::File::create(&path).unwrap();
    large.set_len(1 << 40).unwrap();
    assert_eq!(headline(&path), "F/policy.yaml: the file has 1099511627776 bytes; a policy has at most 1048576");
    std::fs::write(&path, OLD).unwrap();
    assert_eq!(read(&path).unwrap().version(), policy(OLD).version());
}

#[test]
fn an_operation_is_named_with_its_service() {
    let name = |service: &str, operation: &str| {
        Ok(OperationName { service: service.to_owned(), operation: operation.to_owned() })
    };
    let wrong = || Err("write SERVICE:OPERATION, as in s3:DeleteBucket".to_owned());
    for (text, expected) in [
        ("s3:DeleteBucket", name("s3", "DeleteBucket")),
        ("s3.delete_bucket", name("s3", "delete_bucket")),
        ("s3", wrong()),
        (":DeleteBucket", wrong()),
        ("s3:", wrong()),
    ] {
        assert_eq!(OperationName::parse(text), expected, "{text}");
    }
}
