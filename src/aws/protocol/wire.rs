//! One face for all protocols: a JSON object into a request, a response into a JSON object or a fault.

use aws_smithy_cbor::protocol::RpcV2CborProtocol;
use aws_smithy_json::protocol::aws_json_rpc::AwsJsonRpcProtocol;
use aws_smithy_json::protocol::aws_rest_json_1::AwsRestJsonProtocol;
use aws_smithy_query::protocol::AwsQueryProtocol;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::http::{Request, Response};
use aws_smithy_schema::codec::Codec as _;
use aws_smithy_schema::http_protocol::http_error_deserializer;
use aws_smithy_schema::protocol::{ServiceShapeName, ServiceVersion, ServiceXmlNamespace, SharedClientProtocol};
use aws_smithy_schema::serde::{SerdeError, ShapeDeserializer};
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_xml::codec::{XmlCodec, XmlCodecSettings};
use aws_smithy_xml::protocol::aws_rest_xml::AwsRestXmlProtocol;
use serde_json::{Map, Value};

use super::fault::{ServiceFault, code_of_status, retry_kind};
use super::rpc_json::RpcV2Json;
use super::{framing, xml_error};
use crate::aws::bridge::{Input, Notes, Style, read_structure};
use crate::aws::schema::{ErrorNode, OperationSchemas, Structure};
use crate::smithy::{Fault, Operation, Protocol, Service};

/// What the wire did not hold, or the payload.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WireError {
    /// The payload does not fit the model.
    #[error("{0}")]
    Payload(String),
    /// The answer does not fit the model.
    #[error("the answer cannot be read as the model describes it: {0}")]
    Answer(String),
    /// The body is not the one that was sent.
    #[error("{0}")]
    Damaged(String),
}

/// One protocol, set up for one service.
#[derive(Debug)]
pub(crate) struct Wire {
    kind: Protocol,
    pub(super) inner: SharedClientProtocol,
    pub(super) defaults: bool,
}

impl Wire {
    /// Sets a protocol up; with the model's `defaults` filled in or without.
    pub(crate) fn new(kind: Protocol, defaults: bool) -> Self {
        let inner = match kind {
            Protocol::AwsJson1_0 => SharedClientProtocol::new(AwsJsonRpcProtocol::aws_json_1_0()),
            Protocol::AwsJson1_1 => SharedClientProtocol::new(AwsJsonRpcProtocol::aws_json_1_1()),
            Protocol::RestJson1 => SharedClientProtocol::new(AwsRestJsonProtocol::new()),
            Protocol::RpcV2Json => SharedClientProtocol::new(RpcV2Json::new()),
            Protocol::RestXml => SharedClientProtocol::new(AwsRestXmlProtocol::new()),
            // ec2Query is awsQuery under other names; the schemas carry those.
            Protocol::AwsQuery | Protocol::Ec2Query => SharedClientProtocol::new(AwsQueryProtocol::new()),
            Protocol::RpcV2Cbor => SharedClientProtocol::new(RpcV2CborProtocol::new()),
        };
        Self { kind, inner, defaults }
    }

    /// Which protocol it is.
    pub(crate) const fn kind(&self) -> Protocol {
        self.kind
    }

    /// Stores what the protocol must know of service and operation.
    pub(crate) fn configure(&self, layer: &mut Layer, service: &Service, operation: &Operation, input: &Structure) {
        // X-Amz-Target may hold a longer name than the shape's; the path of rpcv2Cbor holds the shape's.
        let target = match &service.target_prefix {
            Some(prefix) if !matches!(self.kind, Protocol::RpcV2Cbor | Protocol::RpcV2Json) => prefix.clone(),
            _ => service.shape_name.clone(),
        };
        layer.store_put(Metadata::new(operation.name.clone(), service.sdk_id.clone()));
        layer.store_put(ServiceShapeName::new(target));
        layer.store_put(ServiceVersion::new(service.version.clone()));
        let payload = input.members.iter().find(|member| member.schema.http_payload().is_some());
        let own = payload.and_then(|member| member.schema.xml_namespace());
        if let Some(namespace) = own {
            layer.store_put(ServiceXmlNamespace::new(namespace.uri(), namespace.prefix().map(Into::into)));
        } else if let Some(uri) = &service.xml_namespace {
            layer.store_put(ServiceXmlNamespace::new(uri.clone(), None));
        }
    }

    /// Makes the request for a payload, without host and signature.
    ///
    /// # Errors
    /// When the payload does not fit the model.
    pub(crate) fn request(
        &self,
        service: &Service,
        schemas: &OperationSchemas,
        payload: &Map<String, Value>,
        cfg: &ConfigBag,
    ) -> Result<Request, WireError> {
        let style = Style { empty_lists: self.kind != Protocol::Ec2Query, defaults: self.defaults };
        let input = Input::new(&schemas.input, payload, style);
        let fits = |error: SerdeError| WireError::Payload(error.to_string());
        input.check().map_err(fits)?;
        let mut request = self.inner.serialize_request(&input, &schemas.input.schema, "", cfg).map_err(fits)?;
        framing::complete(&mut request, self.kind, service, schemas, payload);
        Ok(request)
    }

