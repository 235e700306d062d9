//! botocore's own protocol cases (`tests/unit/protocols` of its package), in the form of Smithy's. Each suite in a
//! file is a model with cases; each case is an operation of it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::smithy::botocore::{Document, Documents, read};
use countersign::smithy::{Location, Model, Protocol, Shape, ShapeType};
use serde_json::{Map, Value, json};

use super::cases::{Case, Expect};
use super::exchange::Answer;
use super::values;

/// The cases of one file; `folder` is where it lies (`input`, `legacy/output`), `json` its content.
pub(super) fn cases(folder: &str, file: &str, json: &[u8]) -> Vec<Case> {
    let suites: Vec<Value> = serde_json::from_slice(json).expect("the file is a list of suites");
    let mut cases = Vec::new();
    for (at, suite) in suites.iter().enumerate() {
        for (number, test) in suite["cases"].as_array().into_iter().flatten().enumerate() {
            // The older cases have no names.
            let name = test["id"].as_str().map_or_else(|| format!("{at}:{number}"), str::to_owned);
            let about = suite["description"].as_str().unwrap_or_default();
            let id = match test["id"] {
                Value::Null => format!("{folder}/{file} {name} {about}"),
                _ => format!("{folder}/{file} {name}"),
            };
            cases.push(case(id, suite, test));
        }
    }
    cases
}

fn case(id: String, suite: &Value, test: &Value) -> Case {
    let operation = test["given"]["name"].as_str().unwrap_or("OperationName").to_owned();
    let model = Arc::new(model(suite, &operation, test));
    let protocol = model.service.protocols[0];
    let protocol_name = json!(protocol).as_str().expect("a protocol has a name").replace("rpcV2", "rpcv2");
    let (test, expect) = if test.get("serialized").is_some() {
        let input = model.operation(&operation).and_then(|operation| operation.input.as_deref());
        let payload = values::payload(&model, input, &test["params"]);
        let members = input.and_then(|input| model.shape(input)).into_iter().flat_map(|input| &input.members);
        let lists: Vec<&str> = members
            .filter(|member| values::kind(&model, &member.target) == ShapeType::List)
            .filter_map(|member| match &member.traits().location {
                Some(Location::Header(name)) => Some(name.as_str()),
                _ => None,
            })
            .collect();
        (request(suite, &test["serialized"], &lists, protocol), Expect::Request { payload })
    } else {
        (Value::Null, answered(&model, &operation, test, protocol))
    };
    Case { id, protocol, protocol_name, model, operation, test, expect }
}

/// The suite's model with this one operation. What every published model has and the suites leave out is put in.
fn model(suite: &Value, name: &str, test: &Value) -> Model {
    let mut metadata = suite["metadata"].clone();
    for (key, value) in [("endpointPrefix", "example"), ("serviceId", "Example"), ("signatureVersion", "v4")] {
        let metadata = metadata.as_object_mut().expect("a suite has metadata");
        metadata.entry(key).or_insert_with(|| value.into());
    }
    let mut operation = test["given"].clone();
    let http = operation.as_object_mut().expect("a case is an operation").entry("http");
    let http = http.or_insert_with(|| json!({})).as_object_mut().expect("a binding");
    http.entry("method").or_insert_with(|| "POST".into());
    http.entry("requestUri").or_insert_with(|| "/".into());
    let mut shapes = suite["shapes"].clone();
    as_published(&mut operation, &mut shapes);
    let document = json!({"metadata": metadata, "operations": {name: operation}, "shapes": shapes});
    let document = document.to_string();
    let service = Document { base: Some(document.as_bytes()), extras: None };
    let reading = read("example", &Documents { service, ..Documents::default() }, false);
    reading.unwrap_or_else(|error| panic!("{error}: {document}")).model
}

/// The oldest cases say some things at places where published models do not: the payload of a structure where it is
/// used, and where a member goes at its target.
fn as_published(operation: &mut Value, shapes: &mut Value) {
    for side in ["input", "output"] {
        if let Some(payload) = operation[side].as_object_mut().and_then(|side| side.remove("payload")) {
            let shape = operation[side]["shape"].as_str().unwrap_or_default();
            shapes[shape]["payload"] = payload;
        }
        // Asking for it has made it.
        if operation[side].is_null() {
            operation.as_object_mut().expect("it is one").remove(side);
        }
    }
    let targets = shapes.clone();
    let of = |value: &Value, name: &str| targets[value["shape"].as_str().unwrap_or_default()].get(name).cloned();
    for shape in shapes.as_object_mut().expect("shapes have names").values_mut() {
        for member in shape["members"].as_object_mut().into_iter().flat_map(Map::values_mut) {
            if let Some(location) = of(member, "location") {
                let name = of(member, "locationName");
                let member = member.as_object_mut().expect("a member is an object");
                member.entry("location").or_insert(location);
                if let Some(name) = name {
                    member.entry("locationName").or_insert(name);
                }
            }
        }
        let shape = shape.as_object_mut().expect("a shape is an object");
        if shape.remove("location").is_some() {
            shape.remove("locationName");
        }
        shape.retain(|name, value| name != "members" || !value.is_null());
    }
}

