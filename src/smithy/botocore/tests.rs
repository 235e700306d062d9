//! Tests of the botocore reader: small documents and what is made of them.

mod shapes;

use serde_json::{Value, json};

use super::*;

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

#[expect(clippy::needless_pass_by_value, reason = "calls read better with json! in them")]
fn service(protocol: &str, operations: Value, shapes: Value) -> Value {
    json!({
        "version": "2.0",
        "metadata": {
            "apiVersion": "2020-01-01", "endpointPrefix": "toy", "protocol": protocol, "jsonVersion": "1.1",
            "serviceFullName": "Amazon Toy", "serviceId": "Toy Store", "signatureVersion": "v4", "uid": "toy-2020-01-01"
        },
        "operations": operations,
        "shapes": shapes,
        "documentation": "<p>Sells toys. And more.</p>"
    })
}

fn read_service(document: &Value) -> Reading {
    let document = bytes(document);
    let documents = Documents { service: Document { base: Some(&document), extras: None }, ..Documents::default() };
    read("toy", &documents, false).unwrap()
}

#[test]
fn metadata_becomes_a_service() {
    let base = |more: Value| {
        let mut document = service("rest-json", json!({}), json!({}));
        let metadata = document["metadata"].as_object_mut().unwrap();
        for (key, value) in more.as_object().unwrap() {
            if value.is_null() {
                metadata.remove(key)
            } else {
                metadata.insert(key.clone(), value.clone())
            };
        }
        serde_json::to_value(read_service(&document).model.service).unwrap()
    };
    let plain = json!({
        "name": "toy", "sdk_id": "Toy Store", "title": "Amazon Toy", "version": "2020-01-01",
        "endpoint_prefix": "toy", "signing_name": "toy", "protocols": ["restJson1"],
        "auth": ["aws.auth#sigv4"], "signature_version": "v4"
    });
    let with = |more: Value| {
        let mut expected = plain.clone();
        expected.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        expected
    };
    let table = [
        (json!({}), json!({})),
        (json!({"signingName": "toys"}), json!({"signing_name": "toys"})),
        (json!({"protocol": "json", "jsonVersion": "1.0"}), json!({"protocols": ["awsJson1_0"]})),
        (json!({"protocol": "json"}), json!({"protocols": ["awsJson1_1"]})),
        (json!({"protocol": "ec2"}), json!({"protocols": ["ec2Query"]})),
        (
            json!({"protocol": "smithy-rpc-v2-cbor", "protocols": ["smithy-rpc-v2-cbor", "json", "query"], "jsonVersion": "1.0"}),
            json!({"protocols": ["rpcV2Cbor", "awsJson1_0", "awsQuery"]}),
        ),
        (json!({"targetPrefix": "Toy_2020"}), json!({"shape_name": "Toy_2020"})),
        (json!({"targetPrefix": "com.a.Toy"}), json!({"shape_name": "Toy", "target_prefix": "com.a.Toy"})),
        (json!({"awsQueryCompatible": {}}), json!({"query_compatible": true})),
        (json!({"xmlNamespace": "http://toy/"}), json!({"xml_namespace": "http://toy/"})),
        (json!({"xmlNamespace": {"uri": "http://toy/"}}), json!({"xml_namespace": "http://toy/"})),
        (json!({"auth": ["aws.auth#sigv4a"]}), json!({"auth": ["aws.auth#sigv4a"]})),
        (
            json!({"signatureVersion": "bearer"}),
            json!({"signature_version": "bearer", "auth": ["smithy.api#httpBearerAuth"]}),
        ),
        (
            json!({"signatureVersion": "s3", "protocol": "rest-xml"}),
            json!({"signature_version": "s3", "protocols": ["restXml"], "no_error_wrapping": true}),
        ),
        (json!({"serviceId": null}), json!({"sdk_id": "toy"})),
    ];
    for (more, expected) in table {
        assert_eq!(base(more.clone()), with(expected), "{more}");
    }
}

