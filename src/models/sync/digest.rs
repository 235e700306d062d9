//! A body counted and hashed while it is read, and held against what the server promised of it.

use std::{
    io::{self, Read},
    sync::atomic::{AtomicU64, Ordering},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// No archive is larger, packed.
const LARGEST: u64 = 1 << 30;

/// A body, counted and hashed.
pub(super) struct Counted<'a, R> {
    inner: R,
    sha256: Sha256,
    bytes: &'a AtomicU64,
}

impl<'a, R: Read> Counted<'a, R> {
    /// `bytes` counts what was read, for whoever wants to show it meanwhile.
    pub(super) fn new(inner: R, bytes: &'a AtomicU64) -> Self {
        Self { inner, sha256: Sha256::new(), bytes }
    }

    /// Reads what is left and holds everything against the promised length and digest.
    pub(super) fn finish(mut self, length: Option<u64>, digest: Option<&str>) -> Result<u64, String> {
        io::copy(&mut self, &mut io::sink()).map_err(|error| format!("it broke off ({error})"))?;
        let bytes = self.bytes.load(Ordering::Relaxed);
        if let Some(promised) = length.filter(|promised| *promised != bytes) {
            return Err(format!("the server promised {promised} bytes and sent {bytes}"));
        }
        if let Some(promised) = digest.and_then(sha256_of)
            && promised != STANDARD.encode(self.sha256.finalize())
        {
            return Err("its SHA-256 is not the one that the server promised".to_owned());
        }
        Ok(bytes)
    }
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.sha256.update(buffer.get(..read).unwrap_or_default());
        if self.bytes.fetch_add(read as u64, Ordering::Relaxed) + read as u64 > LARGEST {
            return Err(io::Error::other(format!(
                "it is larger than {} MB, which no archive of models is",
                LARGEST >> 20
            )));
        }
        Ok(read)
    }
}

/// The SHA-256 in a `Repr-Digest` or `Content-Digest`: `sha-256=:…:`.
fn sha256_of(header: &str) -> Option<String> {
    let stated = header.split(',').find_map(|part| part.trim().strip_prefix("sha-256=:"))?;
    Some(stated.strip_suffix(':').unwrap_or(stated).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises_are_held_against_what_came() {
        // SHA-256 of "abc" as FIPS 180 has it.
        let right = "md5=:kAFQmDzST7DWlj99KOF/cg==:, sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:";
        let wrong = "sha-256=:AAAAv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:";
        for (length, digest, expected) in [
            (None, None, Ok(3)),
            (Some(3), Some(right), Ok(3)),
            (Some(3), Some("md5=:AAAA:"), Ok(3)),
            (Some(4), None, Err("the server promised 4 bytes and sent 3")),
            (Some(2), None, Err("the server promised 2 bytes and sent 3")),
            (Some(3), Some(wrong), Err("its SHA-256 is not the one that the server promised")),
        ] {
            let finished = Counted::new(&b"abc"[..], &AtomicU64::new(0)).finish(length, digest);
            assert_eq!(finished, expected.map_err(str::to_owned), "{length:?} {digest:?}");
        }
    }
}
