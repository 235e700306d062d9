//! What models are in use and where each part comes from, for `models status` and the console.

use serde::Serialize;

use super::{
    Home, HomeError, ModelError, Models, Store,
    manifest::{Manifest, Origin},
};
use crate::base::Timestamp;

/// One source of models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Which.
    pub origin: Origin,
    /// What it is: a package with its version, an address with its reference, a program.
    pub source: String,
    /// What tells this state of it from another: a commit, a folder.
    pub revision: Option<String>,
    /// The date that the source gives its content, or when it was installed.
    pub dated: Option<Timestamp>,
    /// When it was read.
    pub read_at: Option<Timestamp>,
    /// Services whose facts are its.
    pub facts: usize,
    /// Services that have documentation of it.
    pub documentation: usize,
}

/// The models in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The generation in use; none is the snapshot alone.
    pub generation: Option<String>,
    /// When it was made.
    pub made_at: Option<Timestamp>,
    /// Services in all.
    pub services: usize,
    /// Operations in all.
    pub operations: usize,
    /// Operations that have documentation.
    pub documented: usize,
    /// The snapshot first.
    pub parts: Vec<Part>,
    /// Why the current generation is not in use, if so.
    pub problem: Option<String>,
    /// When a sync last succeeded.
    pub synced_at: Option<Timestamp>,
    /// When one was last tried.
    pub tried_at: Option<Timestamp>,
    /// Why that failed, if it did.
    pub sync_problem: Option<String>,
}

/// Why the status cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// The models cannot be read.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The folder of generations cannot be read.
    #[error(transparent)]
    Home(#[from] HomeError),
}

/// What is in use, and what the last sync came to.
///
/// # Errors
/// When the models or the folder cannot be read.
pub fn status(models: &Models, home: &Home) -> Result<Status, StatusError> {
    let store = models.store();
    let index = store.index()?;
    let generation = models.generation();
    let manifest = match &generation {
        Some(generation) => home.manifest(generation)?,
        None => None,
    };
    let last = home.last_sync()?;
    Ok(Status {
        made_at: manifest.as_ref().map(|manifest| manifest.made_at),
        generation,
        services: index.services().len(),
        operations: index.operation_count(),
        documented: index.all_operations().filter(|(_, operation)| operation.summary.is_some()).count(),
        parts: parts(manifest.as_ref(), index.services().len())?,
        problem: models.problem(),
        synced_at: last.as_ref().and_then(|last| last.succeeded_at),
        tried_at: last.as_ref().map(|last| last.tried_at),
        sync_problem: last.and_then(|last| last.problem),
    })
}

fn parts(manifest: Option<&Manifest>, services: usize) -> Result<Vec<Part>, ModelError> {
    let facts = |origin: Origin| match manifest {
        Some(manifest) => manifest.services.values().filter(|service| service.facts == origin).count(),
        None => services,
    };
    let documentation = |origin: Origin| {
        let services = manifest.map(|manifest| manifest.services.values()).into_iter().flatten();
        services.filter(|service| service.documentation.contains(&origin)).count()
    };
    let snapshot = Part {
        origin: Origin::Snapshot,
        source: Store::embedded().index()?.source().to_owned(),
        revision: None,
        dated: None,
        read_at: None,
        facts: facts(Origin::Snapshot),
        documentation: 0,
    };
    let layers = manifest.map(|manifest| manifest.layers.as_slice()).unwrap_or_default().iter().map(|layer| Part {
        origin: layer.origin,
        source: layer.source.clone(),
        revision: layer.revision.clone(),
        dated: layer.dated,
        read_at: Some(layer.read_at),
        facts: facts(layer.origin),
        documentation: documentation(layer.origin),
    });
    Ok([snapshot].into_iter().chain(layers).collect())
}
