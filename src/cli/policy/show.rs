//! What the policy commands print for people. All text that others wrote is shown as [`Shown`].

use std::io::{self, Write};

use serde_json::Value;

use super::explain::Explained;
use crate::base::Shown;
use crate::call::CallError;
use crate::catalog::Index;
use crate::policy::{Change, Diff, Finding, Group, Level, Matched, Policy, PolicyError, Verdict};

/// How many operations of a group are named.
const NAMED: usize = 8;

/// A sound file.
pub(super) fn sound(file: &str, policy: &Policy, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}: sound; version {}, {} rules", Shown::line(file), policy.version(), policy.rule_count())
}

/// A broken file.
pub(super) fn broken(error: &PolicyError, out: &mut impl Write) -> io::Result<()> {
    // It shows what others wrote as `Shown` by itself.
    writeln!(out, "{error}\n\n{}", plural(error.problems.len(), "problem"))
}

/// What is odd, and a line that sums it up.
pub(super) fn lint(
    file: &str,
    policy: &Policy,
    findings: &[Finding],
    index: &Index,
    out: &mut impl Write,
) -> io::Result<()> {
    let file = Shown::line(file);
    for Finding { level, code, line, rule, message, help } in findings {
        writeln!(out, "{file}:{line}: {} [{code}]", level.as_str())?;
        writeln!(out, "  `{}` {}", Shown::line(rule), Shown::line(message))?;
        writeln!(out, "  = help: {}\n", Shown::line(help))?;
    }
    let count = |level: Level| findings.iter().filter(|finding| finding.level == level).count();
    let levels = [Level::Error, Level::Warning, Level::Note].map(|level| (count(level), level.as_str()));
    let levels: Vec<String> = levels.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| plural(n, what)).collect();
    let sum = if levels.is_empty() { "clean".to_owned() } else { levels.join(", ") };
    let (rules, operations) = (policy.rule_count(), index.operation_count());
    writeln!(out, "{file}: {sum}; {rules} rules against {operations} operations of {} services", index.services().len())
}

/// What changes.
pub(super) fn diff(old: &Policy, new: &Policy, diff: &Diff, out: &mut impl Write) -> io::Result<()> {
    if diff.is_empty() {
        return writeln!(out, "no difference that a call could meet ({} → {})", old.version(), new.version());
    }
    for Group { from, to, widens, classes, operations } in &diff.groups {
        let (sign, n) = (sign(*widens), operations.len());
        let (become_, were) = if n == 1 { ("becomes", "was") } else { ("become", "were") };
        let what = plural(n, "operation");
        let classes: Vec<String> = classes.iter().rev().map(|(class, n)| format!("{n} {class}")).collect();
        writeln!(out, "{sign} {what} {become_} {} ({were} {}): {}", to.words(), from.words(), classes.join(", "))?;
        for name in operations.iter().take(NAMED) {
            writeln!(out, "    {name}")?;
        }
        if let Some(more) = n.checked_sub(NAMED).filter(|more| *more > 0) {
            writeln!(out, "    and {more} more (--json lists all)")?;
        }
    }
    for Change { what, from, to, widens } in &diff.settings {
        let (sign, from, to) = (sign(*widens), Shown::line(from), Shown::line(to));
        match (from.as_str(), to.as_str()) {
            ("", to) => writeln!(out, "{sign} {what}: new: {to}")?,
            (from, "") => writeln!(out, "{sign} {what}: gone: {from}")?,
            (from, to) => writeln!(out, "{sign} {what}: {from} → {to}")?,
        }
    }
    let widens =
        if diff.widens() { "wider: lines with + let more happen than before" } else { "nothing becomes wider" };
    writeln!(out, "{} → {}: {widens}", old.version(), new.version())
}

/// A verdict and how it came about.
pub(super) fn explained(explained: &Explained, policy: &Policy, out: &mut impl Write) -> io::Result<()> {
    let Explained { service, operation, by_payload, assessment, decision } = explained;
    writeln!(out, "{service}:{operation}: {}", decision.verdict)?;
    writeln!(out, "  rule    {}{}", Shown::line(&decision.rule), line(policy, &decision.rule))?;
    for reason in &decision.reasons {
        writeln!(out, "          {}", Shown::line(reason))?;
    }
    writeln!(out, "  class   {}", assessment.class)?;
    for reason in &assessment.reasons {
        writeln!(out, "          {}", Shown::line(reason))?;
    }
    let judged = match (by_payload, decision.verdict) {
        (true, _) => "with its payload",
        (false, Verdict::Deny) => "by its name: denied whatever the payload says",
        (false, _) => "by its name; a payload may change class and verdict",
    };
    writeln!(out, "  judged  {judged}")?;
    writeln!(out, "  trace   strongest first, > decided")?;
    for Matched { rule, verdict, because, decided, note, .. } in &decision.trace {
        let mark = if *decided { '>' } else { ' ' };
        write!(out, "        {mark} {verdict:<5} {}{}", Shown::line(rule), line(policy, rule))?;
        for more in [because, note].into_iter().flatten() {
            write!(out, ": {}", Shown::line(more))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// A call that cannot be judged, and every problem of its payload.
pub(super) fn refused(error: &CallError, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}: {}", error.kind, Shown::line(&error.message))?;
    for problem in error.extra.get("invalid").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| Shown::line(problem.get(key).and_then(Value::as_str).unwrap_or_default());
        match text("nearest").as_str() {
            "" => writeln!(out, "  {}: expected {}, got {}", text("path"), text("expected"), text("got"))?,
            nearest => writeln!(out, "  {}: there is none; the nearest is {nearest}", text("path"))?,
        }
    }
    Ok(())
}

fn line(policy: &Policy, rule: &str) -> String {
    policy.line_of(rule).map(|line| format!(" (line {line})")).unwrap_or_default()
}

const fn sign(widens: bool) -> char {
    if widens { '+' } else { '-' }
}

fn plural(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
