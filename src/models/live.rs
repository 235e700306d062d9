//! The models in use by a running engine: the current generation, or the snapshot alone. Another generation is taken
//! over without a restart, once it has proved to be whole; whoever still holds the one before keeps it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::SystemTime,
};

use super::{
    ModelError, Store,
    home::{Current, Home},
};

/// What [`Models::refresh`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// Nothing new.
    Same,
    /// Another generation is in use now.
    Swapped,
}

/// The models in use.
#[derive(Debug)]
pub struct Models {
    home: Option<Home>,
    store: RwLock<Arc<Store>>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// The state of the folder that was looked at last.
    stamp: Option<(SystemTime, u64)>,
    /// The generation in use; none is the snapshot alone.
    generation: Option<String>,
    problem: Option<String>,
}

impl Models {
    /// The snapshot alone, for good.
    pub fn embedded() -> Self {
        Self::with(None)
    }

    /// The current generation of a home, or the snapshot where there is none that can be used: [`Models::problem`] then
    /// says why.
    ///
    /// # Errors
    /// When even the snapshot cannot be used.
    pub fn open(home: Home) -> Result<Self, ModelError> {
        let models = Self::with(Some(home));
        models.refresh();
        if models.generation().is_none() {
            models.store().index()?;
        }
        Ok(models)
    }

    fn with(home: Option<Home>) -> Self {
        Self { home, store: RwLock::new(Arc::new(Store::embedded())), seen: Mutex::default() }
    }

    /// The store in use at this moment. Hold it for the length of a call, so that a call sees one generation.
    pub fn store(&self) -> Arc<Store> {
        Arc::clone(&self.store.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The name of the generation in use; none is the snapshot alone.
    pub fn generation(&self) -> Option<String> {
        self.seen().generation.clone()
    }

    /// Why the current generation of the home is not the one in use, if so.
    pub fn problem(&self) -> Option<String> {
        self.seen().problem.clone()
    }

    /// Whether the home's models are others than those looked at last: one look at one file.
    pub fn is_stale(&self) -> bool {
        self.home.as_ref().is_some_and(|home| home.stamp() != self.seen().stamp)
    }

    /// Takes over another generation if there is one. One look at a file when there is not; else it blocks while the
    /// index is read, some milliseconds.
    pub fn refresh(&self) -> Refreshed {
        let Some(home) = &self.home else { return Refreshed::Same };
        let stamp = home.stamp();
        let mut seen = self.seen();
        if seen.stamp == stamp {
            return Refreshed::Same;
        }
        seen.stamp = stamp;
        match load(home) {
            Ok(Some((current, _))) if seen.generation.as_ref() == Some(&current.generation) => {
                seen.problem = None;
                Refreshed::Same
            }
            Ok(Some((current, store))) => {
                seen.generation = Some(current.generation);
                seen.problem = None;
                *self.store.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(store);
                Refreshed::Swapped
            }
            // Gone: what is in use stays in use until the end of the process.
            Ok(None) => Refreshed::Same,
            Err(problem) => {
                seen.problem = Some(problem);
                Refreshed::Same
            }
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The current generation with its index read, or why it cannot be used.
fn load(home: &Home) -> Result<Option<(Current, Store)>, String> {
    let Some(current) = home.current().map_err(|error| error.to_string())? else { return Ok(None) };
    if !current.fits() {
        return Err(format!(
            "the models of {} were made for another version of Countersign and are not used; `countersign models sync` \
             makes them anew",
            current.generation
        ));
    }
    let store = Store::generation(home.generation(&current.generation));
    store.index().map_err(|error| error.to_string())?;
    Ok(Some((current, store)))
}
