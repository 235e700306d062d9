//! One message of an event stream: an event into JSON, an exception into a fault.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_schema::ShapeType;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::Builder;
use aws_smithy_types::event_stream::{HeaderValue, Message};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::fault::ServiceFault;
use super::wire::{Wire, WireError};
use crate::aws::bridge::{Notes, put_blob, read_structure};
use crate::aws::schema::{Node, OperationSchemas, Structure};
use crate::smithy::Fault;

/// What a message says.
#[derive(Debug)]
pub(crate) enum Said {
    /// An event, under its name.
    Event(Value),
    /// What the operation answers besides the stream; the RPC protocols send it first.
    Output(Map<String, Value>),
    /// The stream ends with an error.
    Fault(Box<ServiceFault>),
}

impl Wire {
    /// Reads a message.
    ///
    /// # Errors
    /// When it does not fit the model.
    pub(crate) fn message(
        &self,
        schemas: &OperationSchemas,
        events: &Structure,
        message: &Message,
        notes: &mut Notes,
    ) -> Result<Said, WireError> {
        let header = |name: &str| {
            let found = message.headers().iter().find(|header| header.name().as_str() == name);
            found.and_then(|header| header.value().as_string().ok()).map(|text| text.as_str().to_owned())
        };
        match header(":message-type").as_deref() {
            Some("event") => {
                let name = header(":event-type").unwrap_or_default();
                if name == "initial-response" {
                    return self.structure(&schemas.output, message.payload(), notes).map(Said::Output);
                }
                let body = match target(events, &name) {
                    Some(structure) => self.event(structure, message, notes)?,
                    // Newer than the model.
                    None => Map::new(),
                };
                Ok(Said::Event(json!({ name: body })))
            }
            Some("exception") => {
                let code = header(":exception-type").unwrap_or_default();
                Ok(Said::Fault(Box::new(self.exception(schemas, events, &code, message.payload()))))
            }
            Some("error") => {
                let code = header(":error-code").unwrap_or_else(|| "Unknown".to_owned());
                let text = header(":error-message").unwrap_or_default();
                Ok(Said::Fault(Box::new(fault(schemas, &code, Some(text), Map::new()))))
            }
            _ => Err(WireError::Answer("the event stream holds a message of no known type".into())),
        }
    }

    fn event(
        &self,
        structure: &Structure,
        message: &Message,
        notes: &mut Notes,
    ) -> Result<Map<String, Value>, WireError> {
        let mut out = Map::new();
        let payload = structure.members.iter().find(|member| member.schema.event_payload().is_some());
        let headers = structure.members.iter().filter(|member| member.schema.event_header().is_some());
        if payload.is_none() && headers.clone().count() < structure.members.len() {
            out = self.structure(structure, message.payload(), notes)?;
        }
        for member in headers {
            let found = message.headers().iter().find(|header| header.name().as_str() == member.name);
            if let Some(header) = found {
                let value = header_value(header.value()).map_err(|error| WireError::Answer(error.to_string()))?;
                out.insert(member.name.to_owned(), value);
            }
        }
        if let Some(member) = payload {
            let bytes = message.payload();
            match member.node {
                Node::Structure(cell) => {
                    let inner = cell.get().map(|inner| self.structure(inner, bytes, notes)).transpose()?;
                    out.insert(member.name.to_owned(), inner.unwrap_or_default().into());
                }
                Node::Scalar(ShapeType::Blob) => put_blob(&mut out, member.name, bytes, None),
                _ => {
                    out.insert(member.name.to_owned(), String::from_utf8_lossy(bytes).into());
                }
            }
        }
        Ok(out)
    }

    fn structure(
        &self,
        structure: &Structure,
        payload: &[u8],
        notes: &mut Notes,
    ) -> Result<Map<String, Value>, WireError> {
        if payload.is_empty() {
            return Ok(Map::new());
        }
        let unread = |problem: String| WireError::Answer(problem);
        let codec = self.inner.payload_codec().ok_or_else(|| unread("its protocol has no event streams".into()))?;
        let mut deserializer = codec.create_deserializer(payload);
        let strict = read_structure(&mut *deserializer, structure, self.defaults);
        strict.or_else(|error| self.salvage_body(structure, payload, notes).ok_or_else(|| unread(error.to_string())))
    }

    fn exception(&self, schemas: &OperationSchemas, events: &Structure, code: &str, payload: &[u8]) -> ServiceFault {
        let structure = target(events, code);
        let mut detail = structure
            .and_then(|structure| self.structure(structure, payload, &mut Notes::default()).ok())
            .unwrap_or_default();
        let meta = self.inner.parse_event_stream_error_metadata(payload).map(Builder::build).ok();
        let own = detail.keys().find(|name| name.eq_ignore_ascii_case("message")).cloned();
        let own = own.and_then(|name| detail.shift_remove(&name)).and_then(|text| text.as_str().map(str::to_owned));
        let text = own.or_else(|| meta?.message().map(str::to_owned));
        // The union names it with a small first letter, everyone else by its shape.
        fault(schemas, structure.map_or(code, |structure| structure.schema.shape_id().shape_name()), text, detail)
    }
}

fn target(events: &Structure, name: &str) -> Option<&'static Structure> {
    let member = events.members.iter().find(|member| member.name == name)?;
    match member.node {
        Node::Structure(cell) => cell.get(),
        _ => None,
    }
}

fn fault(schemas: &OperationSchemas, code: &str, text: Option<String>, detail: Map<String, Value>) -> ServiceFault {
    let facts = schemas.error(code).and_then(|error| error.facts.as_ref());
    let mut meta = ErrorMetadata::builder().code(code);
    if let Some(text) = text {
        meta = meta.message(text);
    }
    ServiceFault {
        meta: meta.build(),
        status: 200,
        fault: facts.map_or(Fault::Server, |facts| facts.fault),
        request_id: None,
        region: None,
        detail,
        // The stream had begun: it is never asked for again.
        kind: None,
    }
}

fn header_value(value: &HeaderValue) -> Result<Value, BoxError> {
    Ok(match value {
        HeaderValue::Bool(flag) => (*flag).into(),
        HeaderValue::Byte(number) => (*number).into(),
        HeaderValue::Int16(number) => (*number).into(),
        HeaderValue::Int32(number) => (*number).into(),
        HeaderValue::Int64(number) => (*number).into(),
        HeaderValue::ByteArray(bytes) => STANDARD.encode(bytes).into(),
        HeaderValue::String(text) => text.as_str().into(),
        HeaderValue::Timestamp(instant) => instant.fmt(Format::DateTime)?.into(),
        HeaderValue::Uuid(id) => uuid::Uuid::from_u128(*id).to_string().into(),
        _ => Value::Null,
    })
}
