//! How a call is signed. The endpoint's `authSchemes` decide, else the model; a call goes out unsigned only
//! where the model says so.

use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_sigv4::http_request::SignableBody;
use aws_smithy_runtime::client::auth::http::BearerAuthScheme;
use aws_smithy_runtime::client::auth::no_auth::NoAuthScheme;
use aws_smithy_runtime::client::identity::no_auth::NoAuthIdentityResolver;
use aws_smithy_runtime_api::client::auth::AuthSchemeId;
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_types::Document;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::endpoint::Endpoint as RuntimeEndpoint;
use aws_types::SigningName;
use aws_types::region::{Region, SigningRegion, SigningRegionSet};

use super::AwsError;
use super::bridge::to_document;
use crate::endpoint::Endpoint;
use crate::smithy::{Operation, Service};

const NO_AUTH: &str = "smithy.api#noAuth";

/// The way a call is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signing {
    /// AWS Signature Version 4.
    SigV4,
    /// AWS Signature Version 4a: asymmetric, good in several regions.
    SigV4a,
    /// Signature Version 4 with the credentials of a session of one S3 directory bucket.
    S3Express,
    /// A bearer token.
    Bearer,
    /// Not at all, because the model says so.
    Unsigned,
}

impl Signing {
    /// Its name, as AWS's endpoint rules write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SigV4 => "sigv4",
            Self::SigV4a => "sigv4a",
            Self::S3Express => S3_EXPRESS,
            Self::Bearer => "bearer",
            Self::Unsigned => "none",
        }
    }

    /// Its id in the runtime.
    pub(super) const fn id(self) -> AuthSchemeId {
        match self {
            Self::SigV4 | Self::S3Express => aws_runtime::auth::sigv4::SCHEME_ID,
            Self::SigV4a => aws_runtime::auth::sigv4a::SCHEME_ID,
            Self::Bearer => aws_smithy_runtime_api::client::auth::http::HTTP_BEARER_AUTH_SCHEME_ID,
            Self::Unsigned => aws_smithy_runtime::client::auth::no_auth::NO_AUTH_SCHEME_ID,
        }
    }

    /// Those that sign with AWS's credentials.
    fn of(name: &str) -> Option<Self> {
        [Self::SigV4, Self::SigV4a, Self::S3Express].into_iter().find(|signing| signing.as_str() == name)
    }
}

const S3_EXPRESS: &str = "sigv4-s3express";

