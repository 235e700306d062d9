//! What an operation is made of on the wire: its own facts, the shapes that its input, output and errors reach, and
//! its service's protocol. Two models in which these are the same mean the same call.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Model, Operation, Shape};
use crate::base::Digest;

/// Facts of an operation that change nothing of a call: prose, and what only judges it.
const NOT_OF_THE_CALL: [&str; 5] = ["documentation", "deprecated", "readonly", "resource", "lifecycle"];

/// Traits that change nothing of a value.
const NOT_OF_THE_VALUE: [&str; 2] = ["documentation", "deprecated"];

/// The digest of everything a call of this operation is made of. Documentation, the order of members, and shapes
/// that only other operations use do not count; endpoint rules do not either: what they resolve to is bound by itself.
pub fn digest(model: &Model, operation: &Operation) -> Digest {
    let shapes: Map<String, Value> =
        reached(model, operation).into_iter().map(|(name, shape)| (name.to_owned(), plain_shape(shape))).collect();
    let own = json!({"service": wire_facts(model), "operation": plain_operation(operation), "shapes": shapes});
    Digest::of_json("countersign operation v1", &own)
}

/// Every shape that the operation's input, output and errors reach, by name.
fn reached<'m>(model: &'m Model, operation: &'m Operation) -> BTreeMap<&'m str, &'m Shape> {
    let ends = operation.input.iter().chain(&operation.output).chain(&operation.errors);
    let mut open: Vec<&str> = ends.map(String::as_str).collect();
    let mut found = BTreeMap::new();
    while let Some(name) = open.pop() {
        if found.contains_key(name) {
            continue;
        }
        // What the model lacks is of Smithy's prelude, and always the same.
        let Some(shape) = model.shape(name) else { continue };
        found.insert(name, shape);
        open.extend(shape.members.iter().map(|member| member.target.as_str()));
    }
    found
}

fn wire_facts(model: &Model) -> Value {
    let service = &model.service;
    json!({
        "name": service.name,
        "shape_name": service.shape_name,
        "version": service.version,
        "protocols": service.protocols,
        "auth": service.auth,
        "signing_name": service.signing_name,
        "signature_version": service.signature_version,
        "endpoint_prefix": service.endpoint_prefix,
        "target_prefix": service.target_prefix,
        "xml_namespace": service.xml_namespace,
        "query_compatible": service.query_compatible,
        "no_error_wrapping": service.no_error_wrapping,
    })
}

fn plain_operation(operation: &Operation) -> Value {
    let mut value = value_of(operation);
    if let Some(facts) = value.as_object_mut() {
        facts.retain(|key, _| !NOT_OF_THE_CALL.contains(&key.as_str()));
        if let Some(errors) = facts.get_mut("errors").and_then(Value::as_array_mut) {
            errors.sort_by_cached_key(ToString::to_string);
        }
    }
    value
}

fn plain_shape(shape: &Shape) -> Value {
    let mut value = value_of(shape);
    plain_traits(&mut value);
    for member in value.get_mut("m").and_then(Value::as_array_mut).into_iter().flatten() {
        plain_traits(member);
    }
    if let Some(members) = value.get_mut("m").and_then(Value::as_array_mut) {
        members.sort_by_cached_key(|member| member.get("n").map(ToString::to_string));
    }
    value
}

/// Takes the prose out of the traits of a shape or member; traits that were nothing else are as none.
fn plain_traits(value: &mut Value) {
    let Some(value) = value.as_object_mut() else { return };
    let Some(traits) = value.get_mut("x").and_then(Value::as_object_mut) else { return };
    traits.retain(|key, _| !NOT_OF_THE_VALUE.contains(&key.as_str()));
    if let Some(values) = traits.get_mut("enum_values").and_then(Value::as_array_mut) {
        values.sort_by_cached_key(ToString::to_string);
    }
    if traits.is_empty() {
        value.remove("x");
    }
}

