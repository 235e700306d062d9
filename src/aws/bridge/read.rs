//! The wire into JSON: members in model order, absent ones left out.

use aws_smithy_schema::Schema;
use aws_smithy_schema::serde::{SerdeError, ShapeDeserializer};
use serde_json::{Map, Value};

use super::scalar;
use crate::aws::schema::{Node, Structure};

/// Reads a structure or union.
///
/// # Errors
/// When the wire does not hold what the schema says.
pub(crate) fn read_structure(
    deserializer: &mut dyn ShapeDeserializer,
    structure: &Structure,
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
        if deserializer.is_null() && !matches!(member.node, Node::Scalar(aws_smithy_schema::ShapeType::Document)) {
            return deserializer.read_null();
        }
        let value = read(deserializer, member.schema, member.node);
        *slot = Some(value.map_err(|error| SerdeError::custom(format!("{}: {error}", member.name)))?);
        Ok(())
    })?;
    let members = structure.members.iter().zip(slots);
    Ok(members.filter_map(|(member, value)| Some((member.name.to_owned(), value?))).collect())
}

fn read(deserializer: &mut dyn ShapeDeserializer, schema: &Schema<'_>, node: Node) -> Result<Value, SerdeError> {
    match node {
        Node::Scalar(kind) => scalar::read(deserializer, schema, kind),
        Node::Structure(cell) => {
            let structure = cell.get().ok_or_else(|| SerdeError::custom("this structure has no schema"))?;
            read_structure(deserializer, structure).map(Value::Object)
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
                items.push(read(deserializer, list.element, list.node)?);
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
                let value = read(deserializer, map.element, map.node)?;
                entries.insert(key, value);
                Ok(())
            })?;
            Ok(Value::Object(entries))
        }
    }
}
