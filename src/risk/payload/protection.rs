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
    let something = match node.value {
        Value::Array(_) | Value::Object(_) => !hollow(node.value),
        Value::String(_) => node.words.first().is_some_and(|word| word == "remove" || word == "revoke"),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    };
    let ordered = matches!(node.name(), "action" | "operation" | "changeaction" | "updatetype")
        && node.text().is_some_and(|text| text.eq_ignore_ascii_case("delete") || text.eq_ignore_ascii_case("remove"));
    (ordered || (takes && something)).then(|| Finding::at(node, Destructive, "takes something away"))
}

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
    let harmless = node.says(&["tag", "filter", "add", "remove", "exclude", "excluded", "label", "suspended"]);
    let empty = container && node.path.len() == 1 && hollow(node.value) && !harmless;
    empty.then(|| Finding::at(node, Destructive, "is empty and replaces what is there"))
}

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
    "pause",
];

const GUARDED: &[&str] = &["termination", "stop", "deletion", "scale", "rollback", "overwrite"];

const GUARDS: &[&str] = &[
    "protection",
    "protected",
    "protect",
    "encryption",
    "encrypted",
    "encrypt",
    "logging",
    "log",
    "logs",
    "backup",
    "recovery",
    "monitoring",
    "monitor",
    "validation",
    "validate",
    "scan",
    "scanning",
    "tracing",
    "trace",
    "failover",
    "replication",
    "detection",
    "audit",
    "versioning",
    "alarm",
    "insight",
    "enabled",
    "enable",
    "active",
    "multi",
    "service",
    "events",
    "event",
    "management",
    "global",
    "enforce",
    "enforced",
    "require",
    "required",
    "immutable",
    "supported",
    "ssl",
    "tls",
    "az",
    "recording",
    "snapshot",
    "support",
];

fn switched(node: &Node<'_>, truth: bool) -> Option<Finding> {
    let first = node.words.first().map_or("", String::as_str);
    let disables = node.says(&["disable", "disabled", "deactivate", "suspend"])
        && !node.words.iter().any(|word| word == "enabled" && first != "disable");
    if disables || first == "pause" {
        // `DisableApiTermination` protects; `DisableExecuteApiEndpoint` does not.
        let protects = node.says(GUARDED);
        return match (protects, truth) {
            (true, false) => Some(Finding::at(node, Destructive, "switches off a protection")),
            (false, true) => Some(Finding::at(node, Destructive, "switches something off")),
            _ => None,
        };
    }
    if truth || node.says(OPENING) {
        return None;
    }
    node.says(GUARDS).then(|| Finding::at(node, Destructive, "switches something off"))
}

const OFF: &[&str] =
    &["disabled", "disable", "off", "suspended", "suspend", "inactive", "stopped", "paused", "draining"];

fn worded(node: &Node<'_>) -> Option<Finding> {
    let Value::String(text) = node.value else { return None };
    let lower = text.to_ascii_lowercase();
    let access =
        node.says(&["public", "publicly", "anonymous", "mfa", "auth", "authentication", "name", "id", "arn", "marker"]);
    let mfa_delete = node.says(&["mfa"]) && node.says(&["delete"]);
    if OFF.contains(&lower.as_str()) && (!access || mfa_delete) {
        return Some(Finding::at(node, Destructive, "switches something off"));
    }
    let guards = ["ssl", "tls", "log", "logging", "audit", "encryption", "encrypt", "protection"];
    if matches!(lower.as_str(), "none" | "0" | "no") && node.says(&guards) {
        return Some(Finding::at(node, Destructive, "switches off a protection"));
    }
    None
}

fn counted(node: &Node<'_>) -> Option<Finding> {
    let number = node.number()?;
    let strong = |what: &str| Some(Finding::at(node, Destructive, what));
    let kept = node.says(&["retention", "retain", "retained", "expire", "expires", "expiration", "keep"]);
    let count = node.says(&["count", "size", "limit"]) && !node.says(&["snapshot", "day", "days", "backup"]);
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
    let number_of = ["desired", "min", "max", "minimum", "maximum", "target"];
    let what = [
        "capacity",
        "size",
        "count",
        "instance",
        "replica",
        "task",
        "node",
        "concurrency",
        "executions",
        "execution",
        "instances",
    ];
    let capacity = (node.says(&number_of) && node.says(&what))
        || node.says(&["concurrency"])
        || (node.says(&["concurrent"]) && node.says(&["execution"]))
        || matches!(node.name(), "instancecount" | "nodecount" | "replicacount" | "numberofnodes" | "desiredcount");
    if capacity && number == 0.0 {
        return strong("scales down to zero");
    }
    let interval = node.says(&["monitoring"]) && node.says(&["interval"]);
    if interval && number == 0.0 {
        return strong("switches off monitoring");
    }
    None
}
