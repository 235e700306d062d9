//! The public face: any operation, by its model and a JSON payload.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use aws_smithy_runtime_api::client::endpoint::EndpointPrefix;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::auth::Signing;
use super::bridge::Unread;
use super::config::{AwsConfig, Loaded};
use super::discovery::Discovered;
use super::identity::Known;
use super::invoke::Plan;
use super::operation::{Operations, Prepared};
use super::params::BuiltIns;
use super::protocol::choose;
use super::s3::Sessions;
use super::schema::OperationSchemas;
use super::{AwsError, auth, custom, params};
use crate::base::Timestamp;
use crate::endpoint::Endpoint;
use crate::smithy::{Model, Protocol, Service};

/// A call.
#[derive(Debug, Clone)]
pub struct AwsRequest {
    /// The service.
    pub model: Arc<Model>,
    /// Exact name of the operation.
    pub operation: String,
    /// An object that fits the operation's input; blobs in base64.
    pub payload: Arc<Value>,
    /// Region, if not the default one.
    pub region: Option<String>,
}

/// A result.
#[derive(Debug, Clone, PartialEq)]
pub struct AwsReply {
    /// The output structure; absent members are left out. A blob that is the whole body is text where it
    /// is text (`<member>$encoding` says so), else base64.
    pub output: Value,
    /// AWS's id of the request.
    pub request_id: Option<String>,
    /// How often the call was sent.
    pub attempts: u32,
    /// HTTP status of the answer.
    pub http_status: u16,
    /// Where the answer is not as its model says: given as it was sent, or left out.
    pub unread: Vec<Unread>,
}

/// AWS, with one set of credentials.
#[derive(Debug, Clone)]
pub struct Aws {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) loaded: Loaded,
    operations: Operations,
    pub(super) known: Known,
    pub(super) sessions: Sessions,
    pub(super) discovered: Discovered,
}

impl Aws {
    /// Reads the environment and the profile files. Credentials are loaded when a call first needs them,
    /// and nothing here waits for the network.
    ///
    /// # Errors
    /// None at present; what is wrong with the surroundings shows when a call needs them.
    pub async fn new(config: AwsConfig) -> Result<Self, AwsError> {
        let loaded = Loaded::load(config).await;
        let operations = Operations::new(loaded.config.model_defaults);
        Ok(Self {
            inner: Arc::new(Inner {
                loaded,
                operations,
                known: Known::default(),
                sessions: Sessions::default(),
                discovered: Discovered::default(),
            }),
        })
    }

    /// The default region.
    pub fn region(&self) -> &str {
        &self.inner.loaded.region
    }

    /// The profile's name.
    pub fn profile(&self) -> &str {
        &self.inner.loaded.profile
    }

    /// Until when the credentials in use are good, if they end and are known by now. They are renewed by themselves
    /// where their source can do that.
    pub fn credentials_until(&self) -> Option<Timestamp> {
        let until = self.inner.loaded.source.known().until()?.duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(until.as_millis()).ok().map(Timestamp::from_millis)
    }

    /// The endpoint that stands in place of AWS's own for this service, if one does.
    pub fn endpoint_override(&self, service: &Service) -> Option<String> {
        self.inner.loaded.endpoint_override(service)
    }

    /// Where a call would go. Nothing is sent.
    ///
    /// # Errors
    /// When the service's rules refuse the call, or the operation cannot be called at all.
    pub fn endpoint(
        &self,
        model: &Arc<Model>,
        operation: &str,
        payload: &Value,
        region: Option<&str>,
    ) -> Result<String, AwsError> {
        Ok(self.plan(model, operation, object(payload)?.clone(), region)?.url())
    }

    /// Where a call will go: as [`Aws::endpoint`], and where its service must be asked for that, it is (once, as long
    /// as it says).
    ///
    /// # Errors
    /// As [`Aws::endpoint`], and when the service does not tell.
    pub async fn destination(
        &self,
        model: &Arc<Model>,
        operation: &str,
        payload: &Value,
        region: Option<&str>,
    ) -> Result<String, AwsError> {
        let mut plan = self.plan(model, operation, object(payload)?.clone(), region)?;
        self.discover(&mut plan, &CancellationToken::new()).await?;
        Ok(plan.url())
    }

