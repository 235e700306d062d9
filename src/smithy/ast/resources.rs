//! The operations of a service: its own, and those of its resources with what they do to them.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Reader, UNIT,
    document::{Raw, target, targets},
    local,
};
use crate::smithy::{
    Lifecycle,
    read::{Problem, Under},
};

/// The resource an operation belongs to, and what it does to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Place {
    pub(super) resource: Option<String>,
    pub(super) lifecycle: Option<Lifecycle>,
}

const LIFECYCLES: [(&str, Lifecycle); 6] = [
    ("create", Lifecycle::Create),
    ("put", Lifecycle::Put),
    ("read", Lifecycle::Read),
    ("update", Lifecycle::Update),
    ("delete", Lifecycle::Delete),
    ("list", Lifecycle::List),
];

impl Reader<'_> {
    /// Ids of all operations beneath a service, each with its place.
    pub(super) fn operations_of(&self, service: &Raw) -> Result<BTreeMap<String, Place>, Problem> {
        let mut found = BTreeMap::new();
        for id in targets(&service.rest, "operations")? {
            found.insert(id, Place::default());
        }
        let mut seen = BTreeSet::new();
        let mut waiting = targets(&service.rest, "resources")?;
        while let Some(id) = waiting.pop() {
            if !seen.insert(id.clone()) {
                continue;
            }
            let Some(resource) = self.document.get(&id) else {
                return Err(Problem::new(format!("the resource {id} is not there")));
            };
            self.operations_of_resource(&id, resource, &mut found).under(&id).under("shapes")?;
            waiting.extend(targets(&resource.rest, "resources").under(&id).under("shapes")?);
        }
        found.remove(UNIT);
        Ok(found)
    }

    fn operations_of_resource(
        &self,
        id: &str,
        resource: &Raw,
        found: &mut BTreeMap<String, Place>,
    ) -> Result<(), Problem> {
        let name = Some(local(id).to_owned());
        for key in ["operations", "collectionOperations"] {
            for id in targets(&resource.rest, key)? {
                found.entry(id).or_default().resource.clone_from(&name);
            }
        }
        for (key, lifecycle) in LIFECYCLES {
            if let Some(value) = resource.rest.get(key) {
                let place = found.entry(target(value).under(key)?).or_default();
                place.resource.clone_from(&name);
                // An operation may stand for two (put is often create and update): the first is its nature.
                place.lifecycle.get_or_insert(lifecycle);
            }
        }
        Ok(())
    }
}
