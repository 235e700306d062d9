//! What an import did, for the person who ran it.

use std::fmt;

use crate::{base::Shown, smithy::Tally};

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Where the models come from (`botocore 1.44.5`, `Smithy JSON AST`).
    pub source: String,
    /// Services written.
    pub services: usize,
    /// Operations of all of them.
    pub operations: usize,
    /// Bytes written.
    pub bytes: usize,
    /// Keys and traits known and knowingly not taken over.
    pub left_out: Tally,
    /// Keys and traits not known: new in the source's format.
    pub unknown: Tally,
    /// What was found and not imported.
    pub skipped: Vec<Skipped>,
}

/// Something found and not imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// A service and version, or a file.
    pub what: String,
    /// Why.
    pub why: &'static str,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = Shown::line(&self.source);
        writeln!(f, "{} services, {} operations from {source}, {} bytes", self.services, self.operations, self.bytes)?;
        for (title, tally) in [("not known", &self.unknown), ("left out", &self.left_out)] {
            for (key, sighting) in tally.iter() {
                let (key, first) = (Shown::line(key), Shown::line(&sighting.first));
                writeln!(f, "{title}: {key} {} times, first in {first}", sighting.count)?;
            }
        }
        for skipped in &self.skipped {
            writeln!(f, "skipped: {}, {}", Shown::line(&skipped.what), skipped.why)?;
        }
        Ok(())
    }
}
