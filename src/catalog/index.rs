//! The index of all services and operations: read at start-up, in milliseconds, and kept as one text
//! with a table of line starts.

use std::ops::Range;

use super::{
    entry::{OperationEntry, SERVICE, SERVICE_FIELDS, ServiceEntry},
    names::Names,
};

/// First field of an index's first line, with the version of its form.
const HEADER: &str = "countersign-models 1";

/// Names and light facts of every service and operation.
#[derive(Debug)]
pub struct Index {
    text: String,
    source: String,
    services: Vec<ServiceEntry>,
    /// Where each operation's line starts in `text`.
    lines: Vec<u32>,
    names: Names,
}

/// An index that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// It is something else, or of another version of this program.
    #[error("this is no index of models for this version of countersign; run `countersign models import` again")]
    NotAnIndex,
    /// A line is damaged.
    #[error("line {line} of the index of models is damaged; run `countersign models import` again")]
    Damaged {
        /// Counted from 1.
        line: usize,
    },
}

/// The text of an index: a header that names the source, then the lines of each service in order of names.
pub fn compose<'a>(source: &str, services: impl IntoIterator<Item = &'a str>) -> String {
    let source: String = source.chars().map(|ch| if ch.is_control() { ' ' } else { ch }).collect();
    let mut text = format!("{HEADER}\t{source}\n");
    text.extend(services);
    text
}

impl Index {
    /// Reads the text that [`compose`] wrote.
    ///
    /// # Errors
    /// [`IndexError`] when it is no such text.
    pub fn parse(text: String) -> Result<Self, IndexError> {
        let Some((header, _)) = text.split_once('\n') else { return Err(IndexError::NotAnIndex) };
        let Some((HEADER, source)) = header.split_once('\t') else { return Err(IndexError::NotAnIndex) };
        if u32::try_from(text.len()).is_err() {
            return Err(IndexError::NotAnIndex);
        }
        let source = source.to_owned();
        let mut services: Vec<ServiceEntry> = Vec::new();
        let mut lines = Vec::new();
        let mut start = header.len() + 1;
        for (number, line) in text.get(start..).unwrap_or_default().split_terminator('\n').enumerate() {
            let damaged = IndexError::Damaged { line: number + 2 };
            if line.starts_with(SERVICE) {
                let fields: Vec<&str> = line.splitn(SERVICE_FIELDS + 1, '\t').collect();
                let mut service = ServiceEntry::parse(&fields).ok_or(damaged)?;
                service.operations = lines.len()..lines.len();
                services.push(service);
            } else {
                if line.bytes().filter(|byte| *byte == b'\t').count() != 4 {
                    return Err(damaged);
                }
                let Some(service) = services.last_mut() else { return Err(damaged) };
                lines.push(u32::try_from(start).map_err(|_| damaged)?);
                service.operations.end = lines.len();
            }
            start += line.len() + 1;
        }
        let names = Names::of(&services);
        Ok(Self { text, source, services, lines, names })
    }

    /// Where the models come from (`botocore 1.44.5`).
    pub fn source(&self) -> &str {
        &self.source
    }

    /// All services, by canonical name.
    pub fn services(&self) -> &[ServiceEntry] {
        &self.services
    }

    /// The service of exactly that canonical name.
    pub fn service(&self, name: &str) -> Option<&ServiceEntry> {
        let at = self.services.binary_search_by(|service| service.name.as_str().cmp(name)).ok()?;
        self.services.get(at)
    }

    /// How many operations all services have together.
    pub fn operation_count(&self) -> usize {
        self.lines.len()
    }

    /// The operations of a service of this index, by name.
    pub fn operations(&self, service: &ServiceEntry) -> impl DoubleEndedIterator<Item = OperationEntry<'_>> + use<'_> {
        self.rows(&service.operations)
    }

    /// Every operation with its service.
    pub fn all_operations(&self) -> impl Iterator<Item = (&ServiceEntry, OperationEntry<'_>)> {
        self.services.iter().flat_map(|service| self.operations(service).map(move |operation| (service, operation)))
    }

    /// The operation of exactly that name.
    pub fn operation(&self, service: &ServiceEntry, name: &str) -> Option<OperationEntry<'_>> {
        let rows = self.lines.get(service.operations.clone())?;
        let at = rows.binary_search_by(|start| self.row(*start).name.cmp(name)).ok()?;
        rows.get(at).map(|start| self.row(*start))
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    fn rows(&self, range: &Range<usize>) -> impl DoubleEndedIterator<Item = OperationEntry<'_>> + use<'_> {
        self.lines.get(range.clone()).unwrap_or_default().iter().map(|start| self.row(*start))
    }

    fn row(&self, start: u32) -> OperationEntry<'_> {
        let line = self.text.get(start as usize..).unwrap_or_default();
        OperationEntry::parse(line.split_once('\n').map_or(line, |(line, _)| line))
    }
}

#[cfg(test)]
mod tests;
