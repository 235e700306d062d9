//! An approval to delete a bucket.

use std::collections::BTreeMap;

use serde_json::json;

use crate::approval::{
    Approval, Binding, Facts, Input, Request, Says, SecretKey, Signed, State, Statement, Trust, decision,
};
use crate::base::{AgentId, ApprovalId, Digest, RiskClass, Timestamp, TxId};

/// Milliseconds since 1970 at which every sample is asked.
pub(crate) const ASKED_AT: i64 = 1_700_000_000_000;

/// Milliseconds to decide, and to use.
pub(crate) const TTL: i64 = 900_000;

pub(crate) fn at(millis_after_asking: i64) -> Timestamp {
    Timestamp::from_millis(ASKED_AT + millis_after_asking)
}

pub(crate) fn tx(n: u32) -> TxId {
    TxId::parse(&format!("tx_{n:032x}")).unwrap()
}

pub(crate) fn approval_id(n: u32) -> ApprovalId {
    ApprovalId::parse(&format!("ap_{n:032x}")).unwrap()
}

pub(crate) fn agent(n: u32) -> AgentId {
    AgentId::parse(&format!("ag_{n:032x}")).unwrap()
}

pub(crate) fn token(n: u32) -> Digest {
    Digest::of("test token", &n.to_be_bytes())
}

pub(crate) fn binding() -> Binding {
    Binding {
        service: "s3".into(),
        operation: "DeleteBucket".into(),
        payload: Digest::of_json("payload", &json!({"Bucket": "demo-logs"})),
        files: BTreeMap::from([("report.csv".to_owned(), Digest::of("file", b"1"))]),
        account: "123456789012".into(),
        principal: "arn:aws:iam::123456789012:user/dev".into(),
        profile: "default".into(),
        region: "eu-west-1".into(),
        endpoint: "https://demo-logs.s3.eu-west-1.amazonaws.com/".into(),
        policy: "p1".into(),
        model: "m1".into(),
        extent: "page by page, up to 10 items".into(),
        output: "out.json".into(),
    }
}

/// A binding over another bucket for every number.
pub(crate) fn binding_of(n: u32) -> Binding {
    Binding { payload: Digest::of_json("payload", &json!({"Bucket": n})), ..binding() }
}

pub(crate) fn facts() -> Facts {
    Facts {
        sentence: "Deletes the S3 bucket demo-logs.".into(),
        service: "s3".into(),
        operation: "DeleteBucket".into(),
        targets: vec![("Bucket".into(), "demo-logs".into())],
        account: "123456789012".into(),
        principal: "arn:aws:iam::123456789012:user/dev".into(),
        profile: "default".into(),
        region: "eu-west-1".into(),
        endpoint: "https://demo-logs.s3.eu-west-1.amazonaws.com/".into(),
        risk: RiskClass::Destructive,
        risk_reasons: vec!["the verb Delete".into()],
        reversible: Some(false),
        rule: "ask_for: destructive".into(),
        rule_reasons: vec!["destructive calls need a human".into()],
        payload: json!({"Bucket": "demo-logs", "Ratio": 0.1}),
        content: Vec::new(),
        files: Vec::new(),
        agent: "claude".into(),
        agent_reason: Some("clean\u{202e}up\0".into()),
    }
}

/// Pending, for the request of that number, with ids of that number.
pub(crate) fn approval(n: u32) -> Approval {
    let binding = binding_of(n);
    Approval {
        id: approval_id(n),
        tx: tx(n),
        agent: agent(n),
        token: token(n),
        facts: facts(),
        digest: binding.digest(),
        binding,
        asked_at: at(0),
        decide_by: at(TTL),
        use_ms: u64::try_from(TTL).unwrap(),
        require: 1,
        signed: Vec::new(),
        state: State::Pending,
    }
}

/// The ledger that decisions are signed in.
pub(crate) const LEDGER: Digest = Digest::from_bytes([9; 32]);

/// An approver's key; the first two are pinned.
pub(crate) fn key(n: u8) -> SecretKey {
    SecretKey::from_seed(&[n; 32])
}

pub(crate) fn trust() -> Trust {
    Trust { ledger: LEDGER, keys: [key(1).public(), key(2).public()].into() }
}

/// A statement, signed.
pub(crate) fn sign(statement: Statement, key: &SecretKey) -> Signed {
    let signature = key.sign(decision::DOMAIN, &statement.bytes());
    Signed { statement, key: key.public(), signature }
}

/// The yes of a key to what is asked.
pub(crate) fn yes(approval: &Approval, n: u8, now: Timestamp) -> Signed {
    sign(approval.statement(LEDGER, approval.shown(), Says::Approve, "", now), &key(n))
}

/// The first key approves the sample of that number.
pub(crate) fn approve(n: u32, now: Timestamp) -> Input {
    Input::Approve { signed: Box::new(yes(&approval(n), 1, now)), trust: Box::new(trust()) }
}

/// The request of that number comes back.
pub(crate) fn redeem(n: u32) -> Input {
    let request = Request { binding: binding_of(n), facts: facts().digest(), require: 1 };
    Input::Redeem { request: Box::new(request), trust: Box::new(trust()) }
}

/// The sample of that number, approved then.
pub(crate) fn approved(n: u32, now: Timestamp) -> Approval {
    let mut approval = approval(n);
    approval.apply(approve(n, now), now).unwrap();
    approval
}
