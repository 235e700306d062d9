//! A second reading, for an answer that does not fit its model: the call ran, so what can be read is given, what
//! cannot is given as it was sent or left out, and each such place is told.

use std::str::FromStr as _;

use aws_smithy_schema::serde::{SerdeError, ShapeDeserializer};
use aws_smithy_schema::traits::JsonNameTrait;
use aws_smithy_schema::{Schema, ShapeType, prelude};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::scalar;
use crate::aws::schema::{MemberNode, Node, Structure};

/// A place of an answer that is not as its model says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Where: names and indexes (`Items[3].Created`).
    pub path: String,
    /// What was expected, and what stands there instead.
    pub problem: String,
}

/// What did not fit, with the way to where the reading is.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    way: Vec<String>,
    found: Vec<Unread>,
}

impl Notes {
    /// What did not fit, by place: the codecs have an order of their own.
    pub(crate) fn into_sorted(mut self) -> Vec<Unread> {
        self.found.sort_by(|a, b| a.path.cmp(&b.path));
        self.found
    }

    fn within<T>(&mut self, step: String, read: impl FnOnce(&mut Self) -> T) -> T {
        self.way.push(step);
        let value = read(self);
        self.way.pop();
        value
    }

    fn note(&mut self, problem: String) {
        let path = self.way.concat();
        self.found.push(Unread { path: path.trim_start_matches('.').to_owned(), problem });
    }

    fn as_sent(&mut self, node: Node) {
        self.note(format!("{} was expected; this is what was sent", name(node)));
    }
}

const fn name(node: Node) -> &'static str {
    match node {
        Node::Structure(_) | Node::Map(_) => "an object",
        Node::List(_) => "an array",
        Node::Scalar(kind) => match kind {
            ShapeType::Boolean => "true or false",
            ShapeType::Timestamp => "an instant",
            ShapeType::Blob => "bytes in base64",
            ShapeType::String => "text",
            _ => "a number",
        },
    }
}

/// Reads a structure out of a JSON object that was sent. Members in headers are not among it.
pub(crate) fn read_tree(structure: &Structure, object: &Map<String, Value>, notes: &mut Notes) -> Map<String, Value> {
    let mut out = Map::new();
    for member in &structure.members {
        let sent = wire_names(member).find_map(|name| object.get(name)).filter(|value| !value.is_null());
        if let Some(sent) = sent {
            let value = notes.within(format!(".{}", member.name), |notes| tree(member.node, sent, notes));
            out.insert(member.name.to_owned(), value);
        }
    }
    out
}

/// A member's names on the wire: its own in JSON, where the protocol has those, else the model's.
fn wire_names(member: &MemberNode) -> impl Iterator<Item = &str> {
    member.schema.json_name().map(JsonNameTrait::value).into_iter().chain([member.name])
}

fn tree(node: Node, sent: &Value, notes: &mut Notes) -> Value {
    let fits = match (node, sent) {
        (Node::Structure(cell), Value::Object(object)) => {
            cell.get().map(|structure| Value::Object(read_tree(structure, object, notes)))
        }
        (Node::List(list), Value::Array(items)) => {
            let items = items.iter().enumerate().filter(|(_, item)| list.sparse || !item.is_null());
            let read = |(nth, item): (usize, &Value)| match item {
                Value::Null => Value::Null,
                item => notes.within(format!("[{nth}]"), |notes| tree(list.node, item, notes)),
            };
            Some(items.map(read).collect())
        }
        (Node::Map(map), Value::Object(entries)) => {
            let entries = entries.iter().filter(|(_, value)| map.sparse || !value.is_null());
            let read = |(key, value): (&String, &Value)| match value {
                Value::Null => (key.clone(), Value::Null),
                value => (key.clone(), notes.within(format!(".{key}"), |notes| tree(map.node, value, notes))),
            };
            Some(Value::Object(entries.map(read).collect()))
        }
        (Node::Scalar(kind), sent) => from_json(kind, sent),
        _ => None,
    };
    fits.unwrap_or_else(|| {
        notes.as_sent(node);
        sent.clone()
    })
}

fn from_json(kind: ShapeType, sent: &Value) -> Option<Value> {
    match (kind, sent) {
        (ShapeType::Document, _)
        | (ShapeType::String, Value::String(_))
        | (ShapeType::Boolean, Value::Bool(_))
        | (ShapeType::Float | ShapeType::Double | ShapeType::BigDecimal, Value::Number(_)) => Some(sent.clone()),
        (ShapeType::Timestamp, Value::Number(number)) => instant(DateTime::from_secs_f64(number.as_f64()?)),
        (_, Value::Number(number)) if is_whole(kind) && (number.is_i64() || number.is_u64()) => Some(sent.clone()),
        (_, Value::String(text)) if !is_whole(kind) && kind != ShapeType::Boolean => from_text(kind, text),
        _ => None,
    }
}

