//! Targets of payloads against a hand-made model; over the real models they are tested in `tests/suite`.

use serde_json::json;

use super::{short, targets};
use crate::smithy::Model;

fn model() -> Model {
    serde_json::from_value(json!({
        "service": {"name": "zoo", "sdk_id": "Zoo", "title": "Zoo", "version": "1", "endpoint_prefix": "zoo",
            "signing_name": "zoo", "protocols": ["restJson1"]},
        "operations": {
            "DeleteCage": {"name": "DeleteCage", "http": {"method": "POST", "uri": "/"}, "input": "In"},
            "Ping": {"name": "Ping", "http": {"method": "POST", "uri": "/"}}
        },
        "shapes": {
            "In": {"t": "structure", "m": [
                {"n": "ClientToken", "t": "S", "r": true},
                {"n": "OwnerId", "t": "S", "r": true},
                {"n": "CageName", "t": "S", "r": true},
                {"n": "Zone", "t": "S", "x": {"location": {"label": "Zone"}}},
                {"n": "Note", "t": "S"},
                {"n": "Statement", "t": "S", "r": true},
                {"n": "Mode", "t": "Mode", "r": true},
                {"n": "Password", "t": "S", "r": true, "x": {"sensitive": true}},
                {"n": "Animals", "t": "Animals"},
                {"n": "Tags", "t": "Animals"},
                {"n": "Tables", "t": "Tables"},
                {"n": "Key", "t": "Tables"},
                {"n": "KeeperIds", "t": "Ids"}
            ]},
            "S": {"t": "string"},
            "Mode": {"t": "string", "x": {"enum_values": ["A"]}},
            "Ids": {"t": "list", "m": [{"n": "member", "t": "S"}]},
            "Animals": {"t": "list", "m": [{"n": "member", "t": "Animal"}]},
            "Animal": {"t": "structure", "m": [{"n": "Key", "t": "S"}, {"n": "Value", "t": "S"}]},
            "Tables": {"t": "map", "m": [{"n": "key", "t": "TableName"}, {"n": "value", "t": "S"}]},
            "TableName": {"t": "string"}
        }
    }))
    .unwrap()
}

fn of(payload: &serde_json::Value) -> Vec<(String, String)> {
    let model = model();
    targets(&model, model.operation("DeleteCage").unwrap(), payload)
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(member, value)| ((*member).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn identifiers_come_most_significant_first_and_nothing_else() {
    let payload = json!({
        "ClientToken": "t", "OwnerId": "o", "CageName": "c", "Zone": "z", "Note": "n", "Mode": "A", "Password": "p",
        "Animals": [{"Key": "lion", "Value": "1"}, {"Key": "ape"}, {"Key": "lion"}],
        "Tags": [{"Key": "k", "Value": "v"}],
        "Tables": {"one": "x", "two": "y"},
        "Key": {"id": "7"}
    });
    let expected = [
        ("CageName", "c"),
        ("OwnerId", "o"),
        ("Tables", "one"),
        ("Tables", "two"),
        ("Key", "{\"id\":\"7\"}"),
        ("Animals.Key", "lion"),
        ("Animals.Key", "ape"),
        ("Zone", "z"),
    ];
    assert_eq!(of(&payload), pairs(&expected));
}

#[test]
fn long_lists_are_counted() {
    let ids: Vec<_> = (0..300).map(|at| json!(format!("k{at}"))).collect();
    let found = of(&json!({"KeeperIds": ids}));
    assert_eq!(found.len(), 11);
    assert_eq!(found[10], ("KeeperIds".to_owned(), "… and 290 more".to_owned()));
}

#[test]
fn texts_that_are_no_identifiers_are_left_out() {
    assert_eq!(of(&json!({"CageName": "x".repeat(600), "OwnerId": "a\nb", "Zone": ""})), []);
    assert_eq!(of(&json!({"Statement": "CREATE USER eve PASSWORD 'x'"})), []);
    assert_eq!(of(&json!({"Statement": "plain-name"})), pairs(&[("Statement", "plain-name")]));
    let model = model();
    assert_eq!(targets(&model, model.operation("Ping").unwrap(), &json!({"CageName": "c"})), []);
}

#[test]
fn one_line() {
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[], ""),
        (&[("Bucket", "b")], "b"),
        (&[("Bucket", "b"), ("Key", "k")], "b · k"),
        (&[("Ids", "1"), ("Ids", "2")], "1, 2"),
        (&[("Ids", "1"), ("Ids", "2"), ("Ids", "3"), ("A", "a"), ("B", "b"), ("C", "c")], "1 +2 · a · b"),
    ];
    for (targets, expected) in cases {
        assert_eq!(short(&pairs(targets)), expected);
    }
}
