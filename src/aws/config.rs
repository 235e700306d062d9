//! What the program is told, and what aws-config then finds in the environment and the profile.

use std::sync::Arc;
use std::time::Duration;

use aws_config::meta::region::RegionProviderChain;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime_api::client::identity::SharedIdentityCache;
use aws_types::endpoint_config::AccountIdEndpointMode;
use aws_types::region::Region;
use aws_types::service_config::ServiceConfigKey;

use super::http::Surroundings;
use super::params::BuiltIns;
use super::protocol::ProtocolChoice;
use super::source::Source;
use super::transport::Transport;
use super::{Identity, StreamLimits};
use crate::base::Entropy;
use crate::endpoint::Partitions;
use crate::smithy::{Model, Service};

/// The region when nothing names one.
const DEFAULT_REGION: &str = "us-east-1";

/// How long to wait, for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the beginning of an answer, and between its pieces.
    pub read: Duration,
    /// For a whole call, all attempts and pauses included; `None` is without limit.
    pub call: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_millis(3100),
            read: Duration::from_secs(30),
            call: Some(Duration::from_secs(180)),
        }
    }
}

/// Credentials that stand in the configuration itself.
#[derive(Clone, PartialEq, Eq)]
pub struct StaticCredentials {
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
    /// Session token.
    pub session_token: Option<String>,
}

impl std::fmt::Debug for StaticCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StaticCredentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// How to reach AWS. What is `None` here comes from the environment and the profile, as in the AWS CLI.
#[derive(Clone)]
pub struct AwsConfig {
    /// Profile.
    pub profile: Option<String>,
    /// Default region.
    pub region: Option<String>,
    /// Endpoint for every service, in place of AWS's own.
    pub endpoint_url: Option<String>,
    /// With these, neither the environment nor the profile files nor proxies are looked at: the demo, tests.
    pub credentials: Option<StaticCredentials>,
    /// Whose credentials these are, where the endpoint has no STS to ask: the demo, tests.
    pub identity: Option<Identity>,
    /// Proxy for plain HTTP and HTTPS, in place of the environment's.
    pub proxy: Option<String>,
    /// Dual-stack endpoints; `None` is what environment and profile say.
    pub use_dual_stack: Option<bool>,
    /// S3 buckets in the path; `None` is: in the host, except where an endpoint override is in force.
    pub s3_path_style: Option<bool>,
    /// S3's transfer acceleration.
    pub s3_accelerate: bool,
    /// Ask services for their endpoints where they must be asked; `None` is: except where an endpoint override is in
    /// force.
    pub endpoint_discovery: Option<bool>,
    /// Whether an account's own endpoints are used (`preferred`, `disabled`, `required`); `None` is what environment
    /// and profile say, else `preferred`.
    pub account_id_endpoint_mode: Option<String>,
    /// Timeouts.
    pub timeouts: Timeouts,
    /// Further attempts after a first that failed in a way the SDK retries.
    pub max_retries: u32,
    /// Bytes of a streaming answer that are taken into memory.
    pub max_stream_bytes: u64,
    /// When to stop listening to an event stream.
    pub stream: StreamLimits,
    /// Which of a service's protocols to speak.
    pub protocol: ProtocolChoice,
    /// Fill in the model's defaults as Smithy's typed clients do: in structures below the input, and in the
    /// output. Off, a call says what was given and a result what was sent, nothing more.
    pub model_defaults: bool,
    /// AWS's partitions, of the same snapshot as the models.
    pub partitions: Arc<Partitions>,
    /// The model of STS, which tells whose credentials they are.
    pub sts: Arc<Model>,
    /// Where idempotency tokens come from.
    pub entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for AwsConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AwsConfig")
            .field("profile", &self.profile)
            .field("region", &self.region)
            .field("endpoint_url", &self.endpoint_url)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

impl AwsConfig {
    /// The defaults of the settings; everything else as in the AWS CLI.
    pub fn new(partitions: Arc<Partitions>, sts: Arc<Model>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            profile: None,
            region: None,
            endpoint_url: None,
            credentials: None,
            identity: None,
            proxy: None,
            use_dual_stack: None,
            s3_path_style: None,
            s3_accelerate: false,
            endpoint_discovery: None,
            account_id_endpoint_mode: None,
            timeouts: Timeouts::default(),
            max_retries: 2,
            max_stream_bytes: 5 * 1024 * 1024,
            stream: StreamLimits::default(),
            protocol: ProtocolChoice::Automatic,
            model_defaults: false,
            partitions,
            sts,
            entropy,
        }
    }
}

