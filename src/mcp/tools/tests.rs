//! Names, the list, the schemas against what calls accept, the instructions.

use serde_json::json;

use super::*;
use crate::call::{ExecuteCall, SchemaCall, SearchCall};

#[test]
fn every_spelling_names_its_tool() {
    let table = [
        (
            Tool::Search,
            &[
                "aws_search_operations",
                "aws.searchOperations",
                "aws_searchOperations",
                "aws.search_operations",
                "aws-search-operations",
                "awsSearchOperations",
                "searchOperations",
                "search_operations",
                "SearchOperations",
                "AWS.SEARCHOPERATIONS",
            ][..],
        ),
        (
            Tool::Schema,
            &[
                "aws_get_operation_schema",
                "aws.getOperationSchema",
                "aws_getOperationSchema",
                "getOperationSchema",
                "get-operation-schema",
            ],
        ),
        (Tool::Execute, &["aws_execute", "aws.execute", "awsExecute", "aws/execute", "execute", "Execute"]),
    ];
    for (tool, names) in table {
        for name in names {
            assert_eq!(tool_from_name(name), Some(tool), "{name}");
        }
    }
    for name in [
        "",
        "aws",
        "aws.",
        "exec",
        "executes",
        "aws execute",
        "aws_execute ",
        "ехecute",
        "aws_approve",
        "décide",
        &"_".repeat(9_000),
    ] {
        assert_eq!(tool_from_name(name), None, "{name}");
    }
}

#[test]
fn the_list_is_fixed() {
    let entries = |names| -> Vec<Value> {
        listed(names).into_iter().map(|tool| json!([tool.name, tool.title, tool.annotations])).collect()
    };
    let read = |title: &str| json!({"title": title, "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false});
    let act = json!({"title": "aws.execute", "readOnlyHint": false, "destructiveHint": true, "idempotentHint": false, "openWorldHint": true});
    assert_eq!(
        entries(ToolNames::Underscore),
        [
            json!(["aws_search_operations", "aws.searchOperations", read("aws.searchOperations")]),
            json!(["aws_get_operation_schema", "aws.getOperationSchema", read("aws.getOperationSchema")]),
            json!(["aws_execute", "aws.execute", act]),
        ]
    );
    let dotted: Vec<_> = listed(ToolNames::Dotted).into_iter().map(|tool| tool.name).collect();
    assert_eq!(dotted, ["aws.searchOperations", "aws.getOperationSchema", "aws.execute"]);
}

/// What clients are known to stumble over: `true` as a schema, lists of types, `$ref`, a missing description.
fn stumbling_blocks(at: &str, schema: &Value, found: &mut Vec<String>) {
    let Some(schema) = schema.as_object() else {
        found.push(format!("{at}: a schema that is not an object"));
        return;
    };
    if schema.contains_key("$ref") || schema.contains_key("$defs") {
        found.push(format!("{at}: $ref"));
    }
    if schema.get("type").is_some_and(Value::is_array) {
        found.push(format!("{at}: a list of types"));
    }
    if schema.is_empty() {
        found.push(format!("{at}: says nothing"));
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        stumbling_blocks(&format!("{at}.{name}"), property, found);
    }
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        if !properties.is_some_and(|properties| properties.contains_key(name.as_str().unwrap())) {
            found.push(format!("{at}: requires {name}, which it does not describe"));
        }
    }
    if let Some(items) = schema.get("items") {
        stumbling_blocks(&format!("{at}[]"), items, found);
    }
}

#[test]
fn schemas_have_nothing_that_clients_stumble_over() {
    let mut found = Vec::new();
    for tool in listed(ToolNames::Underscore) {
        let output = Value::Object(tool.output_schema.unwrap().as_ref().clone());
        let input = Value::Object(tool.input_schema.as_ref().clone());
        assert_eq!(input.get("type"), Some(&json!("object")));
        assert_eq!(input.get("additionalProperties"), Some(&json!(false)));
        assert_eq!(output.get("type"), Some(&json!("object")));
        stumbling_blocks(&tool.name, &input, &mut found);
        stumbling_blocks(&tool.name, &output, &mut found);
        for (name, property) in input.get("properties").and_then(Value::as_object).unwrap() {
            let told = property.get("description").is_some() || name == "options";
            assert!(told && property.get("type").is_some(), "{}.{name}", tool.name);
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

/// A value for every property of a schema: its default, first choice, or one by its type.
fn filled(schema: &Value) -> Value {
    let own = |key: &str| schema.get(key).cloned();
    if let Some(value) = own("default").or_else(|| own("enum").and_then(|choices| choices.get(0).cloned())) {
        return value;
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, property)| (name.clone(), filled(property)))
            .collect::<Map<_, _>>()
            .into(),
        Some("integer") => json!(1),
        _ => json!("us-east-1"),
    }
}

#[test]
fn what_the_schemas_offer_is_what_calls_accept() {
    for (tool, entry) in ALL.into_iter().zip(listed(ToolNames::Underscore)) {
        let Value::Object(arguments) = filled(&Value::Object(entry.input_schema.as_ref().clone())) else { panic!() };
        let read = match tool {
            Tool::Search => SearchCall::read(&arguments).map(drop),
            Tool::Schema => SchemaCall::read(&arguments).map(drop),
            Tool::Execute => ExecuteCall::read(&arguments).map(drop),
        };
        assert_eq!(read, Ok(()), "{arguments:?}");
    }
}

#[test]
fn instructions_fit_and_name_the_listed_tools() {
    for names in [ToolNames::Underscore, ToolNames::Dotted] {
        let text = instructions(names);
        assert!(text.chars().count() <= 2_048, "{} characters", text.chars().count());
        for tool in ALL {
            assert!(text.contains(name_of(tool, names)), "{text}");
        }
        for word in ["validate", "invoke", "options.reason", "ConfirmationRequired", "options.confirmationToken"] {
            assert!(text.contains(word), "{word}");
        }
    }
}
