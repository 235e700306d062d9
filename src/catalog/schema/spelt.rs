//! Patterns that ECMA has no words for (Java's class names, flags, sets of sets), spelt out from what the crate
//! `regex` makes of them.

use regex_syntax::hir::{Capture, Class, Hir, HirKind, Look, Repetition};

use crate::smithy::pattern::translate;

/// Characters of a pattern that is still worth showing.
const LONGEST: usize = 1500;

/// Characters that must be escaped outside and inside of classes.
const SYNTAX: &str = r"^$\.*+?()[]{}|/-";

/// The pattern, spelt out; `None` when ECMA cannot say it, or only at great length.
pub(super) fn out(pattern: &str) -> Option<String> {
    let hir = regex_syntax::parse(&translate(pattern)).ok()?;
    let mut out = String::new();
    write(&hir, &mut out)?;
    (out.len() <= LONGEST).then_some(out)
}

fn write(hir: &Hir, out: &mut String) -> Option<()> {
    if out.len() > LONGEST {
        return None;
    }
    match hir.kind() {
        HirKind::Empty => {}
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok()?.chars().for_each(|ch| character(ch, out)),
        HirKind::Class(class) => set(class, out)?,
        HirKind::Look(Look::Start) => out.push('^'),
        HirKind::Look(Look::End) => out.push('$'),
        HirKind::Look(_) => return None,
        HirKind::Repetition(Repetition { min, max, greedy, sub }) => {
            if matches!(sub.kind(), HirKind::Look(_)) {
                // `$*` and the like: an assertion that may be left out says nothing, another says itself once.
                return if *min == 0 { Some(()) } else { write(sub, out) };
            }
            atom(sub, out)?;
            match (min, max) {
                (0, None) => out.push('*'),
                (1, None) => out.push('+'),
                (0, Some(1)) => out.push('?'),
                (min, None) => out.push_str(&format!("{{{min},}}")),
                (min, Some(max)) if min == max => out.push_str(&format!("{{{min}}}")),
                (min, Some(max)) => out.push_str(&format!("{{{min},{max}}}")),
            }
            if !greedy {
                out.push('?');
            }
        }
        HirKind::Capture(Capture { sub, .. }) => group(sub, out)?,
        HirKind::Concat(parts) => {
            for part in parts {
                if matches!(part.kind(), HirKind::Alternation(_)) { group(part, out)? } else { write(part, out)? }
            }
        }
        HirKind::Alternation(parts) => {
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    out.push('|');
                }
                write(part, out)?;
            }
        }
    }
    Some(())
}

/// What a repetition can follow.
fn atom(hir: &Hir, out: &mut String) -> Option<()> {
    match hir.kind() {
        HirKind::Class(_) | HirKind::Capture(_) => write(hir, out),
        HirKind::Literal(literal) if std::str::from_utf8(&literal.0).is_ok_and(|text| text.chars().count() == 1) => {
            write(hir, out)
        }
        _ => group(hir, out),
    }
}

fn group(hir: &Hir, out: &mut String) -> Option<()> {
    out.push_str("(?:");
    write(hir, out)?;
    out.push(')');
    Some(())
}

fn set(class: &Class, out: &mut String) -> Option<()> {
    let Class::Unicode(class) = class else { return None };
    // Whichever is shorter: the ranges, or those of all other characters.
    let mut others = class.clone();
    others.negate();
    let negated = others.ranges().len() < class.ranges().len();
    let ranges = if negated { others.ranges() } else { class.ranges() };
    if ranges.is_empty() {
        out.push_str(if negated { r"[\s\S]" } else { "[]" });
        return negated.then_some(());
    }
    out.push_str(if negated { "[^" } else { "[" });
    for range in ranges {
        character(range.start(), out);
        if range.start() != range.end() {
            out.push('-');
            character(range.end(), out);
        }
        if out.len() > LONGEST {
            return None;
        }
    }
    out.push(']');
    Some(())
}

fn character(ch: char, out: &mut String) {
    match ch {
        _ if SYNTAX.contains(ch) && ch != '-' => out.extend(['\\', ch]),
        '-' => out.push_str(r"\u002D"),
        ' '..='~' => out.push(ch),
        _ if u32::from(ch) <= 0xFFFF => out.push_str(&format!(r"\u{:04X}", u32::from(ch))),
        _ => out.push(ch),
    }
}

#[cfg(test)]
mod tests {
    use super::out;

    #[test]
    fn what_only_java_says_is_spelt_out() {
        let cases = [
            (r"\p{Print}+", Some("[ -~]+")),
            (r"[\p{Print}&&[^|:/]]+", Some(r"[ -\.0-9;-\{\}-~]+")),
            (r"(?s).{1,80}", Some(r"[\s\S]{1,80}")),
            (r"^(?i)(no|off)$", Some(r"^(?:[Nn][Oo]|[Oo][Ff][Ff])$")),
            (r"\Aab-c\z", Some(r"^ab\u002Dc$")),
            (r"^[a-z]*${2,64}$", Some("^[a-z]*$$")),
            (r"(?:ab){2}c{3,}?", Some("(?:ab){2}c{3,}?")),
            (r"\p{L}", None),
            (r"\bx", None),
            (r"(?!x)", None),
        ];
        for (pattern, expected) in cases {
            assert_eq!(out(pattern).as_deref(), expected, "{pattern}");
        }
    }
}
