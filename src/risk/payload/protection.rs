//! Members that take something away: protections switched off, short retention, capacity of zero, removals.

use serde_json::Value;

use super::{
    direction::Direction,
    finding::Finding,
    nodes::{Node, hollow},
};
use crate::risk::RiskClass::Destructive;

/// Days of kept data below which it is a loss.
const SHORT_DAYS: f64 = 7.0;

/// What a value takes away, if it takes something away.
pub(super) fn loss(node: &Node<'_>, direction: Direction) -> Option<Finding> {
    if node.data || !direction.changes() {
        return None;
    }
    let strong = |what: &str| Some(Finding::at(node, Destructive, what));
    if node.removed {
        return strong("is taken away");
    }
    removal(node)
        .or_else(|| emptiness(node))
        .or_else(|| node.truth().and_then(|truth| switched(node, truth)))
        .or_else(|| worded(node))
        .or_else(|| counted(node))
}

/// `RemoveTargets: [..]`, `ReplicaUpdates: [{Delete: {..}}]`.
fn removal(node: &Node<'_>) -> Option<Finding> {
    let takes = node.says(&["remove", "removes", "delete", "deletes", "revoke", "detach", "unassign"])
        && !node.says(&["after", "marker", "tag", "tags", "protection", "policy", "action", "on", "retention"]);
    let switched_off = node.value.is_array() && node.words.first().is_some_and(|word| word == "disable");
    let something = match node.value {
        Value::Array(_) | Value::Object(_) => !hollow(node.value),
        Value::String(_) => node.words.first().is_some_and(|word| word == "remove" || word == "revoke"),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    };
    let order = matches!(node.name(), "action" | "operation" | "changeaction" | "updatetype")
        || node.name().ends_with("operationtype");
    let ordered = order && node.text().is_some_and(|text| TAKING.contains(&text.to_ascii_lowercase().as_str()));
    (ordered || ((takes || switched_off) && something)).then(|| Finding::at(node, Destructive, "takes something away"))
}

/// Orders to an entry that take it away.
const TAKING: &[&str] = &["delete", "remove", "detach", "disassociate", "revoke", "delete_if_exists"];

/// Whether a node takes something away from a list of who may do what.
pub(super) fn narrows(node: &Node<'_>) -> bool {
    let operation =
        node.name() == "operationtype" && node.text().is_some_and(|text| text.eq_ignore_ascii_case("remove"));
    removal(node).is_some() || operation
}

/// Whether a node adds to a list of who may do what.
pub(super) fn widens(node: &Node<'_>) -> bool {
    let adds =
        node.says(&["add", "adds", "grant", "grants", "attach"]) && !hollow(node.value) && !node.value.is_boolean();
    adds || (node.name() == "operationtype" && node.text().is_some_and(|text| text.eq_ignore_ascii_case("add")))
}

/// An empty configuration, which replaces the one that is there.
fn emptiness(node: &Node<'_>) -> Option<Finding> {
    let container = matches!(node.value, Value::Array(_) | Value::Object(_));
    let harmless = node.says(&["tag", "filter", "add", "remove", "exclude", "excluded", "label", "suspended", "part"]);
    let empty = container && node.path.len() == 1 && hollow(node.value) && !harmless;
    empty.then(|| Finding::at(node, Destructive, "is empty and replaces what is there"))
}

/// Words of switches that open rather than protect.
const OPENING: &[&str] = &[
    "public",
    "publicly",
    "anonymous",
    "unauthenticated",
    "force",
    "forced",
    "skip",
    "bypass",
    "override",
    "overwrite",
    "external",
    "associate",
    "assign",
    "map",
    "mfa",
    "allow",
    "suppress",
    "dry",
    "rotate",
    "tag",
    "debug",
    "support",
    "copy",
];

/// `DisableApiTermination` protects.
const GUARDED: &[&str] = &["termination", "stop", "deletion", "scale", "rollback", "overwrite", "imdsv1"];