/// What should be sent, as Smithy's cases say it.
fn request(suite: &Value, serialized: &Value, lists: &[&str], protocol: Protocol) -> Value {
    let uri = serialized["uri"].as_str().unwrap_or_default();
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let query: Vec<&str> = query.split('&').filter(|part| !part.is_empty()).collect();
    let mut test = Map::new();
    test.insert("uri".into(), if path.is_empty() { "/" } else { path }.into());
    test.insert("queryParams".into(), query.into());
    for name in ["method", "requireHeaders", "body"] {
        if let Some(value) = serialized.get(name) {
            test.insert(name.into(), value.clone());
        }
    }
    let mut headers = serialized["headers"].as_object().cloned().unwrap_or_default();
    for (name, value) in &mut headers {
        let text = value.as_str().unwrap_or_default();
        // What botocore's own runner also evens out: the charset of forms, and the space in lists.
        let text = text.strip_suffix("; charset=utf-8").unwrap_or(text);
        let list = !text.contains('"') && lists.iter().any(|list| list.eq_ignore_ascii_case(name));
        *value = if list { text.replace(", ", ",").replace(',', ", ") } else { text.to_owned() }.into();
    }
    test.insert("headers".into(), headers.into());
    // Before it is sent a request needs no length; ours was sent.
    let forbidden = serialized["forbidHeaders"].as_array().into_iter().flatten();
    let forbidden = forbidden.filter(|name| !name.as_str().unwrap_or_default().eq_ignore_ascii_case("content-length"));
    test.insert("forbidHeaders".into(), forbidden.cloned().collect());
    let body = serialized["body"].as_str().unwrap_or_default().trim();
    let media_type = match protocol {
        Protocol::RestXml if body.starts_with('<') => Some("application/xml"),
        Protocol::AwsQuery | Protocol::Ec2Query => Some("application/x-www-form-urlencoded"),
        Protocol::RpcV2Cbor => Some("application/cbor"),
        Protocol::RestXml => None,
        _ => serde_json::from_str::<Value>(body).ok().map(|_| "application/json"),
    };
    if let Some(media_type) = media_type {
        test.insert("bodyMediaType".into(), media_type.into());
    }
    let host = suite["clientEndpoint"].as_str().and_then(|url| url.split_once("://")).map(|(_, host)| host);
    if let Some(host) = host {
        test.insert("host".into(), host.into());
    }
    if let Some(host) = serialized["host"].as_str() {
        // Its path, where it has one, stands in `uri` as well.
        test.insert("resolvedHost".into(), host.split('/').next().into());
    }
    Value::Object(test)
}

/// What should become of an answer.
fn answered(model: &Model, operation: &str, test: &Value, protocol: Protocol) -> Expect {
    let response = &test["response"];
    let text = response["body"].as_str().unwrap_or_default();
    let output = model.operation(operation).and_then(|operation| operation.output.as_deref());
    let streams = shape_of(model, operation).is_some_and(|output| {
        let events = |shape: &Shape| shape.traits().streaming && shape.kind == ShapeType::Union;
        output.members.iter().any(|member| model.shape(&member.target).is_some_and(events))
    });
    let binary = protocol == Protocol::RpcV2Cbor || streams;
    let body = if binary { STANDARD.decode(text).expect("it is base64") } else { text.as_bytes().to_vec() };
    let headers = response["headers"].as_object().into_iter().flatten();
    let answer = Answer {
        code: response["status_code"].as_u64().unwrap_or(200),
        headers: headers.map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned())).collect(),
        body,
    };
    let Some(members) = test.get("error") else {
        let mut output = values::expected(model, output, &test["result"]);
        lower_case(&mut output, shape_of(model, operation));
        return Expect::Output { output, answer };
    };
    let code = test["errorCode"].as_str().unwrap_or_default().to_owned();
    let shape = model.shapes.iter().find(|(name, shape)| {
        let own = shape.traits().error.as_ref().and_then(|error| error.code.as_deref());
        shape.traits().error.is_some() && (own == Some(&code) || **name == code)
    });
    let mut members = values::expected(model, shape.map(|(name, _)| name.as_str()), members);
    if let (Some(message), Some(members)) = (test["errorMessage"].as_str(), members.as_object_mut()) {
        let own = members.keys().any(|name| name.eq_ignore_ascii_case("message"));
        if !own {
            members.insert("message".into(), message.into());
        }
    }
    Expect::Error { codes: vec![code], members, answer }
}

fn shape_of<'m>(model: &'m Model, operation: &str) -> Option<&'m Shape> {
    model.shape(model.operation(operation)?.output.as_deref()?)
}

/// Names of headers have no case, and come in small letters. Our server gives no length: the end of the connection is
/// the end of the body.
fn lower_case(output: &mut Value, shape: Option<&Shape>) {
    for member in shape.into_iter().flat_map(|shape| &shape.members) {
        if let (Some(Location::PrefixHeaders(_)), Some(Value::Object(entries))) =
            (&member.traits().location, output.get_mut(&member.name))
        {
            let small = entries.iter().map(|(name, value)| (name.to_lowercase(), value.clone()));
            *entries = small.filter(|(name, _)| name != "content-length").collect();
        }
    }
}
