//! Bodies compared as what they are: JSON, XML, form parameters, CBOR, or bytes.

use aws_smithy_cbor::Decoder;
use aws_smithy_cbor::data::Type;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::compare;

/// Whether two bodies say the same.
pub(super) fn same(media_type: Option<&str>, expected: &str, got: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(got).into_owned();
    let differ = || Err(format!("body: got `{text}`, expected `{expected}`"));
    let equal = match media_type {
        _ if expected.is_empty() => got.is_empty(),
        Some("application/json") => {
            let (a, b) = (serde_json::from_str(expected), serde_json::from_slice(got));
            matches!((a, b), (Ok(a), Ok(b)) if compare::same(&a, &b))
        }
        Some("application/xml") => xml(expected) == xml(&text),
        Some("application/x-www-form-urlencoded") => form(expected) == form(&text),
        Some("application/cbor") => {
            let expected = STANDARD.decode(expected).map_err(|error| error.to_string())?;
            let (a, b) = (cbor(&mut Decoder::new(&expected)), cbor(&mut Decoder::new(got)));
            if !compare::same(&a, &b) {
                return Err(format!("body: got {b}, expected {a}"));
            }
            true
        }
        _ => expected.as_bytes() == got,
    };
    if equal { Ok(()) } else { differ() }
}

fn form(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = text.split('&').map(|part| part.trim().replace("%20", "+")).collect();
    parts.sort();
    parts
}

/// An element: its opening tag with sorted attributes, its text, its children in sorted order. The order of
/// siblings is free in structures and maps; lists are compared by the other protocols' cases.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Element {
    tag: String,
    /// The default namespace in force.
    namespace: Option<String>,
    text: String,
    children: Vec<Element>,
}

fn xml(text: &str) -> Element {
    let mut open = vec![Element::default()];
    for (index, piece) in text.split('<').enumerate() {
        let (tag, after) = if index == 0 { ("?", piece) } else { piece.split_once('>').unwrap_or((piece, "")) };
        if tag.starts_with('/') {
            close(&mut open);
        } else if !tag.starts_with('?') {
            let bare = tag.strip_suffix('/').unwrap_or(tag);
            let mut words: Vec<&str> = bare.split_whitespace().collect();
            words.get_mut(1..).unwrap_or_default().sort_unstable();
            // A default namespace that is in force already says nothing.
            let around = open.last().and_then(|element| element.namespace.clone());
            let own = words.iter().copied().find(|word| word.starts_with("xmlns=")).map(str::to_owned);
            words.retain(|word| own.is_none() || own != around || Some(*word) != own.as_deref());
            open.push(Element { tag: words.join(" "), namespace: own.or(around), ..Element::default() });
            if bare.len() < tag.len() {
                close(&mut open);
            }
        }
        if let Some(element) = open.last_mut() {
            element.text.push_str(after.trim());
        }
    }
    open.swap_remove(0)
}

fn close(open: &mut Vec<Element>) {
    let (Some(mut element), Some(parent)) = (open.pop(), open.last_mut()) else { return };
    element.children.sort();
    parent.children.push(element);
}

/// One item as JSON; bytes and instants marked, so that they stay what they are.
fn cbor(decoder: &mut Decoder<'_>) -> Value {
    match decoder.datatype().expect("an item") {
        Type::Bool => json!(decoder.boolean().unwrap()),
        Type::Null => {
            decoder.null().unwrap();
            Value::Null
        }
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
            json!(decoder.long().unwrap())
        }
        Type::F16 | Type::F32 => {
            let value = decoder.float().unwrap();
            if value.is_finite() { json!(value) } else { json!(value.to_string()) }
        }
        Type::F64 => {
            let value = decoder.double().unwrap();
            if value.is_finite() { json!(value) } else { json!(value.to_string()) }
        }
        Type::Bytes | Type::BytesIndef => json!({"bytes": STANDARD.encode(decoder.blob().unwrap())}),
        Type::String | Type::StringIndef => json!(decoder.str().unwrap()),
        Type::Tag => json!({"instant": decoder.timestamp().unwrap().as_secs_f64()}),
        Type::Array | Type::ArrayIndef => {
            let length = decoder.list().unwrap();
            let mut items = Vec::new();
            while more(decoder, length, items.len()) {
                items.push(cbor(decoder));
            }
            Value::Array(items)
        }
        Type::Map | Type::MapIndef => {
            let length = decoder.map().unwrap();
            let mut entries = Map::new();
            while more(decoder, length, entries.len()) {
                let key = decoder.str().unwrap().into_owned();
                entries.insert(key, cbor(decoder));
            }
            Value::Object(entries)
        }
        other => panic!("{other:?} is not expected"),
    }
}

fn more(decoder: &mut Decoder<'_>, length: Option<u64>, read: usize) -> bool {
    match length {
        Some(length) => (read as u64) < length,
        None if matches!(decoder.datatype(), Ok(Type::Break)) => {
            decoder.skip().unwrap();
            false
        }
        None => true,
    }
}
