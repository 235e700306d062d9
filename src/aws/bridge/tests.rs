//! JSON onto a codec and back: what each simple type accepts, and how errors name their place. The protocols
//! themselves are proven by `tests/suite/protocols.rs`.

use std::sync::Arc;

use aws_smithy_json::codec::{JsonCodec, JsonCodecSettings};
use aws_smithy_schema::codec::Codec as _;
use aws_smithy_schema::serde::ShapeSerializer as _;
use serde_json::{Value, json};

use super::{Input, Style, read_structure};
use crate::aws::schema::{Graph, Shaping, Structure};
use crate::smithy::{Model, Protocol};

const STYLE: Style = Style { empty_lists: true, defaults: false };

fn everything() -> Structure {
    let kinds = [
        "Boolean",
        "Byte",
        "Short",
        "Integer",
        "Long",
        "Float",
        "Double",
        "BigInteger",
        "BigDecimal",
        "Timestamp",
        "Blob",
        "String",
        "Document",
    ];
    let mut members: Vec<Value> =
        kinds.iter().map(|kind| json!({"n": kind.to_lowercase(), "t": format!("smithy.api#{kind}")})).collect();
    members.push(json!({"n": "list", "t": "L"}));
    members.push(json!({"n": "holes", "t": "Holes"}));
    members.push(json!({"n": "map", "t": "M"}));
    members.push(json!({"n": "choice", "t": "U"}));
    let model: Model = serde_json::from_value(json!({
        "service": {"name": "toy"},
        "operations": {"Do": {"name": "Do", "http": {"method": "POST", "uri": "/"}, "input": "In"}},
        "shapes": {
            "In": {"t": "structure", "m": members},
            "L": {"t": "list", "m": [{"n": "member", "t": "smithy.api#Integer"}]},
            "Holes": {"t": "list", "m": [{"n": "member", "t": "smithy.api#String"}], "x": {"sparse": true}},
            "M": {"t": "map", "m": [{"n": "key", "t": "smithy.api#String"}, {"n": "value", "t": "L"}]},
            "U": {"t": "union", "m": [{"n": "a", "t": "smithy.api#String"}, {"n": "b", "t": "L"}]},
        },
    }))
    .unwrap();
    let model = Arc::new(model);
    let graph = Graph::new(Arc::clone(&model), Protocol::RestJson1);
    graph.operation(model.operation("Do").unwrap(), &Shaping::default()).unwrap().input
}

fn codec() -> JsonCodec {
    JsonCodec::new(JsonCodecSettings::default())
}

fn write(value: &Value) -> Result<Value, String> {
    let structure = everything();
    let input = Input::new(&structure, value.as_object().unwrap(), STYLE);
    input.check().map_err(|error| error.to_string())?;
    let mut serializer = codec().create_serializer();
    serializer.write_struct(&structure.schema, &input).map_err(|error| error.to_string())?;
    Ok(serde_json::from_slice(&serializer.finish()).unwrap())
}

fn read(json: &str) -> Value {
    let structure = everything();
    let codec = codec();
    let mut deserializer = codec.create_deserializer(json.as_bytes());
    Value::Object(read_structure(&mut deserializer, &structure, false).unwrap())
}

