//! Payloads against a hand-made model: what comes out, whole.

use serde_json::{Value, json};

use super::{Bound, Code, FileRef, Invalid, Problem, Validator, bind};
use crate::smithy::Model;

mod hostile;

/// One operation whose input has a member of every kind.
fn model() -> Model {
    serde_json::from_value(json!({
        "service": {
            "name": "zoo", "sdk_id": "Zoo", "title": "Zoo", "version": "1", "endpoint_prefix": "zoo",
            "signing_name": "zoo", "protocols": ["restJson1"]
        },
        "operations": {
            "Put": {"name": "Put", "http": {"method": "POST", "uri": "/{Id}"}, "input": "Put"},
            "Ping": {"name": "Ping", "http": {"method": "POST", "uri": "/"}}
        },
        "shapes": {
            "Put": {"t": "structure", "m": [
                {"n": "Id", "t": "Id", "r": true, "x": {"location": {"label": "Id"}}},
                {"n": "Token", "t": "smithy.api#String", "r": true, "x": {"idempotency_token": true}},
                {"n": "Flag", "t": "smithy.api#Boolean"},
                {"n": "Small", "t": "smithy.api#Byte"},
                {"n": "Count", "t": "Count"},
                {"n": "Long", "t": "smithy.api#Long"},
                {"n": "Big", "t": "smithy.api#BigInteger"},
                {"n": "Level", "t": "Level"},
                {"n": "Rate", "t": "smithy.api#Double"},
                {"n": "Ratio", "t": "smithy.api#Float", "x": {"min": 0, "max": 1.5}},
                {"n": "Kind", "t": "Kind"},
                {"n": "At", "t": "smithy.api#Timestamp"},
                {"n": "Body", "t": "Body"},
                {"n": "Doc", "t": "smithy.api#Document"},
                {"n": "Json", "t": "smithy.api#String", "x": {"media_type": "application/json"}},
                {"n": "Names", "t": "Names"},
                {"n": "Holes", "t": "Holes"},
                {"n": "Tags", "t": "Tags"},
                {"n": "Choice", "t": "Choice"},
                {"n": "Secret", "t": "Secret"},
                {"n": "Tree", "t": "Tree"},
                {"n": "Exact", "t": "smithy.api#BigDecimal", "x": {"max": 1e40}},
                {"n": "Floor", "t": "smithy.api#Double", "x": {"min": 1}},
                {"n": "Host", "t": "smithy.api#String", "x": {"host_label": true}},
                {"n": "Zone", "t": "smithy.api#Integer", "x": {"location": {"query": "z"}}},
                {"n": "Print", "t": "Print"},
                {"n": "Wide", "t": "Wide"},
                {"n": "Docs", "t": "Docs"},
                {"n": "Gaps", "t": "Gaps"},
                {"n": "Times", "t": "Times"},
                {"n": "Dozen", "t": "Dozen"},
                {"n": "Odd", "t": "Odd"},
                {"n": "Events", "t": "Events"}
            ]},
            "Id": {"t": "string", "x": {"min": 2, "max": 5, "pattern": "^[a-z]*$"}},
            "Count": {"t": "integer", "x": {"min": 1, "max": 100}},
            "Level": {"t": "integer", "x": {"enum_values": [1, 2, 4]}},
            "Kind": {"t": "string", "x": {"enum_values": ["CAT", "DOG", "HORSE"]}},
            "Body": {"t": "blob", "x": {"max": 4}},
            "Names": {"t": "list", "m": [{"n": "member", "t": "Id"}], "x": {"max": 3, "unique_items": true}},
            "Holes": {"t": "list", "m": [{"n": "member", "t": "smithy.api#Long"}], "x": {"sparse": true}},
            "Tags": {"t": "map", "m": [{"n": "key", "t": "Id"}, {"n": "value", "t": "smithy.api#String"}]},
            "Choice": {"t": "union", "m": [
                {"n": "Text", "t": "smithy.api#String"}, {"n": "Number", "t": "smithy.api#Long"}
            ]},
            "Secret": {"t": "structure", "m": [
                {"n": "Password", "t": "smithy.api#String", "x": {"pattern": "^[0-9]+$"}}
            ], "x": {"sensitive": true}},
            "Tree": {"t": "structure", "m": [{"n": "Left", "t": "Tree"}, {"n": "Leaf", "t": "smithy.api#Long", "r": true}]},
            "Print": {"t": "string", "x": {"pattern": "^[\\p{L}\\p{Nd}]+$"}},
            "Wide": {"t": "string", "x": {"pattern": "^x.{0,65535}$"}},
            "Docs": {"t": "list", "m": [{"n": "member", "t": "smithy.api#Document"}]},
            "Gaps": {"t": "map", "m": [
                {"n": "key", "t": "Kind"}, {"n": "value", "t": "smithy.api#String"}
            ], "x": {"sparse": true, "min": 1, "max": 2}},
            "Times": {"t": "list", "m": [{"n": "member", "t": "smithy.api#Timestamp"}], "x": {"unique_items": true}},
            "Dozen": {"t": "blob", "x": {"min": 2, "max": 3}},
            "Odd": {"t": "string", "x": {"pattern": "^(?!aws).*$"}},
            "Events": {"t": "union", "m": [{"n": "E", "t": "Tree"}], "x": {"streaming": true}}
        }
    }))
    .unwrap()
}