#[test]
fn an_operation_with_every_key() {
    let operations = json!({"PutToy": {
        "name": "PutToy2020",
        "http": {"method": "put", "requestUri": "/toys/{id}", "responseCode": 204},
        "input": {"shape": "Toy", "locationName": "PutToyRequest", "xmlNamespace": {"uri": "http://toy/"}, "documentation": "x"},
        "output": {"shape": "Toy", "resultWrapper": "ToyResult"},
        "errors": [{"shape": "NoToy", "exception": true}, {"shape": "NoToy"}],
        "documentation": "<p>Puts.</p>",
        "idempotent": true, "readonly": true, "deprecated": true, "deprecatedMessage": "x",
        "auth": ["smithy.api#noAuth"], "authtype": "none", "unsignedPayload": true,
        "endpoint": {"hostPrefix": "data-"},
        "httpChecksumRequired": true,
        "httpChecksum": {"requestChecksumRequired": true, "requestAlgorithmMember": "a",
            "requestValidationModeMember": "m", "responseAlgorithms": ["CRC32"]},
        "requestcompression": {"encodings": ["gzip"]},
        "staticContextParams": {"Kind": {"value": true}},
        "operationContextParams": {"Names": {"path": "keys(x)"}},
        "endpointdiscovery": {"required": true},
        "sparkle": 1
    }});
    let shapes = json!({
        "Toy": {"type": "structure", "members": {}},
        "NoToy": {"type": "structure", "members": {}, "exception": true}
    });
    let reading = read_service(&service("rest-xml", operations, shapes));
    let expected = json!({
        "name": "PutToy",
        "http": {"method": "PUT", "uri": "/toys/{id}", "code": 204},
        "input": "Toy", "output": "Toy", "errors": ["NoToy"],
        "readonly": true, "idempotent": true, "deprecated": true,
        "auth": ["smithy.api#noAuth"], "unsigned_payload": true, "host_prefix": "data-", "checksum_required": true,
        "checksum": {"request_required": true, "request_algorithm_member": "a",
            "request_validation_mode_member": "m", "response_algorithms": ["CRC32"]},
        "compression": ["gzip"],
        "static_context_params": {"Kind": true},
        "operation_context_params": {"Names": "keys(x)"},
        "endpoint_discovery": true,
        "result_wrapper": "ToyResult",
        "input_xml_name": "PutToyRequest",
        "input_xml_namespace": {"uri": "http://toy/"}
    });
    assert_eq!(serde_json::to_value(&reading.model.operations["PutToy"]).unwrap(), expected);
    assert_eq!(reading.model.service.xml_namespace.as_deref(), Some("http://toy/"));
    let unknown: Vec<(&str, &str)> =
        reading.notes.unknown.iter().map(|(key, seen)| (key, seen.first.as_str())).collect();
    assert_eq!(unknown, [("operation.sparkle", "PutToy")]);
    let left_out: Vec<&str> = reading.notes.left_out.iter().map(|(key, _)| key).collect();
    assert_eq!(left_out, ["metadata.uid", "operation.deprecatedMessage", "operation.name other than its key"]);
}

#[test]
fn auth_types() {
    let auth = |more: Value| {
        let mut operation = json!({"name": "A", "http": {"method": "POST", "requestUri": "/"}});
        operation.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let reading = read_service(&service("json", json!({"A": operation}), json!({})));
        let operation = reading.model.operations["A"].clone();
        (operation.auth, operation.unsigned_payload)
    };
    assert_eq!(auth(json!({})), (None, false));
    assert_eq!(auth(json!({"authtype": "none"})), (Some(vec!["smithy.api#noAuth".to_owned()]), false));
    assert_eq!(auth(json!({"authtype": "v4-unsigned-body"})), (None, true));
    assert_eq!(auth(json!({"auth": []})), (Some(Vec::new()), false));
}

