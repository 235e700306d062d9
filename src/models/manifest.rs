//! What a generation of models is made of: the sources it was read from, and for every service what came of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;

/// Version of the form of generations and of the rules that merge sources. A generation of another form is not used.
pub(super) const FORM: u32 = 1;

/// Where facts or documentation come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The snapshot in the binary.
    Snapshot,
    /// What a human imported.
    Import,
    /// What AWS publishes, synchronised.
    Sync,
    /// botocore or the AWS CLI on this machine: documentation only.
    Installed,
}

impl Origin {
    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Import => "import",
            Self::Sync => "sync",
            Self::Installed => "installed",
        }
    }
}

/// A generation, told in full.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) form: u32,
    /// When it was made.
    pub(super) made_at: Timestamp,
    /// The snapshot it was merged with.
    pub(super) snapshot: String,
    pub(super) layers: Vec<Layer>,
    /// Every service of the generation.
    pub(super) services: BTreeMap<String, Service>,
    /// Version (short digest) of the packed index.
    pub(super) index: String,
    /// Version of the packed partitions, where an import brought some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) partitions: Option<String>,
}

/// One source beside the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layer {
    pub(super) origin: Origin,
    /// For people: an address and reference, a path, `botocore 1.44.5`.
    pub(super) source: String,
    /// What tells this state of the source from another: a commit, a version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) revision: Option<String>,
    /// The date the source gives its content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) dated: Option<Timestamp>,
    /// When it was read.
    pub(super) read_at: Timestamp,
    /// Its files by path; empty for a source that stays where it is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) files: BTreeMap<String, SourceFile>,
}

/// A file of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceFile {
    /// SHA-256 of its bytes, in a domain of its own.
    pub(super) digest: String,
    /// The models read from it.
    pub(super) models: Vec<Raw>,
}

/// A model as one source has it, before anything was merged; its packed form lies in `raw/<frame>.zst`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    pub(super) service: String,
    pub(super) api_version: String,
    /// Version of the packed model.
    pub(super) frame: String,
}

/// How a source's model of a service stands to the snapshot's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Standing {
    /// The two models.
    pub(super) of: (String, String),
    /// Whether the source's is ahead; none when neither is.
    pub(super) ahead: Option<bool>,
}

/// A service of a generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    /// Digest of everything it was made from; the same key gives the same model.
    pub(super) key: String,
    /// Version of the model; the snapshot's own when it lies in no file.
    pub(super) frame: String,
    /// Whether it has a file in the generation; else it is the snapshot's.
    pub(super) own: bool,
    /// Whose facts it has.
    pub(super) facts: Origin,
    /// Whose documentation it has, the preferred first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) documentation: Vec<Origin>,
    /// How the sources stand to the snapshot.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) standings: BTreeMap<Origin, Standing>,
}

impl Manifest {
    /// The layer of an origin.
    pub(super) fn layer(&self, origin: Origin) -> Option<&Layer> {
        self.layers.iter().find(|layer| layer.origin == origin)
    }
}

impl Service {
    /// A service that nothing is added to.
    pub(super) fn snapshots(key: String, version: &str, standings: BTreeMap<Origin, Standing>) -> Self {
        let facts = Origin::Snapshot;
        Self { key, frame: version.to_owned(), own: false, facts, documentation: Vec::new(), standings }
    }
}

impl Layer {
    /// Its models: of each service the one of the latest API version.
    pub(super) fn models(&self) -> BTreeMap<&str, &Raw> {
        let mut models: BTreeMap<&str, &Raw> = BTreeMap::new();
        for raw in self.files.values().flat_map(|file| &file.models) {
            let known = models.entry(&raw.service).or_insert(raw);
            if (&raw.api_version, &raw.frame) > (&known.api_version, &known.frame) {
                *known = raw;
            }
        }
        models
    }
}
