//! What a folder upload that broke off has sent: sent again, the same call sends only what is missing. Kept in memory: an
//! engine that was restarted sends everything again, which does no harm.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::Value;

use super::shared::lock;
use crate::base::Digest;
use crate::files::Stamp;

/// Broken uploads that are remembered.
const KEPT: usize = 16;

/// Objects by key: the file as it was, and what the manifest says of it.
pub(super) type Sent = BTreeMap<String, (Stamp, Value)>;

/// Broken uploads, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Begun(Mutex<Vec<(Digest, Sent)>>);

impl Begun {
    /// Takes what an earlier attempt of the same call has sent.
    pub(super) fn take(&self, call: &Digest) -> Sent {
        let mut begun = lock(&self.0);
        let found = begun.iter().position(|(of, _)| of == call);
        found.map(|at| begun.remove(at).1).unwrap_or_default()
    }

    /// Remembers what was sent.
    pub(super) fn keep(&self, call: Digest, sent: Sent) {
        if sent.is_empty() {
            return;
        }
        let mut begun = lock(&self.0);
        begun.retain(|(of, _)| *of != call);
        begun.push((call, sent));
        let excess = begun.len().saturating_sub(KEPT);
        begun.drain(..excess);
    }
}
