//! Whether a schema and validation say the same of a payload; and if not, whether that is one of the few things
//! that JSON Schema cannot say.

use countersign::smithy::spelling;
use countersign::validate::{Bound, Code, Invalid, Problem};
use serde_json::Value;

/// What validation checks and JSON Schema cannot say. Each is told in every whole schema's `$comment`, in these
/// words; nothing else may be refused by the one and accepted by the other.
pub(crate) const BEYOND: [(Beyond, &str); 6] = [
    (Beyond::NumberText, "a number given as text lies within the same bounds"),
    (Beyond::Calendar, "a date is one of the calendar"),
    (Beyond::Spelling, "what differs only in spelling counts as the same item"),
    (Beyond::JsonText, "JSON given in place of its text has the text's length"),
    (Beyond::Digits, "numbers beyond 2^53 are written as digits, without fraction or exponent"),
    (Beyond::Depth, "at most 128 levels"),
];

/// See [`BEYOND`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Beyond {
    NumberText,
    Calendar,
    Spelling,
    JsonText,
    Digits,
    Depth,
    /// A pattern that ECMA has no words for; each member's description tells it.
    Unsaid,
}

/// How a schema and validation stand to each other over one payload.
#[derive(Debug, PartialEq)]
pub(crate) enum Judged {
    /// Both accept it.
    Accepted,
    /// Both refuse it.
    Refused,
    /// Only validation refuses it, for these reasons.
    Beyond(Vec<Beyond>),
    /// They differ.
    Differ(String),
}

/// Compares.
pub(crate) fn judge(schema: &Value, fits: bool, bound: &Result<Bound, Invalid>, payload: &Value) -> Judged {
    match (fits, bound) {
        (true, Ok(_)) => Judged::Accepted,
        (false, Err(_)) => Judged::Refused,
        (false, Ok(_)) => Judged::Differ("validation accepts it, the schema does not".to_owned()),
        (true, Err(invalid)) => {
            let reasons: Option<Vec<Beyond>> =
                invalid.invalid.iter().map(|problem| reason(schema, problem, payload)).collect();
            match reasons {
                Some(reasons) if invalid.missing.is_empty() && invalid.more == 0 => Judged::Beyond(reasons),
                _ => Judged::Differ(format!("the schema accepts it, validation says {invalid:?}")),
            }
        }
    }
}

fn reason(schema: &Value, problem: &Problem, payload: &Value) -> Option<Beyond> {
    let value = at(payload, &problem.path);
    let is_timestamp = |text: &str| regex::Regex::new(spelling::TIMESTAMP).unwrap().is_match(text);
    match (problem.code, value?) {
        (Code::Range, Value::String(_)) => Some(Beyond::NumberText),
        (Code::Timestamp, Value::String(text)) if is_timestamp(text) => Some(Beyond::Calendar),
        (Code::Unique, item) => {
            let (list, index) = problem.path.strip_suffix(']')?.rsplit_once('[')?;
            let before = at(payload, list)?.as_array()?.get(..index.parse().ok()?)?;
            (!before.contains(item)).then_some(Beyond::Spelling)
        }
        (
            Code::Length | Code::Pattern | Code::Enum,
            Value::Object(_) | Value::Array(_) | Value::Bool(_) | Value::Number(_),
        ) if !problem.got.contains("items") && !problem.got.contains("entries") => Some(Beyond::JsonText),
        (Code::Type, Value::Number(number)) if number.is_f64() && is_large(number.as_f64()?) => Some(Beyond::Digits),
        (Code::Pattern, Value::String(_)) => {
            let pattern = problem.expected.strip_prefix("a match of ")?.trim_end_matches('…');
            says(schema, &format!("Checked too: the pattern {pattern}")).then_some(Beyond::Unsaid)
        }
        (Code::Depth, _) => Some(Beyond::Depth),
        _ => None,
    }
}

/// Whether a description somewhere in the schema says so.
fn says(schema: &Value, words: &str) -> bool {
    match schema {
        Value::Object(members) => {
            members.get("description").and_then(Value::as_str).is_some_and(|text| text.contains(words))
                || members.values().any(|member| says(member, words))
        }
        Value::Array(items) => items.iter().any(|item| says(item, words)),
        _ => false,
    }
}

fn is_large(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() > 9_007_199_254_740_992.0
}

/// The value at a problem's path.
fn at<'v>(payload: &'v Value, path: &str) -> Option<&'v Value> {
    let (mut value, mut rest) = (payload, path);
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        if let Some(inside) = rest.strip_prefix("[\"") {
            let (name, after) = inside.split_once("\"]")?;
            (value, rest) = (value.get(serde_json::from_str::<String>(&format!("\"{name}\"")).ok()?)?, after);
        } else if let Some(inside) = rest.strip_prefix('[') {
            let (index, after) = inside.split_once(']')?;
            (value, rest) = (value.get(index.parse::<usize>().ok()?)?, after);
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            (value, rest) = (value.get(rest.get(..end)?)?, rest.get(end..)?);
        }
    }
    Some(value)
}
