//! The files of a call: opened before a human is asked, hashed for the approval, put into the request at last.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::Digest as _;

use super::ask::Caller;
use super::shared::Shared;
use super::tick::ticking;
use crate::approval::facts::FileFact;
use crate::aws::Body;
use crate::base::Digest;
use crate::call::CallError;
use crate::call::blobs::{Blob, put, refused};
use crate::call::plan::Plan;
use crate::files::{Found, Opened, Reach, Target};
use crate::uploads::{Refusal, limits};

/// The files of one call, open.
#[derive(Debug, Default)]
pub(super) struct Load {
    files: Vec<Loaded>,
    /// Where the result goes.
    pub(super) target: Option<Target>,
}

/// What goes up, and where what comes down goes.
#[derive(Debug)]
pub(super) struct Cargo {
    /// The payload, without the members that files stand for.
    pub(super) payload: Arc<Value>,
    /// The body.
    pub(super) body: Option<Body>,
    /// The file for the body of the answer.
    pub(super) target: Option<Target>,
}

/// One file in the place of bytes.
#[derive(Debug)]
struct Loaded {
    blob: Blob,
    opened: Opened,
    digest: Option<Digest>,
}

/// Opens what a call names. Nothing is read yet but a few bytes.
///
/// # Errors
/// `FileRefused` with the rule and the cure.
pub(super) async fn open(shared: &Shared, plan: &Plan) -> Result<Load, CallError> {
    if plan.blobs.is_empty() && plan.output.is_none() {
        return Ok(Load::default());
    }
    let reach = shared.files.reach(shared.policy().files());
    let (blobs, output) = (plan.blobs.clone(), plan.output.clone());
    let (service, operation) = (plan.service.clone(), plan.operation.clone());
    let opened = blocking(move || {
        let open = |blob: Blob| open_one(&reach, &service, &operation, blob);
        let files = blobs.into_iter().map(open).collect::<Result<Vec<_>, _>>()?;
        let target = output.map(|output| reach.target(&output.place, output.overwrite)).transpose()?;
        Ok(Load { files, target })
    });
    opened.await
}

/// Work on files, off the runtime's threads.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, CallError> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|problem| CallError::new("Internal", format!("files cannot be looked at: {problem}")))?;
    done.map_err(|refusal| refused(&refusal))
}

fn open_one(reach: &Reach, service: &str, operation: &str, blob: Blob) -> Result<Loaded, Refusal> {
    let opened = match reach.open(&blob.spec.place)? {
        Found::File(opened) => opened,
        Found::Folder(_) => {
            return Err(Refusal::new(blob.spec.text(), "path", "it is a folder", "give a file"));
        }
    };
    blob.spec.check_file()?;
    check_size(&blob, service, operation, opened.stamp.len)?;
    Ok(Loaded { blob, opened, digest: None })
}

/// Whether the model and the service take so many bytes.
fn check_size(blob: &Blob, service: &str, operation: &str, len: u64) -> Result<(), Refusal> {
    let path = blob.spec.text();
    let refuse = |problem: String, cure: &str| Err(Refusal::new(path, "size", problem, cure));
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

impl Load {
    /// Hashes every file, and puts what the human sees and the approval is bound to into the plan. Files that `before`
    /// has hashed and that have not been touched since are not read again.
    ///
    /// # Errors
    /// `FileRefused` when one changes meanwhile or cannot be read.
    pub(super) async fn seal(
        &mut self,
        plan: &mut Plan,
        before: Option<&Self>,
        caller: &Caller<'_>,
    ) -> Result<(), CallError> {
        let total: u64 = self.files.iter().map(|file| file.opened.stamp.len).sum();
        let done = Arc::new(AtomicU64::new(0));
        for (index, file) in self.files.iter_mut().enumerate() {
            let known = before.and_then(|before| before.files.get(index));
            let known = known.filter(|known| known.opened.stamp == file.opened.stamp);
            file.digest = known.and_then(|known| known.digest);
            if file.digest.is_some() {
                done.fetch_add(file.opened.stamp.len, Ordering::Relaxed);
                continue;
            }
            let (opened, count, cancel) = (file.opened.clone(), Arc::clone(&done), caller.cancel.clone());
            let hashed = blocking(move || {
                opened.digest(&mut |bytes| {
                    count.fetch_add(bytes, Ordering::Relaxed);
                    !cancel.is_cancelled()
                })
            });
            let said = || format!("reading files: {} of {total} bytes", done.load(Ordering::Relaxed));
            file.digest = Some(ticking(caller, said, hashed).await?);
        }
        plan.files.clear();
        plan.contents.clear();
        for Loaded { blob, opened, digest } in &self.files {
            let Some(digest) = digest else { continue };
            let (path, size) = (blob.spec.text().to_owned(), opened.stamp.len);
            plan.files.push(FileFact { path: path.clone(), size, sha256: digest.to_string() });
            // One path may stand in several places.
            plan.contents.insert(path, *digest);
        }
        Ok(())
    }

    /// The first file whose content is not what it was in `before`.
    pub(super) fn changed_since(&self, before: &Self) -> Option<CallError> {
        let pairs = self.files.iter().zip(&before.files);
        let changed = pairs.filter(|(now, then)| now.digest != then.digest);
        let refusal = changed.map(|(now, _)| {
            Refusal::new(
                now.blob.spec.text(),
                "changed since approval",
                "its content is not what the human approved",
                "call again without the token: the human then sees what it holds now",
            )
        });
        refusal.map(|refusal| refused(&refusal)).next()
    }

    /// What `validate` tells of the files.
    pub(super) fn told(&self) -> Vec<Value> {
        let of = |file: &Loaded| json!({"member": file.blob.pointer, "path": file.blob.spec.text(), "size": file.opened.stamp.len});
        self.files.iter().map(of).collect()
    }

    /// Whether no file goes up.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The payload as it is sent, the body that goes beside it, and where its answer's body goes: a sensitive one only
    /// when the human `approved` the call.
    ///
    /// # Errors
    /// `FileRefused` when a file is not what it was.
    pub(super) async fn fill(&self, plan: &Plan, approved: bool) -> Result<Cargo, CallError> {
        let keeps = plan.output.as_ref().is_some_and(|output| output.body.is_some() && (approved || !output.sensitive));
        let target = self.target.clone().filter(|_| keeps);
        if self.files.is_empty() {
            return Ok(Cargo { payload: Arc::clone(&plan.payload), body: None, target });
        }
        let mut payload = Value::clone(&plan.payload);
        let mut body = None;
        for Loaded { blob, opened, digest } in &self.files {
            if blob.whole_body {
                if let Some(members) = payload.as_object_mut() {
                    members.shift_remove(&blob.member);
                }
                body = Some(Body::File {
                    file: Arc::clone(&opened.file),
                    offset: 0,
                    len: opened.stamp.len,
                    sha256: digest.map(|digest| *digest.as_bytes()),
                });
                continue;
            }
            let (opened, promised) = (opened.clone(), *digest);
            let text = blocking(move || {
                let bytes = opened.read(limits::INLINE)?;
                let is = |promised| Digest::from_bytes(sha2::Sha256::digest(&bytes).into()) == promised;
                if promised.is_some_and(|promised| !is(promised)) {
                    return Err(crate::files::open::changed(&opened.path));
                }
                Ok(STANDARD.encode(bytes))
            });
            put(&mut payload, &blob.pointer, text.await?.into());
        }
        Ok(Cargo { payload: Arc::new(payload), body, target })
    }
}
