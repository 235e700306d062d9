//! Opening what a path names: once, without following a link that leads out, and never through a link that was put there
//! since. What is open is what was checked.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::fs::{Dir, MetadataExt as _, OpenOptions, OpenOptionsExt as _};
use rustix::fs::OFlags;

use super::reach::{Beneath, Reach};
use super::root::{Root, bits, enter};
use crate::uploads::{Guard, Place, Refusal};

/// Bytes at a file's beginning that are looked at for a private key.
const BEGINNING: usize = 256;

/// What tells whether a file is still the one that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    dev: u64,
    ino: u64,
    /// Bytes.
    pub len: u64,
    changed: (i64, i64),
    modified: (i64, i64),
}

/// A regular file, open for reading.
#[derive(Debug, Clone)]
pub struct Opened {
    /// As the payload has it (untrusted).
    pub path: String,
    /// The file.
    pub file: Arc<File>,
    /// What it was when it was opened.
    pub stamp: Stamp,
    /// Whether its owner may run it.
    pub executable: bool,
}

/// A folder, open.
#[derive(Debug, Clone)]
pub struct Folder {
    /// As the payload has it (untrusted).
    pub path: String,
    pub(super) root: Arc<Root>,
    pub(super) dir: Arc<Dir>,
    /// Names below the root.
    pub(super) names: Vec<String>,
}

/// What a path names.
#[derive(Debug, Clone)]
pub enum Found {
    /// A file.
    File(Opened),
    /// A folder.
    Folder(Folder),
}

impl Opened {
    /// Whether the file is as it was when it was opened.
    pub fn is_unchanged(&self) -> bool {
        Stamp::of(&self.file).is_ok_and(|now| now == self.stamp)
    }
}

impl Stamp {
    /// Of an open file.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn of(file: &File) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let data = file.metadata()?;
        Ok(Self {
            dev: data.dev(),
            ino: data.ino(),
            len: data.len(),
            changed: (data.ctime(), data.ctime_nsec()),
            modified: (data.mtime(), data.mtime_nsec()),
        })
    }
}

impl Reach {
    /// Opens what a path names.
    ///
    /// # Errors
    /// Why it is refused: outside of the roots, a secret, not a regular file, a hard link, too large, unreadable.
    pub fn open(&self, place: &Place) -> Result<Found, Refusal> {
        let mut first = None;
        for beneath in self.beneath(place)? {
            match self.open_beneath(place, &beneath) {
                Ok(found) => return Ok(found),
                Err(refusal) => drop(first.get_or_insert(refusal)),
            }
        }
        Err(first
            .unwrap_or_else(|| Refusal::new(&place.text, "files.roots", "it lies in no root", "give another path")))
    }

    fn open_beneath(&self, place: &Place, beneath: &Beneath) -> Result<Found, Refusal> {
        let Beneath { root, names } = beneath;
        self.check_names(place, root, names)?;
        let wrong = |error: &io::Error| io_refusal(&place.text, error);
        let real = match names.as_slice() {
            [] => Vec::new(),
            names => {
                let asked: PathBuf = names.iter().collect();
                let real = root.dir.canonicalize(asked).map_err(|error| wrong(&error))?;
                texts(&place.text, &real)?
            }
        };
        // A link's target counts like the link.
        self.check_names(place, root, &real)?;
        let Some((last, folders)) = real.split_last() else {
            let dir = root.dir.try_clone().map_err(|error| wrong(&error))?;
            return Ok(Found::Folder(self.folder(place, root, dir, real)));
        };
        let mut dir = root.dir.try_clone().map_err(|error| wrong(&error))?;
        for name in folders {
            dir = enter(&dir, Path::new(name)).map_err(|error| swapped(&place.text, &error))?;
        }
        let kind = dir.symlink_metadata(last).map_err(|error| wrong(&error))?;
        if kind.is_dir() {
            let dir = enter(&dir, Path::new(last)).map_err(|error| swapped(&place.text, &error))?;
            if !root.same_mount(&dir) {
                return Err(other_mount(&place.text));
            }
            return Ok(Found::Folder(self.folder(place, root, dir, real)));
        }
        let opened = open_file(root, &dir, last, &place.text)?;
        self.check_file(&opened, &real.join("/"))?;
        Ok(Found::File(opened))
    }

    fn folder(&self, place: &Place, root: &Arc<Root>, dir: Dir, names: Vec<String>) -> Folder {
        Folder { path: place.text.clone(), root: Arc::clone(root), dir: Arc::new(dir), names }
    }

    /// Size and beginning of an open file; `form` is its path below the root.
    pub(super) fn check_file(&self, opened: &Opened, form: &str) -> Result<(), Refusal> {
        if opened.stamp.len > self.max_bytes {
            return Err(Refusal::new(
                &opened.path,
                "files.max_bytes",
                format!("it has {} bytes, more than {}", opened.stamp.len, self.max_bytes),
                "a human raises files.max_bytes in the policy",
            ));
        }
        let mut beginning = [0; BEGINNING];
        let read = opened.file.read_at(&mut beginning, 0).map_err(|error| io_refusal(&opened.path, &error))?;
        match self.guard.content(form, beginning.get(..read).unwrap_or_default()) {
            Some(hit) => Err(Refusal::ruled(&opened.path, &hit)),
            None => Ok(()),
        }
    }

