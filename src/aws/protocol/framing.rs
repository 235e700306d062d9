//! What AWS's code generators put around a serialized request, and the protocol crates therefore do not.

use aws_smithy_runtime_api::http::Request;
use aws_smithy_schema::ShapeType;
use aws_smithy_types::body::SdkBody;
use serde_json::{Map, Value};

use crate::aws::schema::{Node, OperationSchemas};
use crate::smithy::{Protocol, Service};

/// Completes a serialized request.
pub(super) fn complete(
    request: &mut Request,
    protocol: Protocol,
    service: &Service,
    schemas: &OperationSchemas,
    input: &Map<String, Value>,
) {
    match protocol {
        Protocol::RestJson1 | Protocol::RestXml => payload(request, protocol, schemas, input),
        Protocol::RpcV2Cbor | Protocol::RpcV2Json if !schemas.has_input => {
            *request.body_mut() = SdkBody::empty();
            request.headers_mut().remove("content-type");
            request.headers_mut().remove("content-length");
        }
        _ => {}
    }
    let query_mode =
        matches!(protocol, Protocol::AwsJson1_0 | Protocol::AwsJson1_1 | Protocol::RpcV2Cbor | Protocol::RpcV2Json);
    if service.query_compatible && query_mode {
        request.headers_mut().insert("x-amzn-query-mode", "true");
    }
}

fn payload(request: &mut Request, protocol: Protocol, schemas: &OperationSchemas, input: &Map<String, Value>) {
    let Some(member) = schemas.input.members.iter().find(|member| member.schema.http_payload().is_some()) else {
        return;
    };
    let set = input.get(member.name).is_some_and(|value| !value.is_null());
    let kind = member.node.shape_type();
    match member.node {
        Node::Structure(_) if !set => {
            // restJson1: a payload structure is never absent. A union has no empty form.
            if protocol == Protocol::RestJson1 && !is_union(member.node) {
                *request.body_mut() = SdkBody::from("{}");
                request.headers_mut().insert("content-length", "2");
            } else {
                request.headers_mut().remove("content-type");
                request.headers_mut().remove("content-length");
            }
        }
        Node::Scalar(ShapeType::Blob | ShapeType::String) if set && request.headers().get("content-type").is_none() => {
            let fallback = if kind == ShapeType::String { "text/plain" } else { "application/octet-stream" };
            let media_type = member.schema.media_type().map_or(fallback, |media_type| media_type.value());
            request.headers_mut().insert("content-type", media_type.to_owned());
        }
        // As the SDKs do: a blob that is not given is an empty one.
        Node::Scalar(ShapeType::Blob)
            if protocol == Protocol::RestJson1 && request.headers().get("content-type").is_none() =>
        {
            request.headers_mut().insert("content-type", "application/octet-stream");
        }
        // The binding leaves documents to us.
        Node::Scalar(ShapeType::Document) if set && protocol == Protocol::RestJson1 => {
            let body = input.get(member.name).map(Value::to_string).unwrap_or_default();
            request.headers_mut().insert("content-length", body.len().to_string());
            request.headers_mut().insert("content-type", "application/json");
            *request.body_mut() = SdkBody::from(body);
        }
        _ => {}
    }
}

fn is_union(node: Node) -> bool {
    matches!(node, Node::Structure(cell) if cell.get().is_some_and(|structure| structure.union))
}
