//! The form in which models lie on disk and in the binary: file names, zstd frames, versions.

use std::io;

use crate::{
    base::Digest,
    catalog::entry::write_lines,
    smithy::{Model, Reading, read::Notes},
};

/// The index: one text, see [`crate::catalog::index`].
pub(super) const INDEX: &str = "index.zst";

/// botocore's `partitions.json`.
pub(super) const PARTITIONS: &str = "partitions.json.zst";

/// How hard to pack. What is packed harder reads as fast.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Effort {
    /// For what is shipped: slow to pack, small.
    #[default]
    Small,
    /// For what is made while somebody waits: ten times as fast, a fifth larger.
    Quick,
}

impl Effort {
    const fn level(self) -> i32 {
        match self {
            Self::Small => 19,
            Self::Quick => 6,
        }
    }
}

/// No packed file inflates beyond this; an index or a model that claims more is damaged.
pub(super) const LARGEST: usize = 256 << 20;

/// The file of a service's model.
pub(super) fn file_name(service: &str) -> String {
    format!("{service}.json.zst")
}

/// Whether a service's name can be a file's: lower case, digits, `-` and `.`, and no name taken otherwise.
pub(super) fn is_storable(service: &str) -> bool {
    let plain = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit() || matches!(ch, '-' | '.');
    !service.is_empty()
        && service.len() <= 100
        && !service.starts_with('.')
        && service.chars().all(plain)
        && file_name(service) != PARTITIONS
}

/// One service, ready to be written.
pub(super) struct Packed {
    pub(super) name: String,
    pub(super) api_version: String,
    /// Its lines in the index.
    pub(super) lines: String,
    /// Its model as a zstd frame.
    pub(super) frame: Vec<u8>,
    pub(super) operations: usize,
    pub(super) notes: Notes,
}

pub(super) fn pack(reading: &Reading, effort: Effort) -> io::Result<Packed> {
    let model = &reading.model;
    let json = serde_json::to_vec(model)?;
    let frame = deflate(&json, effort)?;
    let mut lines = String::new();
    write_lines(model, &version(&frame), json.len(), &mut lines);
    Ok(Packed {
        name: model.service.name.clone(),
        api_version: model.service.version.clone(),
        lines,
        frame,
        operations: model.operations.len(),
        notes: reading.notes.clone(),
    })
}

/// A model's version: the first 16 hex digits of its frame's digest.
pub(super) fn version(frame: &[u8]) -> String {
    Digest::of("countersign.model.v1", frame).to_string().chars().take(16).collect()
}

pub(super) fn deflate(bytes: &[u8], effort: Effort) -> io::Result<Vec<u8>> {
    zstd::bulk::compress(bytes, effort.level())
}

/// Inflates a frame that [`deflate`] made. `size` is the most it may hold.
pub(super) fn inflate(frame: &[u8], size: usize) -> io::Result<Vec<u8>> {
    zstd::bulk::decompress(frame, size.min(LARGEST))
}

/// The size a frame says it holds, when that is believable.
pub(super) fn stated_size(frame: &[u8]) -> Option<usize> {
    zstd::bulk::Decompressor::upper_bound(frame).filter(|size| *size <= LARGEST)
}

pub(super) fn parse(json: &[u8]) -> serde_json::Result<Model> {
    serde_json::from_slice(json)
}
