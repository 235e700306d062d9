//! The places of a payload where a file stands for bytes, and what the model says of them; where an answer has bytes
//! that can be saved as they are.

use serde_json::Value;

use super::CallError;
use crate::base::canonical_json;
use crate::smithy::{Location, Model, Operation, ShapeType, Slot};
use crate::uploads::{Refusal, Spec};
use crate::validate::FileRef;

/// A `$path` in a payload.
#[derive(Debug, Clone, PartialEq)]
pub struct Blob {
    /// Where in the bound payload, as a JSON pointer.
    pub pointer: String,
    /// The member's name.
    pub member: String,
    /// What it says.
    pub spec: Spec,
    name: String,
    /// Whether the member is the whole body of the request.
    pub whole_body: bool,
    /// Bytes at least.
    pub min: u64,
    /// Bytes at most, where the model says it.
    pub max: Option<u64>,
}

impl Blob {
    /// Reads the references that binding found.
    ///
    /// # Errors
    /// What a path cannot be.
    pub fn read(model: &Model, operation: &Operation, files: &[FileRef]) -> Result<Vec<Self>, CallError> {
        files.iter().map(|file| Self::of(model, operation, file)).collect()
    }

    /// What it is called in what an approval is bound to: the whole reference, because a folder's options choose its files.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn of(model: &Model, operation: &Operation, file: &FileRef) -> Result<Self, CallError> {
        let spec = Spec::read(&file.value).map_err(|refusal| refused(&refusal))?;
        let mut slot = Slot::of_shape(model, operation.input.as_deref().unwrap_or("smithy.api#Unit"));
        let mut member = String::new();
        let steps: Vec<&str> = file.pointer.split('/').skip(1).collect();
        for step in &steps {
            let name = step.replace("~1", "/").replace("~0", "~");
            slot = match slot.kind {
                ShapeType::List => slot.item(model),
                ShapeType::Map => slot.value(model),
                _ => match slot.member(&name) {
                    Some(found) => {
                        member.clone_from(&found.name);
                        Slot::of_member(model, found)
                    }
                    None => Slot::of_shape(model, "smithy.api#Blob"),
                },
            };
        }
        let whole_body = steps.len() == 1 && body_of(model, operation.input.as_deref()) == Some(member.as_str());
        Ok(Self {
            pointer: file.pointer.clone(),
            name: match file.value.as_object() {
                Some(options) if options.len() == 1 => spec.text().to_owned(),
                _ => canonical_json(&file.value),
            },
            member,
            spec,
            whole_body,
            min: slot.min().and_then(serde_json::Number::as_u64).unwrap_or(0),
            max: slot.max().and_then(serde_json::Number::as_u64),
        })
    }
}

/// The member of a structure that is a message's whole body, if that is bytes or text.
pub fn body_of<'m>(model: &'m Model, structure: Option<&'m str>) -> Option<&'m str> {
    let slot = Slot::of_shape(model, structure?);
    let members = slot.members().iter();
    let mut bodies = members.filter(|member| member.traits().location == Some(Location::Payload));
    bodies.find_map(|member| {
        let kind = Slot::of_member(model, member).kind;
        matches!(kind, ShapeType::Blob | ShapeType::String).then_some(member.name.as_str())
    })
}

/// Whether files of a folder in this place become objects of their own.
pub fn becomes_objects(service: &str, operation: &str, member: &str) -> bool {
    (service, operation, member) == ("s3", "PutObject", "Body")
}

/// The payload of an upload with the key that its objects begin with: `keyPrefix`, where it is given, in place of `Key`. So
/// whoever looks at the payload sees what counts.
pub fn settle_key(service: &str, operation: &str, payload: &mut Value) {
    let prefix = payload.pointer("/Body/keyPrefix").and_then(Value::as_str).map(str::to_owned);
    let Some(prefix) = prefix.filter(|_| becomes_objects(service, operation, "Body")) else { return };
    if let Some(members) = payload.as_object_mut() {
        // A key is never empty: from the bucket's root on, it begins with nothing.
        let key = if prefix.is_empty() { "*".to_owned() } else { prefix };
        members.insert("Key".to_owned(), key.into());
    }
}

/// A value in the place of another one, named by a JSON pointer.
pub fn put(payload: &mut Value, pointer: &str, value: Value) {
    if let Some(place) = payload.pointer_mut(pointer) {
        *place = value;
    }
}

/// A refused file in the words of the contract.
pub fn refused(refusal: &Refusal) -> CallError {
    CallError::new("FileRefused", refusal.to_string())
        .hint(refusal.cure.clone())
        .with("path", refusal.path.as_str())
        .with("rule", refusal.rule.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn model() -> Model {
        serde_json::from_value(json!({
            "service": {},
            "operations": {"Put": {"name": "Put", "input": "In", "output": "Out"}},
            "shapes": {
                "In": {"t": "structure", "m": [
                    {"n": "Body", "t": "Bytes", "x": {"location": "payload"}},
                    {"n": "Items", "t": "Items"}]},
                "Out": {"t": "structure", "m": [{"n": "Text", "t": "smithy.api#String", "x": {"location": "payload"}}]},
                "Items": {"t": "list", "m": [{"n": "member", "t": "Item"}]},
                "Item": {"t": "structure", "m": [{"n": "a/b", "t": "Map"}]},
                "Map": {"t": "map", "m": [{"n": "key", "t": "smithy.api#String"}, {"n": "value", "t": "Small"}]},
                "Bytes": {"t": "blob"},
                "Small": {"t": "blob", "x": {"min": 1, "max": 9}},
            }
        }))
        .unwrap()
    }

    #[test]
    fn places_are_found_in_the_model() {
        let model = model();
        let operation = model.operation("Put").unwrap();
        let file = |pointer: &str| FileRef { pointer: pointer.to_owned(), value: json!({"$path": "x"}) };
        let blobs = Blob::read(&model, operation, &[file("/Body"), file("/Items/3/a~1b/k")]).unwrap();
        let told: Vec<_> = blobs.iter().map(|b| (b.member.as_str(), b.whole_body, b.min, b.max)).collect();
        assert_eq!(told, [("Body", true, 0, None), ("a/b", false, 1, Some(9))]);
        assert_eq!(body_of(&model, operation.output.as_deref()), Some("Text"));
    }

    #[test]
    fn a_wrong_path_is_refused() {
        let model = model();
        let file = FileRef { pointer: "/Body".into(), value: json!({"$path": "~/x"}) };
        let error = Blob::read(&model, model.operation("Put").unwrap(), &[file]).unwrap_err();
        assert_eq!(
            (error.kind, &error.extra["path"], &error.extra["rule"]),
            ("FileRefused", &json!("~/x"), &json!("path"))
        );
    }
}
