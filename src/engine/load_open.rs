//! Opening the files of a call: a file, a folder whose files become objects, a folder that becomes an archive; and what the
//! model and the service take of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::ask::Caller;
use super::load::{Load, blocking};
use super::shared::Shared;
use super::tick::ticking;
use crate::call::CallError;
use crate::call::blobs::{Blob, refused};
use crate::call::plan::Plan;
use crate::files::{Folder, Found, Item, Opened, Reach, Sealed, Stamp, archive};
use crate::uploads::{Refusal, keys, limits};

/// Something in the place of bytes.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) blob: Blob,
    pub(super) content: Content,
}

/// What lies where a `$path` leads.
#[derive(Debug)]
pub(super) enum Content {
    /// A file, or an archive made of a folder.
    File { opened: Opened, packed: Option<Packed>, sealed: Option<Sealed> },
    /// A folder, whose files become objects.
    Objects(Arc<Objects>),
}

/// What went into an archive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packed {
    pub(super) files: usize,
    pub(super) bytes: u64,
}

/// The files of a folder, each to become an object.
#[derive(Debug, Clone)]
pub(super) struct Objects {
    pub(super) folder: Folder,
    pub(super) items: Vec<Item>,
    /// What the keys begin with.
    pub(super) prefix: String,
    /// Their contents, in the same order, once they were hashed.
    pub(super) sealed: Option<Vec<Sealed>>,
}

impl Content {
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::File { opened, .. } => opened.stamp.len,
            Self::Objects(objects) => objects.bytes(),
        }
    }

    /// What was hashed of a file, if it is this one and untouched.
    pub(super) fn sealed_file(&self, stamp: &Stamp) -> Option<Sealed> {
        match self {
            Self::File { opened, sealed, .. } if opened.stamp == *stamp => sealed.clone(),
            _ => None,
        }
    }

    /// What was hashed of a folder's files.
    pub(super) fn sealed_objects(&self) -> BTreeMap<String, (Stamp, Sealed)> {
        match self {
            Self::Objects(objects) => {
                let sealed = objects.sealed.iter().flatten().cloned();
                let of = |(item, sealed): (&Item, Sealed)| (item.path.clone(), (item.stamp, sealed));
                objects.items.iter().zip(sealed).map(of).collect()
            }
            Self::File { .. } => BTreeMap::new(),
        }
    }
}

/// Opens what a call names. Of files nothing is read yet but a few bytes; folders are listed, and packed where they become
/// archives.
///
/// # Errors
/// `FileRefused` with the rule and the cure; `ValidationError` for what a folder cannot have.
pub(super) async fn open(shared: &Shared, plan: &Plan, caller: &Caller<'_>) -> Result<Load, CallError> {
    if plan.blobs.is_empty() && plan.output.is_none() {
        return Ok(Load::default());
    }
    let reach = shared.files.reach(shared.policy().files());
    let mut files = Vec::new();
    for blob in plan.blobs.clone() {
        let content = open_one(&reach, plan, &blob, caller).await?;
        files.push(Loaded { blob, content });
    }
    let output = plan.output.clone();
    let target =
        blocking(move || output.map(|output| reach.target(&output.place, output.overwrite)).transpose()).await?;
    Ok(Load { files, target })
}

async fn open_one(reach: &Arc<Reach>, plan: &Plan, blob: &Blob, caller: &Caller<'_>) -> Result<Content, CallError> {
    let (opening, place) = (Arc::clone(reach), blob.spec.place.clone());
    let folder = match blocking(move || opening.open(&place)).await? {
        Found::File(opened) => {
            blob.spec.check_file().map_err(|refusal| refused(&refusal))?;
            check_size(blob, plan, opened.stamp.len).map_err(|refusal| refused(&refusal))?;
            return Ok(Content::File { opened, packed: None, sealed: None });
        }
        Found::Folder(folder) => folder,
    };
    let (listing, listed, spec) = (Arc::clone(reach), folder.clone(), blob.spec.clone());
    let work = blocking(move || listing.list(&listed, &spec));
    let items = ticking(caller, || "listing the folder".to_owned(), work).await?;
    if plan.uploads_folders(blob) {
        return objects(plan, blob, folder, items).map(|objects| Content::Objects(Arc::new(objects)));
    }
    pack(reach, plan, blob, folder, items, caller).await
}

