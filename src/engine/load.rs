//! The files of a call: opened before a human is asked, hashed for the approval, put into the request at last.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::Digest as _;

use super::ask::Caller;
use super::load_open::{Content, Loaded, Objects};
use super::tick::ticking;
use crate::approval::facts::FileFact;
use crate::aws::Body;
use crate::base::{Digest, RiskClass};
use crate::call::CallError;
use crate::call::blobs::{Blob, put, refused};
use crate::call::plan::Plan;
use crate::files::{Sealed, Target};
use crate::uploads::{Refusal, keys, limits, parts};

/// Files of a folder that the human sees one by one; of more, their folders.
const ONE_BY_ONE: usize = 1_000;

/// The files of one call, open.
#[derive(Debug, Default)]
pub(super) struct Load {
    pub(super) files: Vec<Loaded>,
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
    /// The files of a folder, each as an object of its own.
    pub(super) objects: Option<Arc<Objects>>,
    /// The file for the body of the answer.
    pub(super) target: Option<Target>,
}

/// Work on files, off the runtime's threads.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, CallError> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|problem| CallError::new("Internal", format!("files cannot be looked at: {problem}")))?;
    done.map_err(|refusal| refused(&refusal))
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
        let total: u64 = self.files.iter().map(|file| file.content.bytes()).sum();
        let done = Arc::new(AtomicU64::new(0));
        for (index, file) in self.files.iter_mut().enumerate() {
            let known = before.and_then(|before| before.files.get(index));
            let (count, cancel) = (Arc::clone(&done), caller.cancel.clone());
            let mut go_on = move |bytes| {
                count.fetch_add(bytes, Ordering::Relaxed);
                !cancel.is_cancelled()
            };
            let said = || format!("reading files: {} of {total} bytes", done.load(Ordering::Relaxed));
            match &mut file.content {
                Content::File { opened, sealed, .. } => {
                    let same = known.and_then(|known| known.content.sealed_file(&opened.stamp));
                    *sealed = match same {
                        Some(same) => Some(same),
                        None => {
                            let opened = opened.clone();
                            let work = blocking(move || opened.seal(0, &mut go_on));
                            Some(ticking(caller, said, work).await?)
                        }
                    };
                }
                Content::Objects(objects) => {
                    let known = known.map(|known| known.content.sealed_objects()).unwrap_or_default();
                    let listed = Arc::clone(objects);
                    let work = blocking(move || seal_all(&listed, &known, &mut go_on));
                    let sealed = ticking(caller, said, work).await?;
                    *objects = Arc::new(Objects { sealed: Some(sealed), ..Objects::clone(objects) });
                }
            }
        }
        self.show(plan);
        Ok(())
    }

    /// Puts what was hashed into the plan.
    fn show(&self, plan: &mut Plan) {
        plan.files.clear();
        plan.contents.clear();
        for Loaded { blob, content } in &self.files {
            let path = blob.spec.text();
            match content {
                Content::File { opened, sealed: Some(sealed), .. } => {
                    let size = opened.stamp.len;
                    plan.files.push(FileFact { path: path.to_owned(), size, sha256: sealed.digest.to_string() });
                    bind(plan, blob, sealed.digest);
                }
                Content::Objects(objects) => {
                    plan.files.extend(objects.facts());
                    bind(plan, blob, objects.digest());
                }
                Content::File { sealed: None, .. } => {}
            }
        }
    }

    /// What `validate` and the record tell of the files.
    pub(super) fn told(&self) -> Vec<Value> {
        let of = |Loaded { blob, content }: &Loaded| {
            let (member, path) = (blob.pointer.as_str(), blob.spec.text());
            match content {
                Content::File { opened, packed: None, .. } => {
                    json!({"member": member, "path": path, "size": opened.stamp.len})
                }
                Content::File { opened, packed: Some(packed), .. } => {
                    json!({"member": member, "path": path, "size": opened.stamp.len, "zip": {"files": packed.files, "size": packed.bytes}})
                }
                Content::Objects(objects) => json!({
                    "member": member, "path": path, "size": objects.bytes(), "count": objects.items.len(),
                    "keyPrefix": objects.prefix,
                    "keys": objects.keys().take(20).collect::<Vec<_>>(),
                }),
            }
        };
        self.files.iter().map(of).collect()
    }

    /// Whether no file goes up.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The files that go up as objects of their own.
    pub(super) fn objects(&self) -> Option<&Arc<Objects>> {
        self.files.iter().find_map(|file| match &file.content {
            Content::Objects(objects) => Some(objects),
            Content::File { .. } => None,
        })
    }

    /// The payload as it is sent, the body that goes beside it, and where its answer's body goes: a sensitive one only
    /// when the human `approved` the call.
    ///
    /// # Errors
    /// `FileRefused` when a file is not what it was.
    pub(super) async fn fill(&self, plan: &Plan, approved: bool) -> Result<Cargo, CallError> {
        let secret = |sensitive| sensitive || plan.assessment.class == RiskClass::Secret;
        let keeps = plan.output.as_ref().is_some_and(|to| to.body.is_some() && (approved || !secret(to.sensitive)));
        let target = self.target.clone().filter(|_| keeps);
        if self.files.is_empty() {
            return Ok(Cargo { payload: Arc::clone(&plan.payload), body: None, objects: None, target });
        }
        let mut payload = Value::clone(&plan.payload);
        let (mut body, mut objects) = (None, None);
        for Loaded { blob, content } in &self.files {
            if blob.whole_body
                && let Some(members) = payload.as_object_mut()
            {
                members.shift_remove(&blob.member);
            }
            let (opened, sealed) = match content {
                Content::Objects(several) => {
                    objects = Some(Arc::clone(several));
                    continue;
                }
                Content::File { opened, sealed, .. } => (opened, sealed),
            };
            let promised = sealed.as_ref().map(|sealed| sealed.digest);
            if blob.whole_body {
                let (file, len) = (Arc::clone(&opened.file), opened.stamp.len);
                body = Some(Body::File { file, offset: 0, len, sha256: promised.map(|digest| *digest.as_bytes()) });
                continue;
            }
            let opened = opened.clone();
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
        Ok(Cargo { payload: Arc::new(payload), body, objects, target })
    }
}

