//! A call as an OCSF event of the class API Activity (<https://schema.ocsf.io>, 1.3.0, profile `cloud`). What OCSF
//! has no word for stands under `unmapped`.

use serde_json::{Map, Value, json};

use crate::audit::{CallRow, Event, Kind, Outcome};
use crate::base::RiskClass;

/// The version of the schema that the events follow.
const SCHEMA: &str = "1.3.0";

/// API Activity, of the category Application Activity.
const CLASS: i64 = 6003;

/// OCSF's number and name for something.
type Named = (i64, &'static str);

/// A call, and what else is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// Its row.
    pub row: &'a CallRow,
    /// Its events, in order.
    pub events: &'a [Event],
    /// AWS account id of its approval; when empty, that of its intent counts.
    pub account: &'a str,
    /// Principal ARN of its approval; empty while unknown.
    pub principal: &'a str,
}

/// The event.
pub fn event(told: Told<'_>) -> Value {
    let row = told.row;
    let (activity_id, activity) = activity(row);
    let (severity_id, severity) = severity(row);
    let (status_id, status) = status(row.outcome);
    let end = last(told.events, &[Kind::Outcome, Kind::Refused]);
    let mut out = json!({
        "class_uid": CLASS,
        "class_name": "API Activity",
        "category_uid": 6,
        "category_name": "Application Activity",
        "activity_id": activity_id,
        "activity_name": activity,
        "type_uid": CLASS * 100 + activity_id,
        "type_name": format!("API Activity: {}", if activity_id == 99 { "Other" } else { activity }),
        "time": row.at.as_millis(),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "metadata": {
            "version": SCHEMA,
            "profiles": ["cloud"],
            "product": {"name": "Countersign", "vendor_name": "Countersign", "version": env!("CARGO_PKG_VERSION")},
            "log_name": "ledger",
            "uid": row.tx,
            "sequence": row.last_seq,
        },
        "actor": actor(told),
        "api": api(row, end),
        "cloud": cloud(told),
        // The agent runs on this machine; its requests leave from here.
        "src_endpoint": {"svc_name": "countersign"},
        "unmapped": unmapped(told),
    });
    let Some(map) = out.as_object_mut() else { return out };
    if let Some(ms) = row.duration_ms {
        map.insert("duration".into(), ms.into());
        map.insert("start_time".into(), row.at.as_millis().into());
        map.insert("end_time".into(), row.at.as_millis().saturating_add(ms).into());
    }
    if let Some(error) = failure(row) {
        map.insert("status_code".into(), error.into());
        if let Some(message) = message(end) {
            map.insert("status_detail".into(), message.into());
        }
    }
    if let Some(host) = last(told.events, &[Kind::Intent]).and_then(|detail| host(detail.get("endpoint")?.as_str()?)) {
        map.insert("dst_endpoint".into(), json!({ "hostname": host }));
    }
    if let Some(code) = end.and_then(http_status) {
        map.insert("http_response".into(), json!({ "code": code }));
    }
    if !row.target.is_empty() {
        map.insert("resources".into(), json!([{"name": row.target, "region": row.region}]));
    }
    out
}

/// What the operation is by its verb. A validation, which sends nothing, is none of them.
fn activity(row: &CallRow) -> Named {
    match row.tool.as_str() {
        "search" | "schema" => return (2, "Read"),
        "validate" => return (99, "Validate"),
        _ => {}
    }
    let name = row.operation.strip_prefix("Batch").unwrap_or(&row.operation);
    let next = name.char_indices().skip(1).find(|(_, ch)| !ch.is_ascii_lowercase());
    match next.and_then(|(at, _)| name.get(..at)).unwrap_or(name) {
        "Create" | "Run" | "Allocate" | "Register" | "Import" | "Request" | "Copy" | "Upload" | "Publish" | "Send"
        | "Issue" | "Purchase" | "Provision" => (1, "Create"),
        "Get" | "List" | "Describe" | "Head" | "Search" | "Query" | "Scan" | "Select" | "Lookup" | "View"
        | "Download" | "Check" | "Test" | "Detect" => (2, "Read"),
        "Update" | "Put" | "Modify" | "Set" | "Add" | "Attach" | "Detach" | "Tag" | "Untag" | "Change" | "Enable"
        | "Disable" | "Associate" | "Disassociate" | "Write" | "Replace" | "Reset" | "Restore" | "Authorize"
        | "Revoke" | "Apply" => (3, "Update"),
        "Delete" | "Terminate" | "Remove" | "Purge" | "Deregister" | "Release" | "Destroy" => (4, "Delete"),
        "" => (0, "Unknown"),
        _ if row.risk == Some(RiskClass::Read) => (2, "Read"),
        _ => (99, "Other"),
    }
}

/// How bad it would be, by the class of risk. What only looks, or only validates, is informational.
fn severity(row: &CallRow) -> Named {
    match (row.tool.as_str(), row.risk) {
        ("search" | "schema" | "validate", _) | (_, Some(RiskClass::Read)) => (1, "Informational"),
        (_, Some(RiskClass::Write)) => (2, "Low"),
        (_, Some(RiskClass::Execute)) => (3, "Medium"),
        (_, Some(RiskClass::Destructive | RiskClass::Secret | RiskClass::Privilege)) => (4, "High"),
        (_, None) => (0, "Unknown"),
    }
}