const PROTECTIONS: &[&str] = &[
    "protection",
    "protected",
    "encryption",
    "encrypted",
    "encrypt",
    "logging",
    "log",
    "backup",
    "recovery",
    "monitoring",
    "validation",
    "scan",
    "scanning",
    "tracing",
    "xray",
    "failover",
    "replication",
    "detection",
    "audit",
    "versioning",
    "alarm",
    "insight",
    "immutable",
    "tls",
    "ssl",
    "https",
    "enforce",
    "enforced",
    "sse",
    "immutability",
    "retention",
    "inspection",
    "alert",
    "trail",
    "revocation",
    "waf",
    "snapshots",
];

/// A switch by that name protects, or keeps something running.
fn is_protection(node: &Node<'_>) -> bool {
    let pair = |one: &str, other: &str| node.says(&[one]) && node.says(&[other]);
    let above = [
        "protection",
        "encryption",
        "logging",
        "logdelivery",
        "accesslogs",
        "backup",
        "recovery",
        "monitoring",
        "failover",
        "versioning",
        "revocation",
        "autoenable",
    ];
    let named = |name: &String| above.iter().any(|known| name.contains(known));
    node.says(PROTECTIONS)
        || pair("auto", "enable")
        || pair("multi", "az")
        || pair("multi", "region")
        || pair("include", "event")
        || node.path.iter().any(named)
}

/// Words that begin the names of switches which take something away when they are on.
const TAKES: &[&str] = &["remove", "delete", "clear", "disassociate", "detach", "unset", "revoke", "terminate"];

/// What may be taken away with nothing lost, or only later.
const SLIGHT: &[&str] =
    &["description", "name", "uri", "shortcut", "date", "transform", "tag", "after", "on", "marker", "order", "files"];

fn switched(node: &Node<'_>, truth: bool) -> Option<Finding> {
    let first = node.words.first().map_or("", String::as_str);
    if truth && TAKES.contains(&first) {
        let strong = !node.says(SLIGHT) && !node.says(GUARDED);
        return Some(Finding { strong, ..Finding::at(node, Destructive, "takes something away") });
    }
    let guards = node.says(&["alert", "inspection", "check", "alarm", "ips", "validation", "notification"]);
    if truth && (node.says(&["insecure"]) || (guards && matches!(first, "bypass" | "suppress" | "skip"))) {
        return Some(Finding::at(node, Destructive, "does without a protection"));
    }
    let plainly =
        ["disabled", "suspended", "paused"].iter().any(|end| matches!(node.name().strip_suffix(end), Some("" | "is")));
    if plainly || matches!(first, "disable" | "deactivate" | "suspend" | "pause") || ends_off(node) {
        let protects = node.says(GUARDED);
        return match (protects, truth) {
            (true, false) => Some(Finding::at(node, Destructive, "switches off a protection")),
            (false, true) if plainly || is_protection(node) => {
                Some(Finding::at(node, Destructive, "switches something off"))
            }
            (false, true) => Some(Finding::weak(node, Destructive, "switches something off")),
            _ => None,
        };
    }
    if truth || node.says(OPENING) {
        return None;
    }
    if is_protection(node) {
        return Some(Finding::at(node, Destructive, "switches off a protection"));
    }
    let generic = node.says(&["enabled", "enable", "active"]);
    // Deep in a configuration that is always given whole, what is off may well have been off before.
    let strong = node.path.len() <= 2;
    generic.then(|| Finding { strong, ..Finding::at(node, Destructive, "switches something off") })
}

fn ends_off(node: &Node<'_>) -> bool {
    ["disabled", "suspended", "paused"].iter().any(|end| node.name().ends_with(end))
}

const OFF: &[&str] =
    &["disabled", "disable", "off", "suspended", "suspend", "inactive", "stopped", "paused", "draining"];