fn put(payload: &Value) -> Result<Bound, Invalid> {
    let model = model();
    bind(&model, model.operation("Put").unwrap(), payload)
}

/// Binds `{"Id": "abc", …}` and gives the canonical form without `Id`.
fn canonical(member: &str, value: &Value) -> Value {
    let bound = put(&json!({"Id": "abc", member: value})).unwrap();
    bound.payload.get(member).cloned().unwrap_or(Value::Null)
}

/// Binds `{"Id": "abc", …}` that has exactly one problem.
fn problem(member: &str, value: &Value) -> Problem {
    let mut invalid = put(&json!({"Id": "abc", member: value})).unwrap_err();
    assert_eq!((invalid.missing.as_slice(), invalid.invalid.len()), (&[][..], 1), "{invalid:?}");
    invalid.invalid.remove(0)
}

#[test]
fn every_spelling_of_a_value_becomes_one() {
    let cases = [
        ("Flag", json!(true), json!(true)),
        ("Flag", json!("false"), json!(false)),
        ("Count", json!(7), json!(7)),
        ("Count", json!("7"), json!(7)),
        ("Count", json!(7.0), json!(7)),
        ("Long", json!("-9223372036854775808"), json!(i64::MIN)),
        ("Big", json!("123456789012345678901234567890"), json!("123456789012345678901234567890")),
        ("Big", json!("12"), json!(12)),
        ("Big", json!(9_007_199_254_740_993_i64), json!("9007199254740993")),
        ("Big", json!("-9007199254740992"), json!(-9_007_199_254_740_992_i64)),
        ("Exact", json!("0.10"), json!(0.1)),
        ("Exact", json!("3.14159265358979323846"), json!("3.14159265358979323846")),
        ("Exact", json!("1e-400"), json!("1e-400")),
        ("Exact", json!(12), json!(12.0)),
        ("Floor", json!("Infinity"), json!("Infinity")),
        ("Host", json!("a-1"), json!("a-1")),
        ("Print", json!("straße9"), json!("straße9")),
        ("Docs", json!([null, 1, {"a": null}]), json!([null, 1, {"a": null}])),
        ("Gaps", json!({"CAT": null, "DOG": "x"}), json!({"CAT": null, "DOG": "x"})),
        ("Times", json!([0, "1"]), json!(["1970-01-01T00:00:00Z", "1970-01-01T00:00:01Z"])),
        ("Dozen", json!("YWI"), json!("YWI=")),
        ("Dozen", json!("YWJj"), json!("YWJj")),
        ("Level", json!("4"), json!(4)),
        ("Rate", json!(1), json!(1.0)),
        ("Rate", json!("1e3"), json!(1000.0)),
        ("Rate", json!(-0.0), json!(0.0)),
        ("Rate", json!("NaN"), json!("NaN")),
        ("Ratio", json!("1.5"), json!(1.5)),
        ("Kind", json!("DOG"), json!("DOG")),
        ("At", json!("2026-01-31T12:00:00Z"), json!("2026-01-31T12:00:00Z")),
        ("At", json!("2026-01-31T13:30:00.250+01:30"), json!("2026-01-31T12:00:00.25Z")),
        ("At", json!("2026-01-31T12:00:00"), json!("2026-01-31T12:00:00Z")),
        ("At", json!("2026-01-31"), json!("2026-01-31T00:00:00Z")),
        ("At", json!("Sat, 31 Jan 2026 12:00:00 GMT"), json!("2026-01-31T12:00:00Z")),
        ("At", json!(1769860800), json!("2026-01-31T12:00:00Z")),
        ("At", json!(1769860800.123), json!("2026-01-31T12:00:00.123Z")),
        ("At", json!("1769860800"), json!("2026-01-31T12:00:00Z")),
        ("At", json!("1769860800.5"), json!("2026-01-31T12:00:00.5Z")),
        ("At", json!("20260131T120000Z"), json!("2026-01-31T12:00:00Z")),
        ("At", json!("2026-01-31 12:00:00,5-0030"), json!("2026-01-31T12:30:00.5Z")),
        ("At", json!("2026-01-31t12:00z"), json!("2026-01-31T12:00:00Z")),
        ("At", json!("31 Jan 2026 12:00 +0000"), json!("2026-01-31T12:00:00Z")),
        ("At", json!("0000-01-01T00:00:00Z"), json!("0000-01-01T00:00:00Z")),
        ("At", json!("-5"), json!("1969-12-31T23:59:55Z")),
        ("Body", json!("aGk="), json!("aGk=")),
        ("Body", json!("aGk"), json!("aGk=")),
        ("Body", json!({"$path": "a/b", "recursive": true}), json!({"$path": "a/b", "recursive": true})),
        ("Doc", json!({"a": [1, null, {"b": "7"}]}), json!({"a": [1, null, {"b": "7"}]})),
        ("Json", json!({"a": [1]}), json!("{\"a\":[1]}")),
        ("Json", json!(7), json!("7")),
        ("Json", json!("{ }"), json!("{ }")),
        ("Names", json!(["ab", "cd"]), json!(["ab", "cd"])),
        ("Holes", json!([1, null, "2"]), json!([1, null, 2])),
        ("Tags", json!({"ab": ""}), json!({"ab": ""})),
        ("Choice", json!({"Number": "1"}), json!({"Number": 1})),
        ("Choice", json!(null), json!(null)),
        ("Tree", json!({"Leaf": 1, "Left": {"Leaf": "2"}}), json!({"Left": {"Leaf": 2}, "Leaf": 1})),
        ("Secret", json!({"Password": "0"}), json!({"Password": "0"})),
        ("Kind", json!(null), json!(null)),
    ];
    for (member, given, expected) in cases {
        assert_eq!(canonical(member, &given), expected, "{member}: {given}");
    }
}

