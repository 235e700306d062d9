//! Saving what comes down: beneath a root, first under a name of its own, put in place whole or not at all.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt as _};
use rustix::fs::OFlags;

use super::open::{io_refusal, other_mount, swapped};
use super::reach::{Beneath, Reach};
use super::root::{Root, bits, enter};
use crate::uploads::{Place, Refusal};

/// Where a result is to be saved; nothing is there yet.
#[derive(Debug, Clone)]
pub struct Target {
    /// As the options have it (untrusted).
    pub path: String,
    root: Arc<Root>,
    /// Folders below the root, without links as far as they exist.
    folders: Vec<String>,
    name: String,
    overwrite: bool,
}

/// A file in the making; without [`Draft::finish`] nothing stays of it.
#[derive(Debug)]
pub struct Draft {
    target: Target,
    dir: Dir,
    temporary: Option<String>,
}

/// What was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// As the options have it (untrusted).
    pub path: String,
}

impl Reach {
    /// Looks whether a result can be saved under a path.
    ///
    /// # Errors
    /// Why it is refused: outside of the roots, a secret or hidden name, something is there already.
    pub fn target(&self, place: &Place, overwrite: bool) -> Result<Target, Refusal> {
        if place.folder {
            let cure = "name the file that the result is to be saved as";
            return Err(Refusal::new(&place.text, "path", "it names a folder", cure));
        }
        let mut first = None;
        for beneath in self.beneath(place)? {
            match self.target_beneath(place, beneath, overwrite) {
                Ok(target) => return Ok(target),
                Err(refusal) => drop(first.get_or_insert(refusal)),
            }
        }
        Err(first
            .unwrap_or_else(|| Refusal::new(&place.text, "files.roots", "it lies in no root", "give another path")))
    }

    fn target_beneath(&self, place: &Place, beneath: Beneath, overwrite: bool) -> Result<Target, Refusal> {
        let Beneath { root, names } = beneath;
        let path = &place.text;
        let Some((name, folders)) = names.split_last() else {
            return Err(Refusal::new(path, "path", "it names a folder", "name the file to save to"));
        };
        self.check_written(path, &root, &names)?;
        // Links are followed as far as there are folders; what is missing is made.
        let mut there = folders.len();
        let real = loop {
            let Some(some) = folders.get(..there).filter(|some| !some.is_empty()) else { break PathBuf::new() };
            match root.dir.canonicalize(some.iter().collect::<PathBuf>()) {
                Ok(real) => break real,
                Err(error) if error.kind() == io::ErrorKind::NotFound => there -= 1,
                Err(error) => return Err(io_refusal(path, &error)),
            }
        };
        if !real.as_os_str().is_empty() && !root.dir.metadata(&real).is_ok_and(|data| data.is_dir()) {
            return Err(Refusal::new(path, "path", "a part of the path is not a folder", "check the path"));
        }
        let missing = folders.get(there..).unwrap_or_default();
        let folders: Vec<String> =
            real.iter().map(|name| name.to_string_lossy().into_owned()).chain(missing.iter().cloned()).collect();
        let whole: Vec<String> = folders.iter().cloned().chain([name.clone()]).collect();
        self.check_written(path, &root, &whole)?;
        let target = Target { path: path.clone(), root, folders, name: name.clone(), overwrite };
        if missing.is_empty() {
            target.check_free(&target.open_folder(false)?)?;
        }
        Ok(target)
    }

    fn check_written(&self, path: &str, root: &Root, names: &[String]) -> Result<(), Refusal> {
        let forms = self.forms(root, names);
        let forms: Vec<&str> = forms.iter().map(String::as_str).collect();
        if let Some(hit) = self.guard.writing(&forms) {
            return Err(Refusal::ruled(path, &hit));
        }
        if self.is_protected(&root.real.join(names.iter().collect::<PathBuf>())) {
            let cure = "choose another name: what Countersign itself reads is only changed by a human";
            return Err(Refusal::new(path, "protected", "it belongs to Countersign", cure));
        }
        Ok(())
    }
}

