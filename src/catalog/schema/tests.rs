//! Schemas of a hand-made model, whole.

use serde_json::{Value, json};

use super::{COMPACT_BYTES, Detail, SchemaError, input_schema};
use crate::smithy::Model;

mod types;

fn model(members: &Value, shapes: &Value) -> Model {
    let mut all = shapes.clone();
    all["In"] = json!({"t": "structure", "m": members});
    serde_json::from_value(json!({
        "service": {"name": "zoo", "sdk_id": "Zoo", "title": "Zoo", "version": "1", "endpoint_prefix": "zoo",
            "signing_name": "zoo", "protocols": ["restJson1"]},
        "operations": {
            "Put": {"name": "Put", "http": {"method": "POST", "uri": "/"}, "input": "In"},
            "Ping": {"name": "Ping", "http": {"method": "POST", "uri": "/"}}
        },
        "shapes": all
    }))
    .unwrap()
}

fn schema(model: &Model, detail: Detail, path: Option<&str>) -> Result<Value, SchemaError> {
    input_schema(model, model.operation("Put").unwrap(), detail, path)
}

/// The whole schema but for its comment, which is the same for all.
fn whole(model: &Model, path: Option<&str>) -> Value {
    let mut schema = schema(model, Detail::Full, path).unwrap();
    let comment = schema.as_object_mut().unwrap().shift_remove("$comment");
    assert_eq!(comment, Some(super::render::BEYOND.into()));
    schema
}

/// The schema of one member, without and with everything that is only said in full.
fn member(target: &Value, shapes: &Value) -> (Value, Value) {
    let model = model(&json!([target]), shapes);
    let of = |detail| schema(&model, detail, None).unwrap()["properties"][target["n"].as_str().unwrap()].clone();
    (of(Detail::Compact), of(Detail::Full))
}

