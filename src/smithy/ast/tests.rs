//! Tests of the AST reader: small documents, and the official protocol tests where they are present.

mod shapes;

use serde_json::{Value, json};

use super::*;
use crate::smithy::{EnumValue, Model};

/// A document of the shapes, with a service `toy#Toys` whose definition is given.
fn document(service: &Value, shapes: &Value) -> Value {
    let mut all = json!({"toy#Toys": {"type": "service", "version": "2020-01-01"}});
    all["toy#Toys"].as_object_mut().unwrap().extend(service.as_object().unwrap().clone());
    all.as_object_mut().unwrap().extend(shapes.as_object().unwrap().clone());
    json!({"smithy": "2.0", "shapes": all})
}

fn read_all(document: &Value) -> Result<Vec<Reading>, ReadError> {
    read(&serde_json::to_vec(document).unwrap(), false)
}

fn read_one(document: &Value) -> Reading {
    let mut readings = read_all(document).unwrap();
    assert_eq!(readings.len(), 1);
    readings.remove(0)
}

fn json_of(model: &Model) -> Value {
    serde_json::to_value(model).unwrap()
}

#[test]
fn a_service_with_every_fact() {
    let service = json!({
        "traits": {
            "aws.api#service": {"sdkId": "Toy Store v2", "arnNamespace": "toy", "cloudFormationName": "ToyStore", "endpointPrefix": "toys"},
            "aws.auth#sigv4": {"name": "toysign"},
            "smithy.api#httpBearerAuth": {},
            "aws.protocols#restXml": {"noErrorWrapping": true},
            "smithy.protocols#rpcv2Cbor": {},
            "aws.protocols#awsQueryCompatible": {},
            "smithy.api#title": "Amazon Toys",
            "smithy.api#xmlNamespace": {"uri": "http://toy/"},
            "smithy.api#documentation": "<p>Toys.</p>",
            "smithy.rules#clientContextParams": {"Accelerate": {"type": "boolean", "documentation": "x"}},
            "smithy.rules#endpointRuleSet": {"version": "1.0", "parameters": {"Region": {"type": "String", "documentation": "x"}}, "rules": []},
            "smithy.rules#endpointTests": {},
            "toy#mystery": {}
        }
    });
    let reading = read_one(&document(&service, &json!({})));
    assert_eq!(
        json_of(&reading.model),
        json!({
            "service": {
                "name": "toy-store-v2", "shape_name": "Toys", "sdk_id": "Toy Store v2", "title": "Amazon Toys",
                "version": "2020-01-01", "endpoint_prefix": "toys", "signing_name": "toysign", "arn_namespace": "toy",
                "cloudformation_name": "ToyStore", "protocols": ["rpcV2Cbor", "restXml"],
                "auth": ["aws.auth#sigv4", "smithy.api#httpBearerAuth"], "xml_namespace": "http://toy/",
                "query_compatible": true, "no_error_wrapping": true, "client_context_params": {"Accelerate": {"type": "boolean"}}
            },
            "operations": {}, "shapes": {},
            "endpoint_rules": {"version": "1.0", "parameters": {"Region": {"type": "String"}}, "rules": []}
        })
    );
    let unknown: Vec<&str> = reading.notes.unknown.iter().map(|(key, _)| key).collect();
    assert_eq!(unknown, ["trait.toy#mystery"]);

    let bare = read_one(&document(&json!({}), &json!({}))).model.service;
    let facts = (bare.name.as_str(), bare.sdk_id.as_str(), bare.endpoint_prefix.as_str(), bare.signing_name.as_str());
    assert_eq!(facts, ("toys", "Toys", "toys", "toys"), "Smithy's defaults");
}

