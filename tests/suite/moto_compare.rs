//! The same calls by boto3 and by us, each against a moto server of its own that was just reset, with the same
//! random numbers and at the same instant: every value of every answer is compared. The calls stand in
//! `data/compare.json`, what may differ and why in `data/compare_exceptions.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::aws::{Aws, AwsError, StaticCredentials};
use countersign::smithy::Protocol;
use serde::Deserialize;
use serde_json::{Map, Number, Value, json};

use crate::support::moto::{self, call};
use crate::support::{models, scripted};

/// Something that may differ.
#[derive(Deserialize)]
struct Exception {
    /// `service:Operation:path`, with `*` for each index.
    at: String,
    why: String,
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite").join(name)
}

fn read<T: for<'de> Deserialize<'de>>(name: &str) -> T {
    serde_json::from_str(&std::fs::read_to_string(data(name)).unwrap()).unwrap()
}

/// What boto3 gets.
fn theirs(python: &Path, url: &str) -> Value {
    let mut command = Command::new(python);
    command.arg(data("support/compare.py")).arg(url).arg(data("data/compare.json"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    let output = command.env("AWS_CONFIG_FILE", "/nowhere").stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&String::from_utf8(output.stdout).unwrap().replace(server(url), "{server}")).unwrap()
}

fn server(url: &str) -> &str {
    url.trim_start_matches("http://")
}

/// What we get.
async fn ours(url: &str, scenarios: &Map<String, Value>) -> Value {
    let aws = scripted::client_of(url, |config| {
        config.region = Some("us-east-1".into());
        config.max_retries = 0;
        config.credentials = Some(StaticCredentials {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            session_token: None,
        });
    })
    .await;
    let client = reqwest::Client::new();
    let mut all = Map::new();
    for (service, calls) in scenarios {
        for path in ["reset", "seed?a=42"] {
            client.post(format!("{url}/moto-api/{path}")).send().await.unwrap().error_for_status().unwrap();
        }
        all.insert(service.clone(), run(&aws, service, calls.as_array().unwrap()).await.into());
    }
    serde_json::from_str(&Value::Object(all).to_string().replace(server(url), "{server}")).unwrap()
}

async fn run(aws: &Aws, service: &str, calls: &[Value]) -> Vec<Value> {
    let mut results: Vec<Value> = Vec::new();
    for step in calls {
        let payload = fill(&step[1], &results);
        results.push(match call(aws, service, step[0].as_str().unwrap(), payload).await {
            Ok(reply) => reply.output,
            Err(AwsError::Service { code, message, http_status, .. }) => {
                json!({"$error": {"code": code, "message": message, "status": http_status}})
            }
            Err(error) => json!({"$failed": error.to_string()}),
        });
    }
    results
}

/// The payload of a call, with values of earlier answers.
fn fill(value: &Value, done: &[Value]) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| fill(item, done)).collect(),
        Value::Object(map) => match (map.get("$blob"), map.get("$from")) {
            (Some(blob), _) => blob.clone(),
            (_, Some(from)) => {
                let call = usize::try_from(from[0].as_u64().unwrap()).unwrap();
                let mut found = &done[call];
                for step in from[1].as_str().unwrap().split('.') {
                    found = match step.parse::<usize>() {
                        Ok(index) if found.is_array() => &found[index],
                        _ => &found[step],
                    };
                }
                found.clone()
            }
            _ => Value::Object(map.iter().map(|(name, item)| (name.clone(), fill(item, done))).collect()),
        },
        other => other.clone(),
    }
}

/// Where two answers differ, and how.
fn differ(at: &str, theirs: &Value, ours: &Value, found: &mut Vec<(String, String)>) {
    match (theirs, ours) {
        (Value::Object(map), Value::String(text)) if map.contains_key("$time") => {
            let instant = text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond).ok();
            if instant != map["$time"].as_i64() {
                found.push((at.to_owned(), format!("boto3 {} · ours {text}", map["$time"])));
            }
        }
        (Value::Object(map), Value::String(text)) if map.get("$blob").is_some_and(|blob| *blob == *text) => {}
        // boto3 reads the documents of IAM and CloudFormation; we hand them on as the service sent them.
        (Value::Object(_), Value::String(text)) if document(text).as_ref() == Some(theirs) => {}
        (Value::String(token), Value::String(own)) if own == TOKEN && token.len() == TOKEN.len() => {}
        (Value::Object(a), Value::Object(b)) => {
            let own = b.keys().filter(|name| !name.ends_with("$encoding"));
            for name in a.keys().chain(own).collect::<BTreeSet<_>>() {
                let mut value = b.get(name).cloned().unwrap_or_default();
                if b.get(&format!("{name}$encoding")).is_some_and(|encoding| encoding == "text") {
                    value = STANDARD.encode(value.as_str().unwrap()).into();
                }
                differ(&format!("{at}.{name}"), a.get(name).unwrap_or(&Value::Null), &value, found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).for_each(|(a, b)| differ(&format!("{at}.*"), a, b, found));
        }
        (Value::Number(a), Value::Number(b)) if a == b || same_float(a, b) => {}
        (a, b) if a == b && *a != Value::Null => {}
        (a, b) => found.push((at.to_owned(), format!("boto3 {a} · ours {b}"))),
    }
}

