//! A rule set, read once from its JSON into a compact form: names become slots, templates are taken apart.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::function::Function;
use super::text::{Piece, Step, split_path, split_template};

/// Why a rule set cannot be used. The model is at fault, not the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("endpoint rules: {place}: {problem}; refresh the models with `countersign models sync`")]
pub struct RuleSetError {
    place: String,
    problem: String,
}

impl RuleSetError {
    pub(super) fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into() }
    }
}

/// A parameter of a rule set.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name (`Region`).
    pub name: String,
    /// The SDK setting it is filled from (`AWS::Region`).
    pub built_in: Option<String>,
    /// Whether it must have a value.
    pub required: bool,
    /// Its value when nothing else gives one.
    pub default: Option<Value>,
}

/// A rule set, ready to be resolved as often as needed.
#[derive(Debug, Clone)]
pub struct RuleSet {
    pub(super) parameters: Vec<Parameter>,
    pub(super) rules: Vec<Rule>,
    pub(super) slots: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) conditions: Vec<Condition>,
    pub(super) then: Then,
}

#[derive(Debug, Clone)]
pub(super) enum Then {
    Rules(Vec<Rule>),
    Endpoint(EndpointRule),
    Error(Expr),
}

#[derive(Debug, Clone)]
pub(super) struct EndpointRule {
    pub(super) url: Expr,
    pub(super) headers: Vec<(String, Vec<Expr>)>,
    pub(super) properties: Vec<(String, Expr)>,
}

#[derive(Debug, Clone)]
pub(super) struct Condition {
    pub(super) call: Call,
    pub(super) assign: Option<usize>,
}

#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) function: Function,
    pub(super) args: Vec<Expr>,
}

#[derive(Debug, Clone)]
pub(super) enum Expr {
    Literal(Value),
    Template(Vec<Part>),
    Ref(usize),
    Call(Call),
    /// `getAttr`, whose path is known beforehand.
    Attr(Box<Expr>, Vec<Step>),
    Array(Vec<Expr>),
    Object(Vec<(String, Expr)>),
}

#[derive(Debug, Clone)]
pub(super) enum Part {
    Text(String),
    Slot(usize, Vec<Step>),
}

impl RuleSet {
    /// Reads a rule set (`smithy.rules#endpointRuleSet`).
    ///
    /// # Errors
    /// When it is malformed or uses a function that is not known here.
    pub fn parse(value: &Value) -> Result<Self, RuleSetError> {
        let mut reader = Reader::default();
        let mut parameters = Vec::new();
        for (name, parameter) in value.get("parameters").and_then(Value::as_object).into_iter().flatten() {
            reader.slot(name);
            parameters.push(Parameter {
                name: name.clone(),
                built_in: parameter.get("builtIn").and_then(Value::as_str).map(str::to_owned),
                required: parameter.get("required").and_then(Value::as_bool).unwrap_or(false),
                default: parameter.get("default").cloned(),
            });
        }
        let rules = reader.rules(value, "rules")?;
        Ok(Self { parameters, rules, slots: reader.slots.len() })
    }

    /// The parameters, in the order of the rule set.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }
}

#[derive(Default)]
struct Reader {
    slots: BTreeMap<String, usize>,
}

impl Reader {
    fn slot(&mut self, name: &str) -> usize {
        let next = self.slots.len();
        *self.slots.entry(name.to_owned()).or_insert(next)
    }

    fn known(&self, name: &str) -> Result<usize, RuleSetError> {
        self.slots.get(name).copied().ok_or_else(|| RuleSetError::new(name, "nothing of that name exists"))
    }

    fn rules(&mut self, holder: &Value, place: &str) -> Result<Vec<Rule>, RuleSetError> {
        let rules = holder.get("rules").and_then(Value::as_array);
        let rules = rules.ok_or_else(|| RuleSetError::new(place, "a list of rules is missing"))?;
        rules.iter().enumerate().map(|(index, rule)| self.rule(rule, &format!("{place}[{index}]"))).collect()
    }

