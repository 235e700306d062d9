//! The digest of a file's content, read piece by piece.

use std::io;
use std::os::unix::fs::FileExt as _;

use sha2::{Digest as _, Sha256};

use super::open::{Opened, changed, io_refusal};
use crate::base::Digest;
use crate::uploads::Refusal;

/// Bytes read at once.
const PIECE: usize = 1 << 20;

impl Opened {
    /// SHA-256 of the content. `go_on` is told every number of further bytes, and ends it by saying no.
    ///
    /// # Errors
    /// When it cannot be read, changed meanwhile, or was ended.
    pub fn digest(&self, go_on: &mut dyn FnMut(u64) -> bool) -> Result<Digest, Refusal> {
        let mut hasher = Sha256::new();
        let mut piece = vec![0; PIECE];
        let mut at = 0;
        while at < self.stamp.len {
            let want = usize::try_from(self.stamp.len - at).unwrap_or(PIECE).min(PIECE);
            let buffer = piece.get_mut(..want).unwrap_or_default();
            self.file.read_exact_at(buffer, at).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => changed(&self.path),
                _ => io_refusal(&self.path, &error),
            })?;
            hasher.update(&*buffer);
            at += want as u64;
            if !go_on(want as u64) {
                return Err(Refusal::new(&self.path, "cancelled", "the caller went away", "call again"));
            }
        }
        if !self.is_unchanged() {
            return Err(changed(&self.path));
        }
        Ok(Digest::from_bytes(hasher.finalize().into()))
    }
}
