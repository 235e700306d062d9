//! A root: a folder that is held open, so that whatever happens to the path that led there, it stays the same folder.

use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt as _};
use rustix::fs::OFlags;

/// A root, open.
#[derive(Debug)]
pub(super) struct Root {
    /// As the policy has it, absolute.
    pub(super) path: PathBuf,
    /// The same without links.
    pub(super) real: PathBuf,
    pub(super) dir: Dir,
    mount: Option<u64>,
}

impl Root {
    /// Opens a folder wherever it is: a human named it.
    pub(super) fn ambient(path: PathBuf) -> io::Result<Self> {
        let dir = Dir::open_ambient_dir(&path, ambient_authority())?;
        let real = std::fs::canonicalize(&path)?;
        Ok(Self::new(path, real, dir))
    }

    fn new(path: PathBuf, real: PathBuf, dir: Dir) -> Self {
        let mount = mount(&dir);
        Self { path, real, dir, mount }
    }

    /// A root beneath this one, which may not lead out of it.
    pub(super) fn beneath(&self, path: PathBuf, names: &Path) -> io::Result<Self> {
        if names.as_os_str().is_empty() {
            return Ok(Self::new(path, self.real.clone(), self.dir.try_clone()?));
        }
        let real = self.dir.canonicalize(names)?;
        let mut dir = self.dir.try_clone()?;
        for name in &real {
            dir = enter(&dir, Path::new(name))?;
        }
        Ok(Self::new(path, self.real.join(real), dir))
    }

    /// Whether its path still leads to this very folder.
    pub(super) fn is_still_there(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let now = std::fs::metadata(&self.path).map(|data| (data.dev(), data.ino()));
        let held = self.dir.dir_metadata().map(|data| {
            use cap_std::fs::MetadataExt as _;
            (data.dev(), data.ino())
        });
        matches!((now, held), (Ok(now), Ok(held)) if now == held)
    }

    /// Whether an open file lies on the same mount. Where the system does not tell, the path alone decides.
    pub(super) fn same_mount(&self, file: &impl rustix::fd::AsFd) -> bool {
        match (self.mount, mount(file)) {
            (Some(root), Some(found)) => root == found,
            _ => true,
        }
    }
}

/// A folder right below another one, never through a link.
pub(super) fn enter(dir: &Dir, name: &Path) -> io::Result<Dir> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(bits(OFlags::DIRECTORY | OFlags::NOFOLLOW));
    Ok(Dir::from_std_file(dir.open_with(name, &options)?.into_std()))
}

/// Flags as the standard library takes them.
pub(super) fn bits(flags: OFlags) -> i32 {
    i32::from_ne_bytes(flags.bits().to_ne_bytes())
}

#[cfg(target_os = "linux")]
fn mount(file: &impl rustix::fd::AsFd) -> Option<u64> {
    use rustix::fs::{AtFlags, StatxFlags, statx};
    let told = statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::MNT_ID).ok()?;
    (told.stx_mask & StatxFlags::MNT_ID.bits() != 0).then_some(told.stx_mnt_id)
}

#[cfg(not(target_os = "linux"))]
fn mount(file: &impl rustix::fd::AsFd) -> Option<u64> {
    rustix::fs::fstat(file).ok().and_then(|told| u64::try_from(told.st_dev).ok())
}
