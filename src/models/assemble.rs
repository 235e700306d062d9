//! From the snapshot and the layers over it to a generation: for every service the newest facts, with all documentation
//! there is. What was made of the same before is taken over as it lies.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::{
    ModelError, Store, embedded,
    home::{MANIFEST, RAW},
    import::ImportError,
    installed::Installed,
    manifest::{FORM, Layer, Manifest, Origin, Service},
    merge::{ahead, annotate, inherit},
    packed::{Effort, INDEX, PARTITIONS, deflate, file_name, inflate, pack, parse, stated_size, version},
    sources::{Age, Sources, gather},
};
use crate::{
    base::Timestamp,
    catalog::index,
    smithy::{Model, Reading, read::Notes},
};

/// Why a generation could not be made.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// The snapshot or the previous generation cannot be read.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A source on this machine cannot be read.
    #[error(transparent)]
    Source(#[from] ImportError),
    /// Reading or writing failed.
    #[error("{} cannot be used ({reason}); check that it can be written to and that there is space", crate::base::Shown::line(&path.display().to_string()))]
    Files {
        /// Where.
        path: PathBuf,
        /// The system's reason.
        reason: io::Error,
    },
    /// A thread ended before its work.
    #[error("making the models broke off within itself; run it again with LOG_LEVEL=DEBUG and report it")]
    Interrupted,
}

fn files(path: &Path, reason: io::Error) -> AssembleError {
    AssembleError::Files { path: path.to_path_buf(), reason }
}

/// The generation before, where it can be read.
#[derive(Debug)]
pub(super) struct Previous {
    pub(super) folder: PathBuf,
    pub(super) manifest: Manifest,
}

/// What a generation is made of.
pub(super) struct Plan<'a> {
    /// The folder it is made in; the layers' raw models lie in it already.
    pub(super) folder: &'a Path,
    pub(super) previous: Option<&'a Previous>,
    pub(super) layers: Vec<Layer>,
    /// Version of partitions that lie among the raw files, where an import brought newer ones.
    pub(super) partitions: Option<String>,
    pub(super) installed: Option<&'a Installed>,
    pub(super) made_at: Timestamp,
    pub(super) threads: usize,
}

/// One service of the generation, with its lines in the index.
struct Made {
    name: String,
    service: Service,
    lines: String,
}

/// Writes a generation's models, index and manifest. `tell` is called after each service, with how many are done and
/// how many there are.
pub(super) fn assemble(plan: Plan<'_>, tell: &(dyn Fn(usize, usize) + Sync)) -> Result<Manifest, AssembleError> {
    let snapshot = Store::embedded();
    let texts = Texts::read(&snapshot, plan.previous)?;
    let sources = gather(&plan, &snapshot)?;
    let total = sources.len();
    let done = AtomicUsize::new(0);
    let made = each(plan.threads, sources, |(name, sources)| {
        let made = one(&plan, &snapshot, &texts, name, &sources)?;
        tell(done.fetch_add(1, Ordering::Relaxed) + 1, total);
        Ok(made)
    })?;
    write(plan, &snapshot, made)
}

/// Does the work on several threads; what comes out is in the order of what went in.
pub(super) fn each<T: Send, R: Send>(
    threads: usize,
    items: impl IntoIterator<Item = T>,
    work: impl Fn(T) -> Result<R, AssembleError> + Sync,
) -> Result<Vec<R>, AssembleError> {
    let items: Vec<T> = items.into_iter().collect();
    let queue = Mutex::new(items.into_iter().enumerate());
    let labour = || -> Result<Vec<(usize, R)>, AssembleError> {
        let mut results = Vec::new();
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((at, item)) = next else { return Ok(results) };
            results.push((at, work(item)?));
        }
    };
    let results: Vec<Result<Vec<(usize, R)>, AssembleError>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(labour)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or(Err(AssembleError::Interrupted))).collect()
    });
    let mut results: Vec<(usize, R)> =
        results.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    results.sort_by_key(|(at, _)| *at);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

