//! The walk through a payload along the shapes of its operation: structures, unions, lists, maps. It gathers
//! every problem and builds the canonical form on the way.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::nearest::nearest;
use super::path::Step;
use super::pattern::Patterns;
use super::problem::Code;
use super::report::{Got, Report};
use super::{FileRef, Invalid};
use crate::base::canonical_json;
use crate::smithy::{Model, ShapeType, Slot};

/// How deep a payload may nest; JSON readers stop at the same depth.
const MAX_DEPTH: usize = 128;

/// Names and values told in one message.
const TOLD: usize = 12;

/// One walk through one payload.
pub(super) struct Walk<'w> {
    pub(super) model: &'w Model,
    pub(super) patterns: &'w Patterns,
    pub(super) report: Report<'w>,
}

impl<'w> Walk<'w> {
    pub(super) fn new(model: &'w Model, patterns: &'w Patterns) -> Self {
        Self { model, patterns, report: Report::default() }
    }

    pub(super) fn finish(self) -> (Invalid, Vec<FileRef>, Vec<String>) {
        (self.report.found, self.report.files, self.report.unchecked)
    }

    /// The canonical form of what stands at the present path; `None` only after a problem was noted.
    fn value(&mut self, slot: Slot<'w>, value: &'w Value) -> Option<Value> {
        if self.report.path.len() > MAX_DEPTH && (value.is_object() || value.is_array()) {
            return self.too_deep(value);
        }
        let hidden = usize::from(slot.is_sensitive());
        self.report.hidden += hidden;
        let bound = match slot.kind {
            ShapeType::Structure => self.structure(slot, value),
            ShapeType::Union if slot.is_event_stream() => {
                let expected = || "nothing: an event stream cannot be sent".to_owned();
                self.report.wrong(Code::Unsupported, Got::Value(value), expected)
            }
            ShapeType::Union => self.union(slot, value),
            ShapeType::List => self.list(slot, value),
            ShapeType::Map => self.map(slot, value),
            _ => self.leaf(slot, value),
        };
        self.report.hidden -= hidden;
        bound
    }

    fn within(&mut self, step: Step<'w>, slot: Slot<'w>, value: &'w Value) -> Option<Value> {
        self.report.path.push(step);
        let bound = self.value(slot, value);
        self.report.path.pop();
        bound
    }

    pub(super) fn structure(&mut self, slot: Slot<'w>, value: &'w Value) -> Option<Value> {
        let Value::Object(given) = value else {
            return self.report.wrong(Code::Type, Got::Value(value), || "an object".to_owned());
        };
        let mut bound = Map::new();
        let mut known = 0;
        for member in slot.members() {
            let place = Slot::of_member(self.model, member);
            let name = Step::Name(&member.name);
            let value = given.get(&member.name);
            known += usize::from(value.is_some());
            match value {
                Some(value) if !value.is_null() => {
                    if let Some(value) = self.within(name, place, value) {
                        bound.insert(member.name.clone(), value);
                    }
                }
                _ if place.must_be_given(&self.model.service) => {
                    self.report.path.push(name);
                    self.report.miss();
                    self.report.path.pop();
                }
                _ => {}
            }
        }
        self.unknown(slot, given, known);
        Some(Value::Object(bound))
    }

    /// Notes the members that the model does not have; `known` says how many it does have.
    fn unknown(&mut self, slot: Slot<'w>, given: &'w Map<String, Value>, known: usize) {
        let mut left = given.len().saturating_sub(known);
        for name in given.keys() {
            if left == 0 {
                return;
            }
            if !self.report.found.has_room() {
                self.report.found.more += left;
                return;
            }
            if slot.member(name).is_some() {
                continue;
            }
            left -= 1;
            self.report.path.push(Step::Name(name));
            let names = slot.members().iter().map(|member| member.name.as_str());
            let expected = || match slot.members() {
                [] => "no members at all".to_owned(),
                _ => format!("only {}", told(names.clone())),
            };
            self.report.note_near(Code::Unknown, Got::Name(name), expected, || nearest(name, names.clone()));
            self.report.path.pop();
        }
    }

