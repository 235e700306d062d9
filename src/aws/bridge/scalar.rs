//! Single values: what JSON may say for each simple type, and how it reads back.

use std::str::FromStr as _;

use aws_smithy_schema::serde::{SerdeError, ShapeDeserializer, ShapeSerializer};
use aws_smithy_schema::{Schema, ShapeType};
use aws_smithy_types::date_time::Format;
use aws_smithy_types::{BigDecimal, BigInteger, Blob, DateTime};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Number, Value};

use super::{from_document, to_document};

/// Writes a simple value.
pub(super) fn write(
    serializer: &mut dyn ShapeSerializer,
    schema: &Schema<'_>,
    kind: ShapeType,
    value: &Value,
) -> Result<(), SerdeError> {
    match kind {
        ShapeType::String => match value {
            Value::String(text) => serializer.write_string(schema, text),
            // botocore's "jsonvalue" members: JSON that travels as text.
            Value::Object(_) | Value::Array(_)
                if schema.media_type().is_some_and(|t| t.value() == "application/json") =>
            {
                serializer.write_string(schema, &value.to_string())
            }
            other => Err(expected("a string", other)),
        },
        ShapeType::Boolean => serializer.write_boolean(schema, boolean(value)?),
        ShapeType::Byte => serializer.write_byte(schema, whole(value, "an 8-bit integer")?),
        ShapeType::Short => serializer.write_short(schema, whole(value, "a 16-bit integer")?),
        ShapeType::Integer => serializer.write_integer(schema, whole(value, "a 32-bit integer")?),
        ShapeType::Long => serializer.write_long(schema, whole(value, "a 64-bit integer")?),
        #[expect(clippy::cast_possible_truncation, reason = "a float member has 32 bits on the wire")]
        ShapeType::Float => serializer.write_float(schema, number(value)? as f32),
        ShapeType::Double => serializer.write_double(schema, number(value)?),
        ShapeType::BigInteger => {
            let big = BigInteger::from_str(&plain(value)?).map_err(|_| expected("a whole number", value))?;
            serializer.write_big_integer(schema, &big)
        }
        ShapeType::BigDecimal => {
            let big = BigDecimal::from_str(&plain(value)?).map_err(|_| expected("a number", value))?;
            serializer.write_big_decimal(schema, &big)
        }
        ShapeType::Blob => serializer.write_blob(schema, Blob::new(bytes(value)?)),
        ShapeType::Timestamp => serializer.write_timestamp(schema, &instant(value)?),
        ShapeType::Document => serializer.write_document(schema, &to_document(value)),
        other => Err(SerdeError::unsupported(format!("{other:?} is not a simple type"))),
    }
}

/// Reads a simple value.
pub(super) fn read(
    deserializer: &mut dyn ShapeDeserializer,
    schema: &Schema<'_>,
    kind: ShapeType,
) -> Result<Value, SerdeError> {
    Ok(match kind {
        ShapeType::String => Value::String(deserializer.read_string(schema)?),
        ShapeType::Boolean => Value::Bool(deserializer.read_boolean(schema)?),
        ShapeType::Byte => Value::from(deserializer.read_byte(schema)?),
        ShapeType::Short => Value::from(deserializer.read_short(schema)?),
        ShapeType::Integer => Value::from(deserializer.read_integer(schema)?),
        ShapeType::Long => Value::from(deserializer.read_long(schema)?),
        ShapeType::Float => {
            let value = deserializer.read_float(schema)?;
            // By way of text, so that 1.1 stays 1.1 and does not become 1.100000023841858.
            floating(value.to_string().parse().unwrap_or_else(|_| f64::from(value)))
        }
        ShapeType::Double => floating(deserializer.read_double(schema)?),
        ShapeType::BigInteger => big(deserializer.read_big_integer(schema)?.as_ref()),
        ShapeType::BigDecimal => big(deserializer.read_big_decimal(schema)?.as_ref()),
        ShapeType::Blob => Value::String(STANDARD.encode(deserializer.read_blob(schema)?)),
        ShapeType::Timestamp => Value::String(instant_text(deserializer.read_timestamp(schema)?)?),
        ShapeType::Document => from_document(deserializer.read_document(schema)?),
        other => return Err(SerdeError::unsupported(format!("{other:?} is not a simple type"))),
    })
}

/// An instant as our JSON has it. Seconds with a fraction come as a double, a little beside the microsecond that was
/// meant.
///
/// # Errors
/// When it is too far away to be written.
pub(super) fn instant_text(instant: DateTime) -> Result<String, SerdeError> {
    let micros = instant.as_nanos().saturating_add(500).div_euclid(1000);
    let instant = DateTime::from_nanos(micros.saturating_mul(1000))
        .map_err(|error| SerdeError::invalid_input(error.to_string()))?;
    instant.fmt(Format::DateTime).map_err(|error| SerdeError::invalid_input(error.to_string()))
}

/// The bytes behind a base64 string.
///
/// # Errors
/// When the value is not a string or not base64.
pub(super) fn bytes(value: &Value) -> Result<Vec<u8>, SerdeError> {
    let text = value.as_str().ok_or_else(|| expected("bytes in base64", value))?;
    STANDARD.decode(text).map_err(|_| expected("bytes in base64", value))
}

pub(super) fn expected(what: &str, got: &Value) -> SerdeError {
    let got = match got {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    SerdeError::custom(format!("expected {what}, got {got}"))
}

fn boolean(value: &Value) -> Result<bool, SerdeError> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        other => Err(expected("true or false", other)),
    }
}

fn whole<T: TryFrom<i64>>(value: &Value, what: &str) -> Result<T, SerdeError> {
    let number = match value {
        Value::Number(number) => number.as_i64().or_else(|| integral(number)),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| expected(what, value))
}

/// A whole number that JSON wrote with a fraction (`7.0`), within what a double holds exactly.
fn integral(number: &Number) -> Option<i64> {
    let value = number.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "checked: no fraction, below 2^53")]
    (value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0).then_some(value as i64)
}

fn number(value: &Value) -> Result<f64, SerdeError> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            other => other.parse().ok().filter(|number: &f64| number.is_finite()),
        },
        _ => None,
    };
    number.ok_or_else(|| expected("a number", value))
}

fn plain(value: &Value) -> Result<String, SerdeError> {
    match value {
        Value::Number(number) => Ok(number.to_string()),
        Value::String(text) => Ok(text.clone()),
        other => Err(expected("a number", other)),
    }
}

/// RFC 3339 text, an HTTP date, or seconds since 1970.
fn instant(value: &Value) -> Result<DateTime, SerdeError> {
    let instant = match value {
        Value::Number(number) => match number.as_i64() {
            Some(seconds) => Some(DateTime::from_secs(seconds)),
            None => number.as_f64().map(DateTime::from_secs_f64),
        },
        Value::String(text) => DateTime::from_str(text, Format::DateTimeWithOffset)
            .or_else(|_| DateTime::from_str(text, Format::HttpDate))
            .or_else(|_| DateTime::from_str(text, Format::EpochSeconds))
            .ok(),
        _ => None,
    };
    instant.ok_or_else(|| SerdeError::custom("expected an instant such as 2026-01-31T12:00:00Z"))
}

fn floating(value: f64) -> Value {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    Value::from(value)
}

/// A big number as a JSON number when that loses nothing, else as text.
fn big(text: &str) -> Value {
    match text.parse::<Number>() {
        Ok(number) if number.to_string() == text => Value::Number(number),
        _ => Value::String(text.to_owned()),
    }
}
