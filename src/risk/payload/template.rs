//! Generic APIs: resource types and properties inside a template or a desired state.

use serde_json::Value;

use super::{finding::Finding, nodes::Nodes};
use crate::risk::RiskClass::{self, Destructive, Execute, Privilege};

/// Types that decide who may do what.
const ACCESS: &[&str] = &[
    "aws::iam::",
    "aws::sso::",
    "aws::identitystore::",
    "aws::ram::",
    "aws::organizations::policy",
    "aws::rolesanywhere::",
    "aws::lakeformation::permissions",
    "aws::lakeformation::principalpermissions",
    "aws::lambda::permission",
    "aws::lambda::url",
    "aws::lambda::layerversionpermission",
    "aws::ec2::securitygroupingress",
    "aws::ec2::securitygroupegress",
    "aws::ec2::networkaclentry",
    "aws::eks::accessentry",
    "aws::kms::grant",
    "aws::cognito::identitypoolroleattachment",
    "aws::cognito::userpoolusertogroupattachment",
    "aws::iot::policy",
    "aws::iot::policyprincipalattachment",
    "aws::s3::accessgrant",
    "aws::apigateway::apikey",
    "aws::appsync::apikey",
    "aws::ec2::vpcendpointservicepermissions",
    "aws::elasticache::user",
    "aws::memorydb::user",
    "aws::memorydb::acl",
    "aws::redshift::endpointauthorization",
    "aws::opensearchserverless::accesspolicy",
    "aws::verifiedpermissions::policy",
    "aws::transfer::user",
    "aws::events::eventbuspolicy",
    "aws::servicecatalog::portfolioprincipalassociation",
    "aws::servicecatalog::portfolioshare",
    "aws::ec2::vpcblockpublicaccess",
];

/// Types that run code of the caller's while they are made.
const RUNNING: &[&str] =
    &["aws::cloudformation::customresource", "custom::", "aws::ssm::association", "aws::cloudformation::macro"];

/// What a type says.
pub(super) fn of_type(kind: &str) -> Option<(RiskClass, &'static str)> {
    let kind = kind.trim().to_ascii_lowercase();
    if RUNNING.iter().any(|known| kind.starts_with(known)) {
        return Some((Execute, "runs code while it is made"));
    }
    let policy = kind.ends_with("policy")
        && !["scaling", "lifecycle", "cache", "originrequest", "headers", "scheduling", "backup"]
            .iter()
            .any(|harmless| kind.contains(harmless));
    (policy || ACCESS.iter().any(|known| kind.starts_with(known))).then_some((Privilege, "decides who may do what"))
}

/// Types and capabilities in a payload, also in a template that is not JSON.
pub(super) fn types(nodes: &Nodes<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for node in nodes.all.iter().filter(|node| !node.data) {
        let Value::String(text) = node.value else { continue };
        match node.name() {
            "typename" | "type" | "resourcetype" => {
                if let Some((class, what)) = of_type(text) {
                    found.push(Finding::at(node, class, what));
                }
            }
            "capabilities" if text.to_ascii_uppercase().contains("IAM") => {
                found.push(Finding::at(node, Privilege, "allows the template to make identities and policies"));
            }
            "templatebody" => {
                found.extend(text_types(text).into_iter().map(|(class, what)| Finding::at(node, class, what)));
            }
            "deletionpolicy" if text.eq_ignore_ascii_case("delete") => {
                found.push(Finding::weak(node, Destructive, "lets data go with the stack"));
            }
            _ => {}
        }
    }
    found
}

/// Types and open doors in a YAML template, by its lines.
fn text_types(template: &str) -> Vec<(RiskClass, &'static str)> {
    let mut found = Vec::new();
    for line in template.lines() {
        let line = line.split(" #").next().unwrap_or(line).trim().trim_start_matches("- ");
        let Some((name, value)) = line.split_once(':') else { continue };
        let name = name.trim().trim_matches(['"', '\'']);
        let value = value.trim().trim_matches(['"', '\'', ',', '[', ']', ' ']);
        if name == "Type" {
            found.extend(of_type(value));
        }
        if super::exposure::is_everywhere(value) || (name.starts_with("CidrIp") && value.contains("/0")) {
            found.push((Privilege, "opens something to every address"));
        }
        if matches!(name, "Principal" | "AWS") && value == "*" {
            found.push((Privilege, "lets everybody in"));
        }
        if name.starts_with("Public") && value.eq_ignore_ascii_case("true")
            || name == "AccessControl" && value.starts_with("Public")
        {
            found.push((Privilege, "makes something public"));
        }
        if name.starts_with("BlockPublic") && value.eq_ignore_ascii_case("false") {
            found.push((Privilege, "lifts a guardrail against public access"));
        }
    }
    found
}
