//! The folder of generations beneath `COUNTERSIGN_HOME`: which one is current, what the last sync came to, and the
//! lock that keeps two processes from writing at once. A generation is put in place by one rename, whole or not at all.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

use super::{
    embedded,
    manifest::{FORM, Manifest},
};
use crate::base::{Shown, Timestamp};

/// The file of a generation's manifest.
pub(super) const MANIFEST: &str = "manifest.json";

/// The folder in a generation that holds models as their sources have them.
pub(super) const RAW: &str = "raw";

/// Beginning of the names of folders that are being written.
const ASIDE: &str = ".new-";

/// Generations that are kept beside the current one.
const KEPT: usize = 1;

/// How old the last sync must be before another is made without being asked for.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long after an attempt that failed the next one is made without being asked for.
const AGAIN: Duration = Duration::from_secs(15 * 60);

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// Another process is at it.
    #[error(
        "another process is refreshing the models at this moment; wait for it, then look with `countersign models status`"
    )]
    Busy,
    /// Reading or writing failed.
    #[error("{} cannot be used ({reason}); check that it can be written to and that there is space", Shown::line(&path.display().to_string()))]
    Files {
        /// Where.
        path: PathBuf,
        /// The system's reason.
        reason: io::Error,
    },
}

impl HomeError {
    pub(super) fn files(path: &Path, reason: io::Error) -> Self {
        Self::Files { path: path.to_path_buf(), reason }
    }
}

/// Which generation is current: what `current.json` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Current {
    /// Name of its folder.
    pub(super) generation: String,
    pub(super) form: u32,
    /// The snapshot it was merged with.
    pub(super) snapshot: String,
    /// Version of its packed index.
    pub(super) index: String,
}

impl Current {
    /// Whether it was made for this binary: its form, and merged with this snapshot.
    pub(super) fn fits(&self) -> bool {
        self.form == FORM && self.snapshot == embedded::id()
    }
}

/// What the last sync came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastSync {
    /// When the source was last reached, and what it had was taken over or known already.
    pub succeeded_at: Option<Timestamp>,
    /// When it was last tried.
    pub tried_at: Timestamp,
    /// Why the last try failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// What the server need not send again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) known: Option<Known>,
}

/// The state of a source that a generation was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Known {
    /// The source, as it is described to people.
    pub(super) source: String,
    /// Its `ETag`.
    pub(super) etag: String,
    /// The generation that holds it.
    pub(super) generation: String,
}

/// The folder.
#[derive(Debug, Clone)]
pub struct Home {
    folder: PathBuf,
}

/// Holds the lock; dropping it lets others write.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "the lock lives as long as the file is open")] File);

impl Home {
    /// The folder, which need not be there yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where generations lie.
    fn generations(&self) -> PathBuf {
        self.folder.join("generations")
    }

    /// The folder of a generation.
    pub(super) fn generation(&self, name: &str) -> PathBuf {
        self.generations().join(name)
    }

    fn current_file(&self) -> PathBuf {
        self.folder.join("current.json")
    }

    /// What changes when another generation becomes current; cheap enough to ask for often.
    pub(super) fn stamp(&self) -> Option<(SystemTime, u64)> {
        use std::os::unix::fs::MetadataExt as _;
        let data = fs::metadata(self.current_file()).ok()?;
        Some((data.modified().ok()?, data.ino()))
    }

    /// The current generation, if there is one.
    pub(super) fn current(&self) -> Result<Option<Current>, HomeError> {
        let current: Option<Current> = read(&self.current_file())?;
        // The name becomes part of a path.
        Ok(current.filter(|current| is_name(&current.generation)))
    }

    /// The manifest of a generation.
    pub(super) fn manifest(&self, generation: &str) -> Result<Option<Manifest>, HomeError> {
        read(&self.generation(generation).join(MANIFEST))
    }

