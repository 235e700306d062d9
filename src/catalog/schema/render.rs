//! Shapes written as JSON Schema: structures, unions, lists, maps; simple types are in `leaf`.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value, json};

use super::input::size;
use super::uses::{Uses, is_aggregate};
use super::{bytes, leaf};
use crate::smithy::{Model, ShapeType, Slot};

/// The dialect.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// How much is said of each member.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Documentation.
    pub(super) docs: bool,
    /// What a type alone implies: the bounds of integers, the grammar of `$path`.
    pub(super) exact: bool,
    /// Patterns.
    pub(super) patterns: bool,
    /// Lengths and ranges.
    pub(super) bounds: bool,
    /// Bytes of an enum's values above which it is cut.
    pub(super) enum_bytes: usize,
    /// Bytes of members above which the optional ones are left out.
    pub(super) members: usize,
}

impl Style {
    /// Everything.
    pub(super) const FULL: Self =
        Self { docs: true, exact: true, patterns: true, bounds: true, enum_bytes: usize::MAX, members: usize::MAX };
    /// Everything that helps to write a payload.
    pub(super) const TOLD: Self = Self { exact: false, enum_bytes: 800, ..Self::FULL };
    /// The same without prose.
    pub(super) const PLAIN: Self = Self { docs: false, ..Self::TOLD };
    /// Names, types and short enums.
    pub(super) const TERSE: Self = Self { patterns: false, bounds: false, enum_bytes: 120, ..Self::PLAIN };
    /// Names and types, of as many members as fit.
    pub(super) const BARE: Self = Self { enum_bytes: 0, members: 9 * 1024, ..Self::TERSE };
}

/// Writes one schema.
pub(super) struct Renderer<'m, 'r> {
    pub(super) model: &'m Model,
    pub(super) style: Style,
    uses: &'r Uses<'m>,
    /// Names of the shapes that are shown; `None` for all.
    expanded: Option<&'r HashSet<&'m str>>,
    /// Shapes that are referred to and not yet written, with a path that leads to them.
    pending: BTreeMap<&'m str, (Slot<'m>, String)>,
}

impl<'m, 'r> Renderer<'m, 'r> {
    pub(super) fn new(
        model: &'m Model,
        uses: &'r Uses<'m>,
        expanded: Option<&'r HashSet<&'m str>>,
        style: Style,
    ) -> Self {
        Self { model, style, uses, expanded, pending: BTreeMap::new() }
    }

    /// The whole schema of a place.
    pub(super) fn document(mut self, place: Slot<'m>, path: &str) -> Value {
        let mut schema = Map::new();
        schema.insert("$schema".to_owned(), DIALECT.into());
        let body = if is_aggregate(place) { self.body(place, path) } else { self.place(place, path) };
        schema.extend(body);
        let mut defs = BTreeMap::new();
        while let Some((name, (slot, path))) = self.pending.pop_first() {
            if !defs.contains_key(name) {
                let body = if is_aggregate(slot) { self.body(slot, &path) } else { leaf::values(slot, self.style) };
                defs.insert(name.to_owned(), Value::Object(body));
            }
        }
        let mut defs: Map<_, _> = defs.into_iter().collect();
        if self.style.exact {
            add_definitions(&schema, &mut defs);
            schema.insert("$comment".to_owned(), BEYOND.into());
        }
        if !defs.is_empty() {
            schema.insert("$defs".to_owned(), Value::Object(defs));
        }
        Value::Object(schema)
    }

    /// Bytes by which the schema grows when this shape is shown, about.
    pub(super) fn cost(mut self, slot: Slot<'m>, path: &str) -> usize {
        let body = size(&Value::Object(self.body(slot, path)));
        if self.uses.is_shared(slot) {
            body + slot.target.len() + 4
        } else {
            body.saturating_sub(size(&Value::Object(cut(path))))
        }
    }

    /// What stands in one place, with what is said of the place itself.
    fn place(&mut self, slot: Slot<'m>, path: &str) -> Map<String, Value> {
        let mut schema = match slot.kind {
            ShapeType::Structure | ShapeType::Union if is_aggregate(slot) => self.aggregate(slot, path),
            ShapeType::List => self.list(slot, path),
            ShapeType::Map => self.map(slot, path),
            _ if self.style.exact && self.uses.is_shared(slot) => self.reference(slot, path),
            _ => leaf::leaf(slot, self.style, path, self.uses),
        };
        if self.style.docs
            && let Some(text) = slot.documentation()
        {
            let text = match schema.get("description").and_then(Value::as_str) {
                Some(note) => format!("{text} {note}"),
                None => text.to_owned(),
            };
            schema.insert("description".to_owned(), text.into());
        }
        if let Some(default) = slot.default().filter(|default| !default.is_null()) {
            schema.insert("default".to_owned(), default.clone());
        }
        if slot.is_deprecated() {
            schema.insert("deprecated".to_owned(), true.into());
        }
        schema
    }

    fn aggregate(&mut self, slot: Slot<'m>, path: &str) -> Map<String, Value> {
        if self.uses.is_root(slot) {
            return Map::from_iter([("$ref".to_owned(), "#".into())]);
        }
        if slot.members().is_empty() {
            return self.body(slot, path);
        }
        if self.expanded.is_some_and(|expanded| !expanded.contains(slot.target)) {
            return cut(path);
        }
        if self.uses.is_shared(slot) { self.reference(slot, path) } else { self.body(slot, path) }
    }

