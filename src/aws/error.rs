//! Every way a call to AWS can end without a result.

use std::fmt;

use serde_json::Value;

use crate::smithy::Fault;

/// Whether a call that failed may have taken effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// No byte of a request has left this machine on an open connection.
    NotSent,
    /// A request was sent and its answer is not known; it may have taken effect.
    Unknown,
}

impl Outcome {
    /// Its name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent => "the call was not sent",
            Self::Unknown => "the call may have taken effect",
        })
    }
}

/// Why a call to AWS has no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AwsError {
    /// AWS answered with an error.
    #[error("{code}: {message}")]
    Service {
        /// Error code (`NoSuchBucket`).
        code: String,
        /// AWS's message (untrusted).
        message: String,
        /// HTTP status.
        http_status: u16,
        /// AWS's id of the request.
        request_id: Option<String>,
        /// Whose fault.
        fault: Fault,
        /// How often it was sent.
        attempts: u32,
        /// The modelled members of the error (untrusted).
        detail: Box<Value>,
    },
    /// AWS could not be reached, or the answer could not be read.
    #[error("{message} ({outcome})")]
    Transport {
        /// What happened.
        message: String,
        /// Whether the call may have taken effect.
        outcome: Outcome,
        /// How often it was sent.
        attempts: u32,
    },
    /// AWS did not answer in time.
    #[error("{message} ({outcome}); SDK_TIMEOUT_SECONDS sets how long to wait")]
    Timeout {
        /// What took too long.
        message: String,
        /// Whether the call may have taken effect.
        outcome: Outcome,
        /// How often it was sent.
        attempts: u32,
    },
    /// There are no usable credentials.
    #[error("{message}. {cure}")]
    Credentials {
        /// What is wrong.
        message: String,
        /// What to do about it.
        cure: String,
    },
    /// The call has no endpoint: the service's rules refuse it, or the region does not exist.
    #[error("no endpoint for this call: {0}")]
    Endpoint(String),
    /// Something that this program does not do.
    #[error("{0}")]
    Unsupported(String),
    /// The payload does not fit the model.
    #[error("the payload does not fit the operation: {0}")]
    Payload(String),
    /// The answer is larger than what is taken into memory.
    #[error("the answer is larger than {limit} bytes; save it with options.outputPath")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// A file that was to go up is not what it was; the last piece of it has not left this machine.
    #[error("the file changed since it was looked at")]
    Changed,
    /// The caller gave up.
    #[error("cancelled ({outcome})")]
    Cancelled {
        /// Whether the call may have taken effect.
        outcome: Outcome,
    },
}

impl AwsError {
    /// The same error, where the call had been sent so often before.
    pub(super) fn after(mut self, before: u32) -> Self {
        match &mut self {
            Self::Service { attempts, .. } | Self::Transport { attempts, .. } | Self::Timeout { attempts, .. } => {
                *attempts += before;
            }
            _ => {}
        }
        self
    }
}

/// Who the credentials belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Account id.
    pub account: String,
    /// Principal ARN.
    pub arn: String,
}

/// There are no usable credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}. {cure}")]
pub struct CredentialsUnavailable {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub cure: String,
}

/// An error and what caused it, in one line.
pub(super) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// The first error of type `T` in a chain of causes.
pub(super) fn find<'e, T: std::error::Error + 'static>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        // An I/O error names the cause of what it wraps, not what it wraps.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(found) = wrapped.and_then(|wrapped| wrapped.downcast_ref::<T>()) {
            return Some(found);
        }
        next = error.source();
    }
    None
}
