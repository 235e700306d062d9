//! Simple values: each spelling that counts as one, made the one canonical form.
//!
//! Integers are numbers, floats are doubles (or `"NaN"`, `"Infinity"`, `"-Infinity"`), booleans are `true` and
//! `false`, JSON text is a string. Numeric and boolean text is taken too: `"7"` is 7, `"true"` is true; the
//! grammar of such text is in `smithy::spelling`.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Number, Value};

use crate::smithy::ShapeType;
use crate::smithy::spelling::NUMBER_LENGTH;

/// Up to here a double holds every whole number: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;
const EXACT_WHOLE: u128 = 1 << 53;

/// Why a value is no number of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misfit {
    /// It is something else.
    Type,
    /// It is too large or too small for the type.
    Range,
}

/// A whole number in its canonical form.
pub(super) fn integer(kind: ShapeType, value: &Value) -> Result<Value, Misfit> {
    let whole = match value {
        Value::Number(number) => whole(number).ok_or(Misfit::Type)?,
        Value::String(text) if is_decimal(text) => match text.parse::<i128>() {
            Ok(whole) => whole,
            // Wider than any fixed type: kept as its digits.
            Err(_) if kind == ShapeType::BigInteger => return Ok(text.as_str().into()),
            Err(_) => return Err(Misfit::Range),
        },
        _ => return Err(Misfit::Type),
    };
    let (least, most) = bounds(kind);
    if whole < least || whole > most {
        return Err(Misfit::Range);
    }
    match i64::try_from(whole) {
        // A number of any size stays a number only as long as every reader of JSON keeps all its digits.
        Ok(number) if kind != ShapeType::BigInteger || whole.unsigned_abs() <= EXACT_WHOLE => Ok(number.into()),
        _ => Ok(whole.to_string().into()),
    }
}

/// What a type of whole numbers holds.
fn bounds(kind: ShapeType) -> (i128, i128) {
    match kind {
        ShapeType::Byte => (i8::MIN.into(), i8::MAX.into()),
        ShapeType::Short => (i16::MIN.into(), i16::MAX.into()),
        ShapeType::Integer => (i32::MIN.into(), i32::MAX.into()),
        ShapeType::BigInteger => (i128::MIN, i128::MAX),
        _ => (i64::MIN.into(), i64::MAX.into()),
    }
}

fn whole(number: &Number) -> Option<i128> {
    if let Some(whole) = number.as_i64() {
        return Some(whole.into());
    }
    if let Some(whole) = number.as_u64() {
        return Some(whole.into());
    }
    let float = number.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within ±2^53")]
    (float.fract() == 0.0 && float.abs() <= EXACT).then_some(float as i128)
}

/// Digits as JSON writes a whole number, not endlessly many: no zeros before others, no minus before zero.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    text == "0" || (plain && text.len() <= NUMBER_LENGTH && !digits.starts_with('0'))
}

/// A number with a fraction in its canonical form.
pub(super) fn float(kind: ShapeType, value: &Value) -> Result<Value, Misfit> {
    let double = match value {
        Value::Number(number) => number.as_f64().ok_or(Misfit::Type)?,
        Value::String(text) => match text.as_str() {
            "NaN" | "Infinity" | "-Infinity" if kind != ShapeType::BigDecimal => return Ok(value.clone()),
            numeric if is_number(numeric) => {
                // What is too large for a double becomes infinite, and is refused below.
                let double: f64 = numeric.parse().map_err(|_| Misfit::Type)?;
                if kind == ShapeType::BigDecimal && !is_exact(numeric, double) {
                    return Ok(value.clone());
                }
                double
            }
            _ => return Err(Misfit::Type),
        },
        _ => return Err(Misfit::Type),
    };
    if kind == ShapeType::Float && double.abs() > f64::from(f32::MAX) {
        return Err(Misfit::Range);
    }
    // `-0.0` and `0.0` are one value.
    Number::from_f64(double + 0.0).map(Value::Number).ok_or(Misfit::Range)
}

/// A number as JSON writes it. Not whatever `parse` takes: that is also "inf", "nan" and a plus.
fn is_number(text: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let leads = whole.len() > 1 && whole.starts_with('0');
    text.len() <= NUMBER_LENGTH
        && is_digits(whole)
        && !leads
        && is_digits(fraction)
        && is_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
}

/// Whether a double holds all digits of a decimal text.
fn is_exact(text: &str, double: f64) -> bool {
    const DIGITS: usize = 15;
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count();
    digits <= DIGITS && double.is_finite() && (double != 0.0 || digits == 0)
}

/// True or false; `None` for anything else.
pub(super) fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) => match text.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Text; where the model says that the text is JSON, whatever is no text stands for its own.
pub(super) fn string(json_text: bool, value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Null => None,
        _ if json_text => Some(Cow::Owned(value.to_string())),
        _ => None,
    }
}

/// Whether a canonical number lies within the bounds of `range`. NaN lies nowhere.
pub(super) fn in_range(value: &Value, min: Option<&Number>, max: Option<&Number>) -> bool {
    let above = min.is_none_or(|min| compare(value, min).is_some_and(Ordering::is_ge));
    let below = max.is_none_or(|max| compare(value, max).is_some_and(Ordering::is_le));
    above && below
}

fn compare(value: &Value, bound: &Number) -> Option<Ordering> {
    match value {
        Value::Number(number) => match (whole(number), whole(bound)) {
            (Some(number), Some(bound)) => Some(number.cmp(&bound)),
            _ => number.as_f64()?.partial_cmp(&bound.as_f64()?),
        },
        Value::String(text) => match text.as_str() {
            "Infinity" => Some(Ordering::Greater),
            "-Infinity" => Some(Ordering::Less),
            digits => digits.parse::<f64>().ok()?.partial_cmp(&bound.as_f64()?),
        },
        _ => None,
    }
}

/// Whether a count lies within the bounds of `length`.
pub(super) fn in_length(count: usize, min: Option<&Number>, max: Option<&Number>) -> bool {
    in_range(&Value::from(count), min, max)
}

/// Bounds in words: `1 to 63 characters`.
pub(super) fn bounds_text(min: Option<&Number>, max: Option<&Number>, unit: &str) -> String {
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    match (min, max) {
        (Some(min), Some(max)) if min == max => format!("exactly {min}{unit}"),
        (Some(min), Some(max)) => format!("{min} to {max}{unit}"),
        (Some(min), None) => format!("at least {min}{unit}"),
        (None, Some(max)) => format!("at most {max}{unit}"),
        (None, None) => format!("any number of{unit}"),
    }
}