/// Binds an approval to the content of a file. One path may stand in several places, and hold something else by then.
fn bind(plan: &mut Plan, blob: &Blob, digest: Digest) {
    let name = match plan.contents.get(blob.name()) {
        Some(other) if *other != digest => format!("{} at {}", blob.name(), blob.pointer),
        _ => blob.name().to_owned(),
    };
    plan.contents.insert(name, digest);
}

/// The refusal of a call whose files are not what they were when the human approved it.
pub(super) fn changed_since(now: &BTreeMap<String, Digest>, approved: &BTreeMap<String, Digest>) -> Option<CallError> {
    let (name, _) = now.iter().find(|(name, digest)| approved.get(*name) != Some(*digest))?;
    Some(refused(&Refusal::new(
        name,
        "changed since approval",
        "its content is not what the human approved",
        "call again without the token: the human then sees what it holds now",
    )))
}

/// Hashes the files of a folder; those that `known` has with the same stamp are not read again.
fn seal_all(
    objects: &Objects,
    known: &BTreeMap<String, (crate::files::Stamp, Sealed)>,
    go_on: &mut (dyn FnMut(u64) -> bool + Send),
) -> Result<Vec<Sealed>, Refusal> {
    let one = |item: &crate::files::Item| {
        if let Some((_, sealed)) = known.get(item.path.as_str()).filter(|(stamp, _)| *stamp == item.stamp) {
            return Ok(sealed.clone());
        }
        let step = if item.stamp.len > parts::WHOLE { parts::size_of_part(item.stamp.len) } else { 0 };
        objects.folder.open(item)?.seal(step, go_on)
    };
    objects.items.iter().map(one).collect()
}

impl Objects {
    /// The keys, in the order of the files.
    pub(super) fn keys(&self) -> impl Iterator<Item = String> + '_ {
        self.items.iter().map(|item| keys::key(&self.prefix, &item.path))
    }

    /// Bytes altogether.
    pub(super) fn bytes(&self) -> u64 {
        self.items.iter().map(|item| item.stamp.len).sum()
    }

    /// What an approval is bound to: every key with its size and content.
    fn digest(&self) -> Digest {
        let sealed = self.sealed.iter().flatten();
        let of = |((key, item), sealed): ((String, &crate::files::Item), &Sealed)| {
            json!([key, item.stamp.len, sealed.digest])
        };
        let all: Vec<Value> = self.keys().zip(&self.items).zip(sealed).map(of).collect();
        Digest::of_json("countersign folder v1", &all.into())
    }

    /// The files as the human sees them: one by one, or, where they are very many, by the folders they lie in.
    fn facts(&self) -> Vec<FileFact> {
        let sealed = self.sealed.iter().flatten();
        let facts = self.keys().zip(&self.items).zip(sealed).map(|((key, item), sealed)| FileFact {
            path: key,
            size: item.stamp.len,
            sha256: sealed.digest.to_string(),
        });
        let facts: Vec<FileFact> = facts.collect();
        for levels in (0..=8_usize).rev() {
            if facts.len() <= ONE_BY_ONE {
                break;
            }
            let groups = grouped(&facts, levels);
            if groups.len() <= ONE_BY_ONE || levels == 0 {
                return groups;
            }
        }
        facts
    }
}

/// Files by the folders they lie in, so many levels deep: how many, how large, and one digest over their own.
fn grouped(facts: &[FileFact], levels: usize) -> Vec<FileFact> {
    let mut groups: BTreeMap<String, Vec<&FileFact>> = BTreeMap::new();
    for fact in facts {
        let folders = fact.path.rsplit_once('/').map_or("", |(folders, _)| folders);
        let group: Vec<&str> = folders.split('/').take(levels).collect();
        groups.entry(group.join("/")).or_default().push(fact);
    }
    let one = |(folder, files): (String, Vec<&FileFact>)| {
        let all: Vec<Value> = files.iter().map(|file| json!([file.path, file.size, file.sha256])).collect();
        FileFact {
            path: format!("{folder}/** ({} files)", files.len()),
            size: files.iter().map(|file| file.size).sum(),
            sha256: Digest::of_json("countersign folder v1", &all.into()).to_string(),
        }
    };
    groups.into_iter().map(one).collect()
}
