//! The course of a sync and of an import into the home: sources to layers, layers to a generation, proof, publication.

use std::{collections::BTreeMap, fs, path::Path};

use super::{
    Fetch, Place, Report, SyncError,
    archive::{self, Wanted},
    ask::{Answer, ask},
    report::{Change, Progress, Step, compare},
};
use crate::{
    base::Timestamp,
    models::{
        AssembleError, Effort, Home, Store,
        assemble::{Plan, Previous, assemble, link, raw_file, store},
        embedded,
        home::{self, Current, Known, LastSync, Lock, RAW},
        import,
        installed::{self, Installed, Places},
        manifest::{FORM, Layer, Origin, Raw, SourceFile},
        packed::{file_name, version},
        sources::botocore_version,
        verify::verify,
    },
};

/// How a sync or import is made.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Where generations lie.
    pub home: &'a Home,
    /// Where an installed botocore may lie.
    pub places: &'a Places,
    /// The present instant.
    pub now: Timestamp,
    /// How many threads may work.
    pub threads: usize,
    /// Fetch and make everything anew, whatever is known.
    pub anew: bool,
}

/// What is worked on while the lock is held.
struct Work<'a> {
    options: Options<'a>,
    lock: Lock,
    current: Option<Current>,
    previous: Option<Previous>,
    aside: tempfile::TempDir,
}

impl<'a> Work<'a> {
    fn begin(options: Options<'a>) -> Result<Self, SyncError> {
        let lock = options.home.lock()?;
        // A pointer or a generation that cannot be read is as good as none.
        let current = options.home.current().unwrap_or_default();
        let previous = current.as_ref().filter(|_| !options.anew).and_then(|current| previous(options.home, current));
        let aside = options.home.aside(&lock)?;
        let raw = aside.path().join(RAW);
        fs::create_dir(&raw).map_err(|reason| AssembleError::Files { path: raw, reason })?;
        Ok(Self { options, lock, current, previous, aside })
    }

    fn layer(&self, origin: Origin) -> Option<&Layer> {
        self.previous.as_ref()?.manifest.layer(origin)
    }

    /// A layer as it was, with its raw models.
    fn keep(&self, origin: Origin) -> Result<Option<Layer>, SyncError> {
        let (Some(layer), Some(previous)) = (self.layer(origin), &self.previous) else { return Ok(None) };
        for raw in layer.files.values().flat_map(|file| &file.models) {
            link(&raw_file(&previous.folder, &raw.frame), &raw_file(self.aside.path(), &raw.frame))?;
        }
        Ok(Some(layer.clone()))
    }
}

/// Fetches what AWS publishes and makes a new generation if anything changed: there, in the snapshot, or in the botocore
/// that is installed. Without a place only the latter two are looked at.
///
/// # Errors
/// [`SyncError`]; what was in use is in use still. When only the fetching failed, the rest was done all the same.
pub fn sync(
    options: Options<'_>,
    source: Option<(&Place, &dyn Fetch)>,
    progress: Progress<'_>,
) -> Result<Report, SyncError> {
    let work = Work::begin(options)?;
    let home = options.home;
    let last = home.last_sync().unwrap_or_default().unwrap_or_default();
    let result = synced(work, &last, source, progress);
    if source.is_some() {
        let (known, problem) = match &result {
            Ok((_, known, problem)) => (known.clone(), problem.as_ref().map(ToString::to_string)),
            Err(error) => (last.known.clone(), Some(error.to_string())),
        };
        let succeeded_at = if problem.is_none() { Some(options.now) } else { last.succeeded_at };
        home.set_last_sync(&LastSync { succeeded_at, tried_at: options.now, problem, known })?;
    }
    match result? {
        (report, _, None) => Ok(report),
        (_, _, Some(problem)) => Err(problem),
    }
}

type Synced = (Report, Option<Known>, Option<SyncError>);

