//! A whole service model: the service, its operations, the shapes they use, waiters and endpoint rules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Operation, Service, Shape};

/// One service, in the internal form that the snapshot stores.
///
/// Shapes are named by their local name (`PutObjectRequest`); prelude shapes keep their absolute
/// id (`smithy.api#String`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Names, protocols and service-wide traits.
    pub service: Service,
    /// Operations by their exact name.
    pub operations: BTreeMap<String, Operation>,
    /// Shapes by name.
    pub shapes: BTreeMap<String, Shape>,
    /// The endpoint rule set (`smithy.rules#endpointRuleSet`), as published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_rules: Option<Value>,
    /// Waiters by name, in botocore's form (`delay`, `maxAttempts`, `operation`, `acceptors`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waiters: BTreeMap<String, Value>,
}

impl Model {
    /// The shape of that name.
    pub fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.get(name)
    }

    /// The operation of exactly that name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }

    /// The input structure of an operation, if it has one.
    pub fn input(&self, operation: &Operation) -> Option<&Shape> {
        self.shape(operation.input.as_deref()?)
    }

    /// The output structure of an operation, if it has one.
    pub fn output(&self, operation: &Operation) -> Option<&Shape> {
        self.shape(operation.output.as_deref()?)
    }
}
