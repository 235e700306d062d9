//! A folder on its way to S3: every file an object, several at a time, within bounded memory. What cannot be sent does not
//! stop the rest; the answer says what went and what did not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::ask::Caller;
use super::buffers::Buffers;
use super::fetch::Fetched;
use super::load::blocking;
use super::load_open::Objects;
use super::resume::Sent;
use super::send::call_error;
use super::shared::Shared;
use super::tick::ticking;
use crate::aws::{AwsReply, AwsRequest, Body, Transfer};
use crate::base::Digest;
use crate::call::blobs::refused;
use crate::call::plan::Plan;
use crate::call::{CallError, shape};
use crate::files::{Item, Sealed};
use crate::uploads::{keys, parts};

/// Files on their way at once.
const AT_ONCE: usize = 16;
/// Mebibytes of files in memory at once.
pub(super) const ROOM: usize = 32;
/// Bytes of a file that is read into memory whole.
const SMALL: u64 = 1 << 20;
/// Failures after which nothing more is tried, when nothing has succeeded.
const HOPELESS: usize = 20;
/// Characters of the lists that an error carries.
const FAILED_LIST: usize = 12_000;
const SENT_LIST: usize = 8_000;

/// A folder upload at work. Cheap to clone.
#[derive(Clone)]
pub(super) struct Upload {
    pub(super) shared: Arc<Shared>,
    pub(super) plan: Arc<Plan>,
    objects: Arc<Objects>,
    /// The payload that all objects share: without key and body.
    pub(super) base: Arc<Map<String, Value>>,
    pub(super) cancel: CancellationToken,
    pub(super) room: Arc<Semaphore>,
    pub(super) buffers: Buffers,
    count: Arc<Count>,
}

/// How far it is.
#[derive(Default)]
struct Count {
    files: AtomicU64,
    bytes: AtomicU64,
    attempts: AtomicU64,
}

/// One file of it.
pub(super) struct One {
    pub(super) key: String,
    pub(super) item: Item,
    pub(super) sealed: Option<Sealed>,
}

/// What came of all of them.
#[derive(Default)]
struct Ended {
    sent: Sent,
    failed: Vec<(String, CallError)>,
    untried: usize,
}

