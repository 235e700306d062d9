//! A policy held against the catalogue: every operation with its class by name, and what is odd about the policy.

use super::plan::facts_of;
use crate::catalog::{Index, ResolveError, Resolved};
use crate::policy::{Fact, Finding, Known, Policy};
use crate::risk::Classifier;

/// Every operation with its class by name.
pub fn facts<'a>(index: &'a Index, classifier: &Classifier) -> Vec<Fact<'a>> {
    let fact = |(service, operation)| {
        let class = classifier.classify(&facts_of(&Resolved { service, operation })).class;
        Fact { service: &service.name, operation: operation.name, class }
    };
    index.all_operations().map(fact).collect()
}

/// What is odd about a policy, held against all operations.
pub fn findings(policy: &Policy, index: &Index, facts: &[Fact<'_>]) -> Vec<Finding> {
    let services = |spelling: &str| match index.resolve_service(spelling) {
        Ok(service) => vec![service.name.clone()],
        Err(ResolveError::AmbiguousService { choices, .. }) => choices,
        Err(ResolveError::UnknownService { nearest, .. } | ResolveError::UnknownOperation { nearest, .. }) => nearest,
    };
    let members = |fact: &Fact<'_>| {
        let found = index.service(fact.service).and_then(|service| index.operation(service, fact.operation));
        found.into_iter().flat_map(|entry| entry.members()).map(|member| member.name.to_owned()).collect()
    };
    let classifier = Classifier::embedded();
    let also = |fact: &Fact<'_>| {
        let service = index.service(fact.service);
        let found = service
            .and_then(|service| Some(Resolved { service, operation: index.operation(service, fact.operation)? }));
        found.map(|found| classifier.classify(&facts_of(&found)).also).unwrap_or_default()
    };
    policy.lint(&Known { facts, services: &services, members: &members, also: &also })
}
