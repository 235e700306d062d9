//! Which parts of a compact schema are shown and which are cut: level by level, required members first, as
//! long as they fit.

use std::collections::HashSet;

use super::input::{COMPACT_BYTES, size};
use super::render::{Renderer, Style, join};
use super::uses::{Uses, contents, is_aggregate};
use crate::smithy::{Model, Slot};

/// A structure or union that may be shown.
struct Node<'m> {
    slot: Slot<'m>,
    path: String,
    required: bool,
}

/// Names of the shapes to show below a place, in the order in which they were chosen, and whether that is all
/// there are. `None` when not even the place alone fits.
pub(super) fn plan<'m>(
    model: &'m Model,
    uses: &Uses<'m>,
    style: Style,
    place: Slot<'m>,
    path: &str,
) -> Option<(Vec<&'m str>, bool)> {
    let mut expanded = HashSet::new();
    let mut total = size(&Renderer::new(model, uses, Some(&expanded), style).document(place, path));
    if total > COMPACT_BYTES {
        return None;
    }
    let (mut order, mut whole) = (Vec::new(), true);
    let mut level = if is_aggregate(place) {
        below(model, place, path)
    } else {
        node(model, place, path.to_owned(), true).into_iter().collect()
    };
    while !level.is_empty() {
        level.sort_by_key(|node| !node.required);
        let mut next = Vec::new();
        for node in level {
            if uses.is_root(node.slot) || !expanded.insert(node.slot.target) {
                continue;
            }
            let renderer = Renderer::new(model, uses, Some(&expanded), style);
            let cost = renderer.cost(node.slot, &node.path);
            if total + cost > COMPACT_BYTES {
                expanded.remove(node.slot.target);
                whole = false;
                continue;
            }
            total += cost;
            order.push(node.slot.target);
            next.extend(below(model, node.slot, &node.path));
        }
        level = next;
    }
    Some((order, whole))
}

fn below<'m>(model: &'m Model, slot: Slot<'m>, path: &str) -> Vec<Node<'m>> {
    let members = slot.members().iter().filter_map(|member| {
        let place = Slot::of_member(model, member);
        node(model, place, join(path, &member.name), place.must_be_given(&model.service))
    });
    members.collect()
}

fn node<'m>(model: &'m Model, place: Slot<'m>, path: String, required: bool) -> Option<Node<'m>> {
    let slot = contents(model, place)?;
    (is_aggregate(slot) && !slot.members().is_empty()).then_some(Node { slot, path, required })
}
