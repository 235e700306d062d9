//! The class of a call with its payload: what the table says of it, raised by what is found in it.

use serde_json::Value;

use super::{
    batch,
    direction::Direction,
    document, exposure,
    finding::{Finding, raised},
    members::Members,
    nodes::{Nodes, expanded, hollow, nodes, plain},
    protection, queries, template,
};
use crate::risk::{
    Assessment,
    RiskClass::{Destructive, Execute, Privilege, Read, Secret},
    classifier::OperationFacts,
};

/// The class of a call, from its class by name and its payload.
pub(crate) fn judge(facts: &OperationFacts<'_>, by_name: Assessment, payload: &Value, members: &Members) -> Assessment {
    if is_dry(payload) {
        let why = "Payload: it asks for a dry run: nothing changes and nothing is shown.".to_owned();
        return Assessment { class: Read, also: Vec::new(), reasons: vec![why] };
    }
    let payload = &expanded(payload);
    let nodes = nodes(payload);
    if queries::runs_statements(&by_name)
        && let Some((base, finding)) = queries::statements(facts.service, &nodes)
    {
        return raised(base, &[finding]);
    }
    if matches!(facts.operation, "PutBucketLifecycle" | "PutBucketLifecycleConfiguration")
        && let Some((class, also, what)) = batch::lifecycle(payload)
    {
        return Assessment { class, also, reasons: vec![format!("Payload: {what}.")] };
    }
    let direction = Direction::of(facts.operation);
    let base = match members.ruling(facts.service, facts.operation, &nodes) {
        Some(ruling) => {
            let mut reasons = vec![match ruling.why {
                "" => format!("Payload: with these members it is {}.", ruling.class),
                why => format!("Payload: {why}."),
            }];
            reasons.extend(by_name.reasons);
            let base = Assessment { class: ruling.class, also: ruling.also.clone(), reasons };
            if ruling.firm {
                return base;
            }
            base
        }
        None => narrowed(&by_name, &nodes, direction).unwrap_or(by_name),
    };
    if matches!(base.class, Read | Execute | Secret) {
        return base;
    }
    raised(base, &findings(facts, &nodes, direction))
}

/// A flag that asks for no effect, at the top.
fn is_dry(payload: &Value) -> bool {
    let Some(members) = payload.as_object() else { return false };
    members.iter().any(|(name, value)| {
        let flag = matches!(plain(name).as_str(), "dryrun" | "validateonly" | "performcheckonly");
        flag && (value == &Value::Bool(true) || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true")))
    })
}

/// A rewrite of who may do what that only takes access away.
fn narrowed(by_name: &Assessment, nodes: &Nodes<'_>, direction: Direction) -> Option<Assessment> {
    let narrows = nodes.all.iter().any(protection::narrows) && !nodes.all.iter().any(protection::widens);
    if by_name.class == Privilege && direction.changes() && narrows {
        let mut reasons = vec!["Payload: it only takes access away.".to_owned()];
        reasons.extend(by_name.reasons.clone());
        return Some(Assessment { class: Destructive, also: vec![Privilege], reasons });
    }
    None
}

/// Services that detect, record or keep.
const GUARDS: &[&str] = &[
    "accessanalyzer",
    "auditmanager",
    "backup",
    "cloudtrail",
    "config",
    "detective",
    "fms",
    "guardduty",
    "inspector",
    "inspector2",
    "macie2",
    "network-firewall",
    "securityhub",
    "securitylake",
    "shield",
];

/// Everything in a payload that has a class of its own.
fn findings(facts: &OperationFacts<'_>, nodes: &Nodes<'_>, direction: Direction) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for node in &nodes.all {
        found.extend(exposure::exposure(node, direction));
        let loss = protection::loss(node, direction);
        // What guards an account guards it less with anything of it switched off.
        found.extend(loss.map(|loss| Finding { strong: loss.strong || GUARDS.contains(&facts.service), ..loss }));
    }
    found.extend(nodes.documents.iter().filter_map(|(place, document)| document::policy(place, document, direction)));
    if !found.iter().any(|finding| finding.strong && finding.class == Destructive) {
        found.extend(batch::deletes(nodes));
    }
    if matches!(facts.service, "cloudformation" | "cloudcontrol") && direction != Direction::Remove {
        found.extend(template::types(nodes));
    }
    found.extend(user_data(facts, nodes));
    if nodes.cut {
        found.push(Finding::told(Destructive, "Payload: there is more in it than is looked through.".to_owned()));
    }
    found
}

/// Code that instances run when they start.
fn user_data(facts: &OperationFacts<'_>, nodes: &Nodes<'_>) -> Option<Finding> {
    let node = nodes.all.iter().find(|node| node.name() == "userdata" && !hollow(node.value))?;
    if facts.operation.contains("Template") || facts.operation.contains("LaunchConfiguration") {
        return Some(Finding::weak(node, Execute, "is code for instances to come"));
    }
    Some(Finding::at(node, Execute, "is code that runs when it starts"))
}
