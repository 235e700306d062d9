//! Policy documents, also as JSON text: who is let do what.

use serde_json::{Map, Value};

use super::{direction::Direction, finding::Finding};
use crate::{base::Shown, risk::RiskClass::Privilege};

/// What a document in a call says.
pub(super) fn policy(place: &str, document: &Map<String, Value>, direction: Direction) -> Option<Finding> {
    if direction == Direction::Remove {
        return None;
    }
    let place = Shown::line(place);
    let told = |what: &str| Finding::told(Privilege, format!("Payload: the policy in `{place}` {what}."));
    let statements = match member(document, "statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement @ Value::Object(_)) => vec![statement],
        _ => return None,
    };
    let about_access = |statement: &&Value| {
        let members = statement.as_object();
        members
            .is_some_and(|members| ["effect", "action", "notaction"].iter().any(|name| member(members, name).is_some()))
    };
    // Data protection policies have statements as well, but say nothing about access.
    if !statements.is_empty() && !statements.iter().any(about_access) {
        return None;
    }
    let allows = statements.iter().filter_map(|statement| statement.as_object()).filter(|statement| {
        member(statement, "effect").and_then(Value::as_str).is_none_or(|effect| effect.eq_ignore_ascii_case("allow"))
    });
    let mut found = None;
    for statement in allows {
        let everybody =
            member(statement, "principal").is_some_and(is_everybody) || member(statement, "notprincipal").is_some();
        if everybody && member(statement, "condition").is_none() {
            return Some(told("lets everybody in"));
        }
        if member(statement, "action").is_some_and(is_everything) || member(statement, "notaction").is_some() {
            found = Some(told("allows everything"));
        }
        if everybody {
            found = found.or_else(|| Some(told("lets everybody in who meets a condition")));
        }
    }
    let rewritten = told("says who may do what");
    Some(found.unwrap_or(match direction {
        Direction::Create => Finding { strong: false, ..rewritten },
        Direction::Update | Direction::Put | Direction::Remove => rewritten,
    }))
}

fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn is_everybody(principal: &Value) -> bool {
    match principal {
        Value::String(text) => text == "*",
        Value::Array(items) => items.iter().any(is_everybody),
        Value::Object(kinds) => kinds.iter().any(|(kind, value)| kind != "Service" && is_everybody(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn is_everything(action: &Value) -> bool {
    match action {
        Value::String(text) => text == "*" || text == "*:*",
        Value::Array(items) => items.iter().any(is_everything),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}
