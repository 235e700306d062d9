//! The models as calls see them: one generation from the beginning of a call to its end, with what was prepared of it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::futures::Notified;

use super::handle::Observer;
use super::shared::{Shared, lock};
use crate::call::CallError;
use crate::catalog::Index;
use crate::catalog::search::Searcher;
use crate::models::{Home, ModelError, Refreshed, Store, status, sync::Step};
use crate::smithy::Model;

/// How often a running engine looks whether there is another generation of models: one look at one file.
const LOOK: Duration = Duration::from_secs(5);

/// One generation, and the search that was prepared of it.
#[derive(Debug)]
pub(super) struct Catalogue {
    store: Arc<Store>,
    searcher: OnceLock<Searcher>,
}

impl Catalogue {
    /// The index of all operations.
    pub(super) fn index(&self) -> Result<&Arc<Index>, CallError> {
        self.store.index().map_err(|error| no_model(&error))
    }

    /// A service's model, by its canonical name.
    pub(super) fn model(&self, service: &str) -> Result<Arc<Model>, CallError> {
        self.store.model(service).map_err(|error| no_model(&error))
    }

    pub(super) fn searcher(&self, index: &Index) -> &Searcher {
        self.searcher.get_or_init(|| Searcher::new(index))
    }
}

/// A model that cannot be read is our fault.
fn no_model(error: &ModelError) -> CallError {
    CallError::new("Internal", error.to_string())
}

impl Shared {
    /// The index of all operations in use.
    pub(super) fn index(&self) -> Result<Arc<Index>, CallError> {
        self.catalogue().index().cloned()
    }

    /// The models in use. Take them once for a call.
    pub(super) fn catalogue(&self) -> Arc<Catalogue> {
        let store = self.models.store();
        let mut known = lock(&self.catalogue);
        match &*known {
            Some(catalogue) if Arc::ptr_eq(&catalogue.store, &store) => Arc::clone(catalogue),
            _ => {
                let catalogue = Arc::new(Catalogue { store, searcher: OnceLock::new() });
                *known = Some(Arc::clone(&catalogue));
                catalogue
            }
        }
    }

    /// Takes over another generation of models, if there is one. Blocks for some milliseconds when there is.
    pub(super) fn refresh_models(&self) -> Refreshed {
        let refreshed = self.models.refresh();
        let generation = self.models.generation();
        if refreshed == Refreshed::Swapped {
            tracing::info!(generation, "another generation of models is in use");
        }
        let problem = self.models.problem();
        self.update_status(|status| {
            status.models_generation = generation;
            status.models_problem = problem.or_else(|| status.sync_problem.clone());
        });
        refreshed
    }

    /// Looks for other generations until the engine stops.
    pub(super) async fn follow_models(self: &Arc<Self>) {
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            if !self.models.is_stale() {
                continue;
            }
            let shared = Arc::clone(self);
            // An index is read: not on the run loop.
            if let Err(error) = tokio::task::spawn_blocking(move || shared.refresh_models()).await {
                tracing::warn!(%error, "the models could not be looked at");
            }
        }
    }
}

/// What a sync that runs beside the engine tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncNews {
    /// Where it stands.
    At(Step),
    /// It is over, and all is well; or the other side was not reached, which is no problem of anybody's.
    Over,
    /// It failed.
    Failed(String),
}

/// Who keeps the models fresh beside the engine: it tells how that gets on, and hears when it is wanted.
#[derive(Clone)]
pub struct ModelsKeeper {
    pub(super) shared: Arc<Shared>,
}

impl ModelsKeeper {
    /// Runs something beside the engine for as long as the engine runs.
    pub fn run(&self, work: impl Future<Output = ()> + Send + 'static) {
        let shared = Arc::clone(&self.shared);
        self.shared.tasks.spawn(async move {
            tokio::select! {
                () = shared.stop.cancelled() => {}
                () = work => {}
            }
        });
    }

    /// Notes how a sync gets on. When it is over, another generation is in use at once; blocks a little then.
    pub fn tell(&self, news: SyncNews) {
        let over = !matches!(news, SyncNews::At(_));
        self.shared.update_status(|status| match news {
            SyncNews::At(step) => status.sync = Some(step),
            SyncNews::Over => (status.sync, status.sync_problem) = (None, None),
            SyncNews::Failed(problem) => (status.sync, status.sync_problem) = (None, Some(problem)),
        });
        if over {
            self.refresh();
        }
    }

    /// Takes over another generation of models now, if there is one.
    pub fn refresh(&self) -> Refreshed {
        self.shared.refresh_models()
    }

    /// Ends when somebody at the console wants the models refreshed.
    pub fn wanted(&self) -> Notified<'_> {
        self.shared.sync_wanted.notified()
    }
}

impl Observer {
    /// Asks for a sync of the models now; its steps appear in the status. Without effect where none can be made (the
    /// demo).
    pub fn want_sync(&self) {
        self.shared.sync_wanted.notify_one();
    }

    /// What models are in use, part by part. Blocks while files are read: call it off the run loop.
    ///
    /// # Errors
    /// When the models cannot be read.
    pub fn models_status(&self, home: &Home) -> Result<status::Status, status::StatusError> {
        status::status(&self.shared.models, home)
    }
}
