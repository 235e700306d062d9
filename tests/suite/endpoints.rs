//! The official endpoint cases: of all services against the rule sets of the snapshot (the shared data's, or
//! `COUNTERSIGN_ENDPOINT_TESTS`; and those in botocore's package), and the rules engine's own, against the rule
//! sets they come with.

mod bound;
mod engine;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use self::bound::Rules;
use crate::support::botocore::{self, CURRENT, EARLIER};
use crate::support::suites::{self, Tally, say};

const SHARED: &str = "endpoint cases";
const BOTOCORE: &str = "botocore endpoint cases";

/// The file, by service; `.xz` or plain JSON.
fn read(path: &Path, bytes: &[u8]) -> BTreeMap<String, Vec<Value>> {
    let json = if path.extension().is_some_and(|extension| extension == "xz") {
        let mut json = Vec::new();
        lzma_rs::xz_decompress(&mut std::io::Cursor::new(bytes), &mut json).expect("the file is xz");
        json
    } else {
        bytes.to_vec()
    };
    serde_json::from_slice(&json).expect("the file has a list of cases for each service")
}

/// What names a case in the exceptions: the service, and what the case is about.
fn name(service: &str, case: &Value) -> String {
    format!("{service}: {}", case["documentation"].as_str().unwrap_or_default())
}

fn check(rules: Option<&Rules>, case: &Value) -> Result<(), String> {
    rules.ok_or_else(|| "the service is not there".to_owned())?.check(case)
}

#[test]
fn all_services_resolve_as_their_cases_say() {
    let file = suites::file(SHARED, "COUNTERSIGN_ENDPOINT_TESTS", "endpoint-tests.json.xz");
    let Some(file) = file else { return };
    let mut tally = Tally::of(SHARED, &file);
    let mut excepted = Vec::new();
    for (service, cases) in read(&file.path, &file.bytes) {
        let rules = Rules::of_snapshot(&service);
        for case in cases {
            let checked = check(rules.as_ref(), &case);
            let failed = checked.is_err();
            if tally.count("all services", &name(&service, &case), checked) && failed {
                excepted.push((service.clone(), case));
            }
        }
    }
    tally.finish();
    hold_with_their_own_rules(&excepted);
}

/// An exception is about the day of the rules, never about us: each case holds with the rules of its own day.
fn hold_with_their_own_rules(cases: &[(String, Value)]) {
    let data = |path: &str| {
        let file = path.strip_prefix("botocore/data/")?;
        let (service, rest) = file.split_once('/').unwrap_or((file, ""));
        let document = rest.ends_with("/service-2.json") || rest.ends_with("/endpoint-rule-set-1.json");
        let wanted = file == "partitions.json" || document && cases.iter().any(|(name, _)| name == service);
        wanted.then_some(())
    };
    let what = "excepted endpoint cases with the rules of their own day";
    if cases.is_empty() {
        return;
    }
    let Some(files) = botocore::files(what, EARLIER, |path| data(path).is_some()) else { return };
    let mut wrong = Vec::new();
    let mut rules = BTreeMap::new();
    for (service, case) in cases {
        let rules = rules.entry(service).or_insert_with(|| Rules::of_package(service, &files));
        if let Err(problem) = rules.check(case) {
            wrong.push(format!("{}: {problem}", name(service, case)));
        }
    }
    let (right, wrong_count) = (cases.len() - wrong.len(), wrong.len());
    say(&format!("{what} (botocore {EARLIER}): {right} passed, {wrong_count} failed, 0 excepted"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_services_resolve_as_the_cases_of_their_package_say() {
    let file = |path: &str| path.starts_with("tests/functional/endpoint-rules/") && path.ends_with(".json");
    let Some(files) = botocore::files(BOTOCORE, CURRENT, file) else { return };
    let mut tally = Tally::new(BOTOCORE);
    for (path, json) in files {
        let service = path.split('/').nth(3).unwrap_or_default();
        let rules = Rules::of_snapshot(service);
        let document: Value = serde_json::from_slice(&json).expect("the file is JSON");
        for case in document["testCases"].as_array().expect("a file has cases") {
            tally.count("all services", &name(service, case), check(rules.as_ref(), case));
        }
    }
    assert_eq!(tally.len(), 14_589);
    tally.finish();
}
