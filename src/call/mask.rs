//! Sensitive members made unreadable, as the model marks them (`smithy.api#sensitive`).

use serde_json::Value;

use crate::base::redact::MASK;
use crate::smithy::{Model, ShapeType};

/// Masks every sensitive member of a value of the named shape; returns how many were masked.
///
/// `null` stays: it shows that nothing was set.
pub fn mask(model: &Model, shape: &str, value: &mut Value) -> usize {
    let Some(definition) = model.shape(shape) else { return 0 };
    if value.is_null() {
        return 0;
    }
    if definition.traits().sensitive {
        *value = MASK.into();
        return 1;
    }
    match (definition.kind, value) {
        (ShapeType::Structure | ShapeType::Union, Value::Object(map)) => {
            let members = definition.members.iter();
            members
                .filter_map(|member| {
                    let value = map.get_mut(&member.name).filter(|value| !value.is_null())?;
                    if member.traits().sensitive {
                        *value = MASK.into();
                        return Some(1);
                    }
                    Some(mask(model, &member.target, value))
                })
                .sum()
        }
        (ShapeType::List, Value::Array(items)) => {
            let target = definition.members.first().map(|member| member.target.as_str());
            target.map_or(0, |target| items.iter_mut().map(|item| mask(model, target, item)).sum())
        }
        (ShapeType::Map, Value::Object(map)) => {
            let target = definition.member("value").map(|member| member.target.as_str());
            target.map_or(0, |target| map.values_mut().map(|item| mask(model, target, item)).sum())
        }
        _ => 0,
    }
}

/// Masks what a call of the class `secret` answers with: every text but ARNs and what the request itself said. Which
/// members hold the secret, models do not always tell. Returns how many were masked.
pub fn mask_texts(value: &mut Value, request: &Value) -> usize {
    match value {
        Value::String(text) if text == MASK || text.starts_with("arn:") || says(request, text) => 0,
        Value::String(text) => {
            MASK.clone_into(text);
            1
        }
        Value::Array(items) => items.iter_mut().map(|item| mask_texts(item, request)).sum(),
        Value::Object(members) => members.values_mut().map(|member| mask_texts(member, request)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// Whether a text stands somewhere in a value.
fn says(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own == text,
        Value::Array(items) => items.iter().any(|item| says(item, text)),
        Value::Object(members) => members.values().any(|member| says(member, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn model() -> Model {
        serde_json::from_value(json!({
            "service": {},
            "operations": {},
            "shapes": {
                "In": {"t": "structure", "m": [
                    {"n": "Name", "t": "Text"},
                    {"n": "Password", "t": "Secret"},
                    {"n": "Own", "t": "Text", "x": {"sensitive": true}},
                    {"n": "Users", "t": "Users"},
                    {"n": "Tags", "t": "Tags"}]},
                "Users": {"t": "list", "m": [{"n": "member", "t": "In"}]},
                "Tags": {"t": "map", "m": [{"n": "key", "t": "Text"}, {"n": "value", "t": "Secret"}]},
                "Text": {"t": "string"},
                "Secret": {"t": "string", "x": {"sensitive": true}},
            }
        }))
        .unwrap()
    }

    #[test]
    fn of_a_secret_only_what_was_known_stays() {
        let mut value = json!({
            "Name": "db", "ARN": "arn:aws:x", "Token": "abc", "Version": 3, "List": [{"Value": "s"}], "Own": MASK,
        });
        assert_eq!(mask_texts(&mut value, &json!({"SecretId": ["db"]})), 2);
        let want = json!({
            "Name": "db", "ARN": "arn:aws:x", "Token": MASK, "Version": 3, "List": [{"Value": MASK}], "Own": MASK,
        });
        assert_eq!(value, want);
    }

    #[test]
    fn sensitive_shapes_and_members_are_masked_at_any_depth() {
        let mut value = json!({
            "Name": "n", "Password": "p", "Own": {"a": 1},
            "Users": [{"Name": "m", "Password": "q"}, {"Password": null}],
            "Tags": {"k": "v"},
        });
        let masked = mask(&model(), "In", &mut value);
        assert_eq!(masked, 4);
        assert_eq!(
            value,
            json!({
                "Name": "n", "Password": MASK, "Own": MASK,
                "Users": [{"Name": "m", "Password": MASK}, {"Password": null}],
                "Tags": {"k": MASK},
            })
        );
    }
}
