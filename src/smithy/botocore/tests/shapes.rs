//! Tests of shapes and members, and of names in XML and queries.

use super::*;

/// The shapes that are made of some shapes, as JSON; keys of members as in the packed form.
fn shapes_of(protocol: &str, shapes: Value) -> Value {
    serde_json::to_value(read_service(&service(protocol, json!({}), shapes)).model.shapes).unwrap()
}

#[test]
fn types_and_their_traits() {
    let table = [
        (
            json!({"type": "string", "enum": ["a", "b"], "sensitive": true}),
            json!({"t": "string", "x": {"enum_values": ["a", "b"], "sensitive": true}}),
        ),
        (
            json!({"type": "string", "pattern": "[a-z]+", "min": 1, "max": 9}),
            json!({"t": "string", "x": {"pattern": "^[a-z]+$", "min": 1, "max": 9}}),
        ),
        (json!({"type": "float", "min": 0.5, "box": true}), json!({"t": "float", "x": {"min": 0.5}})),
        (json!({"type": "character"}), json!({"t": "string"})),
        (
            json!({"type": "timestamp", "timestampFormat": "iso8601"}),
            json!({"t": "timestamp", "x": {"timestamp_format": "date-time"}}),
        ),
        (
            json!({"type": "timestamp", "timestampFormat": "rfc822"}),
            json!({"t": "timestamp", "x": {"timestamp_format": "http-date"}}),
        ),
        (
            json!({"type": "timestamp", "timestampFormat": "unixTimestamp"}),
            json!({"t": "timestamp", "x": {"timestamp_format": "epoch-seconds"}}),
        ),
        (
            json!({"type": "blob", "streaming": true, "requiresLength": true}),
            json!({"t": "blob", "x": {"streaming": true, "requires_length": true}}),
        ),
        (json!({"type": "structure", "members": {}, "document": true}), json!({"t": "document"})),
        (json!({"type": "structure", "members": {}, "union": true}), json!({"t": "union"})),
        (
            json!({"type": "structure", "members": {}, "eventstream": true}),
            json!({"t": "union", "x": {"streaming": true}}),
        ),
        (
            json!({"type": "structure", "members": {}, "exception": true}),
            json!({"t": "structure", "x": {"error": {"fault": "client"}}}),
        ),
        (
            json!({"type": "structure", "members": {}, "exception": true, "fault": true, "retryable": {"throttling": false}}),
            json!({"t": "structure", "x": {"error": {"fault": "server", "retryable": true}}}),
        ),
        (
            json!({"type": "structure", "members": {}, "error": {"code": "X.Y", "httpStatusCode": 500, "senderFault": true}, "retryable": {"throttling": true}}),
            json!({"t": "structure", "x": {"error": {"fault": "client", "code": "X.Y", "status": 500, "retryable": true, "throttling": true}}}),
        ),
        (
            json!({"type": "structure", "members": {}, "error": {"code": "A", "httpStatusCode": 503}, "exception": true}),
            json!({"t": "structure", "x": {"error": {"fault": "server", "status": 503}}}),
        ),
    ];
    for (shape, expected) in table {
        assert_eq!(shapes_of("rest-json", json!({"A": shape}))["A"], expected, "{shape}");
    }
}

#[test]
fn members_and_where_they_are_bound() {
    let table = [
        (json!({}), Value::Null),
        (json!({"locationName": "wire"}), json!({"json_name": "wire"})),
        (json!({"locationName": "a"}), Value::Null),
        (json!({"location": "header", "locationName": "x-a"}), json!({"location": {"header": "x-a"}})),
        (json!({"location": "headers", "locationName": "x-"}), json!({"location": {"prefixHeaders": "x-"}})),
        (json!({"location": "querystring", "locationName": "q"}), json!({"location": {"query": "q"}})),
        (json!({"location": "querystring"}), json!({"location": {"query": "a"}})),
        (json!({"location": "querystring", "shape": "Map"}), json!({"location": "queryParams"})),
        (json!({"location": "uri", "locationName": "id"}), json!({"location": {"label": "id"}})),
        (json!({"location": "statusCode"}), json!({"location": "statusCode"})),
        (json!({"jsonvalue": true}), json!({"media_type": "application/json"})),
        (json!({"idempotencyToken": true, "hostLabel": true}), json!({"host_label": true, "idempotency_token": true})),
        (json!({"contextParam": {"name": "Bucket"}}), json!({"context_param": "Bucket"})),
        (json!({"eventpayload": true}), json!({"event_payload": true})),
        (json!({"eventheader": true}), json!({"event_header": true})),
        (json!({"enum": ["x"], "deprecated": true}), json!({"enum_values": ["x"], "deprecated": true})),
    ];
    for (member, expected) in table {
        let mut stated = json!({"shape": "String"});
        stated.as_object_mut().unwrap().extend(member.as_object().unwrap().clone());
        let shapes = shapes_of(
            "rest-json",
            json!({
                "A": {"type": "structure", "members": {"a": stated}},
                "String": {"type": "string"},
                "Map": {"type": "map", "key": {"shape": "String"}, "value": {"shape": "String"}}
            }),
        );
        assert_eq!(shapes["A"]["m"][0].get("x").unwrap_or(&Value::Null), &expected, "{member}");
    }
}

