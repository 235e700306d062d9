//! `countersign models import`: reads AWS's models from a botocore package (wheel, sdist, folder) or from
//! Smithy JSON AST (file, folder, tar), and writes them packed into a folder, whole or not at all.
//!
//! The same source gives the same bytes. Blocking: call it off the run loop.

pub(super) mod ast;
pub(super) mod botocore;
mod error;
mod report;
pub(super) mod source;
mod target;
mod work;

use std::path::Path;

pub use error::ImportError;
pub use report::{Report, Skipped};

use super::packed::{Effort, Packed, deflate};
use crate::catalog::{Index, index};

/// What an import may be told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// Keep the first sentence of each documentation. The embedded snapshot is made without.
    pub documentation: bool,
    /// Where Smithy models, which do not know botocore's names, find their service's name.
    pub names: Option<&'a Index>,
    /// How hard to pack.
    pub effort: Effort,
}

/// The models of a source, read and packed.
pub(super) struct Services {
    pub(super) services: Vec<Packed>,
    /// botocore's `partitions.json`, packed.
    pub(super) partitions: Option<Vec<u8>>,
    /// What was read; of the bytes only those of the models count.
    pub(super) report: Report,
}

/// Reads the models of `source`: of each service the one of the latest API version.
pub(super) fn read(source: &Path, options: Options<'_>) -> Result<Services, ImportError> {
    let gathered = work::gather(source, options)?;
    let mut report = Report { source: gathered.source, skipped: gathered.skipped, ..Report::default() };
    let services = latest(gathered.services, &mut report.skipped);
    if services.is_empty() {
        return Err(ImportError::NotASource { path: source.to_path_buf() });
    }
    for service in &services {
        report.services += 1;
        report.operations += service.operations;
        report.bytes += service.frame.len();
        report.left_out.absorb(&service.notes.left_out, &service.name);
        report.unknown.absorb(&service.notes.unknown, &service.name);
    }
    Ok(Services { services, partitions: gathered.partitions, report })
}

/// Imports the models of `source` into the folder `out`, which is made or replaced as a whole.
///
/// # Errors
/// [`ImportError`]; `out` is then as it was.
pub fn run(source: &Path, out: &Path, options: Options<'_>) -> Result<Report, ImportError> {
    target::check(out)?;
    let Services { services, partitions, mut report } = read(source, options)?;
    let text = index::compose(&report.source, services.iter().map(|service| service.lines.as_str()));
    let index = deflate(text.as_bytes(), options.effort).map_err(|error| ImportError::write(out, error))?;
    target::write(out, &services, partitions.as_deref(), &index)?;
    report.bytes += index.len() + partitions.map_or(0, |partitions| partitions.len());
    Ok(report)
}

/// One of each service, by name: the one of the latest API version.
fn latest(mut services: Vec<Packed>, skipped: &mut Vec<Skipped>) -> Vec<Packed> {
    services.sort_by(|a, b| (&a.name, &a.api_version).cmp(&(&b.name, &b.api_version)));
    let mut kept: Vec<Packed> = Vec::with_capacity(services.len());
    for service in services {
        if let Some(last) = kept.last_mut()
            && last.name == service.name
        {
            skipped.push(Skipped { what: format!("{} {}", last.name, last.api_version), why: "there is a later one" });
            *last = service;
        } else {
            kept.push(service);
        }
    }
    kept
}

#[cfg(test)]
mod tests;
