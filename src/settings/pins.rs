//! Whose decisions count: a file of public keys, one a line, that its owner writes. The first console puts its own
//! key there; whoever comes later is let in by hand, or by a policy that was accepted with a key that counts.

use std::collections::BTreeSet;
use std::path::Path;

use super::KeyError;
use super::private::{self, Care};
use crate::approval::PublicKey;

/// The keys of the file, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pins(Vec<PublicKey>);

/// What the file says of itself.
const HEAD: &str = "\
# The public keys whose decisions count, one a line; `countersign key show` prints one.
# The first was pinned when the first console started. Engines read this file when they start.
";

impl Pins {
    /// Reads the file; no keys when there is none.
    ///
    /// # Errors
    /// When others could have written it, or a line is no public key.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let Some(bytes) = private::read(path, Care::Trusted)? else { return Ok(Self::default()) };
        let damaged = |what: String| KeyError::Damaged { path: path.to_owned(), what };
        let text = std::str::from_utf8(&bytes).map_err(|_| damaged("it is not UTF-8".to_owned()))?;
        let mut keys = Vec::new();
        for (number, line) in text.lines().enumerate() {
            // Whatever stands after the key is whose it is.
            let Some(key) = line.split_whitespace().next().filter(|word| !word.starts_with('#')) else { continue };
            keys.push(key.parse().map_err(|error| damaged(format!("line {}: {error}", number + 1)))?);
        }
        Ok(Self(keys))
    }

    /// Reads the file; where there is none, it is made with this one key in it.
    ///
    /// # Errors
    /// As [`Self::read`], and when it cannot be written.
    pub fn read_or_make(path: &Path, first: PublicKey) -> Result<Self, KeyError> {
        private::create(path, format!("{HEAD}{first} first\n").as_bytes())?;
        Self::read(path)
    }

    /// The keys.
    pub fn keys(&self) -> BTreeSet<PublicKey> {
        self.0.iter().copied().collect()
    }
}
