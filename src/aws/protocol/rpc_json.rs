//! rpcv2Json: the runtime crates have its codec, not the protocol itself.

use aws_smithy_json::codec::{JsonCodec, JsonCodecSettings};
use aws_smithy_json::protocol::aws_json_rpc::AwsJsonRpcProtocol;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::http::{Request, Response};
use aws_smithy_schema::http_protocol::HttpRpcProtocol;
use aws_smithy_schema::protocol::{ClientProtocolInner, ServiceShapeName};
use aws_smithy_schema::serde::{SerdeError, SerializableStruct, ShapeDeserializer};
use aws_smithy_schema::{Schema, ShapeId, shape_id};
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::endpoint::Endpoint;
use aws_smithy_types::error::metadata::Builder;

/// `smithy.protocols#rpcv2Json`
#[derive(Debug)]
pub(super) struct RpcV2Json {
    inner: HttpRpcProtocol<JsonCodec>,
    /// Its errors are awsJson's.
    errors: AwsJsonRpcProtocol,
}

impl RpcV2Json {
    pub(super) fn new() -> Self {
        let id = shape_id!("smithy.protocols", "rpcv2Json");
        let settings = JsonCodecSettings::builder()
            .use_json_name(false)
            .default_timestamp_format(Format::EpochSeconds)
            .use_string_for_arbitrary_precision(true)
            .protocol_id(id.clone());
        let inner = HttpRpcProtocol::new(id, JsonCodec::new(settings.build()), "application/json");
        Self { inner, errors: AwsJsonRpcProtocol::aws_json_1_0() }
    }
}

impl ClientProtocolInner for RpcV2Json {
    type Request = Request;
    type Response = Response;

    fn protocol_id(&self) -> &ShapeId<'static> {
        self.inner.protocol_id()
    }

    fn serialize_request(
        &self,
        input: &dyn SerializableStruct,
        input_schema: &Schema<'_>,
        endpoint: &str,
        cfg: &ConfigBag,
    ) -> Result<Request, SerdeError> {
        let route = match (cfg.load::<ServiceShapeName>(), cfg.load::<Metadata>()) {
            (Some(service), Some(operation)) => {
                format!("/service/{}/operation/{}", service.as_str(), operation.name())
            }
            _ => endpoint.to_owned(),
        };
        let mut request = self.inner.serialize_request(input, input_schema, &route, cfg)?;
        request.headers_mut().insert("smithy-protocol", "rpc-v2-json");
        request.headers_mut().insert("accept", "application/json");
        Ok(request)
    }

    fn deserialize_response<'a>(
        &self,
        response: &'a Response,
        output_schema: &Schema<'_>,
        cfg: &'a ConfigBag,
    ) -> Result<Box<dyn ShapeDeserializer + 'a>, SerdeError> {
        self.inner.deserialize_response(response, output_schema, cfg)
    }

    fn parse_error_metadata(&self, response: &Response, cfg: &ConfigBag) -> Result<Builder, SerdeError> {
        self.errors.parse_error_metadata(response, cfg)
    }

    fn update_endpoint(&self, request: &mut Request, endpoint: &Endpoint, cfg: &ConfigBag) -> Result<(), SerdeError> {
        self.inner.update_endpoint(request, endpoint, cfg)
    }
}
