//! The rules of one service with its model: a case holds with its parameters as they stand, and as calls of its
//! operations bind them.

use std::collections::BTreeMap;
use std::sync::Arc;

use countersign::aws::endpoint_parameters;
use countersign::endpoint::{Endpoint, EndpointError, Partitions, RuleSet};
use countersign::smithy::Model;
use countersign::smithy::botocore::{Document, Documents, read};
use serde_json::{Map, Value, json};

use crate::support::models;

pub(super) struct Rules {
    rules: RuleSet,
    model: Arc<Model>,
    partitions: Arc<Partitions>,
}

impl Rules {
    /// The rules that calls go by.
    pub(super) fn of_snapshot(service: &str) -> Option<Self> {
        Some(Self::new(models::store().model(service).ok()?, models::partitions()))
    }

    /// The rules of a model.
    pub(super) fn new(model: Arc<Model>, partitions: Arc<Partitions>) -> Self {
        let rules = RuleSet::parse(model.endpoint_rules.as_ref().expect("the service has rules"));
        Self { rules: rules.expect("the rules are well formed"), model, partitions }
    }

    /// The rules in a botocore package: the newest of the service.
    pub(super) fn of_package(service: &str, files: &BTreeMap<String, Vec<u8>>) -> Self {
        let newest = |document: &str| {
            let (start, end) = (format!("botocore/data/{service}/"), format!("/{document}.json"));
            let file = files.iter().rev().find(|(path, _)| path.starts_with(&start) && path.ends_with(&end));
            Document { base: file.map(|(_, bytes)| bytes.as_slice()), extras: None }
        };
        let (service_2, endpoint_rules) = (newest("service-2"), newest("endpoint-rule-set-1"));
        let documents = Documents { service: service_2, endpoint_rules, ..Documents::default() };
        let model = read(service, &documents, false).expect("the documents are well formed").model;
        let partitions: Value = serde_json::from_slice(&files["botocore/data/partitions.json"]).unwrap();
        Self::new(Arc::new(model), Arc::new(Partitions::parse(&partitions).unwrap()))
    }

    /// Whether a case holds.
    pub(super) fn check(&self, case: &Value) -> Result<(), String> {
        let empty = Map::new();
        let params = case["params"].as_object().unwrap_or(&empty);
        matches(self.rules.resolve(&self.partitions, params), &case["expect"])?;
        for call in case["operationInputs"].as_array().into_iter().flatten() {
            let name = call["operationName"].as_str().unwrap_or_default();
            let operation = self.model.operation(name).ok_or_else(|| format!("there is no operation {name}"))?;
            let payload = call["operationParams"].as_object().unwrap_or(&empty);
            let built_in = |name: &str| call["builtInParams"].get(name).cloned();
            let mut params = endpoint_parameters(&self.rules, &self.model, operation, payload, built_in);
            // What a client is made with. One case of Smithy's says it only once, for all its calls.
            for name in self.model.service.client_context_params.keys() {
                let value = call["clientParams"].get(name).or_else(|| case["params"].get(name));
                if let (Some(value), false) = (value, params.contains_key(name)) {
                    params.insert(name.clone(), value.clone());
                }
            }
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
