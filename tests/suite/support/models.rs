//! The embedded models, read once for all tests.

use std::sync::{Arc, LazyLock};

use countersign::base::Entropy;
use countersign::endpoint::Partitions;
use countersign::models::Store;
use countersign::smithy::Model;

static STORE: LazyLock<Store> = LazyLock::new(Store::embedded);
static PARTITIONS: LazyLock<Arc<Partitions>> = LazyLock::new(|| {
    let partitions = STORE.partitions().expect("the snapshot has partitions");
    Arc::new(Partitions::parse(&partitions).expect("partitions of the snapshot are well formed"))
});

/// The store.
pub(crate) fn store() -> &'static Store {
    &STORE
}

/// The model of a service.
pub(crate) fn model(service: &str) -> Arc<Model> {
    STORE.model(service).expect("the snapshot has this service")
}

/// The partitions.
pub(crate) fn partitions() -> Arc<Partitions> {
    Arc::clone(&PARTITIONS)
}

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// Randomness that is always zero.
pub(crate) fn entropy() -> Arc<dyn Entropy> {
    Arc::new(Zeros)
}
