//! Results of a search, what a validation says, and every kind of refusal.

use std::io::{self, Write};

use serde_json::Value;

use crate::base::Shown;
use crate::call::CallError;
use crate::cli::paint::{self, Ink, Paint};

/// Columns of the widest name that others are lined up with.
const NAME: usize = 46;

/// What stands under a name, made visible.
pub(super) fn text(value: &Value, name: &str) -> String {
    Shown::line(value.get(name).and_then(Value::as_str).unwrap_or_default()).as_str().to_owned()
}

/// What stands in a list.
fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// Results, best first: what each is called, what it can do, what the policy says, what it is for.
pub(in crate::cli) fn search(reply: &Value, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    let names: Vec<String> = list(reply, "results")
        .map(|result| format!("{}:{}", text(result, "service"), text(result, "operation")))
        .collect();
    let width = names.iter().map(String::len).max().unwrap_or(0).min(NAME);
    for (result, name) in list(reply, "results").zip(&names) {
        let (risk, verdict) = (text(result, "risk"), text(result, "verdict"));
        writeln!(
            out,
            "{}  {}  {}  {}",
            paint.column(Ink::Strong, name, width),
            paint.column(paint::risk(&risk), &risk, "destructive".len()),
            paint.column(paint::verdict(&verdict), &verdict, "allow".len()),
            text(result, "summary")
        )?;
    }
    match text(reply, "hint").as_str() {
        "" => Ok(()),
        hint => writeln!(out, "{}", paint.ink(Ink::Warn, hint)),
    }
}

/// A payload that is valid: what an invoke of it would meet.
pub(in crate::cli) fn valid(reply: &Value, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    let (risk, verdict) = (text(reply, "risk"), text(reply, "verdict"));
    let name = format!("{}:{}", text(reply, "service"), text(reply, "operation"));
    writeln!(out, "{}: {}", paint.ink(Ink::Strong, &name), paint.ink(Ink::Good, "valid"))?;
    writeln!(out, "  risk       {}", paint.ink(paint::risk(&risk), &risk))?;
    for reason in list(reply, "riskReasons").filter_map(Value::as_str) {
        writeln!(out, "             {}", Shown::line(reason))?;
    }
    writeln!(
        out,
        "  verdict    {} {}",
        paint.ink(paint::verdict(&verdict), &verdict),
        paint.ink(Ink::Dim, &text(reply, "rule"))
    )?;
    writeln!(out, "  region     {}", text(reply, "region"))?;
    for note in list(reply, "unchecked").filter_map(Value::as_str) {
        writeln!(out, "  {}  {}", paint.ink(Ink::Warn, "unchecked"), Shown::line(note))?;
    }
    for file in list(reply, "files") {
        writeln!(out, "  file       {}", Shown::line(&file.to_string()))?;
    }
    Ok(())
}

/// Anything that did not go well, with every problem and what would help.
pub(in crate::cli) fn refused(error: &CallError, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}: {}", paint.ink(Ink::Bad, error.kind), Shown::line(&error.message))?;
    let extra = Value::Object(error.extra.clone().into_iter().collect());
    for path in list(&extra, "missing").filter_map(Value::as_str) {
        writeln!(out, "  {}  required and not there", paint.ink(Ink::Name, Shown::line(path).as_str()))?;
    }
    for problem in list(&extra, "invalid") {
        let place = match text(problem, "path").as_str() {
            "" => "(the payload)".to_owned(),
            path => path.to_owned(),
        };
        let (expected, got) = (text(problem, "expected"), text(problem, "got"));
        write!(out, "  {}  {}: expected {expected}, got {got}", paint.ink(Ink::Name, &place), text(problem, "code"))?;
        match text(problem, "nearest").as_str() {
            "" => writeln!(out)?,
            nearest => writeln!(out, "; did you mean {}?", paint.ink(Ink::Good, nearest))?,
        }
    }
    for reason in list(&extra, "reasons").filter_map(Value::as_str) {
        writeln!(out, "  {}", Shown::line(reason))?;
    }
    match &error.hint {
        Some(hint) => writeln!(out, "{}", paint.ink(Ink::Dim, Shown::line(hint).as_str())),
        None => Ok(()),
    }
}