#[test]
fn every_problem_says_what_is_expected_and_what_stands_there() {
    use Code::*;
    let only = "only Id, Token, Flag, Small, Count, Long, Big, Level, Rate, Ratio, Kind, At and 21 more";
    let bytes = "base64, or {\"$path\": \"a file\"}";
    let choice = "an object with exactly one of Text, Number";
    let instant = super::timestamp::EXPECTED;
    let label = "a label of a host's name: 1 to 63 letters, digits and hyphens within";
    let cases = [
        ("count", json!(1), "count", Unknown, only, "\"count\"", Some("Count")),
        ("Zzz", json!(1), "Zzz", Unknown, only, "\"Zzz\"", None),
        ("Flag", json!("yes"), "Flag", Type, "true or false", "\"yes\"", None),
        ("Flag", json!(1), "Flag", Type, "true or false", "1", None),
        ("Small", json!(128), "Small", Range, "a whole number of 8 bits", "128", None),
        ("Count", json!(7.5), "Count", Type, "a whole number of 32 bits", "7.5", None),
        ("Count", json!("+7"), "Count", Type, "a whole number of 32 bits", "\"+7\"", None),
        ("Count", json!(0), "Count", Range, "1 to 100", "0", None),
        ("Count", json!(1e300), "Count", Type, "a whole number of 32 bits", "1e+300", None),
        ("Long", json!(u64::MAX), "Long", Range, "a whole number of 64 bits", "18446744073709551615", None),
        ("Level", json!(3), "Level", Enum, "one of 1, 2, 4", "3", None),
        ("Rate", json!("inf"), "Rate", Type, "a number", "\"inf\"", None),
        ("Ratio", json!("NaN"), "Ratio", Range, "0 to 1.5", "\"NaN\"", None),
        ("Ratio", json!(1e39), "Ratio", Range, "a number of single precision", "1e+39", None),
        ("Kind", json!("dog"), "Kind", Enum, "one of CAT, DOG, HORSE", "\"dog\"", Some("DOG")),
        ("Kind", json!(["DOG"]), "Kind", Type, "a string (JSON goes in as text)", "an array of 1", None),
        ("At", json!("yesterday"), "At", Timestamp, instant, "\"yesterday\"", None),
        ("At", json!("20260131"), "At", Timestamp, instant, "\"20260131\"", None),
        ("At", json!(1_769_860_800_000_i64), "At", Timestamp, instant, "1769860800000", None),
        ("At", json!("-000001-01-01T00:00:00Z"), "At", Timestamp, instant, "\"-000001-01-01T00:00:00Z\"", None),
        ("At", json!("2026-02-30"), "At", Timestamp, instant, "\"2026-02-30\"", None),
        ("At", json!("0000-01-01T00:00+01:00"), "At", Timestamp, instant, "\"0000-01-01T00:00+01:00\"", None),
        (
            "At",
            json!("Sun, 31 Jan 2026 12:00:00 GMT"),
            "At",
            Timestamp,
            instant,
            "\"Sun, 31 Jan 2026 12:00:00 GMT\"",
            None,
        ),
        ("At", json!(true), "At", Timestamp, instant, "true", None),
        ("Count", json!("07"), "Count", Type, "a whole number of 32 bits", "\"07\"", None),
        ("Count", json!("-0"), "Count", Type, "a whole number of 32 bits", "\"-0\"", None),
        ("Count", json!("101"), "Count", Range, "1 to 100", "\"101\"", None),
        ("Big", json!(1e300), "Big", Type, "a whole number", "1e+300", None),
        ("Exact", json!("NaN"), "Exact", Type, "a number", "\"NaN\"", None),
        ("Exact", json!("1e41"), "Exact", Range, "at most 1e+40", "\"1e41\"", None),
        ("Floor", json!("-Infinity"), "Floor", Range, "at least 1", "\"-Infinity\"", None),
        ("Rate", json!(" 1"), "Rate", Type, "a number", "\" 1\"", None),
        ("Rate", json!("1e999"), "Rate", Range, "a number", "\"1e999\"", None),
        ("Host", json!("a.b"), "Host", HostLabel, label, "\"a.b\"", None),
        ("Host", json!("-a"), "Host", HostLabel, label, "\"-a\"", None),
        ("Host", json!(""), "Host", Empty, "a non-empty string: it becomes a part of the URL", "\"\"", None),
        ("Print", json!("a b"), "Print", Pattern, "a match of ^[\\p{L}\\p{Nd}]+$", "\"a b\"", None),
        ("Wide", json!("y"), "Wide", Pattern, "a match of ^x.{0,65535}$", "\"y\"", None),
        ("Gaps", json!({}), "Gaps", Length, "1 to 2 entries", "0 entries", None),
        ("Gaps", json!({"COW": "x"}), "Gaps.COW", Enum, "one of CAT, DOG, HORSE", "\"COW\"", None),
        ("Tags", json!({"ab": null}), "Tags.ab", Null, "a value, not null", "null", None),
        ("Times", json!([0, "1970-01-01"]), "Times[1]", Unique, "no item twice", "\"1970-01-01\"", None),
        ("Dozen", json!("YQ=="), "Dozen", Length, "2 to 3 bytes", "1 bytes", None),
        ("Dozen", json!("YWI=="), "Dozen", Base64, bytes, "\"YWI==\"", None),
        ("Dozen", json!("YW\nI="), "Dozen", Base64, bytes, "\"YW\\nI=\"", None),
        ("Choice", json!({"Text": null}), "Choice.Text", Null, "a value, not null", "null", None),
        ("Choice", json!({"Text": "", "Number": null}), "Choice", Union, choice, "2 of them", None),
        ("Body", json!("hi there"), "Body", Base64, bytes, "\"hi there\"", None),
        ("Body", json!("aGVsbG8="), "Body", Length, "at most 4 bytes", "5 bytes", None),
        ("Body", json!(7), "Body", Type, bytes, "7", None),
        (
            "Body",
            json!({"$path": ""}),
            "Body",
            Path,
            "a file's path as a non-empty string in $path",
            "an object of 1",
            None,
        ),
        (
            "Body",
            json!({"$path": "a", "recurse": true}),
            "Body",
            Path,
            "only $path, keyPrefix, recursive, include, exclude and gitignore",
            "an object of 2",
            Some("recursive"),
        ),
        ("Names", json!(["ab", "cd", "ab"]), "Names[2]", Unique, "no item twice", "\"ab\"", None),
        ("Names", json!(["ab", "bc", "cd", "de"]), "Names", Length, "at most 3 items", "4 items", None),
        ("Names", json!(["a"]), "Names[0]", Length, "2 to 5 characters", "1 characters", None),
        ("Names", json!(["äö"]), "Names[0]", Pattern, "a match of ^[a-z]*$", "\"äö\"", None),
        ("Names", json!(["ab", null]), "Names[1]", Null, "a value, not null", "null", None),
        ("Names", json!("ab"), "Names", Type, "an array", "\"ab\"", None),
        ("Tags", json!({"a.b": "x"}), "Tags[\"a.b\"]", Pattern, "a match of ^[a-z]*$", "\"a.b\"", None),
        ("Tags", json!({"ab": 1}), "Tags.ab", Type, "a string", "1", None),
        ("Tags", json!([]), "Tags", Type, "an object", "an array of 0", None),
        ("Choice", json!({}), "Choice", Union, choice, "0 of them", None),
        ("Choice", json!({"Text": "", "Number": 1}), "Choice", Union, choice, "2 of them", None),
        ("Choice", json!("Text"), "Choice", Type, choice, "\"Text\"", None),
        (
            "Secret",
            json!({"Password": "hunter2"}),
            "Secret.Password",
            Pattern,
            "a match of ^[0-9]+$",
            "a string of 7 characters",
            None,
        ),
        (
            "Tree",
            json!({"Leaf": 1, "Left": {"Leaf": {}}}),
            "Tree.Left.Leaf",
            Type,
            "a whole number of 64 bits",
            "an object of 0",
            None,
        ),
        (
            "Events",
            json!({"E": {}}),
            "Events",
            Unsupported,
            "nothing: an event stream cannot be sent",
            "an object of 1",
            None,
        ),
    ];
    for (member, given, path, code, expected, got, nearest) in cases {
        let expected = Problem {
            path: path.to_owned(),
            code,
            expected: expected.to_owned(),
            got: got.to_owned(),
            nearest: nearest.map(str::to_owned),
        };
        assert_eq!(problem(member, &given), expected, "{member}: {given}");
    }
}

