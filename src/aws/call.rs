//! A call, from payload to reply: what is filled in before, what is asked beforehand, what is tried in another region.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use aws_smithy_types::config_bag::{ConfigBag, Layer};
use serde_json::{Map, Value};
use tokio::io::AsyncWrite;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::auth::Signing;
use super::body::{Body, Sink, Upload};
use super::client::{Aws, AwsReply, AwsRequest, object};
use super::codec::Answer;
use super::invoke::{Plan, run};
use super::operation::Prepared;
use super::schema::OperationSchemas;
use super::transport::MAX_DOCUMENT_BYTES;
use super::{AwsError, Outcome, StreamLimits, checksum, cure, custom, failure, s3};

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

/// Bodies that do not pass through memory.
#[derive(Default)]
pub struct Transfer {
    /// What goes up, in place of the payload's streaming member.
    pub body: Option<Body>,
    /// Where the streaming member of the answer goes. After an error it may hold a part.
    pub sink: Option<Box<dyn AsyncWrite + Send + Unpin>>,
}

/// A transfer on its way; a second attempt shares it.
#[derive(Debug, Clone, Default)]
struct Bodies {
    body: Option<Body>,
    sink: Option<Sink>,
}

impl Aws {
    /// Calls an operation. The runtime retries what the SDK retries; a read of an S3 bucket that is in another region
    /// is sent there once more; nothing else is repeated.
    ///
    /// # Errors
    /// See [`AwsError`]; each tells whether the call may have taken effect.
    pub async fn invoke(&self, request: AwsRequest, cancel: CancellationToken) -> Result<AwsReply, AwsError> {
        self.follow(request, &Bodies::default(), cancel).await
    }

    /// [`Aws::invoke`] with bodies of any size, which do not pass through memory. There is no limit on the time of the
    /// whole call then, only on silence. In the output of a saved body stands `<member>$bytes` in place of `<member>`.
    ///
    /// # Errors
    /// As [`Aws::invoke`]; and when the operation has no streaming member for what is given.
    pub async fn invoke_with(
        &self,
        request: AwsRequest,
        transfer: Transfer,
        cancel: CancellationToken,
    ) -> Result<AwsReply, AwsError> {
        let sink = transfer.sink.map(|sink| Sink(Arc::new(Mutex::new(sink))));
        self.follow(request, &Bodies { body: transfer.body, sink }, cancel).await
    }

    async fn follow(
        &self,
        request: AwsRequest,
        bodies: &Bodies,
        cancel: CancellationToken,
    ) -> Result<AwsReply, AwsError> {
        let payload = self.complete(&request)?;
        let again = s3::may_follow(&request).then(|| payload.clone());
        let failed = match self.once(&request, bodies, payload, request.region.as_deref(), &cancel).await {
            Ok(reply) => return Ok(reply),
            Err(failed) => failed,
        };
        let Some(region) = failed.moved else { return Err(failed.error) };
        let Some(payload) = again else { return Err(s3::name_region(failed.error, &region)) };
        let before = if let AwsError::Service { attempts, .. } = failed.error { attempts } else { 0 };
        match self.once(&request, bodies, payload, Some(&region), &cancel).await {
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
        bodies: &Bodies,
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
        self.attach(&mut plan, bodies).await?;
        let streams = OperationSchemas::raw_payload(&plan.prepared.schemas.output).is_some();
        let limit = if streams { loaded.config.max_stream_bytes } else { MAX_DOCUMENT_BYTES };
        let (transport, trace) = loaded.transport.for_call(limit, self.listening(&plan));
        let transport = match &bodies.sink {
            Some(sink) => transport.saving(sink.clone(), Arc::clone(&plan.prepared)),
            None => transport,
        };
        let region = plan.region.clone();
        let source = loaded.source.current(&loaded.config, &loaded.transport).await;
        if plan.signing == Signing::Bearer && source.tokens.is_none() {
            return Err(cure::no_token(&request.model.service.sdk_id, &source.facts).into());
        }
        let answer = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(AwsError::Cancelled { outcome: trace.outcome() }.into()),
            answer = run(loaded, plan, transport, &source) => answer,
        };
        let attempts = trace.attempts();
        match answer {
            Ok(Answer { fault: Some(fault), .. }) => Err(failure::service(*fault, attempts, &source.facts).into()),
            Ok(Answer { broken: Some(problem), .. }) => {
                let message = format!("the event stream broke off: {problem}");
                Err(AwsError::Transport { message, outcome: Outcome::Unknown, attempts }.into())
            }
            Ok(answer) => Ok(AwsReply {
                output: Value::Object(answer.output),
                request_id: answer.request_id,
                attempts,
                http_status: answer.status,
                unread: answer.unread,
            }),
            Err(error) => {
                let moved = s3::moved(&request.model, &error, &region);
                let error = failure::explain(error, &trace, &source.facts);
                if matches!(error, AwsError::Credentials { .. }) {
                    loaded.source.forget(&source);
                }
                if matches!(&error, AwsError::Service { code, .. } if code == "InvalidEndpointException") {
                    self.inner.discovered.forget(&request.model.service.name, &region);
                }
                Err(Failed { error, moved })
            }
        }
    }

    /// Puts a transfer into a plan; a file is looked through.
    async fn attach(&self, plan: &mut Plan, bodies: &Bodies) -> Result<(), AwsError> {
        let Prepared { model, operation, schemas, wire } = &*plan.prepared;
        plan.long = bodies.body.is_some() || bodies.sink.is_some();
        if bodies.sink.is_some() && OperationSchemas::raw_payload(&schemas.output).is_none() {
            return Err(AwsError::Payload(format!("{} answers with no body that could be saved", operation.name)));
        }
        let Some(body) = &bodies.body else { return Ok(()) };
        let Some(member) = OperationSchemas::raw_payload(&schemas.input) else {
            return Err(AwsError::Payload(format!("{} takes no body", operation.name)));
        };
        if plan.payload.get(member.name).is_some_and(|value| !value.is_null()) {
            return Err(AwsError::Payload(format!("{}: it is given twice", member.name)));
        }
        let mut layer = Layer::new("body");
        wire.configure(&mut layer, &model.service, operation, &schemas.input);
        let head = wire.request(&model.service, schemas, &plan.payload, &ConfigBag::of_layers(vec![layer]));
        let head = head.map_err(|error| AwsError::Payload(error.to_string()))?;
        let wanted = checksum::wanted(head.headers(), operation, &plan.payload).map_err(AwsError::Payload)?;
        plan.upload = Some(Upload::new(body.clone(), wanted, model.service.sdk_id == "Glacier").await?);
        Ok(())
    }

    /// How long to listen to an operation that answers with an event stream: never up to the end of the call.
    fn listening(&self, plan: &Plan) -> Option<StreamLimits> {
        let config = &self.inner.loaded.config;
        OperationSchemas::event_stream(&plan.prepared.schemas.output)?;
        let most = config.timeouts.call.map_or(config.stream.time, |call| call * 4 / 5);
        Some(StreamLimits { time: config.stream.time.min(most), ..config.stream })
    }
}
