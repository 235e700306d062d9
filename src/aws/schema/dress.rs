//! Traits of the model onto schemas. A member's own trait wins over its target's.

use aws_smithy_schema::traits::TimestampFormat as Format;
use aws_smithy_schema::{Schema, ShapeType, intern_header_name};

use super::names::Names;
use super::node::Node;
use crate::smithy::{Location, Member, Shape, ShapeType as Kind, TimestampFormat};

/// Which wire names a schema gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Dialect {
    /// As the model says.
    Plain,
    /// Requests of ec2Query: names of their own, and every list is flattened.
    Ec2Request,
    /// rpcv2Json: as the model says, but instants are always seconds.
    Seconds,
}

/// The type in the terms of the schema crate.
pub(super) const fn shape_type(kind: Kind) -> ShapeType {
    match kind {
        Kind::Structure => ShapeType::Structure,
        Kind::Union => ShapeType::Union,
        Kind::List => ShapeType::List,
        Kind::Map => ShapeType::Map,
        Kind::String => ShapeType::String,
        Kind::Boolean => ShapeType::Boolean,
        Kind::Byte => ShapeType::Byte,
        Kind::Short => ShapeType::Short,
        Kind::Integer => ShapeType::Integer,
        Kind::Long => ShapeType::Long,
        Kind::Float => ShapeType::Float,
        Kind::Double => ShapeType::Double,
        Kind::BigInteger => ShapeType::BigInteger,
        Kind::BigDecimal => ShapeType::BigDecimal,
        Kind::Timestamp => ShapeType::Timestamp,
        Kind::Blob => ShapeType::Blob,
        Kind::Document => ShapeType::Document,
    }
}

/// Puts the traits of a member and its target on the member's schema.
pub(super) fn dress_member(
    schema: Schema<'static>,
    member: &Member,
    target: &Shape,
    dialect: Dialect,
    names: &mut Names,
) -> Schema<'static> {
    let own = member.traits();
    let mut schema = dress_value(schema, member, target, dialect, names);
    if let Some(name) = &own.json_name {
        schema = schema.with_json_name(names.intern(name));
    }
    match dialect {
        Dialect::Plain | Dialect::Seconds => {
            if let Some(name) = &own.xml_name {
                schema = schema.with_xml_name(names.intern(name));
            }
            if own.flattened || target.traits().flattened {
                schema = schema.with_xml_flattened();
            }
        }
        Dialect::Ec2Request => {
            schema = schema.with_xml_name(names.intern(&ec2_name(member)));
            if target.kind == Kind::List {
                schema = schema.with_xml_flattened();
            }
        }
    }
    if own.xml_attribute {
        schema = schema.with_xml_attribute();
    }
    if own.host_label {
        schema = schema.with_host_label();
    }
    if own.event_header {
        schema = schema.with_event_header();
    }
    if own.event_payload {
        schema = schema.with_event_payload();
    }
    match own.location.as_ref().or(target.traits().location.as_ref()) {
        Some(Location::Header(name)) => schema.with_http_header(intern_header_name(name)),
        Some(Location::PrefixHeaders(prefix)) => schema.with_http_prefix_headers(names.intern(prefix)),
        Some(Location::Query(name)) => schema.with_http_query(names.intern(name)),
        Some(Location::QueryParams) => schema.with_http_query_params(),
        Some(Location::Label(_)) => schema.with_http_label(),
        Some(Location::Payload) => schema.with_http_payload(),
        Some(Location::StatusCode) => schema.with_http_response_code(),
        None => schema,
    }
}

/// Puts those traits on a schema that say how a value is written, wherever it stands.
pub(super) fn dress_value(
    mut schema: Schema<'static>,
    member: &Member,
    target: &Shape,
    dialect: Dialect,
    names: &mut Names,
) -> Schema<'static> {
    let (own, shared) = (member.traits(), target.traits());
    if let Some(format) = own.timestamp_format.or(shared.timestamp_format).filter(|_| dialect != Dialect::Seconds) {
        schema = schema.with_timestamp_format(match format {
            TimestampFormat::DateTime => Format::DateTime,
            TimestampFormat::HttpDate => Format::HttpDate,
            TimestampFormat::EpochSeconds => Format::EpochSeconds,
        });
    }
    if let Some(media_type) = own.media_type.as_ref().or(shared.media_type.as_ref()) {
        schema = schema.with_media_type(names.intern(media_type));
    }
    // A structure's own namespace counts at the root only, unless its members use the prefix (S3's `xsi:type`).
    let shared_namespace = shared
        .xml_namespace
        .as_ref()
        .filter(|namespace| namespace.prefix.is_some() || !matches!(target.kind, Kind::Structure | Kind::Union));
    if let Some(namespace) = own.xml_namespace.as_ref().or(shared_namespace) {
        let prefix = namespace.prefix.as_deref().map(|prefix| names.intern(prefix));
        schema = schema.with_xml_namespace(names.intern(&namespace.uri), prefix);
    }
    if own.streaming || shared.streaming {
        schema = schema.with_streaming();
    }
    schema
}

/// Lets codecs see the names inside a list or map from the member that targets it.
pub(super) fn dress_collection(schema: Schema<'static>, node: Node) -> Schema<'static> {
    match node {
        Node::List(list) => schema.with_list_member(list.named),
        Node::Map(map) => schema.with_map_members(map.key, map.named),
        Node::Structure(_) | Node::Scalar(_) => schema,
    }
}

/// `ec2QueryName`, else `xmlName` or the member's name with a capital first letter.
fn ec2_name(member: &Member) -> String {
    let traits = member.traits();
    if let Some(name) = &traits.ec2_query_name {
        return name.clone();
    }
    let name = traits.xml_name.as_deref().unwrap_or(&member.name);
    let mut chars = name.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
