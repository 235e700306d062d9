//! The two ends of the orchestrator: JSON into a request, a response into JSON or a fault.

use std::sync::Arc;

use aws_smithy_compression::CompressionOptions;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SerializeRequest};
use aws_smithy_schema::ShapeType;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::operation::Prepared;
use super::protocol::WireError;
use super::schema::{Node, OperationSchemas};
use super::{checksum, compress, custom};
use crate::smithy::Protocol;

/// Serializer and deserializer of one operation.
#[derive(Debug, Clone)]
pub(super) struct Codec(pub(super) Arc<Prepared>);

/// The path of the endpoint, where it belongs before the operation's own (S3's bucket).
#[derive(Debug, Clone)]
pub(super) struct PathPrefix(pub(super) String);

impl Storable for PathPrefix {
    type Storer = StoreReplace<Self>;
}

/// A path and query under a prefix; the bare root gives way.
fn under(prefix: &str, uri: &str) -> String {
    match uri.strip_prefix('/') {
        Some(rest) if rest.is_empty() || rest.starts_with('?') => format!("{prefix}{rest}"),
        _ => format!("{prefix}{uri}"),
    }
}

/// The payload on its way through the orchestrator.
#[derive(Debug)]
pub(super) struct Payload(pub(super) Map<String, Value>);

/// A result on its way back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) output: Map<String, Value>,
    pub(super) request_id: Option<String>,
    pub(super) status: u16,
}

impl SerializeRequest for Codec {
    fn serialize_input(&self, input: Input, cfg: &mut ConfigBag) -> Result<HttpRequest, BoxError> {
        let Payload(payload) = input.downcast().map_err(|_| "the input is not a payload")?;
        let Prepared { model, operation, schemas, wire } = &*self.0;
        let mut request = wire.request(&model.service, schemas, &payload, cfg)?;
        if let Some(PathPrefix(prefix)) = cfg.load::<PathPrefix>() {
            let uri = under(prefix, request.uri());
            request.set_uri(uri).map_err(|error| error.to_string())?;
        }
        if let Some(options) = cfg.load::<CompressionOptions>() {
            compress::apply(&mut request, operation, options);
        }
        custom::headers(&model.service, operation, &mut request);
        checksum::apply(&mut request, operation, &payload).map_err(WireError::Payload)?;
        Ok(request)
    }
}

impl DeserializeResponse for Codec {
    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        cfg: &ConfigBag,
    ) -> Result<Output, OrchestratorError<Error>> {
        let Prepared { schemas, wire, .. } = &*self.0;
        if custom::is_error(&self.0, response) {
            return Err(OrchestratorError::operation(Error::erase(wire.fault(schemas, response, cfg))));
        }
        // An answer that cannot be read is not asked for again: the call has taken effect.
        let mut output = wire.output(schemas, response, cfg).map_err(OrchestratorError::other)?;
        if matches!(wire.kind(), Protocol::RestJson1 | Protocol::RestXml) {
            put_body(&mut output, schemas, response);
        }
        let request_id = request_id(response);
        Ok(Output::erase(Answer { output, request_id, status: response.status().as_u16() }))
    }
}

/// The id AWS gives a request, as the answer's headers tell it.
fn request_id(response: &HttpResponse) -> Option<String> {
    let names = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"];
    names.iter().find_map(|name| response.headers().get(*name)).map(str::to_owned)
}

/// A blob that is the body: as text where it is text, else in base64; a member beside it says which.
fn put_body(output: &mut Map<String, Value>, schemas: &OperationSchemas, response: &HttpResponse) {
    let Some(member) = OperationSchemas::raw_payload(&schemas.output) else { return };
    let body = response.body().bytes().unwrap_or_default();
    if !matches!(member.node, Node::Scalar(ShapeType::Blob)) || (body.is_empty() && !member.schema.streaming()) {
        return;
    }
    let (value, encoding) = match text(body, response.headers().get("content-type")) {
        Some(text) => (text.to_owned(), "text"),
        None => (STANDARD.encode(body), "base64"),
    };
    output.insert(member.name.to_owned(), value.into());
    output.insert(format!("{}$encoding", member.name), encoding.into());
}

/// The body as text: by its content type, or, where that says nothing, when no byte of it is a control.
fn text<'b>(body: &'b [u8], content_type: Option<&str>) -> Option<&'b str> {
    let text = std::str::from_utf8(body).ok()?;
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let textual = kind.starts_with("text/")
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
        || kind.strip_prefix("application/").is_some_and(|kind| {
            matches!(kind, "json" | "xml" | "javascript" | "yaml" | "x-yaml" | "x-ndjson" | "x-www-form-urlencoded")
        });
    let says_nothing = matches!(kind.as_str(), "" | "binary/octet-stream" | "application/octet-stream");
    let printable = || !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    (textual || (says_nothing && printable())).then_some(text)
}
