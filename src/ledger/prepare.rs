//! The ledger's folder and file before the database opens them: there, and readable by the owner only.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;

use super::LedgerError;

/// Makes the folders (0700) and the file (0600) where they are missing, and takes the file away from everybody else
/// where others could read it.
pub(super) fn prepare(path: &Path) -> Result<(), LedgerError> {
    folder(path.parent().unwrap_or(Path::new("."))).and_then(|()| file(path)).map_err(|error| {
        let what = error.to_string();
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => LedgerError::DiskFull { path },
            _ => LedgerError::NotWritable { path, what },
        }
    })
}

/// That there is a ledger at all.
pub(super) fn present(path: &Path) -> Result<(), LedgerError> {
    std::fs::metadata(path).map(drop).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => LedgerError::Missing { path: path.to_owned() },
        _ => LedgerError::Io { path: path.to_owned(), what: error.to_string() },
    })
}

/// Makes a folder and what is missing above it, for the owner only.
pub(super) fn folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mut permissions = file.metadata()?.permissions();
        if permissions.mode() & 0o077 != 0 {
            permissions.set_mode(0o600);
            if let Err(error) = file.set_permissions(permissions) {
                // Another user's file: that user has decided who may read it.
                tracing::warn!(%error, "others than the owner can read the ledger, and it could not be taken from them");
            }
        }
    }
    #[cfg(not(unix))]
    drop(file);
    Ok(())
}