    fn rule(&mut self, rule: &Value, place: &str) -> Result<Rule, RuleSetError> {
        let mut conditions = Vec::new();
        for condition in rule.get("conditions").and_then(Value::as_array).into_iter().flatten() {
            let call = self.call(condition, place)?;
            let assign = condition.get("assign").and_then(Value::as_str).map(|name| self.slot(name));
            conditions.push(Condition { call, assign });
        }
        let then = match rule.get("type").and_then(Value::as_str) {
            Some("tree") => Then::Rules(self.rules(rule, place)?),
            Some("endpoint") => {
                let endpoint = rule.get("endpoint");
                Then::Endpoint(self.endpoint(endpoint.unwrap_or(&Value::Null), place)?)
            }
            Some("error") => Then::Error(self.expr(rule.get("error").unwrap_or(&Value::Null), place)?),
            _ => return Err(RuleSetError::new(place, "a rule is a tree, an endpoint or an error")),
        };
        Ok(Rule { conditions, then })
    }

    fn endpoint(&mut self, endpoint: &Value, place: &str) -> Result<EndpointRule, RuleSetError> {
        let url = endpoint.get("url").ok_or_else(|| RuleSetError::new(place, "an endpoint has no url"))?;
        let mut headers = Vec::new();
        for (name, values) in endpoint.get("headers").and_then(Value::as_object).into_iter().flatten() {
            let values = values.as_array().into_iter().flatten();
            headers.push((name.clone(), values.map(|value| self.expr(value, place)).collect::<Result<_, _>>()?));
        }
        let properties = endpoint.get("properties").and_then(Value::as_object);
        let properties = properties.map_or(Ok(Vec::new()), |members| self.members(members, place))?;
        Ok(EndpointRule { url: self.expr(url, place)?, headers, properties })
    }

    fn members(&mut self, members: &Map<String, Value>, place: &str) -> Result<Vec<(String, Expr)>, RuleSetError> {
        members.iter().map(|(name, value)| Ok((name.clone(), self.expr(value, place)?))).collect()
    }

    fn call(&mut self, value: &Value, place: &str) -> Result<Call, RuleSetError> {
        let name = value.get("fn").and_then(Value::as_str).unwrap_or_default();
        let function =
            Function::named(name).ok_or_else(|| RuleSetError::new(place, format!("unknown function `{name}`")))?;
        let args = value.get("argv").and_then(Value::as_array).into_iter().flatten();
        let args = args.map(|arg| self.expr(arg, place)).collect::<Result<Vec<_>, _>>()?;
        if function == Function::GetAttr {
            return Ok(Call { function, args: vec![attribute(args, place)?] });
        }
        Ok(Call { function, args })
    }

    fn expr(&mut self, value: &Value, place: &str) -> Result<Expr, RuleSetError> {
        match value {
            Value::String(text) => self.template(text, place),
            Value::Array(items) => {
                Ok(Expr::Array(items.iter().map(|item| self.expr(item, place)).collect::<Result<_, _>>()?))
            }
            Value::Object(members) => {
                if let Some(name) = members.get("ref").and_then(Value::as_str) {
                    return self.known(name).map(Expr::Ref);
                }
                if members.contains_key("fn") {
                    let mut call = self.call(value, place)?;
                    return Ok(match (call.function, call.args.pop()) {
                        (Function::GetAttr, Some(attribute)) => attribute,
                        (_, last) => {
                            call.args.extend(last);
                            Expr::Call(call)
                        }
                    });
                }
                self.members(members, place).map(Expr::Object)
            }
            scalar => Ok(Expr::Literal(scalar.clone())),
        }
    }

    fn template(&mut self, text: &str, place: &str) -> Result<Expr, RuleSetError> {
        let bad = || RuleSetError::new(place, format!("`{text}` is not a template"));
        let mut parts = Vec::new();
        for piece in split_template(text).ok_or_else(bad)? {
            parts.push(match piece {
                Piece::Text(text) => Part::Text(text),
                Piece::Name(name, None) => Part::Slot(self.known(name)?, Vec::new()),
                Piece::Name(name, Some(path)) => Part::Slot(self.known(name)?, split_path(path).ok_or_else(bad)?),
            });
        }
        Ok(match parts.as_slice() {
            [Part::Text(text)] => Expr::Literal(Value::from(text.as_str())),
            _ => Expr::Template(parts),
        })
    }
}

fn attribute(args: Vec<Expr>, place: &str) -> Result<Expr, RuleSetError> {
    let bad = || RuleSetError::new(place, "getAttr takes a value and a path");
    let mut args = args.into_iter();
    match (args.next(), args.next(), args.next()) {
        (Some(value), Some(Expr::Literal(Value::String(path))), None) => {
            Ok(Expr::Attr(Box::new(value), split_path(&path).ok_or_else(bad)?))
        }
        _ => Err(bad()),
    }
}
