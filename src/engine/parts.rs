//! A large file on its way to S3 in parts; what fails or is broken off is aborted, so that no part stays behind.

use std::time::Duration;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::load::blocking;
use super::objects::{One, Upload, changed};
use super::send::call_error;
use crate::aws::Body;
use crate::call::CallError;
use crate::files::Opened;
use crate::smithy::Slot;
use crate::uploads::keys;
use crate::uploads::parts::{Part, parts};

/// Parts of one file on their way at once.
const AT_ONCE: usize = 4;
/// How long cleaning up may take.
const CLEANING: Duration = Duration::from_secs(20);
/// The largest part that is read into memory; larger ones stream from the file.
const IN_MEMORY: u64 = 16 << 20;

impl Upload {
    pub(super) async fn in_parts(&self, one: &One) -> Result<Value, CallError> {
        let opened = self.open(one).await?;
        let algorithm = self.base.get("ChecksumAlgorithm").and_then(Value::as_str).unwrap_or("CRC32").to_owned();
        let mut members = self.members("CreateMultipartUpload", one);
        members.insert("ContentType".to_owned(), self.content_type(one).into());
        members.insert("ChecksumAlgorithm".to_owned(), algorithm.as_str().into());
        let created = self.call("CreateMultipartUpload", members, None).await?;
        let Some(id) = created.get("UploadId").and_then(Value::as_str) else {
            return Err(CallError::new("ServiceError", "CreateMultipartUpload answered without an UploadId"));
        };
        match self.all_parts(one, &opened, id, &algorithm).await {
            Ok(reply) => Ok(self.object(one, &reply)),
            Err(error) => Err(self.abort(one, id, error).await),
        }
    }

    async fn all_parts(&self, one: &One, opened: &Opened, id: &str, algorithm: &str) -> Result<Value, CallError> {
        let sent = stream::iter(parts(one.item.stamp.len)).map(|part| self.part(one, opened, part, id, algorithm));
        let sent: Vec<Value> = sent.buffered(AT_ONCE).try_collect().await?;
        if !opened.is_unchanged() {
            return Err(changed(one));
        }
        let mut members = self.members("CompleteMultipartUpload", one);
        members.insert("UploadId".to_owned(), id.into());
        members.insert("MultipartUpload".to_owned(), json!({"Parts": sent}));
        self.call("CompleteMultipartUpload", members, None).await
    }

    async fn part(
        &self,
        one: &One,
        opened: &Opened,
        part: Part,
        id: &str,
        algorithm: &str,
    ) -> Result<Value, CallError> {
        let Part { number, offset, len } = part;
        let index = usize::try_from(number - 1).unwrap_or(usize::MAX);
        let sha256 = one.sealed.as_ref().and_then(|sealed| sealed.parts.get(index)).map(|digest| *digest.as_bytes());
        let in_memory = len <= IN_MEMORY;
        let _room = self.room(if in_memory { len } else { 1 }).await?;
        let body = if in_memory {
            let (opened, mut buffer) = (opened.clone(), self.buffers.take());
            let buffer = blocking(move || opened.part(offset, len, &mut buffer).map(|()| buffer)).await?;
            Body::Bytes { bytes: self.buffers.lend(buffer), sha256 }
        } else {
            Body::File { file: std::sync::Arc::clone(&opened.file), offset, len, sha256 }
        };
        let mut members = self.members("UploadPart", one);
        members.insert("UploadId".to_owned(), id.into());
        members.insert("PartNumber".to_owned(), number.into());
        members.insert("ChecksumAlgorithm".to_owned(), algorithm.into());
        let reply = self.call("UploadPart", members, Some(body)).await?;
        self.passed(len, false);
        let mut told = Map::new();
        told.insert("PartNumber".to_owned(), number.into());
        for name in ["ETag".to_owned(), format!("Checksum{algorithm}")] {
            if let Some(value) = reply.get(&name) {
                told.insert(name, value.clone());
            }
        }
        Ok(Value::Object(told))
    }

    /// Takes the parts away again. The caller may be gone; this is done all the same.
    async fn abort(&self, one: &One, id: &str, error: CallError) -> CallError {
        let mut members = self.members("AbortMultipartUpload", one);
        members.insert("UploadId".to_owned(), id.into());
        let abort = self.shared.aws.invoke(self.request("AbortMultipartUpload", members), CancellationToken::new());
        let problem = match tokio::time::timeout(CLEANING, abort).await {
            Ok(Ok(_)) => return error,
            Ok(Err(problem)) => call_error(&problem).message,
            Err(_) => "no answer".to_owned(),
        };
        let message = format!(
            "{}; its parts could not be taken away again ({problem}): call AbortMultipartUpload with UploadId {id}",
            error.message
        );
        CallError { message, ..error }
    }

    /// The payload's members that an operation has, with the key.
    fn members(&self, operation: &str, one: &One) -> Map<String, Value> {
        let model = &self.plan.model;
        let input = model.operation(operation).and_then(|operation| operation.input.as_deref());
        let slot = Slot::of_shape(model, input.unwrap_or("smithy.api#Unit"));
        let mut members = keys::kept(&self.base, |name| slot.member(name).is_some());
        members.insert("Key".to_owned(), one.key.as_str().into());
        members
    }
}