const fn status(outcome: Outcome) -> Named {
    match outcome {
        Outcome::Ok => (1, "Success"),
        Outcome::Refused | Outcome::Denied | Outcome::Expired | Outcome::Failed => (2, "Failure"),
        Outcome::Unknown => (0, "Unknown"),
        Outcome::Pending => (99, "Pending"),
    }
}

/// Why it failed. A call that was told to come back, and whose approval was then used, has not.
fn failure(row: &CallRow) -> Option<&str> {
    row.error.as_deref().filter(|_| row.outcome != Outcome::Ok)
}

fn actor(told: Told<'_>) -> Value {
    let mut actor = Map::new();
    actor.insert("app_name".into(), told.row.agent.as_str().into());
    if let Some(agent) = told.events.iter().find_map(|event| event.event.agent.as_ref()) {
        actor.insert("app_uid".into(), agent.as_str().into());
    }
    if !told.principal.is_empty() {
        actor.insert("user".into(), json!({"uid": told.principal}));
    }
    Value::Object(actor)
}

fn api(row: &CallRow, end: Option<&Value>) -> Value {
    let (service, operation) = match row.tool.as_str() {
        // Answered here; the service that was looked for is not the one that was called.
        "search" => ("countersign", "aws.searchOperations"),
        "schema" => ("countersign", "aws.getOperationSchema"),
        _ => (row.service.as_str(), row.operation.as_str()),
    };
    let mut api = json!({"operation": operation, "service": {"name": service}, "request": {"uid": row.tx}});
    let mut response = Map::new();
    if let Some(code) = end.and_then(http_status) {
        response.insert("code".into(), code.into());
    }
    if let Some(error) = failure(row) {
        response.insert("error".into(), error.into());
        if let Some(message) = message(end) {
            response.insert("error_message".into(), message.into());
        }
    }
    if let (false, Some(map)) = (response.is_empty(), api.as_object_mut()) {
        map.insert("response".into(), Value::Object(response));
    }
    api
}

fn cloud(told: Told<'_>) -> Value {
    let mut cloud = Map::new();
    cloud.insert("provider".into(), "AWS".into());
    if !told.row.region.is_empty() {
        cloud.insert("region".into(), told.row.region.as_str().into());
    }
    let intended = last(told.events, &[Kind::Intent]).and_then(|detail| detail.get("account")?.as_str());
    let account = if told.account.is_empty() { intended.unwrap_or_default() } else { told.account };
    if !account.is_empty() {
        cloud.insert("account".into(), json!({"uid": account, "type": "AWS Account", "type_id": 10}));
    }
    Value::Object(cloud)
}

fn unmapped(told: Told<'_>) -> Value {
    let row = told.row;
    let judged = last(told.events, &[Kind::Judged]);
    let decided = told
        .events
        .iter()
        .rev()
        .find(|event| matches!(event.event.kind, Kind::Approved | Kind::Denied | Kind::Expired | Kind::Withdrawn));
    let aws_request = last(told.events, &[Kind::Outcome]).and_then(|end| carried(end, "request_id", "requestId"));
    let known = [
        ("tool", Some(row.tool.as_str().into())),
        ("verdict", row.verdict.map(|verdict| verdict.as_str().into())),
        ("risk", row.risk.map(|risk| risk.as_str().into())),
        ("outcome", Some(row.outcome.as_str().into())),
        ("rule", judged.and_then(|judged| judged.get("rule")).cloned()),
        ("approval", row.approval.as_ref().map(|id| id.as_str().into())),
        ("decision", decided.map(|event| event.event.kind.as_str().into())),
        ("decided_at", decided.map(|event| event.event.at.as_millis().into())),
        ("aws_request_id", aws_request.cloned()),
        ("first_event", told.events.first().map(|event| event.seq.into())),
        ("last_event_hash", told.events.last().map(|event| event.hash.to_string().into())),
    ];
    known.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect::<Map<_, _>>().into()
}

/// The detail of the last event of one of these kinds.
fn last<'a>(events: &'a [Event], kinds: &[Kind]) -> Option<&'a Value> {
    events.iter().rev().find(|event| kinds.contains(&event.event.kind)).map(|event| &event.event.detail)
}

/// What an end carries: beside the status when it went well, in the error when it did not.
fn carried<'a>(end: &'a Value, plain: &str, within: &str) -> Option<&'a Value> {
    let found = end.get(plain).or_else(|| end.get("error")?.get(within))?;
    (!found.is_null()).then_some(found)
}

fn http_status(end: &Value) -> Option<i64> {
    carried(end, "http_status", "httpStatus")?.as_i64()
}

fn message(end: Option<&Value>) -> Option<&str> {
    end?.get("error")?.get("message")?.as_str()
}

/// The host of an endpoint's URL.
fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next()?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    (!host.is_empty()).then_some(host)
}
