//! Shapes, members and their traits.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// The type of a shape, named as Smithy names it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ShapeType {
    /// A structure; its members are in model order.
    #[default]
    Structure,
    /// A union: exactly one member is set.
    Union,
    /// A list; one member, named `member`.
    List,
    /// A map; two members, `key` and `value`.
    Map,
    /// A string; an enum when [`Traits::enum_values`] is not empty.
    String,
    /// True or false.
    Boolean,
    /// 8 bits, signed.
    Byte,
    /// 16 bits, signed.
    Short,
    /// 32 bits, signed; an intEnum when [`Traits::enum_values`] is not empty.
    Integer,
    /// 64 bits, signed.
    Long,
    /// IEEE 754, single.
    Float,
    /// IEEE 754, double.
    Double,
    /// Any whole number.
    BigInteger,
    /// Any decimal number.
    BigDecimal,
    /// An instant.
    Timestamp,
    /// Bytes.
    Blob,
    /// Any JSON-like value.
    Document,
}

/// How a timestamp is written on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimestampFormat {
    /// RFC 3339.
    DateTime,
    /// RFC 7231 IMF-fixdate.
    HttpDate,
    /// Seconds since 1970, fractions allowed.
    EpochSeconds,
}

/// Where in an HTTP message a member is bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Location {
    /// `httpHeader`
    Header(String),
    /// `httpPrefixHeaders`
    PrefixHeaders(String),
    /// `httpQuery`
    Query(String),
    /// `httpQueryParams`
    QueryParams,
    /// `httpLabel`; the name inside the URI pattern's braces
    Label(String),
    /// `httpPayload`
    Payload,
    /// `httpResponseCode`
    StatusCode,
}

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// The caller's.
    Client,
    /// The service's.
    Server,
}

/// `smithy.api#error` and its companions on an error structure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorTrait {
    /// Whose fault.
    pub fault: Fault,
    /// Code on the wire, when it differs from the shape's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// HTTP status, where modelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// `smithy.api#retryable`
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retryable: bool,
    /// `retryable { throttling: true }`
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub throttling: bool,
}

/// `smithy.api#xmlNamespace`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct XmlNamespace {
    /// Namespace URI.
    pub uri: String,
    /// Prefix to bind it to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

/// One value of an enum or intEnum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EnumValue {
    /// A string enum's value.
    String(String),
    /// An intEnum's value.
    Integer(i64),
}

/// Traits of a shape or of a member. A member's own trait wins over its target's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Traits {
    /// HTTP binding (members).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// `jsonName`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json_name: Option<String>,
    /// `xmlName`; also the serialized name in awsQuery
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xml_name: Option<String>,
    /// `aws.protocols#ec2QueryName`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ec2_query_name: Option<String>,
    /// `xmlNamespace`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xml_namespace: Option<XmlNamespace>,
    /// `xmlAttribute`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub xml_attribute: bool,
    /// `xmlFlattened`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub flattened: bool,
    /// `timestampFormat`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp_format: Option<TimestampFormat>,
    /// `mediaType`; botocore's `jsonvalue` is `application/json`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// `streaming`: a streaming blob, or on a union an event stream
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub streaming: bool,
    /// `requiresLength`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub requires_length: bool,
    /// `eventPayload`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub event_payload: bool,
    /// `eventHeader`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub event_header: bool,
    /// `hostLabel`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub host_label: bool,
    /// `idempotencyToken`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub idempotency_token: bool,
    /// `smithy.rules#contextParam`: the endpoint parameter's name
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_param: Option<String>,
    /// Values of an `enum` or `intEnum`; unknown future values exist, yet a request must use one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub enum_values: Vec<EnumValue>,
    /// `pattern`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Lower bound of `length` (strings: code points, blobs: bytes, lists and maps: entries) or of `range`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Number>,
    /// Upper bound of `length` or `range`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Number>,
    /// `uniqueItems`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unique_items: bool,
    /// `sparse`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sparse: bool,
    /// `sensitive`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
    /// `default`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// `clientOptional`: a client does not count on the default
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub client_optional: bool,
    /// `error` (structures)
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorTrait>,
    /// `deprecated`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// First sentence of the documentation, where present.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
}

const NO_TRAITS: &Traits = &Traits {
    location: None,
    json_name: None,
    xml_name: None,
    ec2_query_name: None,
    xml_namespace: None,
    xml_attribute: false,
    flattened: false,
    timestamp_format: None,
    media_type: None,
    streaming: false,
    requires_length: false,
    event_payload: false,
    event_header: false,
    host_label: false,
    idempotency_token: false,
    context_param: None,
    enum_values: Vec::new(),
    pattern: None,
    min: None,
    max: None,
    unique_items: false,
    sparse: false,
    sensitive: false,
    default: None,
    client_optional: false,
    error: None,
    deprecated: false,
    documentation: None,
};

/// A member of a structure, union, list or map.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Member name; `member` in a list, `key` and `value` in a map.
    #[serde(rename = "n")]
    pub name: String,
    /// Name of the target shape.
    #[serde(rename = "t")]
    pub target: String,
    /// `required`
    #[serde(rename = "r", default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// All other traits; boxed, because most members have none.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub traits: Option<Box<Traits>>,
}

impl Member {
    /// The member's own traits.
    pub fn traits(&self) -> &Traits {
        self.traits.as_deref().unwrap_or(NO_TRAITS)
    }
}

/// A shape.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Its type.
    #[serde(rename = "t")]
    pub kind: ShapeType,
    /// Members in model order: all of a structure or union, `member` of a list, `key` and `value` of a map.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    /// Traits; boxed, because many shapes have none.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub traits: Option<Box<Traits>>,
}

impl Shape {
    /// The shape's traits.
    pub fn traits(&self) -> &Traits {
        self.traits.as_deref().unwrap_or(NO_TRAITS)
    }

    /// The member of exactly that name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// Whether it is a union with `streaming`: an event stream.
    pub fn is_event_stream(&self) -> bool {
        self.kind == ShapeType::Union && self.traits().streaming
    }
}
