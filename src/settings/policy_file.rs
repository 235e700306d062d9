//! The policy file on the disk: read whole and at once, or refused with its cure; and a cheap look whether it has
//! changed. What is no ordinary file (a folder, a pipe, a device) is never opened, what is too large never read.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use crate::policy::{Policy, PolicyError};

const NAME_ANOTHER: &str =
    "name another file, or set POLICY_PATH; `countersign init` writes a policy where there is none";

/// Where a policy is read from.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    path: PathBuf,
    fixed: Option<String>,
}

/// How a file looked without being read: another look means that it has to be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    found: Option<Seen>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    length: u64,
    is_file: bool,
    modified: Option<std::time::SystemTime>,
    /// Device, inode, and seconds and nanoseconds of the last change of either content or status.
    #[cfg(unix)]
    identity: (u64, u64, i64, i64),
}

impl PolicyFile {
    /// The file at a path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), fixed: None }
    }

    /// A text that stands for a file and never changes.
    pub fn fixed(name: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self { path: name.into(), fixed: Some(text.into()) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its name for messages.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// How it looks now.
    pub fn look(&self) -> Look {
        let found = if self.fixed.is_some() { None } else { std::fs::metadata(&self.path).ok() };
        Look { found: found.map(|data| seen(&data)) }
    }

    /// Its text.
    ///
    /// # Errors
    /// Why it cannot be a policy: not there, not a file, too large, not UTF-8, not readable.
    pub fn read(&self) -> Result<String, PolicyError> {
        if let Some(text) = &self.fixed {
            return Ok(text.clone());
        }
        let wrong = |message: String, help: &str| PolicyError::unreadable(&self.name(), message, help);
        let cannot = |error: &std::io::Error| match error.kind() {
            ErrorKind::NotFound => wrong("there is no such file".to_owned(), NAME_ANOTHER),
            ErrorKind::PermissionDenied => {
                wrong("cannot be read: permission denied".to_owned(), "let the user that runs Countersign read it")
            }
            _ => wrong(format!("cannot be read: {error}"), NAME_ANOTHER),
        };
        // Before it is opened: opening a pipe would wait for a writer.
        check(&std::fs::metadata(&self.path).map_err(|error| cannot(&error))?)
            .map_err(|(what, help)| wrong(what, help))?;
        let file = File::open(&self.path).map_err(|error| cannot(&error))?;
        check(&file.metadata().map_err(|error| cannot(&error))?).map_err(|(what, help)| wrong(what, help))?;
        let mut bytes = Vec::new();
        let limit = Policy::MAX_BYTES as u64 + 1;
        file.take(limit).read_to_end(&mut bytes).map_err(|error| cannot(&error))?;
        if bytes.len() > Policy::MAX_BYTES {
            let (what, help) = too_large(bytes.len() as u64);
            return Err(wrong(what, help));
        }
        String::from_utf8(bytes).map_err(|_| wrong("is not UTF-8 text".to_owned(), "save it as UTF-8"))
    }
}

fn check(data: &Metadata) -> Result<(), (String, &'static str)> {
    if data.is_dir() {
        return Err(("is a folder, not a file".to_owned(), NAME_ANOTHER));
    }
    if !data.is_file() {
        return Err(("is a pipe, a socket or a device, not a file".to_owned(), NAME_ANOTHER));
    }
    if data.len() > Policy::MAX_BYTES as u64 { Err(too_large(data.len())) } else { Ok(()) }
}

fn too_large(length: u64) -> (String, &'static str) {
    let message = format!("the file has {length} bytes; a policy has at most {}", Policy::MAX_BYTES);
    (message, "is it really a policy? shorten it, or merge rules with `|`")
}

fn seen(data: &Metadata) -> Seen {
    #[cfg(unix)]
    use std::os::unix::fs::MetadataExt as _;
    Seen {
        length: data.len(),
        is_file: data.is_file(),
        modified: data.modified().ok(),
        #[cfg(unix)]
        identity: (data.dev(), data.ino(), data.ctime(), data.ctime_nsec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headline(path: &Path) -> String {
        let error = PolicyFile::at(path).read().unwrap_err();
        error.headline().replace(&path.display().to_string(), "FILE")
    }

    #[test]
    fn what_is_no_ordinary_file_is_refused_before_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        assert_eq!(headline(folder.path()), "FILE: is a folder, not a file");
        assert_eq!(headline(&path("absent")), "FILE: there is no such file");
        assert_eq!(headline(&path("absent/below")), "FILE: there is no such file");
        assert_eq!(headline(Path::new("/dev/zero")), "FILE: is a pipe, a socket or a device, not a file");
        let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
        assert_eq!(headline(&path("socket")), "FILE: is a pipe, a socket or a device, not a file");
        // A pipe that nobody writes to: opening it would never end.
        let made = std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap();
        assert!(made.success());
        assert_eq!(headline(&path("pipe")), "FILE: is a pipe, a socket or a device, not a file");
        std::os::unix::fs::symlink(path("loop"), path("loop")).unwrap();
        assert!(headline(&path("loop")).starts_with("FILE: cannot be read: "));
    }

    #[test]
    fn a_gigabyte_is_refused_by_its_size() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large");
        // Sparse: it takes no room, and it would take long to read.
        File::create(&path).unwrap().set_len(1 << 30).unwrap();
        assert_eq!(headline(&path), "FILE: the file has 1073741824 bytes; a policy has at most 1048576");
        std::fs::write(&path, [b'#', 0xff, 0xfe]).unwrap();
        assert_eq!(headline(&path), "FILE: is not UTF-8 text");
    }

    #[test]
    fn another_look_means_another_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.yaml");
        let file = PolicyFile::at(&path);
        let absent = file.look();
        assert_eq!(absent, file.look());
        std::fs::write(&path, "version: 1\n").unwrap();
        let first = file.look();
        assert_ne!(absent, first);
        assert_eq!(first, file.look());
        assert_eq!(file.read().unwrap(), "version: 1\n");
        // The same length, put in its place as editors do it.
        std::fs::write(folder.path().join("new"), "version: 2\n").unwrap();
        std::fs::rename(folder.path().join("new"), &path).unwrap();
        assert_ne!(first, file.look());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(absent, file.look());
    }

    #[test]
    fn a_fixed_text_stays() {
        let file = PolicyFile::fixed("demo", "version: 1\n");
        assert_eq!((file.read().unwrap().as_str(), file.name().as_str()), ("version: 1\n", "demo"));
        assert_eq!(file.look(), file.look());
    }
}
