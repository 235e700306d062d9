//! A blob that stands for itself: as text where it is text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// Puts a blob under its name: as text where it is text, else in base64; `<name>$encoding` says which.
pub(crate) fn put_blob(output: &mut Map<String, Value>, name: &str, bytes: &[u8], content_type: Option<&str>) {
    let (value, encoding) = match text(bytes, content_type) {
        Some(text) => (text.to_owned(), "text"),
        None => (STANDARD.encode(bytes), "base64"),
    };
    output.insert(name.to_owned(), value.into());
    output.insert(format!("{name}$encoding"), encoding.into());
}

/// The bytes as text: by its content type, or, where that says nothing, when no byte of it is a control.
fn text<'b>(body: &'b [u8], content_type: Option<&str>) -> Option<&'b str> {
    let text = std::str::from_utf8(body).ok()?;
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let textual = kind.starts_with("text/")
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
        || kind.strip_prefix("application/").is_some_and(|kind| {
            matches!(kind, "json" | "xml" | "javascript" | "yaml" | "x-yaml" | "x-ndjson" | "x-www-form-urlencoded")
        });
    let says_nothing = matches!(kind.as_str(), "" | "binary/octet-stream" | "application/octet-stream");
    let printable = || !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    (textual || (says_nothing && printable())).then_some(text)
}
