//! A waiter of a model, in botocore's form: how often to look, and what the answer means.

use std::time::Duration;

use serde_json::{Map, Value};

use super::expression::Expression;
use crate::smithy::Model;

/// A waiter.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiter {
    /// Its name (`InstanceRunning`).
    pub name: String,
    /// Pause between two polls.
    pub delay: Duration,
    /// Polls at most.
    pub max_attempts: u64,
    acceptors: Vec<Acceptor>,
}

/// What a poll brought.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Polled<'a> {
    /// An answer.
    Answered {
        /// HTTP status.
        status: u16,
        /// The output.
        output: &'a Value,
    },
    /// An error of the service.
    Failed {
        /// HTTP status.
        status: u16,
        /// Error code.
        code: &'a str,
    },
}

/// What that means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// The state that was waited for.
    Success,
    /// A state from which it will not come.
    Failure,
    /// Not yet.
    Retry,
    /// An error that the waiter does not know: it is the call's own.
    Unexpected,
}

#[derive(Debug, Clone, PartialEq)]
struct Acceptor {
    state: Judgement,
    matcher: Matcher,
}

#[derive(Debug, Clone, PartialEq)]
enum Matcher {
    Status(u16),
    /// Whether there was an error at all.
    AnyError(bool),
    /// Any of these codes: an error's shape and its code on the wire may differ.
    Error(Vec<String>),
    Path(Expression, Value),
    /// All of a list, which is not empty.
    PathAll(Expression, Value),
    /// Any of a list.
    PathAny(Expression, Value),
}

impl Waiter {
    /// Reads a waiter of a model.
    ///
    /// # Errors
    /// What is wrong with its form.
    pub fn read(model: &Model, name: &str, form: &Value) -> Result<Self, String> {
        let number = |key: &str| {
            let number = form.get(key).and_then(Value::as_u64);
            number.ok_or_else(|| format!("the waiter {name} has no whole number `{key}`"))
        };
        let acceptors = form.get("acceptors").and_then(Value::as_array);
        let acceptors = acceptors.ok_or_else(|| format!("the waiter {name} has no `acceptors`"))?;
        let read =
            |acceptor: &Value| Acceptor::read(model, acceptor).map_err(|why| format!("the waiter {name}: {why}"));
        Ok(Self {
            name: name.to_owned(),
            delay: Duration::from_secs(number("delay")?.max(1)),
            max_attempts: number("maxAttempts")?.max(1),
            acceptors: acceptors.iter().map(read).collect::<Result<_, _>>()?,
        })
    }

    /// What a poll means: the first acceptor that fits says it.
    pub fn judge(&self, polled: &Polled<'_>) -> Judgement {
        let found = self.acceptors.iter().find(|acceptor| acceptor.matcher.fits(polled));
        match (found, polled) {
            (Some(acceptor), _) => acceptor.state,
            (None, Polled::Answered { .. }) => Judgement::Retry,
            (None, Polled::Failed { .. }) => Judgement::Unexpected,
        }
    }
}

/// Names of the waiters that poll this operation.
pub fn names_of<'m>(model: &'m Model, operation: &str) -> Vec<&'m str> {
    let own = model.waiters.iter().filter(|(_, form)| operation_of(form) == Some(operation));
    own.map(|(name, _)| name.as_str()).collect()
}

/// The operation a waiter polls.
pub fn operation_of(form: &Value) -> Option<&str> {
    form.get("operation").and_then(Value::as_str)
}

impl Acceptor {
    fn read(model: &Model, form: &Value) -> Result<Self, String> {
        let form = form.as_object().ok_or("an acceptor is not an object")?;
        let state = match text(form, "state")? {
            "success" => Judgement::Success,
            "failure" => Judgement::Failure,
            "retry" => Judgement::Retry,
            other => return Err(format!("an acceptor leads to `{other}`, which is no state")),
        };
        let expected = form.get("expected").ok_or("an acceptor says nothing of what it expects")?;
        let path = || Expression::parse(text(form, "argument")?);
        let matcher = match (text(form, "matcher")?, expected) {
            ("status", expected) => {
                let status = expected.as_u64().and_then(|status| u16::try_from(status).ok());
                Matcher::Status(status.ok_or_else(|| format!("{expected} is no HTTP status"))?)
            }
            ("error", Value::Bool(any)) => Matcher::AnyError(*any),
            ("error", Value::String(code)) => Matcher::Error(codes(model, code)),
            ("path", expected) => Matcher::Path(path()?, expected.clone()),
            ("pathAll", expected) => Matcher::PathAll(path()?, expected.clone()),
            ("pathAny", expected) => Matcher::PathAny(path()?, expected.clone()),
            (kind, expected) => return Err(format!("there is no matcher `{kind}` that expects {expected}")),
        };
        Ok(Self { state, matcher })
    }
}

impl Matcher {
    fn fits(&self, polled: &Polled<'_>) -> bool {
        match (self, polled) {
            (Self::Status(wanted), Polled::Answered { status, .. } | Polled::Failed { status, .. }) => wanted == status,
            (Self::AnyError(wanted), polled) => *wanted == matches!(polled, Polled::Failed { .. }),
            (Self::Error(codes), Polled::Failed { code, .. }) => codes.iter().any(|wanted| wanted == code),
            (Self::Path(path, wanted), Polled::Answered { output, .. }) => {
                path.find(output).is_some_and(|found| same(&found, wanted))
            }
            (Self::PathAll(path, wanted), Polled::Answered { output, .. }) => {
                let found = path.find(output);
                let items = found.as_deref().and_then(Value::as_array);
                items.is_some_and(|items| !items.is_empty() && items.iter().all(|item| same(item, wanted)))
            }
            (Self::PathAny(path, wanted), Polled::Answered { output, .. }) => {
                let found = path.find(output);
                let items = found.as_deref().and_then(Value::as_array);
                items.is_some_and(|items| items.iter().any(|item| same(item, wanted)))
            }
            (Self::Error(_), Polled::Answered { .. })
            | (Self::Path(..) | Self::PathAll(..) | Self::PathAny(..), Polled::Failed { .. }) => false,
        }
    }
}

/// Equality of JSON, in which 1 and 1.0 are one number.
fn same(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Number(found), Value::Number(wanted)) => found == wanted || found.as_f64() == wanted.as_f64(),
        _ => found == wanted,
    }
}

/// The code, and the one that goes over the wire where it names an error's shape.
fn codes(model: &Model, code: &str) -> Vec<String> {
    let facts = model.shape(code).and_then(|shape| shape.traits().error.as_ref());
    let wire = facts.and_then(|facts| facts.code.clone()).filter(|wire| wire != code);
    std::iter::once(code.to_owned()).chain(wire).collect()
}

fn text<'f>(form: &'f Map<String, Value>, key: &str) -> Result<&'f str, String> {
    form.get(key).and_then(Value::as_str).ok_or_else(|| format!("an acceptor has no `{key}`"))
}

#[cfg(test)]
mod tests;
