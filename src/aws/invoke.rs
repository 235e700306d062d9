//! One call on the SDK's orchestrator: its retries, its signing, its clock-skew correction, our connector.

use std::sync::Arc;

use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::recursion_detection::RecursionDetectionInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::service_clock_skew::{ServiceClockSkewClassifier, ServiceClockSkewInterceptor};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_compression::CompressionOptions;
use aws_smithy_runtime::client::defaults::{DefaultPluginParams, default_plugins};
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, ModeledAsRetryableClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::{
    StaticAuthSchemeOptionResolver, StaticAuthSchemeOptionResolverParams,
};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::endpoint::{
    EndpointFuture, EndpointPrefix, EndpointResolverParams, ResolveEndpoint,
};
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, SensitiveOutput};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::{RuntimePlugins, StaticRuntimePlugin};
use aws_smithy_runtime_api::client::ser_de::{SharedRequestSerializer, SharedResponseDeserializer};
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::endpoint::Endpoint as RuntimeEndpoint;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use serde_json::{Map, Value};

use super::auth::{self, Signing};
use super::body::Upload;
use super::codec::{Answer, Codec, PathPrefix, Payload};
use super::config::Loaded;
use super::operation::Prepared;
use super::protocol::ServiceFault;
use super::retry::RetryAfter;
use super::source::Current;
use super::transport::Transport;
use super::{custom, s3};
use crate::endpoint::Endpoint;

/// Everything a call needs, decided.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) prepared: Arc<Prepared>,
    pub(super) payload: Map<String, Value>,
    pub(super) endpoint: Endpoint,
    pub(super) host_prefix: Option<EndpointPrefix>,
    pub(super) signing: Signing,
    /// Credentials for this call in place of our own.
    pub(super) session: Option<SharedIdentityResolver>,
    /// A body that is not among the members.
    pub(super) upload: Option<Upload>,
    /// Bodies of any size are under way: only silence ends the call, not the clock.
    pub(super) long: bool,
    pub(super) region: String,
}

impl Plan {
    /// Where it goes.
    pub(super) fn url(self) -> String {
        let url = self.endpoint.url;
        match (self.host_prefix, url.split_once("://")) {
            (Some(prefix), Some((scheme, rest))) => format!("{scheme}://{}{rest}", prefix.as_str()),
            _ => url,
        }
    }
}

/// Runs a call to its end.
///
/// # Errors
/// As the orchestrator gives them.
pub(super) async fn run(
    loaded: &Loaded,
    plan: Plan,
    transport: Transport,
    source: &Current,
) -> Result<Answer, SdkError<Error, HttpResponse>> {
    let service = &plan.prepared.model.service;
    let (name, operation) = (service.sdk_id.clone(), plan.prepared.operation.name.clone());
    let defaults = DefaultPluginParams::new()
        .with_retry_partition_name(format!("{name}-{}", plan.region))
        .with_behavior_version(BehaviorVersion::latest())
        .with_is_aws_sdk(true);
    let plugin = StaticRuntimePlugin::new()
        .with_config(config(loaded, &plan).freeze())
        .with_runtime_components(components(loaded, &plan, transport, source));
    let plugins = RuntimePlugins::new().with_client_plugins(default_plugins(defaults)).with_client_plugin(plugin);
    let input = Input::erase(Payload { members: plan.payload, upload: plan.upload });
    let output = orchestrator::invoke(&name, &operation, input, &plugins).await?;
    let wrong = |_| SdkError::construction_failure("the output is not an answer");
    output.downcast::<Answer>().map_err(wrong)
}

