//! A call, from payload to reply: what is filled in before, what is asked beforehand, what is tried in another region.

use std::future::Future;
use std::pin::Pin;

use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::auth::Signing;
use super::client::{Aws, AwsReply, AwsRequest, object};
use super::codec::Answer;
use super::invoke::{Plan, run};
use super::schema::OperationSchemas;
use super::transport::MAX_DOCUMENT_BYTES;
use super::{AwsError, Outcome, StreamLimits, custom, failure, s3};

/// A call that failed.
struct Failed {
    error: AwsError,
    /// The region that S3 says the bucket is in.
    moved: Option<String>,
}

impl From<AwsError> for Failed {
    fn from(error: AwsError) -> Self {
        Self { error, moved: None }
    }
}

impl Aws {
    /// Calls an operation. The runtime retries what the SDK retries; a read of an S3 bucket that is in another region
    /// is sent there once more; nothing else is repeated.
    ///
    /// # Errors
    /// See [`AwsError`]; each tells whether the call may have taken effect.
    pub async fn invoke(&self, request: AwsRequest, cancel: CancellationToken) -> Result<AwsReply, AwsError> {
        let payload = self.complete(&request)?;
        let again = s3::may_follow(&request).then(|| payload.clone());
        let failed = match self.once(&request, payload, request.region.as_deref(), &cancel).await {
            Ok(reply) => return Ok(reply),
            Err(failed) => failed,
        };
        let Some(region) = failed.moved else { return Err(failed.error) };
        let Some(payload) = again else { return Err(s3::name_region(failed.error, &region)) };
        let before = if let AwsError::Service { attempts, .. } = failed.error { attempts } else { 0 };
        match self.once(&request, payload, Some(&region), &cancel).await {
            Ok(reply) => Ok(AwsReply { attempts: reply.attempts + before, ..reply }),
            Err(Failed { error, .. }) => Err(error.after(before)),
        }
    }

    /// [`Aws::invoke`] for calls that other calls need first.
    pub(super) fn invoke_boxed(
        &self,
        request: AwsRequest,
        cancel: CancellationToken,
    ) -> Pin<Box<dyn Future<Output = Result<AwsReply, AwsError>> + Send + '_>> {
        Box::pin(self.invoke(request, cancel))
    }

    /// The payload with what a caller may leave out.
    fn complete(&self, request: &AwsRequest) -> Result<Map<String, Value>, AwsError> {
        let mut payload = object(&request.payload)?.clone();
        if let Some(operation) = request.model.operation(&request.operation) {
            let input = request.model.input(operation);
            let mut token = || {
                let mut random = [0; 16];
                self.inner.loaded.config.entropy.fill(&mut random);
                uuid::Builder::from_random_bytes(random).into_uuid().to_string()
            };
            custom::prepare_input(&request.model.service, operation, input, &mut payload, &mut token);
        }
        Ok(payload)
    }

    async fn once(
        &self,
        request: &AwsRequest,
        payload: Map<String, Value>,
        region: Option<&str>,
        cancel: &CancellationToken,
    ) -> Result<AwsReply, Failed> {
        let loaded = &self.inner.loaded;
        let mut payload = payload;
        self.presign_copy(request, &mut payload, region).await?;
        let mut plan = self.plan(&request.model, &request.operation, payload, region)?;
        self.discover(&mut plan, cancel).await?;
        if plan.signing == Signing::S3Express {
            plan.session = Some(self.s3_session(&plan, cancel).await?);
        }
        let streams = OperationSchemas::raw_payload(&plan.prepared.schemas.output).is_some();
        let limit = if streams { loaded.config.max_stream_bytes } else { MAX_DOCUMENT_BYTES };
        let (transport, trace) = loaded.transport.for_call(limit, self.listening(&plan));
        let region = plan.region.clone();
        let answer = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(AwsError::Cancelled { outcome: trace.outcome() }.into()),
            answer = run(loaded, plan, transport) => answer,
        };
        let attempts = trace.attempts();
        match answer {
            Ok(Answer { fault: Some(fault), .. }) => Err(failure::service(*fault, attempts, &loaded.profile).into()),
            Ok(Answer { broken: Some(problem), .. }) => {
                let message = format!("the event stream broke off: {problem}");
                Err(AwsError::Transport { message, outcome: Outcome::Unknown, attempts }.into())
            }
            Ok(answer) => Ok(AwsReply {
                output: Value::Object(answer.output),
                request_id: answer.request_id,
                attempts,
                http_status: answer.status,
            }),
            Err(error) => {
                let moved = s3::moved(&request.model, &error, &region);
                let error = failure::explain(error, &trace, &loaded.profile);
                if matches!(&error, AwsError::Service { code, .. } if code == "InvalidEndpointException") {
                    self.inner.discovered.forget(&request.model.service.name, &region);
                }
                Err(Failed { error, moved })
            }
        }
    }

    /// How long to listen to an operation that answers with an event stream: never up to the end of the call.
    fn listening(&self, plan: &Plan) -> Option<StreamLimits> {
        let config = &self.inner.loaded.config;
        OperationSchemas::event_stream(&plan.prepared.schemas.output)?;
        let most = config.timeouts.call.map_or(config.stream.time, |call| call * 4 / 5);
        Some(StreamLimits { time: config.stream.time.min(most), ..config.stream })
    }
}
