//! Traits of shapes and members, by their absolute ids.

use serde_json::{Map, Value};

use super::Reader;
use crate::smithy::{
    EnumValue, ErrorTrait, Fault, Location, TimestampFormat, Traits, XmlNamespace,
    read::{Problem, Tally, Under, array, flag, number, object, status, text, text_at, text_if},
};

impl Reader<'_> {
    /// Reads the traits of a shape or member. `name` is the member's name, or the shape's.
    pub(super) fn traits(&mut self, name: &str, traits: &Map<String, Value>, place: &str) -> Result<Traits, Problem> {
        let mut read = Traits::default();
        for (id, value) in traits {
            self.one_trait(name, id, value, &mut read, place).under(id)?;
        }
        read.error = error(name, traits)?;
        Ok(read)
    }

    fn one_trait(
        &mut self,
        name: &str,
        id: &str,
        value: &Value,
        read: &mut Traits,
        place: &str,
    ) -> Result<(), Problem> {
        match id {
            "smithy.api#httpHeader" => read.location = Some(Location::Header(text(value)?)),
            "smithy.api#httpPrefixHeaders" => read.location = Some(Location::PrefixHeaders(text(value)?)),
            "smithy.api#httpQuery" => read.location = Some(Location::Query(text(value)?)),
            "smithy.api#httpQueryParams" => read.location = Some(Location::QueryParams),
            "smithy.api#httpLabel" => read.location = Some(Location::Label(name.to_owned())),
            "smithy.api#httpPayload" => read.location = Some(Location::Payload),
            "smithy.api#httpResponseCode" => read.location = Some(Location::StatusCode),
            "smithy.api#jsonName" => read.json_name = Some(text(value)?),
            "smithy.api#xmlName" => read.xml_name = Some(text(value)?),
            "aws.protocols#ec2QueryName" => read.ec2_query_name = Some(text(value)?),
            "smithy.api#xmlNamespace" => read.xml_namespace = Some(xml_namespace(value)?),
            "smithy.api#xmlAttribute" => read.xml_attribute = true,
            "smithy.api#xmlFlattened" => read.flattened = true,
            "smithy.api#timestampFormat" => read.timestamp_format = Some(timestamp_format(value)?),
            "smithy.api#mediaType" => read.media_type = Some(text(value)?),
            "smithy.api#streaming" => read.streaming = true,
            "smithy.api#requiresLength" => read.requires_length = true,
            "smithy.api#eventPayload" => read.event_payload = true,
            "smithy.api#eventHeader" => read.event_header = true,
            "smithy.api#hostLabel" => read.host_label = true,
            "smithy.api#idempotencyToken" => read.idempotency_token = true,
            "smithy.rules#contextParam" => read.context_param = Some(text_at(object(value)?, "name")?),
            "smithy.api#enum" => read.enum_values = enum_trait(value)?,
            "smithy.api#pattern" => read.pattern = Some(text(value)?),
            "smithy.api#length" | "smithy.api#range" => {
                let bounds = object(value)?;
                read.min = bounds.get("min").map(number).transpose().under("min")?;
                read.max = bounds.get("max").map(number).transpose().under("max")?;
            }
            "smithy.api#uniqueItems" => read.unique_items = true,
            "smithy.api#sparse" => read.sparse = true,
            "smithy.api#sensitive" => read.sensitive = true,
            // Null takes a default away.
            "smithy.api#default" => read.default = (!value.is_null()).then(|| value.clone()),
            "smithy.api#clientOptional" => read.client_optional = true,
            "smithy.api#deprecated" => read.deprecated = true,
            "smithy.api#documentation" => read.documentation = self.documentation(value),
            "smithy.api#required" | "smithy.api#enumValue" => {}
            "smithy.api#error" | "smithy.api#httpError" | "smithy.api#retryable" | "aws.protocols#awsQueryError" => {}
            _ => self.other_trait(id, place),
        }
        Ok(())
    }

    /// Counts a trait that is not taken over.
    pub(super) fn other_trait(&mut self, id: &str, place: &str) {
        let tally: &mut Tally = if is_left_out(id) { &mut self.notes.left_out } else { &mut self.notes.unknown };
        tally.add("trait", id, place);
    }
}

/// Traits that are known and of no use here: tests, prose, IAM and CloudFormation facts, hints for generators.
fn is_left_out(id: &str) -> bool {
    const NAMESPACES: [&str; 6] =
        ["aws.api#", "aws.cloudformation#", "aws.endpoints#", "aws.iam#", "smithy.test#", "aws.customizations#"];
    const TRAITS: [&str; 29] = [
        "addedDefault",
        "box",
        "cors",
        "enumDefinition",
        "examples",
        "externalDocumentation",
        "idRef",
        "input",
        "internal",
        "mixin",
        "nestedProperties",
        "noReplace",
        "notProperty",
        "output",
        "private",
        "property",
        "protocolDefinition",
        "recommended",
        "references",
        "resourceIdentifier",
        "since",
        "suppress",
        "tags",
        "title",
        "trait",
        "traitValidators",
        "unstable",
        "authDefinition",
        "unitType",
    ];
    NAMESPACES.iter().any(|namespace| id.starts_with(namespace))
        || id.strip_prefix("smithy.api#").is_some_and(|name| TRAITS.contains(&name))
        || matches!(id, "smithy.rules#endpointTests" | "smithy.rules#endpointBdd")
}

fn xml_namespace(value: &Value) -> Result<XmlNamespace, Problem> {
    let namespace = object(value)?;
    Ok(XmlNamespace { uri: text_at(namespace, "uri")?, prefix: text_if(namespace, "prefix")? })
}

fn timestamp_format(value: &Value) -> Result<TimestampFormat, Problem> {
    Ok(match text(value)?.as_str() {
        "date-time" => TimestampFormat::DateTime,
        "http-date" => TimestampFormat::HttpDate,
        "epoch-seconds" => TimestampFormat::EpochSeconds,
        other => return Err(Problem::new(format!("`{other}` is no timestamp format known here"))),
    })
}

/// The enum trait of version 1: a list of `{ "value": … }`.
fn enum_trait(value: &Value) -> Result<Vec<EnumValue>, Problem> {
    array(value)?.iter().map(|item| Ok(EnumValue::String(text_at(object(item)?, "value")?))).collect()
}

/// `error` with `httpError`, `retryable` and `awsQueryError` beside it.
fn error(name: &str, traits: &Map<String, Value>) -> Result<Option<ErrorTrait>, Problem> {
    let id = "smithy.api#error";
    let Some(fault) = traits.get(id) else { return Ok(None) };
    let fault = match text(fault).under(id)?.as_str() {
        "client" => Fault::Client,
        "server" => Fault::Server,
        other => return Err(Problem::new(format!("`{other}` is neither client nor server")).at(id)),
    };
    let mut error = ErrorTrait { fault, code: None, status: None, retryable: false, throttling: false };
    if let Some(query) = traits.get("aws.protocols#awsQueryError") {
        let query = object(query).under("aws.protocols#awsQueryError")?;
        error.code = text_if(query, "code")?.filter(|code| code != name);
        error.status = query.get("httpResponseCode").map(status).transpose().under("aws.protocols#awsQueryError")?;
    }
    if let Some(code) = traits.get("smithy.api#httpError") {
        error.status = Some(status(code).under("smithy.api#httpError")?);
    }
    if let Some(retryable) = traits.get("smithy.api#retryable") {
        error.retryable = true;
        error.throttling = retryable.get("throttling").map(flag).transpose()?.unwrap_or_default();
    }
    Ok(Some(error))
}
