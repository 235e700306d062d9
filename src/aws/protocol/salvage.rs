//! What is left of an answer that does not fit its model: read a second time, leniently.

use aws_smithy_cbor::Decoder;
use aws_smithy_cbor::data::Type;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_schema::codec::Codec as _;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value};

use super::wire::{Wire, xml};
use crate::aws::bridge::{Notes, read_text, read_tree};
use crate::aws::schema::{MemberNode, Node, OperationSchemas, Structure};
use crate::smithy::Protocol;

impl Wire {
    /// The output with what could be read; `None` when the body is no document of its protocol at all.
    pub(super) fn salvage(
        &self,
        schemas: &OperationSchemas,
        response: &Response,
        cfg: &ConfigBag,
        notes: &mut Notes,
    ) -> Option<Map<String, Value>> {
        let body = response.body().bytes().unwrap_or_default();
        let structure = &schemas.output;
        if matches!(
            self.kind(),
            Protocol::AwsJson1_0 | Protocol::AwsJson1_1 | Protocol::RpcV2Json | Protocol::RpcV2Cbor
        ) {
            return Some(read_tree(structure, &self.tree(body)?, notes));
        }
        let payload = structure.members.iter().find(|member| member.schema.http_payload().is_some());
        if self.kind() != Protocol::RestJson1 {
            let text = String::from_utf8_lossy(body);
            let response = with_body(response, text.as_bytes());
            let body = response.body().bytes().unwrap_or_default();
            let mut reader: Box<dyn aws_smithy_schema::serde::ShapeDeserializer + '_> = match self.kind() {
                Protocol::Ec2Query => Box::new(xml().create_deserializer(body)),
                _ => self.inner.deserialize_response(&response, &structure.schema, cfg).ok()?,
            };
            return read_text(&mut *reader, structure, notes).ok();
        }
        // Headers are text, the body is a tree.
        let head = with_body(response, if payload.is_some() { b"" } else { b"{}" });
        let mut reader = self.inner.deserialize_response(&head, &structure.schema, cfg).ok()?;
        let mut output = read_text(&mut *reader, structure, notes).ok()?;
        match payload {
            Some(member) => {
                let value = self.payload(member, body, notes)?;
                output.insert(member.name.to_owned(), value);
            }
            None => output.extend(read_tree(structure, &self.tree(body)?, notes)),
        }
        Some(output)
    }

    /// A structure that is a body of its own: an event's, an error's.
    pub(super) fn salvage_body(
        &self,
        structure: &Structure,
        body: &[u8],
        notes: &mut Notes,
    ) -> Option<Map<String, Value>> {
        match self.kind() {
            Protocol::RestXml | Protocol::AwsQuery | Protocol::Ec2Query => {
                let text = String::from_utf8_lossy(body);
                read_text(&mut xml().create_deserializer(text.as_bytes()), structure, notes).ok()
            }
            _ => Some(read_tree(structure, &self.tree(body)?, notes)),
        }
    }

    fn payload(&self, member: &MemberNode, body: &[u8], notes: &mut Notes) -> Option<Value> {
        match member.node {
            Node::Structure(cell) => Some(Value::Object(read_tree(cell.get()?, &self.tree(body)?, notes))),
            _ => Some(String::from_utf8_lossy(body).into()),
        }
    }

    fn tree(&self, body: &[u8]) -> Option<Map<String, Value>> {
        let value = match self.kind() {
            Protocol::RpcV2Cbor => cbor(&mut Decoder::new(body), 0)?,
            _ => serde_json::from_str(&String::from_utf8_lossy(body)).ok()?,
        };
        match value {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }
}

fn with_body(response: &Response, body: &[u8]) -> Response {
    let mut out = Response::new(response.status(), SdkBody::from(body.to_vec()));
    for (name, value) in response.headers() {
        out.headers_mut().append(name.to_owned(), value.to_owned());
    }
    out
}

/// Deeper than any answer goes.
const DEEPEST: usize = 128;

/// A CBOR value as JSON: bytes in base64, instants in seconds.
fn cbor(decoder: &mut Decoder<'_>, depth: usize) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    Some(match decoder.datatype().ok()? {
        Type::Bool => decoder.boolean().ok()?.into(),
        Type::Null | Type::Undefined => {
            decoder.skip().ok()?;
            Value::Null
        }
        Type::F16 | Type::F32 | Type::F64 => {
            let number = decoder.double().ok()?;
            Number::from_f64(number).map_or_else(|| number.to_string().into(), Value::Number)
        }
        Type::Bytes | Type::BytesIndef => STANDARD.encode(decoder.blob().ok()?).into(),
        Type::String | Type::StringIndef => decoder.str().ok()?.into_owned().into(),
        Type::Array | Type::ArrayIndef => {
            let length = decoder.list().ok()?;
            let mut items = Vec::new();
            while more(decoder, length, items.len())? {
                items.push(cbor(decoder, depth + 1)?);
            }
            items.into()
        }
        Type::Map | Type::MapIndef => {
            let length = decoder.map().ok()?;
            let mut entries = Map::new();
            let mut count = 0;
            while more(decoder, length, count)? {
                let key = decoder.str().ok()?.into_owned();
                entries.insert(key, cbor(decoder, depth + 1)?);
                count += 1;
            }
            entries.into()
        }
        Type::Tag => {
            let at = decoder.position();
            match decoder.timestamp() {
                Ok(instant) => instant.as_secs_f64().into(),
                Err(_) => {
                    decoder.set_position(at);
                    match decoder.big_integer() {
                        Ok(number) => number.as_ref().into(),
                        Err(_) => {
                            decoder.set_position(at);
                            decoder.skip().ok()?;
                            "(an unknown CBOR tag)".into()
                        }
                    }
                }
            }
        }
        Type::Break | Type::Unknown(_) | Type::Simple => return None,
        _ => {
            let number = decoder.big_integer().ok()?;
            number.as_ref().parse::<i64>().map_or_else(|_| number.as_ref().into(), Value::from)
        }
    })
}

/// Whether a container goes on; the end of one of unknown length is taken.
fn more(decoder: &mut Decoder<'_>, length: Option<u64>, taken: usize) -> Option<bool> {
    if let Some(length) = length {
        return Some((taken as u64) < length);
    }
    if decoder.datatype().ok()? != Type::Break {
        return Some(true);
    }
    decoder.skip().ok()?;
    Some(false)
}
