//! Tests of shapes, traits, mixins and `apply`.

use super::*;

/// The shapes that an operation with input `toy#In` reaches, as JSON.
fn reached(version: &str, shapes: &Value) -> Value {
    let operation = json!({"toy#Do": {"type": "operation", "input": {"target": "toy#In"}}});
    let mut all = operation;
    all.as_object_mut().unwrap().extend(shapes.as_object().unwrap().clone());
    let service = json!({"operations": [{"target": "toy#Do"}], "traits": {"aws.protocols#restJson1": {}}});
    let mut document = document(&service, &all);
    document["smithy"] = json!(version);
    json_of(&read_one(&document).model)["shapes"].clone()
}

#[test]
fn types_and_their_traits() {
    let table = [
        (
            json!({"type": "string", "traits": {"smithy.api#length": {"min": 1, "max": 9}, "smithy.api#pattern": "^a$", "smithy.api#sensitive": {}}}),
            json!({"t": "string", "x": {"pattern": "^a$", "min": 1, "max": 9, "sensitive": true}}),
        ),
        (
            json!({"type": "string", "traits": {"smithy.api#enum": [{"value": "b", "name": "B"}, {"value": "a"}]}}),
            json!({"t": "string", "x": {"enum_values": ["b", "a"]}}),
        ),
        (
            json!({"type": "enum", "members": {"B": {"target": "smithy.api#Unit", "traits": {"smithy.api#enumValue": "b"}}, "A": {"target": "smithy.api#Unit"}}}),
            json!({"t": "string", "x": {"enum_values": ["b", "A"]}}),
        ),
        (
            json!({"type": "intEnum", "members": {"B": {"target": "smithy.api#Unit", "traits": {"smithy.api#enumValue": 7}}}}),
            json!({"t": "integer", "x": {"enum_values": [7]}}),
        ),
        (
            json!({"type": "double", "traits": {"smithy.api#range": {"min": 0.5}}}),
            json!({"t": "double", "x": {"min": 0.5}}),
        ),
        (json!({"type": "integer", "traits": {"smithy.api#default": 0}}), json!({"t": "integer", "x": {"default": 0}})),
        (json!({"type": "integer", "traits": {"smithy.api#default": null}}), json!({"t": "integer"})),
        (
            json!({"type": "timestamp", "traits": {"smithy.api#timestampFormat": "http-date"}}),
            json!({"t": "timestamp", "x": {"timestamp_format": "http-date"}}),
        ),
        (
            json!({"type": "blob", "traits": {"smithy.api#streaming": {}, "smithy.api#requiresLength": {}, "smithy.api#mediaType": "image/png"}}),
            json!({"t": "blob", "x": {"media_type": "image/png", "streaming": true, "requires_length": true}}),
        ),
        (
            json!({"type": "list", "member": {"target": "smithy.api#String", "traits": {"smithy.api#xmlName": "item"}}, "traits": {"smithy.api#uniqueItems": {}, "smithy.api#sparse": {}}}),
            json!({"t": "list", "m": [{"n": "member", "t": "smithy.api#String", "x": {"xml_name": "item"}}], "x": {"unique_items": true, "sparse": true}}),
        ),
        (
            json!({"type": "set", "member": {"target": "smithy.api#String"}}),
            json!({"t": "list", "m": [{"n": "member", "t": "smithy.api#String"}]}),
        ),
        (
            json!({"type": "map", "key": {"target": "smithy.api#String"}, "value": {"target": "toy#X"}}),
            json!({"t": "map", "m": [{"n": "key", "t": "smithy.api#String"}, {"n": "value", "t": "X"}]}),
        ),
        (
            json!({"type": "union", "members": {"a": {"target": "smithy.api#Unit"}}, "traits": {"smithy.api#streaming": {}}}),
            json!({"t": "union", "m": [{"n": "a", "t": "smithy.api#Unit"}], "x": {"streaming": true}}),
        ),
        (json!({"type": "bigDecimal"}), json!({"t": "bigDecimal"})),
        (
            json!({"type": "document", "traits": {"smithy.api#deprecated": {}}}),
            json!({"t": "document", "x": {"deprecated": true}}),
        ),
        (
            json!({"type": "structure", "members": {}, "traits": {"smithy.api#error": "client", "aws.protocols#awsQueryError": {"code": "X.Y", "httpResponseCode": 404}}}),
            json!({"t": "structure", "x": {"error": {"fault": "client", "code": "X.Y", "status": 404}}}),
        ),
    ];
    for (shape, expected) in table {
        let shapes = reached(
            "2.0",
            &json!({
                "toy#In": {"type": "structure", "members": {"x": {"target": "toy#X"}}},
                "toy#X": shape
            }),
        );
        assert_eq!(shapes["X"], expected, "{shape}");
    }
}

