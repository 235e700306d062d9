//! The top of `service-2`: metadata into a [`Service`], then operations and shapes.

use serde_json::{Map, Value};

use super::{Reader, settle, strip_documentation};
use crate::smithy::{
    Model, Protocol, Service,
    read::{Problem, Under, object, text, texts},
};

/// Where a `locationName` that no HTTP binding uses belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    /// Some protocol of the service writes JSON by name.
    pub(super) json: bool,
    /// Some protocol of the service writes XML or queries.
    pub(super) xml: bool,
}

impl Names {
    fn of(protocols: &[Protocol]) -> Self {
        let any = |wanted: &[Protocol]| protocols.iter().any(|protocol| wanted.contains(protocol));
        Self {
            json: any(&[Protocol::RestJson1, Protocol::AwsJson1_0, Protocol::AwsJson1_1, Protocol::RpcV2Json]),
            xml: any(&[Protocol::RestXml, Protocol::AwsQuery, Protocol::Ec2Query]),
        }
    }
}

impl Reader {
    pub(super) fn service_document(&mut self, name: &str, document: &Map<String, Value>) -> Result<Model, Problem> {
        let metadata = document.get("metadata").ok_or_else(|| Problem::new("`metadata` is missing"))?;
        let metadata = object(metadata).under("metadata")?;
        let mut model = Model { service: self.metadata(name, metadata).under("metadata")?, ..Model::default() };
        let names = Names::of(&model.service.protocols);
        for required in ["operations", "shapes"] {
            if !document.contains_key(required) {
                return Err(Problem::new(format!("`{required}` is missing")));
            }
        }
        for (key, value) in document {
            match key.as_str() {
                "metadata" | "version" => {}
                "operations" => {
                    for (name, value) in object(value).under(key)? {
                        let operation = self.operation(name, value).under(name).under(key)?;
                        model.operations.insert(name.clone(), operation);
                    }
                }
                "shapes" => {
                    for (name, value) in object(value).under(key)? {
                        let shape = self.shape(name, value, names).under(name).under(key)?;
                        model.shapes.insert(name.clone(), shape);
                    }
                }
                "clientContextParams" => {
                    let mut parameters = object(value).under(key)?.clone();
                    if !self.documentation {
                        strip_documentation(&mut parameters);
                    }
                    model.service.client_context_params = parameters;
                }
                "documentation" => model.service.documentation = self.documentation(value),
                "deprecated" | "deprecatedMessage" | "examples" => self.left_out("service", key, ""),
                _ => self.unknown("service", key, ""),
            }
        }
        settle::settle(&mut model)?;
        Ok(model)
    }

    fn metadata(&mut self, name: &str, metadata: &Map<String, Value>) -> Result<Service, Problem> {
        let mut service = Service { name: name.to_owned(), ..Service::default() };
        let mut protocol = None;
        let mut protocols = Vec::new();
        let mut json_version = None;
        let mut target_prefix = None;
        let mut auth = None;
        for (key, value) in metadata {
            match key.as_str() {
                "serviceId" => service.sdk_id = text(value).under(key)?,
                "serviceFullName" => service.title = text(value).under(key)?,
                "apiVersion" => service.version = text(value).under(key)?,
                "endpointPrefix" => service.endpoint_prefix = text(value).under(key)?,
                "signingName" => service.signing_name = text(value).under(key)?,
                "signatureVersion" => service.signature_version = text(value).under(key)?,
                "xmlNamespace" => service.xml_namespace = Some(namespace_uri(value).under(key)?),
                "awsQueryCompatible" => service.query_compatible = true,
                "protocol" => protocol = Some(text(value).under(key)?),
                "protocols" => protocols = texts(value).under(key)?,
                "jsonVersion" => json_version = Some(text(value).under(key)?),
                "targetPrefix" => target_prefix = Some(text(value).under(key)?),
                "auth" => auth = Some(texts(value).under(key)?),
                "uid"
                | "serviceAbbreviation"
                | "globalEndpoint"
                | "checksumFormat"
                | "timestampFormat"
                | "ripServiceName"
                | "protocolSettings" => self.left_out("metadata", key, ""),
                _ => self.unknown("metadata", key, ""),
            }
        }
        if protocols.is_empty() {
            protocols.extend(protocol);
        }
        service.protocols = protocols
            .iter()
            .map(|name| {
                self::protocol(name, json_version.as_deref())
                    .ok_or_else(|| Problem::new(format!("`{name}` is no protocol known here")).at("protocols"))
            })
            .collect::<Result<_, _>>()?;
        if service.protocols.is_empty() {
            return Err(Problem::new("`protocol` is missing"));
        }
        if service.endpoint_prefix.is_empty() {
            return Err(Problem::new("`endpointPrefix` is missing"));
        }
        // botocore falls back likewise (`ServiceModel.signing_name`, `service_id`).
        if service.signing_name.is_empty() {
            service.signing_name.clone_from(&service.endpoint_prefix);
        }
        if service.sdk_id.is_empty() {
            name.clone_into(&mut service.sdk_id);
        }
        service.auth = auth.unwrap_or_else(|| auth_of(&service.signature_version));
        // botocore's parser finds out by looking; only S3 answers errors without a wrapper.
        service.no_error_wrapping = service.signature_version == "s3" && service.protocols.contains(&Protocol::RestXml);
        if let Some(prefix) = target_prefix {
            let local = prefix.rsplit('.').next().unwrap_or_default();
            local.clone_into(&mut service.shape_name);
            service.target_prefix = (local != prefix).then_some(prefix);
        }
        Ok(service)
    }
}

fn protocol(name: &str, json_version: Option<&str>) -> Option<Protocol> {
    Some(match name {
        "smithy-rpc-v2-cbor" => Protocol::RpcV2Cbor,
        "json" if json_version == Some("1.1") => Protocol::AwsJson1_1,
        "json" => Protocol::AwsJson1_0,
        "rest-json" => Protocol::RestJson1,
        "rest-xml" => Protocol::RestXml,
        "query" => Protocol::AwsQuery,
        "ec2" => Protocol::Ec2Query,
        _ => return None,
    })
}

/// Auth schemes of services published before the `auth` key. SigV2 has no scheme in Smithy.
fn auth_of(signature_version: &str) -> Vec<String> {
    match signature_version {
        "v4" | "s3" | "s3v4" => vec!["aws.auth#sigv4".to_owned()],
        "bearer" => vec!["smithy.api#httpBearerAuth".to_owned()],
        _ => Vec::new(),
    }
}

fn namespace_uri(value: &Value) -> Result<String, Problem> {
    match value.get("uri") {
        Some(uri) => text(uri).under("uri"),
        None => text(value),
    }
}
