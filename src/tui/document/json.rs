//! A JSON value, whole, as paragraphs: every string ends where its quote says, a text of several lines is read
//! line by line, and a text that is itself JSON is laid open beneath.

use serde_json::Value;

use super::Block;
use crate::tui::text::{Break, Para, Row};
use crate::tui::theme::{Role, Theme};

/// Deeper levels are not moved in any further; their braces still tell them apart.
const MAX_INDENT: usize = 24;

/// The paragraphs of a value.
pub(super) fn blocks(value: &Value, theme: Theme) -> Vec<Block> {
    let mut out = Vec::new();
    push_value(Row::new(), value, "", 0, theme, &mut out);
    out
}

fn push_value(start: Row, value: &Value, comma: &'static str, depth: usize, theme: Theme, out: &mut Vec<Block>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push(line(start.own(Role::Plain, "{"), depth));
            let last = map.len() - 1;
            for (index, (key, member)) in map.iter().enumerate() {
                let key = quoted(Row::new(), Role::Key, key, theme).own(Role::Plain, ": ");
                push_value(key, member, if index < last { "," } else { "" }, depth + 1, theme, out);
            }
            out.push(line(Row::new().own(Role::Plain, format!("}}{comma}")), depth));
        }
        Value::Array(items) if !items.is_empty() => {
            out.push(line(start.own(Role::Plain, "["), depth));
            let last = items.len() - 1;
            for (index, item) in items.iter().enumerate() {
                push_value(Row::new(), item, if index < last { "," } else { "" }, depth + 1, theme, out);
            }
            out.push(line(Row::new().own(Role::Plain, format!("]{comma}")), depth));
        }
        Value::String(text) if text.contains('\n') => push_lines(start, text, comma, depth, theme, out),
        Value::String(text) => {
            out.push(line(quoted(start, Role::Text, text, theme).own(Role::Plain, comma), depth));
            push_open(text, depth, theme, out);
        }
        other => out.push(line(start.own(Role::Literal, other.to_string()).own(Role::Plain, comma), depth)),
    }
}

/// `"text"`, with the two characters that would blur where it ends escaped as in JSON.
fn quoted(row: Row, role: Role, text: &str, theme: Theme) -> Row {
    let text = text.replace('\\', r"\\").replace('"', "\\\"");
    row.own(role, "\"").shown(role, &theme.shown(&text)).own(role, "\"")
}

/// A text of several lines behind a bar; every line break is drawn.
fn push_lines(start: Row, text: &str, comma: &'static str, depth: usize, theme: Theme, out: &mut Vec<Block>) {
    let glyphs = theme.glyphs();
    let last = text.matches('\n').count();
    out.push(line(start.own(Role::Dim, format!("text, {last} line breaks:")), depth));
    let indent = " ".repeat(indent(depth + 1));
    for (index, text) in text.split('\n').enumerate() {
        let text = theme.shown(text);
        let body = Row::new().shown(Role::Text, &text);
        let body = if index < last { body.own(Role::Dim, glyphs.newline) } else { body };
        let lead = Row::new().own(Role::Plain, indent.clone()).own(Role::Dim, format!("{} ", glyphs.bar));
        out.push(Block::Para(Para { lead, hang: 0, body, breaks: Break::Exact }));
    }
    if !comma.is_empty() {
        out.push(line(Row::new().own(Role::Plain, comma), depth));
    }
    push_open(text, depth, theme, out);
}

/// A policy document in a string is hard to judge between its backslashes: once more, laid open. The exact text
/// stands above it, for what a reader of JSON would not tell (a key given twice).
fn push_open(text: &str, depth: usize, theme: Theme, out: &mut Vec<Block>) {
    if !text.trim_start().starts_with(['{', '[']) {
        return;
    }
    let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) else { return };
    out.push(line(Row::new().own(Role::Dim, "the same, read as JSON:"), depth + 1));
    push_value(Row::new(), &value, "", depth + 1, theme, out);
}

fn line(body: Row, depth: usize) -> Block {
    let indent = indent(depth);
    let lead = Row::new().own(Role::Plain, " ".repeat(indent));
    Block::Para(Para { lead, hang: 2, body, breaks: Break::Exact })
}

fn indent(depth: usize) -> usize {
    (depth * 2).min(MAX_INDENT)
}
