//! Outputs of several pages joined into one.
//!
//! Lists of items are put one after the other, numbers among the items are summed. What is not items is kept as
//! long as all pages agree on it: where they differ, it tells of one page and not of the whole.

use serde_json::{Map, Number, Value};

/// A path of member names beneath the value at hand.
pub(super) type Place<'a> = &'a [String];

/// Joins a page to what was gathered before. `places` are those of the items.
pub(super) fn merge(gathered: &mut Value, page: Value, places: &[Place<'_>]) {
    let (Value::Object(gathered), Value::Object(page)) = (gathered, page) else { return };
    gathered.retain(|name, _| page.contains_key(name) || places.iter().any(|place| place.first() == Some(name)));
    // A text is put together where it is all there is: a log file in portions. Elsewhere it names something.
    let sole = places.len() == 1;
    for (name, value) in page {
        let beneath = beneath(places, &name);
        if beneath.is_empty() {
            if gathered.get(&name).is_some_and(|before| *before != value) {
                gathered.remove(&name);
            }
            continue;
        }
        match gathered.get_mut(&name) {
            None => drop(gathered.insert(name, value)),
            Some(before) if beneath.iter().any(|place| place.is_empty()) => join(before, value, sole),
            Some(before) => merge(before, value, &beneath),
        }
    }
}

/// The value at a place.
pub(super) fn at<'v>(value: &'v Value, place: Place<'_>) -> Option<&'v Value> {
    place.iter().try_fold(value, |value, name| value.get(name))
}

/// The same, to be changed.
pub(super) fn at_mut<'v>(value: &'v mut Value, place: Place<'_>) -> Option<&'v mut Value> {
    place.iter().try_fold(value, |value, name| value.get_mut(name))
}

/// Takes out what stands at a place.
pub(super) fn remove(value: &mut Value, place: Place<'_>) {
    let Some((name, parents)) = place.split_last() else { return };
    if let Some(Value::Object(map)) = at_mut(value, parents) {
        map.shift_remove(name);
    }
}

/// Takes out the numbers that only count the items of this page (`KeyCount`): they say nothing of the whole. Those
/// that the paginator names as items stay, and count what was kept.
pub(super) fn uncount(page: &mut Value, places: &[Place<'_>], counted: usize, kept: usize, limit: Option<&str>) {
    let Value::Object(page) = page else { return };
    let counts = |value: &Value| value.as_u64().is_some_and(|number| usize::try_from(number) == Ok(counted));
    page.retain(|name, value| {
        let beneath = beneath(places, name);
        if beneath.iter().any(|place| place.is_empty()) {
            if counts(value) {
                *value = kept.into();
            }
        } else if !beneath.is_empty() {
            uncount(value, &beneath, counted, kept, limit);
        } else {
            return !counts(value) || limit == Some(name);
        }
        true
    });
}

fn beneath<'a>(places: &[Place<'a>], name: &str) -> Vec<Place<'a>> {
    places.iter().filter_map(|place| place.split_first()).filter(|(first, _)| *first == name).map(|(_, r)| r).collect()
}

fn join(before: &mut Value, value: Value, sole: bool) {
    match (before, value) {
        (Value::Array(before), Value::Array(more)) => before.extend(more),
        (Value::Object(before), Value::Object(more)) => join_maps(before, more),
        (Value::String(before), Value::String(more)) if sole => before.push_str(&more),
        (Value::Number(before), Value::Number(more)) => *before = sum(before, &more),
        (before @ Value::Null, value) => *before = value,
        _ => {}
    }
}

/// Lists within are joined; of anything else the first stays.
fn join_maps(before: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        match (before.get_mut(&name), value) {
            (Some(Value::Array(before)), Value::Array(more)) => before.extend(more),
            (Some(Value::Object(before)), Value::Object(more)) => join_maps(before, more),
            (Some(_), _) => {}
            (None, value) => drop(before.insert(name, value)),
        }
    }
}

fn sum(one: &Number, two: &Number) -> Number {
    let whole = one.as_i64().zip(two.as_i64()).and_then(|(one, two)| one.checked_add(two)).map(Number::from);
    let float = || Number::from_f64(one.as_f64()? + two.as_f64()?);
    whole.or_else(float).unwrap_or_else(|| one.clone())
}
