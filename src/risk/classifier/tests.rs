//! Every operation of the snapshot, and the labelled public cases where they are present.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::PathBuf, sync::Arc};

use serde::Deserialize;
use serde_json::Value;

use super::{Assessment, Classifier, Members, Names, OperationFacts, Reviewed, Tables};
use crate::{
    catalog::{Index, OperationEntry, ServiceEntry},
    models::Store,
    risk::{
        RiskClass::{self, Read, Write},
        levels::Levels,
        reviewed::class,
    },
};

pub(in crate::risk) fn index() -> Arc<Index> {
    Store::embedded().index().expect("an index").clone()
}

fn facts<'a>(service: &'a ServiceEntry, operation: OperationEntry<'a>) -> OperationFacts<'a> {
    OperationFacts {
        service: &service.name,
        signing_name: &service.signing_name,
        operation: operation.name,
        method: operation.method,
        readonly: operation.readonly,
        idempotent: operation.idempotent,
        lifecycle: operation.lifecycle,
    }
}

/// What the index knows of `s3:PutObject`.
pub(in crate::risk) fn facts_of<'a>(index: &'a Index, service: &str, operation: &str) -> OperationFacts<'a> {
    let service = index.service(service).unwrap_or_else(|| panic!("no service {service}"));
    let found = index.operation(service, operation).unwrap_or_else(|| panic!("no operation {operation}"));
    facts(service, found)
}

/// What a class may be decided from; a reason begins with it.
const SOURCES: &[&str] = &["Reviewed: ", "By its name", "IAM: ", "Model: ", "HTTP: "];

#[test]
fn every_operation_has_a_class_and_a_reason() {
    let (index, classifier) = (index(), Classifier::embedded());
    let mut counts = BTreeMap::new();
    let mut services: BTreeMap<&str, BTreeMap<RiskClass, usize>> = BTreeMap::new();
    for (service, operation) in index.all_operations() {
        let assessment = classifier.classify(&facts(service, operation));
        let subject = format!("{}:{}", service.name, operation.name);
        assert!(!assessment.reasons.is_empty(), "{subject} has no reason");
        assert!(!assessment.also.contains(&assessment.class), "{subject}: {assessment:?}");
        for reason in &assessment.reasons {
            assert!(SOURCES.iter().any(|source| reason.starts_with(source)), "{subject} has no source: {reason}");
        }
        *services.entry(&service.name).or_default().entry(assessment.class).or_default() += 1;
        *counts.entry(assessment.class.as_str()).or_insert(0_usize) += 1;
        // A payload without members says nothing dangerous of its own.
        let called = classifier.classify_call(&facts(service, operation), &Value::Null);
        assert!(!called.reasons.is_empty(), "{subject} has no reason with a payload");
    }
    assert_eq!(counts.values().sum::<usize>(), 19_796);
    println!("operations by class: {counts:?}");
    // So that a change of a rule shows where it reaches.
    let mut table = String::new();
    for (service, classes) in services {
        let told: Vec<String> = classes.iter().map(|(class, count)| format!("{count} {class}")).collect();
        writeln!(table, "{service}: {}", told.join(", ")).expect("text");
    }
    insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("classes_by_service", table);
    });
}