/// Index, partitions and manifest.
fn write(plan: Plan<'_>, snapshot: &Store, services: Vec<Made>) -> Result<Manifest, AssembleError> {
    let mut source = snapshot.index()?.source().to_owned();
    for layer in plan.layers.iter().filter(|layer| layer.origin != Origin::Installed) {
        source.push_str(" + ");
        source.push_str(layer.origin.name());
    }
    let text = index::compose(&source, services.iter().map(|service| service.lines.as_str()));
    let path = plan.folder.join(INDEX);
    let frame = deflate(text.as_bytes(), Effort::Quick).map_err(|error| files(&path, error))?;
    store(&path, &frame)?;
    if let Some(partitions) = &plan.partitions {
        let path = plan.folder.join(PARTITIONS);
        fs::hard_link(raw_file(plan.folder, partitions), &path).map_err(|error| files(&path, error))?;
    }
    let manifest = Manifest {
        form: FORM,
        made_at: plan.made_at,
        snapshot: embedded::id().to_owned(),
        layers: plan.layers,
        services: services.into_iter().map(|made| (made.name, made.service)).collect(),
        index: version(&frame),
        partitions: plan.partitions,
    };
    let path = plan.folder.join(MANIFEST);
    let json = serde_json::to_vec(&manifest).map_err(|error| files(&path, error.into()))?;
    store(&path, &json)?;
    Ok(manifest)
}

/// One service: taken over from before, the snapshot's own, or merged anew.
fn one(
    plan: &Plan<'_>,
    snapshot: &Store,
    texts: &Texts,
    name: String,
    sources: &Sources<'_>,
) -> Result<Made, AssembleError> {
    let key = sources.key();
    if let Some(made) = taken_over(plan, texts, &name, &key)? {
        return Ok(made);
    }
    let own = sources.snapshot.zip(texts.snapshot.get(&name));
    if let (Some((version, lines)), true, None) = (own, sources.layers.is_empty(), &sources.installed) {
        let service = Service::snapshots(key, version, BTreeMap::new());
        return Ok(Made { name, service, lines: lines.clone() });
    }
    let standings = sources.standings();
    let (model, facts, documentation) = merged(plan, snapshot, &name, sources)?;
    if let (Some((version, lines)), Origin::Snapshot, true) = (own, facts, documentation.is_empty()) {
        let service = Service::snapshots(key, version, standings);
        return Ok(Made { name, service, lines: lines.clone() });
    }
    let path = plan.folder.join(file_name(&name));
    let reading = Reading { model, notes: Notes::default() };
    let packed = pack(&reading, Effort::Quick).map_err(|error| files(&path, error))?;
    store(&path, &packed.frame)?;
    let service = Service { key, frame: version(&packed.frame), own: true, facts, documentation, standings };
    Ok(Made { name, service, lines: packed.lines })
}

/// The service as it lies in the generation before, when it would come out the same.
fn taken_over(plan: &Plan<'_>, texts: &Texts, name: &str, key: &str) -> Result<Option<Made>, AssembleError> {
    let Some(previous) = plan.previous else { return Ok(None) };
    let known = previous.manifest.services.get(name).filter(|service| service.key == key);
    let (Some(service), Some(lines)) = (known, texts.previous.get(name)) else { return Ok(None) };
    if service.own {
        let path = plan.folder.join(file_name(name));
        link(&previous.folder.join(file_name(name)), &path)?;
    }
    Ok(Some(Made { name: name.to_owned(), service: service.clone(), lines: lines.clone() }))
}