    /// Reads a response that is a success. A streaming body is not among the members. What does not fit the model is
    /// noted, and given as it was sent or left out.
    ///
    /// # Errors
    /// When the response is nothing that its protocol knows.
    pub(crate) fn output(
        &self,
        schemas: &OperationSchemas,
        response: &Response,
        cfg: &ConfigBag,
        notes: &mut Notes,
    ) -> Result<Map<String, Value>, WireError> {
        self.strict(schemas, response, cfg)
            .or_else(|problem| self.salvage(schemas, response, cfg, notes).ok_or(problem))
    }

    fn strict(
        &self,
        schemas: &OperationSchemas,
        response: &Response,
        cfg: &ConfigBag,
    ) -> Result<Map<String, Value>, WireError> {
        if schemas.output.members.is_empty() {
            return Ok(Map::new());
        }
        let body = response.body().bytes().unwrap_or_default();
        let blank = body.iter().all(u8::is_ascii_whitespace);
        let reads = |error: SerdeError| WireError::Answer(error.to_string());
        let mut deserializer: Box<dyn ShapeDeserializer + '_> = match self.kind {
            Protocol::AwsQuery | Protocol::Ec2Query if blank => return Ok(Map::new()),
            Protocol::Ec2Query => Box::new(xml().create_deserializer(body)),
            // Services answer with nothing where the model has optional members.
            Protocol::RestXml if blank => http_error_deserializer(xml().create_deserializer(&[]), response, cfg),
            _ => self.inner.deserialize_response(response, &schemas.output.schema, cfg).map_err(reads)?,
        };
        read_structure(&mut *deserializer, &schemas.output, self.defaults).map_err(reads)
    }

    /// The id AWS gives a request: in a header, or in the envelope of the query protocols.
    pub(crate) fn request_id(&self, response: &Response) -> Option<String> {
        let in_body = || match self.kind {
            Protocol::AwsQuery | Protocol::Ec2Query => xml_error::request_id(response.body().bytes()?),
            _ => None,
        };
        header_request_id(response).or_else(in_body)
    }

    /// Reads a response that is an error. Never fails: what cannot be read is left out.
    pub(crate) fn fault(&self, schemas: &OperationSchemas, response: &Response, cfg: &ConfigBag) -> ServiceFault {
        let status = response.status().as_u16();
        let body = response.body().bytes().unwrap_or_default();
        let mut request_id = header_request_id(response);
        let mut region = response.headers().get("x-amz-bucket-region").map(str::to_owned);
        let (code, message) = match self.kind {
            Protocol::RestXml | Protocol::AwsQuery | Protocol::Ec2Query => {
                let error = xml_error::parse(body);
                request_id = request_id.or(error.request_id);
                region = region.or(error.region);
                (error.code, error.message)
            }
            _ => {
                let meta = self.inner.parse_error_metadata(response, cfg);
                let meta = meta.map_or_else(
                    |_| ErrorMetadata::builder().build(),
                    aws_smithy_types::error::metadata::Builder::build,
                );
                (meta.code().map(str::to_owned), meta.message().map(str::to_owned))
            }
        };
        let modelled = code.as_deref().and_then(|code| schemas.error(code));
        let mut detail = modelled
            .and_then(ErrorNode::structure)
            .and_then(|structure| self.detail(structure, response, body, cfg))
            .unwrap_or_default();
        let facts = modelled.and_then(|error| error.facts.as_ref());
        let by_status = if status >= 500 { Fault::Server } else { Fault::Client };
        // The message has a place of its own.
        let member = detail.keys().find(|name| name.eq_ignore_ascii_case("message")).cloned();
        let modelled_message = member.and_then(|name| detail.shift_remove(&name));
        let message = message.or_else(|| modelled_message?.as_str().map(str::to_owned));
        let mut meta = ErrorMetadata::builder().code(code.unwrap_or_else(|| code_of_status(status)));
        if let Some(message) = message {
            meta = meta.message(message);
        }
        ServiceFault {
            meta: meta.build(),
            status,
            fault: facts.map_or(by_status, |facts| facts.fault),
            request_id,
            region,
            detail,
            kind: facts.and_then(retry_kind),
        }
    }

    fn detail(
        &self,
        structure: &Structure,
        response: &Response,
        body: &[u8],
        cfg: &ConfigBag,
    ) -> Option<Map<String, Value>> {
        let mut deserializer: Box<dyn ShapeDeserializer + '_> = match self.kind {
            Protocol::Ec2Query => Box::new(xml().create_deserializer(xml_error::ec2_error_element(body)?)),
            _ => self.inner.deserialize_error_response(response, cfg).ok()?,
        };
        // The error itself has been read; of its members what can be.
        let strict = read_structure(&mut *deserializer, structure, self.defaults).ok();
        strict.or_else(|| self.salvage_body(structure, body, &mut Notes::default()))
    }
}

fn header_request_id(response: &Response) -> Option<String> {
    let names = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"];
    names.iter().find_map(|name| response.headers().get(*name)).map(str::to_owned)
}

pub(super) fn xml() -> XmlCodec {
    XmlCodec::new(XmlCodecSettings::default())
}
