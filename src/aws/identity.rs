//! Whose credentials they are: STS GetCallerIdentity through our own pipeline, asked rarely, never in the
//! way of a call.

use std::sync::Arc;
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
pub(super) struct Known(Mutex<Option<(Instant, Identity)>>);

impl Aws {
    /// Account and principal of the credentials. The answer is kept for five minutes; a failure is not kept.
    ///
    /// # Errors
    /// When there are no credentials, or STS does not say whose they are.
    pub async fn identity(&self) -> Result<Identity, CredentialsUnavailable> {
        let mut known = self.inner.known.0.lock().await;
        if let Some((_, identity)) = known.as_ref().filter(|(since, _)| since.elapsed() < FRESH) {
            return Ok(identity.clone());
        }
        let request = AwsRequest {
            model: Arc::clone(&self.inner.loaded.config.sts),
            operation: "GetCallerIdentity".into(),
            payload: Arc::new(json!({})),
            region: None,
        };
        let asked = tokio::time::timeout(PATIENCE, self.invoke(request, CancellationToken::new())).await;
        let cure = || format!("Check the network, and `aws sts get-caller-identity --profile {}`", self.profile());
        let reply = match asked {
            Ok(Ok(reply)) => reply,
            Ok(Err(AwsError::Credentials { message, cure })) => return Err(CredentialsUnavailable { message, cure }),
            Ok(Err(error)) => {
                let message = format!("STS does not say whose credentials these are: {error}");
                return Err(CredentialsUnavailable { message, cure: cure() });
            }
            Err(_) => {
                let message = format!("STS did not answer within {} seconds", PATIENCE.as_secs());
                return Err(CredentialsUnavailable { message, cure: cure() });
            }
        };
        let text = |name: &str| reply.output.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let identity = Identity { account: text("Account"), arn: text("Arn") };
        *known = Some((Instant::now(), identity.clone()));
        Ok(identity)
    }
}
