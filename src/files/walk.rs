//! The files of a folder: listed without following a link, each looked at as if it were named alone. One that is refused
//! stops the whole, and the refusal says which to leave out.

use std::path::Path;
use std::sync::Arc;

use cap_std::fs::Dir;

use super::open::{Folder, Opened, Stamp, changed, io_refusal, open_file, other_mount, special, swapped};
use super::reach::Reach;
use super::root::enter;
use crate::uploads::ignored::Ignored;
use crate::uploads::{Pick, Refusal, Spec};

/// Files of one folder at most.
const MAX_FILES: usize = 100_000;
/// Folders in folders at most.
const MAX_DEPTH: usize = 128;
/// Refused files that a message names.
const TOLD: usize = 10;
/// Bytes of a `.gitignore` at most.
const MAX_IGNORE: u64 = 1 << 20;

/// A file of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Relative to the folder, with slashes (untrusted).
    pub path: String,
    /// What it was when it was listed.
    pub stamp: Stamp,
    /// Whether its owner may run it.
    pub executable: bool,
}

/// A walk in progress.
struct Walk<'w> {
    reach: &'w Reach,
    folder: &'w Folder,
    pick: Pick,
    ignored: Option<Ignored>,
    /// The folder's own path beneath the root, for `.gitignore` files above it.
    above: String,
    items: Vec<Item>,
    refused: Vec<(String, Refusal)>,
    total_refused: usize,
}

impl Reach {
    /// The files of a folder that are meant, sorted by path.
    ///
    /// # Errors
    /// When one of them is refused, none is meant, or there are too many.
    pub fn list(&self, folder: &Folder, spec: &Spec) -> Result<Vec<Item>, Refusal> {
        let above = folder.names.join("/");
        let ignored = spec.gitignore.then(|| self.ignored_above(folder));
        let pick = Pick::of(spec)?;
        let (items, refused) = (Vec::new(), Vec::new());
        let mut walk = Walk { reach: self, folder, pick, ignored, above, items, refused, total_refused: 0 };
        walk.enter(&folder.dir, "", 0)?;
        let Walk { mut items, refused, total_refused, .. } = walk;
        if total_refused > 0 {
            return Err(together(folder, &refused, total_refused));
        }
        if items.is_empty() {
            let cure = "give a folder with files in it, or widen include, exclude and recursive";
            return Err(Refusal::new(&folder.path, "path", "no file in it is meant", cure));
        }
        items.sort_unstable_by(|one, two| one.path.cmp(&two.path));
        Ok(items)
    }

    /// The `.gitignore` files from the root down to the folder, without its own.
    fn ignored_above(&self, folder: &Folder) -> Ignored {
        let mut ignored = Ignored::default();
        let Ok(mut dir) = folder.root.dir.try_clone() else { return ignored };
        let mut path = String::new();
        for name in &folder.names {
            if let Some(text) = read_ignore(folder, &dir) {
                ignored.push(&path, &text);
            }
            let Ok(next) = enter(&dir, Path::new(name)) else { return ignored };
            dir = next;
            path = join(&path, name);
        }
        ignored
    }
}

