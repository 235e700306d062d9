//! `countersign models import`: reads AWS's models from a botocore package (wheel, sdist, folder) or from
//! Smithy JSON AST (file, folder, tar), and writes them packed into a folder, whole or not at all.
//!
//! The same source gives the same bytes. Blocking: call it off the run loop.

mod ast;
mod botocore;
mod error;
mod report;
mod source;
mod target;
mod work;

use std::path::Path;

pub use error::ImportError;
pub use report::{Report, Skipped};

use super::packed::{Packed, deflate};
use crate::catalog::{Index, index};

/// What an import may be told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// Keep the first sentence of each documentation. The embedded snapshot is made without.
    pub documentation: bool,
    /// Where Smithy models, which do not know botocore's names, find their service's name.
    pub names: Option<&'a Index>,
}

/// Imports the models of `source` into the folder `out`, which is made or replaced as a whole.
///
/// # Errors
/// [`ImportError`]; `out` is then as it was.
pub fn run(source: &Path, out: &Path, options: Options<'_>) -> Result<Report, ImportError> {
    target::check(out)?;
    let mut gathered = work::gather(source, options)?;
    let mut report = Report { source: gathered.source.clone(), skipped: gathered.skipped, ..Report::default() };
    let services = latest(gathered.services, &mut report.skipped);
    if services.is_empty() {
        return Err(ImportError::NotASource { path: source.to_path_buf() });
    }
    let text = index::compose(&gathered.source, services.iter().map(|service| service.lines.as_str()));
    let index = deflate(text.as_bytes()).map_err(|error| ImportError::write(out, error))?;
    let partitions = gathered.partitions.take();
    target::write(out, &services, partitions.as_deref(), &index)?;
    report.bytes = index.len() + partitions.map_or(0, |partitions| partitions.len());
    for service in &services {
        report.services += 1;
        report.operations += service.operations;
        report.bytes += service.frame.len();
        report.left_out.absorb(&service.notes.left_out, &service.name);
        report.unknown.absorb(&service.notes.unknown, &service.name);
    }
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
