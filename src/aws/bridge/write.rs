//! JSON onto the wire: a JSON object that presents itself as a structure.

use aws_smithy_schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use aws_smithy_schema::{Schema, prelude};
use serde_json::{Map, Value};

use super::scalar::{self, expected};
use crate::aws::schema::{Node, Structure};

/// How values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// Empty lists are written; ec2Query leaves them out.
    pub(crate) empty_lists: bool,
    /// The model's defaults are written where structures below the input leave members out.
    pub(crate) defaults: bool,
}

/// A JSON object as the protocol crates want to see a structure. Stateless: XML asks twice.
pub(crate) struct Input<'v> {
    structure: &'v Structure,
    value: &'v Map<String, Value>,
    style: Style,
    top: bool,
}

impl<'v> Input<'v> {
    /// Presents an object as that structure.
    pub(crate) const fn new(structure: &'v Structure, value: &'v Map<String, Value>, style: Style) -> Self {
        Self { structure, value, style, top: true }
    }

    /// # Errors
    /// When there is a member that the structure does not have, or a union has not exactly one.
    pub(crate) fn check(&self) -> Result<(), SerdeError> {
        let known = |name: &String| self.structure.members.iter().any(|member| member.name == name);
        if let Some(unknown) = self.value.keys().find(|name| !known(name)) {
            return Err(SerdeError::custom(format!("there is no member `{unknown}`")));
        }
        let set = self.value.values().filter(|value| !value.is_null()).count();
        if self.structure.union && set != 1 {
            return Err(SerdeError::custom(format!("expected exactly one member of a union, got {set}")));
        }
        Ok(())
    }
}

impl SerializableStruct for Input<'_> {
    fn schema(&self) -> &Schema<'_> {
        &self.structure.schema
    }

    fn serialize_members(&self, serializer: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        for member in &self.structure.members {
            let default = member.default.as_ref().filter(|_| self.style.defaults && !self.top && !self.structure.union);
            let given = self.value.get(member.name).filter(|value| !value.is_null());
            let Some(value) = given.or(default) else { continue };
            write(serializer, member.schema, member.node, value, self.style)
                .map_err(|error| at(&error, member.name))?;
        }
        Ok(())
    }
}

fn write(
    serializer: &mut dyn ShapeSerializer,
    schema: &Schema<'_>,
    node: Node,
    value: &Value,
    style: Style,
) -> Result<(), SerdeError> {
    match node {
        Node::Scalar(kind) => scalar::write(serializer, schema, kind, value),
        Node::Structure(cell) => {
            let structure = cell.get().ok_or_else(|| SerdeError::custom("this structure has no schema"))?;
            let object = value.as_object().ok_or_else(|| expected("an object", value))?;
            let input = Input { structure, value: object, style, top: false };
            input.check()?;
            // A member stands under its own name; a payload and an element under their target's.
            let under_own_name = schema.member_name().is_some() && schema.http_payload().is_none();
            serializer.write_struct(if under_own_name { schema } else { &structure.schema }, &input)
        }
        Node::List(list) => {
            let items = value.as_array().ok_or_else(|| expected("an array", value))?;
            if items.is_empty() && !style.empty_lists {
                return Ok(());
            }
            let written = |item: &&Value| list.sparse || !item.is_null();
            serializer.write_list_with_length(schema, items.iter().filter(written).count(), &|serializer| {
                for (index, item) in items.iter().enumerate().filter(|(_, item)| written(item)) {
                    if item.is_null() {
                        serializer.write_null(list.element)?;
                    } else {
                        write(serializer, list.element, list.node, item, style)
                            .map_err(|error| at(&error, &format!("[{index}]")))?;
                    }
                }
                Ok(())
            })
        }
        Node::Map(map) => {
            let entries = value.as_object().ok_or_else(|| expected("an object", value))?;
            let written = |value: &Value| map.sparse || !value.is_null();
            let count = entries.values().filter(|value| written(value)).count();
            serializer.write_map_with_length(schema, count, &|serializer| {
                for (key, value) in entries.iter().filter(|(_, value)| written(value)) {
                    serializer.write_string(&prelude::STRING, key)?;
                    if value.is_null() {
                        serializer.write_null(map.element)?;
                    } else {
                        write(serializer, map.element, map.node, value, style).map_err(|error| at(&error, key))?;
                    }
                }
                Ok(())
            })
        }
    }
}

/// Says where in the payload an error is.
fn at(error: &SerdeError, place: &str) -> SerdeError {
    SerdeError::custom(format!("{place}: {error}"))
}
