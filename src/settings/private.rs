//! Files that are one user's alone: made whole or not at all, and not read when somebody else could have written or
//! read them.

use std::fs::{DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use zeroize::Zeroizing;

use super::KeyError;

/// More than any of these files can have.
const LIMIT: u64 = 64 * 1024;

/// Who may do what with a file before it is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// Nobody else may read or write it.
    Secret,
    /// Nobody else may write it.
    Trusted,
}

/// Reads a file; `None` when there is none.
pub(super) fn read(path: &Path, care: Care) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(rustix::io::Errno::NOENT) => return Ok(None),
        Err(rustix::io::Errno::LOOP) => {
            return Err(refused(path, "it is a symbolic link", "put the file itself in its place"));
        }
        Err(error) => return Err(failed(path, &error.into())),
    };
    check(path, &file, care)?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(LIMIT).read_to_end(&mut bytes).map_err(|error| failed(path, &error))?;
    Ok(Some(bytes))
}

fn check(path: &Path, file: &File, care: Care) -> Result<(), KeyError> {
    let about = file.metadata().map_err(|error| failed(path, &error))?;
    if !about.is_file() {
        return Err(refused(path, "it is not a regular file", "take it away"));
    }
    if about.len() >= LIMIT {
        return Err(refused(path, "it is far too large", "look what it is, then take it away"));
    }
    let (me, owner) = (rustix::process::geteuid().as_raw(), about.uid());
    // What root owns, root has put there: more than this user may do.
    if owner != me && !(owner == 0 && care == Care::Trusted) {
        return Err(refused(path, &format!("user {owner} owns it, and this is user {me}"), "chown it to yourself"));
    }
    let mode = about.mode() & 0o777;
    let (open_to, cure) = match care {
        Care::Secret => (mode & 0o077, "chmod 600"),
        Care::Trusted => (mode & 0o022, "chmod 644"),
    };
    if open_to != 0 {
        return Err(refused(path, &format!("others have access to it (mode {mode:03o})"), &format!("{cure} it")));
    }
    if care == Care::Secret && about.nlink() > 1 {
        return Err(refused(path, "it has a second name somewhere (a hard link)", "find and remove the other one"));
    }
    Ok(())
}

/// Makes a file with this content, for its owner only, if there is none: afterwards the whole of it is on the disk,
/// or nothing. Says whether it was made; if not, somebody else was first.
pub(super) fn create(path: &Path, content: &[u8]) -> Result<bool, KeyError> {
    let file = prepared(path, content)?;
    match file.persist_noclobber(path) {
        Ok(_) => flush_folder(path).map(|()| true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(failed(path, &error.error)),
    }
}

/// Replaces a file, whole or not at all.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<(), KeyError> {
    prepared(path, content)?.persist(path).map_err(|error| failed(path, &error.error))?;
    flush_folder(path)
}

/// A file without its name yet, its content on the disk.
fn prepared(path: &Path, content: &[u8]) -> Result<tempfile::NamedTempFile, KeyError> {
    let folder = folder(path);
    let write = || {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let permissions = std::fs::Permissions::from_mode(0o600);
        let mut file = tempfile::Builder::new().prefix(".key-").permissions(permissions).tempfile_in(folder)?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    write().map_err(|error| failed(path, &error))
}

fn flush_folder(path: &Path) -> Result<(), KeyError> {
    File::open(folder(path)).and_then(|folder| folder.sync_all()).map_err(|error| failed(path, &error))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn refused(path: &Path, what: &str, cure: &str) -> KeyError {
    KeyError::Unsafe { path: path.to_owned(), what: what.to_owned(), cure: cure.to_owned() }
}

fn failed(path: &Path, error: &io::Error) -> KeyError {
    KeyError::Io { path: path.to_owned(), what: error.to_string() }
}
