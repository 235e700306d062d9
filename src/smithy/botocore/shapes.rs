//! One shape of `service-2`: its type, members and traits.

use serde_json::{Map, Value};

use super::{Reader, pattern::anchored, service::Names};
use crate::smithy::{
    EnumValue, ErrorTrait, Fault, Location, Member, Shape, ShapeType, TimestampFormat, Traits, XmlNamespace,
    read::{Problem, Under, array, flag, number, object, status, text, text_at, text_if, texts},
};

impl Reader {
    pub(super) fn shape(&mut self, name: &str, value: &Value, names: Names) -> Result<Shape, Problem> {
        let object = object(value)?;
        let kind = kind(object)?;
        let payload = text_if(object, "payload")?;
        let mut shape = Shape { kind, ..Shape::default() };
        let mut traits = Traits::default();
        for (key, value) in object {
            match key.as_str() {
                "type" | "union" | "document" | "payload" | "required" | "xmlOrder" => {}
                "members" => {
                    for (member, value) in crate::smithy::read::object(value).under(key)? {
                        let is_payload = payload.as_ref() == Some(member);
                        shape
                            .members
                            .push(self.member(name, member, value, is_payload, names).under(member).under(key)?);
                    }
                }
                "member" | "key" | "value" => {
                    shape.members.push(self.member(name, key, value, false, names).under(key)?);
                }
                "error" | "exception" | "fault" | "retryable" => {
                    if traits.error.is_none() {
                        traits.error = error(name, object)?;
                    }
                }
                "eventstream" => traits.streaming |= flag(value).under(key)?,
                "wrapper" | "synthetic" | "event" => self.left_out("shape", key, name),
                _ => {
                    if !self.common(key, value, &mut traits).under(key)? {
                        match key.as_str() {
                            "locationName" if names.xml => traits.xml_name = Some(text(value).under(key)?),
                            _ => self.unknown("shape", key, name),
                        }
                    }
                }
            }
        }
        require(object, &mut shape)?;
        order(object, &mut shape)?;
        if let Some(payload) = payload
            && shape.member(&payload).is_none()
        {
            return Err(Problem::new(format!("`{payload}` is no member")).at("payload"));
        }
        shape.traits = boxed(traits);
        Ok(shape)
    }

    fn member(
        &mut self,
        shape: &str,
        name: &str,
        value: &Value,
        payload: bool,
        names: Names,
    ) -> Result<Member, Problem> {
        let object = object(value)?;
        let mut member = Member { name: name.to_owned(), target: text_at(object, "shape")?, ..Member::default() };
        let mut traits = Traits::default();
        let stated = text_if(object, "locationName")?;
        let location = text_if(object, "location")?;
        match location.as_deref() {
            None if payload => traits.location = Some(Location::Payload),
            None => {}
            Some(location) => {
                let bound = stated.clone().unwrap_or_else(|| name.to_owned());
                traits.location = Some(match location {
                    "header" => Location::Header(bound),
                    "headers" => Location::PrefixHeaders(stated.clone().unwrap_or_default()),
                    // A map without a name of its own; settled when the target is known.
                    "querystring" if stated.is_none() => Location::QueryParams,
                    "querystring" => Location::Query(bound),
                    "uri" => Location::Label(bound),
                    "statusCode" => Location::StatusCode,
                    other => return Err(Problem::new(format!("`{other}` is no location known here")).at("location")),
                });
            }
        }
        if location.is_none()
            && let Some(stated) = stated
        {
            let differs = stated != name;
            if names.json && differs && !payload {
                traits.json_name = Some(stated.clone());
            }
            // The default root of a payload is not the member's name, so a stated one is kept.
            if names.xml && (differs || payload) {
                traits.xml_name = Some(stated);
            }
        }
        for (key, value) in object {
            match key.as_str() {
                "shape" | "location" | "locationName" => {}
                "queryName" => traits.ec2_query_name = Some(text(value).under(key)?),
                "xmlAttribute" => traits.xml_attribute = flag(value).under(key)?,
                "eventpayload" => traits.event_payload = flag(value).under(key)?,
                "eventheader" => traits.event_header = flag(value).under(key)?,
                "hostLabel" => traits.host_label = flag(value).under(key)?,
                "idempotencyToken" => traits.idempotency_token = flag(value).under(key)?,
                "jsonvalue" if flag(value).under(key)? => traits.media_type = Some("application/json".to_owned()),
                "jsonvalue" => {}
                "contextParam" => {
                    let parameter = crate::smithy::read::object(value).and_then(|value| text_at(value, "name"));
                    traits.context_param = Some(parameter.under(key)?);
                }
                _ => {
                    if !self.common(key, value, &mut traits).under(key)? {
                        self.unknown("member", key, &format!("{shape}.{name}"));
                    }
                }
            }
        }
        member.traits = boxed(traits);
        Ok(member)
    }

