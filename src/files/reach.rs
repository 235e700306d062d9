//! How far `$path` and `outputPath` reach: the roots, the rules over names, the largest file.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::root::Root;
use crate::policy;
use crate::uploads::{Guard, Place, Refusal};

/// The files of this machine, as seen from the folder the server was started in.
#[derive(Debug, Clone)]
pub struct Files {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    /// The start folder, held since the start; why it cannot be, if so.
    start: Result<Root, String>,
    /// What is never written: the policy, the ledger.
    protected: Vec<PathBuf>,
    /// Roots outside the start folder, held since they were first opened.
    held: Mutex<BTreeMap<PathBuf, Arc<Root>>>,
    /// What was last asked for: building the rules takes milliseconds.
    last: Mutex<Option<(policy::Files, Arc<Reach>)>>,
}

/// What a policy lets files reach.
#[derive(Debug)]
pub struct Reach {
    inner: Arc<Inner>,
    roots: Vec<String>,
    /// The rules over names.
    pub guard: Guard,
    /// The largest file, in bytes.
    pub max_bytes: u64,
}

/// A path beneath a root.
#[derive(Debug)]
pub(super) struct Beneath {
    pub(super) root: Arc<Root>,
    /// Names below the root, as the path has them.
    pub(super) names: Vec<String>,
}

impl Files {
    /// Files as seen from a folder; `protected` are files and folders that are never written.
    pub fn new(folder: &Path, protected: Vec<PathBuf>) -> Self {
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let start = Root::ambient(folder.clone()).map_err(|error| error.to_string());
        let inner = Inner { folder, start, protected, held: Mutex::default(), last: Mutex::default() };
        Self { inner: Arc::new(inner) }
    }

    /// What a policy lets them reach.
    pub fn reach(&self, files: &policy::Files) -> Arc<Reach> {
        let mut last = self.inner.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, reach)) = last.as_ref().filter(|(of, _)| of == files) {
            debug_assert_eq!(of, files);
            return Arc::clone(reach);
        }
        let reach = Arc::new(Reach {
            inner: Arc::clone(&self.inner),
            roots: files.roots.clone(),
            guard: Guard::new(&files.deny, &files.allow),
            max_bytes: files.max_bytes,
        });
        // Roots outside are held from now on, before anybody can swap them.
        for root in &files.roots {
            let _ = reach.root(root);
        }
        *last = Some((files.clone(), Arc::clone(&reach)));
        reach
    }
}

impl Reach {
    /// Where a path lies: all roots that it is beneath.
    pub(super) fn beneath(&self, place: &Place) -> Result<Vec<Beneath>, Refusal> {
        let names: PathBuf = place.names.iter().collect();
        let path = if place.absolute { Path::new("/").join(&names) } else { self.inner.folder.join(&names) };
        // The start folder may be known by another name.
        let start = self.inner.start.as_ref().map(|start| start.real.clone()).unwrap_or_default();
        let same = path.strip_prefix(&self.inner.folder).map(|below| start.join(below));
        let mut found = Vec::new();
        let mut problems = Vec::new();
        for text in &self.roots {
            let root = match self.root(text) {
                Ok(root) => root,
                Err(problem) => {
                    problems.push(format!("{text} ({problem})"));
                    continue;
                }
            };
            let below = path.strip_prefix(&root.path).or_else(|_| path.strip_prefix(&root.real));
            let same = same.as_ref().ok().and_then(|same| same.strip_prefix(&root.real).ok());
            if let Some(below) = below.ok().or(same) {
                let names = below.iter().map(|name| name.to_string_lossy().into_owned()).collect();
                found.push(Beneath { root, names });
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
        let roots = if self.roots.is_empty() { "none".to_owned() } else { self.roots.join(", ") };
        let unusable =
            if problems.is_empty() { String::new() } else { format!("; not usable: {}", problems.join(", ")) };
        Err(Refusal::new(
            &place.text,
            "files.roots",
            "it lies outside of the folders that files may come from and go to",
            format!(
                "files.roots in the policy lets in: {roots}{unusable}. Relative paths start at {}",
                self.inner.folder.display()
            ),
        ))
    }

    fn root(&self, text: &str) -> Result<Arc<Root>, String> {
        let start = self.inner.start.as_ref().map_err(Clone::clone)?;
        let path = tidy(&self.inner.folder.join(text));
        let told = |error: io::Error| error.to_string();
        // Below the start folder, where agents work, a link in a root's place leads nowhere else.
        if let Ok(below) = path.strip_prefix(&start.path) {
            return start.beneath(path.clone(), below).map(Arc::new).map_err(told);
        }
        let mut held = self.inner.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(root) = held.get(&path) {
            if root.is_still_there() {
                return Ok(Arc::clone(root));
            }
            return Err("another folder has taken its place; restart Countersign to accept it".to_owned());
        }
        let root = Arc::new(Root::ambient(path.clone()).map_err(told)?);
        held.insert(path, Arc::clone(&root));
        Ok(root)
    }

    /// The ways to write a path below a root: from the root, from the start folder, from the machine's root.
    pub(super) fn forms(&self, root: &Root, names: &[String]) -> Vec<String> {
        let below = names.join("/");
        let whole = root.real.join(names.iter().collect::<PathBuf>());
        let mut forms = vec![below];
        if let Ok(start) = &self.inner.start
            && let Ok(from_start) = whole.strip_prefix(&start.real)
        {
            forms.push(from_start.to_string_lossy().into_owned());
        }
        forms.push(whole.to_string_lossy().into_owned());
        forms
    }

    /// Whether an absolute path is, or lies in, what is never written.
    pub(super) fn is_protected(&self, path: &Path) -> bool {
        let plain = |path: &Path| path.to_string_lossy().to_lowercase();
        let path = PathBuf::from(plain(path));
        self.inner.protected.iter().any(|protected| {
            let real = std::fs::canonicalize(protected);
            let real = real.as_deref().map(plain);
            path.starts_with(plain(protected)) || real.is_ok_and(|real| path.starts_with(real))
        })
    }
}

/// A path without `.` and, by its text, without `..`: roots are named by humans.
fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(out.pop()),
            other => out.push(other),
        }
    }
    out
}
