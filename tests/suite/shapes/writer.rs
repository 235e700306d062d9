//! Payloads written from the shapes of a model: meant to be valid, in every spelling that counts as valid.

use countersign::smithy::{EnumValue, Model, ShapeType, Slot};
use serde_json::{Map, Number, Value, json};

use super::chance::Chance;
use super::words::word;

/// How much is written.
#[derive(Clone, Copy)]
pub(crate) enum Amount {
    /// What is required and one member in three.
    Some,
    /// As much as there is room for.
    Much,
}

/// Writes one payload.
pub(crate) struct Writer<'w, 'm> {
    pub(crate) model: &'m Model,
    pub(crate) chance: &'w mut Chance,
    /// Only what botocore takes as well.
    pub(crate) plain: bool,
    amount: Amount,
    /// Values that may still be written; what is required is written all the same.
    room: usize,
}

/// Deeper than this only what is required is written.
const DEEP: usize = 6;

/// Deeper than this nothing is.
const DEEPEST: usize = 14;

impl<'w, 'm> Writer<'w, 'm> {
    pub(crate) fn new(model: &'m Model, chance: &'w mut Chance, amount: Amount) -> Self {
        let room = match amount {
            Amount::Some => 40,
            Amount::Much => 150,
        };
        Self { model, chance, plain: false, amount, room }
    }

    /// A value for a place.
    pub(crate) fn value(&mut self, slot: Slot<'m>, depth: usize) -> Value {
        self.room = self.room.saturating_sub(1);
        match slot.kind {
            ShapeType::Structure => self.structure(slot, depth),
            ShapeType::Union => self.union(slot, depth),
            ShapeType::List => self.list(slot, depth),
            ShapeType::Map => self.map(slot, depth),
            ShapeType::String if slot.is_json_text() && !self.plain && self.chance.once_in(2) => self.document(depth),
            ShapeType::String => Value::String(self.text(slot)),
            ShapeType::Boolean => self.boolean(),
            ShapeType::Timestamp => self.timestamp(),
            ShapeType::Blob => self.blob(slot),
            ShapeType::Float | ShapeType::Double | ShapeType::BigDecimal => self.float(slot),
            ShapeType::Byte | ShapeType::Short | ShapeType::Integer | ShapeType::Long | ShapeType::BigInteger => {
                self.integer(slot)
            }
            ShapeType::Document => self.document(depth),
        }
    }

    fn structure(&mut self, slot: Slot<'m>, depth: usize) -> Value {
        let mut members = Map::new();
        for member in slot.members() {
            let place = Slot::of_member(self.model, member);
            let required = place.must_be_given(&self.model.service);
            let share = match self.amount {
                Amount::Some => 3,
                Amount::Much => 1,
            };
            let wanted = self.room > 0 && depth < DEEP && self.chance.once_in(share);
            if place.is_event_stream() || !(required && depth < DEEPEST || wanted) {
                continue;
            }
            let value = if !self.plain && !required && self.chance.once_in(15) {
                Value::Null
            } else {
                self.value(place, depth + 1)
            };
            members.insert(member.name.clone(), value);
        }
        Value::Object(members)
    }

    fn union(&mut self, slot: Slot<'m>, depth: usize) -> Value {
        if slot.members().is_empty() {
            return json!({});
        }
        // Deep down one that ends: a union that goes round must not.
        let ends = |member: &&countersign::smithy::Member| {
            !matches!(
                Slot::of_member(self.model, member).kind,
                ShapeType::Structure | ShapeType::Union | ShapeType::List | ShapeType::Map
            )
        };
        let simple = slot.members().iter().find(ends);
        let member = match simple {
            Some(member) if depth >= DEEP => member,
            _ => self.chance.pick(slot.members()),
        };
        let value = self.value(Slot::of_member(self.model, member), depth + 1);
        Value::Object(Map::from_iter([(member.name.clone(), value)]))
    }

    fn list(&mut self, slot: Slot<'m>, depth: usize) -> Value {
        let item = slot.item(self.model);
        let mut items: Vec<Value> = Vec::new();
        for _ in 0..self.count(slot, depth) {
            let value = if slot.is_sparse() && !self.plain && self.chance.once_in(3) {
                Value::Null
            } else {
                self.value(item, depth + 1)
            };
            if !slot.has_unique_items() || !items.contains(&value) {
                items.push(value);
            }
        }
        Value::Array(items)
    }

    fn map(&mut self, slot: Slot<'m>, depth: usize) -> Value {
        let (key, place) = (slot.key(self.model), slot.value(self.model));
        let mut entries = Map::new();
        for _ in 0..self.count(slot, depth) {
            let name = self.text(key);
            let value = if slot.is_sparse() && !self.plain && self.chance.once_in(3) {
                Value::Null
            } else {
                self.value(place, depth + 1)
            };
            entries.insert(name, value);
        }
        Value::Object(entries)
    }

