//! What is known of an operation before any payload: its schemas, its protocol, its endpoint rules. Made on
//! first use, kept for as long as the model stays the same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::AwsError;
use super::custom;
use super::protocol::Wire;
use super::schema::{Graph, OperationSchemas};
use crate::endpoint::RuleSet;
use crate::smithy::{Model, Operation, Protocol};

/// One operation, ready to be called.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) model: Arc<Model>,
    pub(super) operation: Operation,
    pub(super) schemas: OperationSchemas,
    pub(super) wire: Wire,
}

/// One service in one protocol.
#[derive(Debug)]
struct ServiceEntry {
    model: Arc<Model>,
    graph: Graph,
    operations: HashMap<String, Arc<Prepared>>,
    rules: Arc<OnceLock<Result<Arc<RuleSet>, String>>>,
}

/// All services that were used.
#[derive(Debug, Default)]
pub(super) struct Operations {
    /// Whether the model's defaults are filled in.
    defaults: bool,
    services: Mutex<HashMap<(String, Protocol), ServiceEntry>>,
}

impl Operations {
    /// Nothing prepared yet; with the model's `defaults` filled in or without.
    pub(super) fn new(defaults: bool) -> Self {
        Self { defaults, ..Self::default() }
    }

    /// The operation, prepared now if it was not before.
    ///
    /// # Errors
    /// When the model does not have it, or is incomplete.
    pub(super) fn get(&self, model: &Arc<Model>, name: &str, protocol: Protocol) -> Result<Arc<Prepared>, AwsError> {
        self.with(model, protocol, |entry| {
            if let Some(prepared) = entry.operations.get(name) {
                return Ok(Arc::clone(prepared));
            }
            let operation = model
                .operation(name)
                .ok_or_else(|| AwsError::Unsupported(format!("{} has no operation `{name}`", model.service.name)))?;
            let shaping = custom::shaping(&model.service, operation);
            let schemas =
                entry.graph.operation(operation, &shaping).map_err(|error| AwsError::Unsupported(error.to_string()))?;
            let prepared = Arc::new(Prepared {
                model: Arc::clone(&entry.model),
                operation: operation.clone(),
                schemas,
                wire: Wire::new(protocol, self.defaults),
            });
            entry.operations.insert(name.to_owned(), Arc::clone(&prepared));
            Ok(prepared)
        })
    }

    /// The endpoint rules of a service, read now if they were not before.
    ///
    /// # Errors
    /// When the model has none, or broken ones.
    pub(super) fn rules(&self, model: &Arc<Model>, protocol: Protocol) -> Result<Arc<RuleSet>, AwsError> {
        let cell = self.with(model, protocol, |entry| Arc::clone(&entry.rules));
        let rules = cell.get_or_init(|| match &model.endpoint_rules {
            Some(rules) => RuleSet::parse(rules).map(Arc::new).map_err(|error| error.to_string()),
            None => Err(format!(
                "the model of {} has no endpoint rules; set an endpoint, or refresh the models with \
                 `countersign models sync`",
                model.service.name
            )),
        });
        rules.clone().map_err(AwsError::Endpoint)
    }

    fn with<T>(&self, model: &Arc<Model>, protocol: Protocol, f: impl FnOnce(&mut ServiceEntry) -> T) -> T {
        let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (model.service.name.clone(), protocol);
        let fresh = || ServiceEntry {
            model: Arc::clone(model),
            graph: Graph::new(Arc::clone(model), protocol),
            operations: HashMap::new(),
            rules: Arc::default(),
        };
        let entry = services.entry(key).or_insert_with(fresh);
        // Another generation of models; the same content under another pointer is the same generation.
        if !Arc::ptr_eq(&entry.model, model) && entry.model != *model {
            *entry = fresh();
        }
        f(entry)
    }
}
