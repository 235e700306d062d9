//! The official endpoint cases of all services against the rule sets of the snapshot. Their place:
//! `COUNTERSIGN_ENDPOINT_TESTS`, else the shared data.

use std::path::{Path, PathBuf};

use countersign::aws::endpoint_parameters;
use countersign::endpoint::{Endpoint, EndpointError, Partitions, RuleSet};
use countersign::smithy::Model;
use serde_json::{Map, Value, json};

use crate::support::models;

/// Services whose cases and whose rules in the snapshot are of different days; the reason of each.
const EXCEPTIONS: &str = include_str!("endpoint_exceptions.txt");

fn cases() -> Option<Value> {
    let path = std::env::var_os("COUNTERSIGN_ENDPOINT_TESTS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/endpoint-tests.json.xz"),
        PathBuf::from,
    );
    let Ok(bytes) = std::fs::read(&path) else {
        println!("left out: the endpoint cases ({} is not there)", path.display());
        return None;
    };
    let json = if path.extension().is_some_and(|extension| extension == "xz") {
        let mut json = Vec::new();
        lzma_rs::xz_decompress(&mut bytes.as_slice(), &mut json).expect("the file is xz");
        json
    } else {
        bytes
    };
    Some(serde_json::from_slice(&json).expect("the file is JSON"))
}

fn exception(service: &str, documentation: &str) -> bool {
    EXCEPTIONS.lines().filter(|line| !line.starts_with('#')).any(|line| {
        let mut parts = line.splitn(3, " | ");
        let (name, text) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        name == service && (text == "*" || documentation.contains(text))
    })
}

struct Service {
    rules: RuleSet,
    model: std::sync::Arc<Model>,
    partitions: std::sync::Arc<Partitions>,
}

impl Service {
    fn new(name: &str) -> Option<Self> {
        let model = models::store().model(name).ok()?;
        let rules = RuleSet::parse(model.endpoint_rules.as_ref()?).expect("the rules are well formed");
        Some(Self { rules, model, partitions: models::partitions() })
    }

    /// Whether a case holds: with its parameters as they stand, and as its operation calls bind them.
    fn check(&self, case: &Value) -> Result<(), String> {
        let empty = Map::new();
        let params = case["params"].as_object().unwrap_or(&empty);
        matches(self.rules.resolve(&self.partitions, params), &case["expect"])?;
        for call in case["operationInputs"].as_array().into_iter().flatten() {
            let name = call["operationName"].as_str().unwrap_or_default();
            let operation = self.model.operation(name).ok_or_else(|| format!("there is no operation {name}"))?;
            let payload = call["operationParams"].as_object().unwrap_or(&empty);
            let built_in = |name: &str| call["builtInParams"].get(name).cloned();
            let params = endpoint_parameters(&self.rules, &self.model, operation, payload, built_in);
            matches(self.rules.resolve(&self.partitions, &params), &case["expect"])
                .map_err(|problem| format!("bound by {name} as {params:?}: {problem}"))?;
        }
        Ok(())
    }
}

fn matches(got: Result<Endpoint, EndpointError>, expected: &Value) -> Result<(), String> {
    let got = match got {
        Ok(endpoint) => {
            let headers: Map<String, Value> =
                endpoint.headers.into_iter().map(|(name, values)| (name, values.into())).collect();
            json!({"endpoint": {"url": endpoint.url, "headers": headers, "properties": endpoint.properties}})
        }
        Err(error) => json!({"error": error.to_string()}),
    };
    let mut expected = expected.clone();
    if let Some(endpoint) = expected.get_mut("endpoint").and_then(Value::as_object_mut) {
        endpoint.entry("headers").or_insert_with(|| json!({}));
        endpoint.entry("properties").or_insert_with(|| json!({}));
    }
    if got == expected { Ok(()) } else { Err(format!("got {got}, expected {expected}")) }
}

#[test]
fn all_services_resolve_as_their_cases_say() {
    let Some(services) = cases() else { return };
    let (mut passed, mut failed, mut excepted, mut needless) = (0, Vec::new(), 0, 0);
    for (name, cases) in services.as_object().expect("cases are keyed by service") {
        let service = Service::new(name);
        for case in cases.as_array().expect("each service has a list of cases") {
            let documentation = case["documentation"].as_str().unwrap_or_default();
            let checked = service.as_ref().ok_or_else(|| "not in the snapshot".to_owned()).and_then(|s| s.check(case));
            match (checked, exception(name, documentation)) {
                (Ok(()), false) => passed += 1,
                (Ok(()), true) => {
                    passed += 1;
                    needless += 1;
                }
                (Err(_), true) => excepted += 1,
                (Err(problem), false) => failed.push(format!("{name}: {documentation}: {problem}")),
            }
        }
    }
    println!("endpoint cases: {passed} passed, {} failed, {excepted} excepted", failed.len());
    println!("(of those that passed, {needless} belong to a service with exceptions)");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