#[test]
fn names_mean_what_the_rules_say() {
    let (index, classifier) = (index(), Classifier::embedded());
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in include_str!("cases.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.split(' ');
        let expected = class(words.next().expect("a class")).expect("a class");
        for subject in words {
            let (service, operation) = subject.split_once(':').expect("a service and an operation");
            let assessment = classifier.classify(&facts_of(&index, service, operation));
            count += 1;
            if assessment.class != expected {
                wrong.push(format!("{subject}: expected {expected}, got {assessment:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 150, "{count}");
}

#[test]
fn the_tables_are_read_whole_and_speak_of_operations_that_are_there() {
    let index = index();
    let (reviewed, unread) = Reviewed::parse(super::OPERATIONS);
    assert_eq!(unread, Vec::<usize>::new(), "operations.txt");
    assert_eq!(Names::parse(super::NAMES).1, Vec::<usize>::new(), "names.txt");
    assert_eq!(Members::parse(super::PAYLOADS).1, Vec::<usize>::new(), "payloads.txt");
    for (service, operation) in reviewed.subjects() {
        let found = index.service(service).and_then(|service| index.operation(service, operation));
        assert!(found.is_some(), "{service}:{operation} is not there");
    }
}

#[test]
fn what_nothing_is_known_of_is_asked() {
    let classifier = Classifier::embedded();
    let unknown = |operation: &'static str, method: &'static str| OperationFacts {
        service: "new",
        signing_name: "new",
        operation,
        method,
        readonly: false,
        idempotent: false,
        lifecycle: None,
    };
    for (operation, method, expected) in [
        ("FrobnicateThing", "POST", RiskClass::Destructive),
        ("FrobnicateThing", "DELETE", RiskClass::Destructive),
        ("FrobnicateThing", "GET", Read),
        ("ListThings", "POST", Read),
        ("DeleteThing", "POST", RiskClass::Destructive),
        ("PutThingPolicy", "POST", Write),
        ("PutResourcePolicy", "POST", RiskClass::Privilege),
        ("StartThingExecution", "POST", RiskClass::Execute),
        ("", "", RiskClass::Destructive),
    ] {
        assert_eq!(classifier.classify(&unknown(operation, method)).class, expected, "{operation} {method}");
    }
}

#[derive(Deserialize)]
struct Case {
    service: String,
    operation: String,
    #[serde(default)]
    payload: Value,
    label: RiskClass,
    also: Vec<RiskClass>,
}

#[derive(Debug, Default, PartialEq)]
struct Figures {
    cases: usize,
    strict: usize,
    lenient: usize,
    missed: usize,
    dangers: usize,
    false_alarms: usize,
    harmless: usize,
}

fn cases(name: &str) -> Option<Vec<Case>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    let text = fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).expect("labelled cases"))
}

fn measure<'a>(cases: impl Iterator<Item = &'a Case>, classify: impl Fn(&Case) -> Assessment, tell: bool) -> Figures {
    let passes = |class: &RiskClass| matches!(class, Read | Write);
    let mut figures = Figures::default();
    for case in cases {
        let assessment = classify(case);
        let labels: Vec<RiskClass> = [case.label].into_iter().chain(case.also.iter().copied()).collect();
        figures.cases += 1;
        figures.strict += usize::from(assessment.class == case.label);
        figures.lenient += usize::from(labels.contains(&assessment.class));
        if labels.iter().all(passes) {
            figures.harmless += 1;
            figures.false_alarms += usize::from(!passes(&assessment.class));
        } else if !labels.iter().any(passes) {
            figures.dangers += 1;
            figures.missed += usize::from(passes(&assessment.class));
        }
        if tell && assessment.class != case.label {
            println!("{}:{} {labels:?} {assessment:?}", case.service, case.operation);
        }
    }
    figures
}

/// Figures of the half that rules were tuned with, and of the half that was held out.
fn halves(cases: &[Case], classify: impl Fn(&Case) -> Assessment + Copy, tell: bool) -> (Figures, Figures) {
    let tuned = measure(cases.iter().step_by(2), classify, tell);
    (tuned, measure(cases.iter().skip(1).step_by(2), classify, false))
}

/// The last figures reached: every case within its labels, no danger missed, no false alarm.
fn at_best(figures: &Figures) {
    let reached = (figures.lenient, figures.strict, figures.missed, figures.false_alarms);
    assert_eq!(reached, (figures.cases, figures.cases, 0, 0), "{figures:?}");
}

/// Cases of our own: lines of fields, the payload last where there is one.
fn own(text: &str) -> Vec<Case> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let case = |line: &str| {
        let mut fields = line.splitn(4, ' ');
        let (service, operation) = fields.next()?.split_once(':')?;
        let label = class(fields.next()?)?;
        let also = fields.next()?.split(',').filter(|also| *also != "-").map(class).collect::<Option<_>>()?;
        let payload = fields.next().map_or(Value::Null, |payload| serde_json::from_str(payload).expect("JSON"));
        Some(Case { service: service.to_owned(), operation: operation.to_owned(), payload, label, also })
    };
    lines.map(|line| case(line).unwrap_or_else(|| panic!("{line}"))).collect()
}

#[test]
fn operations_drawn_at_random_are_told_apart() {
    let (index, classifier) = (index(), Classifier::embedded());
    let classify = |case: &Case| classifier.classify(&facts_of(&index, &case.service, &case.operation));
    let figures = measure(own(include_str!("labelled.txt")).iter(), classify, false);
    println!("drawn at random, by name: {figures:?}");
    let reached =
        Figures { cases: 800, strict: 774, lenient: 798, missed: 0, dangers: 243, false_alarms: 1, harmless: 391 };
    assert!(figures.strict >= reached.strict && figures.lenient >= reached.lenient, "{figures:?}");
    assert!(figures.missed <= reached.missed && figures.false_alarms <= reached.false_alarms, "{figures:?}");
    assert_eq!((figures.cases, figures.dangers, figures.harmless), (reached.cases, reached.dangers, reached.harmless));
}

