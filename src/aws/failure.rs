//! What the orchestrator reports, in our own words: what happened, whether the call may have taken effect,
//! and what to do about it.

use aws_credential_types::provider::error::{CredentialsError, TokenError};
use aws_smithy_runtime_api::client::interceptors::context::Error;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::ErrorMetadata;
use serde_json::Value;

use super::AwsError;
use super::body::FileChanged;
use super::cure::{credentials, renewal};
use super::error::{chain, find};
use super::facts::Facts;
use super::protocol::{ServiceFault, WireError};
use super::transport::{Trace, TransportError};

/// The error of a call.
pub(super) fn explain(error: SdkError<Error, HttpResponse>, trace: &Trace, facts: &Facts) -> AwsError {
    let attempts = trace.attempts();
    let error = match error {
        SdkError::ServiceError(context) => match context.into_err().downcast::<ServiceFault>() {
            Ok(fault) => return service(fault, attempts, facts),
            Err(other) => return AwsError::Unsupported(chain(&other)),
        },
        other => other,
    };
    if find::<FileChanged>(&error).is_some() {
        return AwsError::Changed;
    }
    if let Some(found) = find::<CredentialsError>(&error) {
        return credentials(&reason(found), facts);
    }
    if let Some(found) = find::<TokenError>(&error) {
        return credentials(&reason(found), facts);
    }
    match find::<TransportError>(&error) {
        Some(TransportError::TooLarge(limit)) => return AwsError::TooLarge { limit: *limit },
        Some(problem @ TransportError::Request(_)) => {
            return AwsError::Unsupported(problem.to_string());
        }
        Some(TransportError::Broken(problem)) => {
            return AwsError::Transport { message: problem.clone(), outcome: super::Outcome::Unknown, attempts };
        }
        Some(problem @ TransportError::StoodStill(_)) => {
            return AwsError::Timeout { message: problem.to_string(), outcome: super::Outcome::Unknown, attempts };
        }
        Some(TransportError::Stalled(_)) | None => {}
    }
    let message = match find::<WireError>(&error) {
        Some(WireError::Payload(message)) => return AwsError::Payload(message.clone()),
        Some(problem @ (WireError::Answer(_) | WireError::Damaged(_))) => {
            // It was answered with a success; only we could not read it.
            let outcome = super::Outcome::Unknown;
            return AwsError::Transport { message: problem.to_string(), outcome, attempts };
        }
        None => chain(&error),
    };
    let outcome = trace.outcome();
    match &error {
        SdkError::TimeoutError(_) => {
            AwsError::Timeout { message: "AWS did not answer in time".into(), outcome, attempts }
        }
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            AwsError::Timeout { message: format!("AWS did not answer in time: {message}"), outcome, attempts }
        }
        SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            AwsError::Transport { message: format!("AWS cannot be reached: {message}"), outcome, attempts }
        }
        _ => AwsError::Unsupported(message),
    }
}

/// Codes by which AWS says that it does not take the credentials. The call has had no effect.
const NOT_TAKEN: [&str; 6] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "UnrecognizedClientException",
    "TokenRefreshRequired",
];

/// The error that a service answered with.
pub(super) fn service(fault: ServiceFault, attempts: u32, facts: &Facts) -> AwsError {
    let code = fault.meta.code().unwrap_or("Unknown");
    if NOT_TAKEN.contains(&code) {
        return AwsError::Credentials {
            message: format!(
                "AWS does not take the credentials of profile `{}` ({code}: {})",
                facts.profile,
                fault.meta.message().unwrap_or("no message")
            ),
            cure: renewal(facts),
        };
    }
    AwsError::Service {
        code: code.to_owned(),
        message: fault.meta.message().unwrap_or_default().to_owned(),
        http_status: fault.status,
        request_id: fault.request_id,
        fault: fault.fault,
        attempts,
        detail: Box::new(Value::Object(fault.detail)),
    }
}

/// Why a credential provider failed: what AWS said, where it said something, without the wrapping.
fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    if let Some(told) = find::<ErrorMetadata>(error)
        && let Some(message) = told.message()
    {
        return told.code().map_or_else(|| message.to_owned(), |code| format!("{code}: {message}"));
    }
    let text = chain(error);
    let text = text.strip_prefix("an error occurred while loading credentials: ").unwrap_or(&text);
    text.strip_prefix("service error: ").unwrap_or(text).to_owned()
}
