//! Secrets made unreadable in text and JSON, by their looks and by the names they stand under. What a model marks
//! as sensitive is masked elsewhere; this is the net beneath. Identifiers stay readable: access key ids, ARNs,
//! names, request ids, page and idempotency tokens.

mod find;
mod names;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::{Map, Value};

use names::{is_secret, may_be_number};

/// What stands in place of a secret.
pub const MASK: &str = "••••••";

/// Masks the secrets in a text: private keys in PEM, passwords in URLs, bearer tokens and JWTs, AWS secret access
/// keys and session tokens, tokens of well-known makers, and what stands after `password=` and its like.
pub fn redact_text(text: &str) -> Cow<'_, str> {
    let spans = find::secrets(text);
    if spans.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for span in spans {
        if span.start >= end {
            out.push_str(text.get(end..span.start).unwrap_or_default());
            out.push_str(MASK);
        }
        end = end.max(span.end);
    }
    out.push_str(text.get(end..).unwrap_or_default());
    Cow::Owned(out)
}

/// Masks the secrets in a value: members whose names say so (`MasterUserPassword`), values of pairs that are named so
/// (`{"name": "DB_PASSWORD", "value": …}`), and whatever [`redact_text`] finds in the other strings.
pub fn redact_json(value: &mut Value) {
    match value {
        Value::String(text) => redact_string(text),
        Value::Array(items) => items.iter_mut().for_each(redact_json),
        Value::Object(members) => redact_object(members),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn redact_string(text: &mut String) {
    if let Cow::Owned(masked) = redact_text(text) {
        *text = masked;
    }
}

/// Members that name what another member holds, in AWS's lists of pairs.
const PAIR_NAMES: [&str; 5] = ["name", "key", "optionname", "parametername", "parameterkey"];
/// Members that hold it.
const PAIR_VALUES: [&str; 6] = ["value", "values", "optionvalue", "parametervalue", "stringvalue", "defaultvalue"];

fn redact_object(members: &mut Map<String, Value>) {
    let named = members.iter().any(|(name, value)| {
        PAIR_NAMES.contains(&name.to_ascii_lowercase().as_str()) && value.as_str().is_some_and(is_secret)
    });
    for (name, value) in members.iter_mut() {
        if is_secret(name) {
            mask_under(name, value);
        } else if named && PAIR_VALUES.contains(&name.to_ascii_lowercase().as_str()) {
            mask_scalars(value, false);
        } else {
            redact_json(value);
        }
    }
}

/// Masks what stands under a secret's name. An object there describes the secret (its ARN, its status), unless it is
/// only a wrapper: a DynamoDB attribute value, or a member named `value`.
fn mask_under(name: &str, value: &mut Value) {
    match value {
        Value::Object(members) => {
            let wrapper = members.len() == 1
                && members.keys().all(|key| ["S", "N", "B", "SS", "NS", "BS"].contains(&key.as_str()));
            for (key, value) in members.iter_mut() {
                if wrapper || key.eq_ignore_ascii_case("value") {
                    mask_scalars(value, false);
                } else if is_secret(key) {
                    mask_under(key, value);
                } else {
                    redact_json(value);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                mask_under(name, item);
            }
        }
        scalar => mask_scalars(scalar, may_be_number(name)),
    }
}

fn mask_scalars(value: &mut Value, numbers_stay: bool) {
    match value {
        Value::String(text) if !text.is_empty() => MASK.clone_into(text),
        Value::Number(_) if !numbers_stay => *value = Value::String(MASK.to_owned()),
        Value::Array(items) => items.iter_mut().for_each(|item| mask_scalars(item, numbers_stay)),
        Value::Object(members) => members.values_mut().for_each(|item| mask_scalars(item, numbers_stay)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
