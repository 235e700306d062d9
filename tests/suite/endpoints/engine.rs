//! The rules engine's own cases: Smithy's (`rules-engine-tests.json` in the shared data) and those in botocore's
//! package. Each comes with the rule set it is about.

use std::collections::BTreeMap;
use std::sync::Arc;

use countersign::smithy::{Model, ast};
use serde_json::Value;

use super::bound::Rules;
use crate::support::botocore::{self, CURRENT};
use crate::support::models;
use crate::support::suites::{self, Tally};

const SMITHY: &str = "Smithy rules engine tests";
const BOTOCORE: &str = "botocore rules engine tests";

#[test]
fn the_rules_engine_does_what_smithy_says() {
    let file = suites::file(SMITHY, "COUNTERSIGN_RULES_ENGINE_TESTS", "rules-engine-tests.json");
    let Some(file) = file else { return };
    let raw: Value = serde_json::from_slice(&file.bytes).expect("the file is JSON");
    let mut tally = Tally::of(SMITHY, &file);
    for reading in ast::read(&file.bytes, false).expect("the file is a Smithy AST") {
        let model = Arc::new(reading.model);
        let service = model.service.shape_name.clone();
        let rules = Rules::new(model, models::partitions());
        let (_, shape) = raw["shapes"]
            .as_object()
            .into_iter()
            .flatten()
            .find(|(id, shape)| shape["type"] == "service" && id.ends_with(&format!("#{service}")))
            .expect("each model is of a service");
        let cases = shape["traits"]["smithy.rules#endpointTests"]["testCases"].as_array();
        for case in cases.expect("each service has cases") {
            let name = format!("{service}: {}", case["documentation"].as_str().unwrap_or_default());
            tally.count(&service, &name, rules.check(case));
        }
    }
    tally.finish();
}

#[test]
fn the_rules_engine_does_what_botocore_does() {
    let folder = "tests/unit/data/endpoints/";
    let Some(files) = botocore::files(BOTOCORE, CURRENT, |path| path.starts_with(folder)) else { return };
    let json: BTreeMap<&str, Value> =
        files.iter().map(|(path, json)| (path.as_str(), serde_json::from_slice(json).expect("JSON"))).collect();
    let mut tally = Tally::new(BOTOCORE);
    for (path, rules) in json.iter().filter(|(path, _)| path.contains("/valid-rules/")) {
        let model = Model { endpoint_rules: Some(rules.clone()), ..Model::default() };
        let rules = Rules::new(Arc::new(model), models::partitions());
        // Rule sets without cases are to be read, no more.
        let cases = json.get(path.replace("valid-rules", "test-cases").as_str());
        let about = path.rsplit('/').next().unwrap_or_default().trim_end_matches(".json");
        for case in cases.and_then(|cases| cases["testCases"].as_array()).into_iter().flatten() {
            let name = format!("{about}: {}", case["documentation"].as_str().unwrap_or_default());
            tally.count("rule sets", &name, rules.check(case));
        }
    }
    assert!(tally.len() >= 50, "{}", tally.len());
    tally.finish();
}