/// These are structures of strings, numbers and maps with string keys: writing them as JSON cannot fail.
fn value_of(part: &impl serde::Serialize) -> Value {
    serde_json::to_value(part).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> Model {
        let shape = |members: Value| json!({"t": "structure", "m": members});
        serde_json::from_value(json!({
            "service": {"name": "toy", "version": "2020-01-01", "protocols": ["awsJson1_0"]},
            "operations": {
                "PutToy": {"name": "PutToy", "http": {"method": "POST", "uri": "/"}, "input": "PutToyInput",
                           "output": "Receipt", "errors": ["Broken", "Absent"]},
                "GetToy": {"name": "GetToy", "http": {"method": "POST", "uri": "/"}, "input": "GetToyInput"},
            },
            "shapes": {
                "PutToyInput": shape(json!([{"n": "Name", "t": "Name", "r": true}, {"n": "Part", "t": "Part"}])),
                "Part": shape(json!([{"n": "Inner", "t": "Part"}, {"n": "Kind", "t": "Kind"}])),
                "Kind": {"t": "string", "x": {"enum_values": ["a", "b"]}},
                "Name": {"t": "string", "x": {"max": 9}},
                "Receipt": shape(json!([{"n": "Id", "t": "smithy.api#String"}])),
                "Broken": shape(json!([])), "Absent": shape(json!([])),
                "GetToyInput": shape(json!([{"n": "Name", "t": "OtherName"}])),
                "OtherName": {"t": "string"},
            },
        }))
        .unwrap()
    }

    fn digests(model: &Model) -> (Digest, Digest) {
        let of = |name: &str| digest(model, model.operation(name).unwrap());
        (of("PutToy"), of("GetToy"))
    }

    type Change = fn(&mut Value);

    fn changed(change: Change) -> Model {
        let mut value = serde_json::to_value(model()).unwrap();
        change(&mut value);
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_a_call_is_made_of_counts_for_that_call() {
        let (put, get) = digests(&model());
        assert_ne!(put, get);
        // Each change, and whether it is one of PutToy and of GetToy.
        let changes: [(&str, Change, bool, bool); 13] = [
            ("a deep enum", |m| m["shapes"]["Kind"]["x"]["enum_values"] = json!(["a", "b", "c"]), true, false),
            ("a bound", |m| m["shapes"]["Name"]["x"]["max"] = json!(10), true, false),
            ("a member", |m| m["shapes"]["Receipt"]["m"][0]["n"] = json!("Arn"), true, false),
            ("an error's shape", |m| m["shapes"]["Broken"]["m"] = json!([{"n": "Why", "t": "Name"}]), true, false),
            ("an error", |m| m["operations"]["PutToy"]["errors"] = json!(["Broken"]), true, false),
            ("the method", |m| m["operations"]["PutToy"]["http"]["method"] = json!("PUT"), true, false),
            ("the other's shape", |m| m["shapes"]["OtherName"] = json!({"t": "blob"}), false, true),
            ("the protocol", |m| m["service"]["protocols"] = json!(["awsJson1_1"]), true, true),
            (
                "prose",
                |m| {
                    m["shapes"]["Name"]["x"]["documentation"] = json!("Its name.");
                    m["shapes"]["OtherName"]["x"] = json!({"documentation": "Its name."});
                    m["shapes"]["GetToyInput"]["m"][0]["x"] = json!({"documentation": "It.", "deprecated": true});
                    m["operations"]["PutToy"]["documentation"] = json!("Puts.");
                    m["service"]["documentation"] = json!("Toys.");
                },
                false,
                false,
            ),
            (
                "order",
                |m| {
                    m["shapes"]["PutToyInput"]["m"].as_array_mut().unwrap().reverse();
                    m["shapes"]["Kind"]["x"]["enum_values"] = json!(["b", "a"]);
                    m["operations"]["PutToy"]["errors"] = json!(["Absent", "Broken"]);
                },
                false,
                false,
            ),
            (
                "what judges",
                |m| {
                    m["operations"]["PutToy"]["lifecycle"] = json!("put");
                    m["operations"]["PutToy"]["resource"] = json!("Toy");
                },
                false,
                false,
            ),
            (
                "another operation",
                |m| {
                    m["operations"]["NewToy"] = json!({"name": "NewToy", "http": {"method": "POST", "uri": "/"}});
                },
                false,
                false,
            ),
            ("endpoint rules", |m| m["endpoint_rules"] = json!({}), false, false),
        ];
        for (what, change, of_put, of_get) in changes {
            let (now_put, now_get) = digests(&changed(change));
            assert_eq!((now_put != put, now_get != get), (of_put, of_get), "{what}");
        }
    }
}
