//! JSON as it may stand on a terminal: the same value, with every character that would act, hide or reorder
//! written as `\uXXXX`.

use serde_json::Value;

use crate::base::Shown;

/// A value in one line.
pub fn line(value: &Value) -> String {
    visible(&value.to_string())
}

/// A value over several lines.
pub fn pretty(value: &Value) -> String {
    visible(&format!("{value:#}"))
}

/// JSON text that means the same, without the characters that [`Shown`] writes out. What is below U+0020 is escaped
/// in JSON text anyway, and beyond ASCII there is nothing outside its strings.
pub fn visible(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut units = [0; 2];
    for ch in json.chars() {
        let hidden = ch == '\u{7f}' || (!ch.is_ascii() && Shown::line(ch.encode_utf8(&mut [0; 4])).has_hidden());
        if hidden {
            for unit in ch.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(ch);
        }
    }
    out
}