    /// What the last sync came to, if there was one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn last_sync(&self) -> Result<Option<LastSync>, HomeError> {
        read(&self.folder.join("sync.json"))
    }

    pub(super) fn set_last_sync(&self, last: &LastSync) -> Result<(), HomeError> {
        self.replace("sync.json", last)
    }

    /// Whether a sync is due without being asked for: the last good one is older than a day, or the current
    /// generation was made for another version of this program; and no try has just failed.
    pub fn is_due(&self, now: Timestamp) -> bool {
        // What cannot be read will be written anew.
        let last = self.last_sync().unwrap_or_default().unwrap_or_default();
        if last.problem.is_some() && now.since(last.tried_at) < AGAIN {
            return false;
        }
        let fits = self.current().ok().flatten().is_none_or(|current| current.fits());
        // A clock that was set back makes a sync due rather than never.
        let fresh = last.succeeded_at.is_some_and(|at| at <= now && now.since(at) < DAY);
        !(fits && fresh)
    }

    /// Takes the lock, or says that another process holds it.
    pub(super) fn lock(&self) -> Result<Lock, HomeError> {
        let folder = self.generations();
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(|error| HomeError::files(&folder, error))?;
        let path = self.folder.join("lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(|error| HomeError::files(&path, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => Err(HomeError::Busy),
            Err(TryLockError::Error(error)) => Err(HomeError::files(&path, error)),
        }
    }

    /// A folder to write a generation in. It goes away again unless it is published. Needs the lock.
    pub(super) fn aside(&self, _: &Lock) -> Result<tempfile::TempDir, HomeError> {
        let folder = self.generations();
        // What a process left that was killed while it wrote.
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(ASIDE) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        let aside = tempfile::Builder::new().prefix(ASIDE).tempdir_in(&folder);
        aside.map_err(|error| HomeError::files(&folder, error))
    }

    /// Makes a finished folder the current generation, and lets older ones go but for the last.
    pub(super) fn publish(&self, _: &Lock, aside: tempfile::TempDir, current: &Current) -> Result<(), HomeError> {
        let target = self.generation(&current.generation);
        fs::rename(aside.path(), &target).map_err(|error| HomeError::files(&target, error))?;
        // It has another name now: nothing is left to be removed.
        let _ = aside.keep();
        let before = self.current().ok().flatten();
        sync_folder(&self.generations())?;
        self.replace("current.json", current)?;
        self.prune(&current.generation, before.as_ref().map(|before| before.generation.as_str()));
        Ok(())
    }

    fn replace(&self, name: &str, value: &impl Serialize) -> Result<(), HomeError> {
        let target = self.folder.join(name);
        let failed = |error: io::Error| HomeError::files(&target, error);
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).map_err(failed)?;
        serde_json::to_writer(&mut file, value).map_err(|error| failed(error.into()))?;
        file.flush().map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&target).map_err(|error| failed(error.error))?;
        sync_folder(&self.folder)
    }

    /// Engines may still read the generation before this one; they notice the new one in seconds.
    fn prune(&self, current: &str, before: Option<&str>) {
        let entries = fs::read_dir(self.generations()).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| is_name(name)).collect();
        names.retain(|name| name != current);
        names.sort();
        // The one that was current stays, or else the newest.
        let keep = before.map(str::to_owned).into_iter().chain(names.iter().rev().cloned()).take(KEPT);
        let keep: Vec<String> = keep.collect();
        for name in names.iter().filter(|name| !keep.contains(name)) {
            // What cannot be removed now is removed next time.
            let _ = fs::remove_dir_all(self.generation(name));
        }
    }
}

/// Generations are named by the time they were made: digits, `T`, `Z`, `-` and hex digits.
fn is_name(name: &str) -> bool {
    name.starts_with("20") && name.len() < 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The name of a generation.
pub(super) fn name(made_at: Timestamp, index: &str) -> String {
    let at: String = made_at.to_string().chars().map(|ch| if ch.is_ascii_alphanumeric() { ch } else { '-' }).collect();
    format!("{at}-{}", index.get(..8).unwrap_or(index))
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Option<T>, HomeError> {
    match fs::read(path) {
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(value) => Ok(Some(value)),
            Err(error) => Err(HomeError::files(path, error.into())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(HomeError::files(path, error)),
    }
}

fn sync_folder(path: &Path) -> Result<(), HomeError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(|error| HomeError::files(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + hours * 3_600_000)
    }

    #[test]
    fn when_a_sync_is_due() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path());
        assert!(home.is_due(at(0)), "there was none yet");
        let good = LastSync { succeeded_at: Some(at(0)), tried_at: at(0), problem: None, known: None };
        let failed = |since: i64| LastSync { problem: Some("offline".into()), tried_at: at(since), ..good.clone() };
        for (last, now, due) in [
            (good.clone(), 1, false),
            (good.clone(), 23, false),
            (good.clone(), 24, true),
            (good.clone(), -1, true),
            (failed(1), 1, false),
            (failed(1), 2, false),
            (failed(30), 30, false),
            (failed(30), 31, true),
            (LastSync { succeeded_at: None, ..failed(30) }, 31, true),
        ] {
            home.set_last_sync(&last).unwrap();
            assert_eq!(home.is_due(at(now)), due, "{last:?} {now}");
        }
        home.set_last_sync(&good).unwrap();
        let current = |form, snapshot: &str| Current {
            generation: name(at(0), "0123456789abcdef"),
            form,
            snapshot: snapshot.to_owned(),
            index: "0123456789abcdef".to_owned(),
        };
        for (current, due) in [
            (current(FORM, embedded::id()), false),
            (current(FORM + 1, embedded::id()), true),
            (current(FORM, "another"), true),
        ] {
            home.replace("current.json", &current).unwrap();
            assert_eq!(home.is_due(at(1)), due, "{current:?}");
        }
    }

    #[test]
    fn one_writer_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path());
        let lock = home.lock().unwrap();
        assert!(matches!(home.lock(), Err(HomeError::Busy)));
        drop(lock);
        assert!(home.lock().is_ok());
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path());
        for (generation, known) in [("2023-11-14T22-13-20-000Z-01234567", true), ("../../etc", false), ("2", false)] {
            let current =
                Current { generation: generation.into(), form: FORM, snapshot: "s".into(), index: "i".into() };
            home.replace("current.json", &current).unwrap();
            assert_eq!(home.current().unwrap().is_some(), known, "{generation}");
        }
        assert_eq!(
            name(Timestamp::from_millis(1_700_000_000_000), "0123456789abcdef"),
            "2023-11-14T22-13-20-000Z-01234567"
        );
    }
}