    /// Traits that stand on shapes and on members alike; `false` when the key is none of them.
    fn common(&mut self, key: &str, value: &Value, traits: &mut Traits) -> Result<bool, Problem> {
        match key {
            "flattened" => traits.flattened = flag(value)?,
            "streaming" => traits.streaming |= flag(value)?,
            "requiresLength" => traits.requires_length = flag(value)?,
            "sensitive" => traits.sensitive = flag(value)?,
            "sparse" => traits.sparse = flag(value)?,
            "deprecated" => traits.deprecated = flag(value)?,
            "enum" => traits.enum_values = texts(value)?.into_iter().map(EnumValue::String).collect(),
            "pattern" => traits.pattern = Some(anchored(&text(value)?)),
            "min" => traits.min = Some(number(value)?),
            "max" => traits.max = Some(number(value)?),
            "xmlNamespace" => traits.xml_namespace = Some(xml_namespace(value)?),
            "timestampFormat" => traits.timestamp_format = Some(timestamp_format(value)?),
            "documentation" => traits.documentation = self.documentation(value),
            "box" | "deprecatedMessage" | "deprecatedSince" => self.left_out("traits", key, ""),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn boxed(traits: Traits) -> Option<Box<Traits>> {
    (traits != Traits::default()).then(|| Box::new(traits))
}

fn kind(object: &Map<String, Value>) -> Result<ShapeType, Problem> {
    let is = |key| object.get(key).and_then(Value::as_bool).unwrap_or_default();
    Ok(match text_at(object, "type")?.as_str() {
        "structure" if is("document") => ShapeType::Document,
        "structure" if is("union") || is("eventstream") => ShapeType::Union,
        "structure" => ShapeType::Structure,
        "list" => ShapeType::List,
        "map" => ShapeType::Map,
        "string" | "character" => ShapeType::String,
        "boolean" => ShapeType::Boolean,
        "byte" => ShapeType::Byte,
        "short" => ShapeType::Short,
        "integer" => ShapeType::Integer,
        "long" => ShapeType::Long,
        "float" => ShapeType::Float,
        "double" => ShapeType::Double,
        "bigInteger" | "biginteger" => ShapeType::BigInteger,
        "bigDecimal" | "bigdecimal" => ShapeType::BigDecimal,
        "timestamp" => ShapeType::Timestamp,
        "blob" => ShapeType::Blob,
        other => return Err(Problem::new(format!("`{other}` is no type known here")).at("type")),
    })
}

/// `error { code, httpStatusCode, senderFault }` with `exception`, `fault` and `retryable` beside it.
fn error(name: &str, shape: &Map<String, Value>) -> Result<Option<ErrorTrait>, Problem> {
    let is = |key: &str| shape.get(key).map(|value| flag(value).under(key)).transpose();
    let stated = shape.get("error").map(|value| object(value).under("error")).transpose()?;
    let server = is("fault")?.unwrap_or_default();
    if stated.is_none() && !server && !is("exception")?.unwrap_or_default() {
        return Ok(None);
    }
    let mut error = ErrorTrait { fault: Fault::Client, code: None, status: None, retryable: false, throttling: false };
    let mut sender = false;
    if let Some(stated) = stated {
        error.code = text_if(stated, "code").under("error")?.filter(|code| code != name);
        error.status = stated.get("httpStatusCode").map(status).transpose().under("httpStatusCode").under("error")?;
        sender = stated.get("senderFault").and_then(Value::as_bool).unwrap_or_default();
    }
    if server || (!sender && error.status.is_some_and(|status| status >= 500)) {
        error.fault = Fault::Server;
    }
    if let Some(retryable) = shape.get("retryable") {
        error.retryable = true;
        error.throttling = retryable.get("throttling").and_then(Value::as_bool).unwrap_or_default();
    }
    Ok(Some(error))
}

fn require(object: &Map<String, Value>, shape: &mut Shape) -> Result<(), Problem> {
    let Some(required) = object.get("required") else { return Ok(()) };
    for name in texts(required).under("required")? {
        let member = shape.members.iter_mut().find(|member| member.name == name);
        let member = member.ok_or_else(|| Problem::new(format!("`{name}` is no member")).at("required"))?;
        member.required = true;
    }
    Ok(())
}

/// `xmlOrder`: these members come first, in this order.
fn order(object: &Map<String, Value>, shape: &mut Shape) -> Result<(), Problem> {
    let Some(order) = object.get("xmlOrder") else { return Ok(()) };
    let order = array(order).under("xmlOrder")?;
    shape
        .members
        .sort_by_key(|member| order.iter().position(|name| name.as_str() == Some(&member.name)).unwrap_or(order.len()));
    Ok(())
}

/// `{uri, prefix}`, or the URI alone.
pub(super) fn xml_namespace(value: &Value) -> Result<XmlNamespace, Problem> {
    if value.is_string() {
        return Ok(XmlNamespace { uri: text(value)?, prefix: None });
    }
    let object = object(value)?;
    Ok(XmlNamespace { uri: text_at(object, "uri")?, prefix: text_if(object, "prefix")? })
}

fn timestamp_format(value: &Value) -> Result<TimestampFormat, Problem> {
    Ok(match text(value)?.as_str() {
        "iso8601" => TimestampFormat::DateTime,
        "rfc822" => TimestampFormat::HttpDate,
        "unixTimestamp" => TimestampFormat::EpochSeconds,
        other => return Err(Problem::new(format!("`{other}` is no timestamp format known here"))),
    })
}
