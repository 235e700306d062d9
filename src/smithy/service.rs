//! The service shape: every name it is known by, its protocols and its service-wide traits.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A wire protocol, named as Smithy names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Protocol {
    /// `aws.protocols#awsJson1_0`
    AwsJson1_0,
    /// `aws.protocols#awsJson1_1`
    AwsJson1_1,
    /// `aws.protocols#restJson1`
    RestJson1,
    /// `aws.protocols#restXml`
    RestXml,
    /// `aws.protocols#awsQuery`
    AwsQuery,
    /// `aws.protocols#ec2Query`
    Ec2Query,
    /// `smithy.protocols#rpcv2Cbor`
    RpcV2Cbor,
    /// `smithy.protocols#rpcv2Json`
    RpcV2Json,
}

/// Names and service-wide traits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Service {
    /// The canonical name: botocore's directory name (`elbv2`).
    pub name: String,
    /// The service shape's local name (`AmazonS3`), part of `X-Amz-Target` and of rpcv2 paths.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub shape_name: String,
    /// `aws.api#service` `sdkId` (`Elastic Load Balancing v2`).
    pub sdk_id: String,
    /// The long title (`Elastic Load Balancing`).
    pub title: String,
    /// API version (`2015-12-01`).
    pub version: String,
    /// Endpoint prefix (`elasticloadbalancing`).
    pub endpoint_prefix: String,
    /// SigV4 signing name.
    pub signing_name: String,
    /// ARN namespace, where the model says one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn_namespace: Option<String>,
    /// CloudFormation name, where the model says one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloudformation_name: Option<String>,
    /// Protocols in the order the model prefers them.
    pub protocols: Vec<Protocol>,
    /// Auth schemes as absolute ids, in order (`aws.auth#sigv4`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub auth: Vec<String>,
    /// botocore's `signatureVersion` (`v4`, `s3`, `v2`, `bearer`); empty when read from an AST.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub signature_version: String,
    /// Prefix of `X-Amz-Target` when it differs from the shape name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_prefix: Option<String>,
    /// Default XML namespace URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xml_namespace: Option<String>,
    /// `aws.protocols#awsQueryCompatible`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub query_compatible: bool,
    /// restXml `noErrorWrapping`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_error_wrapping: bool,
    /// `smithy.rules#clientContextParams`, as published.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub client_context_params: Map<String, Value>,
    /// First sentence of the documentation, where present.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
}
