//! Resolution: rules are tried in order; the first endpoint or error that is reached is the answer.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Partitions;
use super::function::Function;
use super::rules::{Call, EndpointRule, Expr, Part, Rule, RuleSet, Then};
use super::text::Step;

/// Where a call goes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Endpoint {
    /// Base URL, without a trailing slash unless the rules write one.
    pub url: String,
    /// Headers the endpoint wants: name and values.
    pub headers: Vec<(String, Vec<String>)>,
    /// Properties; `authSchemes` decides how the call is signed.
    pub properties: Map<String, Value>,
}

/// Why there is no endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The service's own rules refuse this combination; the message is AWS's.
    #[error("{0}")]
    Refused(String),
    /// A parameter without which there is no endpoint.
    #[error("the endpoint needs `{0}`: set it in the call, in the profile or in the environment")]
    Missing(String),
    /// A parameter of the wrong type.
    #[error("the endpoint parameter `{0}` has a value of the wrong type")]
    WrongType(String),
    /// No rule fits. The model is at fault.
    #[error("no endpoint rule fits this call; refresh the models with `countersign models sync`")]
    NoRule,
    /// A rule asks for a value that is not there. The model is at fault.
    #[error("an endpoint rule asks for a value that is not there; refresh the models with `countersign models sync`")]
    Broken,
}

impl RuleSet {
    /// Finds the endpoint for these parameters. Parameters that the rule set does not know are ignored.
    ///
    /// # Errors
    /// When the rules refuse, when a required parameter is missing, or when the rules themselves are broken.
    pub fn resolve(&self, partitions: &Partitions, params: &Map<String, Value>) -> Result<Endpoint, EndpointError> {
        let mut slots = Vec::with_capacity(self.slots);
        for parameter in &self.parameters {
            let value = params.get(&parameter.name).filter(|value| !value.is_null()).or(parameter.default.as_ref());
            if let (Some(value), Some(default)) = (value, &parameter.default)
                && std::mem::discriminant(value) != std::mem::discriminant(default)
            {
                return Err(EndpointError::WrongType(parameter.name.clone()));
            }
            if value.is_none() && parameter.required {
                return Err(EndpointError::Missing(parameter.name.clone()));
            }
            slots.push(value.map(Cow::Borrowed));
        }
        slots.resize(self.slots, None);
        let mut scope = Scope { slots, partitions };
        scope.rules(&self.rules)?.ok_or(EndpointError::NoRule)
    }
}

struct Scope<'a> {
    slots: Vec<Option<Cow<'a, Value>>>,
    partitions: &'a Partitions,
}

impl<'a> Scope<'a> {
    /// The outcome of the first rule that has one; `None` when no rule's conditions hold.
    fn rules(&mut self, rules: &'a [Rule]) -> Result<Option<Endpoint>, EndpointError> {
        for rule in rules {
            if !self.holds(rule) {
                continue;
            }
            return match &rule.then {
                Then::Rules(rules) => self.rules(rules)?.map(Some).ok_or(EndpointError::NoRule),
                Then::Endpoint(endpoint) => self.endpoint(endpoint).map(Some).ok_or(EndpointError::Broken),
                Then::Error(message) => Err(self.text(message).map_or(EndpointError::Broken, EndpointError::Refused)),
            };
        }
        Ok(None)
    }

    /// Whether all conditions hold; what they assign stays for the rules below. (Names are unique within
    /// their scope, so a value left behind by a rule that failed is never seen by another.)
    fn holds(&mut self, rule: &'a Rule) -> bool {
        for condition in &rule.conditions {
            let value = self.call(&condition.call);
            let holds = value.as_ref().is_some_and(|value| value.as_bool() != Some(false));
            if !holds {
                return false;
            }
            if let Some(slot) = condition.assign.and_then(|slot| self.slots.get_mut(slot)) {
                *slot = value;
            }
        }
        true
    }

    fn endpoint(&self, rule: &'a EndpointRule) -> Option<Endpoint> {
        let mut headers = Vec::with_capacity(rule.headers.len());
        for (name, values) in &rule.headers {
            headers.push((name.clone(), values.iter().map(|value| self.text(value)).collect::<Option<_>>()?));
        }
        Some(Endpoint { url: self.text(&rule.url)?, headers, properties: self.members(&rule.properties)? })
    }

    fn members(&self, members: &'a [(String, Expr)]) -> Option<Map<String, Value>> {
        members.iter().map(|(name, expr)| Some((name.clone(), self.expr(expr)?.into_owned()))).collect()
    }

    fn text(&self, expr: &'a Expr) -> Option<String> {
        self.expr(expr)?.as_str().map(str::to_owned)
    }

    fn expr(&self, expr: &'a Expr) -> Option<Cow<'a, Value>> {
        match expr {
            Expr::Literal(value) => Some(Cow::Borrowed(value)),
            Expr::Ref(slot) => self.slots.get(*slot)?.clone(),
            Expr::Call(call) => self.call(call),
            Expr::Attr(value, steps) => walk(self.expr(value)?, steps),
            Expr::Template(parts) => {
                let mut text = String::new();
                for part in parts {
                    match part {
                        Part::Text(plain) => text.push_str(plain),
                        Part::Slot(slot, steps) => {
                            text.push_str(walk(self.slots.get(*slot)?.clone()?, steps)?.as_str()?);
                        }
                    }
                }
                Some(Cow::Owned(Value::from(text)))
            }
            Expr::Array(items) => {
                let items = items.iter().map(|item| self.expr(item).map(Cow::into_owned));
                Some(Cow::Owned(Value::Array(items.collect::<Option<_>>()?)))
            }
            Expr::Object(members) => Some(Cow::Owned(Value::Object(self.members(members)?))),
        }
    }

    fn call(&self, call: &'a Call) -> Option<Cow<'a, Value>> {
        let arg = |index: usize| call.args.get(index).and_then(|arg| self.expr(arg));
        match call.function {
            Function::IsSet => Some(Cow::Owned(Value::from(arg(0).is_some()))),
            Function::GetAttr => arg(0),
            Function::Coalesce => call.args.iter().find_map(|arg| self.expr(arg)),
            Function::IfThenElse => {
                if arg(0)?.as_bool()? {
                    arg(1)
                } else {
                    arg(2)
                }
            }
            function => {
                let args = call.args.iter().map(|arg| self.expr(arg)).collect::<Option<Vec<_>>>()?;
                function.call(&args, self.partitions)
            }
        }
    }
}

fn walk<'a>(value: Cow<'a, Value>, steps: &[Step]) -> Option<Cow<'a, Value>> {
    match value {
        Cow::Borrowed(value) => follow(value, steps).map(Cow::Borrowed),
        Cow::Owned(value) => follow(&value, steps).cloned().map(Cow::Owned),
    }
}

fn follow<'v>(value: &'v Value, steps: &[Step]) -> Option<&'v Value> {
    steps.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => {
            let items = value.as_array()?;
            let at = if *index < 0 {
                items.len().checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?
            } else {
                usize::try_from(*index).ok()?
            };
            items.get(at)
        }
    })
}