/// Sends the files of a folder.
///
/// # Errors
/// `ServiceError` (or what the first failure was) with `failed` and `uploaded` when not all went.
pub(super) async fn upload(
    shared: &Arc<Shared>,
    plan: &Plan,
    payload: &Value,
    objects: Arc<Objects>,
    caller: &Caller<'_>,
) -> Result<Fetched, CallError> {
    let mut base = payload.as_object().cloned().unwrap_or_default();
    base.shift_remove("Key");
    let files = objects.items.len();
    let bytes = objects.bytes();
    let count = Arc::new(Count::default());
    // Whoever goes away, the work cleans up behind itself.
    let cancel = caller.cancel.child_token();
    let gone = cancel.clone().drop_guard();
    let upload = Upload {
        shared: Arc::clone(shared),
        plan: Arc::new(plan.clone()),
        objects: Arc::clone(&objects),
        base: Arc::new(base),
        cancel,
        room: Arc::new(Semaphore::new(ROOM)),
        buffers: Buffers::default(),
        count: Arc::clone(&count),
    };
    let call = upload.identity();
    let before = shared.begun.take(&call);
    let work = shared.tasks.spawn(upload.clone().run(before));
    let said = || {
        let (done, sent) = (count.files.load(Ordering::Relaxed), count.bytes.load(Ordering::Relaxed));
        shared.update_status(|status| status.moving = Some((done, files as u64)));
        format!("uploading: {done} of {files} files, {sent} of {bytes} bytes")
    };
    let ended = ticking(caller, said, work).await;
    drop(gone);
    shared.update_status(|status| status.moving = None);
    let ended = ended.map_err(|_| CallError::new("Internal", "Countersign failed while it uploaded"))?;
    let attempts = u32::try_from(count.attempts.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
    if !ended.failed.is_empty() || ended.untried > 0 {
        let error = ended.error(files).with("attempts", attempts);
        shared.begun.keep(call, ended.sent);
        return Err(error);
    }
    let told = [("files", files as u64), ("bytes", bytes)].map(|(name, count)| (name.to_owned(), count.into()));
    let manifest = json!({
        "Bucket": payload.get("Bucket"),
        "Prefix": objects.prefix,
        "Files": files,
        "Bytes": bytes,
        "Objects": ended.sent.into_values().map(|(_, object)| object).collect::<Vec<_>>(),
    });
    let reply = AwsReply { output: manifest, request_id: None, attempts, http_status: 200, unread: Vec::new() };
    Ok(Fetched { reply, told: told.into_iter().collect(), next: None, saved: None })
}

impl Upload {
    /// What makes two calls the same: what is sent, with what, and where to.
    fn identity(&self) -> Digest {
        let plan = &self.plan;
        let parts = json!([plan.payload_digest(), plan.account, plan.region, plan.endpoint, self.objects.prefix]);
        Digest::of_json("countersign upload v1", &parts)
    }

    async fn run(self, before: Sent) -> Ended {
        let mut ended = Ended::default();
        let sealed = self.objects.sealed.iter().flatten().cloned().map(Some).chain(std::iter::repeat(None));
        let items = self.objects.items.clone();
        let ones = self.objects.keys().zip(items).zip(sealed);
        let mut ones = ones.map(|((key, item), sealed)| One { key, item, sealed }).peekable();
        let mut work = JoinSet::new();
        loop {
            let hopeless = ended.sent.is_empty() && ended.failed.len() >= HOPELESS;
            let over = hopeless || self.cancel.is_cancelled() || self.shared.stop.is_cancelled();
            while !over && work.len() < AT_ONCE {
                let Some(one) = ones.next() else { break };
                match before.get(&one.key).filter(|(stamp, _)| *stamp == one.item.stamp) {
                    Some((stamp, object)) => {
                        self.passed(one.item.stamp.len, true);
                        ended.sent.insert(one.key, (*stamp, object.clone()));
                    }
                    None => drop(work.spawn(self.clone().one(one))),
                }
            }
            match work.join_next().await {
                None if over || ones.peek().is_none() => break,
                None => {}
                Some(Ok((one, Ok(object)))) => drop(ended.sent.insert(one.key, (one.item.stamp, object))),
                Some(Ok((one, Err(error)))) => ended.failed.push((one.key, error)),
                Some(Err(_)) => ended.failed.push((String::new(), CallError::new("Internal", "an upload broke down"))),
            }
        }
        ended.untried = ones.count();
        ended.failed.sort_by(|one, two| one.0.cmp(&two.0));
        ended
    }

    async fn one(self, one: One) -> (One, Result<Value, CallError>) {
        let sent = if one.item.stamp.len > parts::WHOLE {
            Box::pin(self.in_parts(&one)).await
        } else {
            Box::pin(self.whole(&one)).await
        };
        if sent.is_ok() {
            self.passed(0, true);
        }
        (one, sent)
    }

    /// A file that goes up whole. A small one is read, looked at and sent; another one is read twice.
    async fn whole(&self, one: &One) -> Result<Value, CallError> {
        let len = one.item.stamp.len;
        let _room = self.room(len.min(SMALL)).await?;
        let sha256 = one.sealed.as_ref().map(|sealed| *sealed.digest.as_bytes());
        let (folder, item) = (self.objects.folder.clone(), one.item.clone());
        let body = if len <= SMALL {
            let bytes = blocking(move || folder.open(&item)?.read(SMALL)).await?;
            Body::Bytes { bytes: bytes.into(), sha256 }
        } else {
            Body::File { file: self.open(one).await?.file, offset: 0, len, sha256 }
        };
        let mut members = Map::clone(&self.base);
        members.insert("Key".to_owned(), one.key.as_str().into());
        let kind = self.content_type(one);
        members.insert("ContentType".to_owned(), kind.into());
        let reply = self.call("PutObject", members, Some(body)).await?;
        self.passed(one.item.stamp.len, false);
        Ok(self.object(one, &reply))
    }

    /// Its content type: the payload's, else what its name suggests.
    pub(super) fn content_type(&self, one: &One) -> String {
        let given = self.base.get("ContentType").and_then(Value::as_str);
        given.unwrap_or_else(|| keys::content_type(&one.item.path)).to_owned()
    }

    /// What the manifest says of an object.
    pub(super) fn object(&self, one: &One, reply: &Value) -> Value {
        let mut object = json!({"Key": one.key, "Size": one.item.stamp.len, "ContentType": self.content_type(one)});
        if let Some(members) = object.as_object_mut() {
            for name in ["ETag", "VersionId", "ChecksumCRC32"] {
                if let Some(value) = reply.get(name) {
                    members.insert(name.to_owned(), value.clone());
                }
            }
        }
        object
    }

    /// A file of the folder, as it was listed.
    pub(super) async fn open(&self, one: &One) -> Result<crate::files::Opened, CallError> {
        let (folder, item) = (self.objects.folder.clone(), one.item.clone());
        blocking(move || folder.open(&item)).await
    }

    /// Room for so many bytes in memory.
    pub(super) async fn room(&self, bytes: u64) -> Result<tokio::sync::OwnedSemaphorePermit, CallError> {
        let mebibytes = u32::try_from(bytes.div_ceil(1 << 20)).unwrap_or(u32::MAX).clamp(1, ROOM as u32);
        let room = Arc::clone(&self.room).acquire_many_owned(mebibytes).await;
        room.map_err(|_| CallError::new("Internal", "Countersign stops"))
    }

    /// Calls an operation of S3 on behalf of the upload.
    pub(super) async fn call(
        &self,
        operation: &str,
        members: Map<String, Value>,
        body: Option<Body>,
    ) -> Result<Value, CallError> {
        let sent = self.shared.aws.invoke_with(
            self.request(operation, members),
            Transfer { body, sink: None },
            self.cancel.clone(),
        );
        let stopped = || CallError::new("TransportError", "Countersign stops").with("outcome", "unknown");
        let reply = tokio::select! {
            biased;
            () = self.shared.stop.cancelled() => return Err(stopped()),
            reply = Box::pin(sent) => reply.map_err(|error| call_error(&error))?,
        };
        self.count.attempts.fetch_add(u64::from(reply.attempts), Ordering::Relaxed);
        Ok(reply.output)
    }

    pub(super) fn request(&self, operation: &str, members: Map<String, Value>) -> AwsRequest {
        AwsRequest {
            model: Arc::clone(&self.plan.model),
            operation: operation.to_owned(),
            payload: Arc::new(Value::Object(members)),
            region: Some(self.plan.region.clone()),
        }
    }

    /// Counts what is done.
    pub(super) fn passed(&self, bytes: u64, file: bool) {
        self.count.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.count.files.fetch_add(u64::from(file), Ordering::Relaxed);
    }
}

impl Ended {
    /// What is told when not everything went.
    fn error(&self, files: usize) -> CallError {
        let first = self.failed.first().map(|(_, error)| error);
        let missing = self.failed.len() + self.untried;
        let why = first.map_or("it was broken off", |error| error.message.as_str());
        let message = format!("{missing} of {files} files were not uploaded: {why}");
        let failed: Vec<Value> = self
            .failed
            .iter()
            .map(|(key, error)| {
                let code = error.extra.get("code").and_then(Value::as_str).unwrap_or(error.kind);
                json!({"key": key, "code": code, "message": error.message})
            })
            .collect();
        let uploaded: Vec<Value> = self.sent.keys().map(|key| key.as_str().into()).collect();
        let mut error = CallError::new(first.map_or("TransportError", |error| error.kind), message)
            .hint("mend what failed, then send exactly the same call again: it sends only what is missing")
            .with("files", files)
            .with("uploadedCount", uploaded.len())
            .with("failedCount", failed.len())
            .with("untriedCount", self.untried)
            .with("failed", shape::shape(failed.into(), FAILED_LIST).value)
            .with("uploaded", shape::shape(uploaded.into(), SENT_LIST).value);
        for name in ["code", "httpStatus", "rule"] {
            if let Some(value) = first.and_then(|first| first.extra.get(name)) {
                error = error.with(name, value.clone());
            }
        }
        if self.sent.is_empty() { error } else { error.with("outcome", "partial").retryable() }
    }
}

/// The refusal of a file that changed on its way.
pub(super) fn changed(one: &One) -> CallError {
    refused(&crate::files::open::changed(&one.item.path))
}
