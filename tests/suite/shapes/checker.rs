//! A small JSON Schema checker and a writer of instances: the keywords that our schemas use, and no others.

use serde_json::{Map, Value, json};

/// Whether an instance fits.
pub(super) fn fits(root: &Value, schema: &Value, instance: &Value) -> bool {
    let Value::Object(keywords) = schema else { return false };
    keywords.iter().all(|(keyword, argument)| keyword_fits(root, keywords, keyword, argument, instance))
}

fn keyword_fits(root: &Value, all: &Map<String, Value>, keyword: &str, argument: &Value, instance: &Value) -> bool {
    let text = instance.as_str();
    let at_least = |count: Option<usize>| count.is_none_or(|count| count as u64 >= argument.as_u64().unwrap());
    let at_most = |count: Option<usize>| count.is_none_or(|count| count as u64 <= argument.as_u64().unwrap());
    let items = instance.as_array();
    let entries = instance.as_object();
    match keyword {
        "$ref" => fits(root, target(root, argument), instance),
        "type" => match argument.as_str().unwrap() {
            "object" => entries.is_some(),
            "array" => items.is_some(),
            "string" => text.is_some(),
            "boolean" => instance.is_boolean(),
            "null" => instance.is_null(),
            "number" => instance.is_number(),
            "integer" => instance.as_f64().is_some_and(|number| number.fract() == 0.0),
            other => panic!("type {other}"),
        },
        "enum" => argument.as_array().unwrap().contains(instance),
        "not" => !fits(root, argument, instance),
        "anyOf" => argument.as_array().unwrap().iter().any(|schema| fits(root, schema, instance)),
        "oneOf" => argument.as_array().unwrap().iter().filter(|schema| fits(root, schema, instance)).count() == 1,
        "properties" => entries.is_none_or(|entries| {
            let known = argument.as_object().unwrap();
            entries.iter().all(|(name, value)| known.get(name).is_none_or(|schema| fits(root, schema, value)))
        }),
        "required" => entries.is_none_or(|entries| {
            argument.as_array().unwrap().iter().all(|name| entries.contains_key(name.as_str().unwrap()))
        }),
        "additionalProperties" => entries.is_none_or(|entries| {
            let known = all.get("properties").and_then(Value::as_object);
            let mut others = entries.iter().filter(|(name, _)| !known.is_some_and(|known| known.contains_key(*name)));
            match argument {
                Value::Bool(false) => others.next().is_none(),
                schema => others.all(|(_, value)| fits(root, schema, value)),
            }
        }),
        "propertyNames" => entries.is_none_or(|entries| entries.keys().all(|name| fits(root, argument, &json!(name)))),
        "items" => items.is_none_or(|items| items.iter().all(|item| fits(root, argument, item))),
        "uniqueItems" => {
            items.is_none_or(|items| items.iter().enumerate().all(|(at, item)| !items[..at].contains(item)))
        }
        "minItems" => at_least(items.map(Vec::len)),
        "maxItems" => at_most(items.map(Vec::len)),
        "minProperties" => at_least(entries.map(Map::len)),
        "maxProperties" => at_most(entries.map(Map::len)),
        "minLength" => at_least(text.map(|text| text.chars().count())),
        "maxLength" => at_most(text.map(|text| text.chars().count())),
        "minimum" => instance.as_f64().is_none_or(|number| number >= argument.as_f64().unwrap()),
        "maximum" => instance.as_f64().is_none_or(|number| number <= argument.as_f64().unwrap()),
        "pattern" => text.is_none_or(|text| regex::Regex::new(argument.as_str().unwrap()).unwrap().is_match(text)),
        "format" => text.is_none_or(|text| text.parse::<jiff::Timestamp>().is_ok()),
        "$schema" | "$defs" | "description" | "default" | "deprecated" | "contentEncoding" | "contentMediaType" => true,
        other => panic!("keyword {other}"),
    }
}

fn target<'s>(root: &'s Value, reference: &Value) -> &'s Value {
    let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
    root.pointer(pointer).unwrap()
}

/// Choices that make one instance of many.
pub(super) struct Choices<'c>(pub(super) std::iter::Cycle<std::slice::Iter<'c, u8>>);

impl Choices<'_> {
    /// A number below `count`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        usize::from(*self.0.next().unwrap_or(&0)) % count.max(1)
    }

    fn pick<'v>(&mut self, values: &'v [Value]) -> &'v Value {
        &values[self.below(values.len())]
    }
}

