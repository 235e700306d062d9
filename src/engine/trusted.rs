//! Whose decisions count here. The pinned keys are read once: who changes their file later changes nothing until the
//! engines are started again. An engine that was started before the first console finds its key when it first needs one.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::shared::Shared;
use crate::approval::{PublicKey, Trust};
use crate::base::Digest;

/// Reads the pinned keys; an error is for a human.
pub type PinSource = Box<dyn Fn() -> Result<BTreeSet<PublicKey>, String> + Send + Sync>;

/// The ledger's identity and the pinned keys.
pub(super) struct Trusted {
    ledger: Digest,
    source: PinSource,
    pinned: OnceLock<BTreeSet<PublicKey>>,
}

impl Trusted {
    pub(super) const fn new(ledger: Digest, source: PinSource) -> Self {
        Self { ledger, source, pinned: OnceLock::new() }
    }

    /// Identity of the ledger.
    pub(super) const fn ledger(&self) -> Digest {
        self.ledger
    }

    /// The pinned keys, as they were when there first were any.
    fn pinned(&self) -> Result<BTreeSet<PublicKey>, String> {
        if let Some(pinned) = self.pinned.get() {
            return Ok(pinned.clone());
        }
        let found = (self.source)()?;
        if found.is_empty() {
            return Ok(found);
        }
        Ok(self.pinned.get_or_init(|| found).clone())
    }
}

impl Shared {
    /// Who may say what rules: the pinned keys.
    ///
    /// # Errors
    /// When their file cannot be trusted: then nobody may.
    pub(super) fn root(&self) -> Result<Trust, String> {
        Ok(Trust { ledger: self.trusted.ledger(), keys: self.trusted.pinned()? })
    }

    /// Whose decisions count now: the pinned keys, and those that an accepted policy names.
    ///
    /// # Errors
    /// As [`Self::root`].
    pub(super) fn trust(&self) -> Result<Trust, String> {
        let mut trust = self.root()?;
        let in_force = self.policies.in_force();
        // A policy that nobody has looked at yet makes no approvers.
        if in_force.by.is_some() {
            let named = in_force.policy.approval().approvers.iter();
            trust.keys.extend(named.filter_map(|bytes| PublicKey::from_bytes(*bytes).ok()));
        }
        Ok(trust)
    }
}
