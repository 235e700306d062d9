//! `Retry-After`: how long a server asks to be left alone. It makes nothing retryable that the SDK would not retry.

use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority, RetryReason,
};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// Longer pauses are not made; the call is tried again after this one at most.
const LONGEST: Duration = Duration::from_secs(20);

/// The pause of a header: so many seconds, or until an HTTP date.
fn pause(text: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = SystemTime::try_from(DateTime::from_str(text, Format::HttpDate).ok()?).ok()?;
    Some(until.duration_since(now).unwrap_or_default())
}

/// Gives an attempt that is made anyway the pause of the header; AWS's own header in milliseconds
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
        match header.and_then(|text| pause(text.trim(), SystemTime::now())) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let cases = [
            ("7", Some(7)),
            ("0", Some(0)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
            ("Sun, 06 Nov 1994 08:49:27 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("", None),
        ];
        for (text, seconds) in cases {
            assert_eq!(pause(text, now), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
