//! Simple types, compact and whole.

use super::*;

#[test]
fn simple_types() {
    let shapes = json!({
        "Name": {"t": "string", "x": {"min": 0, "max": 63, "pattern": "^[a-z\\_]+$"}},
        "Ahead": {"t": "string", "x": {"pattern": "^(?!aws)"}},
        "Java": {"t": "string", "x": {"pattern": "^\\p{Print}+$"}},
        "Kind": {"t": "string", "x": {"enum_values": ["CAT", "DOG"]}},
        "Level": {"t": "integer", "x": {"enum_values": [1, 2]}},
        "Bytes": {"t": "blob", "x": {"min": 1, "max": 4}},
        "Rate": {"t": "double", "x": {"min": 0.5}},
    });
    let file = json!({"type": "object", "required": ["$path"]});
    let whole = "^(?:0|-?[1-9][0-9]*)$";
    let number = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?";
    let host = crate::smithy::spelling::HOST_LABEL;
    // The target, what its member says, the compact schema, the whole one.
    let cases = [
        (
            json!("smithy.api#Boolean"),
            json!({}),
            json!({"type": "boolean"}),
            json!({"type": ["boolean", "string", "null"], "pattern": "^(?:true|false)$"}),
        ),
        (json!("smithy.api#String"), json!({}), json!({"type": "string"}), json!({"type": ["string", "null"]})),
        (
            json!("smithy.api#String"),
            json!({"location": {"label": "M"}}),
            json!({"type": "string", "minLength": 1}),
            json!({"type": ["string", "null"], "minLength": 1}),
        ),
        (
            json!("smithy.api#String"),
            json!({"host_label": true}),
            json!({"type": "string", "minLength": 1}),
            json!({"type": ["string", "null"], "minLength": 1, "allOf": [{"pattern": host}]}),
        ),
        (
            json!("smithy.api#String"),
            json!({"media_type": "application/json"}),
            json!({"type": "string", "contentMediaType": "application/json"}),
            json!({"anyOf": [
                {"type": "string", "contentMediaType": "application/json"},
                {"type": ["object", "array", "number", "boolean"]},
                {"type": "null"}
            ]}),
        ),
        (
            json!("Name"),
            json!({}),
            json!({"type": "string", "maxLength": 63, "pattern": "^[a-z_]+$"}),
            json!({"type": ["string", "null"], "maxLength": 63, "pattern": "^[a-z_]+$"}),
        ),
        (
            json!("Name"),
            json!({"max": 5}),
            json!({"type": "string", "maxLength": 5, "pattern": "^[a-z_]+$"}),
            json!({"type": ["string", "null"], "maxLength": 5, "pattern": "^[a-z_]+$"}),
        ),
        (
            json!("Java"),
            json!({}),
            json!({"type": "string", "pattern": "^[ -~]+$"}),
            json!({"type": ["string", "null"], "pattern": "^[ -~]+$"}),
        ),
        (
            json!("Ahead"),
            json!({"documentation": "A name."}),
            json!({"type": "string", "description": "A name. Not checked here: the pattern ^(?!aws)"}),
            json!({"type": ["string", "null"], "description": "A name. Not checked here: the pattern ^(?!aws)"}),
        ),
        (
            json!("Kind"),
            json!({}),
            json!({"type": "string", "enum": ["CAT", "DOG"]}),
            json!({"type": ["string", "null"], "enum": ["CAT", "DOG", null]}),
        ),
        (
            json!("Level"),
            json!({}),
            json!({"type": "integer", "enum": [1, 2]}),
            json!({"type": ["integer", "string", "null"], "enum": [1, 2, "1", "2", null]}),
        ),
        (
            json!("smithy.api#Byte"),
            json!({"default": 7, "deprecated": true}),
            json!({"type": "integer", "default": 7, "deprecated": true}),
            json!({
                "type": ["integer", "string", "null"], "minimum": -128, "maximum": 127, "pattern": whole,
                "maxLength": 1000, "default": 7, "deprecated": true
            }),
        ),
        (
            json!("smithy.api#Long"),
            json!({"min": 0}),
            json!({"type": "integer", "minimum": 0}),
            json!({
                "type": ["integer", "string", "null"], "minimum": 0, "maximum": i64::MAX, "pattern": whole,
                "maxLength": 1000
            }),
        ),
        (
            json!("smithy.api#BigInteger"),
            json!({}),
            json!({"anyOf": [{"type": "integer"}, {"type": "string", "pattern": whole}]}),
            json!({
                "type": ["integer", "string", "null"], "minimum": i64::MIN, "maximum": u64::MAX, "pattern": whole,
                "maxLength": 1000
            }),
        ),
        (
            json!("smithy.api#Double"),
            json!({}),
            json!({"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]}),
            json!({
                "type": ["number", "string", "null"], "pattern": format!("^(?:{number}|NaN|Infinity|-Infinity)$"),
                "maxLength": 1000
            }),
        ),
        (
            json!("Rate"),
            json!({}),
            json!({"anyOf": [{"type": "number", "minimum": 0.5}, {"enum": ["Infinity"]}]}),
            json!({
                "type": ["number", "string", "null"], "minimum": 0.5, "pattern": format!("^(?:{number}|Infinity)$"),
                "maxLength": 1000
            }),
        ),
        (
            json!("Rate"),
            json!({"max": 1}),
            json!({"type": "number", "minimum": 0.5, "maximum": 1}),
            json!({
                "type": ["number", "string", "null"], "minimum": 0.5, "maximum": 1, "pattern": format!("^(?:{number})$"),
                "maxLength": 1000
            }),
        ),
        (
            json!("smithy.api#Timestamp"),
            json!({}),
            json!({"type": "string", "format": "date-time"}),
            json!({"anyOf": [{"$ref": "#/$defs/$timestamp"}, {"type": "null"}]}),
        ),
        (
            json!("smithy.api#Document"),
            json!({}),
            json!({"description": "Any JSON"}),
            json!({"description": "Any JSON"}),
        ),
        (
            json!("Bytes"),
            json!({"documentation": "The picture."}),
            json!({
                "anyOf": [
                    {"type": "string", "contentEncoding": "base64", "minLength": 4, "maxLength": 8},
                    file
                ],
                "description": "The picture."
            }),
            json!({
                "anyOf": [
                    {
                        "$ref": "#/$defs/$base64", "minLength": 2, "maxLength": 8,
                        "allOf": [{"anyOf": [{"maxLength": 6}, {"pattern": "==$"}]}]
                    },
                    {"$ref": "#/$defs/$path"},
                    {"type": "null"}
                ],
                "description": "The picture."
            }),
        ),
    ];
    for (target, traits, compact, full) in cases {
        assert_eq!(member(&json!({"n": "M", "t": target, "x": traits}), &shapes), (compact, full), "{target}");
    }
}

#[test]
fn what_must_be_set_is_never_null() {
    let must = |target: &str| member(&json!({"n": "M", "t": target, "r": true}), &json!({})).1;
    assert_eq!(must("smithy.api#String"), json!({"type": "string"}));
    assert_eq!(must("smithy.api#Document"), json!({"description": "Any JSON", "not": {"type": "null"}}));
    assert_eq!(must("smithy.api#Timestamp"), json!({"$ref": "#/$defs/$timestamp"}));
}