#[test]
fn paginators_waiters_rules_and_extras() {
    let service = bytes(&service(
        "json",
        json!({"ListToys": {"name": "ListToys", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "In"}}}),
        json!({"In": {"type": "structure", "members": {"a": {"shape": "S"}}}, "S": {"type": "string"}}),
    ));
    let extras = bytes(
        &json!({"version": 1.0, "merge": {"shapes": {"In": {"members": {"Extra": {"shape": "S"}}}, "S": {"type": "integer"}}}}),
    );
    let paginators = bytes(&json!({"pagination": {
        "ListToys": {"input_token": "T", "output_token": ["T", "U"], "result_key": "Toys", "limit_key": "Max", "more_results": "More", "non_aggregate_keys": ["x"]},
        "Gone": {"input_token": "T", "output_token": "T", "result_key": "Toys"}
    }}));
    let waiters = bytes(&json!({"version": 2, "waiters": {
        "ToysThere": {"operation": "ListToys", "delay": 5, "maxAttempts": 20, "description": "x", "acceptors": [{"state": "success", "matcher": "status", "expected": 200}]},
        "Gone": {"operation": "Gone", "delay": 5, "maxAttempts": 20, "acceptors": []}
    }}));
    let rules = bytes(
        &json!({"version": "1.0", "parameters": {"Region": {"type": "String", "documentation": "x"}}, "rules": []}),
    );
    let only = |base| Document { base: Some(base), extras: None };
    let documents = Documents {
        service: Document { base: Some(&service), extras: Some(&extras) },
        paginators: only(&paginators),
        waiters: only(&waiters),
        endpoint_rules: only(&rules),
    };
    let reading = read("toy", &documents, false).unwrap();
    let model = serde_json::to_value(&reading.model).unwrap();
    assert_eq!(
        model["operations"]["ListToys"]["paginator"],
        json!({
            "input_token": ["T"], "output_token": ["T", "U"], "result_key": ["Toys"], "more_results": "More", "limit_key": "Max"
        })
    );
    assert_eq!(
        model["waiters"],
        json!({
            "ToysThere": {"operation": "ListToys", "delay": 5, "maxAttempts": 20, "acceptors": [{"state": "success", "matcher": "status", "expected": 200}]}
        })
    );
    assert_eq!(
        model["endpoint_rules"],
        json!({"version": "1.0", "parameters": {"Region": {"type": "String"}}, "rules": []})
    );
    assert_eq!(model["shapes"]["In"]["m"], json!([{"n": "a", "t": "S"}, {"n": "Extra", "t": "S"}]));
    assert_eq!(model["shapes"]["S"], json!({"t": "integer"}));

    let kept = read("toy", &documents, true).unwrap().model;
    assert_eq!(kept.service.documentation.as_deref(), Some("Sells toys."));
    assert_eq!(kept.endpoint_rules.unwrap()["parameters"]["Region"]["documentation"], "x");
    assert_eq!(serde_json::from_value::<Model>(model).unwrap(), reading.model, "round trip");
}

#[test]
fn faults_are_named_with_their_place() {
    let minimal = || {
        service(
            "json",
            json!({"A": {"name": "A", "http": {"method": "POST", "requestUri": "/"}}}),
            json!({"S": {"type": "string"}}),
        )
    };
    let changed = |pointer: &str, value: Value| {
        let mut document = minimal();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = if parent.is_empty() { &mut document } else { document.pointer_mut(parent).unwrap() };
        parent.as_object_mut().unwrap().insert(key.to_owned(), value);
        document
    };
    let table = [
        (json!([]), "service-2: not the JSON expected: invalid type: sequence, expected a map at line 1 column 0"),
        (json!({}), "service-2: `metadata` is missing"),
        (changed("/shapes", json!(1)), "service-2, at shapes: an object is expected, not 1"),
        (
            changed("/metadata/protocol", json!("soap")),
            "service-2, at metadata.protocols: `soap` is no protocol known here",
        ),
        (
            changed("/metadata/apiVersion", json!(2020)),
            "service-2, at metadata.apiVersion: a string is expected, not 2020",
        ),
        (changed("/shapes/S/type", json!("strin")), "service-2, at shapes.S.type: `strin` is no type known here"),
        (changed("/shapes/S/min", json!("1")), "service-2, at shapes.S.min: a number is expected, not \"1\""),
        (
            changed("/operations/A/input", json!({"shape": "X"})),
            "service-2, at operations.A: it names the shape `X`, which is not there",
        ),
        (changed("/operations/A/http", json!({})), "service-2, at operations.A: `http.method` is missing"),
        (
            changed("/operations/A/readonly", json!("yes")),
            "service-2, at operations.A.readonly: true or false is expected, not \"yes\"",
        ),
        (
            changed("/shapes/L", json!({"type": "list", "member": {"shape": "X"}})),
            "service-2, at shapes.L: it names the shape `X`, which is not there",
        ),
        (
            changed("/shapes/L", json!({"type": "structure", "required": ["x"], "members": {}})),
            "service-2, at shapes.L.required: `x` is no member",
        ),
        (
            changed("/shapes/L", json!({"type": "structure", "members": {"a": {"shape": "S", "location": "body"}}})),
            "service-2, at shapes.L.members.a.location: `body` is no location known here",
        ),
    ];
    for (document, expected) in table {
        let document = bytes(&document);
        let documents = Documents { service: Document { base: Some(&document), extras: None }, ..Documents::default() };
        let error = read("toy", &documents, false).unwrap_err().to_string();
        assert_eq!(error, format!("{expected}; fetch the package anew and import it again"));
    }
    let missing = read("toy", &Documents::default(), false).unwrap_err().to_string();
    assert_eq!(missing, "service-2: it is missing; fetch the package anew and import it again");
}