#[test]
fn members_and_where_they_are_bound() {
    let table = [
        (json!({}), Value::Null),
        (json!({"smithy.api#required": {}}), Value::Null),
        (json!({"smithy.api#httpHeader": "x-a"}), json!({"location": {"header": "x-a"}})),
        (json!({"smithy.api#httpPrefixHeaders": "x-"}), json!({"location": {"prefixHeaders": "x-"}})),
        (json!({"smithy.api#httpQuery": "q"}), json!({"location": {"query": "q"}})),
        (json!({"smithy.api#httpQueryParams": {}}), json!({"location": "queryParams"})),
        (json!({"smithy.api#httpLabel": {}}), json!({"location": {"label": "a"}})),
        (
            json!({"smithy.api#httpPayload": {}, "smithy.api#xmlName": "a"}),
            json!({"location": "payload", "xml_name": "a"}),
        ),
        (json!({"smithy.api#httpResponseCode": {}}), json!({"location": "statusCode"})),
        (json!({"smithy.api#jsonName": "wire", "smithy.api#xmlName": "a"}), json!({"json_name": "wire"})),
        (
            json!({"smithy.api#jsonName": "a", "smithy.api#xmlName": "wire", "smithy.api#xmlFlattened": {}}),
            json!({"xml_name": "wire", "flattened": true}),
        ),
        (json!({"aws.protocols#ec2QueryName": "A"}), json!({"ec2_query_name": "A"})),
        (
            json!({"smithy.api#xmlNamespace": {"uri": "u", "prefix": "p"}, "smithy.api#xmlAttribute": {}}),
            json!({"xml_namespace": {"uri": "u", "prefix": "p"}, "xml_attribute": true}),
        ),
        (json!({"smithy.api#eventHeader": {}}), json!({"event_header": true})),
        (json!({"smithy.api#eventPayload": {}}), json!({"event_payload": true})),
        (
            json!({"smithy.api#hostLabel": {}, "smithy.api#idempotencyToken": {}}),
            json!({"host_label": true, "idempotency_token": true}),
        ),
        (json!({"smithy.rules#contextParam": {"name": "Bucket"}}), json!({"context_param": "Bucket"})),
        (json!({"smithy.api#default": false}), json!({"default": false})),
        (json!({"smithy.api#timestampFormat": "epoch-seconds"}), json!({"timestamp_format": "epoch-seconds"})),
    ];
    for (traits, expected) in table {
        let shapes = reached(
            "2.0",
            &json!({
                "toy#In": {"type": "structure", "members": {"a": {"target": "smithy.api#String", "traits": traits}}}
            }),
        );
        let member = &shapes["In"]["m"][0];
        assert_eq!(member.get("x").unwrap_or(&Value::Null), &expected, "{traits}");
        assert_eq!(member.get("r").is_some(), traits.get("smithy.api#required").is_some(), "{traits}");
    }
}

#[test]
fn mixins_and_apply_are_worked_in() {
    let shapes = reached(
        "2",
        &json!({
            "toy#Base": {"type": "structure", "traits": {"smithy.api#mixin": {}, "smithy.api#sensitive": {}},
                "members": {"first": {"target": "smithy.api#String", "traits": {"smithy.api#required": {}}}}},
            "toy#Middle": {"type": "structure", "mixins": [{"target": "toy#Base"}],
                "traits": {"smithy.api#mixin": {"localTraits": ["smithy.api#deprecated"]}, "smithy.api#deprecated": {}},
                "members": {"second": {"target": "smithy.api#Integer"}}},
            "toy#In": {"type": "structure", "mixins": [{"target": "toy#Middle"}], "members": {"third": {"target": "smithy.api#Blob"}}},
            "toy#In$first": {"type": "apply", "traits": {"smithy.api#jsonName": "one"}},
            "toy#In$third": {"type": "apply", "traits": {"smithy.api#httpPayload": {}}},
            "toy#Elsewhere": {"type": "apply", "traits": {"smithy.api#sensitive": {}}}
        }),
    );
    assert_eq!(
        shapes,
        json!({
            "In": {"t": "structure", "m": [
                {"n": "first", "t": "smithy.api#String", "r": true, "x": {"json_name": "one"}},
                {"n": "second", "t": "smithy.api#Integer"},
                {"n": "third", "t": "smithy.api#Blob", "x": {"location": "payload"}}
            ], "x": {"sensitive": true}},
            "smithy.api#Blob": {"t": "blob"},
            "smithy.api#Integer": {"t": "integer"},
            "smithy.api#String": {"t": "string"}
        })
    );
}

#[test]
fn recursion_and_the_prelude() {
    let shapes = reached(
        "1.0",
        &json!({
            "toy#In": {"type": "structure", "members": {"again": {"target": "toy#In"}, "flag": {"target": "smithy.api#PrimitiveBoolean"}, "big": {"target": "smithy.api#BigInteger"}}}
        }),
    );
    assert_eq!(
        shapes,
        json!({
            "In": {"t": "structure", "m": [
                {"n": "again", "t": "In"}, {"n": "flag", "t": "smithy.api#PrimitiveBoolean"}, {"n": "big", "t": "smithy.api#BigInteger"}
            ]},
            "smithy.api#BigInteger": {"t": "bigInteger"},
            "smithy.api#PrimitiveBoolean": {"t": "boolean"}
        })
    );
}
