//! What a sync does and did, for people and for the console.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    catalog::Index,
    models::{
        ModelError, Store,
        manifest::{Manifest, Origin},
    },
};

/// Where a sync stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum Step {
    /// Asking the server.
    Asking,
    /// Reading the archive.
    Reading {
        /// Bytes that came, packed.
        bytes: u64,
        /// Bytes that will come, where the server said it.
        total: Option<u64>,
        /// Models seen.
        models: usize,
        /// Models that are new or changed.
        changed: usize,
    },
    /// Merging sources.
    Merging {
        /// Services done.
        done: usize,
        /// Services in all.
        total: usize,
    },
    /// Loading everything.
    Verifying,
}

/// Receives steps, from several threads; must not block.
pub type Progress<'a> = &'a (dyn Fn(Step) + Sync);

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The server said that nothing changed (304).
    NotModified,
    /// All was fetched, and nothing differs.
    Same,
    /// A new generation is in place.
    New,
}

/// What a sync did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What came of it.
    pub change: Change,
    /// The generation that is current now; none is the snapshot alone.
    pub generation: Option<String>,
    /// Its services.
    pub services: usize,
    /// Its operations.
    pub operations: usize,
    /// Operations that the generation before did not have, as `service:Operation`.
    pub added: Vec<String>,
    /// Operations that only the generation before had.
    pub removed: Vec<String>,
    /// Services whose model is another one than before.
    pub changed: Vec<String>,
    /// How many services have the facts of each source.
    pub facts: Vec<(Origin, usize)>,
    /// How many services have documentation of each source.
    pub documentation: Vec<(Origin, usize)>,
    /// Bytes received.
    pub bytes: u64,
}

/// What differs between two stores, for the report.
pub(super) fn compare(
    change: Change,
    generation: Option<String>,
    manifest: Option<&Manifest>,
    before: &Store,
    after: &Store,
) -> Result<Report, ModelError> {
    let (before, after) = (before.index()?, after.index()?);
    let names = |index: &Index| -> BTreeSet<String> {
        index.all_operations().map(|(service, operation)| format!("{}:{}", service.name, operation.name)).collect()
    };
    let versions = |index: &Index| -> BTreeMap<String, String> {
        index.services().iter().map(|service| (service.name.clone(), service.model_version.clone())).collect()
    };
    let (old, new) = (names(before), names(after));
    let (old_versions, new_versions) = (versions(before), versions(after));
    let changed = new_versions.iter().filter(|(name, version)| old_versions.get(*name) != Some(version));
    let services = manifest.map(|manifest| manifest.services.values().collect::<Vec<_>>()).unwrap_or_default();
    let mut facts: BTreeMap<Origin, usize> = BTreeMap::new();
    let mut documentation: BTreeMap<Origin, usize> = BTreeMap::new();
    for service in &services {
        *facts.entry(service.facts).or_default() += 1;
        for origin in &service.documentation {
            *documentation.entry(*origin).or_default() += 1;
        }
    }
    if manifest.is_none() {
        facts.insert(Origin::Snapshot, after.services().len());
    }
    Ok(Report {
        change,
        generation,
        services: after.services().len(),
        operations: after.operation_count(),
        added: new.difference(&old).cloned().collect(),
        removed: old.difference(&new).cloned().collect(),
        changed: changed.map(|(name, _)| name.clone()).collect(),
        facts: facts.into_iter().collect(),
        documentation: documentation.into_iter().collect(),
        bytes: 0,
    })
}
