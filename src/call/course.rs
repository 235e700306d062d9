//! How often a call is sent: once, page by page, or until a waiter has seen what it waits for. More than once
//! only what reads.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::paginate::Pages;
use super::waiter::{self, Waiter};
use super::{CallError, Options, Paginate};
use crate::base::RiskClass;
use crate::smithy::{Model, Operation};

/// Longest wait for a waiter.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// How alike two names must be (Jaro-Winkler, 0 to 1) to be offered as the one that was meant.
const ALIKE: f64 = 0.8;

/// How often a call is sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Course {
    /// Once.
    Once,
    /// Until there are no more pages, or items enough.
    Pages(Box<Pages>),
    /// Until the waiter is satisfied.
    Wait {
        /// The waiter.
        waiter: Waiter,
        /// For so long at most.
        within: Duration,
    },
}

impl Course {
    /// The course that the options ask for.
    ///
    /// # Errors
    /// `InvalidArguments` when this call cannot take it.
    pub fn of(
        model: &Model,
        operation: &Operation,
        class: RiskClass,
        payload: &Arc<Value>,
        options: &Options,
    ) -> Result<Self, CallError> {
        let only_reads = |option: &str| {
            if class == RiskClass::Read {
                return Ok(());
            }
            let problem = format!("only what reads is sent more than once, and the class of this call is {class}");
            Err(wrong(option, &problem, json!({})))
        };
        match (options.paginate, &options.wait_for) {
            (None, None) => Ok(Self::Once),
            (Some(_), Some(_)) => Err(wrong("options.waitFor", "not together with options.paginate", json!({}))),
            (Some(Paginate { max_items, skip }), None) => {
                let Some(paginator) = &operation.paginator else {
                    let problem = format!("{} does not answer in pages; leave it out", operation.name);
                    return Err(wrong("options.paginate", &problem, json!({})));
                };
                only_reads("options.paginate")?;
                Ok(Self::Pages(Box::new(Pages::new(paginator, Arc::clone(payload), max_items, skip)?)))
            }
            (None, Some(name)) => {
                let waiter = find(model, operation, name)?;
                only_reads("options.waitFor")?;
                let within = options.hold.map_or(LONGEST_WAIT, |hold| LONGEST_WAIT.min(Duration::from_secs(hold)));
                Ok(Self::Wait { waiter, within })
            }
        }
    }

    /// What an approval is bound to; empty for what is sent once.
    pub fn extent(&self) -> String {
        match self {
            Self::Once => String::new(),
            Self::Pages(pages) => format!("page by page, up to {} items", pages.max_items()),
            Self::Wait { waiter, .. } => format!("again and again until {}", waiter.name),
        }
    }
}

/// The waiter of that name, in any spelling, if it polls this operation.
fn find(model: &Model, operation: &Operation, name: &str) -> Result<Waiter, CallError> {
    let own = waiter::names_of(model, &operation.name);
    let found = model.waiters.iter().find(|(known, _)| plain(known) == plain(name));
    let problem = match found {
        Some((known, form)) if own.contains(&known.as_str()) => {
            return Waiter::read(model, known, form).map_err(|problem| CallError::new("Internal", problem));
        }
        Some((known, form)) => {
            let other = waiter::operation_of(form).unwrap_or_default();
            format!("{known} waits with {other}, not with {}; call that operation", operation.name)
        }
        None if own.is_empty() => format!("{} has no waiters; leave it out", operation.name),
        None => format!("{} has no waiter of that name, it has {}", operation.name, own.join(", ")),
    };
    let nearest = own
        .iter()
        .map(|known| (strsim::jaro_winkler(&plain(known), &plain(name)), *known))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|one, two| one.0.total_cmp(&two.0));
    let mut more = json!({"known": own});
    if let (Some((_, nearest)), Some(more)) = (nearest, more.as_object_mut()) {
        more.insert("nearest".into(), nearest.into());
    }
    Err(wrong("options.waitFor", &problem, more))
}

/// `instance_running` and `InstanceRunning` are one name.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|ch| ch.to_ascii_lowercase()).collect()
}

/// An option that this call cannot have.
pub(super) fn wrong(path: &str, problem: &str, more: Value) -> CallError {
    let mut told = json!({"path": path, "problem": problem});
    if let (Some(told), Value::Object(more)) = (told.as_object_mut(), more) {
        told.extend(more);
    }
    CallError::new("InvalidArguments", format!("{path}: {problem}")).with("problems", vec![told])
}

#[cfg(test)]
mod tests;