#[test]
fn aggregates_share_what_is_used_twice_and_refer_to_themselves() {
    let members = json!([
        {"n": "Token", "t": "smithy.api#String", "r": true, "x": {"idempotency_token": true}},
        {"n": "Items", "t": "Items", "r": true},
        {"n": "Tags", "t": "Tags"},
        {"n": "Choice", "t": "Choice"},
        {"n": "Tree", "t": "Tree"},
        {"n": "Again", "t": "Item"},
        {"n": "Events", "t": "Events"}
    ]);
    let shapes = json!({
        "Items": {"t": "list", "m": [{"n": "member", "t": "Item"}], "x": {"min": 1, "max": 9, "unique_items": true}},
        "Item": {"t": "structure", "m": [{"n": "Key", "t": "smithy.api#String", "r": true}]},
        "Tags": {
            "t": "map", "m": [{"n": "key", "t": "Key"}, {"n": "value", "t": "smithy.api#String"}],
            "x": {"max": 50, "sparse": true}
        },
        "Key": {"t": "string", "x": {"min": 1}},
        "Choice": {"t": "union", "m": [{"n": "A", "t": "Once"}, {"n": "B", "t": "smithy.api#Boolean"}]},
        "Once": {"t": "structure"},
        "Tree": {"t": "structure", "m": [{"n": "Left", "t": "Tree"}, {"n": "Leaf", "t": "smithy.api#String"}]},
        "Events": {"t": "union", "m": [{"n": "E", "t": "Once"}], "x": {"streaming": true}}
    });
    let model = model(&members, &shapes);
    let expected = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "Token": {"type": "string"},
            "Items": {
                "type": "array", "items": {"$ref": "#/$defs/Item"}, "minItems": 1, "maxItems": 9, "uniqueItems": true
            },
            "Tags": {
                "type": "object",
                "propertyNames": {"minLength": 1},
                "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "maxProperties": 50
            },
            "Choice": {
                "type": "object",
                "oneOf": [{"required": ["A"]}, {"required": ["B"]}],
                "properties": {
                    "A": {"type": "object", "properties": {}, "additionalProperties": false},
                    "B": {"type": "boolean"}
                },
                "additionalProperties": false
            },
            "Tree": {"$ref": "#/$defs/Tree"},
            "Again": {"$ref": "#/$defs/Item"},
            "Events": {"not": {}, "description": "An event stream; it cannot be sent"}
        },
        "required": ["Items"],
        "additionalProperties": false,
        "$defs": {
            "Item": {
                "type": "object",
                "properties": {"Key": {"type": "string"}},
                "required": ["Key"],
                "additionalProperties": false
            },
            "Tree": {
                "type": "object",
                "properties": {"Left": {"$ref": "#/$defs/Tree"}, "Leaf": {"type": "string"}},
                "additionalProperties": false
            }
        }
    });
    assert_eq!(schema(&model, Detail::Compact, None).unwrap(), expected);

    let full = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "Token": {"type": ["string", "null"]},
            "Items": {
                "type": "array", "items": {"$ref": "#/$defs/Item"}, "minItems": 1, "maxItems": 9, "uniqueItems": true
            },
            "Tags": {
                "type": ["object", "null"],
                "propertyNames": {"minLength": 1},
                "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "maxProperties": 50
            },
            "Choice": {
                "type": ["object", "null"],
                "oneOf": [
                    {"required": ["A"], "type": "object"}, {"required": ["B"], "type": "object"}, {"type": "null"}
                ],
                "properties": {
                    "A": {"type": "object", "properties": {}, "additionalProperties": false},
                    "B": {"type": ["boolean", "string"], "pattern": "^(?:true|false)$"}
                },
                "additionalProperties": false
            },
            "Tree": {"anyOf": [{"$ref": "#/$defs/Tree"}, {"type": "null"}]},
            "Again": {"anyOf": [{"$ref": "#/$defs/Item"}, {"type": "null"}]},
            "Events": {"description": "An event stream; it cannot be sent", "type": "null"}
        },
        "required": ["Items"],
        "additionalProperties": false,
        "$defs": {
            "Item": {
                "type": "object",
                "properties": {"Key": {"type": "string"}},
                "required": ["Key"],
                "additionalProperties": false
            },
            "Tree": {
                "type": "object",
                "properties": {
                    "Left": {"anyOf": [{"$ref": "#/$defs/Tree"}, {"type": "null"}]}, "Leaf": {"type": ["string", "null"]}
                },
                "additionalProperties": false
            }
        }
    });
    assert_eq!(whole(&model, None), full);

    let tree = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"Left": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}, "Leaf": {"type": ["string", "null"]}},
        "additionalProperties": false
    });
    for path in ["Tree", "tree", " /Tree/Left ", "Tree.Left.Left"] {
        assert_eq!(whole(&model, Some(path)), tree, "{path}");
    }
    for (path, kind) in [("Items", "array"), ("Items.Key", "string"), ("Items[0].Key", "string"), ("Tags", "object")] {
        assert_eq!(schema(&model, Detail::Full, Some(path)).unwrap()["type"], kind, "{path}");
    }
}

#[test]
fn a_path_that_leads_nowhere_names_what_is_there() {
    let shapes = json!({"Item": {"t": "structure", "m": [{"n": "Key", "t": "smithy.api#String"}]}});
    let model = model(&json!([{"n": "Item", "t": "Item"}, {"n": "Size", "t": "smithy.api#Long"}]), &shapes);
    let cases = [
        ("Itm", "the path \"Itm\" leads nowhere: In has no member \"Itm\"; it has Item, Size"),
        ("Item.Kye", "the path \"Item.Kye\" leads nowhere: Item has no member \"Kye\"; it has Key"),
        ("Size.0", "the path \"Size.0\" leads nowhere: smithy.api#Long has no member \"0\"; it has none"),
    ];
    for (path, message) in cases {
        assert_eq!(schema(&model, Detail::Compact, Some(path)).unwrap_err().to_string(), message);
    }
}

#[test]
fn an_operation_without_input_has_the_schema_of_an_empty_object() {
    let model = model(&json!([]), &json!({}));
    let schema = input_schema(&model, model.operation("Ping").unwrap(), Detail::Compact, None).unwrap();
    assert_eq!(
        schema,
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object", "properties": {}, "additionalProperties": false
        })
    );
}

