//! Files beneath roots: the table of escapes, races, and what is saved.

mod archive;
mod escapes;
mod race;
mod save;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::{Files, Found, Reach};
use crate::policy;
use crate::uploads::{Place, Refusal};

/// A folder to work in, and one outside of it that nobody may see.
struct World {
    home: TempDir,
}

impl World {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let world = Self { home };
        for folder in ["work/a/b", "outside", "real", "work/.git"] {
            fs::create_dir_all(world.path(folder)).unwrap();
        }
        for (file, text) in [
            ("work/a.txt", "a"),
            ("work/a/b/c.txt", "c"),
            ("work/.env", "SECRET=1"),
            ("work/.git/config", "[core]"),
            ("work/empty", ""),
            ("outside/secret.txt", "outside"),
            ("real/data.csv", "1,2"),
        ] {
            fs::write(world.path(file), text).unwrap();
        }
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn link(&self, target: impl AsRef<Path>, name: &str) {
        symlink(target, self.path(name)).unwrap();
    }

    fn reach(&self, change: impl FnOnce(&mut policy::Files)) -> Arc<Reach> {
        let mut files =
            policy::Files { deny: vec!["**/.git/**".into()], max_bytes: 1 << 30, ..policy::Files::default() };
        change(&mut files);
        Files::new(&self.path("work"), vec![self.path("work/policy.yaml"), self.path("work/state")]).reach(&files)
    }
}

/// The content of what a path names, or the rule that refuses it.
fn read(reach: &Reach, path: &str) -> Result<String, Refusal> {
    match reach.open(&Place::read(path)?)? {
        Found::File(opened) => Ok(String::from_utf8(opened.read(1 << 20)?).unwrap()),
        Found::Folder(folder) => Ok(format!("folder {}", folder.path)),
    }
}
