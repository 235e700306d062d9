//! Shapes, and which of them a service reaches.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{PRELUDE, Reader, document::Raw};
use crate::smithy::{
    EnumValue, Member, Model, Shape, ShapeType, Traits,
    read::{Problem, Under},
};

impl Reader<'_> {
    /// Adds the shapes of these ids to the model, and all that they lead to.
    pub(super) fn reach(&mut self, ids: Vec<String>, model: &mut Model) -> Result<(), Problem> {
        let mut ids = ids;
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        while let Some(id) = ids.pop() {
            let name = self.name(&id);
            match names.get(&name) {
                Some(known) if *known == id => continue,
                Some(known) => {
                    return Err(Problem::new(format!(
                        "{id} and {known} would both be named `{name}`, and no rename helps"
                    )));
                }
                None => {
                    names.insert(name.clone(), id.clone());
                }
            }
            let document = self.document;
            let shape = match document.get(&id) {
                Some(raw) => {
                    ids.extend(raw.members.iter().filter(|_| !is_enum(raw)).map(|member| member.target.clone()));
                    self.shape(&name, raw).under(&id).under("shapes")?
                }
                None if id.starts_with(PRELUDE) => Shape { kind: prelude(&id)?, ..Shape::default() },
                None => return Err(Problem::new(format!("the shape {id} is not there"))),
            };
            model.shapes.insert(name, shape);
        }
        Ok(())
    }

    fn shape(&mut self, name: &str, raw: &Raw) -> Result<Shape, Problem> {
        let mut shape = Shape { kind: kind(&raw.kind)?, ..Shape::default() };
        let mut traits = self.traits(name, &raw.traits, name).under("traits")?;
        for key in raw.rest.keys() {
            self.notes.unknown.add("shape", key, name);
        }
        if is_enum(raw) {
            traits.enum_values = enum_values(raw)?;
        } else {
            for member in &raw.members {
                let place = format!("{name}.{}", member.name);
                let mut own = self.traits(&member.name, &member.traits, &place).under("traits").under(&member.name)?;
                // A name that says what holds anyway says nothing; the root of a payload is named otherwise.
                own.json_name.take_if(|name| *name == member.name);
                if own.location.is_none() {
                    own.xml_name.take_if(|name| *name == member.name);
                }
                shape.members.push(Member {
                    name: member.name.clone(),
                    target: self.name(&member.target),
                    required: member.traits.contains_key("smithy.api#required"),
                    traits: boxed(own),
                });
            }
        }
        shape.traits = boxed(traits);
        Ok(shape)
    }
}

fn boxed(traits: Traits) -> Option<Box<Traits>> {
    (traits != Traits::default()).then(|| Box::new(traits))
}

fn is_enum(raw: &Raw) -> bool {
    matches!(raw.kind.as_str(), "enum" | "intEnum")
}

/// A string enum's member without a value is its own value.
fn enum_values(raw: &Raw) -> Result<Vec<EnumValue>, Problem> {
    let value = |name: &str, value: Option<&Value>| match value {
        None if raw.kind == "enum" => Ok(EnumValue::String(name.to_owned())),
        Some(Value::String(text)) if raw.kind == "enum" => Ok(EnumValue::String(text.clone())),
        Some(Value::Number(number)) if raw.kind == "intEnum" && number.is_i64() => {
            Ok(EnumValue::Integer(number.as_i64().unwrap_or_default()))
        }
        _ => Err(Problem::new(format!("the value of `{name}` does not fit")).at("members")),
    };
    raw.members.iter().map(|member| value(&member.name, member.traits.get("smithy.api#enumValue"))).collect()
}

fn kind(kind: &str) -> Result<ShapeType, Problem> {
    Ok(match kind {
        "structure" => ShapeType::Structure,
        "union" => ShapeType::Union,
        "list" | "set" => ShapeType::List,
        "map" => ShapeType::Map,
        "string" | "enum" => ShapeType::String,
        "boolean" => ShapeType::Boolean,
        "byte" => ShapeType::Byte,
        "short" => ShapeType::Short,
        "integer" | "intEnum" => ShapeType::Integer,
        "long" => ShapeType::Long,
        "float" => ShapeType::Float,
        "double" => ShapeType::Double,
        "bigInteger" => ShapeType::BigInteger,
        "bigDecimal" => ShapeType::BigDecimal,
        "timestamp" => ShapeType::Timestamp,
        "blob" => ShapeType::Blob,
        "document" => ShapeType::Document,
        other => return Err(Problem::new(format!("a shape of type `{other}` cannot be data")).at("type")),
    })
}

/// The type of a shape of Smithy's prelude.
fn prelude(id: &str) -> Result<ShapeType, Problem> {
    let name = id.trim_start_matches(PRELUDE);
    if name == "Unit" {
        return Ok(ShapeType::Structure);
    }
    let mut chars = name.trim_start_matches("Primitive").chars();
    let camel: String = chars.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(chars).collect();
    kind(&camel).map_err(|_| Problem::new(format!("{id} is no shape of the prelude")))
}
