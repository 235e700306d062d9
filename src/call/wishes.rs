//! Options that stand for something in the call itself: the profile it is made with, and the idempotency token,
//! which becomes part of the payload that is validated and approved.

use serde_json::{Value, json};

use super::course::wrong;
use super::{CallError, Options};
use crate::smithy::{Model, Operation};

/// The payload with what the options add to it.
///
/// # Errors
/// `InvalidArguments` when the profile is not the one this engine has, or the operation takes no such token.
pub fn apply(
    model: &Model,
    operation: &Operation,
    profile: &str,
    payload: &Value,
    options: &Options,
) -> Result<Value, CallError> {
    if let Some(other) = options.profile.as_deref().filter(|wanted| *wanted != profile) {
        let problem = format!(
            "this server runs with the profile {profile:?}, not {other:?}; a human changes it by starting it with \
             another AWS_PROFILE"
        );
        return Err(wrong("options.profile", &problem, json!({"known": [profile]})));
    }
    let mut payload = payload.clone();
    let (Some(key), Value::Object(members)) = (&options.idempotency_key, &mut payload) else { return Ok(payload) };
    let input = model.input(operation);
    let member = input.into_iter().flat_map(|input| &input.members).find(|member| member.traits().idempotency_token);
    let Some(member) = member else {
        let problem = format!("{} takes no idempotency token; leave it out", operation.name);
        return Err(wrong("options.idempotencyKey", &problem, json!({})));
    };
    match members.get(&member.name) {
        None | Some(Value::Null) => drop(members.insert(member.name.clone(), key.as_str().into())),
        Some(Value::String(set)) if set == key => {}
        Some(_) => {
            let problem = format!("the payload's own {} says another one; keep one of them", member.name);
            return Err(wrong("options.idempotencyKey", &problem, json!({})));
        }
    }
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply_to(operation: &str, payload: &Value, options: &Options) -> Result<Value, CallError> {
        let model: Model = serde_json::from_value(json!({
            "service": {},
            "operations": {
                "RunToys": {"name": "RunToys", "input": "In"},
                "GetToy": {"name": "GetToy", "input": "Plain"},
                "ListToys": {"name": "ListToys"},
            },
            "shapes": {
                "In": {"t": "structure", "m": [
                    {"n": "Name", "t": "smithy.api#String"},
                    {"n": "ClientToken", "t": "smithy.api#String", "x": {"idempotency_token": true}}]},
                "Plain": {"t": "structure", "m": [{"n": "ClientToken", "t": "smithy.api#String"}]},
            }
        }))
        .unwrap();
        apply(&model, model.operation(operation).unwrap(), "work", payload, options)
    }

    fn key(key: &str) -> Options {
        Options { idempotency_key: Some(key.to_owned()), ..Options::default() }
    }

    #[test]
    fn the_key_becomes_the_token_of_the_payload() {
        for (payload, want) in [
            (json!({"Name": "n"}), json!({"Name": "n", "ClientToken": "k"})),
            (json!({"ClientToken": null}), json!({"ClientToken": "k"})),
            (json!({"ClientToken": "k"}), json!({"ClientToken": "k"})),
        ] {
            assert_eq!(apply_to("RunToys", &payload, &key("k")), Ok(want));
        }
        let payload = json!({"Name": "n"});
        assert_eq!(apply_to("RunToys", &payload, &Options::default()), Ok(payload));
    }

    #[test]
    fn what_cannot_be_is_told() {
        let other = Options { profile: Some("prod".into()), ..Options::default() };
        for (operation, payload, options, path, told) in [
            ("GetToy", json!({}), key("k"), "options.idempotencyKey", "GetToy takes no idempotency token"),
            ("ListToys", json!({}), key("k"), "options.idempotencyKey", "ListToys takes no idempotency token"),
            ("RunToys", json!({"ClientToken": "own"}), key("k"), "options.idempotencyKey", "ClientToken"),
            ("RunToys", json!({"ClientToken": 7}), key("k"), "options.idempotencyKey", "ClientToken"),
            ("RunToys", json!({}), other, "options.profile", "AWS_PROFILE"),
        ] {
            let error = apply_to(operation, &payload, &options).unwrap_err();
            assert_eq!((error.kind, &error.extra["problems"][0]["path"]), ("InvalidArguments", &json!(path)));
            assert!(error.message.contains(told), "{error}");
        }
    }

    #[test]
    fn the_engines_own_profile_is_accepted() {
        let own = Options { profile: Some("work".into()), ..Options::default() };
        assert_eq!(apply_to("ListToys", &json!({}), &own), Ok(json!({})));
    }
}