#[test]
fn a_structure_in_model_order_with_its_payload() {
    let shapes = shapes_of(
        "rest-xml",
        json!({
            "A": {"type": "structure", "required": ["b"], "payload": "c", "xmlOrder": ["b"], "members": {
                "a": {"shape": "S", "location": "header", "locationName": "x-a"},
                "b": {"shape": "S"},
                "c": {"shape": "C", "locationName": "c", "xmlNamespace": {"uri": "http://toy/"}}
            }},
            "C": {"type": "structure", "members": {}},
            "S": {"type": "string"}
        }),
    );
    assert_eq!(
        shapes["A"],
        json!({"t": "structure", "m": [
            {"n": "b", "t": "S", "r": true},
            {"n": "a", "t": "S", "x": {"location": {"header": "x-a"}}},
            {"n": "c", "t": "C", "x": {"location": "payload", "xml_name": "c", "xml_namespace": {"uri": "http://toy/"}}}
        ]})
    );
}

/// A flattened list goes by the member's name; in queries, where that has none, by its element's.
#[test]
fn names_in_xml_and_queries_stand_where_smithy_puts_them() {
    let shapes = |protocol: &str| {
        shapes_of(
            protocol,
            json!({
                "A": {"type": "structure", "members": {
                    "Plain": {"shape": "List"},
                    "Flat": {"shape": "FlatList"},
                    "FlatNamed": {"shape": "FlatNamedList", "locationName": "Other"},
                    "FlatElement": {"shape": "FlatNamedList"},
                    "Attributes": {"shape": "FlatMap", "locationName": "Attribute"},
                    "FlatHere": {"shape": "List", "locationName": "Here", "flattened": true},
                    "Root": {"shape": "Named"},
                    "Named": {"shape": "NamedList"}
                }},
                "List": {"type": "list", "member": {"shape": "S", "locationName": "item"}},
                "FlatList": {"type": "list", "member": {"shape": "S"}, "flattened": true},
                "FlatNamedList": {"type": "list", "member": {"shape": "S", "locationName": "Item"}, "flattened": true},
                "FlatMap": {"type": "map", "key": {"shape": "S", "locationName": "Name"}, "value": {"shape": "S", "locationName": "Value"}, "flattened": true},
                "Named": {"type": "structure", "members": {}, "locationName": "SSE-S3"},
                "NamedList": {"type": "list", "member": {"shape": "S"}, "locationName": "Pending"},
                "S": {"type": "string"}
            }),
        )
    };
    let members = |element: Value| {
        json!([
            {"n": "Plain", "t": "List"},
            {"n": "Flat", "t": "FlatList", "x": {"flattened": true}},
            {"n": "FlatNamed", "t": "FlatNamedList", "x": {"xml_name": "Other", "flattened": true}},
            {"n": "FlatElement", "t": "FlatNamedList", "x": element},
            {"n": "Attributes", "t": "FlatMap", "x": {"xml_name": "Attribute", "flattened": true}},
            {"n": "FlatHere", "t": "List", "x": {"xml_name": "Here", "flattened": true}},
            {"n": "Root", "t": "Named"},
            {"n": "Named", "t": "NamedList", "x": {"xml_name": "Pending"}}
        ])
    };
    assert_eq!(shapes("query")["A"]["m"], members(json!({"xml_name": "Item", "flattened": true})));
    assert_eq!(shapes("rest-xml")["A"]["m"], members(json!({"flattened": true})));
    let shapes = shapes("query");
    assert_eq!(shapes["Named"], json!({"t": "structure", "x": {"xml_name": "SSE-S3"}}));
    assert_eq!(
        shapes["FlatMap"],
        json!({"t": "map", "m": [
            {"n": "key", "t": "S", "x": {"xml_name": "Name"}},
            {"n": "value", "t": "S", "x": {"xml_name": "Value"}}
        ]})
    );
    assert_eq!(shapes["FlatList"], json!({"t": "list", "m": [{"n": "member", "t": "S"}]}));
}

#[test]
fn ec2_keeps_both_names() {
    let shapes = shapes_of(
        "ec2",
        json!({
            "A": {"type": "structure", "members": {"Ips": {"shape": "S", "locationName": "ipSet", "queryName": "Ips"}}},
            "S": {"type": "string"}
        }),
    );
    assert_eq!(shapes["A"]["m"][0]["x"], json!({"xml_name": "ipSet", "ec2_query_name": "Ips"}));
}

#[test]
fn streaming_goes_to_the_blob_when_all_agree() {
    let shapes = |second: Value| {
        shapes_of(
            "rest-xml",
            json!({
                "A": {"type": "structure", "payload": "Body", "members": {"Body": {"shape": "Body", "streaming": true}}},
                "B": {"type": "structure", "members": {"Body": second}},
                "Body": {"type": "blob"}
            }),
        )
    };
    let agreed = shapes(json!({"shape": "Body", "streaming": true}));
    assert_eq!(agreed["Body"], json!({"t": "blob", "x": {"streaming": true}}));
    assert_eq!(agreed["A"]["m"][0]["x"], json!({"location": "payload"}));
    let divided = shapes(json!({"shape": "Body", "eventpayload": true}));
    assert_eq!(divided["Body"], json!({"t": "blob"}));
    assert_eq!(divided["A"]["m"][0]["x"], json!({"location": "payload", "streaming": true}));
}
