//! The schema of a payload as people read one: a member a line, what stands in it further to the right.

use std::io::{self, Write};

use serde_json::Value;

use super::answer::text;
use crate::base::Shown;
use crate::cli::paint::{self, Ink, Paint};

/// Deeper than this nothing is shown; `--path` leads on.
const DEEPEST: usize = 12;

/// Values of an enum that are shown.
const VALUES: usize = 12;

/// The operation, and the members of its payload.
pub(in crate::cli) fn schema(reply: &Value, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    let (risk, verdict) = (text(reply, "risk"), text(reply, "verdict"));
    let name = format!("{}:{}", text(reply, "service"), text(reply, "operation"));
    writeln!(
        out,
        "{}  {}  {}",
        paint.ink(Ink::Strong, &name),
        paint.ink(paint::risk(&risk), &risk),
        paint.ink(paint::verdict(&verdict), &verdict)
    )?;
    writeln!(out, "{}", text(reply, "description"))?;
    if reply.get("paginated") == Some(&Value::Bool(true)) {
        writeln!(out, "{}", paint.ink(Ink::Dim, "answers in pages: --max-items gathers them"))?;
    }
    let waiters: Vec<_> =
        reply.get("waiters").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    if !waiters.is_empty() {
        writeln!(out, "{}", paint.ink(Ink::Dim, &format!("waiters: {}", waiters.join(", "))))?;
    }
    writeln!(out)?;
    let Some(schema) = reply.get("schema") else { return Ok(()) };
    let mut tree = Tree { root: schema, paint, out, open: Vec::new() };
    tree.inside(schema, 0)?;
    if schema.get("properties").and_then(Value::as_object).is_some_and(serde_json::Map::is_empty) {
        writeln!(tree.out, "(no members)")?;
    }
    writeln!(tree.out, "{}", paint.ink(Ink::Dim, "* required"))
}

struct Tree<'s, W> {
    root: &'s Value,
    paint: Paint,
    out: &'s mut W,
    /// References that are being shown: what holds itself is not shown again.
    open: Vec<&'s str>,
}

impl<'s, W: Write> Tree<'s, W> {
    /// The members of whatever structures stand in a schema.
    fn inside(&mut self, schema: &'s Value, depth: usize) -> io::Result<()> {
        let schema = self.settled(schema);
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            if self.open.contains(&reference) || depth > DEEPEST {
                return Ok(());
            }
            let Some(target) = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer)) else {
                return Ok(());
            };
            self.open.push(reference);
            self.inside(target, depth)?;
            self.open.pop();
            return Ok(());
        }
        if depth > DEEPEST {
            return Ok(());
        }
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let star = if required.contains(&name.as_str()) { "*" } else { "" };
            let name = Shown::line(name);
            write!(self.out, "{}{}{star}  ", "  ".repeat(depth), self.paint.ink(Ink::Name, name.as_str()))?;
            write!(self.out, "{}", self.paint.ink(Ink::Dim, &self.kind(member)))?;
            match text(member, "description").as_str() {
                "" => writeln!(self.out)?,
                told => writeln!(self.out, "  {told}")?,
            }
            self.inside(member, depth + 1)?;
        }
        for part in ["items", "additionalProperties"] {
            if let Some(part) = schema.get(part).filter(|part| part.is_object()) {
                self.inside(part, depth)?;
            }
        }
        Ok(())
    }

    /// A schema without the choices that only say what else may stand there.
    fn settled(&self, schema: &'s Value) -> &'s Value {
        let first = schema.get("anyOf").and_then(|choices| choices.get(0));
        first.filter(|_| !self.is_bytes(schema)).unwrap_or(schema)
    }

    fn is_bytes(&self, schema: &Value) -> bool {
        schema.get("anyOf").and_then(Value::as_array).is_some_and(|choices| {
            choices.iter().any(|choice| {
                choice.get("contentEncoding").is_some()
                    || choice.get("$ref").is_some_and(|target| target == "#/$defs/$path")
            })
        })
    }

    /// What may stand there, in a few words.
    fn kind(&self, member: &'s Value) -> String {
        if self.is_bytes(member) {
            return "bytes as base64, or {\"$path\": …}".to_owned();
        }
        let schema = self.settled(member);
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
            let again = if self.open.contains(&reference) || reference == "#" { " (as above)" } else { "" };
            return target.map_or_else(String::new, |target| format!("{}{again}", self.kind(target)));
        }
        let part = |name: &str| schema.get(name).filter(|part| part.is_object()).map(|part| self.kind(part));
        let kind = match schema.get("type") {
            Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str).unwrap_or_default(),
            Some(Value::String(kind)) => kind,
            _ => "any",
        };
        let mut told = match kind {
            "array" => format!("list of {}", part("items").unwrap_or_default()),
            "object" if schema.get("oneOf").is_some() => "exactly one of".to_owned(),
            "object" => part("additionalProperties").map_or("object".to_owned(), |values| format!("map to {values}")),
            "string" if schema.get("format").is_some() => "instant".to_owned(),
            kind => kind.to_owned(),
        };
        let bound = |name: &str| schema.get(name).map(ToString::to_string);
        for (least, most) in [
            ("minLength", "maxLength"),
            ("minItems", "maxItems"),
            ("minimum", "maximum"),
            ("minProperties", "maxProperties"),
        ] {
            match (bound(least), bound(most)) {
                (None, None) => {}
                (least, most) => {
                    told.push_str(&format!(" {}..{}", least.unwrap_or_default(), most.unwrap_or_default()));
                }
            }
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            let mut shown: Vec<String> = values
                .iter()
                .filter(|value| !value.is_null())
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                .collect();
            let more = shown.len().saturating_sub(VALUES);
            shown.truncate(VALUES);
            let rest = if more > 0 { format!(" | {more} more") } else { String::new() };
            told.push_str(&format!(": {}{rest}", shown.join(" | ")));
        }
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
            told.push_str(&format!(" {pattern}"));
        }
        Shown::line(&told).as_str().to_owned()
    }
}
