//! The malformed requests of the AWS protocol tests, as far as they are about payloads: each request is taken apart
//! into the payload that would have made it, and validation must refuse that payload.

use std::collections::BTreeMap;
use std::path::Path;

use countersign::call::ExecuteCall;
use countersign::smithy::{Location, Member, Model, Operation, ast};
use countersign::validate::Validator;
use serde_json::{Map, Value, json};

/// Why a malformed request is none of a payload's business, or is taken all the same: part of a case's name, the
/// values it holds for (none: all of them), the reason.
const NOT_PAYLOAD: &[(&str, &[&str], &str)] = &[
    ("ContentType", &[], "headers that the client writes itself"),
    ("Accept", &[], "headers that the client writes itself"),
    ("NoContentType", &[], "headers that the client writes itself"),
    ("InvalidBase64MediaType", &[], "base64 that the client writes itself"),
    ("Timestamp", &[], "an instant may be spelled in any form; the model chooses the one on the wire"),
    ("StringCoercion", &["true", "false"], "truth values are taken as text"),
    ("MalformedValueRejected", &["\"123\""], "numbers are taken as text"),
];

/// One request, with a set of its parameters put in.
struct Request {
    body: Option<String>,
    uri: String,
    query: Vec<String>,
    headers: Map<String, Value>,
}

#[test]
fn malformed_requests_come_of_payloads_that_are_refused() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/aws-protocol-tests.json");
    let Ok(document) = std::fs::read(&path) else {
        println!("left out: {} is not there", path.display());
        return;
    };
    let raw: Value = serde_json::from_slice(&document).unwrap();
    let shapes = raw["shapes"].as_object().unwrap();
    let models: Vec<Model> = ast::read(&document, false).unwrap().into_iter().map(|reading| reading.model).collect();
    let (mut cases, mut refused, mut wrong) = (0, 0, Vec::new());
    let mut left_out: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, shape) in shapes {
        let Some(tests) = shape["traits"]["smithy.test#httpMalformedRequestTests"].as_array() else { continue };
        let (space, name) = id.split_once('#').unwrap();
        let of_space = |model: &&Model| {
            let service = format!("{space}#{}", model.service.shape_name);
            shapes.contains_key(&service) && model.operation(name).is_some()
        };
        let model = models.iter().find(of_space).unwrap_or_else(|| panic!("{id} is of no service"));
        for test in tests {
            cases += 1;
            for (value, request) in requests(test) {
                let title = test["id"].as_str().unwrap();
                match refusal(model, model.operation(name).unwrap(), &request) {
                    Ok(_) => match reason(title, &value) {
                        Some(reason) => *left_out.entry(reason).or_default() += 1,
                        None => wrong.push(format!("{title} with {value}: taken")),
                    },
                    Err(_) => refused += 1,
                }
            }
        }
    }
    println!("{cases} cases; {refused} requests refused; not of the payload, or taken on purpose: {left_out:#?}");
    assert_eq!(wrong, Vec::<String>::new());
    assert!(cases > 100 && refused > 300, "{cases} cases, {refused} refused");
}

fn reason(title: &str, value: &str) -> Option<&'static str> {
    let holds = |(part, values, _): &&(&str, &[&str], &str)| {
        title.contains(part)
            && (values.is_empty() || values.iter().any(|one| *one == value || one.trim_matches('"') == value))
    };
    NOT_PAYLOAD.iter().find(holds).map(|(_, _, reason)| *reason)
}

