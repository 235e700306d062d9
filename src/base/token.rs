//! Confirmation tokens: what an agent carries back. Worth nothing without a human's decision.

use std::fmt;

use super::{Digest, Entropy};

/// A confirmation token: `cs_` and 160 random bits in hex. The ledger keeps only its digest.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new one.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut random = [0; 20];
        entropy.fill(&mut random);
        Self(format!("cs_{}", hex::encode(random)))
    }

    /// What an agent sent; it may be anything.
    pub fn from_agent(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Its text, for the agent that asked.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the ledger keeps of it.
    pub fn digest(&self) -> Digest {
        Digest::of("countersign token v1", self.0.as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}
