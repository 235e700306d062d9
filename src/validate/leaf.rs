//! The simple values of a payload: strings, numbers, instants, bytes, documents, with their constraints.

use serde_json::Value;

use super::nearest::nearest;
use super::path::cut;
use super::pattern::Match;
use super::problem::Code;
use super::report::Got;
use super::scalar::{self, Misfit};
use super::walk::{Walk, told};
use super::{blob, timestamp};
use crate::smithy::spelling::HOST_LABEL;
use crate::smithy::{EnumValue, ShapeType, Slot};

/// What stands for bytes, for messages.
const BYTES: &str = "base64, or {\"$path\": \"a file\"}";

impl<'w> Walk<'w> {
    /// The canonical form of a simple value; `None` only after a problem was noted.
    pub(super) fn leaf(&mut self, slot: Slot<'w>, value: &'w Value) -> Option<Value> {
        let type_of = |expected: &'static str| (Code::Type, expected);
        let (bound, (code, expected)) = match slot.kind {
            ShapeType::String => return self.string(slot, value),
            ShapeType::Blob => return self.blob(slot, value),
            ShapeType::Boolean => (scalar::boolean(value).map(Value::Bool), type_of("true or false")),
            ShapeType::Timestamp => {
                (timestamp::canonical(self.patterns, value).map(Value::String), (Code::Timestamp, timestamp::EXPECTED))
            }
            ShapeType::Float | ShapeType::Double | ShapeType::BigDecimal => {
                return self.number(slot, value, scalar::float(slot.kind, value));
            }
            ShapeType::Byte | ShapeType::Short | ShapeType::Integer | ShapeType::Long | ShapeType::BigInteger => {
                return self.number(slot, value, scalar::integer(slot.kind, value));
            }
            // The walk never sends aggregates here; a shape of unknown kind takes anything.
            _ if is_deeper(value, self.levels_left()) => return self.too_deep(value),
            _ => return Some(value.clone()),
        };
        bound.or_else(|| self.report.wrong(code, Got::Value(value), || expected.to_owned()))
    }

    fn number(&mut self, slot: Slot<'w>, value: &Value, number: Result<Value, Misfit>) -> Option<Value> {
        let expected = match slot.kind {
            ShapeType::Byte => "a whole number of 8 bits",
            ShapeType::Short => "a whole number of 16 bits",
            ShapeType::Integer => "a whole number of 32 bits",
            ShapeType::Long => "a whole number of 64 bits",
            ShapeType::BigInteger => "a whole number",
            ShapeType::Float => "a number of single precision",
            _ => "a number",
        };
        let number = match number {
            Ok(number) => number,
            Err(misfit) => {
                let code = if misfit == Misfit::Type { Code::Type } else { Code::Range };
                return self.report.wrong(code, Got::Value(value), || expected.to_owned());
            }
        };
        if !scalar::in_range(&number, slot.min(), slot.max()) {
            let bounds = || scalar::bounds_text(slot.min(), slot.max(), "");
            return self.report.wrong(Code::Range, Got::Value(value), bounds);
        }
        let allowed: Vec<_> = slot.enum_values().iter().filter_map(integer_of).collect();
        if !allowed.is_empty() && !number.as_i64().is_some_and(|number| allowed.contains(&number)) {
            let names: Vec<_> = allowed.iter().map(ToString::to_string).collect();
            let expected = || format!("one of {}", told(names.iter().map(String::as_str)));
            return self.report.wrong(Code::Enum, Got::Value(value), expected);
        }
        Some(number)
    }

    fn string(&mut self, slot: Slot<'w>, value: &'w Value) -> Option<Value> {
        let json_text = slot.is_json_text();
        if json_text && is_deeper(value, self.levels_left()) {
            return self.too_deep(value);
        }
        let Some(text) = scalar::string(json_text, value) else {
            let hint = if value.is_array() || value.is_object() { " (JSON goes in as text)" } else { "" };
            return self.report.wrong(Code::Type, Got::Value(value), || format!("a string{hint}"));
        };
        self.text(slot, &text, Got::Value(value)).then(|| Value::String(text.into_owned()))
    }

    /// Whether a text, a string's or a map key's, meets its constraints.
    pub(super) fn text(&mut self, slot: Slot<'w>, text: &str, got: Got<'_>) -> bool {
        let before = self.report.problems();
        if text.is_empty() && slot.is_label() {
            let expected = || "a non-empty string: it becomes a part of the URL".to_owned();
            self.report.note(Code::Empty, got, expected);
            return false;
        }
        if slot.is_host_label() && self.patterns.matches(HOST_LABEL, text) != Match::Yes {
            let expected = || "a label of a host's name: 1 to 63 letters, digits and hyphens within".to_owned();
            self.report.note(Code::HostLabel, got, expected);
        }
        let values = || slot.enum_values().iter().filter_map(text_of);
        if values().next().is_some() && !values().any(|allowed| allowed == text) {
            let expected = || format!("one of {}", told(values()));
            self.report.note_near(Code::Enum, got, expected, || nearest(text, values()));
        }
        if slot.min().is_some() || slot.max().is_some() {
            self.length(slot, text.chars().count(), "characters");
        }
        if let Some(pattern) = slot.pattern() {
            match self.patterns.matches(pattern, text) {
                Match::Yes => {}
                Match::No => {
                    let expected = || format!("a match of {}", cut(pattern, 200));
                    self.report.note(Code::Pattern, got, expected);
                }
                Match::Loosely => self.report.leave_unchecked("the upper bounds in", pattern),
                Match::Unchecked => self.report.leave_unchecked("", pattern),
            }
        }
        self.report.problems() == before
    }

    fn blob(&mut self, slot: Slot<'w>, value: &'w Value) -> Option<Value> {
        match value {
            Value::Object(object) if object.contains_key(blob::PATH) => {
                if let Err((expected, nearest)) = blob::check_path(object) {
                    self.report.note_near(Code::Path, Got::Value(value), || expected, || nearest);
                    return None;
                }
                self.report.file(value);
                Some(value.clone())
            }
            Value::String(text) => {
                let Some((bytes, canonical)) = blob::base64(text) else {
                    return self.report.wrong(Code::Base64, Got::Value(value), || BYTES.to_owned());
                };
                self.length(slot, bytes, "bytes").then_some(Value::String(canonical))
            }
            _ => self.report.wrong(Code::Type, Got::Value(value), || BYTES.to_owned()),
        }
    }

    /// Whether a count lies within the bounds of `length`.
    pub(super) fn length(&mut self, slot: Slot<'w>, count: usize, unit: &str) -> bool {
        let fits = scalar::in_length(count, slot.min(), slot.max());
        if !fits {
            let expected = || scalar::bounds_text(slot.min(), slot.max(), unit);
            self.report.note(Code::Length, Got::Count(count, unit), expected);
        }
        fits
    }
}

/// Whether a value nests deeper than `levels`; looks no deeper than that.
fn is_deeper(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(_) | Value::Object(_) if levels == 0 => true,
        Value::Array(items) => items.iter().any(|item| is_deeper(item, levels - 1)),
        Value::Object(members) => members.values().any(|member| is_deeper(member, levels - 1)),
        _ => false,
    }
}

fn text_of(value: &EnumValue) -> Option<&str> {
    match value {
        EnumValue::String(text) => Some(text),
        EnumValue::Integer(_) => None,
    }
}

fn integer_of(value: &EnumValue) -> Option<i64> {
    match value {
        EnumValue::Integer(number) => Some(*number),
        EnumValue::String(_) => None,
    }
}