/// The requests of a case, one for each set of parameters, each with its `value`.
fn requests(test: &Value) -> Vec<(String, Request)> {
    let empty = Map::new();
    let parameters = test["testParameters"].as_object().unwrap_or(&empty);
    let count = parameters.values().filter_map(Value::as_array).map(Vec::len).max().unwrap_or(1);
    let filled = |text: &str, at: usize| {
        parameters.iter().fold(text.to_owned(), |text, (name, values)| {
            let value = values[at].as_str().unwrap_or_default();
            text.replace(&format!("${name}:L"), value).replace(&format!("${name}:S"), &json!(value).to_string())
        })
    };
    (0..count)
        .map(|at| {
            let request = &test["request"];
            let texts = |list: &Value| {
                list.as_array().into_iter().flatten().filter_map(Value::as_str).map(|one| filled(one, at)).collect()
            };
            let headers = request["headers"].as_object().into_iter().flatten();
            let value = parameters.get("value").map(|values| values[at].as_str().unwrap_or_default().to_owned());
            (
                value.unwrap_or_default(),
                Request {
                    body: request["body"].as_str().map(|body| filled(body, at)),
                    uri: filled(request["uri"].as_str().unwrap_or_default(), at),
                    query: texts(&request["queryParams"]),
                    headers: headers
                        .map(|(name, value)| {
                            (name.to_lowercase(), json!(filled(value.as_str().unwrap_or_default(), at)))
                        })
                        .collect(),
                },
            )
        })
        .collect()
}

/// Takes a request apart, and binds what it says.
fn refusal(model: &Model, operation: &Operation, request: &Request) -> Result<Value, String> {
    let input = model.input(operation).ok_or("there is no input")?;
    let mut payload = match request.body.as_deref().filter(|body| !body.trim().is_empty()) {
        None => Map::new(),
        Some(body) => match input.members.iter().find(|member| member.traits().location == Some(Location::Payload)) {
            Some(member) => {
                let body = serde_json::from_str(body).unwrap_or_else(|_| json!(body));
                Map::from_iter([(member.name.clone(), body)])
            }
            // As text, as an agent would write it: it may not even be JSON.
            None => members(input.members.as_slice(), read(body)?),
        },
    };
    let template: Vec<&str> = operation.http.uri.split('?').next().unwrap_or_default().split('/').collect();
    for (part, given) in template.iter().zip(request.uri.split('/')) {
        if let Some(label) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            put(
                &mut payload,
                &input.members,
                &Location::Label(label.trim_end_matches('+').to_owned()),
                &decoded(given),
            );
        }
    }
    for pair in &request.query {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        put(&mut payload, &input.members, &Location::Query(name.to_owned()), &decoded(value));
    }
    for member in &input.members {
        if let Some(Location::Header(name)) = &member.traits().location
            && let Some(value) = request.headers.get(&name.to_lowercase())
        {
            payload.insert(member.name.clone(), value.clone());
        }
    }
    let payload = Value::Object(payload);
    Validator::new().bind(model, operation, &payload).map(|bound| bound.payload).map_err(|invalid| invalid.to_string())
}

fn read(body: &str) -> Result<Map<String, Value>, String> {
    let arguments = json!({"action": "validate", "service": "s", "operation": "o", "payload": body});
    let call = ExecuteCall::read(arguments.as_object().unwrap()).map_err(|error| error.message)?;
    Ok(call.payload.as_object().cloned().unwrap_or_default())
}

/// Members by their own names instead of those on the wire.
fn members(all: &[Member], body: Map<String, Value>) -> Map<String, Value> {
    let own = |name: &String| {
        all.iter().find(|member| member.traits().json_name.as_ref() == Some(name)).map(|member| member.name.clone())
    };
    body.into_iter().map(|(name, value)| (own(&name).unwrap_or(name), value)).collect()
}

fn put(payload: &mut Map<String, Value>, all: &[Member], location: &Location, value: &str) {
    if let Some(member) = all.iter().find(|member| member.traits().location.as_ref() == Some(location)) {
        payload.insert(member.name.clone(), json!(value));
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex: Vec<u8> = if byte == b'%' { rest.by_ref().take(2).collect() } else { Vec::new() };
        match u8::from_str_radix(&String::from_utf8_lossy(&hex), 16) {
            Ok(code) => bytes.push(code),
            Err(_) => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
