//! What is printed, whole, without colours and with them.

use serde_json::{Value, json};

use super::*;
use crate::call::CallError;
use crate::cli::paint::Paint;

/// Printed plainly, then in colours with the escapes spelled out.
fn both(print: impl Fn(Paint, &mut Vec<u8>)) -> String {
    let run = |on: bool| {
        let mut out = Vec::new();
        print(Paint::new(on), &mut out);
        String::from_utf8(out).unwrap()
    };
    let (plain, coloured) = (run(false), run(true));
    assert!(!plain.contains('\u{1b}'), "no escapes without colours, whatever others wrote");
    let stripped = regex::Regex::new("\u{1b}\\[[0-9]{1,2}m").unwrap().replace_all(&coloured, "").into_owned();
    assert_eq!(stripped, plain, "colours say nothing of their own");
    format!("{plain}--- in colours ---\n{}", coloured.replace('\u{1b}', "^"))
}

fn reply() -> Value {
    json!({
        "service": "s3", "operation": "PutThing", "risk": "write", "verdict": "ask", "paginated": true,
        "waiters": ["ThingExists"], "description": "Puts a \u{1b}[2Jthing.",
        "schema": {
            "type": "object",
            "properties": {
                "Bucket": {"type": "string", "minLength": 3, "maxLength": 63, "pattern": "^[a-z]+$", "description": "Where."},
                "Body": {"anyOf": [{"type": "string", "contentEncoding": "base64"}, {"type": "object", "required": ["$path"]}]},
                "Kind": {"type": ["string", "null"], "enum": ["CAT", "DOG", null]},
                "Count": {"type": "integer", "maximum": 9},
                "At": {"type": "string", "format": "date-time"},
                "Tags": {"type": "array", "maxItems": 50, "items": {"$ref": "#/$defs/Tag"}},
                "Tree": {"$ref": "#/$defs/Tree"},
                "Choice": {"type": "object", "oneOf": [{"required": ["A"]}], "properties": {"A": {"type": "boolean"}}},
                "Names": {"type": "object", "additionalProperties": {"type": "string"}},
                "Deep": {"type": "object", "description": "Cut: ask with path Deep"}
            },
            "required": ["Bucket"],
            "$defs": {
                "Tag": {"type": "object", "properties": {"Key": {"type": "string"}, "Value": {"type": "string"}}, "required": ["Key"]},
                "Tree": {"type": "object", "properties": {"Left": {"$ref": "#/$defs/Tree"}, "Leaf": {"type": "integer"}}}
            }
        }
    })
}

#[test]
fn a_schema_is_a_tree() {
    insta::assert_snapshot!("schema", both(|paint, out| schema(&reply(), paint, out).unwrap()));
}

#[test]
fn results_stand_in_columns() {
    let results = json!({"count": 2, "results": [
        {"service": "s3", "operation": "DeleteBucket", "summary": "Deletes a bucket.", "risk": "destructive", "verdict": "ask", "score": 0.9},
        {"service": "iam", "operation": "GetUser", "summary": "Tells \u{202e}of a user.", "risk": "read", "verdict": "allow", "score": 0.5},
        {"service": "secretsmanager", "operation": "GetSecretValue", "summary": "Gets it.", "risk": "secret", "verdict": "deny", "score": 0.1}
    ]});
    let nothing = json!({"count": 0, "results": [], "hint": "nothing fits; use other words"});
    insta::assert_snapshot!(
        "search",
        both(|paint, out| {
            search(&results, paint, out).unwrap();
            search(&nothing, paint, out).unwrap();
        })
    );
}

#[test]
fn validation_tells_what_it_would_meet_and_every_problem() {
    let good = json!({
        "status": "valid", "service": "s3", "operation": "DeleteBucket", "region": "us-east-1", "risk": "destructive",
        "riskReasons": ["It deletes."], "verdict": "ask", "rule": "ask_for: destructive",
        "unchecked": ["Name: pattern ^(?!x)"]
    });
    let bad = CallError::new("ValidationError", "s3:DeleteBucket: the payload does not fit")
        .hint("the schema shows what it takes")
        .with("missing", json!(["Bucket"]))
        .with("invalid", json!([
            {"path": "Bukcet", "code": "unknown", "expected": "only Bucket", "got": "\"Bukcet\"", "nearest": "Bucket"},
            {"path": "", "code": "type", "expected": "an object", "got": "\u{1b}]0;x\u{7}"}
        ]));
    let denied = CallError::new("PolicyDenied", "the policy denies this call").with("reasons", json!(["buckets stay"]));
    insta::assert_snapshot!(
        "validate",
        both(|paint, out| {
            valid(&good, paint, out).unwrap();
            refused(&bad, paint, out).unwrap();
            refused(&denied, paint, out).unwrap();
        })
    );
}
