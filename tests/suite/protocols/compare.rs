//! What a case says against what happened.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::aws::{AwsError, AwsReply};
use serde_json::{Map, Value};

use super::exchange::Sent;
use super::media;

/// Whether a request is what the case describes.
pub(super) fn request(test: &Value, sent: &Sent, by_rules: Option<&str>) -> Result<(), String> {
    let text = |name: &str| test[name].as_str();
    if let Some(method) = text("method") {
        equal("method", method, &sent.method)?;
    }
    let path = text("uri").unwrap_or("/");
    equal("path", path, &sent.path)?;
    if let Some(host) = text("resolvedHost") {
        let ruled =
            by_rules.and_then(|url| url.split_once("://")).map(|(_, rest)| rest.split('/').next().unwrap_or_default());
        equal("host", host, ruled.unwrap_or(&sent.host))?;
    }
    let params: Vec<&str> = sent.query.split('&').filter(|part| !part.is_empty()).collect();
    let mut left = params.clone();
    for expected in strings(&test["queryParams"]) {
        let same =
            |part: &&str| part.strip_suffix('=').unwrap_or(part) == expected.strip_suffix('=').unwrap_or(expected);
        let at = left.iter().position(same).ok_or_else(|| format!("no `{expected}` in {params:?}"))?;
        left.remove(at);
    }
    let names: Vec<&str> = params.iter().map(|part| part.split('=').next().unwrap_or_default()).collect();
    for forbidden in strings(&test["forbidQueryParams"]) {
        if names.contains(&forbidden) {
            return Err(format!("the query has `{forbidden}`"));
        }
    }
    for required in strings(&test["requireQueryParams"]) {
        if !names.contains(&required) {
            return Err(format!("the query has no `{required}`"));
        }
    }
    for (name, value) in test["headers"].as_object().into_iter().flatten() {
        let got = header(sent, name).ok_or_else(|| format!("no header {name}"))?;
        equal(&format!("header {name}"), value.as_str().unwrap_or_default(), &got)?;
    }
    for name in strings(&test["requireHeaders"]) {
        header(sent, name).ok_or_else(|| format!("no header {name}"))?;
    }
    for name in strings(&test["forbidHeaders"]) {
        if let Some(value) = header(sent, name) {
            return Err(format!("there is a header {name}: {value}"));
        }
    }
    match text("body") {
        Some(body) => media::same(text("bodyMediaType"), body, &sent.body),
        None => Ok(()),
    }
}

/// Whether a result is what the case expects.
pub(super) fn output(result: Result<AwsReply, AwsError>, expected: &Value) -> Result<(), String> {
    let reply = result.map_err(|error| format!("{error:?}"))?;
    let mut got = reply.output;
    as_base64(&mut got, expected);
    if same(expected, &got) { Ok(()) } else { Err(format!("got {got}, expected {expected}")) }
}

/// Whether an error is what the case expects.
pub(super) fn error(result: Result<AwsReply, AwsError>, codes: &[String], expected: &Value) -> Result<(), String> {
    let error = result.expect_err("the answer is an error");
    let AwsError::Service { code, message, detail, .. } = error else { return Err(format!("{error:?}")) };
    if !codes.contains(&code) {
        return Err(format!("got the code {code}, expected one of {codes:?}"));
    }
    let mut got = *detail;
    for name in expected.as_object().into_iter().flat_map(Map::keys) {
        // We give the message a place of its own.
        if name.eq_ignore_ascii_case("message") {
            got[name] = message.as_str().into();
        }
    }
    if same(expected, &got) { Ok(()) } else { Err(format!("got {got}, expected {expected}")) }
}

/// Bodies that were given as text, in base64 like any blob. An empty stream and no stream are one.
fn as_base64(got: &mut Value, expected: &Value) {
    match got {
        Value::Object(members) => {
            let marks: Vec<String> = members.keys().filter(|name| name.ends_with("$encoding")).cloned().collect();
            for mark in marks {
                let text = members.remove(&mark).is_some_and(|encoding| encoding == "text");
                let name = mark.trim_end_matches("$encoding");
                if let Some(Value::String(value)) = members.get_mut(name).filter(|_| text) {
                    *value = STANDARD.encode(value.as_bytes());
                }
                if expected.get(name).is_none() && members.get(name).is_some_and(|value| value == "") {
                    members.remove(name);
                }
            }
            members.iter_mut().for_each(|(name, value)| as_base64(value, &expected[name.as_str()]));
        }
        Value::Array(items) => items.iter_mut().enumerate().for_each(|(at, item)| as_base64(item, &expected[at])),
        _ => {}
    }
}

/// Equal values; numbers by what they are worth.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        // Big numbers are texts where a JSON number would lose something; the cases hold them as doubles.
        (Value::Number(a), Value::String(b)) => b.parse().ok() == a.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

fn header(sent: &Sent, name: &str) -> Option<String> {
    let values: Vec<&str> = sent
        .headers
        .iter()
        .filter(|(got, _)| got.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
        .collect();
    (!values.is_empty()).then(|| values.join(", "))
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn equal(what: &str, expected: &str, got: &str) -> Result<(), String> {
    if expected == got { Ok(()) } else { Err(format!("{what}: got `{got}`, expected `{expected}`")) }
}