/// The configuration with what was found.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) config: AwsConfig,
    pub(super) sdk: SdkConfig,
    pub(super) region: String,
    pub(super) profile: String,
    pub(super) transport: Transport,
    pub(super) identities: SharedIdentityCache,
    pub(super) source: Source,
}

impl Loaded {
    /// Reads environment and profile files (no network; credentials are asked for when a call needs them).
    pub(super) async fn load(config: AwsConfig) -> Self {
        let own = config.credentials.is_some();
        let surroundings = match &config.proxy {
            Some(proxy) => Surroundings::Proxy(proxy.clone()),
            None if own => Surroundings::None,
            None => Surroundings::Environment,
        };
        let transport = Transport::new(config.timeouts.connect, config.timeouts.read, surroundings);
        let sdk = match &config.credentials {
            Some(credentials) => closed(&config, credentials),
            None => open(&config, &transport).await,
        };
        let region = sdk.region().map_or_else(|| DEFAULT_REGION.to_owned(), |region| region.as_ref().to_owned());
        let profile = match (&config.profile, own) {
            (Some(profile), _) => profile.clone(),
            (None, true) => "default".to_owned(),
            (None, false) => std::env::var("AWS_PROFILE").unwrap_or_else(|_| "default".to_owned()),
        };
        let source = Source::new(&config, &sdk).await;
        let identities = IdentityCache::lazy().build();
        Self { config, sdk, region, profile, transport, identities, source }
    }

    /// The settings' part of a service's endpoint parameters.
    pub(super) fn built_ins(&self, service: &Service, region: Option<&str>) -> BuiltIns {
        let endpoint = self.endpoint_override(service);
        BuiltIns {
            region: Some(region.unwrap_or(&self.region).to_owned()),
            use_fips: self.sdk.use_fips().unwrap_or(false),
            use_dual_stack: self.config.use_dual_stack.or(self.sdk.use_dual_stack()).unwrap_or(false),
            // As boto3: an endpoint of one's own is addressed by path.
            force_path_style: self.config.s3_path_style.unwrap_or(endpoint.is_some()),
            accelerate: self.config.s3_accelerate,
            endpoint,
            account_id: None,
            account_mode: self.account_mode(),
        }
    }

    fn account_mode(&self) -> String {
        let found = || match self.sdk.account_id_endpoint_mode() {
            Some(AccountIdEndpointMode::Disabled) => "disabled",
            Some(AccountIdEndpointMode::Required) => "required",
            _ => "preferred",
        };
        self.config.account_id_endpoint_mode.clone().unwrap_or_else(|| found().to_owned())
    }

    /// `endpoint_url`; then, as the AWS CLI: the environment for the service, the environment, the profile for the service,
    /// the profile.
    pub(super) fn endpoint_override(&self, service: &Service) -> Option<String> {
        if let Some(url) = &self.config.endpoint_url {
            return Some(url.clone());
        }
        let key = ServiceConfigKey::builder()
            .service_id(&service.sdk_id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        let own = self.sdk.service_config().and_then(|config| config.load_config(key));
        own.or_else(|| self.sdk.endpoint_url().map(str::to_owned))
    }
}

/// Nothing but what the configuration itself says.
fn closed(config: &AwsConfig, credentials: &StaticCredentials) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(config.region.clone().map(Region::new))
        .credentials_provider(provider(credentials))
        .build()
}

fn provider(credentials: &StaticCredentials) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new(
        credentials.access_key_id.clone(),
        credentials.secret_access_key.clone(),
        credentials.session_token.clone(),
        None,
        "countersign",
    ))
}

/// What aws-config finds. The region never comes from the instance metadata service: that would make a
/// start wait for the network.
pub(super) async fn open(config: &AwsConfig, transport: &Transport) -> SdkConfig {
    let mut profile_region = aws_config::profile::region::ProfileFileRegionProvider::builder();
    if let Some(profile) = &config.profile {
        profile_region = profile_region.profile_name(profile.clone());
    }
    let region = RegionProviderChain::first_try(config.region.clone().map(Region::new))
        .or_else(aws_config::environment::region::EnvironmentVariableRegionProvider::new())
        .or_else(profile_region.build());
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).region(region).http_client(transport.clone());
    if let Some(profile) = &config.profile {
        loader = loader.profile_name(profile.clone());
    }
    loader.load().await
}
