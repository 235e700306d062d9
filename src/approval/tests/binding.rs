//! A binding: every part counts.

use std::collections::BTreeMap;

use super::samples::{approval, approved, at, binding, facts, trust, yes};
use crate::approval::{Approval, Binding, Effect, Input, Refusal, Request, State};
use crate::audit::Kind;
use crate::base::Digest;

/// The sample with one part changed, for every part there is.
fn variants() -> Vec<(&'static str, Binding)> {
    let other = || "other".to_owned();
    let changed = Digest::of("file", b"2");
    vec![
        ("service", Binding { service: other(), ..binding() }),
        ("operation", Binding { operation: other(), ..binding() }),
        ("payload", Binding { payload: Digest::ZERO, ..binding() }),
        ("files", Binding { files: BTreeMap::from([("report.csv".to_owned(), changed)]), ..binding() }),
        ("files", Binding { files: BTreeMap::new(), ..binding() }),
        ("files", Binding { files: BTreeMap::from([("other.csv".to_owned(), changed)]), ..binding() }),
        ("account", Binding { account: other(), ..binding() }),
        ("account", Binding { account: String::new(), ..binding() }),
        ("principal", Binding { principal: other(), ..binding() }),
        ("profile", Binding { profile: other(), ..binding() }),
        ("region", Binding { region: other(), ..binding() }),
        ("endpoint", Binding { endpoint: other(), ..binding() }),
        ("policy", Binding { policy: other(), ..binding() }),
        ("model", Binding { model: other(), ..binding() }),
        ("extent", Binding { extent: other(), ..binding() }),
        ("extent", Binding { extent: String::new(), ..binding() }),
        ("output", Binding { output: other(), ..binding() }),
        ("output", Binding { output: String::new(), ..binding() }),
    ]
}

fn redeem(binding: Binding) -> Input {
    let request = Request { binding, facts: facts().digest(), require: 1 };
    Input::Redeem { request: Box::new(request), trust: Box::new(trust()) }
}

#[test]
fn the_table_has_every_part() {
    let parts = serde_json::to_value(binding()).unwrap();
    let mut named: Vec<&str> = variants().into_iter().map(|(part, _)| part).collect();
    named.dedup();
    assert_eq!(named, parts.as_object().unwrap().keys().collect::<Vec<_>>());
}

#[test]
fn a_change_of_one_part_is_named_and_refused_and_does_not_burn_the_approval() {
    let asked = Approval { digest: binding().digest(), binding: binding(), ..approval(1) };
    let mut approved = asked.clone();
    let yes = yes(&asked, 1, at(1));
    approved.apply(Input::Approve { signed: Box::new(yes), trust: Box::new(trust()) }, at(1)).unwrap();
    for (part, other) in variants() {
        assert_ne!(other.digest(), asked.digest, "{part}");
        let told = if part == "model" { "models changed" } else { part };
        assert_eq!(asked.binding.differs(&other), [told]);
        assert_eq!(other.differs(&asked.binding), [told]);

        let mut kept = approved.clone();
        let refused = kept.apply(redeem(other), at(2));
        assert_eq!(refused, Err(Refusal::Differs { differs: vec![told.to_owned()] }));
        assert_eq!(kept, approved, "{part}: refused, and still there");
        let used = kept.apply(redeem(binding()), at(3));
        assert_eq!(used, Ok(vec![Effect::Record(Kind::Consumed), Effect::Own]), "{part}");
    }
}

#[test]
fn several_changes_are_all_named_in_order() {
    let other = Binding { model: "m2".into(), region: "us-east-1".into(), service: "s3control".into(), ..binding() };
    assert_eq!(binding().differs(&other), ["service", "region", "models changed"]);
    assert_eq!(binding().differs(&binding()), Vec::<String>::new());
}

#[test]
fn parts_that_were_exchanged_behind_the_signed_digest_do_not_count() {
    let mut approval = approved(1, at(1));
    let exchanged = Binding { region: "us-east-1".into(), ..approval.binding.clone() };
    approval.binding = exchanged.clone();
    let refused = approval.apply(redeem(exchanged), at(2));
    assert_eq!(refused, Err(Refusal::Differs { differs: vec!["digest".to_owned()] }));
    assert!(matches!(approval.state, State::Approved { .. }));
}