/// A structure of many strings with long names.
fn wide(count: usize, name: &str) -> Value {
    let members: Vec<_> =
        (0..count).map(|at| json!({"n": format!("{name}{at:03}"), "t": "smithy.api#String"})).collect();
    json!({"t": "structure", "m": members})
}

#[test]
fn what_does_not_fit_is_cut_and_names_the_path_to_ask_for() {
    let members = json!([
        {"n": "First", "t": "Wide"}, {"n": "Deep", "t": "Holder"}, {"n": "Must", "t": "Needed", "r": true}
    ]);
    let shapes = json!({
        "Wide": wide(150, "AMemberWithALongName"),
        "Holder": {"t": "structure", "m": [{"n": "Inner", "t": "Inners"}]},
        "Inners": {"t": "list", "m": [{"n": "member", "t": "Inner"}]},
        "Inner": wide(140, "AnotherMemberWithAName"),
        "Needed": wide(130, "ARequiredMembersName"),
    });
    let model = model(&members, &shapes);
    let compact = schema(&model, Detail::Compact, None).unwrap();
    assert!(compact.to_string().len() <= COMPACT_BYTES);
    assert_eq!(compact["properties"]["First"], json!({"type": "object", "description": "Cut: ask with path First"}));
    assert_eq!(
        compact["properties"]["Deep"]["properties"]["Inner"]["items"],
        json!({"type": "object", "description": "Cut: ask with path Deep.Inner"})
    );
    assert_eq!(compact["properties"]["Must"]["properties"].as_object().unwrap().len(), 130, "required comes first");
    let inner = schema(&model, Detail::Compact, Some("Deep.Inner")).unwrap();
    assert_eq!(inner["items"]["properties"].as_object().unwrap().len(), 140);
}

#[test]
fn large_enums_and_endless_structures_stay_below_the_limit() {
    let values: Vec<_> = (0..1500).map(|at| format!("type{at}.xlarge")).collect();
    let mut huge = wide(900, "AMemberWithAVeryLongNameIndeed");
    huge["m"][899]["r"] = json!(true);
    let shapes = json!({"Type": {"t": "string", "x": {"enum_values": values}}, "Huge": huge});
    let model = model(&json!([{"n": "Type", "t": "Type"}, {"n": "Huge", "t": "Huge"}]), &shapes);
    let compact = schema(&model, Detail::Compact, None).unwrap();
    assert_eq!(
        compact["properties"]["Type"],
        json!({"type": "string", "description": "One of 1500 values: ask with path Type and detail full"})
    );
    let full = schema(&model, Detail::Full, Some("Type")).unwrap();
    assert_eq!(full["enum"].as_array().unwrap().len(), 1500);

    let compact = schema(&model, Detail::Compact, Some("Huge")).unwrap();
    assert!(compact.to_string().len() <= COMPACT_BYTES);
    let shown = compact["properties"].as_object().unwrap().len();
    assert_eq!(compact["required"], json!(["AMemberWithAVeryLongNameIndeed899"]));
    assert_eq!(compact["description"], format!("Cut: {} more optional members; ask with detail full", 900 - shown));
}

#[test]
fn a_broken_model_ends() {
    let shapes = json!({
        "Loop": {"t": "list", "m": [{"n": "member", "t": "Loop"}]},
        "Bare": {"t": "map"}
    });
    let members = json!([{"n": "L", "t": "Loop"}, {"n": "B", "t": "Bare"}, {"n": "X", "t": "Nowhere"}]);
    let schema = schema(&model(&members, &shapes), Detail::Full, None).unwrap();
    assert_eq!(
        schema["properties"],
        json!({
            "L": {"type": ["array", "null"], "items": {}},
            "B": {"type": ["object", "null"], "additionalProperties": {"description": "Any JSON"}},
            "X": {"description": "Any JSON"}
        })
    );
}
