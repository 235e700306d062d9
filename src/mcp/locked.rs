//! Locks that are held for an instant only.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks. A panic elsewhere does not spoil what is inside: every change made under these locks is whole.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
