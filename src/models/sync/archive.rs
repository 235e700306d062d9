//! A tar of Smithy models, read as it comes: only what changed is converted, on as many threads as allowed, and memory
//! holds a few files at a time. Nothing is unpacked to paths that the archive chooses.

use std::{
    collections::BTreeMap,
    fmt::Display,
    io::{self, Read},
    path::{Component, Path},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, sync_channel},
    },
    thread,
};

use super::{
    SyncError,
    digest::Counted,
    fetch::Response,
    inflate::Inflated,
    report::{Progress, Step},
};
use crate::{
    base::{Digest, Timestamp},
    catalog::Index,
    models::{
        Effort,
        assemble::{link, raw_file, store},
        import::{self, ast},
        manifest::{Layer, Origin, Raw, SourceFile},
        packed::version,
    },
};

/// No model is larger.
const LARGEST_FILE: u64 = 64 << 20;

/// No archive has more entries.
const MOST_ENTRIES: usize = 200_000;

/// What reading an archive needs to know.
pub(super) struct Wanted<'a> {
    /// Where it comes from.
    pub(super) url: &'a str,
    /// The same for people.
    pub(super) source: String,
    /// The folder of the generation that is being made.
    pub(super) folder: &'a Path,
    /// The same source as it was read last, with the folder of that generation.
    pub(super) before: Option<(&'a Layer, &'a Path)>,
    /// Names of services by their sdkId.
    pub(super) names: &'a Index,
    pub(super) now: Timestamp,
    pub(super) threads: usize,
}

/// A file to convert.
struct Job {
    name: String,
    digest: String,
    bytes: Vec<u8>,
}

/// Hands a file on to be converted; fails once another one could not be.
type Send<'a> = &'a dyn Fn(Job) -> Result<(), SyncError>;

type Converted = Result<Vec<(String, SourceFile)>, SyncError>;

/// Reads the whole answer into a layer. Says how many bytes came.
pub(super) fn read(wanted: &Wanted<'_>, response: Response, progress: Progress<'_>) -> Result<(Layer, u64), SyncError> {
    let mut layer = Layer {
        origin: Origin::Sync,
        source: wanted.source.clone(),
        revision: None,
        dated: None,
        read_at: wanted.now,
        files: BTreeMap::new(),
    };
    let threads = wanted.threads.max(1);
    let (sender, receiver) = sync_channel::<Job>(threads);
    let receiver = Mutex::new(receiver);
    let failed = AtomicBool::new(false);
    let (walked, converted) = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| convert_all(wanted, &receiver, &failed))).collect();
        let send = |job| match failed.load(Ordering::Relaxed) {
            true => Err(SyncError::Interrupted),
            false => sender.send(job).map_err(|_| SyncError::Interrupted),
        };
        let walked = walk(wanted, response, &send, &mut layer, progress);
        drop(sender);
        let converted: Vec<Converted> =
            workers.into_iter().map(|worker| worker.join().unwrap_or(Err(SyncError::Interrupted))).collect();
        (walked, converted)
    });
    // A worker that failed tells more than the walk that could not go on for it.
    for converted in converted {
        layer.files.extend(converted?);
    }
    let bytes = walked?;
    if layer.files.values().all(|file| file.models.is_empty()) {
        return Err(broken(wanted, &"it holds no Smithy models (SERVICE/service/VERSION/*.json)"));
    }
    Ok((layer, bytes))
}

fn broken(wanted: &Wanted<'_>, problem: &dyn Display) -> SyncError {
    SyncError::Archive { url: wanted.url.to_owned(), problem: problem.to_string() }
}

/// Goes through the archive and holds it against what the server promised.
fn walk(
    wanted: &Wanted<'_>,
    response: Response,
    send: Send<'_>,
    layer: &mut Layer,
    progress: Progress<'_>,
) -> Result<u64, SyncError> {
    let received = AtomicU64::new(0);
    let Response { length, digest, body, .. } = response;
    let mut body = Counted::new(body, &received);
    let inflated = Inflated::of(&mut body).map_err(|problem| broken(wanted, &problem))?;
    let mut archive = tar::Archive::new(inflated);
    let entries = archive.entries().map_err(|error| broken(wanted, &error))?;
    let (mut models, mut changed) = (0, 0);
    for (at, entry) in entries.enumerate() {
        if at >= MOST_ENTRIES {
            return Err(broken(wanted, &"it has more entries than any archive of models"));
        }
        let mut entry = entry.map_err(|error| broken(wanted, &why(&error)))?;
        let kind = entry.header().entry_type();
        if kind == tar::EntryType::XGlobalHeader {
            layer.revision = commit(&mut entry).or_else(|| layer.revision.take());
            continue;
        }
        let path = entry.path().map_err(|error| broken(wanted, &error))?.into_owned();
        let leads_out = |part| matches!(part, Component::ParentDir | Component::RootDir | Component::Prefix(_));
        if path.components().any(leads_out) {
            return Err(broken(wanted, &"the path of an entry leads out of it"));
        }
        // Links and devices are passed over: what is in a file is all that counts.
        let Some(name) = model_name(&path).filter(|_| kind.is_file()) else { continue };
        let mtime = entry.header().mtime().ok().and_then(|seconds| i64::try_from(seconds).ok());
        layer.dated = layer.dated.max(mtime.map(|seconds| Timestamp::from_millis(seconds.saturating_mul(1_000))));
        let mut bytes = Vec::new();
        entry.by_ref().take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(|error| broken(wanted, &why(&error)))?;
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(broken(wanted, &format!("{name} is larger than {} MB, which no model is", LARGEST_FILE >> 20)));
        }
        // The reader of the archive takes an early end for the end of the file.
        if bytes.len() as u64 != entry.size() {
            return Err(broken(wanted, &"it broke off within a file"));
        }
        models += 1;
        changed += usize::from(take(wanted, layer, send, name, bytes)?);
        progress(Step::Reading { bytes: received.load(Ordering::Relaxed), total: length, models, changed });
    }
    archive.into_inner().finish().map_err(|problem| broken(wanted, &problem))?;
    body.finish(length, digest.as_deref()).map_err(|problem| broken(wanted, &problem))
}

