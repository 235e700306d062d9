//! Buffers for the parts of large files, used again: allocators keep what large blocks were given back to them.

use std::sync::{Arc, Mutex};

use bytes::Bytes;

use super::shared::lock;

/// Buffers of one upload that are free.
#[derive(Debug, Clone, Default)]
pub(super) struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

/// A buffer that comes back when nobody reads it any more.
struct Lent {
    buffer: Vec<u8>,
    to: Buffers,
}

impl Buffers {
    /// A free one, or a new one.
    pub(super) fn take(&self) -> Vec<u8> {
        lock(&self.0).pop().unwrap_or_default()
    }

    /// Its content, until the last reader has dropped it.
    pub(super) fn lend(&self, buffer: Vec<u8>) -> Bytes {
        Bytes::from_owner(Lent { buffer, to: self.clone() })
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.buffer
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        lock(&self.to.0).push(std::mem::take(&mut self.buffer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_with_its_last_reader() {
        let buffers = Buffers::default();
        let one = buffers.lend(vec![1, 2, 3]);
        let two = one.slice(1..);
        drop(one);
        assert_eq!((buffers.take(), &two[..]), (Vec::new(), &[2, 3][..]));
        drop(two);
        assert_eq!(buffers.take(), [1, 2, 3]);
    }
}