fn synced(
    work: Work<'_>,
    last: &LastSync,
    source: Option<(&Place, &dyn Fetch)>,
    progress: Progress<'_>,
) -> Result<Synced, SyncError> {
    let mut fetched = Fetched { layer: None, etag: None, change: Change::Same, bytes: 0, problem: None };
    if let Some((place, fetch)) = source {
        progress(Step::Asking);
        match fetched_layer(&work, last, place, fetch, progress) {
            Ok(found) => fetched = found,
            Err(problem) => fetched.problem = Some(problem),
        }
    }
    let layer = match fetched.layer {
        Some(layer) => Some(layer),
        None => work.keep(Origin::Sync)?,
    };
    let import = work.keep(Origin::Import)?;
    let partitions = import.is_some().then(|| work.previous.as_ref()?.manifest.partitions.clone()).flatten();
    if let (Some(partitions), Some(previous)) = (&partitions, &work.previous) {
        link(&raw_file(&previous.folder, partitions), &raw_file(work.aside.path(), partitions))?;
    }
    let layers: Vec<Layer> = import.into_iter().chain(layer).collect();
    let mut report = make(work, layers, partitions, fetched.change, progress)?;
    report.bytes = fetched.bytes;
    let known = match (source, fetched.etag, &report.generation) {
        (Some((place, _)), Some(etag), Some(generation)) => {
            Some(Known { source: place.describe(), etag, generation: generation.clone() })
        }
        _ => None,
    };
    Ok((report, known, fetched.problem))
}

struct Fetched {
    /// None when the one before stands.
    layer: Option<Layer>,
    etag: Option<String>,
    change: Change,
    bytes: u64,
    problem: Option<SyncError>,
}

fn fetched_layer(
    work: &Work<'_>,
    last: &LastSync,
    place: &Place,
    fetch: &dyn Fetch,
    progress: Progress<'_>,
) -> Result<Fetched, SyncError> {
    let before = work.layer(Origin::Sync);
    let generation = work.current.as_ref().map(|current| current.generation.as_str());
    // Only what is there and sound need not be sent again.
    let known = last.known.as_ref().filter(|known| {
        before.is_some() && known.source == place.describe() && Some(known.generation.as_str()) == generation
    });
    let etag = known.map(|known| known.etag.as_str());
    match ask(fetch, &place.archive(), etag)? {
        Answer::NotModified => {
            let etag = etag.map(str::to_owned);
            Ok(Fetched { layer: None, etag, change: Change::NotModified, bytes: 0, problem: None })
        }
        Answer::Archive(url, response) => {
            let snapshot = Store::embedded();
            let wanted = Wanted {
                url: &url,
                source: place.describe(),
                folder: work.aside.path(),
                before: before.zip(work.previous.as_ref().map(|previous| previous.folder.as_path())),
                names: snapshot.index()?,
                now: work.options.now,
                threads: work.options.threads,
            };
            let etag = response.etag.clone();
            let (layer, bytes) = archive::read(&wanted, response, progress)?;
            Ok(Fetched { layer: Some(layer), etag, change: Change::Same, bytes, problem: None })
        }
    }
}

/// Takes the models of a botocore package or of Smithy files into the home, and makes a new generation of them.
///
/// # Errors
/// [`SyncError`]; what was in use is in use still.
pub fn import(
    options: Options<'_>,
    source: &Path,
    progress: Progress<'_>,
) -> Result<(import::Report, Report), SyncError> {
    let work = Work::begin(options)?;
    let snapshot = Store::embedded();
    let reading = import::Options { documentation: true, names: Some(snapshot.index()?), effort: Effort::Quick };
    let import::Services { services, partitions, report } = import::read(source, reading)?;
    let mut files = BTreeMap::new();
    for packed in &services {
        let frame = version(&packed.frame);
        store(&raw_file(work.aside.path(), &frame), &packed.frame)?;
        let raw = Raw { service: packed.name.clone(), api_version: packed.api_version.clone(), frame: frame.clone() };
        files.insert(file_name(&packed.name), SourceFile { digest: frame, models: vec![raw] });
    }
    // Partitions grow with botocore; older ones would take regions away.
    let versions = botocore_version(&report.source).zip(botocore_version(snapshot.index()?.source()));
    let newer = versions.is_some_and(|(import, snapshot)| import > snapshot);
    let mut taken = None;
    if let Some(partitions) = partitions.filter(|_| newer) {
        let frame = version(&partitions);
        store(&raw_file(work.aside.path(), &frame), &partitions)?;
        taken = Some(frame);
    }
    let layer = Layer {
        origin: Origin::Import,
        source: report.source.clone(),
        revision: Some(source.display().to_string()),
        dated: None,
        read_at: options.now,
        files,
    };
    let layers: Vec<Layer> = [layer].into_iter().chain(work.keep(Origin::Sync)?).collect();
    let made = make(work, layers, taken, Change::Same, progress)?;
    Ok((report, made))
}