#[test]
fn all_problems_are_told_at_once_in_the_contracts_form() {
    let invalid = put(&json!({"Id": "", "Count": 0, "Tree": {"Left": {}}, "Bodie": "x", "Kind": "CATS"})).unwrap_err();
    let range = json!({"path": "Count", "code": "range", "expected": "1 to 100", "got": "0"});
    assert_eq!(
        serde_json::to_value(&invalid).unwrap(),
        json!({
            "missing": ["Tree.Left.Leaf", "Tree.Leaf"],
            "invalid": [
                {"path": "Id", "code": "empty", "expected": "a non-empty string: it becomes a part of the URL", "got": "\"\""},
                range,
                {"path": "Kind", "code": "enum", "expected": "one of CAT, DOG, HORSE", "got": "\"CATS\"", "nearest": "CAT"},
                {
                    "path": "Bodie", "code": "unknown",
                    "expected": "only Id, Token, Flag, Small, Count, Long, Big, Level, Rate, Ratio, Kind, At and 21 more",
                    "got": "\"Bodie\"", "nearest": "Body"
                },
            ]
        })
    );
    assert_eq!(
        invalid.to_string(),
        "the payload does not fit the operation: missing Tree.Left.Leaf, Tree.Leaf; not valid Id, Count, Kind, Bodie"
    );
}

