//! A call that stands for many: the files of a folder, each an object of its own, judged by each of their keys.

use serde_json::Value;

use super::blobs::{Blob, becomes_objects};
use super::plan::Plan;

/// A call that stands for as many as a folder has files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Many {
    /// The keys of the objects.
    pub keys: Vec<String>,
    /// Bytes altogether.
    pub bytes: u64,
    /// The folder, as the payload has it (untrusted).
    pub from: String,
}

impl Many {
    /// What the human is told of them.
    pub(super) fn sentence(&self, payload: &Value) -> String {
        let of = |name: &str| payload.get(name).and_then(Value::as_str).unwrap_or_default();
        let Self { keys, bytes, from } = self;
        let (count, bucket, key) = (keys.len(), of("Bucket"), of("Key"));
        format!(
            "Uploads the {count} files ({bytes} bytes) of the folder {from} to the S3 bucket {bucket}, beneath {key}."
        )
    }
}

impl Plan {
    /// Whether files of a folder in the place of this blob become objects of their own.
    pub fn uploads_folders(&self, blob: &Blob) -> bool {
        becomes_objects(&self.service, &self.operation, &blob.member)
    }
}
