//! The wire into JSON: members in model order, absent ones left out.

use aws_smithy_schema::serde::{SerdeError, ShapeDeserializer};
use aws_smithy_schema::{Schema, ShapeType};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::{Map, Value};

use super::scalar;
use crate::aws::schema::{MemberNode, Node, Structure};

/// Reads a structure or union. With `defaults`, members that are absent are filled in as Smithy's typed
/// clients do: by the model's default, else, where required, by what is nothing in their type.
///
/// # Errors
/// When the wire does not hold what the schema says.
pub(crate) fn read_structure(
    deserializer: &mut dyn ShapeDeserializer,
    structure: &Structure,
    defaults: bool,
) -> Result<Map<String, Value>, SerdeError> {
    let mut slots: Vec<Option<Value>> = Vec::new();
    slots.resize_with(structure.members.len(), || None);
    deserializer.read_struct(&structure.schema, &mut |schema, deserializer| {
        // Codecs report what the model does not know under a schema without index; it is passed over.
        let Some((member, slot)) =
            schema.member_index().and_then(|index| structure.members.get(index).zip(slots.get_mut(index)))
        else {
            return Ok(());
        };
        if deserializer.is_null() && !matches!(member.node, Node::Scalar(ShapeType::Document)) {
            return deserializer.read_null();
        }
        let value = read(deserializer, member.schema, member.node, defaults);
        *slot = Some(value.map_err(|error| SerdeError::custom(format!("{}: {error}", member.name)))?);
        Ok(())
    })?;
    let members = structure.members.iter().zip(slots);
    let value = |(member, value): (&MemberNode, Option<Value>)| {
        let filled = || if defaults && !structure.union { fill(member) } else { None };
        Some((member.name.to_owned(), value.or_else(filled)?))
    };
    Ok(members.filter_map(value).collect())
}

fn read(
    deserializer: &mut dyn ShapeDeserializer,
    schema: &Schema<'_>,
    node: Node,
    defaults: bool,
) -> Result<Value, SerdeError> {
    match node {
        Node::Scalar(kind) => scalar::read(deserializer, schema, kind),
        Node::Structure(cell) => {
            let structure = cell.get().ok_or_else(|| SerdeError::custom("this structure has no schema"))?;
            read_structure(deserializer, structure, defaults).map(Value::Object)
        }
        Node::List(list) => {
            let mut items = Vec::new();
            deserializer.read_list(schema, &mut |deserializer| {
                if deserializer.is_null() {
                    deserializer.read_null()?;
                    if list.sparse {
                        items.push(Value::Null);
                    }
                    return Ok(());
                }
                items.push(read(deserializer, list.element, list.node, defaults)?);
                Ok(())
            })?;
            Ok(Value::Array(items))
        }
        Node::Map(map) => {
            let mut entries = Map::new();
            deserializer.read_map(schema, &mut |key, deserializer| {
                if deserializer.is_null() {
                    deserializer.read_null()?;
                    if map.sparse {
                        entries.insert(key, Value::Null);
                    }
                    return Ok(());
                }
                let value = read(deserializer, map.element, map.node, defaults)?;
                entries.insert(key, value);
                Ok(())
            })?;
            Ok(Value::Object(entries))
        }
    }
}

/// What an absent member counts as. A timestamp's default is seconds.
fn fill(member: &MemberNode) -> Option<Value> {
    let nothing = || {
        Some(match member.node {
            Node::Scalar(ShapeType::Boolean) => Value::from(false),
            Node::Scalar(ShapeType::String | ShapeType::Blob) => Value::from(""),
            Node::Scalar(ShapeType::Document) => Value::Null,
            Node::Scalar(_) => Value::from(0),
            Node::List(_) => Value::Array(Vec::new()),
            Node::Map(_) => Value::Object(Map::new()),
            Node::Structure(_) => return None,
        })
    };
    let value = member.default.clone().or_else(|| if member.required { nothing() } else { None })?;
    match (member.node, value.as_i64()) {
        (Node::Scalar(ShapeType::Timestamp), Some(seconds)) => {
            DateTime::from_secs(seconds).fmt(Format::DateTime).ok().map(Value::from)
        }
        _ => Some(value),
    }
}
