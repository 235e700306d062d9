//! Simple types written as JSON Schema.

use serde_json::{Map, Number, Value, json};

use super::ecma::ecma;
use super::render::Style;
use super::uses::enum_bytes;
use crate::smithy::{EnumValue, ShapeType, Slot};

/// Base64 as the canonical form writes it.
const BASE64: &str = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$";

/// References to the definitions of bytes and files, and their names.
const BYTES_REF: &str = "#/$defs/$base64";
const FILE_REF: &str = "#/$defs/$path";

/// A simple type with its constraints.
pub(super) fn leaf(slot: Slot<'_>, style: Style, path: &str) -> Map<String, Value> {
    let schema = match slot.kind {
        ShapeType::String => return string(slot, style, path),
        ShapeType::Boolean => json!({"type": "boolean"}),
        ShapeType::Timestamp => json!({"type": "string", "format": "date-time"}),
        ShapeType::Blob => return blob(slot, style),
        ShapeType::Byte | ShapeType::Short | ShapeType::Integer | ShapeType::Long | ShapeType::BigInteger => {
            return integer(slot, style);
        }
        ShapeType::Float | ShapeType::Double | ShapeType::BigDecimal => return float(slot, style),
        ShapeType::Union => json!({"not": {}, "description": "An event stream; it cannot be sent"}),
        _ => json!({"description": "Any JSON"}),
    };
    into_map(schema)
}

/// The values of an enum.
pub(super) fn values(slot: Slot<'_>) -> Map<String, Value> {
    let text = slot.enum_values().iter().all(|value| matches!(value, EnumValue::String(_)));
    let values: Vec<_> = slot
        .enum_values()
        .iter()
        .map(|value| match value {
            EnumValue::String(text) => Value::from(text.as_str()),
            EnumValue::Integer(number) => Value::from(*number),
        })
        .collect();
    into_map(json!({"type": if text { "string" } else { "integer" }, "enum": values}))
}

/// The constraints of a map's keys; empty when there are none.
pub(super) fn key(slot: Slot<'_>, style: Style) -> Map<String, Value> {
    let mut schema = string(slot, style, "");
    schema.remove("type");
    schema.remove("description");
    schema
}

fn string(slot: Slot<'_>, style: Style, path: &str) -> Map<String, Value> {
    let mut schema = into_map(json!({"type": "string"}));
    if !slot.enum_values().is_empty() {
        if enum_bytes(slot) <= style.enum_bytes {
            schema = values(slot);
        } else {
            let text = format!("One of {} values: ask with path {path} and detail full", slot.enum_values().len());
            schema.insert("description".to_owned(), text.into());
        }
    }
    if style.bounds {
        bounds(slot, "minLength", "maxLength", &mut schema);
    }
    if slot.is_label() && schema.get("minLength").and_then(Value::as_u64).unwrap_or(0) == 0 {
        schema.insert("minLength".to_owned(), 1.into());
    }
    if let Some(pattern) = slot.pattern().filter(|_| style.patterns).and_then(ecma) {
        schema.insert("pattern".to_owned(), pattern.into());
    }
    if slot.is_json_text() {
        schema.insert("contentMediaType".to_owned(), "application/json".into());
    }
    schema
}

fn integer(slot: Slot<'_>, style: Style) -> Map<String, Value> {
    if !slot.enum_values().is_empty() {
        return values(slot);
    }
    let mut schema = into_map(json!({"type": "integer"}));
    if style.bounds {
        bounds(slot, "minimum", "maximum", &mut schema);
    }
    if style.exact {
        let (least, most) = match slot.kind {
            ShapeType::Byte => (i64::from(i8::MIN), i64::from(i8::MAX)),
            ShapeType::Short => (i64::from(i16::MIN), i64::from(i16::MAX)),
            ShapeType::Integer => (i64::from(i32::MIN), i64::from(i32::MAX)),
            ShapeType::Long => (i64::MIN, i64::MAX),
            // What a double cannot hold is written as text.
            _ => (-(1 << 53), 1 << 53),
        };
        schema.entry("minimum").or_insert_with(|| least.into());
        schema.entry("maximum").or_insert_with(|| most.into());
    }
    if slot.kind == ShapeType::BigInteger {
        return into_map(json!({"anyOf": [schema, {"type": "string", "pattern": "^-?[0-9]+$"}]}));
    }
    schema
}

fn float(slot: Slot<'_>, style: Style) -> Map<String, Value> {
    let mut schema = into_map(json!({"type": "number"}));
    if style.exact && slot.kind == ShapeType::Float {
        schema.insert("minimum".to_owned(), f64::from(f32::MIN).into());
        schema.insert("maximum".to_owned(), f64::from(f32::MAX).into());
    }
    if slot.min().is_some() || slot.max().is_some() {
        if style.bounds {
            bounds(slot, "minimum", "maximum", &mut schema);
        }
    } else if slot.kind != ShapeType::BigDecimal {
        return into_map(json!({"anyOf": [schema, {"enum": ["NaN", "Infinity", "-Infinity"]}]}));
    }
    schema
}

fn blob(slot: Slot<'_>, style: Style) -> Map<String, Value> {
    let mut bytes = if style.exact {
        into_map(json!({"$ref": BYTES_REF}))
    } else {
        into_map(json!({"type": "string", "contentEncoding": "base64"}))
    };
    if style.bounds {
        // The model counts bytes; three of them are four characters.
        let characters = |bytes: &Number| bytes.as_u64().map(|bytes| bytes.div_ceil(3).saturating_mul(4));
        for (name, bound) in [("minLength", slot.min()), ("maxLength", slot.max())] {
            if let Some(count) = bound.and_then(characters) {
                bytes.insert(name.to_owned(), count.into());
            }
        }
    }
    let file = if style.exact { json!({"$ref": FILE_REF}) } else { json!({"type": "object", "required": ["$path"]}) };
    into_map(json!({"anyOf": [bytes, file]}))
}

/// Adds the definitions of bytes and files where something refers to them.
pub(super) fn add_file_definitions(schema: &Map<String, Value>, defs: &mut Map<String, Value>) {
    if !schema.values().chain(defs.values()).any(refers_to_file) {
        return;
    }
    let globs = json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]});
    defs.insert("$base64".to_owned(), json!({"type": "string", "contentEncoding": "base64", "pattern": BASE64}));
    defs.insert(
        "$path".to_owned(),
        json!({
            "type": "object",
            "description": "A file or a folder on this machine",
            "properties": {
                "$path": {"type": "string", "minLength": 1},
                "keyPrefix": {"type": "string"},
                "recursive": {"type": "boolean"},
                "include": globs,
                "exclude": globs,
                "gitignore": {"type": "boolean"}
            },
            "required": ["$path"],
            "additionalProperties": false
        }),
    );
}

fn refers_to_file(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => {
            members.get("$ref").is_some_and(|target| target == FILE_REF) || members.values().any(refers_to_file)
        }
        Value::Array(items) => items.iter().any(refers_to_file),
        _ => false,
    }
}

/// Bounds of length or range under the names of the type. A bound that says nothing is left out.
pub(super) fn bounds(slot: Slot<'_>, least: &str, most: &str, schema: &mut Map<String, Value>) {
    let counts = least != "minimum";
    if let Some(min) = slot.min().filter(|min| !counts || min.as_u64() != Some(0)) {
        schema.insert(least.to_owned(), Value::Number(min.clone()));
    }
    if let Some(max) = slot.max() {
        schema.insert(most.to_owned(), Value::Number(max.clone()));
    }
}

fn into_map(schema: Value) -> Map<String, Value> {
    match schema {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