    fn reference(&mut self, slot: Slot<'m>, path: &str) -> Map<String, Value> {
        self.pending.entry(slot.target).or_insert_with(|| (slot, path.to_owned()));
        Map::from_iter([("$ref".to_owned(), format!("#/$defs/{}", slot.target).into())])
    }

    /// A structure or a union, shown.
    fn body(&mut self, slot: Slot<'m>, path: &str) -> Map<String, Value> {
        let mut schema = Map::new();
        schema.insert("type".to_owned(), "object".into());
        let (mut properties, mut required) = (Map::new(), Vec::new());
        let (mut bytes, mut left_out) = (0, 0);
        for member in slot.members() {
            let place = Slot::of_member(self.model, member);
            let must = place.must_be_given(&self.model.service);
            if bytes > self.style.members && !must {
                left_out += 1;
                continue;
            }
            let mut value = self.place(place, &join(path, &member.name));
            let must_be_set = must || slot.kind == ShapeType::Union;
            if self.style.exact && !must_be_set {
                value = leaf::or_null(value);
            } else if self.style.exact && place.kind == ShapeType::Document {
                value.insert("not".to_owned(), json!({"type": "null"}));
            }
            let value = Value::Object(value);
            if self.style.members != usize::MAX {
                bytes += member.name.len() + size(&value) + 4;
            }
            properties.insert(member.name.clone(), value);
            if must {
                required.push(Value::from(member.name.as_str()));
            }
        }
        if slot.kind == ShapeType::Union {
            let one: Vec<_> = properties.keys().map(|name| json!({"required": [name]})).collect();
            schema.insert("oneOf".to_owned(), one.into());
        }
        schema.insert("properties".to_owned(), Value::Object(properties));
        if !required.is_empty() {
            schema.insert("required".to_owned(), required.into());
        }
        if left_out > 0 {
            let text = format!("Cut: {left_out} more optional members; ask with detail full");
            schema.insert("description".to_owned(), text.into());
        } else {
            schema.insert("additionalProperties".to_owned(), false.into());
        }
        schema
    }

    fn list(&mut self, slot: Slot<'m>, path: &str) -> Map<String, Value> {
        let mut schema = Map::new();
        schema.insert("type".to_owned(), "array".into());
        let item = slot.item(self.model);
        let items = self.inside(slot, item, path);
        schema.insert("items".to_owned(), items);
        if self.style.bounds {
            leaf::bounds(slot, "minItems", "maxItems", &mut schema);
        }
        if slot.has_unique_items() {
            schema.insert("uniqueItems".to_owned(), true.into());
        }
        schema
    }

    fn map(&mut self, slot: Slot<'m>, path: &str) -> Map<String, Value> {
        let mut schema = Map::new();
        schema.insert("type".to_owned(), "object".into());
        let names = leaf::key(slot.key(self.model), self.style, path, self.uses);
        if !names.is_empty() {
            schema.insert("propertyNames".to_owned(), Value::Object(names));
        }
        let value = slot.value(self.model);
        let values = self.inside(slot, value, path);
        schema.insert("additionalProperties".to_owned(), values);
        if self.style.bounds {
            leaf::bounds(slot, "minProperties", "maxProperties", &mut schema);
        }
        schema
    }

    /// What stands inside a list or a map: null too where it is sparse.
    fn inside(&mut self, around: Slot<'m>, slot: Slot<'m>, path: &str) -> Value {
        // Only a broken model has lists of nothing but lists.
        if super::uses::contents(self.model, slot).is_none() {
            return json!({});
        }
        let schema = Value::Object(self.place(slot, path));
        if around.is_sparse() { json!({"anyOf": [schema, {"type": "null"}]}) } else { schema }
    }
}

/// What holds beyond what JSON Schema can say; in the `$comment` of every whole schema.
pub(super) const BEYOND: &str = "Also checked: a number given as text lies within the same bounds; a date is one of the \
    calendar; what differs only in spelling counts as the same item; JSON given in place of its text has the text's \
    length; numbers beyond 2^53 are written as digits, without fraction or exponent; at most 128 levels.";

/// Adds the definitions that something refers to.
fn add_definitions(schema: &Map<String, Value>, defs: &mut Map<String, Value>) {
    let [bytes, file] = bytes::definitions();
    for (reference, name, definition) in [bytes, file, leaf::timestamp_definition()] {
        if schema.values().chain(defs.values()).any(|value| refers_to(value, reference)) {
            defs.insert(name.to_owned(), definition);
        }
    }
}

fn refers_to(schema: &Value, reference: &str) -> bool {
    match schema {
        Value::Object(members) => {
            members.get("$ref").is_some_and(|target| target == reference)
                || members.values().any(|member| refers_to(member, reference))
        }
        Value::Array(items) => items.iter().any(|item| refers_to(item, reference)),
        _ => false,
    }
}

/// The mark of what is not shown.
fn cut(path: &str) -> Map<String, Value> {
    let text = format!("Cut: ask with path {path}");
    Map::from_iter([("type".to_owned(), "object".into()), ("description".to_owned(), text.into())])
}

/// A path and one more step.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