fn objects(plan: &Plan, blob: &Blob, folder: Folder, items: Vec<Item>) -> Result<Objects, CallError> {
    let members = plan.payload.as_object();
    let one: Vec<&str> = members.map(keys::of_one).unwrap_or_default();
    if !one.is_empty() {
        let message = format!("{} belongs to one content, and Body is a folder; leave it out", one.join(", "));
        return Err(CallError::new("ValidationError", message));
    }
    let key = members.and_then(|members| members.get("Key")).and_then(serde_json::Value::as_str);
    let prefix = blob.spec.key_prefix.as_deref().or(key).unwrap_or_default().to_owned();
    let objects = Objects { folder, items, prefix, sealed: None };
    let long = objects.keys().zip(&objects.items).find(|(key, _)| key.len() > keys::MAX_KEY);
    if let Some((_, item)) = long {
        let problem = format!("the key of {} would be longer than {} bytes", item.path, keys::MAX_KEY);
        let cure = "take a shorter keyPrefix, or leave the file out with exclude";
        return Err(refused(&Refusal::new(blob.spec.text(), "size", problem, cure)));
    }
    Ok(objects)
}

async fn pack(
    reach: &Reach,
    plan: &Plan,
    blob: &Blob,
    folder: Folder,
    items: Vec<Item>,
    caller: &Caller<'_>,
) -> Result<Content, CallError> {
    if blob.spec.key_prefix.is_some() {
        let (problem, cure) = ("keyPrefix only counts for a folder that becomes S3 objects", "leave keyPrefix out");
        return Err(refused(&Refusal::new(blob.spec.text(), "path", problem, cure)));
    }
    let bytes: u64 = items.iter().map(|item| item.stamp.len).sum();
    let limit = limits::of(&plan.service, &plan.operation, &blob.member);
    let most = limit.and_then(|limit| limit.unpacked).unwrap_or(u64::MAX).min(reach.max_bytes);
    if bytes > most {
        let problem = format!(
            "its files have {bytes} bytes, and {}:{} takes at most {most} unpacked",
            plan.service, plan.operation
        );
        let cure = limit.map_or("leave out with exclude what is not needed", |limit| limit.cure);
        return Err(refused(&Refusal::new(blob.spec.text(), "size", problem, cure)));
    }
    let packed = Packed { files: items.len(), bytes };
    let done = Arc::new(AtomicU64::new(0));
    let (count, cancel, most) = (Arc::clone(&done), caller.cancel.clone(), reach.max_bytes);
    let work = blocking(move || {
        archive::zip(&folder, &items, most, &mut |bytes| {
            count.fetch_add(bytes, Ordering::Relaxed);
            !cancel.is_cancelled()
        })
    });
    let said = || format!("packing: {} of {bytes} bytes", done.load(Ordering::Relaxed));
    let opened = ticking(caller, said, work).await?;
    check_size(blob, plan, opened.stamp.len).map_err(|refusal| refused(&refusal))?;
    Ok(Content::File { opened, packed: Some(packed), sealed: None })
}

/// Whether the model and the service take so many bytes.
fn check_size(blob: &Blob, plan: &Plan, len: u64) -> Result<(), Refusal> {
    let (service, operation) = (plan.service.as_str(), plan.operation.as_str());
    let refuse = |problem: String, cure: &str| Err(Refusal::new(blob.spec.text(), "size", problem, cure));
    if len < blob.min {
        return refuse(format!("it has {len} bytes, and {} takes at least {}", blob.member, blob.min), "give more");
    }
    if let Some(max) = blob.max.filter(|max| len > *max) {
        return refuse(format!("it has {len} bytes, and {} takes at most {max}", blob.member), "give less");
    }
    if let Some(limit) = limits::of(service, operation, &blob.member).filter(|limit| len > limit.sent) {
        let problem = format!("it has {len} bytes, and {service}:{operation} takes at most {}", limit.sent);
        return refuse(problem, limit.cure);
    }
    if !blob.whole_body && len > limits::INLINE {
        let problem = format!("it has {len} bytes; among other members at most {} are sent", limits::INLINE);
        return refuse(problem, "put it into S3, and name it there");
    }
    Ok(())
}
