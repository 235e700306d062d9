//! Bytes in a payload: base64 text, or a `$path` object that names a file.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use super::nearest::nearest;

/// The member that makes an object a reference to a file.
pub(super) const PATH: &str = "$path";

/// What a `$path` object may hold besides, and of which type.
const OPTIONS: [(&str, Kind); 5] = [
    ("keyPrefix", Kind::Text),
    ("recursive", Kind::Flag),
    ("include", Kind::Globs),
    ("exclude", Kind::Globs),
    ("gitignore", Kind::Flag),
];

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Flag,
    Globs,
}

/// Bytes of base64 text and their one canonical spelling (standard alphabet, padded).
pub(super) fn base64(text: &str) -> Option<(usize, String)> {
    // All of the padding or none: a part of it is a slip.
    if text.contains('=') && !text.len().is_multiple_of(4) {
        return None;
    }
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&STANDARD, config);
    let bytes = engine.decode(text).ok()?;
    Some((bytes.len(), engine.encode(&bytes)))
}

/// What is wrong with a `$path` object: what was expected, and the name that was probably meant.
pub(super) fn check_path(object: &Map<String, Value>) -> Result<(), (String, Option<String>)> {
    if !matches!(object.get(PATH), Some(Value::String(path)) if !path.is_empty()) {
        return Err(("a file's path as a non-empty string in $path".to_owned(), None));
    }
    for (name, value) in object.iter().filter(|(name, _)| *name != PATH) {
        let Some((_, kind)) = OPTIONS.iter().find(|(option, _)| option == name) else {
            let names = OPTIONS.iter().map(|(option, _)| *option);
            let expected = "only $path, keyPrefix, recursive, include, exclude and gitignore".to_owned();
            return Err((expected, nearest(name, names)));
        };
        match (kind, value) {
            (Kind::Text, Value::String(_)) | (Kind::Flag, Value::Bool(_)) | (Kind::Globs, Value::String(_)) => {}
            (Kind::Globs, Value::Array(globs)) if globs.iter().all(Value::is_string) => {}
            (Kind::Text, _) => return Err((format!("a string as {name}"), None)),
            (Kind::Flag, _) => return Err((format!("true or false as {name}"), None)),
            (Kind::Globs, _) => return Err((format!("a string or a list of strings as {name}"), None)),
        }
    }
    Ok(())
}