#[test]
fn an_operation_with_every_trait() {
    let service = json!({
        "operations": [{"target": "toy#PutToy"}],
        "errors": [{"target": "toy#Busy"}],
        "traits": {"aws.protocols#restJson1": {}, "smithy.api#paginated": {"inputToken": "in", "outputToken": "out", "pageSize": "max"}}
    });
    let shapes = json!({
        "toy#PutToy": {
            "type": "operation",
            "input": {"target": "toy#PutToyInput"}, "output": {"target": "smithy.api#Unit"},
            "errors": [{"target": "toy#NoToy"}, {"target": "toy#Busy"}],
            "traits": {
                "smithy.api#http": {"method": "PUT", "uri": "/toys/{id}", "code": 204},
                "smithy.api#readonly": {}, "smithy.api#idempotent": {}, "smithy.api#deprecated": {},
                "smithy.api#auth": [], "smithy.api#optionalAuth": {}, "aws.auth#unsignedPayload": {},
                "smithy.api#endpoint": {"hostPrefix": "data-"}, "smithy.api#httpChecksumRequired": {},
                "aws.protocols#httpChecksum": {"requestChecksumRequired": true, "requestAlgorithmMember": "a", "responseAlgorithms": ["CRC32"]},
                "smithy.api#requestCompression": {"encodings": ["gzip"]},
                "smithy.rules#staticContextParams": {"Kind": {"value": true}},
                "smithy.rules#operationContextParams": {"Names": {"path": "keys(x)"}},
                "aws.api#clientDiscoveredEndpoint": {"required": true},
                "smithy.api#paginated": {"items": "toys", "pageSize": "size"},
                "smithy.waiters#waitable": {"ToyThere": {"minDelay": 7, "documentation": "x", "acceptors": [
                    {"state": "success", "matcher": {"success": true}},
                    {"state": "retry", "matcher": {"errorType": "toy#NoToy"}},
                    {"state": "success", "matcher": {"output": {"path": "a", "expected": "x", "comparator": "stringEquals"}}},
                    {"state": "success", "matcher": {"output": {"path": "a", "expected": "true", "comparator": "booleanEquals"}}},
                    {"state": "success", "matcher": {"output": {"path": "a[]", "expected": "x", "comparator": "allStringEquals"}}},
                    {"state": "failure", "matcher": {"output": {"path": "a[]", "expected": "x", "comparator": "anyStringEquals"}}},
                    {"state": "success", "matcher": {"inputOutput": {"path": "a", "expected": "x", "comparator": "stringEquals"}}}
                ]}}
            }
        },
        "toy#PutToyInput": {"type": "structure", "members": {}, "traits": {"smithy.api#xmlName": "Root"}},
        "toy#NoToy": {"type": "structure", "members": {}, "traits": {"smithy.api#error": "client"}},
        "toy#Busy": {"type": "structure", "members": {}, "traits": {"smithy.api#error": "server", "smithy.api#retryable": {"throttling": true}, "smithy.api#httpError": 503}}
    });
    let reading = read_one(&document(&service, &shapes));
    let model = json_of(&reading.model);
    assert_eq!(
        model["operations"]["PutToy"],
        json!({
            "name": "PutToy", "http": {"method": "PUT", "uri": "/toys/{id}", "code": 204}, "input": "PutToyInput",
            "errors": ["NoToy", "Busy"], "readonly": true, "idempotent": true, "deprecated": true, "auth": [],
            "optional_auth": true, "unsigned_payload": true, "host_prefix": "data-", "checksum_required": true,
            "checksum": {"request_required": true, "request_algorithm_member": "a", "response_algorithms": ["CRC32"]},
            "compression": ["gzip"], "static_context_params": {"Kind": true}, "operation_context_params": {"Names": "keys(x)"},
            "endpoint_discovery": true,
            "paginator": {"input_token": ["in"], "output_token": ["out"], "result_key": ["toys"], "limit_key": "size"},
            "input_xml_name": "Root"
        })
    );
    assert_eq!(
        model["waiters"],
        json!({"ToyThere": {
            "delay": 7, "maxAttempts": 86, "operation": "PutToy",
            "acceptors": [
                {"state": "success", "matcher": "error", "expected": false},
                {"state": "retry", "matcher": "error", "expected": "NoToy"},
                {"state": "success", "matcher": "path", "argument": "a", "expected": "x"},
                {"state": "success", "matcher": "path", "argument": "a", "expected": true},
                {"state": "success", "matcher": "pathAll", "argument": "a[]", "expected": "x"},
                {"state": "failure", "matcher": "pathAny", "argument": "a[]", "expected": "x"}
            ]
        }})
    );
    assert_eq!(
        model["shapes"]["Busy"],
        json!({"t": "structure", "x": {"error": {"fault": "server", "status": 503, "retryable": true, "throttling": true}}})
    );
    assert!(reading.notes.unknown.is_empty(), "{:?}", reading.notes.unknown);
}

