//! botocore's package: which of its files belong to which service, and the latest version of each.

use std::collections::BTreeMap;

use super::{ImportError, Options, Skipped, source::read, target::pack_named};
use crate::{
    models::packed::Packed,
    smithy::botocore::{Document, Documents},
};

/// The files of a botocore package that are of use.
#[derive(Debug, Default)]
pub(super) struct Package {
    /// Documents by service, then version, then name (`service-2`, `service-2.sdk-extras`).
    services: BTreeMap<String, BTreeMap<String, Version>>,
    partitions: Option<Vec<u8>>,
    version: Option<String>,
}

#[derive(Debug, Default)]
struct Version {
    /// The folder, for messages.
    folder: String,
    documents: BTreeMap<String, Vec<u8>>,
}

const DOCUMENTS: [&str; 4] = ["service-2", "paginators-1", "waiters-2", "endpoint-rule-set-1"];

impl Package {
    /// Takes a file if it is one of the package's that are of use; says whether it was.
    pub(super) fn take(&mut self, path: &str, reader: &mut dyn std::io::Read) -> Result<bool, ImportError> {
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            [.., "botocore", "data", service, version, file] => {
                let document = file.trim_end_matches(".gz").strip_suffix(".json").unwrap_or_default();
                if !DOCUMENTS.contains(&document.trim_end_matches(".sdk-extras")) {
                    return Ok(true);
                }
                let bytes = read(path, reader)?;
                let versions = self.services.entry((*service).to_owned()).or_default();
                let version = versions.entry((*version).to_owned()).or_default();
                path.trim_end_matches(file).trim_end_matches('/').clone_into(&mut version.folder);
                version.documents.insert(document.to_owned(), bytes);
            }
            [.., "botocore", "data", "partitions.json" | "partitions.json.gz"] => {
                self.partitions = Some(read(path, reader)?);
            }
            [.., "botocore", "data", _] | [.., "botocore", "data", _, _] => {}
            [.., "botocore", "__init__.py"] => {
                let text = read(path, reader)?;
                self.version = self.version.take().or_else(|| version(&String::from_utf8_lossy(&text)));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// `botocore 1.44.5`
    pub(super) fn source(&self) -> String {
        self.version.as_ref().map_or_else(|| "botocore".to_owned(), |version| format!("botocore {version}"))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.services.is_empty()
    }

    pub(super) fn take_partitions(&mut self) -> Option<Vec<u8>> {
        self.partitions.take()
    }

    /// Each service in its latest version; the others are told of in `skipped`.
    pub(super) fn into_services(self, skipped: &mut Vec<Skipped>) -> Vec<Service> {
        let mut services = Vec::new();
        for (name, mut versions) in self.services {
            versions.retain(|version, files| {
                let has_model = files.documents.contains_key("service-2");
                if !has_model {
                    skipped.push(Skipped { what: format!("{name} {version}"), why: "there is no service-2 in it" });
                }
                has_model
            });
            let latest = versions.pop_last();
            for version in versions.keys() {
                skipped.push(Skipped { what: format!("{name} {version}"), why: "there is a later one" });
            }
            if let Some((_, Version { folder, documents })) = latest {
                services.push(Service { name, folder, documents });
            }
        }
        services
    }
}

/// One service's documents.
#[derive(Debug)]
pub(super) struct Service {
    name: String,
    folder: String,
    documents: BTreeMap<String, Vec<u8>>,
}

impl Service {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn pack(&self, options: Options<'_>) -> Result<Packed, ImportError> {
        let document = |name: &str| Document {
            base: self.documents.get(name).map(Vec::as_slice),
            extras: self.documents.get(&format!("{name}.sdk-extras")).map(Vec::as_slice),
        };
        let documents = Documents {
            service: document("service-2"),
            paginators: document("paginators-1"),
            waiters: document("waiters-2"),
            endpoint_rules: document("endpoint-rule-set-1"),
        };
        let reading = crate::smithy::botocore::read(&self.name, &documents, options.documentation)
            .map_err(|reason| ImportError::Model { file: self.folder.clone(), reason })?;
        pack_named(&reading, &self.folder, options.effort)
    }
}

/// `__version__ = '1.44.5'`
pub(in crate::models) fn version(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.strip_prefix("__version__"))?;
    let quoted = line.trim_start_matches([' ', '=']).trim_matches(['\'', '"', ' ', '\r']);
    let plausible =
        !quoted.is_empty() && quoted.len() < 40 && quoted.chars().all(|ch| ch.is_ascii_alphanumeric() || ch == '.');
    plausible.then(|| quoted.to_owned())
}
