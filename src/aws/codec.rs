//! The two ends of the orchestrator: JSON into a request, a response into JSON or a fault.

use std::sync::Arc;

use aws_smithy_compression::CompressionOptions;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SerializeRequest};
use aws_smithy_schema::ShapeType;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use serde_json::{Map, Value};

use super::body::{Saved, Upload};
use super::bridge::{Notes, Unread, put_blob};
use super::operation::Prepared;
use super::protocol::{ServiceFault, WireError};
use super::schema::{Node, OperationSchemas};
use super::{checksum, compress, custom, events, s3};
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
pub(super) struct Payload {
    pub(super) members: Map<String, Value>,
    /// The body, where it is not among the members.
    pub(super) upload: Option<Upload>,
}

/// A result on its way back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) output: Map<String, Value>,
    pub(super) request_id: Option<String>,
    pub(super) status: u16,
    /// An error among the events of a stream.
    pub(super) fault: Option<Box<ServiceFault>>,
    /// A stream that did not come to its end.
    pub(super) broken: Option<String>,
    /// What did not fit the model.
    pub(super) unread: Vec<Unread>,
}

impl SerializeRequest for Codec {
    fn serialize_input(&self, input: Input, cfg: &mut ConfigBag) -> Result<HttpRequest, BoxError> {
        let Payload { members: payload, upload } = input.downcast().map_err(|_| "the input is not a payload")?;
        let Prepared { model, operation, schemas, wire } = &*self.0;
        let mut request = wire.request(&model.service, schemas, &payload, cfg)?;
        if let Some(PathPrefix(prefix)) = cfg.load::<PathPrefix>() {
            let uri = under(prefix, request.uri());
            request.set_uri(uri).map_err(|error| error.to_string())?;
        }
        if let Some(options) = cfg.load::<CompressionOptions>() {
            compress::apply(&mut request, operation, options);
        }
        if let Some(upload) = upload {
            let member = OperationSchemas::raw_payload(&schemas.input);
            let media_type = member
                .and_then(|member| member.schema.media_type())
                .map(aws_smithy_schema::traits::MediaTypeTrait::value);
            upload.put(&mut request, media_type.unwrap_or("application/octet-stream"));
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
        let (request_id, status) = (wire.request_id(response), response.status().as_u16());
        if let Some((member, structure)) = OperationSchemas::event_stream(&schemas.output) {
            let heard = events::read(&self.0, member, structure, response, cfg).map_err(OrchestratorError::other)?;
            let events::Heard { output, mut fault, broken, notes } = heard;
            if let Some(fault) = &mut fault {
                fault.request_id.clone_from(&request_id);
            }
            return Ok(Output::erase(Answer {
                output,
                request_id,
                status,
                fault,
                broken,
                unread: notes.into_sorted(),
            }));
        }
        let saved = response.extension::<Saved>().copied();
        if saved.is_none() {
            checksum::verify(&self.0.operation, response)
                .map_err(|problem| OrchestratorError::other(WireError::Damaged(problem)))?;
        }
        let restored = saved.map(|Saved(bytes)| {
            let mut out = HttpResponse::new(response.status(), SdkBody::empty());
            for (name, value) in response.headers() {
                out.headers_mut().append(name.to_owned(), value.to_owned());
            }
            out.headers_mut().insert("content-length", bytes.to_string());
            out
        });
        let response = restored.as_ref().unwrap_or(response);
        let lenient = s3::without_bad_expires(&self.0.model.service, response);
        let (response, expires) = match &lenient {
            Some((without, expires)) => (without, Some(expires)),
            None => (response, None),
        };
        // An answer that cannot be read is not asked for again: the call has taken effect.
        let mut notes = Notes::default();
        let mut output = wire.output(schemas, response, cfg, &mut notes).map_err(OrchestratorError::other)?;
        if let (Some(Saved(bytes)), Some(member)) = (saved, OperationSchemas::raw_payload(&schemas.output)) {
            output.shift_remove(member.name);
            output.insert(format!("{}$bytes", member.name), bytes.into());
        } else if matches!(wire.kind(), Protocol::RestJson1 | Protocol::RestXml) {
            put_body(&mut output, schemas, response);
        }
        custom::finish_output(&self.0.model.service, &self.0.operation, &mut output);
        if let Some(text) = expires {
            output.insert("ExpiresString".into(), text.as_str().into());
        }
        Ok(Output::erase(Answer { output, request_id, status, fault: None, broken: None, unread: notes.into_sorted() }))
    }
}

/// A blob that is the body: as text where it is text, else in base64; a member beside it says which.
fn put_body(output: &mut Map<String, Value>, schemas: &OperationSchemas, response: &HttpResponse) {
    let Some(member) = OperationSchemas::raw_payload(&schemas.output) else { return };
    let body = response.body().bytes().unwrap_or_default();
    if !matches!(member.node, Node::Scalar(ShapeType::Blob)) || (body.is_empty() && !member.schema.streaming()) {
        return;
    }
    put_blob(output, member.name, body, response.headers().get("content-type"));
}
