//! The parameters of a service's endpoint rules for one call: from the operation, from the payload, from
//! the settings.

use serde_json::{Map, Value};

use super::custom;
use crate::endpoint::RuleSet;
use crate::smithy::{Location, Model, Operation};

/// What the settings say about endpoints (the SDK's built-ins).
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct BuiltIns {
    /// `AWS::Region`
    pub(super) region: Option<String>,
    /// `AWS::UseFIPS`
    pub(super) use_fips: bool,
    /// `AWS::UseDualStack`
    pub(super) use_dual_stack: bool,
    /// `SDK::Endpoint`
    pub(super) endpoint: Option<String>,
    /// `AWS::S3::ForcePathStyle`
    pub(super) force_path_style: bool,
    /// `AWS::S3::Accelerate`
    pub(super) accelerate: bool,
    /// `AWS::Auth::AccountId`
    pub(super) account_id: Option<String>,
    /// `AWS::Auth::AccountIdEndpointMode`
    pub(super) account_mode: String,
}

impl BuiltIns {
    /// A setting by its name.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        let text = |value: &Option<String>| value.as_deref().map(Value::from);
        match name {
            "AWS::Region" => text(&self.region),
            "AWS::UseFIPS" => Some(self.use_fips.into()),
            "AWS::UseDualStack" => Some(self.use_dual_stack.into()),
            "SDK::Endpoint" => text(&self.endpoint),
            "AWS::Auth::AccountId" => text(&self.account_id),
            "AWS::Auth::AccountIdEndpointMode" => Some(self.account_mode.as_str().into()),
            "AWS::S3::ForcePathStyle" => Some(self.force_path_style.into()),
            // The SDKs' defaults.
            "AWS::S3::Accelerate" => Some(self.accelerate.into()),
            "AWS::S3::UseGlobalEndpoint"
            | "AWS::S3::DisableMultiRegionAccessPoints"
            | "AWS::STS::UseGlobalEndpoint" => Some(false.into()),
            "AWS::S3::UseArnRegion" | "AWS::S3Control::UseArnRegion" => Some(true.into()),
            _ => None,
        }
    }
}

/// Gathers the parameters of a service's endpoint rules for one call. The operation's own values win over
/// the payload's, those over the settings, which `built_in` gives by their names (`AWS::Region`).
pub fn endpoint_parameters(
    rules: &RuleSet,
    model: &Model,
    operation: &Operation,
    payload: &Map<String, Value>,
    built_in: impl Fn(&str) -> Option<Value>,
) -> Map<String, Value> {
    let mut params = Map::new();
    for parameter in rules.parameters() {
        let value = operation
            .static_context_params
            .get(&parameter.name)
            .map(static_value)
            .or_else(|| from_member(model, operation, payload, &parameter.name))
            .or_else(|| from_expression(operation, payload, &parameter.name))
            .or_else(|| parameter.built_in.as_deref().and_then(&built_in));
        if let Some(value) = value {
            params.insert(parameter.name.clone(), value);
        }
    }
    params
}

/// `{value: …}` as published, or the value itself.
fn static_value(value: &Value) -> Value {
    value.get("value").unwrap_or(value).clone()
}

fn from_member(model: &Model, operation: &Operation, payload: &Map<String, Value>, name: &str) -> Option<Value> {
    let input = model.input(operation)?;
    let member = input.members.iter().find(|member| member.traits().context_param.as_deref() == Some(name))?;
    payload.get(&member.name).filter(|value| !value.is_null()).cloned()
}

fn from_expression(operation: &Operation, payload: &Map<String, Value>, name: &str) -> Option<Value> {
    let expression = operation.operation_context_params.get(name)?;
    let found = jmespath::compile(expression).ok()?.search(Value::Object(payload.clone())).ok()?;
    serde_json::to_value(&*found).ok().filter(|value| !value.is_null())
}

/// The host prefix with its labels filled from the payload.
///
/// # Errors
/// The name of a label that has no value, or none that a host name can hold.
pub(super) fn host_prefix(
    model: &Model,
    operation: &Operation,
    payload: &Map<String, Value>,
) -> Result<Option<String>, String> {
    let Some(pattern) = custom::host_prefix(&model.service, operation) else { return Ok(None) };
    let mut prefix = pattern.to_owned();
    for member in model.input(operation).into_iter().flat_map(|input| &input.members) {
        let names = [Some(member.name.as_str()), label(member.traits().location.as_ref())];
        for name in names.into_iter().flatten() {
            let place = format!("{{{name}}}");
            if prefix.contains(&place) {
                let value = payload.get(&member.name).and_then(Value::as_str).unwrap_or_default();
                let fits = (1..=63).contains(&value.len())
                    && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
                if !fits {
                    return Err(member.name.clone());
                }
                prefix = prefix.replace(&place, value);
            }
        }
    }
    Ok(Some(prefix))
}

fn label(location: Option<&Location>) -> Option<&str> {
    match location {
        Some(Location::Label(name)) => Some(name),
        _ => None,
    }
}
