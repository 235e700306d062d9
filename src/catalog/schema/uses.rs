//! How often each shape stands below a place: what stands more than once is written once, under `$defs`.

use std::cell::RefCell;
use std::collections::HashMap;

use super::ecma::{self, Said};
use crate::smithy::{EnumValue, Model, ShapeType, Slot};

/// Lists and maps directly inside one another; models have few, a broken one might go round.
pub(super) const MAX_NESTED: usize = 16;

/// Bytes of an enum's values from which it is worth a definition of its own.
const LARGE_ENUM: usize = 160;

/// Structures, unions and large enums below a place, and how often each is used.
pub(super) struct Uses<'m> {
    root: &'m str,
    counts: HashMap<&'m str, usize>,
    /// Patterns as schemas say them; a schema is written several times until it fits.
    said: RefCell<HashMap<&'m str, Said>>,
}

impl<'m> Uses<'m> {
    /// Counts below a place.
    pub(super) fn below(model: &'m Model, root: Slot<'m>) -> Self {
        let mut counts = HashMap::new();
        let mut waiting = vec![root];
        while let Some(slot) = waiting.pop() {
            let Some(slot) = contents(model, slot) else { continue };
            if !is_aggregate(slot) && enum_bytes(slot) < LARGE_ENUM {
                continue;
            }
            let count = counts.entry(slot.target).or_insert(0);
            *count += 1;
            if *count == 1 {
                waiting.extend(slot.members().iter().map(|member| Slot::of_member(model, member)));
            }
        }
        let is_root = is_aggregate(root);
        Self { root: if is_root { root.target } else { "" }, counts, said: RefCell::default() }
    }

    /// Whether a shape is written under `$defs`.
    pub(super) fn is_shared(&self, slot: Slot<'_>) -> bool {
        self.counts.get(slot.target).is_some_and(|count| *count > 1)
    }

    /// A pattern as the schema says it.
    pub(super) fn said(&self, pattern: &'m str) -> Said {
        self.said.borrow_mut().entry(pattern).or_insert_with(|| ecma::said(pattern)).clone()
    }

    /// Whether a shape is what the whole schema describes.
    pub(super) fn is_root(&self, slot: Slot<'_>) -> bool {
        !self.root.is_empty() && self.root == slot.target
    }
}

/// What stands inside all lists and maps of a place; `None` where they never end.
pub(super) fn contents<'m>(model: &'m Model, slot: Slot<'m>) -> Option<Slot<'m>> {
    let mut slot = slot;
    for _ in 0..MAX_NESTED {
        slot = match slot.kind {
            ShapeType::List => slot.item(model),
            ShapeType::Map => slot.value(model),
            _ => return Some(slot),
        };
    }
    None
}

/// Whether a place holds members.
pub(super) fn is_aggregate(slot: Slot<'_>) -> bool {
    matches!(slot.kind, ShapeType::Structure | ShapeType::Union) && !slot.is_event_stream()
}

/// Bytes that an enum's values take in JSON.
pub(super) fn enum_bytes(slot: Slot<'_>) -> usize {
    let bytes = |value: &EnumValue| match value {
        EnumValue::String(text) => text.len() + 3,
        EnumValue::Integer(_) => 4,
    };
    slot.enum_values().iter().map(bytes).sum()
}
