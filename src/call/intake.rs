//! The arguments of the three tools, read strictly: unknown keys are errors that name the nearest one,
//! and every problem is told at once.

use serde_json::{Map, Value};

use super::paginate::MAX_ITEMS;
use super::{CallError, args::Args};
use crate::base::no_key_twice;

/// Longest query, in characters.
const MAX_QUERY: usize = 256;
/// Longest reason an agent may give, in characters.
const MAX_REASON: usize = 2_000;
/// Most items of a page that can be skipped; pages of all services are smaller.
const MAX_SKIP: u64 = 1_000_000;
/// Longest payload given as JSON text, in bytes.
const MAX_PAYLOAD_TEXT: usize = 64 << 20;

/// `searchOperations`
#[derive(Debug, Clone, PartialEq)]
pub struct SearchCall {
    /// What is looked for, 1 to 256 characters.
    pub query: String,
    /// A service the caller has in mind.
    pub service_hint: Option<String>,
    /// 1 to 50 results.
    pub limit: usize,
}

/// `getOperationSchema`
#[derive(Debug, Clone, PartialEq)]
pub struct SchemaCall {
    /// Service, in any spelling.
    pub service: String,
    /// Operation, in any spelling.
    pub operation: String,
    /// Whole (`full`) or shortened (`compact`).
    pub full: bool,
    /// Where in the schema to start.
    pub path: Option<String>,
}

/// What `execute` is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Check only; nothing is sent.
    Validate,
    /// Do it.
    Invoke,
}

/// `execute`
#[derive(Debug, Clone, PartialEq)]
pub struct ExecuteCall {
    /// Check or do.
    pub action: Action,
    /// Service, in any spelling.
    pub service: String,
    /// Operation, in any spelling.
    pub operation: String,
    /// The payload; always an object.
    pub payload: Value,
    /// Region, if not the default one.
    pub region: Option<String>,
    /// Further wishes.
    pub options: Options,
}

/// `execute.options`
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// The token of an earlier answer.
    pub confirmation_token: Option<String>,
    /// Seconds to wait for the human.
    pub hold: Option<u64>,
    /// The agent's reason, for the human.
    pub reason: Option<String>,
    /// JMESPath over the result.
    pub query: Option<String>,
    /// Its pages as one.
    pub paginate: Option<Paginate>,
    /// A waiter that is to be satisfied.
    pub wait_for: Option<String>,
    /// The profile, which can only be the engine's own.
    pub profile: Option<String>,
    /// What the operation's idempotency token is to be.
    pub idempotency_key: Option<String>,
    /// The file that the result is saved to.
    pub output_path: Option<String>,
    /// Whether that file may take the place of another one.
    pub overwrite: bool,
}

/// `execute.options.paginate`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paginate {
    /// Items at most, 1 to 10,000.
    pub max_items: usize,
    /// Items at the beginning that are known already, as an earlier call's `metadata.next` says.
    pub skip: usize,
}

impl SearchCall {
    /// Reads the arguments.
    ///
    /// # Errors
    /// `InvalidArguments` with every problem found.
    pub fn read(arguments: &Map<String, Value>) -> Result<Self, CallError> {
        let mut args = Args::new(arguments, &["query", "serviceHint", "limit"]);
        let query = args.required_string("query").unwrap_or_default();
        let characters = query.chars().count();
        if characters > MAX_QUERY {
            args.problem("query", format!("at most {MAX_QUERY} characters, got {characters}"));
        }
        let service_hint = args.string("serviceHint");
        let limit = args.integer("limit", 1, 50).unwrap_or(10);
        args.finish()?;
        Ok(Self { query, service_hint, limit: usize::try_from(limit).unwrap_or(10) })
    }
}

impl SchemaCall {
    /// Reads the arguments.
    ///
    /// # Errors
    /// `InvalidArguments` with every problem found.
    pub fn read(arguments: &Map<String, Value>) -> Result<Self, CallError> {
        let mut args = Args::new(arguments, &["service", "operation", "detail", "path"]);
        let service = args.required_string("service").unwrap_or_default();
        let operation = args.required_string("operation").unwrap_or_default();
        let full = args.choice("detail", &["compact", "full"]).is_some_and(|choice| choice == 1);
        let path = args.string("path");
        args.finish()?;
        Ok(Self { service, operation, full, path })
    }
}

