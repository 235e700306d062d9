//! The folder that models are written to: made aside, then put in place as a whole.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::ImportError;
use crate::{
    models::packed::{Effort, INDEX, PARTITIONS, Packed, file_name, is_storable, pack},
    smithy::Reading,
};

/// Packs a service that was read from `file`, if its name can be a file's.
pub(super) fn pack_named(reading: &Reading, file: &str, effort: Effort) -> Result<Packed, ImportError> {
    let name = &reading.model.service.name;
    if !is_storable(name) {
        return Err(ImportError::Name { file: file.to_owned(), name: name.clone() });
    }
    pack(reading, effort).map_err(|error| ImportError::damaged(file, &error))
}

/// Refuses a folder that holds something else, so that a mistyped path never loses anything.
pub(super) fn check(out: &Path) -> Result<(), ImportError> {
    let entries = match fs::read_dir(out) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(ImportError::write(out, error)),
    };
    for entry in entries {
        let name = entry.map_err(|error| ImportError::write(out, error))?.file_name();
        let name = name.to_string_lossy();
        if name != INDEX && !name.ends_with(".json.zst") {
            return Err(ImportError::Occupied { path: out.to_path_buf() });
        }
    }
    Ok(())
}

/// Writes all files aside and swaps the folders.
pub(super) fn write(
    out: &Path,
    services: &[Packed],
    partitions: Option<&[u8]>,
    index: &[u8],
) -> Result<(), ImportError> {
    write_aside(out, services, partitions, index).map_err(|error| ImportError::write(out, error))
}

fn write_aside(out: &Path, services: &[Packed], partitions: Option<&[u8]>, index: &[u8]) -> io::Result<()> {
    let parent = match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    };
    fs::create_dir_all(&parent)?;
    let aside = tempfile::Builder::new().prefix(".models-").tempdir_in(&parent)?;
    let new = aside.path().join("new");
    fs::create_dir(&new)?;
    for service in services {
        store(&new.join(file_name(&service.name)), &service.frame)?;
    }
    if let Some(partitions) = partitions {
        store(&new.join(PARTITIONS), partitions)?;
    }
    store(&new.join(INDEX), index)?;
    let old = aside.path().join("old");
    let replaced = match fs::rename(out, &old) {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(error),
    };
    if let Err(error) = fs::rename(&new, out) {
        if replaced {
            fs::rename(&old, out)?;
        }
        return Err(error);
    }
    File::open(&parent)?.sync_all()?;
    aside.close()
}

fn store(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
