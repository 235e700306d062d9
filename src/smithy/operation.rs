//! An operation and the traits that decide how it is called.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `smithy.api#http`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// HTTP method, upper case.
    pub method: String,
    /// URI pattern (`/{Bucket}/{Key+}?delete`).
    pub uri: String,
    /// Status code of success; 200 when absent in the model.
    #[serde(default = "ok_status", skip_serializing_if = "is_ok_status")]
    pub code: u16,
}

fn ok_status() -> u16 {
    200
}

fn is_ok_status(code: &u16) -> bool {
    *code == ok_status()
}

/// `aws.protocols#httpChecksum`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpChecksum {
    /// The request must carry a checksum.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub request_required: bool,
    /// Input member that chooses the algorithm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_algorithm_member: Option<String>,
    /// Input member that asks for response validation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_validation_mode_member: Option<String>,
    /// Algorithms a response may carry.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub response_algorithms: Vec<String>,
}

/// `smithy.api#paginated`, in the richer form botocore publishes: every list holds JMESPath expressions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Paginator {
    /// Input members that take the token.
    pub input_token: Vec<String>,
    /// Output expressions that yield the next token.
    pub output_token: Vec<String>,
    /// Output expressions that yield the items.
    pub result_key: Vec<String>,
    /// Output expression that tells whether there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more_results: Option<String>,
    /// Input member that bounds a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_key: Option<String>,
}

/// What an operation does to its resource (`create`, `read`, … of a Smithy resource).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lifecycle {
    /// Makes one.
    Create,
    /// Makes or replaces one.
    Put,
    /// Shows one.
    Read,
    /// Changes one.
    Update,
    /// Removes one.
    Delete,
    /// Shows many.
    List,
}

/// One operation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Operation {
    /// Exact name (`DeleteBucket`).
    pub name: String,
    /// HTTP binding; for RPC protocols `POST /`.
    pub http: Http,
    /// Name of the input structure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Name of the output structure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Names of the error structures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// `smithy.api#readonly`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub readonly: bool,
    /// `smithy.api#idempotent`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub idempotent: bool,
    /// `smithy.api#deprecated`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// `smithy.api#auth` as absolute ids; `Some([])` and `noAuth` mean unsigned by design.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<Vec<String>>,
    /// `smithy.api#optionalAuth`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub optional_auth: bool,
    /// `aws.auth#unsignedPayload`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unsigned_payload: bool,
    /// `smithy.api#endpoint` `hostPrefix`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_prefix: Option<String>,
    /// `smithy.api#httpChecksumRequired` (Content-MD5)
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub checksum_required: bool,
    /// `aws.protocols#httpChecksum`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<HttpChecksum>,
    /// `smithy.api#requestCompression` encodings
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub compression: Vec<String>,
    /// `smithy.rules#staticContextParams`: name → value
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub static_context_params: Map<String, Value>,
    /// `smithy.rules#operationContextParams`: name → JMESPath over the input
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub operation_context_params: BTreeMap<String, String>,
    /// `aws.api#clientDiscoveredEndpoint`: whether discovery is required
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_discovery: Option<bool>,
    /// Pagination, where modelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paginator: Option<Paginator>,
    /// Element around an awsQuery result (`ListUsersResult`), when it differs from `<Name>Result`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_wrapper: Option<String>,
    /// Root element of a restXml body, when it differs from the input structure's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_xml_name: Option<String>,
    /// XML namespace of that root element.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_xml_namespace: Option<super::XmlNamespace>,
    /// The Smithy resource it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What it does to that resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Lifecycle>,
    /// First sentence of the documentation, where present.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
}
