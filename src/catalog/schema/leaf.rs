//! Simple types written as JSON Schema: strings, numbers, truth values, instants. Bytes are in `bytes`.

use serde_json::{Map, Number, Value, json};

use super::bytes;
use super::ecma::Said;
use super::render::Style;
use super::uses::{Uses, enum_bytes};
use crate::smithy::spelling::{BOOLEAN, HOST_LABEL, INTEGER, NUMBER, NUMBER_LENGTH, SECONDS, TIMESTAMP};
use crate::smithy::{EnumValue, ShapeType, Slot};

/// Reference to the definition of instants.
const TIMESTAMP_REF: &str = "#/$defs/$timestamp";

/// Characters of a pattern that is told in words.
const TOLD: usize = 200;

/// A simple type with its constraints.
pub(super) fn leaf<'m>(slot: Slot<'m>, style: Style, path: &str, uses: &Uses<'m>) -> Map<String, Value> {
    let schema = match slot.kind {
        ShapeType::String => return string(slot, style, path, uses),
        ShapeType::Boolean if style.exact => json!({"type": ["boolean", "string"], "pattern": BOOLEAN}),
        ShapeType::Boolean => json!({"type": "boolean"}),
        ShapeType::Timestamp if style.exact => json!({"$ref": TIMESTAMP_REF}),
        ShapeType::Timestamp => json!({"type": "string", "format": "date-time"}),
        ShapeType::Blob => return bytes::blob(slot, style),
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
pub(super) fn values(slot: Slot<'_>, style: Style) -> Map<String, Value> {
    let is_text = slot.enum_values().iter().all(|value| matches!(value, EnumValue::String(_)));
    let value = |value: &EnumValue| match value {
        EnumValue::String(text) => Value::from(text.as_str()),
        EnumValue::Integer(number) => Value::from(*number),
    };
    let mut values: Vec<_> = slot.enum_values().iter().map(value).collect();
    if is_text {
        return into_map(json!({"type": "string", "enum": values}));
    }
    if style.exact {
        let texts: Vec<_> = values.iter().map(|value| Value::from(value.to_string())).collect();
        values.extend(texts);
        return into_map(json!({"type": ["integer", "string"], "enum": values}));
    }
    into_map(json!({"type": "integer", "enum": values}))
}

/// The constraints of a map's keys; empty when there are none. The path is the map's.
pub(super) fn key<'m>(slot: Slot<'m>, style: Style, path: &str, uses: &Uses<'m>) -> Map<String, Value> {
    let mut schema = string(slot, style, path, uses);
    schema.remove("type");
    schema
}

/// Shapes whose value is base64 on the wire, and which take the text itself too, as botocore does (EC2's RunInstances,
/// Auto Scaling's CreateLaunchConfiguration).
const ENCODED: [&str; 2] = ["RunInstancesUserData", "XmlStringUserData"];

/// What is done to such a value on its way.
const ENCODED_NOTE: &str = "The text itself, which is base64-encoded on its way; what is base64 already stays as it is";