/// Makes, proves and publishes the generation of these layers, unless it would be the one that is there.
fn make(
    work: Work<'_>,
    mut layers: Vec<Layer>,
    partitions: Option<String>,
    unchanged: Change,
    progress: Progress<'_>,
) -> Result<Report, SyncError> {
    let Work { options, lock, current, previous, aside } = work;
    let installed = installed::find(options.places);
    layers.extend(installed.as_ref().map(|installed| installed_layer(installed, options.now)));
    let fits = current.as_ref().is_some_and(Current::fits);
    let before = previous.as_ref().map(|previous| previous.manifest.layers.as_slice());
    let nothing = current.is_none() && layers.is_empty();
    if nothing || (fits && before.is_some_and(|before| same(before, &layers))) {
        let store = match &previous {
            Some(previous) => Store::generation(&previous.folder),
            None => Store::embedded(),
        };
        let manifest = previous.as_ref().map(|previous| &previous.manifest);
        let generation = current.map(|current| current.generation);
        return Ok(compare(unchanged, generation, manifest, &store, &store)?);
    }
    let plan = Plan {
        folder: aside.path(),
        previous: previous.as_ref(),
        layers,
        partitions,
        installed: installed.as_ref(),
        made_at: options.now,
        threads: options.threads,
    };
    let manifest = assemble(plan, &|done, total| progress(Step::Merging { done, total }))?;
    progress(Step::Verifying);
    verify(&Store::generation(aside.path()), &manifest)?;
    let generation = home::name(options.now, &manifest.index);
    let next = Current {
        generation: generation.clone(),
        form: FORM,
        snapshot: embedded::id().to_owned(),
        index: manifest.index.clone(),
    };
    let before = match (&previous, fits) {
        (Some(previous), true) => Store::generation(&previous.folder),
        _ => Store::embedded(),
    };
    before.index()?;
    options.home.publish(&lock, aside, &next)?;
    let after = Store::generation(options.home.generation(&generation));
    Ok(compare(Change::New, Some(generation), Some(&manifest), &before, &after)?)
}

fn installed_layer(installed: &Installed, now: Timestamp) -> Layer {
    Layer {
        origin: Origin::Installed,
        source: installed.source.clone(),
        revision: Some(installed.data.display().to_string()),
        dated: Some(installed.installed_at),
        read_at: now,
        files: BTreeMap::new(),
    }
}

/// Whether two sets of layers hold the same; when they were read does not count.
fn same(before: &[Layer], after: &[Layer]) -> bool {
    let content = |layer: &Layer| {
        // The date of an archive is that of its newest commit, which need not have changed a model.
        let dated = (layer.origin == Origin::Installed).then_some(layer.dated);
        let revision = (layer.origin != Origin::Sync).then(|| layer.revision.clone());
        (layer.origin, layer.source.clone(), revision, dated, layer.files.clone())
    };
    before.len() == after.len() && before.iter().zip(after).all(|(before, after)| content(before) == content(after))
}

/// The generation before, if it is of this form and every file of it is what it should be.
fn previous(home: &Home, current: &Current) -> Option<Previous> {
    let folder = home.generation(&current.generation);
    let manifest = home.manifest(&current.generation).ok().flatten().filter(|manifest| manifest.form == FORM)?;
    let is = |path: &Path, expected: &str| fs::read(path).is_ok_and(|bytes| version(&bytes) == expected);
    let raws = manifest.layers.iter().flat_map(|layer| layer.files.values()).flat_map(|file| &file.models);
    let sound = manifest.index == current.index
        && is(&folder.join(crate::models::packed::INDEX), &manifest.index)
        && manifest.partitions.iter().all(|frame| is(&raw_file(&folder, frame), frame))
        && raws.into_iter().all(|raw| is(&raw_file(&folder, &raw.frame), &raw.frame))
        && manifest
            .services
            .iter()
            .all(|(name, service)| !service.own || is(&folder.join(file_name(name)), &service.frame));
    sound.then_some(Previous { folder, manifest })
}
