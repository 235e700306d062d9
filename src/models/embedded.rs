//! The snapshot in the binary; the build script makes the table of its files.

include!(concat!(env!("OUT_DIR"), "/embedded_models.rs"));

/// A file of the snapshot, packed.
pub(super) fn file(name: &str) -> Option<&'static [u8]> {
    let at = FILES.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    FILES.get(at).map(|(_, bytes)| *bytes)
}

/// Which snapshot this is: the digest of its index.
pub(super) const fn id() -> &'static str {
    SNAPSHOT
}
