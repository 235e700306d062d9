//! Members that open something: to every address, to everybody, without a login, with another role.

use serde_json::Value;

use super::{
    direction::Direction,
    finding::Finding,
    nodes::{Node, hollow},
};
use crate::risk::RiskClass::Privilege;

const PUBLIC_ACLS: &[&str] = &["public-read", "public-read-write", "authenticated-read", "log-delivery-write"];

const GRANTS: &[&str] = &["grantread", "grantwrite", "grantfullcontrol", "grantreadacp", "grantwriteacp"];

const PUBLIC: &[&str] = &[
    "public",
    "public_read",
    "public-read",
    "public_only",
    "public_and_private",
    "internet-facing",
    "public_endpoint",
    "anyone",
    "everyone",
];

/// What a value opens, if it opens something.
pub(super) fn exposure(node: &Node<'_>, direction: Direction) -> Option<Finding> {
    if node.data || node.removed || direction == Direction::Remove {
        return None;
    }
    let strong = |what: &str| Some(Finding::at(node, Privilege, what));
    match node.value {
        Value::String(text) => text_exposure(node, text, direction).or_else(|| swap(node, direction)),
        Value::Bool(_) => None,
        Value::Number(_) | Value::Null | Value::Array(_) | Value::Object(_) => {
            if GRANTS.contains(&node.name()) && !hollow(node.value) {
                return strong("grants access");
            }
            swap(node, direction)
        }
    }
    .or_else(|| truth_exposure(node))
}

fn text_exposure(node: &Node<'_>, text: &str, direction: Direction) -> Option<Finding> {
    let strong = |what: &str| Some(Finding::at(node, Privilege, what));
    let lower = text.trim().to_ascii_lowercase();
    if lower.split(',').any(|part| is_everywhere(part.trim())) {
        return strong("opens it to every address");
    }
    if node.says(&["acl"]) && PUBLIC_ACLS.contains(&lower.replace('_', "-").as_str()) {
        return strong("is a public ACL");
    }
    if (GRANTS.contains(&node.name()) && !lower.is_empty()) || lower.contains("acs.amazonaws.com/groups/global/") {
        return strong("grants access");
    }
    if lower == "*" && node.says(&["principal", "account", "user", "organization", "subject", "member", "grantee"]) {
        return strong("is everybody");
    }
    if lower == "*" && node.says(&["origin"]) {
        return Some(Finding::weak(node, Privilege, "lets every web page in"));
    }
    if lower == "all" && node.says(&["group", "permission", "add", "user", "account", "principal"]) {
        return strong("is everybody");
    }
    if node.name() == "onunauthenticatedrequest" && lower == "allow" {
        return strong("asks for no login");
    }
    if node.name() == "authtokenupdatestrategy" && lower == "delete" {
        return strong("asks for no password any more");
    }
    let logs_in = node.words.iter().any(|word| word.starts_with("auth"));
    if logs_in && matches!(lower.as_str(), "none" | "anonymous" | "disabled" | "no_auth" | "no-auth") {
        return strong("asks for no login");
    }
    if node.says(&["mfa"]) && !node.says(&["delete"]) && matches!(lower.as_str(), "off" | "disabled" | "none") {
        return strong("switches off a second factor");
    }
    if node.name() == "httptokens" && lower == "optional" {
        return strong("weakens the guardrail around role credentials");
    }
    let visible = ["visibility", "scheme", "access", "connectivity", "connection", "endpoint", "sharing", "networking"];
    if PUBLIC.contains(&lower.as_str()) && node.says(&visible) {
        return strong("makes it public");
    }
    if node.says(&["assign"]) && node.says(&["public"]) && lower == "enabled" {
        let strong = direction.changes();
        return Some(Finding { strong, ..Finding::at(node, Privilege, "gives it a public address") });
    }
    None
}

fn truth_exposure(node: &Node<'_>) -> Option<Finding> {
    let truth = node.truth()?;
    let strong = |what: &str| Some(Finding::at(node, Privilege, what));
    let public = node.says(&["public", "publicly", "anonymous", "unauthenticated", "everyone", "external"])
        || node.path.iter().any(|name| name == "unauthenticated");
    let guards = node.says(&["block", "restrict", "ignore", "deny", "prevent", "disable", "reject"]);
    if public && guards {
        return if truth { None } else { strong("lifts a guardrail against public access") };
    }
    if public && truth {
        if node.says(&["associate", "assign", "map"]) && node.says(&["address", "ip"]) && !node.says(&["map"]) {
            return Some(Finding::weak(node, Privilege, "gives it a public address"));
        }
        if node.says(&["dns", "key", "cidr", "id", "remove"]) {
            return None;
        }
        return strong("makes it reachable from outside");
    }
    if truth && node.says(&["bypass"]) && node.says(&["lockout", "safety"]) {
        return strong("bypasses a check against lock-out");
    }
    if truth && node.name() == "nopasswordrequired" {
        return strong("asks for no login");
    }
    let asks = node.says(&["require", "required", "enforce", "enforced"]);
    let login =
        node.says(&["mfa", "mtls", "auth", "authentication", "authorization", "signin", "login", "iam", "vpce"])
            || (node.says(&["api"]) && node.says(&["key"]));
    if !truth && asks && login {
        return strong("asks for no login");
    }
    if !truth && node.says(&["mfa"]) && !node.says(&["delete"]) && node.says(&["enabled"]) {
        return strong("switches off a second factor");
    }
    None
}

/// Another role, other security groups, or a new password for what is there.
fn swap(node: &Node<'_>, direction: Direction) -> Option<Finding> {
    if direction != Direction::Update || hollow(node.value) {
        return None;
    }
    let strong = |what: &str| Some(Finding::at(node, Privilege, what));
    let name = node.name();
    let taken = node.says(&["remove", "detach", "disassociate"]);
    if is_role(name) && near_top(node) && !taken {
        return strong("gives it another role");
    }
    if name.contains("securitygroup")
        && !name.contains("rule")
        && !taken
        && node.value.is_array()
        && node.path.len() <= 3
    {
        return strong("puts it behind other security groups");
    }
    let whose = node.says(&["master", "admin", "administrator", "root", "user", "fsx", "svm"]);
    let password = (node.says(&["password", "passwords"]) && whose) || name == "authtoken";
    if password && node.value.is_string() {
        return strong("sets another password");
    }
    None
}

fn is_role(name: &str) -> bool {
    let role = name.trim_end_matches('s').ends_with("role")
        || name.trim_end_matches('s').ends_with("rolearn")
        || name.ends_with("iaminstanceprofile");
    role && !["linked", "type", "logging"].iter().any(|other| name.contains(other))
}

fn near_top(node: &Node<'_>) -> bool {
    let wrapper =
        |name: &str| ["update", "config", "configuration", "settings", "options"].iter().any(|end| name.ends_with(end));
    match node.path.as_slice() {
        [_] => true,
        [above, _] => wrapper(above),
        _ => false,
    }
}

/// `0.0.0.0/0`, `::/0` and their halves.
pub(super) fn is_everywhere(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let Ok(length) = length.parse::<u8>() else { return false };
    length <= 1 && address.parse::<core::net::IpAddr>().is_ok()
}