/// The idempotency token that our randomness of zeros makes.
const TOKEN: &str = "00000000-0000-4000-8000-000000000000";

/// JSON, perhaps in URL encoding.
fn document(text: &str) -> Option<Value> {
    let mut pieces = text.split('%');
    let mut plain = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        plain.push(u8::from_str_radix(piece.get(..2)?, 16).ok()?);
        plain.extend(&piece.as_bytes()[2..]);
    }
    serde_json::from_str(text).ok().or_else(|| serde_json::from_slice(&plain).ok())
}

/// The same as floats of the model's 32 bits; boto3 leaves them at 64.
#[expect(clippy::cast_possible_truncation, reason = "that is what is compared")]
fn same_float(a: &Number, b: &Number) -> bool {
    let float = |number: &Number| number.as_f64().map(|number| number as f32);
    (a.is_f64() || b.is_f64()) && float(a) == float(b)
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_and_we_get_the_same() {
    let (one, two, python) = match (moto::frozen(), moto::frozen(), moto::environment()) {
        (Ok(one), Ok(two), Ok(python)) => (one, two, python),
        (Err(reason), ..) | (_, Err(reason), _) | (.., Err(reason)) => {
            println!("left out: the comparison with boto3 ({reason})");
            return;
        }
    };
    let scenarios: Map<String, Value> = read("data/compare.json");
    let exceptions: Vec<Exception> = read("data/compare_exceptions.json");
    assert!(exceptions.iter().all(|exception| exception.why.len() > 10), "each exception has its reason");
    let url = one.url.clone();
    let asked = tokio::task::spawn_blocking(move || theirs(&python, &url));
    let ours = ours(&two.url, &scenarios).await;
    let theirs = asked.await.unwrap();

    let (mut passed, mut excepted, mut failed) = (0, 0, Vec::new());
    let mut used = BTreeSet::new();
    let mut protocols: BTreeMap<String, usize> = BTreeMap::new();
    for (service, calls) in &scenarios {
        let model = models::model(service);
        // An emulator is not spoken to in rpcv2.
        let mut spoken = model.service.protocols.iter().filter(|protocol| **protocol != Protocol::RpcV2Cbor);
        let protocol = spoken.next().map(|protocol| format!("{protocol:?}")).unwrap_or_default();
        *protocols.entry(protocol).or_default() += 1;
        for (nth, step) in calls.as_array().unwrap().iter().enumerate() {
            let (a, b) = (&theirs[service][nth], &ours[service][nth]);
            let mut found = Vec::new();
            if a.get("$failed").is_some() || b.get("$failed").is_some() {
                found.push(("$failed".to_owned(), format!("boto3 {a} · ours {b}")));
            } else {
                differ("", a, b, &mut found);
            }
            let all = found.len();
            let at = |path: &str| format!("{service}:{}:{}", step[0].as_str().unwrap(), path.trim_start_matches('.'));
            found.retain(|(path, _)| {
                let exception = exceptions.iter().position(|exception| exception.at == at(path));
                used.extend(exception);
                exception.is_none()
            });
            match (all, found.is_empty()) {
                (0, _) => passed += 1,
                (_, true) => excepted += 1,
                _ => failed.extend(found.iter().map(|(path, how)| format!("{} #{nth}: {how}", at(path)))),
            }
        }
    }
    let services = scenarios.len();
    println!(
        "moto and boto3, {services} services {protocols:?}: {passed} passed, {} failed, {excepted} excepted",
        failed.len()
    );
    let idle: Vec<&str> = exceptions
        .iter()
        .enumerate()
        .filter(|(nth, _)| !used.contains(nth))
        .map(|(_, exception)| exception.at.as_str())
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(idle.is_empty(), "exceptions that nothing needs: {idle:?}");
    assert!(services >= 60);
}
