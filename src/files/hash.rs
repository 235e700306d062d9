//! The digest of a file's content, read piece by piece.

use std::io;
use std::os::unix::fs::FileExt as _;

use sha2::{Digest as _, Sha256};

use super::open::{Opened, changed, io_refusal};
use crate::base::Digest;
use crate::uploads::Refusal;

/// Bytes read at once.
const PIECE: usize = 1 << 20;

/// What a file held when it was hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// SHA-256 of the content.
    pub digest: Digest,
    /// SHA-256 of each part, if it was asked for in parts.
    pub parts: Vec<Digest>,
}

impl Opened {
    /// SHA-256 of the content, and of each part of `step` bytes unless that is 0. `go_on` is told every number of further
    /// bytes, and ends it by saying no.
    ///
    /// # Errors
    /// When it cannot be read, changed meanwhile, or was ended.
    pub fn seal(&self, step: u64, go_on: &mut dyn FnMut(u64) -> bool) -> Result<Sealed, Refusal> {
        let mut hasher = Sha256::new();
        let (mut part, mut parts) = (Sha256::new(), Vec::new());
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
            if step > 0 {
                // A part is a whole number of pieces.
                part.update(&*buffer);
                if at % step == 0 || at == self.stamp.len {
                    parts.push(Digest::from_bytes(std::mem::take(&mut part).finalize().into()));
                }
            }
            if !go_on(want as u64) {
                return Err(Refusal::new(&self.path, "cancelled", "the caller went away", "call again"));
            }
        }
        if !self.is_unchanged() {
            return Err(changed(&self.path));
        }
        Ok(Sealed { digest: Digest::from_bytes(hasher.finalize().into()), parts })
    }

    /// Part of the content, in place of what the buffer holds.
    ///
    /// # Errors
    /// When it cannot be read, or is shorter than it was.
    pub fn part(&self, offset: u64, len: u64, buffer: &mut Vec<u8>) -> Result<(), Refusal> {
        buffer.resize(usize::try_from(len).unwrap_or(0), 0);
        self.file.read_exact_at(buffer, offset).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => changed(&self.path),
            _ => io_refusal(&self.path, &error),
        })
    }
}