fn config(loaded: &Loaded, plan: &Plan) -> Layer {
    let Prepared { model, operation, schemas, wire } = &*plan.prepared;
    let mut layer = Layer::new("countersign");
    let codec = Codec(Arc::clone(&plan.prepared));
    layer.store_put(SharedRequestSerializer::new(codec.clone()));
    layer.store_put(SharedResponseDeserializer::new(codec));
    layer.store_put(AuthSchemeOptionResolverParams::new(StaticAuthSchemeOptionResolverParams::new()));
    layer.store_put(EndpointResolverParams::new(()));
    layer.store_put(SensitiveOutput);
    layer.store_put(ApiMetadata::new("countersign", env!("CARGO_PKG_VERSION")));
    layer.store_put(RetryConfig::standard().with_max_attempts(loaded.config.max_retries.saturating_add(1)));
    let timeouts = TimeoutConfig::builder().connect_timeout(loaded.config.timeouts.connect);
    layer.store_put(match loaded.config.timeouts.call.filter(|_| !plan.long) {
        Some(call) => timeouts.operation_timeout(call).build(),
        None => timeouts.build(),
    });
    let options = CompressionOptions::default().with_enabled(loaded.sdk.disable_request_compression() != Some(true));
    let least = loaded.sdk.request_min_compression_size_bytes().unwrap_or(options.min_compression_size_bytes());
    layer.store_put(options.clone().with_min_compression_size_bytes(least).unwrap_or(options));
    if let Some((_, path)) = custom::bucket_path(&model.service, &plan.endpoint.url) {
        layer.store_put(PathPrefix(path.to_owned()));
    }
    if let Some(prefix) = &plan.host_prefix {
        layer.store_put(prefix.clone());
    }
    wire.configure(&mut layer, &model.service, operation, &schemas.input);
    if plan.session.is_some() {
        s3::configure_session(&mut layer);
    }
    let sha256 = plan.upload.as_ref().and_then(|upload| upload.sha256.as_deref());
    auth::configure(&mut layer, &model.service, operation, Some(&plan.region), sha256);
    layer
}

fn components(loaded: &Loaded, plan: &Plan, transport: Transport, source: &Current) -> RuntimeComponentsBuilder {
    let url = &plan.endpoint.url;
    let base = custom::bucket_path(&plan.prepared.model.service, url).map_or(url.as_str(), |(base, _)| base);
    let endpoint = FixedEndpoint(auth::runtime_endpoint(&plan.endpoint, base, plan.signing));
    let scheme = plan.signing.id();
    let mut components = RuntimeComponentsBuilder::new("countersign")
        .with_http_client(Some(transport))
        .with_endpoint_resolver(Some(endpoint))
        .with_identity_cache(Some(match plan.session {
            // It is kept by who opened it.
            Some(_) => IdentityCache::no_cache(),
            None => loaded.identities.clone(),
        }))
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![scheme])))
        .with_interceptor(ServiceClockSkewInterceptor::new())
        .with_interceptor(RequestInfoInterceptor::new())
        .with_interceptor(SharedInterceptor::new(UserAgentInterceptor::new()))
        .with_interceptor(InvocationIdInterceptor::new())
        .with_interceptor(RecursionDetectionInterceptor::new())
        .with_retry_classifier(HttpStatusCodeClassifier::default())
        .with_retry_classifier(TransientErrorClassifier::<ServiceFault>::new())
        .with_retry_classifier(ModeledAsRetryableClassifier::<ServiceFault>::new())
        .with_retry_classifier(AwsErrorCodeClassifier::<ServiceFault>::new())
        .with_retry_classifier(RetryAfter)
        .with_retry_classifier(ServiceClockSkewClassifier::<ServiceFault>::new());
    let credentials = plan.session.clone().or_else(|| source.credentials.clone());
    auth::install(&mut components, plan.signing, credentials, source.tokens.clone());
    components
}

/// The endpoint that was resolved before the call began (the human has seen it).
#[derive(Debug)]
struct FixedEndpoint(RuntimeEndpoint);

impl ResolveEndpoint for FixedEndpoint {
    fn resolve_endpoint<'a>(&'a self, _: &'a EndpointResolverParams) -> EndpointFuture<'a> {
        EndpointFuture::ready(Ok(self.0.clone()))
    }
}
