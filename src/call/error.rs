//! Every way a call can end without a result, in the words the agent gets.

use serde_json::{Map, Value, json};

/// An error of a tool call: a type from the contract, a message that names the cure, and what it carries.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct CallError {
    /// Type name (`ValidationError`, …).
    pub kind: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// What this type carries besides (`missing`, `confirmation`, …).
    pub extra: Map<String, Value>,
}

impl CallError {
    /// An error of the given type.
    pub fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, retryable: false, extra: Map::new() }
    }

    /// With what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Marked as worth another try.
    #[must_use]
    pub const fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// With one more thing it carries.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(key.to_owned(), value.into());
        self
    }

    /// The structured content an agent gets: `{error: {type, message, hint?, retryable, …}}`.
    pub fn to_json(&self) -> Value {
        let mut error = Map::new();
        error.insert("type".into(), self.kind.into());
        error.insert("message".into(), self.message.as_str().into());
        if let Some(hint) = &self.hint {
            error.insert("hint".into(), hint.as_str().into());
        }
        error.insert("retryable".into(), self.retryable.into());
        error.extend(self.extra.clone());
        json!({ "error": error })
    }
}
