//! Proof that a generation can be used: every model of it is loaded and held against the index, its references and its
//! endpoint rules, before anybody else sees it.

use std::fmt::Display;

use super::{ModelError, Store, manifest::Manifest};
use crate::{
    base::Shown,
    endpoint::{Partitions, RuleSet},
    smithy::Model,
};

/// What is wrong with a generation.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A file cannot be read or is another one than the index says.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A model does not hold together.
    #[error("{service}: {problem}; what was read is not used, and what was in use stays; check where it comes from", service = Shown::line(.service))]
    Broken {
        /// The service.
        service: String,
        /// What is wrong.
        problem: String,
    },
}

/// Loads everything that the generation itself holds.
pub(super) fn verify(store: &Store, manifest: &Manifest) -> Result<(), VerifyError> {
    let index = store.index()?;
    let names: Vec<&String> = index.services().iter().map(|service| &service.name).collect();
    if names != manifest.services.keys().collect::<Vec<_>>() {
        return Err(broken("index", &"it lists other services than the manifest"));
    }
    Partitions::parse(&*store.partitions()?).map_err(|error| broken("partitions", &error))?;
    for entry in index.services() {
        let facts = manifest.services.get(&entry.name).filter(|facts| facts.frame == entry.model_version);
        let facts = facts.ok_or_else(|| broken(&entry.name, &"the manifest names another model than the index"))?;
        if !facts.own {
            continue;
        }
        let model = store.model(&entry.name)?;
        if model.service.name != entry.name {
            return Err(broken(&entry.name, &format!("the model is one of {}", model.service.name)));
        }
        let listed: Vec<&str> = index.operations(entry).map(|operation| operation.name).collect();
        if listed != model.operations.keys().map(String::as_str).collect::<Vec<_>>() {
            return Err(broken(&entry.name, &"the index lists other operations than the model"));
        }
        holds_together(&model).map_err(|problem| broken(&entry.name, &problem))?;
    }
    Ok(())
}

/// That every shape that is named is there, and that the endpoint rules can be read.
fn holds_together(model: &Model) -> Result<(), String> {
    let known = |name: &str| model.shapes.contains_key(name) || name.starts_with("smithy.api#");
    for (name, operation) in &model.operations {
        let ends = operation.input.iter().chain(&operation.output).chain(&operation.errors);
        if let Some(lost) = ends.into_iter().find(|shape| !known(shape)) {
            return Err(format!("{name} refers to the shape {lost}, which is not there"));
        }
    }
    for (name, shape) in &model.shapes {
        if let Some(lost) = shape.members.iter().find(|member| !known(&member.target)) {
            return Err(format!("{name} has a member {} of the shape {}, which is not there", lost.name, lost.target));
        }
    }
    match model.endpoint_rules.as_ref().map(RuleSet::parse) {
        Some(Err(error)) => Err(error.to_string()),
        Some(Ok(_)) | None => Ok(()),
    }
}

fn broken(service: &str, problem: &dyn Display) -> VerifyError {
    VerifyError::Broken { service: service.to_owned(), problem: problem.to_string() }
}