impl Walk<'_> {
    fn enter(&mut self, dir: &Dir, path: &str, depth: usize) -> Result<(), Refusal> {
        let folder = self.folder;
        if depth > MAX_DEPTH {
            let problem = format!("it has folders in folders, more than {MAX_DEPTH} deep");
            return Err(Refusal::new(&folder.path, "path", problem, "give a folder further down"));
        }
        let text = if self.ignored.is_some() { read_ignore(folder, dir) } else { None };
        let depth_before = self.ignored.as_ref().map_or(0, Ignored::depth);
        if let (Some(ignored), Some(text)) = (&mut self.ignored, text) {
            ignored.push(&join(&self.above, path), &text);
        }
        let entries = dir.entries().map_err(|error| io_refusal(&join(&folder.path, path), &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| io_refusal(&folder.path, &error))?;
            self.entry(dir, path, &entry.file_name(), depth)?;
        }
        if let Some(ignored) = &mut self.ignored {
            ignored.truncate(depth_before);
        }
        Ok(())
    }

    fn entry(&mut self, dir: &Dir, path: &str, name: &std::ffi::OsStr, depth: usize) -> Result<(), Refusal> {
        let lossy = name.to_string_lossy();
        let below = join(path, &lossy);
        let shown = join(&self.folder.path, &below);
        let data = match dir.symlink_metadata(name) {
            Ok(data) => data,
            // It went away while we looked.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(io_refusal(&shown, &error)),
        };
        let ignored = self.ignored.as_ref();
        if ignored.is_some_and(|ignored| ignored.ignores(&join(&self.above, &below), data.is_dir())) {
            return Ok(());
        }
        if data.is_dir() {
            if !self.pick.enters(&below) {
                return Ok(());
            }
            let inner = enter(dir, Path::new(name)).map_err(|error| swapped(&shown, &error))?;
            if !self.folder.root.same_mount(&inner) {
                self.refuse(below, other_mount(&shown));
                return Ok(());
            }
            return self.enter(&inner, &below, depth + 1);
        }
        if !self.pick.takes(&below) {
            return Ok(());
        }
        if name.to_str().is_none() {
            let cure = "rename it, or leave it out with exclude";
            self.refuse(below, Refusal::new(&shown, "path", "its name is not UTF-8", cure));
            return Ok(());
        }
        if self.items.len() >= MAX_FILES {
            let problem = format!("it has more than {MAX_FILES} files");
            return Err(Refusal::new(&self.folder.path, "path", problem, "give its folders one after the other"));
        }
        match self.look(dir, &below, &lossy, &shown, &data) {
            Ok(item) => self.items.push(item),
            Err(refusal) => self.refuse(below, refusal),
        }
        Ok(())
    }

    fn look(
        &self,
        dir: &Dir,
        below: &str,
        name: &str,
        shown: &str,
        data: &cap_std::fs::Metadata,
    ) -> Result<Item, Refusal> {
        let names: Vec<String> = self.folder.names.iter().cloned().chain(below.split('/').map(str::to_owned)).collect();
        let forms = self.reach.forms(&self.folder.root, &names);
        let forms: Vec<&str> = forms.iter().map(String::as_str).collect();
        if let Some(hit) = self.reach.guard.reading(&forms) {
            return Err(Refusal::ruled(shown, &hit));
        }
        if let Some(what) = special(data) {
            let cure = "leave it out with exclude, or put a copy in its place";
            return Err(Refusal::new(shown, "regular files only", format!("it is {what}"), cure));
        }
        let opened = open_file(&self.folder.root, dir, name, shown)?;
        self.reach.check_file(&opened, &names.join("/"))?;
        Ok(Item { path: below.to_owned(), stamp: opened.stamp, executable: opened.executable })
    }

    fn refuse(&mut self, below: String, refusal: Refusal) {
        self.total_refused += 1;
        if self.refused.len() < TOLD {
            self.refused.push((below, refusal));
        }
    }
}

impl Folder {
    /// Opens a file of the folder again, as it was listed.
    ///
    /// # Errors
    /// When it is not the same any more.
    pub fn open(&self, item: &Item) -> Result<Opened, Refusal> {
        let shown = join(&self.path, &item.path);
        let mut dir: Arc<Dir> = Arc::clone(&self.dir);
        let mut names = item.path.split('/').peekable();
        while let Some(name) = names.next() {
            if names.peek().is_some() {
                dir = Arc::new(enter(&dir, Path::new(name)).map_err(|error| swapped(&shown, &error))?);
                continue;
            }
            let opened = open_file(&self.root, &dir, name, &shown)?;
            return if opened.stamp == item.stamp { Ok(opened) } else { Err(changed(&shown)) };
        }
        Err(changed(&shown))
    }
}

/// One refusal for all that are refused.
fn together(folder: &Folder, refused: &[(String, Refusal)], total: usize) -> Refusal {
    let Some((_, first)) = refused.first() else { return changed(&folder.path) };
    let mut told: Vec<String> =
        refused.iter().map(|(below, refusal)| format!("{below} ({}: {})", refusal.rule, refusal.problem)).collect();
    if total > refused.len() {
        told.push(format!("and {} more", total - refused.len()));
    }
    let names: Vec<String> = refused.iter().map(|(below, _)| format!("{below:?}")).collect();
    let problem = format!("{total} of its files are refused: {}", told.join("; "));
    let cure = format!("leave them out, as in \"exclude\": [{}]; else: {}", names.join(", "), first.cure);
    Refusal::new(&folder.path, &first.rule, problem, cure)
}

fn read_ignore(folder: &Folder, dir: &Dir) -> Option<String> {
    let opened = open_file(&folder.root, dir, ".gitignore", ".gitignore").ok()?;
    if opened.stamp.len > MAX_IGNORE {
        return None;
    }
    opened.read(MAX_IGNORE).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Two paths, one below the other.
fn join(path: &str, name: &str) -> String {
    if name.is_empty() {
        return path.to_owned();
    }
    if path.is_empty() || path.ends_with('/') { format!("{path}{name}") } else { format!("{path}/{name}") }
}
