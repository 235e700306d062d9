//! What an edit changes, as whole values.

use super::super::lint::tests::facts;
use super::*;

const fn at(widest: Verdict, strictest: Verdict) -> Standing {
    Standing { widest, strictest }
}

const ALLOWED: Standing = at(Verdict::Allow, Verdict::Allow);
const ASKED: Standing = at(Verdict::Ask, Verdict::Ask);
const DENIED: Standing = at(Verdict::Deny, Verdict::Deny);

fn diff(old: &str, new: &str) -> Diff {
    let policy = |text: &str| Policy::parse(&format!("version: 1\n{text}"), "p").unwrap();
    Diff::of(&policy(old), &policy(new), &facts())
}

fn group(from: Standing, to: Standing, widens: bool, classes: &[(RiskClass, usize)], names: &[&str]) -> Group {
    let operations = names.iter().map(|name| (*name).to_owned()).collect();
    Group { from, to, widens, classes: classes.iter().copied().collect(), operations }
}

fn change(what: &str, from: &str, to: &str, widens: bool) -> Change {
    Change { what: what.to_owned(), from: from.to_owned(), to: to.to_owned(), widens }
}

#[test]
fn the_same_policy_in_other_words_differs_in_nothing() {
    let diff = diff("rules: {allow: ['^s3:Get', '^s3:List']}\n", "rules: {allow: ['^s3:(Get|List).*']}\n# a comment\n");
    assert_eq!(diff, Diff { groups: Vec::new(), settings: Vec::new() });
    assert!(diff.is_empty() && !diff.widens());
}

#[test]
fn groups_by_movement_widening_first_and_the_gravest_first() {
    let diff = diff(
        "rules: {allow: ['^s3:Get'], deny: ['^secretsmanager:']}\n",
        "rules: {allow: ['^s3:PutO', '^secretsmanager:'], ask: ['^s3:PutA'], deny: ['^kms:']}\n",
    );
    let expected = Diff {
        groups: vec![
            group(
                DENIED,
                ALLOWED,
                true,
                &[(RiskClass::Read, 1), (RiskClass::Write, 1)],
                &["s3:PutObject", "secretsmanager:DescribeSecret"],
            ),
            group(
                DENIED,
                ASKED,
                true,
                &[(RiskClass::Write, 1), (RiskClass::Secret, 1)],
                &["secretsmanager:GetSecretValue", "s3:PutAllowList"],
            ),
            group(ALLOWED, DENIED, false, &[(RiskClass::Read, 2)], &["s3:GetObject", "s3:GetObjectAcl"]),
            group(ASKED, DENIED, false, &[(RiskClass::Destructive, 2)], &["kms:DisableKey", "kms:ScheduleKeyDeletion"]),
        ],
        settings: Vec::new(),
    };
    assert_eq!(diff, expected);
    assert!(diff.widens());
}

#[test]
fn conditions_show_as_such() {
    let narrow = |regions: &str| format!("rules: {{allow: [{{match: '^ec2:Desc', regions: [{regions}]}}]}}\n");
    let rule = |regions: &str| format!("^ec2:Desc (regions: [{regions}])");
    let to = at(Verdict::Allow, Verdict::Deny);
    assert_eq!(
        diff("", &narrow("eu-*")),
        Diff {
            groups: vec![group(DENIED, to, true, &[(RiskClass::Read, 1)], &["ec2:DescribeVpcs"])],
            settings: vec![change("narrowed allow rule", "", &rule("eu-*"), true)],
        }
    );
    assert_eq!(to.words(), "allowed or denied, by conditions");
    assert_eq!(
        diff(&narrow("eu-*"), &narrow("eu-*, us-*")),
        Diff {
            groups: Vec::new(),
            settings: vec![
                change("narrowed allow rule", "", &rule("eu-*, us-*"), true),
                change("narrowed allow rule", &rule("eu-*"), "", false),
            ],
        }
    );
}

#[test]
fn a_removed_prohibition_with_every_condition_is_told_in_words() {
    let old = "rules: {deny: [{match: a, accounts: '111122223333', profiles: [dev], hours: 'Mon-Fri 08:00-18:00', \
               parameters: {Bucket: ['^x', '^y']}}]}\n";
    let text = "a (accounts: [111122223333], profiles: [dev], parameters.Bucket: [^x, ^y], \
                hours: [mon,tue,wed,thu,fri 08:00-18:00])";
    assert_eq!(diff(old, "").settings, [change("narrowed deny rule", text, "", true)]);
}

#[test]
fn settings_and_which_way_they_go() {
    for (old, new, expected) in [
        ("ask_for: [secret, execute]\n", "ask_for: [secret]\n", change("ask_for", "secret, execute", "secret", true)),
        ("ask_for: [secret]\n", "ask_for: [execute, secret]\n", change("ask_for", "secret", "secret, execute", false)),
        ("default: deny\n", "default: ask\n", change("default", "deny", "ask", true)),
        ("", "default: ask\n", change("default", "deny", "ask", true)),
        ("", "approval: {ttl_seconds: 901}\n", change("approval.ttl_seconds", "900", "901", true)),
        ("", "approval: {ttl_seconds: 60}\n", change("approval.ttl_seconds", "900", "60", false)),
        ("", "files: {roots: ['.', '/']}\n", change("files.roots", ".", "., /", true)),
        ("files: {roots: [a, b]}\n", "files: {roots: [b]}\n", change("files.roots", "a, b", "b", false)),
        ("files: {deny: ['*.pem']}\n", "", change("files.deny", "*.pem", "", true)),
        ("", "files: {allow: [ca.pem]}\n", change("files.allow", "", "ca.pem", true)),
        ("files: {max_bytes: 10}\n", "files: {max_bytes: 5}\n", change("files.max_bytes", "10", "5", false)),
    ] {
        assert_eq!(diff(old, new).settings, [expected], "{old:?} {new:?}");
    }
}
