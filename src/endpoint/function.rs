//! The functions of the rules engine: Smithy's standard library and AWS's
//! (<https://smithy.io/2.0/additional-specs/rules-engine/standard-library.html>).

use std::borrow::Cow;

use serde_json::{Value, json};

use super::Partitions;

/// A function that a rule can call. `isSet`, `coalesce` and `ite` look at whether a value is there at
/// all, so the interpreter handles them itself; so it does `getAttr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    IsSet,
    Not,
    BooleanEquals,
    StringEquals,
    GetAttr,
    IsValidHostLabel,
    Substring,
    ParseUrl,
    UriEncode,
    Partition,
    ParseArn,
    IsVirtualHostableS3Bucket,
    Coalesce,
    IfThenElse,
    Split,
}

impl Function {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "isSet" => Self::IsSet,
            "not" => Self::Not,
            "booleanEquals" => Self::BooleanEquals,
            "stringEquals" => Self::StringEquals,
            "getAttr" => Self::GetAttr,
            "isValidHostLabel" => Self::IsValidHostLabel,
            "substring" => Self::Substring,
            "parseURL" => Self::ParseUrl,
            "uriEncode" => Self::UriEncode,
            "aws.partition" => Self::Partition,
            "aws.parseArn" => Self::ParseArn,
            "aws.isVirtualHostableS3Bucket" => Self::IsVirtualHostableS3Bucket,
            "coalesce" => Self::Coalesce,
            "ite" => Self::IfThenElse,
            "split" => Self::Split,
            _ => return None,
        })
    }

    /// Calls a function whose arguments are all there. `None` is the absence of a value.
    pub(super) fn call<'a>(self, args: &[Cow<'_, Value>], partitions: &'a Partitions) -> Option<Cow<'a, Value>> {
        let text = |index: usize| args.get(index).and_then(|value| value.as_str());
        let flag = |index: usize| args.get(index).and_then(|value| value.as_bool());
        let number = |index: usize| args.get(index).and_then(|value| value.as_u64()).and_then(|n| n.try_into().ok());
        let value = match self {
            Self::Not => Value::from(!flag(0)?),
            Self::BooleanEquals => Value::from(flag(0)? == flag(1)?),
            Self::StringEquals => Value::from(text(0)? == text(1)?),
            Self::IsValidHostLabel => Value::from(is_host_label(text(0)?, flag(1)?)),
            Self::Substring => Value::from(substring(text(0)?, number(1)?, number(2)?, flag(3)?)?),
            Self::ParseUrl => parse_url(text(0)?)?,
            Self::UriEncode => Value::from(uri_encode(text(0)?)),
            Self::Partition => return partitions.of_region(text(0)?).map(Cow::Borrowed),
            Self::ParseArn => parse_arn(text(0)?)?,
            Self::IsVirtualHostableS3Bucket => Value::from(is_virtual_hostable(text(0)?, flag(1)?)),
            Self::Split => Value::from(split(text(0)?, text(1)?, number(2)?)),
            Self::IsSet | Self::GetAttr | Self::Coalesce | Self::IfThenElse => return None,
        };
        Some(Cow::Owned(value))
    }
}

fn is_host_label(text: &str, subdomains: bool) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if subdomains { text.split('.').all(label) } else { label(text) }
}

fn is_virtual_hostable(bucket: &str, subdomains: bool) -> bool {
    (3..=63).contains(&bucket.len())
        && !bucket.bytes().any(|b| b.is_ascii_uppercase())
        && !is_ipv4(bucket)
        && is_host_label(bucket, subdomains)
}

/// Four numbers from 0 to 255, without leading zeros.
fn is_ipv4(text: &str) -> bool {
    let octet = |part: &str| part.parse::<u8>().is_ok_and(|number| number.to_string() == part);
    text.split('.').count() == 4 && text.split('.').all(octet)
}

fn substring(text: &str, start: usize, stop: usize, reverse: bool) -> Option<&str> {
    if !text.is_ascii() || start >= stop || stop > text.len() {
        return None;
    }
    if reverse { text.get(text.len() - stop..text.len() - start) } else { text.get(start..stop) }
}

fn uri_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// `parseURL`: only what an endpoint may be: http or https, no query, no fragment, no user.
fn parse_url(text: &str) -> Option<Value> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https") || rest.contains(['?', '#', '@']) {
        return None;
    }
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at_checked(at)?,
        None => (rest, ""),
    };
    if authority.is_empty() || authority.chars().any(char::is_whitespace) {
        return None;
    }
    let bracketed = authority.strip_prefix('[').and_then(|inner| inner.split_once(']'));
    let (host, port) = match bracketed {
        Some((host, port)) => (host, port),
        None => authority.find(':').and_then(|at| authority.split_at_checked(at)).unwrap_or((authority, "")),
    };
    if !port.is_empty() {
        port.strip_prefix(':')?.parse::<u16>().ok()?;
    }
    let is_ip = bracketed.is_some() || is_ipv4(host);
    let normalized = if path.is_empty() || path == "/" {
        "/".to_owned()
    } else if path.ends_with('/') {
        path.to_owned()
    } else {
        format!("{path}/")
    };
    let path = if path == "/" { "" } else { path };
    Some(json!({
        "scheme": scheme, "authority": authority, "path": path, "normalizedPath": normalized, "isIp": is_ip
    }))
}

fn parse_arn(text: &str) -> Option<Value> {
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next();
    let (arn, partition, service, region, account, resource) = (next()?, next()?, next()?, next()?, next()?, next()?);
    if arn != "arn" || partition.is_empty() || service.is_empty() || resource.is_empty() {
        return None;
    }
    let resource: Vec<&str> = resource.split([':', '/']).collect();
    Some(json!({
        "partition": partition, "service": service, "region": region, "accountId": account, "resourceId": resource
    }))
}

/// `split`: at most `limit` pieces; 0 is no limit. An empty text has no pieces.
fn split(text: &str, delimiter: &str, limit: usize) -> Vec<String> {
    match limit {
        _ if text.is_empty() || delimiter.is_empty() => vec![text.to_owned()],
        0 => text.split(delimiter).map(str::to_owned).collect(),
        limit => text.splitn(limit, delimiter).map(str::to_owned).collect(),
    }
}
