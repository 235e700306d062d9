//! The cases of the file: operations and errors with the traits of `smithy.test`, and the models they belong to.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::smithy::{Model, Protocol, ShapeType, ast};
use serde_json::{Map, Value, json};

use super::exchange::Answer;
use super::{compare, values};
use crate::support::models;

/// One case.
pub(super) struct Case {
    pub(super) id: String,
    pub(super) protocol: Protocol,
    pub(super) protocol_name: String,
    pub(super) model: Arc<Model>,
    pub(super) operation: String,
    pub(super) test: Value,
    pub(super) expect: Expect,
}

/// What it is about.
pub(super) enum Expect {
    Request { payload: Value },
    Output { output: Value, answer: Answer },
    Error { codes: Vec<String>, members: Value, answer: Answer },
}

impl Case {
    /// A payload that gets a call sent; what it says does not matter.
    pub(super) fn any_payload(&self) -> Value {
        let mut payload = Map::new();
        let operation = self.model.operation(&self.operation);
        for member in operation.and_then(|operation| self.model.input(operation)).into_iter().flat_map(|i| &i.members) {
            let text = matches!(values::kind(&self.model, &member.target), ShapeType::String);
            let label = text && (member.required || member.traits().host_label);
            if label {
                payload.insert(member.name.clone(), json!("x"));
            }
        }
        Value::Object(payload)
    }
}

/// All client cases of the document.
pub(super) fn all(document: &[u8]) -> Vec<Case> {
    let document = String::from_utf8_lossy(document);
    // A TLS connection cannot be looked into.
    let document = document.replace("https://custom.", "http://custom.");
    let raw: Value = serde_json::from_str(&document).expect("the file is JSON");
    let shapes = raw["shapes"].as_object().expect("the file is a Smithy AST");
    let readings = ast::read(document.as_bytes(), false).expect("the AST is well formed");
    let mut cases = Vec::new();
    for reading in readings {
        let mut model = reading.model;
        with_rules_of_s3(&mut model);
        let model = Arc::new(model);
        let of_service =
            |(id, shape): &(&String, &Value)| shape["type"] == "service" && local(id) == model.service.shape_name;
        let (_, service) = shapes.iter().find(of_service).expect("each model is of a service");
        for operation in service["operations"].as_array().into_iter().flatten() {
            let id = operation["target"].as_str().unwrap_or_default();
            let name = local(id);
            for test in tests(&shapes[id], "smithy.test#httpRequestTests") {
                let payload = values::payload(&model, input(&model, name), &in_full(test));
                push(&mut cases, &model, name, test, Expect::Request { payload });
            }
            for test in tests(&shapes[id], "smithy.test#httpResponseTests") {
                let output = values::expected(&model, output(&model, name), &test["params"]);
                push(&mut cases, &model, name, test, Expect::Output { output, answer: answer(test) });
            }
        }
        errors(shapes, service, &model, &mut cases);
    }
    cases
}

fn errors(shapes: &Map<String, Value>, service: &Value, model: &Arc<Model>, cases: &mut Vec<Case>) {
    let mut seen = Vec::new();
    let operations = service["operations"].as_array().into_iter().flatten();
    for operation in operations.filter_map(|operation| operation["target"].as_str()) {
        let own = shapes[operation]["errors"].as_array().into_iter().flatten();
        let common = service["errors"].as_array().into_iter().flatten();
        for id in own.chain(common).filter_map(|error| error["target"].as_str()) {
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            let name = local(id);
            let code = model.shape(name).and_then(|shape| shape.traits().error.as_ref()?.code.clone());
            for test in tests(&shapes[id], "smithy.test#httpResponseTests") {
                let codes = [Some(name.to_owned()), code.clone()].into_iter().flatten().collect();
                let members = values::expected(model, Some(name), &test["params"]);
                let expect = Expect::Error { codes, members, answer: answer(test) };
                push(cases, model, local(operation), test, expect);
            }
        }
    }
}

fn push(cases: &mut Vec<Case>, model: &Arc<Model>, operation: &str, test: &Value, expect: Expect) {
    let id = test["id"].as_str().unwrap_or_default().to_owned();
    let protocol_name = local(test["protocol"].as_str().unwrap_or_default()).to_owned();
    if test["appliesTo"] == "server" {
        return;
    }
    let protocol: Protocol =
        serde_json::from_value(json!(protocol_name.replace("rpcv2", "rpcV2"))).expect("a protocol that is known");
    let (model, operation) = (Arc::clone(model), operation.to_owned());
    cases.push(Case { id, protocol, protocol_name, model, operation, test: test.clone(), expect });
}

/// The parameters of a case. A number that JSON's readers would cut short is given whole, as its body has it: the
/// file holds it as a double.
fn in_full(test: &Value) -> Value {
    let mut params = test["params"].clone();
    if test["tags"].as_array().is_some_and(|tags| tags.iter().any(|tag| tag == "arbitrary-precision"))
        && let Ok(body) = serde_json::from_str::<Value>(test["body"].as_str().unwrap_or_default())
    {
        for (name, value) in params.as_object_mut().into_iter().flatten() {
            let whole = body.get(name).filter(|whole| whole.is_string() && compare::same(value, whole));
            *value = whole.unwrap_or(value).clone();
        }
    }
    params
}

fn tests<'t>(shape: &'t Value, name: &str) -> impl Iterator<Item = &'t Value> {
    shape["traits"][name].as_array().into_iter().flatten()
}

fn answer(test: &Value) -> Answer {
    let text = test["body"].as_str().unwrap_or_default();
    let cbor = test["bodyMediaType"] == "application/cbor";
    let body = if cbor { STANDARD.decode(text).expect("a CBOR body is base64") } else { text.as_bytes().to_vec() };
    let headers = test["headers"].as_object().into_iter().flatten();
    Answer {
        code: test["code"].as_u64().unwrap_or(200),
        headers: headers.map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned())).collect(),
        body,
    }
}

fn input<'m>(model: &'m Model, operation: &str) -> Option<&'m str> {
    model.operation(operation)?.input.as_deref()
}

fn output<'m>(model: &'m Model, operation: &str) -> Option<&'m str> {
    model.operation(operation)?.output.as_deref()
}

fn local(id: &str) -> &str {
    id.rsplit('#').next().unwrap_or(id)
}

/// The S3 of the suite has no endpoint rules; the cases about addressing want them. They are the snapshot's.
fn with_rules_of_s3(model: &mut Model) {
    if model.service.sdk_id != "S3" {
        return;
    }
    model.endpoint_rules.clone_from(&models::model("s3").endpoint_rules);
    let buckets = model.shapes.values_mut().flat_map(|shape| &mut shape.members).filter(|m| m.name == "Bucket");
    for member in buckets {
        let mut traits = member.traits().clone();
        traits.context_param = Some("Bucket".into());
        member.traits = Some(Box::new(traits));
    }
}