    fn check_names(&self, place: &Place, root: &Root, names: &[String]) -> Result<(), Refusal> {
        let forms = self.forms(root, names);
        let forms: Vec<&str> = forms.iter().map(String::as_str).collect();
        if let Some(hit) = self.guard.reading(&forms) {
            return Err(Refusal::ruled(&place.text, &hit));
        }
        let is_kernels = |path: &Path| {
            let names: Vec<String> = path.iter().skip(1).map(|name| name.to_string_lossy().into_owned()).collect();
            Guard::kernel(&names)
        };
        let whole = root.real.join(names.iter().collect::<PathBuf>());
        if is_kernels(&whole) && !is_kernels(&root.real) {
            return Err(Refusal::new(
                &place.text,
                "regular files only",
                "it is one of the kernel's own files",
                "give a file that lies on a disk",
            ));
        }
        Ok(())
    }
}

/// Opens a regular file right below a folder.
pub(super) fn open_file(root: &Root, dir: &Dir, name: &str, path: &str) -> Result<Opened, Refusal> {
    let regular = |what: &str| {
        Refusal::new(
            path,
            "regular files only",
            format!("it is {what}"),
            "give a regular file, or a copy of its content",
        )
    };
    // Looked at before it is opened: opening a device may already do something.
    let kind = dir.symlink_metadata(name).map_err(|error| io_refusal(path, &error))?;
    if let Some(what) = special(&kind) {
        return Err(regular(what));
    }
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(bits(OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY));
    let file = dir.open_with(name, &options).map_err(|error| swapped(path, &error))?;
    let data = file.metadata().map_err(|error| io_refusal(path, &error))?;
    if let Some(what) = special(&data) {
        return Err(regular(what));
    }
    if data.nlink() > 1 {
        return Err(Refusal::new(
            path,
            "hard links are refused",
            format!("it has {} names: the others may lie anywhere", data.nlink()),
            "copy it, and give the copy",
        ));
    }
    if !root.same_mount(&file) {
        return Err(other_mount(path));
    }
    let executable = data.mode() & 0o100 != 0;
    let file = file.into_std();
    let stamp = Stamp::of(&file).map_err(|error| io_refusal(path, &error))?;
    Ok(Opened { path: path.to_owned(), file: Arc::new(file), stamp, executable })
}

/// What it is, if it is no regular file.
pub(super) fn special(data: &cap_std::fs::Metadata) -> Option<&'static str> {
    let kind = data.file_type();
    if kind.is_file() {
        return None;
    }
    if kind.is_dir() {
        return Some("a folder");
    }
    if kind.is_symlink() {
        return Some("a symbolic link");
    }
    // S_IFMT: the system has no portable name for the rest.
    Some(match data.mode() & 0o170_000 {
        0o010_000 => "a named pipe",
        0o020_000 => "a character device",
        0o060_000 => "a block device",
        0o140_000 => "a socket",
        _ => "no regular file",
    })
}

pub(super) fn other_mount(path: &str) -> Refusal {
    Refusal::new(
        path,
        "files.roots",
        "another file system is mounted there",
        "a human adds the place where it is mounted to files.roots in the policy",
    )
}

/// Names as text: what a payload can name, and a key can be made of.
fn texts(path: &str, names: &Path) -> Result<Vec<String>, Refusal> {
    let text = |name: &std::ffi::OsStr| name.to_str().map(str::to_owned);
    names.iter().map(text).collect::<Option<_>>().ok_or_else(|| {
        Refusal::new(path, "path", "it leads to a name that is not UTF-8", "rename the file, or give a copy of it")
    })
}

/// A link where there was none a moment ago.
pub(super) fn swapped(path: &str, error: &io::Error) -> Refusal {
    if is_loop(error) || error.kind() == io::ErrorKind::NotADirectory {
        let cure = "call again when nothing else changes it";
        return Refusal::new(path, "changed", "it was replaced while it was opened", cure);
    }
    io_refusal(path, error)
}

/// An error of the system, in our words.
pub(super) fn io_refusal(path: &str, error: &io::Error) -> Refusal {
    use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound, PermissionDenied};
    let refuse = |rule: &str, problem: &str, cure: &str| Refusal::new(path, rule, problem, cure);
    match error.kind() {
        _ if is_loop(error) => refuse("path", "its links go round in circles", "give the file itself"),
        NotFound => {
            refuse("path", "there is no such file", "check the path; relative ones start where the server was started")
        }
        // An error of the kernel has a number; without one it is the refusal to leave the root.
        PermissionDenied if error.raw_os_error().is_none() => refuse(
            "files.roots",
            "a link on the way leads out of the root",
            "give the path it leads to, if that lies beneath one of files.roots",
        ),
        PermissionDenied => {
            refuse("path", "it cannot be read: permission denied", "give the server's user the right to read it")
        }
        NotADirectory => refuse("path", "a part of the path is not a folder", "check the path"),
        InvalidFilename => refuse("path", "a name is longer than the file system takes", "check the path"),
        _ => refuse("path", &format!("it cannot be read: {error}"), "check the file"),
    }
}

/// Too many links, or one where none is followed: the standard library has no stable name for it.
fn is_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

impl Opened {
    /// The whole content, at most `limit` bytes.
    ///
    /// # Errors
    /// When it cannot be read, or is not as long as it was.
    pub fn read(&self, limit: u64) -> Result<Vec<u8>, Refusal> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.stamp.len.min(limit)).unwrap_or(0));
        let mut reader = FileAt { file: &self.file, at: 0 }.take(limit.saturating_add(1));
        reader.read_to_end(&mut bytes).map_err(|error| io_refusal(&self.path, &error))?;
        if bytes.len() as u64 != self.stamp.len || !self.is_unchanged() {
            return Err(changed(&self.path));
        }
        Ok(bytes)
    }
}

/// The refusal of a file that is not what it was.
pub fn changed(path: &str) -> Refusal {
    Refusal::new(path, "changed", "it changed since it was looked at", "call again when nothing else changes it")
}

/// A reader with a position of its own.
struct FileAt<'f> {
    file: &'f File,
    at: u64,
}

impl io::Read for FileAt<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