#[test]
fn calls_of_many_services_are_told_apart() {
    let (index, classifier) = (index(), Classifier::embedded());
    let classify =
        |case: &Case| classifier.classify_call(&facts_of(&index, &case.service, &case.operation), &case.payload);
    let figures = measure(own(include_str!("labelled_calls.txt")).iter(), classify, false);
    println!("calls of our own: {figures:?}");
    assert_eq!((figures.cases, figures.lenient, figures.missed, figures.false_alarms), (614, 614, 0, 0), "{figures:?}");
    assert!(figures.strict >= 598, "{figures:?}");
}

#[test]
fn the_labelled_operations_are_told_apart() {
    let Some(cases) = cases("risk_ops_public.json") else {
        println!("left out: ../shared/data/risk_ops_public.json is not there");
        return;
    };
    let (index, classifier) = (index(), Classifier::embedded());
    let classify = |case: &Case| classifier.classify(&facts_of(&index, &case.service, &case.operation));
    let (tuned, held) = halves(&cases, classify, false);
    println!("by name, tuned: {tuned:?}\nby name, held out: {held:?}");
    at_best(&tuned);
    at_best(&held);
}

#[test]
fn the_labelled_calls_are_told_apart() {
    let Some(cases) = cases("risk_payload_public.json") else {
        println!("left out: ../shared/data/risk_payload_public.json is not there");
        return;
    };
    let (index, classifier) = (index(), Classifier::embedded());
    let classify =
        |case: &Case| classifier.classify_call(&facts_of(&index, &case.service, &case.operation), &case.payload);
    let (tuned, held) = halves(&cases, classify, false);
    println!("by payload, tuned: {tuned:?}\nby payload, held out: {held:?}");
    at_best(&tuned);
    at_best(&held);
}

fn asset(name: &str) -> &'static str {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/risk").join(name);
    fs::read_to_string(path).expect("an asset").leak()
}

/// For review: writes the class of every operation, with the tables as they are on disk now.
#[test]
#[ignore = "writes target/risk-review.tsv for people"]
fn write_review() {
    let (reviewed, unread) = Reviewed::parse(asset("operations.txt"));
    assert_eq!(unread, Vec::<usize>::new(), "operations.txt");
    let (names, unread) = Names::parse(asset("names.txt"));
    assert_eq!(unread, Vec::<usize>::new(), "names.txt");
    let (members, unread) = Members::parse(asset("payloads.txt"));
    assert_eq!(unread, Vec::<usize>::new(), "payloads.txt");
    let classifier = Classifier::default();
    classifier
        .tables
        .set(Tables { reviewed, names, levels: Levels::embedded(), members })
        .expect("tables are set once");
    let index = index();
    let mut text = String::new();
    for (service, operation) in index.all_operations() {
        let Assessment { class, also, reasons } = classifier.classify(&facts(service, operation));
        let also: Vec<&str> = also.iter().map(|class| class.as_str()).collect();
        let (also, reasons) = (also.join(","), reasons.join(" | "));
        writeln!(text, "{}\t{}\t{class}\t{also}\t{reasons}", service.name, operation.name).expect("text");
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/risk-review.tsv");
    fs::write(&path, text).expect("a file");
    let calls =
        |case: &Case| classifier.classify_call(&facts_of(&index, &case.service, &case.operation), &case.payload);
    if let Some(cases) = cases("risk_payload_public.json") {
        println!("{:?}", halves(&cases, calls, true));
    }
    // A line a call: `service:Operation`, what people say of it, the payload.
    let Ok(text) = fs::read_to_string(path.with_file_name("risk-calls.txt")) else { return };
    let mut told = String::new();
    for line in text.lines() {
        let mut fields = line.splitn(4, ' ');
        let (subject, label, also, payload) = (fields.next(), fields.next(), fields.next(), fields.next());
        let (service, operation) = subject.and_then(|subject| subject.split_once(':')).expect("a subject");
        let payload = serde_json::from_str(payload.expect("a payload")).expect("JSON");
        let Assessment { class, also: others, reasons } =
            classifier.classify_call(&facts_of(&index, service, operation), &payload);
        let others: Vec<&str> = others.iter().map(|class| class.as_str()).collect();
        let (label, also) = (label.expect("a label"), also.expect("labels"));
        let reasons = reasons.join(" | ");
        writeln!(told, "{label}\t{also}\t{class}\t{}\t{line}\t{reasons}", others.join(",")).expect("text");
    }
    fs::write(path.with_file_name("risk-calls.tsv"), told).expect("a file");
}