const fn is_whole(kind: ShapeType) -> bool {
    matches!(kind, ShapeType::Byte | ShapeType::Short | ShapeType::Integer | ShapeType::Long | ShapeType::BigInteger)
}

/// A value out of the text that stands for it in XML and in headers.
fn from_text(kind: ShapeType, text: &str) -> Option<Value> {
    match kind {
        ShapeType::String | ShapeType::Document => Some(text.into()),
        ShapeType::Boolean => text.trim().to_ascii_lowercase().parse::<bool>().ok().map(Value::from),
        ShapeType::Blob => STANDARD.decode(text).is_ok().then(|| text.into()),
        ShapeType::Timestamp => {
            let formats = [Format::DateTimeWithOffset, Format::HttpDate, Format::EpochSeconds];
            let read = |text: &str| formats.into_iter().find_map(|format| DateTime::from_str(text, format).ok());
            // As boto3: an instant without a zone is UTC's, and a space may stand for the `T`.
            let zoned = || read(&format!("{}Z", text.trim().replacen(' ', "T", 1)));
            read(text.trim()).or_else(zoned).and_then(instant)
        }
        ShapeType::Float | ShapeType::Double => match text.trim() {
            special @ ("NaN" | "Infinity" | "-Infinity") => Some(special.into()),
            number => number.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from),
        },
        kind if is_whole(kind) => text.trim().parse::<i64>().ok().map(Value::from),
        _ => serde_json::Number::from_str(text.trim()).ok().map(Value::Number),
    }
}

fn instant(instant: DateTime) -> Option<Value> {
    scalar::instant_text(instant).ok().map(Value::String)
}

/// Reads a structure out of XML or headers, where every value is text.
///
/// # Errors
/// When the whole is broken, not just members of it.
pub(crate) fn read_text(
    deserializer: &mut dyn ShapeDeserializer,
    structure: &Structure,
    notes: &mut Notes,
) -> Result<Map<String, Value>, SerdeError> {
    let mut slots: Vec<Option<Value>> = Vec::new();
    slots.resize_with(structure.members.len(), || None);
    deserializer.read_struct(&structure.schema, &mut |schema, deserializer| {
        let place = schema.member_index().and_then(|index| structure.members.get(index).zip(slots.get_mut(index)));
        if let Some((member, slot)) = place
            && !deserializer.is_null()
        {
            *slot = notes
                .within(format!(".{}", member.name), |notes| text(deserializer, member.schema, member.node, notes));
        }
        Ok(())
    })?;
    let members = structure.members.iter().zip(slots);
    Ok(members.filter_map(|(member, value)| Some((member.name.to_owned(), value?))).collect())
}

fn text(deserializer: &mut dyn ShapeDeserializer, schema: &Schema<'_>, node: Node, notes: &mut Notes) -> Option<Value> {
    let read = match node {
        // Only a string's own schema says how its text is to be read.
        Node::Scalar(kind) => {
            match deserializer.read_string(if kind == ShapeType::String { schema } else { &prelude::STRING }) {
                Ok(sent) => Ok(from_text(kind, &sent).unwrap_or_else(|| {
                    notes.as_sent(node);
                    Value::String(sent)
                })),
                // The status, which is no text.
                Err(_) => scalar::read(deserializer, schema, kind),
            }
        }
        Node::Structure(cell) => {
            let read = cell.get().map(|structure| read_text(deserializer, structure, notes).map(Value::Object));
            read.unwrap_or_else(|| Err(SerdeError::custom("this structure has no schema")))
        }
        Node::List(list) => {
            let mut items = Vec::new();
            let read = deserializer.read_list(schema, &mut |deserializer| {
                let nth = items.len();
                let item = notes.within(format!("[{nth}]"), |notes| text(deserializer, list.element, list.node, notes));
                items.extend(item);
                Ok(())
            });
            read.map(|()| Value::Array(items))
        }
        Node::Map(map) => {
            let mut entries = Map::new();
            let read = deserializer.read_map(schema, &mut |key, deserializer| {
                let value = notes.within(format!(".{key}"), |notes| text(deserializer, map.element, map.node, notes));
                entries.extend(value.map(|value| (key, value)));
                Ok(())
            });
            read.map(|()| Value::Object(entries))
        }
    };
    read.map_err(|error| notes.note(format!("left out: {error}"))).ok()
}
