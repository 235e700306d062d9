//! The suite's own way to write values (blobs as plain text, timestamps as seconds) into ours and back.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::smithy::{Model, ShapeType, Slot};
use serde_json::{Map, Value};

/// The type of a shape by its name.
pub(super) fn kind(model: &Model, name: &str) -> ShapeType {
    Slot::of_shape(model, name).kind
}

/// A payload for us.
pub(super) fn payload(model: &Model, shape: Option<&str>, params: &Value) -> Value {
    shape.map_or_else(|| Value::Object(Map::new()), |shape| convert(model, shape, params, false))
}

/// What we should give back.
pub(super) fn expected(model: &Model, shape: Option<&str>, params: &Value) -> Value {
    shape.map_or_else(|| Value::Object(Map::new()), |shape| convert(model, shape, params, true))
}

fn convert(model: &Model, shape: &str, value: &Value, out: bool) -> Value {
    let slot = Slot::of_shape(model, shape);
    match (slot.kind, value) {
        (ShapeType::Structure | ShapeType::Union, Value::Null) => Value::Object(Map::new()),
        (ShapeType::Structure | ShapeType::Union, Value::Object(members)) => {
            let member = |(name, value): (&String, &Value)| {
                let target = slot.member(name).map_or("smithy.api#Document", |member| &member.target);
                (name.clone(), if value.is_null() { Value::Null } else { convert(model, target, value, out) })
            };
            Value::Object(members.iter().map(member).filter(|(_, value)| !value.is_null()).collect())
        }
        // Events of a stream.
        (ShapeType::Union, Value::Array(items)) => {
            Value::Array(items.iter().map(|item| convert(model, shape, item, out)).collect())
        }
        (ShapeType::List, Value::Array(items)) => {
            let target = slot.item(model).target.to_owned();
            Value::Array(items.iter().map(|item| entry(model, &target, item, out)).collect())
        }
        (ShapeType::Map, Value::Object(entries)) => {
            let target = slot.value(model).target.to_owned();
            let entries = entries.iter().map(|(key, value)| (key.clone(), entry(model, &target, value, out)));
            Value::Object(entries.collect())
        }
        // JSON inside a text (a header): to us it is the text.
        (ShapeType::String, Value::Object(_) | Value::Array(_)) => Value::String(value.to_string()),
        (ShapeType::Blob, Value::String(text)) => Value::String(STANDARD.encode(text)),
        (ShapeType::Timestamp, Value::Number(seconds)) if out => {
            #[expect(clippy::cast_possible_truncation, reason = "milliseconds of this century")]
            let millis = (seconds.as_f64().unwrap_or_default() * 1000.0).round() as i64;
            let instant = DateTime::from_millis(millis);
            Value::String(instant.fmt(Format::DateTime).expect("an instant of this century"))
        }
        _ => value.clone(),
    }
}

fn entry(model: &Model, shape: &str, value: &Value, out: bool) -> Value {
    if value.is_null() { Value::Null } else { convert(model, shape, value, out) }
}