/// The newest facts with all documentation.
fn merged(
    plan: &Plan<'_>,
    snapshot: &Store,
    name: &str,
    sources: &Sources<'_>,
) -> Result<(Model, Origin, Vec<Origin>), AssembleError> {
    let mut best: Option<(Origin, Model)> = match sources.snapshot {
        Some(_) => Some((Origin::Snapshot, Model::clone(&*snapshot.model(name)?))),
        None => None,
    };
    let mut others = Vec::new();
    for (origin, part) in &sources.layers {
        let other = read_raw(plan.folder, &part.raw.frame)?;
        let wins = match &best {
            None => true,
            // Of an older source only the prose is of use.
            Some(_) if part.age == Age::Older => false,
            Some((Origin::Snapshot, _)) => part.age == Age::Newer || part.ahead() == Some(true),
            Some((_, known)) => ahead(&other, known).is_gt(),
        };
        if wins {
            let mut other = other.clone();
            if let Some((_, known)) = &best {
                inherit(&mut other, known);
            }
            best = Some((*origin, other));
        }
        others.push((*origin, other));
    }
    let Some((facts, mut model)) = best else { return Err(AssembleError::Interrupted) };
    name.clone_into(&mut model.service.name);
    let mut documentation: Vec<Origin> = [facts].into_iter().filter(|origin| *origin != Origin::Snapshot).collect();
    // What AWS publishes today documents better than what was imported some day.
    for (origin, source) in others.iter().rev().filter(|(origin, _)| *origin != facts) {
        if annotate(&mut model, source) {
            documentation.push(*origin);
        }
    }
    if let (Some(installed), true) = (plan.installed, sources.installed.is_some())
        && let Some(source) = installed_model(installed, name)
        && annotate(&mut model, &source)
    {
        documentation.push(Origin::Installed);
    }
    Ok((model, facts, documentation))
}

/// A service of the installed botocore. One that cannot be read is worth no failure: it would only have documented.
fn installed_model(installed: &Installed, name: &str) -> Option<Model> {
    installed.read(name).unwrap_or_else(|error| {
        tracing::debug!(%error, "an installed service is not understood");
        None
    })
}

/// Where a raw file of a generation lies.
pub(super) fn raw_file(folder: &Path, version: &str) -> PathBuf {
    folder.join(RAW).join(format!("{version}.zst"))
}

pub(super) fn read_raw(folder: &Path, frame: &str) -> Result<Model, AssembleError> {
    let path = raw_file(folder, frame);
    let bytes = fs::read(&path).map_err(|error| files(&path, error))?;
    let json = inflate(&bytes, stated_size(&bytes).unwrap_or_default()).map_err(|error| files(&path, error))?;
    parse(&json).map_err(|error| files(&path, error.into()))
}

/// Writes a file durably.
pub(super) fn store(path: &Path, bytes: &[u8]) -> Result<(), AssembleError> {
    let written = fs::File::create(path).and_then(|mut file| {
        io::Write::write_all(&mut file, bytes)?;
        file.sync_all()
    });
    written.map_err(|error| files(path, error))
}

/// Takes a file over as it lies: files of generations never change.
pub(super) fn link(from: &Path, to: &Path) -> Result<(), AssembleError> {
    if to.exists() {
        return Ok(());
    }
    // Where the file system knows no hard links.
    fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(|_| ())).map_err(|error| files(to, error))
}

/// The lines of each service in the indexes that are there.
struct Texts {
    snapshot: BTreeMap<String, String>,
    previous: BTreeMap<String, String>,
}

impl Texts {
    fn read(snapshot: &Store, previous: Option<&Previous>) -> Result<Self, AssembleError> {
        let previous = previous.map(|previous| Store::generation(&previous.folder).index_text()).transpose()?;
        Ok(Self {
            snapshot: blocks(&snapshot.index_text()?),
            previous: previous.map(|text| blocks(&text)).unwrap_or_default(),
        })
    }
}

/// An index's text, cut before every service.
fn blocks(text: &str) -> BTreeMap<String, String> {
    let mut blocks: BTreeMap<String, String> = BTreeMap::new();
    let mut name = "";
    for line in text.split_inclusive('\n').skip(1) {
        let mut fields = line.split('\t');
        if fields.next() == Some("#") {
            name = fields.next().unwrap_or_default();
        }
        blocks.entry(name.to_owned()).or_default().push_str(line);
    }
    blocks
}
