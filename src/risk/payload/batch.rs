//! Entries of batches that delete, and the lifecycle rules of buckets: what one condition alone cannot tell.

use serde_json::{Map, Value};

use super::{
    finding::Finding,
    nodes::{Nodes, plain},
};
use crate::risk::RiskClass::{self, Destructive, Write};

/// A delete among the entries of a batch, wherever it stands.
pub(super) fn deletes(nodes: &Nodes<'_>) -> Option<Finding> {
    let entry = nodes.all.iter().find(|node| {
        let named = matches!(node.name(), "deleterequest" | "deleteitem");
        let within = node.name() == "delete" && node.path.len() > 1;
        !node.data && (named || within) && node.value.is_object()
    })?;
    Some(Finding::at(entry, Destructive, "is an entry that deletes"))
}

/// What the lifecycle rules in a payload do: expire, or only move.
pub(super) fn lifecycle(payload: &Value) -> Option<(RiskClass, Vec<RiskClass>, &'static str)> {
    let rules = find(payload, "rules")?.as_array()?;
    let enabled: Vec<&Map<String, Value>> =
        rules.iter().filter_map(Value::as_object).filter(|rule| !is_off(rule)).collect();
    if enabled.is_empty() {
        return Some((Write, vec![], "no rule is in force, the data is kept"));
    }
    let expires = enabled.iter().any(|rule| {
        rule.iter().any(|(name, value)| match plain(name).as_str() {
            "expiration" => has(value, &["days", "date"]),
            "noncurrentversionexpiration" => true,
            _ => false,
        })
    });
    if expires {
        return Some((Destructive, vec![], "a rule lets objects expire"));
    }
    Some((Write, vec![Destructive], "rules move objects or clean up, none lets them expire"))
}

fn find<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let members = value.as_object()?;
    members
        .iter()
        .find(|(known, _)| plain(known) == name)
        .map(|(_, value)| value)
        .or_else(|| members.values().find_map(|value| find(value, name)))
}

fn is_off(rule: &Map<String, Value>) -> bool {
    let status = rule.iter().find(|(name, _)| plain(name) == "status").and_then(|(_, value)| value.as_str());
    status.is_some_and(|status| status.eq_ignore_ascii_case("disabled"))
}

fn has(value: &Value, names: &[&str]) -> bool {
    value.as_object().is_some_and(|members| members.keys().any(|name| names.contains(&plain(name).as_str())))
}