    fn union(&mut self, slot: Slot<'w>, value: &'w Value) -> Option<Value> {
        let names = || slot.members().iter().map(|member| member.name.as_str());
        let expected = || format!("an object with exactly one of {}", told(names()));
        let Value::Object(given) = value else {
            return self.report.wrong(Code::Type, Got::Value(value), expected);
        };
        let set: Vec<_> = slot.members().iter().filter_map(|member| Some((member, given.get(&member.name)?))).collect();
        self.unknown(slot, given, set.len());
        let [(member, value)] = set.as_slice() else {
            return self.report.wrong(Code::Union, Got::Count(set.len(), "of them"), expected);
        };
        if value.is_null() {
            self.report.path.push(Step::Name(&member.name));
            let wrong = self.report.wrong(Code::Null, Got::Value(value), || "a value, not null".to_owned());
            self.report.path.pop();
            return wrong;
        }
        let bound = self.within(Step::Name(&member.name), Slot::of_member(self.model, member), value)?;
        Some(Value::Object(Map::from_iter([(member.name.clone(), bound)])))
    }

    fn list(&mut self, slot: Slot<'w>, value: &'w Value) -> Option<Value> {
        let Value::Array(given) = value else {
            return self.report.wrong(Code::Type, Got::Value(value), || "an array".to_owned());
        };
        let before = self.report.problems();
        self.length(slot, given.len(), "items");
        let item = slot.item(self.model);
        let mut bound = Vec::with_capacity(given.len());
        for (index, value) in given.iter().enumerate() {
            bound.extend(self.entry(Step::Index(index), slot, item, value));
        }
        if slot.has_unique_items() && bound.len() == given.len() {
            let mut seen = HashSet::with_capacity(bound.len());
            for (index, (canonical, value)) in bound.iter().zip(given).enumerate() {
                if !seen.insert(canonical_json(canonical)) {
                    self.report.path.push(Step::Index(index));
                    self.report.note(Code::Unique, Got::Value(value), || "no item twice".to_owned());
                    self.report.path.pop();
                }
            }
        }
        (self.report.problems() == before).then_some(Value::Array(bound))
    }

    fn map(&mut self, slot: Slot<'w>, value: &'w Value) -> Option<Value> {
        let Value::Object(given) = value else {
            return self.report.wrong(Code::Type, Got::Value(value), || "an object".to_owned());
        };
        let before = self.report.problems();
        self.length(slot, given.len(), "entries");
        let (key, place) = (slot.key(self.model), slot.value(self.model));
        let mut bound = Map::new();
        for (name, value) in given {
            self.report.path.push(Step::Name(name));
            self.text(key, name, Got::Name(name));
            self.report.path.pop();
            if let Some(value) = self.entry(Step::Name(name), slot, place, value) {
                bound.insert(name.clone(), value);
            }
        }
        (self.report.problems() == before).then_some(Value::Object(bound))
    }

    /// An item of a list or a value of a map, which may be null only where the model is sparse.
    fn entry(&mut self, step: Step<'w>, around: Slot<'w>, slot: Slot<'w>, value: &'w Value) -> Option<Value> {
        match value {
            Value::Null if around.is_sparse() => Some(Value::Null),
            Value::Null if slot.kind != ShapeType::Document => {
                self.report.path.push(step);
                let wrong = self.report.wrong(Code::Null, Got::Value(value), || "a value, not null".to_owned());
                self.report.path.pop();
                wrong
            }
            _ => self.within(step, slot, value),
        }
    }

    /// Levels that may still open below the present path.
    pub(super) fn levels_left(&self) -> usize {
        MAX_DEPTH.saturating_sub(self.report.path.len())
    }

    pub(super) fn too_deep(&mut self, value: &Value) -> Option<Value> {
        self.report.wrong(Code::Depth, Got::Value(value), || format!("at most {MAX_DEPTH} levels"))
    }
}

/// The first names, and how many more there are.
pub(super) fn told<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut shown = Vec::new();
    let mut more = 0;
    for name in names {
        if shown.len() < TOLD {
            shown.push(name);
        } else {
            more += 1;
        }
    }
    let text = shown.join(", ");
    if more == 0 { text } else { format!("{text} and {more} more") }
}
