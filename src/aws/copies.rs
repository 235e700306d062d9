//! Copies from another region: the service there wants a request of the same caller, signed beforehand for it. It is
//! made here, as the SDKs make it, when a call names a source region and brings no such request.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use serde_json::{Map, Value};

use super::client::{Aws, AwsRequest};
use super::error::chain;
use super::operation::Prepared;
use super::{AwsError, cure};

/// How long the signed request is good.
const GOOD_FOR: Duration = Duration::from_secs(3600);

/// The operations, by service and name.
const COPIES: [(&str, &str); 10] = [
    ("EC2", "CopySnapshot"),
    ("RDS", "CopyDBSnapshot"),
    ("RDS", "CopyDBClusterSnapshot"),
    ("RDS", "CreateDBCluster"),
    ("RDS", "CreateDBInstanceReadReplica"),
    ("RDS", "StartDBInstanceAutomatedBackupsReplication"),
    ("DocDB", "CopyDBClusterSnapshot"),
    ("DocDB", "CreateDBCluster"),
    ("Neptune", "CopyDBClusterSnapshot"),
    ("Neptune", "CreateDBCluster"),
];

const SOURCE: &str = "SourceRegion";
const DESTINATION: &str = "DestinationRegion";

impl Aws {
    /// Adds the signed request to the payload of a copy from another region.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub(super) async fn presign_copy(
        &self,
        request: &AwsRequest,
        payload: &mut Map<String, Value>,
        region: Option<&str>,
    ) -> Result<(), AwsError> {
        let service = request.model.service.sdk_id.as_str();
        let Some(source) = payload.get(SOURCE).and_then(Value::as_str).map(str::to_owned) else { return Ok(()) };
        if !COPIES.contains(&(service, request.operation.as_str())) {
            return Ok(());
        }
        let region = region.unwrap_or(self.region()).to_owned();
        let ec2 = service == "EC2";
        let member = if ec2 { "PresignedUrl" } else { "PreSignedUrl" };
        if !ec2 {
            // It is for us alone.
            payload.shift_remove(SOURCE);
        }
        if payload.get(member).is_some_and(|url| !url.is_null()) || source == region {
            return Ok(());
        }
        let mut inner = payload.clone();
        if ec2 {
            inner.insert(DESTINATION.into(), region.clone().into());
        }
        let url = self.presigned(request, inner, &source, (!ec2).then_some(region.as_str())).await?;
        payload.insert(member.into(), url.into());
        if ec2 {
            payload.insert(DESTINATION.into(), region.into());
        }
        Ok(())
    }

    /// The URL of a GET that does what the call does, in the source region, signed.
    async fn presigned(
        &self,
        request: &AwsRequest,
        payload: Map<String, Value>,
        source: &str,
        destination: Option<&str>,
    ) -> Result<String, AwsError> {
        let plan = self.plan(&request.model, &request.operation, payload, Some(source))?;
        let Prepared { model, operation, schemas, wire } = &*plan.prepared;
        let mut layer = Layer::new("copy");
        wire.configure(&mut layer, &model.service, operation, &schemas.input);
        let body = wire
            .request(&model.service, schemas, &plan.payload, &ConfigBag::of_layers(vec![layer]))
            .map_err(|error| AwsError::Payload(error.to_string()))?;
        let query = String::from_utf8_lossy(body.body().bytes().unwrap_or_default()).into_owned();
        let more = destination.map(|region| format!("&{DESTINATION}={region}")).unwrap_or_default();
        let url = format!("{}/?{query}{more}", plan.endpoint.url.trim_end_matches('/'));
        self.sign_url(url, &model.service.signing_name, source).await
    }

    async fn sign_url(&self, url: String, name: &str, region: &str) -> Result<String, AwsError> {
        let loaded = &self.inner.loaded;
        let source = loaded.source.current(&loaded.config, &loaded.transport).await;
        let missing = |cause: &str| cure::credentials(cause, &source.facts);
        let provider = source.provider.as_ref().ok_or_else(|| missing("no providers"))?;
        let credentials = provider.provide_credentials().await.map_err(|error| missing(&chain(&error)))?;
        signed_url(&url, name, region, credentials, SystemTime::now())
            .map_err(|error| AwsError::Unsupported(format!("the copy cannot be signed beforehand: {}", chain(&*error))))
    }
}

/// The URL with the signature of a GET without body or further headers, good for [`GOOD_FOR`].
pub(super) fn signed_url(
    url: &str,
    name: &str,
    region: &str,
    credentials: Credentials,
    now: SystemTime,
) -> Result<String, BoxError> {
    let expiry = credentials.expiry();
    let identity = Identity::new(credentials, expiry);
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(GOOD_FOR);
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(name)
        .time(now)
        .settings(settings)
        .build()?
        .into();
    let signable = SignableRequest::new("GET", url, std::iter::empty(), SignableBody::Bytes(&[]))?;
    let (instructions, _) = sign(signable, &parameters)?.into_parts();
    let mut request = http::Request::builder().uri(url).body(())?;
    instructions.apply_to_request_http1x(&mut request);
    Ok(request.uri().to_string())
}