/// What a status, a state or a mode says of something that ends or rests.
const ENDING: &[&str] = &[
    "disabling",
    "deleting",
    "deleted",
    "stopping",
    "pausing",
    "pause",
    "stop",
    "revoked",
    "removed",
    "detached",
    "all-paused",
    "terminated",
    "disassociate",
];

fn worded(node: &Node<'_>) -> Option<Finding> {
    let Value::String(text) = node.value else { return None };
    let lower = text.to_ascii_lowercase();
    let access =
        node.says(&["public", "publicly", "anonymous", "mfa", "auth", "authentication", "name", "id", "arn", "marker"]);
    let mfa_delete = node.says(&["mfa"]) && node.says(&["delete"]);
    if OFF.contains(&lower.as_str()) && (!access || mfa_delete) {
        return Some(Finding::at(node, Destructive, "switches something off"));
    }
    if ENDING.contains(&lower.as_str()) && node.says(&["status", "state", "mode"]) && !access {
        return Some(Finding::at(node, Destructive, "ends or rests something"));
    }
    let guards = ["ssl", "tls", "log", "logging", "audit", "encryption", "encrypt", "protection", "recovery", "backup"];
    let automatic = node.path.iter().any(|name| name.contains("autoenable"));
    if matches!(lower.as_str(), "none" | "0" | "no") && (node.says(&guards) || automatic) {
        return Some(Finding::at(node, Destructive, "switches off a protection"));
    }
    if lower == "optional" && node.says(&["tls", "ssl", "https"]) {
        return Some(Finding::at(node, Destructive, "does without encryption"));
    }
    None
}

fn counted(node: &Node<'_>) -> Option<Finding> {
    let number = node.number()?;
    let strong = |what: &str| Some(Finding::at(node, Destructive, what));
    let spans =
        node.says(&["expiration"]) && node.says(&["day", "hour"]) || node.says(&["recovery"]) && node.says(&["period"]);
    let kept = node.says(&["retention", "retained"]) || spans;
    let count = node.says(&["count", "size"]);
    if kept && !count && !node.says(&["transition", "cool", "index"]) {
        let days = if node.says(&["hour"]) {
            number / 24.0
        } else if node.says(&["second", "seconds"]) || (node.says(&["message"]) && node.says(&["period"])) {
            number / 86_400.0
        } else if node.says(&["minute"]) {
            number / 1440.0
        } else {
            number
        };
        if days <= 0.0 {
            return strong("keeps nothing any more");
        }
        if days < if node.says(&["message"]) { 1.0 } else { SHORT_DAYS } {
            return strong("keeps data only a short time");
        }
        return None;
    }
    if node.name().ends_with("timetolive") && number > 0.0 {
        return strong("lets data expire");
    }
    let number_of = node.says(&["desired", "min", "max", "minimum", "maximum", "target", "total"]);
    let units = node.says(&[
        "capacity",
        "instance",
        "replica",
        "task",
        "node",
        "worker",
        "broker",
        "server",
        "shard",
        "session",
        "unit",
        "webserver",
        "environment",
        "inference",
    ]);
    let sized =
        ["minsize", "maxsize", "desiredsize", "desiredcount", "mincount", "maxcount", "instancecount", "nodecount"];
    let running = [
        "reservedconcurrentexecutions",
        "provisionedconcurrentexecutions",
        "numberofnodes",
        "replicacount",
        "copycount",
        "maxconcurrentruns",
        "throttlingratelimit",
        "throttlingburstlimit",
    ];
    let other =
        node.says(&["retry", "retries", "failed", "buffer", "hour", "lifetime", "unhealthy", "buffering", "size"]);
    let capacity = (number_of && units && !other) || sized.contains(&node.name()) || running.contains(&node.name());
    if capacity && number == 0.0 {
        return strong("scales down to zero");
    }
    if node.name() == "trafficdialpercentage" && number == 0.0 {
        return strong("sends no traffic there any more");
    }
    let interval = node.says(&["monitoring"]) && node.says(&["interval"]);
    if interval && number == 0.0 {
        return strong("switches off monitoring");
    }
    None
}
