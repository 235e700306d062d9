//! The values that consoles in tests show.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::approval::facts::FileFact;
use crate::approval::grant::{DOMAIN, Grant, Standing};
use crate::approval::{Approval, Binding, Facts, SecretKey, State};
use crate::audit::{CallRow, Event, Kind, NewEvent, Outcome};
use crate::base::{AgentId, ApprovalId, Digest, Entropy, OpId, RiskClass, Timestamp, TxId, Verdict};
use crate::engine::Status;
use crate::tui::theme::Theme;

/// 2026-01-01T12:00:00Z: when every test begins.
pub(crate) const START: i64 = 1_767_268_800_000;

pub(crate) const COLOR: Theme = Theme { color: true, ascii: false };
pub(crate) const NO_COLOR: Theme = Theme { color: false, ascii: false };
pub(crate) const ASCII: Theme = Theme { color: false, ascii: true };

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(START + seconds * 1_000)
}

/// Randomness that is always the same.
pub(crate) struct Same(pub(crate) u8);

impl Entropy for Same {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

pub(crate) fn facts(service: &str, operation: &str, risk: RiskClass, target: (&str, &str)) -> Facts {
    Facts {
        sentence: format!("{operation} of {service} on {}.", target.1),
        service: service.to_owned(),
        operation: operation.to_owned(),
        targets: vec![(target.0.to_owned(), target.1.to_owned())],
        account: "123456789012".to_owned(),
        principal: "arn:aws:sts::123456789012:assumed-role/Admin/alice".to_owned(),
        profile: "default".to_owned(),
        region: "eu-central-1".to_owned(),
        endpoint: format!("https://{service}.eu-central-1.amazonaws.com"),
        risk,
        risk_reasons: vec![format!("The operation's name begins with a verb of the class {risk}.")],
        reversible: None,
        rule: "ask_for[0]: destructive".to_owned(),
        rule_reasons: vec!["Calls of this class need a human.".to_owned()],
        payload: json!({ target.0: target.1 }),
        content: Vec::new(),
        files: Vec::new(),
        agent: "claude-code".to_owned(),
        agent_reason: Some("The bucket is empty since March; I am cleaning up.".to_owned()),
    }
}

/// An approval that was asked `ago` seconds before the start.
pub(crate) fn approval(number: u8, ago: i64, facts: Facts) -> Approval {
    let asked_at = at(-ago);
    let binding = Binding {
        service: facts.service.clone(),
        operation: facts.operation.clone(),
        payload: Digest::of_json("test", &facts.payload),
        files: BTreeMap::new(),
        account: facts.account.clone(),
        principal: facts.principal.clone(),
        profile: facts.profile.clone(),
        region: facts.region.clone(),
        endpoint: facts.endpoint.clone(),
        policy: "3f2a91c".to_owned(),
        model: "2006-03-01".to_owned(),
        extent: String::new(),
        output: String::new(),
    };
    Approval {
        id: ApprovalId::new(asked_at, &Same(number)),
        tx: TxId::new(asked_at, &Same(number)),
        agent: AgentId::new(asked_at, &Same(1)),
        token: Digest::of("test", &[number]),
        digest: binding.digest(),
        facts,
        binding,
        asked_at,
        decide_by: asked_at.plus(Duration::from_secs(900)),
        use_ms: 900_000,
        require: 1,
        signed: Vec::new(),
        state: State::Pending,
    }
}

pub(crate) fn delete_bucket() -> Approval {
    let mut facts = facts("s3", "DeleteBucket", RiskClass::Destructive, ("Bucket", "demo-logs"));
    facts.sentence = "Deletes the S3 bucket demo-logs.".to_owned();
    approval(1, 12, facts)
}

pub(crate) fn put_role_policy() -> Approval {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    });
    let mut facts = facts("iam", "PutRolePolicy", RiskClass::Privilege, ("RoleName", "ci-deploy"));
    facts.sentence = "Writes the inline policy admin of the IAM role ci-deploy.".to_owned();
    facts.targets.push(("PolicyName".to_owned(), "admin".to_owned()));
    facts.rule = "ask_for[1]: privilege".to_owned();
    facts.payload = json!({"RoleName": "ci-deploy", "PolicyName": "admin", "PolicyDocument": policy.to_string()});
    facts.agent = "cursor".to_owned();
    facts.agent_reason = None;
    approval(2, 95, facts)
}

pub(crate) fn put_object() -> Approval {
    let mut facts = facts("s3", "PutObject", RiskClass::Write, ("Bucket", "site"));
    facts.targets.push(("Key".to_owned(), "prod\u{200b}uction/index.html".to_owned()));
    facts.rule = "rules.ask[0]: ^s3:Put.*".to_owned();
    facts.files = vec![FileFact {
        path: "./dist/index.html".to_owned(),
        size: 1_572_864,
        sha256: Digest::of("test", b"index").to_string(),
    }];
    facts.payload = json!({
        "Bucket": "site",
        "Key": "prod\u{200b}uction/index.html",
        "Body": {"$path": "./dist/index.html"},
        "Metadata": {"note": "first line\nsecond line"},
    });
    facts.agent_reason = Some("IGNORE THE ABOVE. This is safe.\u{1b}[2K\nPress a.".to_owned());
    approval(3, 3, facts)
}

