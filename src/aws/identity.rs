//! Whose credentials they are: STS GetCallerIdentity through our own pipeline, asked rarely, never in the
//! way of a call.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::client::{Aws, AwsRequest};
use super::{AwsError, CredentialsUnavailable, Identity};

/// How long an answer is believed.
const FRESH: Duration = Duration::from_secs(300);

/// How long STS may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is known of the identity.
#[derive(Debug, Default)]
pub(super) struct Known {
    answer: Mutex<Option<Answer>>,
    /// The account that was named last, and for which credentials. It is not forgotten while they are in use: an
    /// endpoint of the account stays one.
    account: std::sync::Mutex<Option<(u64, String)>>,
}

/// What STS said, when, and of which credentials.
#[derive(Debug)]
struct Answer {
    since: Instant,
    generation: u64,
    identity: Option<Identity>,
}

impl Aws {
    /// Account and principal of the credentials; `None` when STS does not say (an endpoint without STS, no route to
    /// it). Either answer is kept for five minutes; unusable credentials are not: they may be mended at any time.
    ///
    /// # Errors
    /// When there are no usable credentials.
    pub async fn identity(&self) -> Result<Option<Identity>, CredentialsUnavailable> {
        if let Some(identity) = &self.inner.loaded.config.identity {
            return Ok(Some(identity.clone()));
        }
        let mut known = self.inner.known.answer.lock().await;
        let loaded = &self.inner.loaded;
        let generation = loaded.source.current(&loaded.config, &loaded.transport).await.generation;
        let fresh = |answer: &&Answer| answer.since.elapsed() < FRESH && answer.generation == generation;
        if let Some(answer) = known.as_ref().filter(fresh) {
            return Ok(answer.identity.clone());
        }
        let request = AwsRequest {
            model: Arc::clone(&self.inner.loaded.config.sts),
            operation: "GetCallerIdentity".into(),
            payload: Arc::new(json!({})),
            region: None,
        };
        let asked = tokio::time::timeout(PATIENCE, self.invoke(request, CancellationToken::new())).await;
        let identity = match asked {
            Ok(Ok(reply)) => {
                let text = |name: &str| reply.output.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                Some(Identity { account: text("Account"), arn: text("Arn") })
            }
            Ok(Err(AwsError::Credentials { message, cure })) => return Err(CredentialsUnavailable { message, cure }),
            Ok(Err(error)) => {
                tracing::warn!(%error, "STS does not say whose credentials these are");
                None
            }
            Err(_) => {
                tracing::warn!(seconds = PATIENCE.as_secs(), "STS did not answer in time");
                None
            }
        };
        if let Some(identity) = identity.as_ref().filter(|identity| is_account(&identity.account)) {
            *self.inner.known.account.lock().unwrap_or_else(PoisonError::into_inner) =
                Some((generation, identity.account.clone()));
        }
        *known = Some(Answer { since: Instant::now(), generation, identity: identity.clone() });
        Ok(identity)
    }

    /// The account of the credentials as far as it is known by now; endpoints are resolved without waiting for it.
    pub(super) fn account(&self) -> Option<String> {
        let told = self.inner.loaded.config.identity.as_ref().map(|identity| identity.account.clone());
        let told = told.filter(|account| is_account(account));
        let known = || {
            let known = self.inner.known.account.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
            (known.0 == self.inner.loaded.source.known().generation).then_some(known.1)
        };
        told.or_else(known)
    }
}

/// Whether it can stand in a host name as an account.
fn is_account(id: &str) -> bool {
    id.len() == 12 && id.bytes().all(|digit| digit.is_ascii_digit())
}
