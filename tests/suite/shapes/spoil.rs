//! Payloads spoilt: one thing wrong in one place, of a kind that is named and counted.

use countersign::smithy::{Model, ShapeType, Slot};
use serde_json::{Map, Number, Value, json};

use super::chance::Chance;
use super::writer::base64;

/// What is done to a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Missing,
    Type,
    Unknown,
    Case,
    Enum,
    Short,
    Long,
    Below,
    Above,
    Pattern,
    UnionNone,
    UnionTwo,
    Null,
    Base64,
    Timestamp,
    Nested,
    Twice,
    Empty,
    File,
    NumberText,
    TruthText,
    Wide,
}

/// All kinds.
pub(crate) const KINDS: [Kind; 22] = [
    Kind::Missing,
    Kind::Type,
    Kind::Unknown,
    Kind::Case,
    Kind::Enum,
    Kind::Short,
    Kind::Long,
    Kind::Below,
    Kind::Above,
    Kind::Pattern,
    Kind::UnionNone,
    Kind::UnionTwo,
    Kind::Null,
    Kind::Base64,
    Kind::Timestamp,
    Kind::Nested,
    Kind::Twice,
    Kind::Empty,
    Kind::File,
    Kind::NumberText,
    Kind::TruthText,
    Kind::Wide,
];

/// A place in a payload: where, and what the model says of it.
struct Place<'m> {
    pointer: String,
    slot: Slot<'m>,
    /// Whether it stands in a list or a map.
    entry: bool,
}

/// Every place of a payload that has something in it.
fn places<'m>(model: &'m Model, slot: Slot<'m>, value: &Value, pointer: &str, entry: bool, found: &mut Vec<Place<'m>>) {
    found.push(Place { pointer: pointer.to_owned(), slot, entry });
    let below = |name: &str| format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
    match (slot.kind, value) {
        (ShapeType::Structure | ShapeType::Union, Value::Object(given)) => {
            for member in slot.members() {
                if let Some(value) = given.get(&member.name) {
                    places(model, Slot::of_member(model, member), value, &below(&member.name), false, found);
                }
            }
        }
        (ShapeType::List, Value::Array(items)) => {
            for (at, item) in items.iter().enumerate().take(3) {
                places(model, slot.item(model), item, &below(&at.to_string()), true, found);
            }
        }
        (ShapeType::Map, Value::Object(entries)) => {
            for (name, value) in entries.iter().take(3) {
                places(model, slot.value(model), value, &below(name), true, found);
            }
        }
        _ => {}
    }
}

/// Spoils a payload, if it has a place where that can be done.
pub(crate) fn spoil<'m>(
    model: &'m Model,
    input: Slot<'m>,
    payload: &mut Value,
    kind: Kind,
    chance: &mut Chance,
) -> bool {
    let mut found = Vec::new();
    places(model, input, payload, "", false, &mut found);
    let start = chance.below(found.len());
    for at in 0..found.len() {
        let place = &found[(start + at) % found.len()];
        let Some(value) = payload.pointer_mut(&place.pointer) else { continue };
        if spoil_value(model, place, value, kind, chance) {
            return true;
        }
    }
    false
}

