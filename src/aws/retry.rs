//! `Retry-After`: how long a server asks to be left alone. It makes nothing retryable that the SDK would not retry.

use std::time::Duration;

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority, RetryReason,
};

/// Longer pauses are not made; the call is tried again after this one at most.
const LONGEST: Duration = Duration::from_secs(20);

/// Gives an attempt that is made anyway the pause of the header, in seconds; AWS's own header in milliseconds
/// (`x-amz-retry-after`), which the runtime reads, comes first.
#[derive(Debug)]
pub(super) struct RetryAfter;

impl ClassifyRetry for RetryAfter {
    fn classify_retry(&self, _: &InterceptorContext) -> RetryAction {
        RetryAction::NoActionIndicated
    }

    fn classify_retry_v2(&self, context: &InterceptorContext, previous: &RetryAction) -> RetryAction {
        let RetryAction::RetryIndicated(RetryReason::RetryableError { kind, retry_after: None }) = previous else {
            return RetryAction::NoActionIndicated;
        };
        let header = context.response().and_then(|response| response.headers().get("retry-after"));
        match header.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs) {
            Some(pause) => RetryAction::retryable_error_with_explicit_delay(*kind, pause.min(LONGEST)),
            None => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "Retry-After"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}