#[test]
fn members_come_out_in_model_order_and_files_are_listed() {
    let file = json!({"$path": "x"});
    let given = json!({"Body": file, "Odd": "a", "Flag": null, "Count": "2", "Id": "abc"});
    let bound = put(&given).unwrap();
    let text = bound.payload.to_string();
    assert_eq!(text, r#"{"Id":"abc","Count":2,"Body":{"$path":"x"},"Odd":"a"}"#);
    assert_eq!(bound.files, [FileRef { pointer: "/Body".to_owned(), value: file }]);
    assert_eq!(bound.unchecked, ["Odd: pattern ^(?!aws).*$"]);
    let wide = put(&json!({"Id": "abc", "Wide": "xy"})).unwrap();
    assert_eq!(wide.unchecked, ["Wide: the upper bounds in pattern ^x.{0,65535}$"]);
    assert_eq!(put(&bound.payload), Ok(bound), "a bound payload binds to itself");
}

#[test]
fn what_an_sdk_fills_in_is_not_missing() {
    assert_eq!(put(&json!({"Id": "abc"})).unwrap().payload, json!({"Id": "abc"}));
    let mut model = model();
    model.service.name = "glacier".to_owned();
    let input = model.shapes.get_mut("Put").unwrap();
    let account = serde_json::from_value(json!({"n": "accountId", "t": "Id", "r": true})).unwrap();
    input.members.push(account);
    let bound = bind(&model, model.operation("Put").unwrap(), &json!({"Id": "abc"})).unwrap();
    assert_eq!(bound.payload, json!({"Id": "abc"}));
}

#[test]
fn an_operation_without_input_takes_nothing() {
    let model = model();
    let ping = model.operation("Ping").unwrap();
    assert_eq!(bind(&model, ping, &json!({})).unwrap().payload, json!({}));
    let invalid = bind(&model, ping, &json!({"a": 1})).unwrap_err();
    assert_eq!(invalid.invalid[0].expected, "no members at all");
    let invalid = bind(&model, ping, &json!([])).unwrap_err();
    assert_eq!((invalid.invalid[0].path.as_str(), invalid.invalid[0].code), ("", Code::Type));
}

#[test]
fn a_broken_model_takes_anything_rather_than_fail() {
    let mut model = model();
    model.shapes.remove("Id");
    model.shapes.get_mut("Names").unwrap().members.clear();
    let payload = json!({"Id": {"a": 1}, "Names": [{}, null]});
    let bound = Validator::new().bind(&model, model.operation("Put").unwrap(), &payload).unwrap();
    assert_eq!(bound.payload, payload);
}