impl Target {
    fn open_folder(&self, make: bool) -> Result<Dir, Refusal> {
        let wrong = |error: io::Error| swapped(&self.path, &error);
        let mut dir = self.root.dir.try_clone().map_err(wrong)?;
        for name in &self.folders {
            dir = match enter(&dir, Path::new(name)) {
                Err(error) if make && error.kind() == io::ErrorKind::NotFound => {
                    match dir.create_dir(name) {
                        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                            return Err(unwritable(&self.path, &error));
                        }
                        _ => {}
                    }
                    enter(&dir, Path::new(name)).map_err(wrong)?
                }
                other => other.map_err(wrong)?,
            };
        }
        if !self.root.same_mount(&dir) {
            return Err(other_mount(&self.path));
        }
        Ok(dir)
    }

    fn check_free(&self, dir: &Dir) -> Result<(), Refusal> {
        let refuse = |rule: &str, problem: &str, cure: &str| Err(Refusal::new(&self.path, rule, problem, cure));
        match dir.symlink_metadata(&self.name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(io_refusal(&self.path, &error)),
            Ok(data) if data.is_dir() => refuse("path", "it is a folder", "name the file to save to"),
            Ok(data) if !data.is_file() => {
                refuse("regular files only", "something else than a regular file is there", "choose another name")
            }
            Ok(_) if !self.overwrite => {
                refuse("exists", "there is a file already", "choose another name, or set options.overwrite to true")
            }
            Ok(_) => Ok(()),
        }
    }

    /// Begins a file under a name of its own beside the target; `random` makes that name.
    ///
    /// # Errors
    /// As [`Reach::target`], and when nothing can be written there.
    pub fn begin(&self, random: [u8; 8]) -> Result<(Draft, File), Refusal> {
        let dir = self.open_folder(true)?;
        self.check_free(&dir)?;
        let temporary = format!(".countersign-{}.part", hex::encode(random));
        let mut options = OpenOptions::new();
        options.write(true).read(true).create_new(true).mode(0o666).custom_flags(bits(OFlags::NOFOLLOW));
        let file = dir.open_with(&temporary, &options).map_err(|error| unwritable(&self.path, &error))?.into_std();
        Ok((Draft { target: self.clone(), dir, temporary: Some(temporary) }, file))
    }
}

impl Draft {
    /// Puts the file in its place; `file` is what [`Target::begin`] gave, written and flushed.
    ///
    /// # Errors
    /// When it cannot be put there, or something has come there meanwhile.
    pub fn finish(mut self, file: &File) -> Result<Saved, Refusal> {
        let Some(temporary) = self.temporary.clone() else {
            return Err(unwritable(&self.target.path, &io::Error::other("it was put in place already")));
        };
        file.sync_data().map_err(|error| unwritable(&self.target.path, &error))?;
        if self.target.overwrite {
            self.target.check_free(&self.dir)?;
            let put = self.dir.rename(&temporary, &self.dir, &self.target.name);
            put.map_err(|error| unwritable(&self.target.path, &error))?;
        } else {
            self.put_new(&temporary)?;
        }
        self.temporary = None;
        Ok(Saved { path: self.target.path.clone() })
    }

    /// In place, but only where nothing is: a second name fails where there is one already.
    fn put_new(&self, temporary: &str) -> Result<(), Refusal> {
        match self.dir.hard_link(temporary, &self.dir, &self.target.name) {
            Ok(()) => self.dir.remove_file(temporary).map_err(|error| unwritable(&self.target.path, &error)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.target.check_free(&self.dir),
            // Some file systems have no second names.
            Err(_) => {
                self.target.check_free(&self.dir)?;
                let put = self.dir.rename(temporary, &self.dir, &self.target.name);
                put.map_err(|error| unwritable(&self.target.path, &error))
            }
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            // It may be gone already, with its folder; nothing more can be done about it.
            let _ = self.dir.remove_file(temporary);
        }
    }
}

fn unwritable(path: &str, error: &io::Error) -> Refusal {
    let problem = format!("it cannot be written: {error}");
    Refusal::new(path, "path", problem, "give a place where the server's user may write and there is room")
}
