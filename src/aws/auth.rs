//! How a call is signed. The endpoint's `authSchemes` decide, else the model; a call goes out unsigned only
//! where the model says so.

use aws_runtime::auth::{PayloadSigningOverride, SigV4OperationSigningConfig, SigningOptions};
use aws_smithy_runtime_api::client::auth::AuthSchemeId;
use aws_smithy_types::Document;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::endpoint::Endpoint as RuntimeEndpoint;
use aws_types::SigningName;
use aws_types::region::{Region, SigningRegion};

use super::AwsError;
use super::bridge::to_document;
use crate::endpoint::Endpoint;
use crate::smithy::{Operation, Service};

const SIGV4: &str = "sigv4";
const NO_AUTH: &str = "smithy.api#noAuth";

/// The way a call is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// AWS Signature Version 4.
    SigV4,
    /// A bearer token.
    Bearer,
    /// Not at all, because the model says so.
    Unsigned,
}

impl Scheme {
    /// Its id in the runtime.
    pub(super) const fn id(self) -> AuthSchemeId {
        match self {
            Self::SigV4 => aws_runtime::auth::sigv4::SCHEME_ID,
            Self::Bearer => aws_smithy_runtime_api::client::auth::http::HTTP_BEARER_AUTH_SCHEME_ID,
            Self::Unsigned => aws_smithy_runtime::client::auth::no_auth::NO_AUTH_SCHEME_ID,
        }
    }
}

/// Decides how a call is signed.
///
/// # Errors
/// When the service wants a scheme that is not known here.
pub(super) fn choose(service: &Service, operation: &Operation, endpoint: &Endpoint) -> Result<Scheme, AwsError> {
    let modelled = operation.auth.as_deref();
    if modelled.is_some_and(|schemes| schemes.iter().all(|scheme| scheme == NO_AUTH)) {
        return Ok(Scheme::Unsigned);
    }
    if service.signature_version == "v2" {
        return Err(AwsError::Unsupported(format!(
            "{} signs with the old signature version 2, which is not spoken here; use the AWS CLI for it",
            service.sdk_id
        )));
    }
    let modelled = modelled.unwrap_or(&service.auth);
    let bearer =
        service.signature_version == "bearer" || modelled.iter().any(|scheme| scheme == "smithy.api#httpBearerAuth");
    let sigv4 = modelled.is_empty() || modelled.iter().any(|scheme| scheme == "aws.auth#sigv4");
    if bearer && (!sigv4 || service.signature_version == "bearer") {
        return Ok(Scheme::Bearer);
    }
    let wanted: Vec<&str> = auth_schemes(endpoint).filter_map(|scheme| scheme.get("name")?.as_str()).collect();
    if wanted.is_empty() && sigv4 || wanted.contains(&SIGV4) {
        return Ok(Scheme::SigV4);
    }
    let wanted = if wanted.is_empty() { modelled.join(", ") } else { wanted.join(", ") };
    Err(AwsError::Unsupported(format!("this call must be signed with {wanted}, which is not spoken here yet")))
}

fn auth_schemes(endpoint: &Endpoint) -> impl Iterator<Item = &serde_json::Value> {
    endpoint.properties.get("authSchemes").and_then(serde_json::Value::as_array).into_iter().flatten()
}

/// The endpoint in the runtime's form, at that URL. What `authSchemes` say about signing goes along with SigV4 only.
pub(super) fn runtime_endpoint(endpoint: &Endpoint, url: &str, scheme: Scheme) -> RuntimeEndpoint {
    let mut out = RuntimeEndpoint::builder().url(url.to_owned());
    for (name, values) in &endpoint.headers {
        for value in values {
            out = out.header(name.clone(), value.clone());
        }
    }
    if scheme == Scheme::SigV4 {
        let schemes: Vec<Document> = auth_schemes(endpoint).map(to_document).collect();
        if !schemes.is_empty() {
            out = out.property("authSchemes", schemes);
        }
    }
    out.build()
}

/// Stores how to sign: service, region, and what S3 does its own way.
pub(super) fn configure(layer: &mut Layer, service: &Service, operation: &Operation, region: Option<&str>) {
    let s3 = is_s3_like(service);
    let mut options = SigningOptions::default();
    options.double_uri_encode = !s3;
    options.normalize_uri_path = !s3;
    options.content_sha256_header = s3 || service.sdk_id == "Glacier" || operation.unsigned_payload;
    layer.store_put(SigV4OperationSigningConfig {
        signing_options: options,
        name: Some(SigningName::from(service.signing_name.clone())),
        region: region.map(|region| SigningRegion::from(Region::new(region.to_owned()))),
        ..SigV4OperationSigningConfig::default()
    });
    if operation.unsigned_payload {
        layer.store_put(PayloadSigningOverride::UnsignedPayload);
    }
}

/// S3 and its relatives sign the path as it is and the body by a header.
pub(super) fn is_s3_like(service: &Service) -> bool {
    matches!(service.signature_version.as_str(), "s3" | "s3v4")
        || matches!(service.sdk_id.as_str(), "S3" | "S3 Control" | "S3Outposts")
}

#[cfg(test)]
mod tests;
