//! The place that a path names: `NetworkInterfaces.PrivateIpAddresses`. Lists and maps on the way need no step
//! of their own; one that is written (`[]`, `[0]`, `{}`, `*`) is skipped.

use super::SchemaError;
use super::render::join;
use super::uses::contents;
use crate::smithy::{Model, ShapeType, Slot};

/// Names that are offered when one is not found.
const OFFERED: usize = 5;

/// Finds the place, and the path to it in the model's own spelling.
pub(super) fn find<'m>(model: &'m Model, input: Slot<'m>, path: &str) -> Result<(Slot<'m>, String), SchemaError> {
    let mut place = input;
    let mut exact = String::new();
    for step in path.split(['.', '/']) {
        let step = step.split(['[', '{']).next().unwrap_or_default().trim();
        if step.is_empty() || step == "*" {
            continue;
        }
        let inside = contents(model, place).unwrap_or(place);
        let found = inside
            .member(step)
            .or_else(|| inside.members().iter().find(|member| member.name.eq_ignore_ascii_case(step)));
        match found {
            Some(member) => {
                place = Slot::of_member(model, member);
                exact = join(&exact, &member.name);
            }
            None if matches!(place.kind, ShapeType::List | ShapeType::Map) && is_filler(step) => {}
            None => {
                let wanted = step.to_ascii_lowercase();
                let mut names: Vec<_> = inside.members().iter().map(|member| member.name.as_str()).collect();
                names.sort_by_cached_key(|name| strsim::damerau_levenshtein(&wanted, &name.to_ascii_lowercase()));
                return Err(SchemaError::NoSuchPath {
                    place: inside.target.to_owned(),
                    path: path.chars().take(200).collect(),
                    step: step.chars().take(80).collect(),
                    nearest: names.into_iter().take(OFFERED).map(str::to_owned).collect(),
                });
            }
        }
    }
    Ok((place, exact))
}

/// Words that stand for a list's item or a map's value.
fn is_filler(step: &str) -> bool {
    matches!(step, "member" | "items" | "value" | "additionalProperties") || step.bytes().all(|b| b.is_ascii_digit())
}
