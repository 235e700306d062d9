//! Models that are loaded: each at most once, the ones used least recently let go when they take too much room.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use super::ModelError;
use crate::smithy::Model;

/// Most models kept.
const MOST: usize = 24;

/// Most bytes of JSON that the models kept were made from. A model in memory takes about seven times that.
const MOST_BYTES: usize = 4 << 20;

type Loaded = OnceLock<Result<Arc<Model>, ModelError>>;

#[derive(Debug)]
struct Slot {
    loaded: Arc<Loaded>,
    bytes: usize,
    used: u64,
}

/// The models in memory.
#[derive(Debug, Default)]
pub(super) struct Cache {
    slots: Mutex<Slots>,
}

#[derive(Debug, Default)]
struct Slots {
    by_name: HashMap<String, Slot>,
    clock: u64,
}

impl Cache {
    /// The model of that name, loaded now if it is not yet. Callers that come meanwhile wait for the same load.
    ///
    /// A failure is not kept: the next caller tries again.
    pub(super) fn get(
        &self,
        name: &str,
        bytes: usize,
        load: impl FnOnce() -> Result<Model, ModelError>,
    ) -> Result<Arc<Model>, ModelError> {
        let loaded = self.slot(name, bytes);
        let result = loaded.get_or_init(|| load().map(Arc::new)).clone();
        if result.is_err() {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            if slots.by_name.get(name).is_some_and(|slot| Arc::ptr_eq(&slot.loaded, &loaded)) {
                slots.by_name.remove(name);
            }
        }
        result
    }

    fn slot(&self, name: &str, bytes: usize) -> Arc<Loaded> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.clock += 1;
        let used = slots.clock;
        if let Some(slot) = slots.by_name.get_mut(name) {
            slot.used = used;
            return Arc::clone(&slot.loaded);
        }
        let loaded = Arc::default();
        slots.by_name.insert(name.to_owned(), Slot { loaded: Arc::clone(&loaded), bytes, used });
        slots.shrink(name);
        loaded
    }

    #[cfg(test)]
    pub(super) fn names(&self) -> Vec<String> {
        let slots = self.slots.lock().unwrap();
        let mut names: Vec<String> = slots.by_name.keys().cloned().collect();
        names.sort();
        names
    }
}

impl Slots {
    /// Lets go of what was used least recently, never of `newest`. Who still holds a model keeps it.
    fn shrink(&mut self, newest: &str) {
        while self.by_name.len() > MOST || self.by_name.values().map(|slot| slot.bytes).sum::<usize>() > MOST_BYTES {
            let others = self.by_name.iter().filter(|(name, _)| *name != newest);
            let Some(oldest) = others.min_by_key(|(_, slot)| slot.used).map(|(name, _)| name.clone()) else { return };
            self.by_name.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn model(name: &str) -> Model {
        let mut model = Model::default();
        model.service.name = name.to_owned();
        model
    }

    #[test]
    fn lets_the_least_recently_used_go() {
        let cache = Cache::default();
        for at in 0..MOST {
            cache.get(&format!("s{at:02}"), 1, || Ok(model("m"))).unwrap();
        }
        cache.get("s00", 1, || panic!("it is loaded")).unwrap();
        cache.get("new", 1, || Ok(model("m"))).unwrap();
        let mut expected: Vec<String> = (0..MOST).filter(|at| *at != 1).map(|at| format!("s{at:02}")).collect();
        expected.insert(0, "new".to_owned());
        assert_eq!(cache.names(), expected);
        cache.get("huge", MOST_BYTES + 1, || Ok(model("m"))).unwrap();
        assert_eq!(cache.names(), ["huge"], "one model is always kept");
    }

    #[test]
    fn loads_once_for_all_who_wait() {
        let cache = Cache::default();
        let loads = AtomicUsize::new(0);
        let barrier = std::sync::Barrier::new(8);
        let models: Vec<Arc<Model>> = std::thread::scope(|scope| {
            let callers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        barrier.wait();
                        let load = || {
                            loads.fetch_add(1, Ordering::SeqCst);
                            Ok(model("s3"))
                        };
                        cache.get("s3", 1, load).unwrap()
                    })
                })
                .collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).collect()
        });
        assert_eq!(loads.load(Ordering::SeqCst), 1);
        assert!(models.iter().all(|model| Arc::ptr_eq(model, &models[0])));
    }

    #[test]
    fn keeps_no_failure() {
        let cache = Cache::default();
        let failure = ModelError::Missing { service: "s3".to_owned() };
        assert_eq!(cache.get("s3", 1, || Err(failure.clone())).unwrap_err(), failure);
        assert_eq!(cache.get("s3", 1, || Ok(model("s3"))).unwrap().service.name, "s3");
    }
}
