//! The arguments of the three tools, read strictly: unknown keys are errors that name the nearest one.

use serde_json::Value;

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
    /// Bound on the items gathered over all pages.
    pub paginate_max_items: Option<u64>,
    /// JMESPath over the result.
    pub query: Option<String>,
    /// File beneath a root that takes the result.
    pub output_path: Option<String>,
    /// A waiter's name.
    pub wait_for: Option<String>,
    /// Profile, if not the default one.
    pub profile: Option<String>,
    /// The caller's own key for one execution.
    pub idempotency_key: Option<String>,
}
