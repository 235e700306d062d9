//! Bytes as JSON Schema: base64, or a `$path` object that names a file.

use serde_json::{Map, Number, Value, json};

use super::leaf::into_map;
use super::render::Style;
use crate::smithy::Slot;
use crate::smithy::spelling::BASE64;

/// References to the definitions of bytes and files.
const BYTES_REF: &str = "#/$defs/$base64";
const FILE_REF: &str = "#/$defs/$path";

/// A blob with its constraints.
pub(super) fn blob(slot: Slot<'_>, style: Style) -> Map<String, Value> {
    if style.exact {
        let mut bytes = into_map(json!({"$ref": BYTES_REF}));
        exact_bounds(slot.min(), slot.max(), &mut bytes);
        return into_map(json!({"anyOf": [bytes, {"$ref": FILE_REF}]}));
    }
    let mut bytes = into_map(json!({"type": "string", "contentEncoding": "base64"}));
    if style.bounds {
        // The model counts bytes; three of them are four characters.
        let characters = |bytes: &Number| bytes.as_u64().map(|bytes| bytes.div_ceil(3).saturating_mul(4));
        for (name, bound) in [("minLength", slot.min()), ("maxLength", slot.max())] {
            if let Some(count) = bound.and_then(characters) {
                bytes.insert(name.to_owned(), count.into());
            }
        }
    }
    into_map(json!({"anyOf": [bytes, {"type": "object", "required": ["$path"]}]}))
}

/// Bounds on bytes as bounds on characters of base64, padded or not: of the longest and of the shortest texts it
/// is the padding that tells how many bytes they stand for.
fn exact_bounds(min: Option<&Number>, max: Option<&Number>, schema: &mut Map<String, Value>) {
    let mut conditions = Vec::new();
    if let Some(min) = min.and_then(Number::as_u64).filter(|min| *min > 0) {
        let (quads, odd) = (min / 3, min % 3);
        let least = quads.saturating_mul(4) + if odd == 0 { 0 } else { odd + 1 };
        schema.insert("minLength".to_owned(), least.into());
        match odd {
            0 => conditions.push(json!({"anyOf": [{"minLength": least + 1}, {"not": {"pattern": "=$"}}]})),
            2 => conditions.push(json!({"anyOf": [{"minLength": least + 2}, {"not": {"pattern": "==$"}}]})),
            _ => {}
        }
    }
    if let Some(max) = max.and_then(Number::as_u64) {
        let (quads, odd) = (max / 3, max % 3);
        schema.insert("maxLength".to_owned(), max.div_ceil(3).saturating_mul(4).into());
        let unpadded = quads.saturating_mul(4).saturating_add(odd + 1);
        match odd {
            1 => conditions.push(json!({"anyOf": [{"maxLength": unpadded}, {"pattern": "==$"}]})),
            2 => conditions.push(json!({"anyOf": [{"maxLength": unpadded}, {"pattern": "=$"}]})),
            _ => {}
        }
    }
    if !conditions.is_empty() {
        schema.insert("allOf".to_owned(), conditions.into());
    }
}

/// The definitions of bytes and files.
pub(super) fn definitions() -> [(&'static str, &'static str, Value); 2] {
    let globs = json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]});
    let file = json!({
        "type": "object",
        "description": "A file or a folder on this machine; for a folder to S3, keyPrefix stands in place of Key",
        "properties": {
            "$path": {"type": "string", "minLength": 1},
            "keyPrefix": {"type": "string"},
            "gitignore": {"type": "boolean"},
            "recursive": {"type": "boolean"},
            "include": globs,
            "exclude": globs
        },
        "required": ["$path"],
        "additionalProperties": false
    });
    [
        (BYTES_REF, "$base64", json!({"type": "string", "contentEncoding": "base64", "pattern": BASE64})),
        (FILE_REF, "$path", file),
    ]
}
