//! A grant covers the one request it was made over, and nothing near it.

use serde_json::json;

use super::samples::{LEDGER, agent, approval, at, binding, facts, key, trust};
use crate::approval::grant::{Claim, DOMAIN, Grant, LASTS, Standing, USES, scope, under};
use crate::approval::{Approval, Binding, Facts, SecretKey};
use crate::base::{Digest, RiskClass};

fn request() -> Facts {
    Facts {
        content: vec!["Body".into()],
        payload: json!({"Bucket": "demo-logs", "Key": "a.txt", "Body": "Zmlyc3Q=", "Tags": ["x"]}),
        risk: RiskClass::Write,
        ..facts()
    }
}

fn signed(grant: Grant, key: &SecretKey) -> Standing {
    let signature = key.sign(DOMAIN, &grant.bytes());
    Standing { grant, key: key.public(), signature, used: 0, revoked: None }
}

fn grant() -> Grant {
    let approval = Approval { facts: request(), binding: binding(), agent: agent(1), ..approval(1) };
    Grant::over(&approval, LEDGER, at(0)).unwrap()
}

fn claim() -> Claim {
    let (scope, under) = (scope(&request()), under(&binding()));
    Claim { agent: agent(1), scope, under, risk: RiskClass::Write, require: 1, masked: false }
}

fn of(facts: &Facts) -> Claim {
    Claim { scope: scope(facts), ..claim() }
}

#[test]
fn the_same_request_is_covered_whatever_its_body_holds() {
    let standing = signed(grant(), &key(1));
    assert_eq!(standing.covers(&claim(), &trust(), at(1)), Ok(()));
    let mut other = request();
    other.payload["Body"] = json!("c2Vjb25k");
    other.files = vec![crate::approval::facts::FileFact { path: "b".into(), size: 1, sha256: "00".into() }];
    other.agent_reason = Some("again".into());
    other.rule_reasons = Vec::new();
    assert_eq!(standing.covers(&of(&other), &trust(), at(1)), Ok(()));
}

#[test]
fn nothing_near_it_is_covered() {
    let standing = signed(grant(), &key(1));
    let payload = |payload| of(&Facts { payload, ..request() });
    let with = |change: fn(&mut Facts)| {
        let mut facts = request();
        change(&mut facts);
        of(&facts)
    };
    let bound = |change: fn(&mut Binding)| {
        let mut binding = binding();
        change(&mut binding);
        Claim { under: under(&binding), ..claim() }
    };
    let another = "it is for another request";
    let changed = "policy, models or identity have changed since it was made";
    for (what, near, why) in [
        (
            "another bucket",
            payload(json!({"Bucket": "demo-logs2", "Key": "a.txt", "Body": "", "Tags": ["x"]})),
            another,
        ),
        ("another key", payload(json!({"Bucket": "demo-logs", "Key": "a.txt ", "Body": "", "Tags": ["x"]})), another),
        (
            "one more member",
            payload(json!({"Bucket": "demo-logs", "Key": "a.txt", "Body": "", "Tags": ["x"], "ACL": "public-read"})),
            another,
        ),
        ("one member less", payload(json!({"Bucket": "demo-logs", "Key": "a.txt", "Body": ""})), another),
        (
            "one more id in a batch",
            payload(json!({"Bucket": "demo-logs", "Key": "a.txt", "Body": "", "Tags": ["x", "y"]})),
            another,
        ),
        ("another target", with(|facts| facts.targets = vec![("Bucket".into(), "prod".into())]), another),
        ("another operation", with(|facts| facts.operation = "PutObjectAcl".into()), another),
        ("another service", with(|facts| facts.service = "s3control".into()), another),
        ("another region", with(|facts| facts.region = "us-east-1".into()), another),
        ("another account", with(|facts| facts.account = "210987654321".into()), another),
        ("another principal", with(|facts| facts.principal.push('x')), another),
        ("another profile", with(|facts| facts.profile = "prod".into()), another),
        ("another endpoint", with(|facts| facts.endpoint.push('x')), another),
        ("another class", with(|facts| facts.risk = RiskClass::Destructive), another),
        ("other members are content", with(|facts| facts.content.push("Key".into())), another),
        ("something of it is masked", Claim { masked: true, ..claim() }, another),
        ("another session", Claim { agent: agent(2), ..claim() }, "it is another session's"),
        ("another policy", bound(|binding| binding.policy.push('x')), changed),
        ("the region the binding has", bound(|binding| binding.region.push('x')), changed),
        ("another extent", bound(|binding| binding.extent.clear()), changed),
        ("a class that is never granted", Claim { risk: RiskClass::Secret, ..claim() }, "such calls are never granted"),
        ("two approvers", Claim { require: 2, ..claim() }, "such calls are never granted"),
    ] {
        assert_eq!(standing.covers(&near, &trust(), at(1)), Err(why.to_owned()), "{what}");
    }
}