    /// How a call would be signed. Nothing is sent.
    ///
    /// # Errors
    /// As [`Aws::endpoint`].
    pub fn signing(
        &self,
        model: &Arc<Model>,
        operation: &str,
        payload: &Value,
        region: Option<&str>,
    ) -> Result<Signing, AwsError> {
        Ok(self.plan(model, operation, object(payload)?.clone(), region)?.signing)
    }

    pub(super) fn plan(
        &self,
        model: &Arc<Model>,
        operation: &str,
        payload: Map<String, Value>,
        region: Option<&str>,
    ) -> Result<Plan, AwsError> {
        let Inner { loaded, operations, .. } = &*self.inner;
        let service = &model.service;
        let mut built_ins = loaded.built_ins(service, region);
        built_ins.account_id = self.account();
        let region = built_ins.region.clone().unwrap_or_default();
        // It becomes part of host names; not every rule set looks at it.
        if !is_region(&region) {
            return Err(AwsError::Endpoint(format!("`{region}` is not the name of a region")));
        }
        let overridden = built_ins.endpoint.is_some();
        let protocol = choose(service, loaded.config.protocol, overridden)
            .ok_or_else(|| AwsError::Unsupported(format!("{} speaks no protocol known here", service.sdk_id)))?;
        let prepared = operations.get(model, operation, protocol)?;
        refuse_event_input(&prepared)?;
        let endpoint = self.resolve(&prepared, protocol, &payload, &built_ins)?;
        let signing = auth::choose(service, &prepared.operation, &endpoint)?;
        let host_prefix = params::host_prefix(model, &prepared.operation, &payload).map_err(|member| {
            AwsError::Payload(format!("{member}: it becomes part of the host name, and this value cannot"))
        })?;
        // An emulator at an address or at localhost has no names below it.
        let host_prefix = host_prefix.filter(|_| !(overridden && is_local(&endpoint.url)));
        let host_prefix = host_prefix
            .map(|prefix| EndpointPrefix::new(prefix).map_err(|error| AwsError::Endpoint(error.to_string())))
            .transpose()?;
        Ok(Plan { prepared, payload, endpoint, host_prefix, signing, session: None, upload: None, long: false, region })
    }

    fn resolve(
        &self,
        prepared: &Prepared,
        protocol: Protocol,
        payload: &Map<String, Value>,
        built_ins: &BuiltIns,
    ) -> Result<Endpoint, AwsError> {
        let Prepared { model, operation, .. } = prepared;
        if let Some(url) = custom::endpoint(&model.service, operation, payload) {
            return Ok(Endpoint { url, ..Endpoint::default() });
        }
        // A model without rules can still be called where somebody says.
        if let (None, Some(url)) = (&model.endpoint_rules, &built_ins.endpoint) {
            return Ok(Endpoint { url: url.clone(), ..Endpoint::default() });
        }
        let rules = self.inner.operations.rules(model, protocol)?;
        let parameters = params::endpoint_parameters(&rules, model, operation, payload, |name| built_ins.value(name));
        rules
            .resolve(&self.inner.loaded.config.partitions, &parameters)
            .map_err(|error| AwsError::Endpoint(error.to_string()))
    }
}

/// The payload as the object it must be.
///
/// # Errors
/// When it is something else.
pub(super) fn object(payload: &Value) -> Result<&Map<String, Value>, AwsError> {
    payload.as_object().ok_or_else(|| AwsError::Payload("it is not an object".into()))
}

fn refuse_event_input(prepared: &Prepared) -> Result<(), AwsError> {
    let Prepared { operation, schemas, .. } = prepared;
    if OperationSchemas::event_stream(&schemas.input).is_none() {
        return Ok(());
    }
    let both = OperationSchemas::event_stream(&schemas.output).is_some();
    let also = if both { " while it answers with another" } else { "" };
    Err(AwsError::Unsupported(format!(
        "{} takes an event stream{also}: a conversation, not a call with one payload; use an SDK for it",
        operation.name
    )))
}

/// Whether a text may be the name of a region.
pub(super) fn is_region(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

fn is_local(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else { return false };
    let host = uri.host().unwrap_or_default();
    host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}
