//! An error that a service answered with, in the form the runtime's retry classifiers understand.

use std::fmt;

use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::{ErrorKind, ProvideErrorKind};
use serde_json::{Map, Value};

use crate::smithy::{ErrorTrait, Fault};

/// What a service answered instead of a result.
#[derive(Debug)]
pub(crate) struct ServiceFault {
    /// Code and message.
    pub(crate) meta: ErrorMetadata,
    /// HTTP status.
    pub(crate) status: u16,
    /// Whose fault, by the model, else by the status.
    pub(crate) fault: Fault,
    /// The request id, as header or body name it.
    pub(crate) request_id: Option<String>,
    /// The region that S3 says the bucket is in (untrusted).
    pub(crate) region: Option<String>,
    /// The modelled members of the error.
    pub(crate) detail: Map<String, Value>,
    pub(super) kind: Option<ErrorKind>,
}

impl fmt::Display for ServiceFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.meta.code().unwrap_or("Unknown"), self.meta.message().unwrap_or("no message"))
    }
}

impl std::error::Error for ServiceFault {}

impl ProvideErrorMetadata for ServiceFault {
    fn meta(&self) -> &ErrorMetadata {
        &self.meta
    }
}

impl ProvideErrorKind for ServiceFault {
    fn retryable_error_kind(&self) -> Option<ErrorKind> {
        self.kind
    }

    fn code(&self) -> Option<&str> {
        self.meta.code()
    }
}

/// Whether the model calls an error worth another try, in the runtime's terms.
pub(super) fn retry_kind(facts: &ErrorTrait) -> Option<ErrorKind> {
    match (facts.retryable, facts.throttling, facts.fault) {
        (_, true, _) => Some(ErrorKind::ThrottlingError),
        (true, false, Fault::Client) => Some(ErrorKind::ClientError),
        (true, false, Fault::Server) => Some(ErrorKind::ServerError),
        (false, false, _) => None,
    }
}

/// A code for an answer that names none (a HEAD has no body): the status in words.
pub(super) fn code_of_status(status: u16) -> String {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    match reason {
        Some(reason) => reason.chars().filter(char::is_ascii_alphanumeric).collect(),
        None => format!("Status{status}"),
    }
}