/// Decides how a call is signed: the first of the endpoint's schemes that is known here, else the first of the
/// model's.
///
/// # Errors
/// When the service wants a scheme that is not known here.
pub(super) fn choose(service: &Service, operation: &Operation, endpoint: &Endpoint) -> Result<Signing, AwsError> {
    let modelled = operation.auth.as_deref();
    if modelled.is_some_and(|schemes| schemes.iter().all(|scheme| scheme == NO_AUTH)) {
        return Ok(Signing::Unsigned);
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
    let sigv4 = modelled.is_empty() || modelled.iter().any(|scheme| scheme.starts_with("aws.auth#sigv4"));
    if bearer && (!sigv4 || service.signature_version == "bearer") {
        return Ok(Signing::Bearer);
    }
    let offered: Vec<&str> = auth_schemes(endpoint).filter_map(|scheme| scheme.get("name")?.as_str()).collect();
    let chosen = if !offered.is_empty() {
        offered.iter().find_map(|name| Signing::of(name))
    } else if modelled.is_empty() {
        Some(Signing::SigV4)
    } else {
        modelled.iter().find_map(|scheme| Signing::of(scheme.strip_prefix("aws.auth#")?))
    };
    chosen.ok_or_else(|| {
        let wanted = if offered.is_empty() { modelled.join(", ") } else { offered.join(", ") };
        AwsError::Unsupported(format!("this call must be signed with {wanted}, which is not spoken here yet"))
    })
}

fn auth_schemes(endpoint: &Endpoint) -> impl Iterator<Item = &serde_json::Value> {
    endpoint.properties.get("authSchemes").and_then(serde_json::Value::as_array).into_iter().flatten()
}

/// The endpoint in the runtime's form, at that URL. What `authSchemes` say about signing goes along where AWS's
/// credentials sign.
pub(super) fn runtime_endpoint(endpoint: &Endpoint, url: &str, signing: Signing) -> RuntimeEndpoint {
    let mut out = RuntimeEndpoint::builder().url(url.to_owned());
    for (name, values) in &endpoint.headers {
        for value in values {
            out = out.header(name.clone(), value.clone());
        }
    }
    if !matches!(signing, Signing::Bearer | Signing::Unsigned) {
        let schemes: Vec<Document> = auth_schemes(endpoint).map(|scheme| scheme_document(scheme, signing)).collect();
        if !schemes.is_empty() {
            out = out.property("authSchemes", schemes);
        }
    }
    out.build()
}

/// One of `authSchemes`. The runtime knows S3 Express only as SigV4 with other credentials.
fn scheme_document(scheme: &serde_json::Value, signing: Signing) -> Document {
    let mut scheme = scheme.clone();
    if let Some(name) = scheme.get_mut("name").filter(|name| signing == Signing::S3Express && *name == S3_EXPRESS) {
        *name = Signing::SigV4.as_str().into();
    }
    to_document(&scheme)
}

/// Stores how to sign: service, region, what S3 does its own way, and the hash of a body that was read before.
pub(super) fn configure(
    layer: &mut Layer,
    service: &Service,
    operation: &Operation,
    region: Option<&str>,
    sha256: Option<&str>,
) {
    let s3 = is_s3_like(service);
    let mut options = SigningOptions::default();
    options.double_uri_encode = !s3;
    options.normalize_uri_path = !s3;
    options.content_sha256_header = s3 || service.sdk_id == "Glacier" || operation.unsigned_payload;
    options.payload_override = match sha256 {
        _ if operation.unsigned_payload => Some(SignableBody::UnsignedPayload),
        // A body that is not in memory.
        Some(sha256) => Some(SignableBody::Precomputed(sha256.to_owned())),
        None => None,
    };
    let region = region.map(|region| Region::new(region.to_owned()));
    layer.store_put(SigV4OperationSigningConfig {
        signing_options: options,
        name: Some(SigningName::from(service.signing_name.clone())),
        region: region.clone().map(SigningRegion::from),
        region_set: region.map(SigningRegionSet::from),
    });
}

/// Adds what signs, and whose identity it signs with.
pub(super) fn install(
    components: &mut RuntimeComponentsBuilder,
    signing: Signing,
    credentials: Option<SharedIdentityResolver>,
    tokens: Option<SharedIdentityResolver>,
) {
    let identity = match signing {
        Signing::SigV4 | Signing::S3Express => {
            components.push_auth_scheme(aws_runtime::auth::sigv4::SigV4AuthScheme::new());
            credentials
        }
        Signing::SigV4a => {
            components.push_auth_scheme(aws_runtime::auth::sigv4a::SigV4aAuthScheme::new());
            credentials
        }
        Signing::Bearer => {
            components.push_auth_scheme(BearerAuthScheme::new());
            tokens
        }
        Signing::Unsigned => {
            components.push_auth_scheme(NoAuthScheme::new());
            Some(SharedIdentityResolver::new(NoAuthIdentityResolver::new()))
        }
    };
    if let Some(identity) = identity {
        components.set_identity_resolver(signing.id(), identity);
    }
}

/// S3 and its relatives sign the path as it is and the body by a header.
pub(super) fn is_s3_like(service: &Service) -> bool {
    matches!(service.signature_version.as_str(), "s3" | "s3v4")
        || matches!(service.sdk_id.as_str(), "S3" | "S3 Control" | "S3Outposts")
}

#[cfg(test)]
mod tests;