#[test]
fn resources_give_lifecycles() {
    let operation = || json!({"type": "operation"});
    let service = json!({"operations": [{"target": "toy#Ping"}], "resources": [{"target": "toy#Toy"}]});
    let shapes = json!({
        "toy#Toy": {
            "type": "resource", "identifiers": {"id": {"target": "smithy.api#String"}},
            "create": {"target": "toy#CreateToy"}, "put": {"target": "toy#PutToy"}, "read": {"target": "toy#GetToy"},
            "update": {"target": "toy#UpdateToy"}, "delete": {"target": "toy#DeleteToy"}, "list": {"target": "toy#ListToys"},
            "operations": [{"target": "toy#PlayToy"}], "collectionOperations": [{"target": "toy#CountToys"}],
            "resources": [{"target": "toy#Part"}]
        },
        "toy#Part": {"type": "resource", "delete": {"target": "toy#DeletePart"}, "resources": [{"target": "toy#Part"}]},
        "toy#Ping": operation(), "toy#CreateToy": operation(), "toy#PutToy": operation(), "toy#GetToy": operation(),
        "toy#UpdateToy": operation(), "toy#DeleteToy": operation(), "toy#ListToys": operation(),
        "toy#PlayToy": operation(), "toy#CountToys": operation(), "toy#DeletePart": operation(),
        "toy#NotOfTheService": operation()
    });
    let model = read_one(&document(&service, &shapes)).model;
    let places: Vec<String> = model
        .operations
        .values()
        .map(|operation| {
            let lifecycle = operation.lifecycle.map_or_else(String::new, |lifecycle| format!(" {lifecycle:?}"));
            format!("{} {}{lifecycle}", operation.name, operation.resource.as_deref().unwrap_or("-"))
        })
        .collect();
    assert_eq!(
        places,
        [
            "CountToys Toy",
            "CreateToy Toy Create",
            "DeletePart Part Delete",
            "DeleteToy Toy Delete",
            "GetToy Toy Read",
            "ListToys Toy List",
            "Ping -",
            "PlayToy Toy",
            "PutToy Toy Put",
            "UpdateToy Toy Update",
        ]
    );
}

#[test]
fn rpc_protocols_have_no_http_bindings() {
    let service = json!({"operations": [{"target": "toy#Get"}], "traits": {"aws.protocols#awsJson1_0": {}}});
    let shapes = json!({
        "toy#Get": {"type": "operation", "input": {"target": "toy#In"}, "traits": {"smithy.api#http": {"method": "GET", "uri": "/{id}"}}},
        "toy#In": {"type": "structure", "members": {"id": {"target": "smithy.api#String", "traits": {"smithy.api#httpLabel": {}, "smithy.api#required": {}}}}}
    });
    let model = json_of(&read_one(&document(&service, &shapes)).model);
    assert_eq!(model["operations"]["Get"]["http"], json!({"method": "POST", "uri": "/"}));
    assert_eq!(model["shapes"]["In"]["m"], json!([{"n": "id", "t": "smithy.api#String", "r": true}]));
}