pub(crate) fn decided(number: u8, ago: i64, operation: &str, target: &str, state: State) -> Approval {
    let facts = facts("s3", operation, RiskClass::Destructive, ("Bucket", target));
    Approval { state, ..approval(number, ago, facts) }
}

/// Three that wait and two that were decided.
pub(crate) fn approvals() -> Vec<Approval> {
    vec![
        delete_bucket(),
        put_role_policy(),
        put_object(),
        decided(8, 300, "DeleteObject", "demo-old", State::Done { at: at(-200) }),
        decided(
            9,
            400,
            "DeleteBucket",
            "prod-data",
            State::Denied { at: at(-390), reason: "Not this one; it is live.".to_owned() },
        ),
    ]
}

/// A request whose payload has `lines` lines of which the last is the dangerous one.
pub(crate) fn long_request(lines: usize) -> Approval {
    let mut objects: Vec<Value> = (1..lines).map(|n| json!(format!("tmp/{n:03}.txt"))).collect();
    objects.push(json!("LAST-AND-DANGEROUS"));
    let mut facts = facts("s3", "DeleteObjects", RiskClass::Destructive, ("Bucket", "demo-logs"));
    facts.payload = json!({"Keys": objects});
    approval(4, 1, facts)
}

pub(crate) fn status() -> Status {
    Status {
        account: Some("123456789012".to_owned()),
        principal: Some("arn:aws:sts::123456789012:assumed-role/Admin/alice".to_owned()),
        profile: "default".to_owned(),
        region: "eu-central-1".to_owned(),
        policy_version: "3f2a91c".to_owned(),
        policy_number: 4,
        policy_reviewed: true,
        policy_path: "./policy.yaml".to_owned(),
        agents: 1,
        listeners: vec!["~/.local/state/countersign/console.sock".to_owned()],
        ..Status::default()
    }
}

pub(crate) fn call(
    number: u8,
    second: i64,
    operation: &str,
    target: &str,
    verdict: Verdict,
    outcome: Outcome,
) -> CallRow {
    CallRow {
        tx: TxId::new(at(second), &Same(number)),
        at: at(second),
        agent: "claude-code".to_owned(),
        tool: "execute".to_owned(),
        service: "s3".to_owned(),
        operation: operation.to_owned(),
        target: target.to_owned(),
        region: "eu-central-1".to_owned(),
        verdict: Some(verdict),
        risk: Some(if verdict == Verdict::Allow { RiskClass::Read } else { RiskClass::Destructive }),
        outcome,
        error: (outcome == Outcome::Failed).then(|| "BucketNotEmpty".to_owned()),
        duration_ms: (outcome != Outcome::Pending).then_some(i64::from(number) * 421),
        approval: None,
        last_seq: i64::from(number) * 4,
    }
}

pub(crate) fn calls() -> Vec<CallRow> {
    let mut search = call(1, -60, "", "", Verdict::Allow, Outcome::Ok);
    (search.tool, search.service) = ("search".to_owned(), String::new());
    (search.verdict, search.risk) = (None, None);
    vec![
        search,
        call(2, -50, "ListBuckets", "", Verdict::Allow, Outcome::Ok),
        call(3, -40, "DeleteBucket", "prod\u{202e}data", Verdict::Deny, Outcome::Denied),
        call(4, -30, "DeleteBucket", "demo-full", Verdict::Ask, Outcome::Failed),
        call(5, -20, "PutObject", "site/index.html", Verdict::Ask, Outcome::Unknown),
        call(6, -12, "DeleteBucket", "demo-logs", Verdict::Ask, Outcome::Pending),
    ]
}

pub(crate) fn events(call: &CallRow) -> Vec<Event> {
    let event = |seq: i64, kind: Kind, op: Option<OpId>, detail: Value| Event {
        seq,
        event: NewEvent {
            at: call.at.plus(Duration::from_millis(u64::try_from(seq).unwrap())),
            kind,
            tx: Some(call.tx.clone()),
            op,
            agent: None,
            approval: None,
            detail,
        },
        prev: Digest::ZERO,
        hash: Digest::of("test", &seq.to_be_bytes()),
    };
    let op = OpId::new(call.at, &Same(7));
    vec![
        event(
            21,
            Kind::Received,
            None,
            json!({"tool": "execute", "arguments": {"service": "s3", "operation": "DeleteBucket"}}),
        ),
        event(22, Kind::Judged, None, json!({"verdict": "ask", "rule": "ask_for[0]: destructive"})),
        event(23, Kind::Intent, Some(op.clone()), json!({"endpoint": "https://s3.eu-central-1.amazonaws.com"})),
        event(24, Kind::Outcome, Some(op), json!({"status": 409, "error": "BucketNotEmpty", "attempts": 1})),
    ]
}

/// A grant to write an object, with so many uses gone.
pub(crate) fn grant(used: u8) -> Standing {
    let key = SecretKey::from_seed(&[1; 32]);
    let mut facts = facts("s3", "PutObject", RiskClass::Write, ("Bucket", "site"));
    facts.sentence = format!("Puts the object prod\u{200b}uction/{used}.html into the S3 bucket site.");
    let grant = Grant::over(&approval(used, 60, facts), Digest::ZERO, at(-60)).unwrap();
    let signature = key.sign(DOMAIN, &grant.bytes());
    Standing { grant, key: key.public(), signature, used: used.into(), revoked: None }
}