/// An instance of a schema. Patterns are met from a few words; deep down, only what is required is written.
pub(super) fn instance(root: &Value, schema: &Value, choices: &mut Choices<'_>, depth: usize) -> Value {
    let list = |keyword: &str| schema.get(keyword).and_then(Value::as_array);
    if let Some(reference) = schema.get("$ref") {
        return instance(root, target(root, reference), choices, depth);
    }
    if let Some(values) = list("enum") {
        return choices.pick(values).clone();
    }
    if let Some(schemas) = list("anyOf") {
        let schema = choices.pick(schemas).clone();
        return instance(root, &schema, choices, depth);
    }
    let count = |low: &str, high: &str, choices: &mut Choices<'_>| {
        let low = schema.get(low).and_then(Value::as_u64).unwrap_or(0) as usize;
        let high = schema.get(high).and_then(Value::as_u64).map_or(low + 2, |high| high as usize).min(low + 2);
        low + if depth == 0 { 0 } else { choices.below(high - low + 1) }
    };
    match schema.get("type").and_then(Value::as_str) {
        Some("boolean") => json!(choices.below(2) == 1),
        Some("null") => Value::Null,
        Some("integer") => {
            let low = schema.get("minimum").and_then(Value::as_i64).unwrap_or(-3);
            json!(low + choices.below(3) as i64)
        }
        Some("number") => {
            let low = schema.get("minimum").and_then(Value::as_f64).unwrap_or(-0.5).max(-0.5);
            json!(low + choices.below(3) as f64 / 2.0)
        }
        Some("string") if schema.get("format").is_some() => json!("2026-01-31T12:00:00Z"),
        Some("string") if schema.get("contentEncoding").is_some() => json!("aGk="),
        Some("string") => {
            let length = count("minLength", "maxLength", choices);
            let letter = if choices.below(5) == 0 { "ö" } else { "a" };
            json!(letter.repeat(length))
        }
        Some("array") => {
            let length = count("minItems", "maxItems", choices);
            let items = (0..length).map(|_| instance(root, &schema["items"], choices, depth.saturating_sub(1)));
            items.collect()
        }
        Some("object") => object(root, schema, choices, depth),
        _ => choices.pick(&junk()).clone(),
    }
}

fn object(root: &Value, schema: &Value, choices: &mut Choices<'_>, depth: usize) -> Value {
    let mut members = Map::new();
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        let least = schema.get("minProperties").and_then(Value::as_u64).unwrap_or(0) as usize;
        for at in 0..least + if depth == 0 { 0 } else { choices.below(3) } {
            let name = "k".repeat(at + 1);
            members.insert(name, instance(root, &schema["additionalProperties"], choices, depth.saturating_sub(1)));
        }
        return Value::Object(members);
    };
    let required = schema.get("required").cloned().unwrap_or_else(|| json!([]));
    let only = schema.get("oneOf").map(|_| choices.below(properties.len()));
    for (at, (name, schema)) in properties.iter().enumerate() {
        let wanted = match only {
            Some(only) => at == only,
            None => required.as_array().unwrap().contains(&json!(name)) || (depth > 0 && choices.below(3) == 0),
        };
        if wanted && schema.get("not").is_none() {
            members.insert(name.clone(), instance(root, schema, choices, depth.saturating_sub(1)));
        }
    }
    Value::Object(members)
}

/// Values that fit nowhere, or only by chance.
pub(super) fn junk() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!("true"),
        json!(""),
        json!("CAT"),
        json!("7"),
        json!("NaN"),
        json!(7),
        json!(7.5),
        json!(1e300),
        json!(-1),
        json!(i64::MIN),
        json!([]),
        json!([1, 1]),
        json!({}),
        json!({"a": 1}),
        json!({"Text": "x", "Number": 1}),
        json!({"$path": "x"}),
        json!({"$path": 7}),
        json!("aGk="),
        json!("aGk"),
        json!("2026-01-31"),
    ]
}

/// Puts another value somewhere into an instance.
pub(super) fn disturb(value: &mut Value, choices: &mut Choices<'_>) {
    let stop = choices.below(3) == 0;
    match value {
        Value::Object(members) if !stop && !members.is_empty() => {
            let at = choices.below(members.len());
            if let Some((_, member)) = members.iter_mut().nth(at) {
                disturb(member, choices);
            }
        }
        Value::Array(items) if !stop && !items.is_empty() => {
            let at = choices.below(items.len());
            disturb(&mut items[at], choices);
        }
        Value::Object(members) if choices.below(2) == 0 => {
            members.insert("Stray".to_owned(), choices.pick(&junk()).clone());
        }
        Value::Array(items) if choices.below(2) == 0 => items.push(choices.pick(&junk()).clone()),
        other => *other = choices.pick(&junk()).clone(),
    }
}