#[test]
fn faults_are_named_with_their_place() {
    let one = |shapes: Value| document(&json!({"operations": [{"target": "toy#A"}]}), &shapes);
    let table = [
        (json!({"smithy": 2}), "smithy: a string is expected, not 2"),
        (json!({"smithy": "3.0"}), "smithy: version 3.0 of Smithy is not known here"),
        (json!({"smithy": "2.0", "shapes": []}), "shapes: an object is expected, not an array"),
        (one(json!({})), "toy#Toys: the operation toy#A is not there"),
        (
            one(json!({"toy#A": {"type": "operation", "input": {"target": "toy#B"}}})),
            "toy#Toys: the shape toy#B is not there",
        ),
        (
            one(json!({"toy#A": {"type": "operation", "input": {"target": "smithy.api#Sting"}}})),
            "toy#Toys: smithy.api#Sting is no shape of the prelude",
        ),
        (one(json!({"toy#A": {"type": "operation", "input": {}}})), "toy#Toys.toy#A.input: `target` is missing"),
        (
            one(json!({"toy#A": {"type": "operation", "traits": {"smithy.api#http": {"uri": "/"}}}})),
            "toy#Toys.toy#A.traits.smithy.api#http: `method` is missing",
        ),
        (
            one(
                json!({"toy#A": {"type": "operation", "input": {"target": "toy#B"}}, "toy#B": {"type": "structure", "mixins": [{"target": "toy#B"}]}}),
            ),
            "shapes.toy#B.toy#B: it is a mixin of itself",
        ),
        (
            one(json!({"toy#A": {"type": "operation", "mixins": [{"target": "toy#M"}]}})),
            "shapes.toy#A: the mixin toy#M is not there",
        ),
        (
            one(json!({
                "toy#A": {"type": "operation", "input": {"target": "toy#B"}, "output": {"target": "zoo#B"}},
                "toy#B": {"type": "structure"}, "zoo#B": {"type": "structure"}
            })),
            "toy#Toys: toy#B and zoo#B would both be named `B`, and no rename helps",
        ),
        (
            one(json!({"toy#A": {"type": "operation", "input": {"target": "toy#B"}}, "toy#B": {"type": "operation"}})),
            "toy#Toys.shapes.toy#B.type: a shape of type `operation` cannot be data",
        ),
        (
            document(&json!({"resources": [{"target": "toy#R"}]}), &json!({})),
            "toy#Toys: the resource toy#R is not there",
        ),
    ];
    for (document, expected) in table {
        let error = read_all(&document).unwrap_err().to_string();
        assert_eq!(error, format!("Smithy AST, at {expected}; fetch the package anew and import it again"));
    }
    let error = read(b"{", false).unwrap_err().to_string();
    assert!(error.starts_with("Smithy AST: it is no JSON: EOF"), "{error}");
    assert_eq!(read(b"{\"a\": 1}", false), Ok(Vec::new()), "JSON, but no model");
    assert_eq!(read_all(&json!({"smithy": "1.0"})), Ok(Vec::new()), "a model without services");
}

/// Facts of the official protocol tests, where they are present.
#[test]
fn the_protocol_tests_can_be_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/aws-protocol-tests.json");
    let Ok(json) = std::fs::read(path) else {
        println!("left out: {path} is not here");
        return;
    };
    let readings = read(&json, false).unwrap();
    assert_eq!(readings.len(), 17);
    for reading in &readings {
        assert!(reading.notes.unknown.is_empty(), "{}: {:?}", reading.model.service.name, reading.notes.unknown);
    }
    let model = |name: &str| &readings.iter().find(|reading| reading.model.service.name == name).unwrap().model;
    let rest = model("rest-json-protocol");
    assert!(rest.shapes.contains_key("RenamedGreeting"), "`rename` of the service");
    let foo_enum = |name: &str| rest.shape(name).unwrap().traits().enum_values.clone();
    assert_eq!(foo_enum("IntegerEnum"), [1, 2, 3].map(EnumValue::Integer));
    assert_eq!(foo_enum("FooEnum"), ["Bar", "Baz", "Foo", "1", "0"].map(|value| EnumValue::String(value.to_owned())));
    assert_eq!(rest.operation("NoInputAndNoOutput").unwrap().input, None);
}