#[test]
fn privilege_secret_and_execute_are_never_granted() {
    for risk in RiskClass::ALL {
        let asked = Approval { facts: Facts { risk, ..request() }, ..approval(1) };
        let never = matches!(risk, RiskClass::Privilege | RiskClass::Secret | RiskClass::Execute);
        assert_eq!(Grant::over(&asked, LEDGER, at(0)).is_err(), never, "{risk}");
    }
    let both = Approval { facts: request(), require: 2, ..approval(1) };
    assert!(Grant::over(&both, LEDGER, at(0)).is_err());
}

#[test]
fn it_ends_by_count_by_time_and_by_hand() {
    let mut standing = signed(grant(), &key(1));
    let last = at(i64::try_from(LASTS.as_millis()).unwrap());
    for n in (0..USES).rev() {
        assert_eq!(standing.claim(&claim(), &trust(), last), Ok(()));
        assert_eq!(standing.left(last), n);
    }
    let over = Err("it is used up, over or taken back".to_owned());
    assert_eq!(standing.claim(&claim(), &trust(), at(1)), over);
    assert_eq!(standing.used, USES);

    let fresh = signed(grant(), &key(1));
    assert_eq!(fresh.covers(&claim(), &trust(), last.plus(std::time::Duration::from_millis(1))), over);
    assert_eq!(fresh.covers(&claim(), &trust(), at(-1)), over, "a clock that was set back gives nothing");
    let revoked = Standing { revoked: Some(at(1)), ..fresh };
    assert_eq!(revoked.covers(&claim(), &trust(), at(2)), over);
}

#[test]
fn a_grant_that_no_approver_signed_covers_nothing() {
    let forged = "no approver signed it";
    let theirs = signed(grant(), &key(3));
    assert_eq!(theirs.covers(&claim(), &trust(), at(1)), Err(forged.to_owned()));
    // Whatever is changed after it was signed.
    let changes: [fn(&mut Grant); 6] = [
        |grant| grant.agent = agent(2),
        |grant| grant.uses = 1_000,
        |grant| grant.until = grant.until.plus(LASTS),
        |grant| grant.scope = Digest::ZERO,
        |grant| grant.ledger = Digest::ZERO,
        |grant| grant.sentence.push('x'),
    ];
    for change in changes {
        let mut changed = signed(grant(), &key(1));
        change(&mut changed.grant);
        assert_eq!(changed.covers(&claim(), &trust(), at(1)), Err(forged.to_owned()));
    }
    // Signed by an approver, but larger than a grant can be, or in another ledger.
    let larger = Grant { uses: USES + 1, ..grant() };
    assert!(signed(larger, &key(1)).covers(&claim(), &trust(), at(1)).is_err());
    let longer = Grant { until: at(i64::from(u32::MAX)), ..grant() };
    assert!(signed(longer, &key(1)).covers(&claim(), &trust(), at(1)).is_err());
    let there = Grant { ledger: Digest::ZERO, ..grant() };
    let why = Err("it was made in another ledger".to_owned());
    assert_eq!(signed(there, &key(1)).covers(&claim(), &trust(), at(1)), why);
}
