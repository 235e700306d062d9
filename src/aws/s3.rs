//! S3's own ways beyond one request: buckets in another region, sessions of directory buckets, dates that are none.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::auth::SigV4SessionTokenNameOverride;
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::interceptors::context::Error;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::date_time::{DateTime, Format};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::client::{Aws, AwsRequest, is_region};
use super::invoke::Plan;
use super::protocol::ServiceFault;
use super::{AwsError, Outcome};
use crate::smithy::{Model, Service};

/// How long before its end a session is not used any more.
const MARGIN: Duration = Duration::from_secs(30);

/// Whether a call may be sent once more, to the region its bucket is in: a read of a bucket known by name.
pub(super) fn may_follow(request: &AwsRequest) -> bool {
    is_s3(&request.model.service)
        && request
            .model
            .operation(&request.operation)
            .is_some_and(|operation| matches!(operation.http.method.as_str(), "GET" | "HEAD"))
        && !request.payload.get("Bucket").and_then(Value::as_str).unwrap_or_default().starts_with("arn:")
}

fn is_s3(service: &Service) -> bool {
    service.sdk_id == "S3"
}

/// The region the bucket is in, where S3 says that it is another than the one that was asked.
pub(super) fn moved(model: &Model, error: &SdkError<Error, HttpResponse>, asked: &str) -> Option<String> {
    let SdkError::ServiceError(context) = error else { return None };
    let fault = context.err().downcast_ref::<ServiceFault>().filter(|_| is_s3(&model.service))?;
    let elsewhere = matches!(fault.status, 301 | 302 | 307)
        // A HEAD has no body to say more.
        || matches!(fault.meta.code(), Some("AuthorizationHeaderMalformed" | "BadRequest"));
    let region = fault.region.as_deref().filter(|region| elsewhere && *region != asked && is_region(region))?;
    Some(region.to_owned())
}

/// The error of a call that is not sent again by itself, with the region that would be right.
pub(super) fn name_region(error: AwsError, region: &str) -> AwsError {
    match error {
        AwsError::Service { code, message, http_status, request_id, fault, attempts, detail } => AwsError::Service {
            message: format!("{message} The bucket is in {region}: make the call again with that region."),
            code,
            http_status,
            request_id,
            fault,
            attempts,
            detail,
        },
        other => other,
    }
}

/// An answer whose `Expires` is no date, as an object's owner may have set it: the answer without it, and the text.
pub(super) fn without_bad_expires(service: &Service, response: &HttpResponse) -> Option<(HttpResponse, String)> {
    let expires = response.headers().get("expires").filter(|_| is_s3(service))?;
    if DateTime::from_str(expires, Format::HttpDate).is_ok() {
        return None;
    }
    let mut out = HttpResponse::new(response.status(), response.body().try_clone().unwrap_or_else(SdkBody::empty));
    for (name, value) in response.headers().iter().filter(|(name, _)| *name != "expires") {
        out.headers_mut().append(name.to_owned(), value.to_owned());
    }
    Some((out, expires.to_owned()))
}

/// The sessions of directory buckets, by bucket and region.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<HashMap<(String, String), Credentials>>);

impl Sessions {
    fn get(&self, key: &(String, String)) -> Option<Credentials> {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let good = |session: &&Credentials| session.expiry().is_some_and(|end| end > SystemTime::now() + MARGIN);
        sessions.get(key).filter(good).cloned()
    }

    fn put(&self, key: (String, String), session: Credentials) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, session);
    }
}

/// Where a session's token goes, in place of the usual header.
pub(super) fn configure_session(layer: &mut Layer) {
    layer.store_put(SigV4SessionTokenNameOverride::new(|_, _| Ok(Some("x-amz-s3session-token"))));
}

impl Aws {
    /// Credentials for the directory bucket of a call: those of a session that S3 opens with our own.
    pub(super) async fn s3_session(
        &self,
        plan: &Plan,
        cancel: &CancellationToken,
    ) -> Result<SharedIdentityResolver, AwsError> {
        let bucket = plan.payload.get("Bucket").and_then(Value::as_str).unwrap_or_default();
        let key = (bucket.to_owned(), plan.region.clone());
        let session = match self.inner.sessions.get(&key) {
            Some(session) => session,
            None => {
                let request = AwsRequest {
                    model: plan.prepared.model.clone(),
                    operation: "CreateSession".into(),
                    payload: json!({"Bucket": bucket}).into(),
                    region: Some(plan.region.clone()),
                };
                let reply = self.invoke_boxed(request, cancel.clone()).await?;
                let session = credentials(&reply.output).ok_or_else(|| AwsError::Transport {
                    message: "S3 opened a session without credentials".into(),
                    outcome: Outcome::NotSent,
                    attempts: reply.attempts,
                })?;
                self.inner.sessions.put(key, session.clone());
                session
            }
        };
        Ok(SharedIdentityResolver::new(SharedCredentialsProvider::new(session)))
    }
}

fn credentials(output: &Value) -> Option<Credentials> {
    let session = output.get("Credentials")?;
    let text = |name: &str| session.get(name)?.as_str().map(str::to_owned);
    let end = DateTime::from_str(&text("Expiration")?, Format::DateTime).ok()?;
    Some(Credentials::new(
        text("AccessKeyId")?,
        text("SecretAccessKey")?,
        Some(text("SessionToken")?),
        SystemTime::try_from(end).ok(),
        "S3Express",
    ))
}