impl ExecuteCall {
    /// Reads the arguments. The payload may be an object or its JSON text.
    ///
    /// # Errors
    /// `InvalidArguments` with every problem found.
    pub fn read(arguments: &Map<String, Value>) -> Result<Self, CallError> {
        let mut args = Args::new(arguments, &["action", "service", "operation", "payload", "region", "options"]);
        let action = match args.required_choice("action", &["validate", "invoke"]) {
            Some(1) => Action::Invoke,
            _ => Action::Validate,
        };
        let service = args.required_string("service").unwrap_or_default();
        let operation = args.required_string("operation").unwrap_or_default();
        let payload = read_payload(&mut args);
        let region = args.string("region");
        if region.as_deref().is_some_and(|region| !is_region(region)) {
            args.problem("region", "a region looks like us-east-1".to_owned());
        }
        let options = match args.value("options") {
            None | Some(Value::Null) => Options::default(),
            Some(Value::Object(map)) => args.nested("options", map, Options::NAMES, Options::read),
            Some(_) => {
                args.problem("options", "an object is expected".to_owned());
                Options::default()
            }
        };
        args.finish()?;
        Ok(Self { action, service, operation, payload, region, options })
    }
}

impl Options {
    const NAMES: &'static [&'static str] = &[
        "confirmationToken",
        "hold",
        "reason",
        "query",
        "paginate",
        "waitFor",
        "profile",
        "idempotencyKey",
        "outputPath",
        "overwrite",
    ];

    fn read(args: &mut Args<'_>) -> Self {
        let reason = args.string("reason");
        if reason.as_ref().is_some_and(|reason| reason.chars().count() > MAX_REASON) {
            args.problem("reason", format!("at most {MAX_REASON} characters"));
        }
        let (output_path, overwrite) = (args.string("outputPath"), args.flag("overwrite"));
        if overwrite.is_some() && output_path.is_none() {
            args.problem("overwrite", "only together with outputPath".to_owned());
        }
        Self {
            output_path,
            overwrite: overwrite.unwrap_or(false),
            confirmation_token: args.string("confirmationToken"),
            hold: args.integer("hold", 0, 3_600),
            reason,
            query: args.string("query"),
            paginate: read_paginate(args),
            wait_for: args.string("waitFor"),
            profile: args.string("profile"),
            idempotency_key: args.string("idempotencyKey"),
        }
    }
}

fn read_paginate(args: &mut Args<'_>) -> Option<Paginate> {
    match args.value("paginate") {
        None | Some(Value::Null) => None,
        Some(Value::Object(map)) => args.nested("paginate", map, &["maxItems", "skip"], |args| {
            if matches!(args.value("maxItems"), None | Some(Value::Null)) {
                args.problem("maxItems", format!("required: a whole number from 1 to {MAX_ITEMS}"));
            }
            let skip = args.integer("skip", 0, MAX_SKIP).unwrap_or(0);
            let max_items = args.integer("maxItems", 1, MAX_ITEMS)?;
            let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
            Some(Paginate { max_items: size(max_items), skip: size(skip) })
        }),
        Some(other) => {
            args.problem("paginate", format!("an object with maxItems is expected, got {}", kind_of(other)));
            None
        }
    }
}

fn read_payload(args: &mut Args<'_>) -> Value {
    match args.value("payload") {
        None | Some(Value::Null) => Value::Object(Map::new()),
        Some(payload @ Value::Object(_)) => payload.clone(),
        Some(Value::String(text)) if text.trim().is_empty() => Value::Object(Map::new()),
        Some(Value::String(text)) if text.len() > MAX_PAYLOAD_TEXT => {
            args.problem("payload", format!("at most {MAX_PAYLOAD_TEXT} bytes of JSON text"));
            Value::Null
        }
        Some(Value::String(text)) => match no_key_twice(text.as_bytes()).and_then(|()| serde_json::from_str(text)) {
            Ok(payload @ Value::Object(_)) => payload,
            Ok(other) => {
                args.problem("payload", format!("the JSON text must hold an object, it holds {}", kind_of(&other)));
                Value::Null
            }
            Err(error) => {
                args.problem("payload", format!("the text is not JSON: {error}"));
                Value::Null
            }
        },
        Some(other) => {
            args.problem("payload", format!("an object or its JSON text is expected, got {}", kind_of(other)));
            Value::Null
        }
    }
}

/// The name of a JSON value's type, with its article.
pub(super) const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn is_region(region: &str) -> bool {
    (2..=64).contains(&region.len())
        && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests;