    fn count(&mut self, slot: Slot<'m>, depth: usize) -> usize {
        let least = slot.min().and_then(Number::as_u64).unwrap_or(0) as usize;
        let most = slot.max().and_then(Number::as_u64).map_or(least + 3, |most| most as usize);
        let room = if depth < DEEP && self.room > 0 { 2 } else { 0 };
        (least + self.chance.below(room + 1)).min(most).min(60)
    }

    /// A text that meets its constraints, if one is found in a few tries.
    pub(crate) fn text(&mut self, slot: Slot<'m>) -> String {
        let values: Vec<&String> = slot.enum_values().iter().filter_map(text_of).collect();
        if !values.is_empty() {
            return (*self.chance.pick(&values)).clone();
        }
        let least = slot.min().and_then(Number::as_u64).unwrap_or(0) as usize;
        let least = if slot.is_label() { least.max(1) } else { least };
        let most = slot.max().and_then(Number::as_u64).map_or(least + 12, |most| most as usize);
        let Some(pattern) = slot.pattern() else {
            let count = least + self.chance.below((most - least.min(most)).min(8) + 1);
            let letters = if self.chance.once_in(12) { ["ö", "\u{1f375}"] } else { ["a", "b"] };
            return letters.iter().cycle().take(count).copied().collect();
        };
        let mut found = String::new();
        for attempt in 0..12 {
            let Some(text) = word(pattern, attempt > 3, self.chance) else { break };
            let characters = text.chars().count();
            if (least..=most).contains(&characters) {
                return text;
            }
            found = text;
        }
        found
    }

    fn boolean(&mut self) -> Value {
        let truth = self.chance.once_in(2);
        if !self.plain && self.chance.once_in(8) { Value::String(truth.to_string()) } else { Value::Bool(truth) }
    }

    fn integer(&mut self, slot: Slot<'m>) -> Value {
        let values: Vec<i64> = slot.enum_values().iter().filter_map(number_of).collect();
        let number = if values.is_empty() {
            let whole =
                |bound: Option<&Number>| bound.and_then(Number::as_f64).map(|bound| bound.clamp(-9e15, 9e15) as i64);
            let least = whole(slot.min()).unwrap_or(-2);
            let most = whole(slot.max()).unwrap_or(least.saturating_add(100));
            let span = most.saturating_sub(least).clamp(0, 1000) as usize;
            least.saturating_add(self.chance.below(span + 1) as i64)
        } else {
            *self.chance.pick(&values)
        };
        match self.chance.below(10) {
            0 if !self.plain => Value::String(number.to_string()),
            1 if !self.plain => json!(number as f64),
            _ => json!(number),
        }
    }

    fn float(&mut self, slot: Slot<'m>) -> Value {
        let bound = |bound: Option<&Number>| bound.and_then(Number::as_f64);
        let least = bound(slot.min()).unwrap_or(-1.5);
        let most = bound(slot.max()).unwrap_or(least + 10.0);
        let number = least + (most - least) * (self.chance.below(101) as f64 / 100.0);
        match self.chance.below(10) {
            0 if !self.plain => Value::String(number.to_string()),
            1 if !self.plain && slot.min().is_none() && slot.max().is_none() => json!("-Infinity"),
            2 => json!(number.round().clamp(least, most)),
            _ => json!(number),
        }
    }

    fn timestamp(&mut self) -> Value {
        let spellings = [
            json!("2026-01-31T12:00:00Z"),
            json!(1_769_860_800),
            json!("2026-01-31"),
            json!("2026-01-31 12:00:00.25+01:30"),
            json!("Sat, 31 Jan 2026 12:00:00 GMT"),
            json!("1769860800"),
            json!(1_769_860_800.5),
            json!("20260131T120000Z"),
            json!("2026-02-28T23:59:60Z"),
            json!("-5.25"),
        ];
        self.chance.pick(if self.plain { &spellings[..6] } else { &spellings }).clone()
    }

    fn blob(&mut self, slot: Slot<'m>) -> Value {
        if !self.plain && self.chance.once_in(5) {
            return json!({"$path": "a/file"});
        }
        let least = slot.min().and_then(Number::as_u64).unwrap_or(0);
        let most = slot.max().and_then(Number::as_u64).unwrap_or(least + 9);
        let count = (least + self.chance.below(5) as u64).min(most) as usize;
        let text = base64(&vec![b'a' + self.chance.below(26) as u8; count]);
        if !self.plain && self.chance.once_in(4) { json!(text.trim_end_matches('=')) } else { json!(text) }
    }

    fn document(&mut self, depth: usize) -> Value {
        let values = [json!("x"), json!(7), json!(true), json!([1, null]), json!({"a": {"b": "c"}})];
        if depth > DEEP { json!("x") } else { self.chance.pick(&values).clone() }
    }
}

fn text_of(value: &EnumValue) -> Option<&String> {
    match value {
        EnumValue::String(text) => Some(text),
        EnumValue::Integer(_) => None,
    }
}

fn number_of(value: &EnumValue) -> Option<i64> {
    match value {
        EnumValue::String(_) => None,
        EnumValue::Integer(number) => Some(*number),
    }
}

/// Bytes as base64, padded.
pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