fn string<'m>(slot: Slot<'m>, style: Style, path: &str, uses: &Uses<'m>) -> Map<String, Value> {
    let mut schema = into_map(json!({"type": "string"}));
    if !slot.enum_values().is_empty() {
        if enum_bytes(slot) <= style.enum_bytes {
            schema = values(slot, style);
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
    if let Some(pattern) = slot.pattern().filter(|_| style.patterns) {
        let told = || pattern.chars().take(TOLD).collect::<String>();
        let note = match uses.said(pattern) {
            Said::Exact(text) => {
                schema.insert("pattern".to_owned(), text.into());
                None
            }
            Said::Loose(text) => {
                schema.insert("pattern".to_owned(), text.into());
                Some(format!("Not checked here: the upper bounds in the pattern {}", told()))
            }
            Said::Unsaid => Some(format!("Checked too: the pattern {}", told())),
            Said::Unchecked => Some(format!("Not checked here: the pattern {}", told())),
        };
        if let Some(note) = note {
            schema.insert("description".to_owned(), note.into());
        }
    }
    if slot.is_host_label() && style.exact {
        schema.insert("allOf".to_owned(), json!([{"pattern": HOST_LABEL}]));
    }
    if ENCODED.contains(&slot.target.rsplit('#').next().unwrap_or_default()) {
        schema.insert("description".to_owned(), ENCODED_NOTE.into());
    }
    if slot.is_json_text() {
        schema.insert("contentMediaType".to_owned(), "application/json".into());
        if style.exact {
            return into_map(json!({"anyOf": [schema, {"type": ["object", "array", "number", "boolean"]}]}));
        }
    }
    schema
}

fn integer(slot: Slot<'_>, style: Style) -> Map<String, Value> {
    if !slot.enum_values().is_empty() {
        return values(slot, style);
    }
    let mut schema = into_map(json!({"type": "integer"}));
    if style.bounds {
        bounds(slot, "minimum", "maximum", &mut schema);
    }
    if !style.exact {
        if slot.kind == ShapeType::BigInteger {
            return into_map(json!({"anyOf": [schema, {"type": "string", "pattern": INTEGER}]}));
        }
        return schema;
    }
    let (least, most): (Number, Number) = match slot.kind {
        ShapeType::Byte => (i8::MIN.into(), i8::MAX.into()),
        ShapeType::Short => (i16::MIN.into(), i16::MAX.into()),
        ShapeType::Integer => (i32::MIN.into(), i32::MAX.into()),
        ShapeType::Long => (i64::MIN.into(), i64::MAX.into()),
        // What is beyond is written as text, or a reader of JSON would lose digits.
        _ => (i64::MIN.into(), u64::MAX.into()),
    };
    within(least, most, &mut schema);
    schema.insert("type".to_owned(), json!(["integer", "string"]));
    schema.insert("pattern".to_owned(), INTEGER.into());
    schema.insert("maxLength".to_owned(), NUMBER_LENGTH.into());
    schema
}

fn float(slot: Slot<'_>, style: Style) -> Map<String, Value> {
    let mut schema = into_map(json!({"type": "number"}));
    if style.bounds {
        bounds(slot, "minimum", "maximum", &mut schema);
    }
    let special = match (slot.min(), slot.max()) {
        _ if slot.kind == ShapeType::BigDecimal => [].as_slice(),
        (None, None) => &["NaN", "Infinity", "-Infinity"],
        (Some(_), None) => &["Infinity"],
        (None, Some(_)) => &["-Infinity"],
        (Some(_), Some(_)) => &[],
    };
    if style.exact {
        if slot.kind == ShapeType::Float {
            let bound = |bound: f32| Number::from_f64(bound.into()).unwrap_or_else(|| 0.into());
            within(bound(f32::MIN), bound(f32::MAX), &mut schema);
        }
        let number = NUMBER.trim_start_matches('^').trim_end_matches('$');
        let pattern = [&[number], special].concat().join("|");
        schema.insert("type".to_owned(), json!(["number", "string"]));
        schema.insert("pattern".to_owned(), format!("^(?:{pattern})$").into());
        schema.insert("maxLength".to_owned(), NUMBER_LENGTH.into());
        return schema;
    }
    if slot.kind == ShapeType::BigDecimal {
        return into_map(json!({"anyOf": [schema, {"type": "string", "pattern": NUMBER}]}));
    }
    if special.is_empty() {
        return schema;
    }
    into_map(json!({"anyOf": [schema, {"enum": special}]}))
}

/// What the type can hold, where the model does not bound it more tightly.
fn within(least: Number, most: Number, schema: &mut Map<String, Value>) {
    let f64_of = |value: Option<&Value>| value.and_then(Value::as_f64);
    let is_looser = |name: &str, bound: &Number, schema: &Map<String, Value>| {
        let (given, bound) = (f64_of(schema.get(name)), bound.as_f64());
        given.zip(bound).is_none_or(|(given, bound)| if name == "minimum" { given < bound } else { given > bound })
    };
    for (name, bound) in [("minimum", least), ("maximum", most)] {
        if is_looser(name, &bound, schema) {
            schema.insert(name.to_owned(), Value::Number(bound));
        }
    }
}

/// The definition of instants.
pub(super) fn timestamp_definition() -> (&'static str, &'static str, Value) {
    let (first, last) = SECONDS;
    let definition = json!({
        "description": "An instant, best as RFC 3339 (2026-01-31T12:00:00Z); also an HTTP date or seconds since 1970",
        "type": ["string", "number"], "pattern": TIMESTAMP, "minimum": first, "maximum": last
    });
    (TIMESTAMP_REF, "$timestamp", definition)
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

/// A schema that takes `null` as well.
pub(super) fn or_null(schema: Map<String, Value>) -> Map<String, Value> {
    let mut schema = schema;
    let absent = json!({"type": "null"});
    if schema.contains_key("not") {
        schema.remove("not");
        schema.insert("type".to_owned(), "null".into());
    } else if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.push(absent);
    } else if let Some(target) = schema.remove("$ref") {
        schema.insert("anyOf".to_owned(), json!([{"$ref": target}, absent]));
    } else if let Some(Value::Array(choices)) = schema.get_mut("oneOf") {
        // `required` says nothing of what is no object.
        for choice in choices.iter_mut().filter_map(Value::as_object_mut) {
            choice.insert("type".to_owned(), "object".into());
        }
        choices.push(absent);
        schema.insert("type".to_owned(), json!(["object", "null"]));
    } else if let Some(kind) = schema.get_mut("type") {
        match kind {
            Value::Array(kinds) => kinds.push("null".into()),
            other => *other = json!([other.take(), "null"]),
        }
        if let Some(Value::Array(values)) = schema.get_mut("enum") {
            values.push(Value::Null);
        }
    }
    schema
}

pub(super) fn into_map(schema: Value) -> Map<String, Value> {
    match schema {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