fn spoil_value(model: &Model, place: &Place<'_>, value: &mut Value, kind: Kind, chance: &mut Chance) -> bool {
    let slot = place.slot;
    let bound = |bound: Option<&Number>| bound.and_then(Number::as_u64);
    let new = match (kind, slot.kind, &mut *value) {
        (Kind::Missing, ShapeType::Structure, Value::Object(given)) => {
            let required = slot.members().iter().find(|member| {
                given.contains_key(&member.name) && Slot::of_member(model, member).must_be_given(&model.service)
            });
            return required.is_some_and(|member| given.shift_remove(&member.name).is_some());
        }
        (Kind::Unknown, ShapeType::Structure | ShapeType::Union, Value::Object(given)) => {
            let stray = chance.pick(&[json!(null), json!("x"), json!({})]).clone();
            return given.insert("Stray".to_owned(), stray).is_none();
        }
        (Kind::Case, ShapeType::Structure, Value::Object(given)) => {
            let Some(name) = given.keys().find(|name| name.chars().any(char::is_lowercase)).cloned() else {
                return false;
            };
            let value = given.shift_remove(&name).unwrap_or_default();
            given.insert(name.to_uppercase(), value);
            return true;
        }
        (Kind::Type, _, _) => {
            let others =
                [json!(7), json!("x"), json!(true), json!([]), json!({}), json!([1]), json!({"a": 1}), json!(7.5)];
            chance.pick(&others).clone()
        }
        (Kind::Enum, ShapeType::String, _) if !slot.enum_values().is_empty() => json!("no such value"),
        (Kind::Enum, ShapeType::Integer, _) if !slot.enum_values().is_empty() => json!(987_654),
        (Kind::Short, ShapeType::String, _) => match bound(slot.min()) {
            Some(min @ 1..) => json!("a".repeat(min as usize - 1)),
            _ => return false,
        },
        (Kind::Short, ShapeType::Blob, _) => match bound(slot.min()) {
            Some(min @ 1..) => json!(base64(&vec![7; min as usize - 1]).trim_end_matches(*chance.pick(&['=', '_']))),
            _ => return false,
        },
        (Kind::Short, ShapeType::List, _) if bound(slot.min()).is_some_and(|min| min > 0) => json!([]),
        (Kind::Short, ShapeType::Map, _) if bound(slot.min()).is_some_and(|min| min > 0) => json!({}),
        (Kind::Long, ShapeType::String, _) => match bound(slot.max()) {
            Some(max @ ..=5000) => json!("a".repeat(max as usize + 1)),
            _ => return false,
        },
        (Kind::Long, ShapeType::Blob, _) => match bound(slot.max()) {
            Some(max @ ..=9000) => json!(base64(&vec![7; max as usize + 1])),
            _ => return false,
        },
        (Kind::Long, ShapeType::List, Value::Array(items)) => match (bound(slot.max()), items.first()) {
            (Some(max @ ..=300), Some(first)) => Value::Array(vec![first.clone(); max as usize + 1]),
            _ => return false,
        },
        (Kind::Long, ShapeType::Map, Value::Object(entries)) => match (bound(slot.max()), entries.values().next()) {
            (Some(max @ ..=300), Some(first)) => {
                let first = first.clone();
                let entries = (0..=max).map(|at| (format!("key{at}"), first.clone()));
                Value::Object(entries.collect::<Map<_, _>>())
            }
            _ => return false,
        },
        (Kind::Below, _, Value::Number(_)) if is_number(slot) => match slot.min().and_then(Number::as_f64) {
            Some(min) => json!(min - if is_whole(slot) { 1.0 } else { 0.5 }),
            None => json!(-1e300),
        },
        (Kind::Above, _, Value::Number(_)) if is_number(slot) => match slot.max().and_then(Number::as_f64) {
            Some(max) => json!(max + if is_whole(slot) { 1.0 } else { 0.5 }),
            None => json!(u64::MAX),
        },
        (Kind::Pattern, ShapeType::String, Value::String(text)) if slot.pattern().is_some() => {
            let stray = chance.pick(&["\u{7}", " ", "\n", "ß", "\u{1f600}", "~", "/", "$", "\r", "\u{2028}"]);
            let text = if chance.once_in(2) { format!("{text}{stray}") } else { format!("{stray}{text}") };
            json!(text)
        }
        (Kind::UnionNone, ShapeType::Union, _) => json!({}),
        (Kind::UnionTwo, ShapeType::Union, Value::Object(given)) if slot.members().len() > 1 => {
            let Some(other) = slot.members().iter().find(|member| !given.contains_key(&member.name)) else {
                return false;
            };
            let value = given.values().next().cloned().unwrap_or_default();
            given.insert(other.name.clone(), chance.pick(&[Value::Null, value]).clone());
            return true;
        }
        (Kind::Null, _, _) if !place.pointer.is_empty() => Value::Null,
        (Kind::Base64, ShapeType::Blob, _) => {
            let bad = [
                "a",
                "ab=",
                "a===",
                "YmxvYg=",
                "YmxvYh==",
                "YmxvYg==\n",
                "Ym xv",
                "-_==",
                "é",
                "=",
                "YmxvYg",
                "YmxvYh",
            ];
            json!(*chance.pick(&bad))
        }
        (Kind::Timestamp, ShapeType::Timestamp, _) => {
            let bad = [
                json!("yesterday"),
                json!(""),
                json!("20260131"),
                json!("2026-02-30"),
                json!("2026-13-01"),
                json!("2026-01-31T24:00:00Z"),
                json!("2026-01-31T12:00:00+0"),
                json!("2026-1-31"),
                json!("12:00"),
                json!("Sun, 31 Jan 2026 12:00:00 GMT"),
                json!("Sat, 31 Jan 26 12:00:00 GMT"),
                json!("1e9"),
                json!(1e18),
                json!(-1e18),
                json!(253_402_207_201_i64),
                json!("999999999999"),
                json!("2026-01-31T12:00:00z"),
                json!("2026-01-31T12Z"),
                json!("0000-01-01T00:00:00+01:00"),
                json!("2026-01-31T12:00:00Z[UTC]"),
                json!("2026-01-31T12:00:00+01:00"),
                json!("-0001-01-01T00:00:00Z"),
                json!(true),
                json!("+5"),
                json!("5."),
                json!("31 Jan 2026 12:00 +0100"),
                json!("0000-01-01"),
                json!("9999-12-31T23:59:59Z"),
            ];
            chance.pick(&bad).clone()
        }
        (Kind::Nested, _, _) => {
            let inner = value.take();
            chance.pick(&[json!([inner]), json!({"a": inner}), json!({"Value": [inner]})]).clone()
        }
        (Kind::Twice, ShapeType::List, Value::Array(items)) if !items.is_empty() => {
            items.push(items[0].clone());
            return true;
        }
        (Kind::Empty, ShapeType::String, _) => json!(""),
        (Kind::File, ShapeType::Blob, _) => {
            let files = [
                json!({"$path": ""}),
                json!({"$path": 7}),
                json!({"path": "a"}),
                json!({"$path": "a", "recursive": "yes"}),
                json!({"$path": "a", "include": ["*.js"], "exclude": "b"}),
                json!({"$path": "a", "other": 1}),
                json!({"$path": "a", "include": [1]}),
                json!({"$path": "a", "keyPrefix": "p/", "recursive": true}),
            ];
            chance.pick(&files).clone()
        }
        (Kind::NumberText, _, _) if is_number(slot) => {
            let texts = [
                "7",
                "07",
                "+7",
                "7.0",
                "-0",
                "1e2",
                "0x10",
                " 7",
                "7 ",
                "",
                "NaN",
                "Infinity",
                "inf",
                "-5",
                "1e999",
                "999999999999999999999999",
                "-",
                ".5",
                "5.",
                "1.5",
                "0",
            ];
            json!(*chance.pick(&texts))
        }
        (Kind::TruthText, ShapeType::Boolean, _) => {
            chance.pick(&[json!("True"), json!("yes"), json!(1), json!(0), json!("false"), json!("")]).clone()
        }
        (Kind::Wide, _, Value::Number(_)) if is_number(slot) => chance
            .pick(&[json!(1e18), json!(9_007_199_254_740_993_i64), json!(1e300), json!(-1e-300), json!(1e39)])
            .clone(),
        (Kind::Wide, ShapeType::List, Value::Array(items)) if place.entry || !items.is_empty() => json!([[], {}]),
        _ => return false,
    };
    *value = new;
    true
}

fn is_whole(slot: Slot<'_>) -> bool {
    matches!(
        slot.kind,
        ShapeType::Byte | ShapeType::Short | ShapeType::Integer | ShapeType::Long | ShapeType::BigInteger
    )
}

fn is_number(slot: Slot<'_>) -> bool {
    is_whole(slot) || matches!(slot.kind, ShapeType::Float | ShapeType::Double | ShapeType::BigDecimal)
}