/// Notes a file that is as it was, or hands it on to be converted; says whether it is new or changed.
fn take(
    wanted: &Wanted<'_>,
    layer: &mut Layer,
    send: Send<'_>,
    name: String,
    bytes: Vec<u8>,
) -> Result<bool, SyncError> {
    let digest = Digest::of("countersign.source.v1", &bytes).to_string();
    if let Some((before, folder)) = wanted.before
        && let Some(known) = before.files.get(&name).filter(|known| known.digest == digest)
    {
        for raw in &known.models {
            link(&raw_file(folder, &raw.frame), &raw_file(wanted.folder, &raw.frame))?;
        }
        layer.files.insert(name, known.clone());
        return Ok(false);
    }
    send(Job { name, digest, bytes })?;
    Ok(true)
}

/// Converts what comes in. After a failure the rest is only taken off the line, so that nobody waits to hand it over.
fn convert_all(wanted: &Wanted<'_>, receiver: &Mutex<Receiver<Job>>, failed: &AtomicBool) -> Converted {
    let mut files = Ok(Vec::new());
    loop {
        let job = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return files };
        if let Ok(done) = &mut files
            && !failed.load(Ordering::Relaxed)
        {
            match convert(wanted, job) {
                Ok(file) => done.push(file),
                Err(error) => {
                    failed.store(true, Ordering::Relaxed);
                    files = Err(error);
                }
            }
        }
    }
}

fn convert(wanted: &Wanted<'_>, Job { name, digest, bytes }: Job) -> Result<(String, SourceFile), SyncError> {
    let options = import::Options { documentation: true, names: Some(wanted.names), effort: Effort::Quick };
    let mut models = Vec::new();
    for packed in ast::pack_file(&name, &bytes, options)?.unwrap_or_default() {
        let frame = version(&packed.frame);
        store(&raw_file(wanted.folder, &frame), &packed.frame)?;
        models.push(Raw { service: packed.name, api_version: packed.api_version, frame });
    }
    Ok((name, SourceFile { digest, models }))
}

/// The name of a model within its source, whatever folder the archive puts around it: `s3/2006-03-01/s3.json` of
/// `…/s3/service/2006-03-01/s3.json` or `…/s3/2006-03-01/s3.json`. None for other files.
fn model_name(path: &Path) -> Option<String> {
    let parts: Vec<&str> = path.components().filter_map(normal).collect::<Option<_>>()?;
    let ([.., service, "service", version, file] | [.., service, version, file]) = parts.as_slice() else {
        return None;
    };
    let is_date = version.len() == 10
        && version.char_indices().all(|(at, ch)| if at == 4 || at == 7 { ch == '-' } else { ch.is_ascii_digit() });
    (is_date && file.ends_with(".json")).then(|| format!("{service}/{version}/{file}"))
}

/// A part of a path as text; `.` is none.
fn normal(part: Component<'_>) -> Option<Option<&str>> {
    match part {
        Component::CurDir => None,
        Component::Normal(name) => Some(name.to_str()),
        Component::ParentDir | Component::RootDir | Component::Prefix(_) => Some(None),
    }
}

/// The commit that `git archive` writes into the first header.
fn commit(entry: &mut impl Read) -> Option<String> {
    let mut text = String::new();
    entry.take(4_096).read_to_string(&mut text).ok()?;
    let id = text.lines().find_map(|line| line.split_once("comment=")).map(|(_, id)| id)?;
    let is_id = matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| id.to_owned())
}

/// An error of a reader in words.
fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it broke off".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_of_every_layout_are_known_by_one_name() {
        for (path, name) in [
            ("./s3/service/2006-03-01/s3-2006-03-01.json", Some("s3/2006-03-01/s3-2006-03-01.json")),
            ("api-models-aws-main/models/s3/service/2006-03-01/s3.json", Some("s3/2006-03-01/s3.json")),
            ("api-models-aws-0123abc/s3/service/2006-03-01/s3.json", Some("s3/2006-03-01/s3.json")),
            ("s3/2006-03-01/s3.json", Some("s3/2006-03-01/s3.json")),
            ("x/service/2006-03-01/s3.json", Some("x/2006-03-01/s3.json")),
            (".scripts/overrides.json", None),
            ("s3/service/2006-03-01/README.md", None),
            ("s3/service/latest/s3.json", None),
            ("2006-03-01/s3.json", None),
        ] {
            assert_eq!(model_name(Path::new(path)).as_deref(), name, "{path}");
        }
    }

    #[test]
    fn the_commit_stands_in_the_first_header() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(commit(&mut format!("52 comment={id}\n").as_bytes()).as_deref(), Some(id));
        assert_eq!(commit(&mut &b"19 comment=nothing\n"[..]), None);
    }
}