#[test]
fn simple_values_are_taken_in_every_form_that_means_them() {
    let cases = [
        (json!({"boolean": "true"}), json!({"boolean": true})),
        (json!({"integer": "7"}), json!({"integer": 7})),
        (json!({"long": 9_007_199_254_740_993_i64}), json!({"long": 9_007_199_254_740_993_i64})),
        (json!({"integer": 7.0}), json!({"integer": 7})),
        (json!({"double": "NaN"}), json!({"double": "NaN"})),
        (json!({"double": "1.5"}), json!({"double": 1.5})),
        (
            json!({"biginteger": "123456789012345678901234567890"}),
            serde_json::from_str("{\"biginteger\":123456789012345678901234567890}").unwrap(),
        ),
        (json!({"blob": "aGk="}), json!({"blob": "aGk="})),
        (json!({"document": {"a": [1, null]}}), json!({"document": {"a": [1, null]}})),
        (json!({"list": [1, null, 2]}), json!({"list": [1, 2]})),
        (json!({"holes": ["a", null]}), json!({"holes": ["a", null]})),
        (json!({"map": {"k": [1]}}), json!({"map": {"k": [1]}})),
        (json!({"choice": {"b": []}}), json!({"choice": {"b": []}})),
        (json!({"string": null}), json!({})),
    ];
    for (value, expected) in cases {
        assert_eq!(write(&value), Ok(expected), "{value}");
    }
    let instants = [
        json!("2026-01-31T12:00:00Z"),
        json!("2026-01-31T13:00:00+01:00"),
        json!(1_769_860_800),
        json!("Sat, 31 Jan 2026 12:00:00 GMT"),
        json!("1769860800"),
    ];
    for instant in instants {
        let written = write(&json!({"timestamp": instant})).unwrap();
        assert_eq!(written, json!({"timestamp": 1_769_860_800}), "{instant}");
    }
}

#[test]
fn what_does_not_fit_is_named_with_its_place() {
    let cases = [
        (json!({"integer": 3_000_000_000_u32}), "integer: expected a 32-bit integer, got a number"),
        (json!({"byte": 128}), "byte: expected an 8-bit integer, got a number"),
        (json!({"integer": 1.5}), "integer: expected a 32-bit integer, got a number"),
        (json!({"string": 1}), "string: expected a string, got a number"),
        (json!({"blob": "?"}), "blob: expected bytes in base64, got a string"),
        (json!({"timestamp": "soon"}), "timestamp: expected an instant such as 2026-01-31T12:00:00Z"),
        (json!({"list": [1, "x"]}), "list: [1]: expected a 32-bit integer, got a string"),
        (json!({"map": {"k": {}}}), "map: k: expected an array, got an object"),
        (json!({"choice": {}}), "choice: expected exactly one member of a union, got 0"),
        (json!({"choice": {"a": "x", "b": []}}), "choice: expected exactly one member of a union, got 2"),
        (json!({"choice": {"c": 1}}), "choice: there is no member `c`"),
        (json!({"unknown": 1}), "there is no member `unknown`"),
    ];
    for (value, problem) in cases {
        assert_eq!(write(&value), Err(problem.to_owned()), "{value}");
    }
}

#[test]
fn instants_read_back_as_they_were_meant() {
    for (sent, expected) in [
        ("1767323045.678", "2026-01-02T03:04:05.678Z"),
        ("1767323045.677999", "2026-01-02T03:04:05.677999Z"),
        ("1767323045.9999999", "2026-01-02T03:04:06Z"),
        ("-0.25", "1969-12-31T23:59:59.75Z"),
    ] {
        assert_eq!(read(&format!("{{\"timestamp\": {sent}}}")), json!({"timestamp": expected}));
    }
}

#[test]
fn values_read_back_in_model_order_and_in_one_form() {
    let read = read(
        r#"{"string": "s", "blob": "aGk=", "timestamp": 1769860800.5, "double": "-Infinity", "float": 1.1,
            "biginteger": 123456789012345678901234567890, "long": 5, "boolean": false, "unknown": {"x": [1]},
            "list": [1, null], "holes": [null, "a"], "integer": null, "document": null}"#,
    );
    let expected = json!({
        "boolean": false, "long": 5, "float": 1.1, "double": "-Infinity",
        "biginteger": "123456789012345678901234567890", "timestamp": "2026-01-31T12:00:00.5Z", "blob": "aGk=",
        "string": "s", "document": null, "list": [1], "holes": [null, "a"]
    });
    assert_eq!(read, expected);
    assert_eq!(read.to_string(), expected.to_string(), "in model order");
}
