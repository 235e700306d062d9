//! Patterns as JSON Schema takes them: ECMA 262 with the `u` flag. AWS's patterns are often Java's.

use super::spelt;
use crate::smithy::pattern::{SURROGATES, compile, is_doubtful, loosened};

/// A pattern as a schema can say it, so that it means what validation checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// All of it.
    Exact(String),
    /// Without upper bounds of repetitions, which validation does not check either.
    Loose(String),
    /// Validation checks it, ECMA has no words for it.
    Unsaid,
    /// Nobody checks it.
    Unchecked,
}

/// The pattern as a schema can say it.
pub(super) fn said(pattern: &str) -> Said {
    let loose = if is_doubtful(pattern) {
        match compile(pattern) {
            None => return Said::Unchecked,
            Some(compiled) => compiled.loosened,
        }
    } else {
        false
    };
    let loosened = if loose { loosened(pattern) } else { pattern.to_owned() };
    match (ecma(&loosened).or_else(|| spelt::out(&loosened)), loose) {
        (Some(text), false) => Said::Exact(text),
        (Some(text), true) => Said::Loose(text),
        // It may still be one that does not even compile.
        (None, _) if compile(pattern).is_none() => Said::Unchecked,
        (None, _) => Said::Unsaid,
    }
}

/// Characters that ECMA lets one escape under `u`.
const SYNTAX: &str = r"^$\.*+?()[]{}|/";

/// Property names that ECMA knows and that occur in models; others are Java's.
const PROPERTIES: [&str; 24] = [
    "L",
    "Lu",
    "Ll",
    "Lt",
    "Lm",
    "Lo",
    "M",
    "N",
    "Nd",
    "Nl",
    "No",
    "P",
    "Pd",
    "Pc",
    "S",
    "Sc",
    "Z",
    "Zs",
    "C",
    "Cc",
    "Cf",
    "ASCII",
    "Alphabetic",
    "Letter",
];

/// What a repetition may follow.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    /// The beginning of a group, or an assertion: nothing that can be repeated.
    Nothing,
    /// Something that can be repeated.
    Atom,
    /// A repetition; only `?` (lazy) may follow. A `+` would be Java's possessive form.
    Repetition,
}

/// The pattern for ECMA, needless escapes dropped; `None` when ECMA cannot say it.
fn ecma(pattern: &str) -> Option<String> {
    // All characters beyond the basic plane, as themselves: not every reader of ECMA takes halves of pairs.
    let mut pattern = pattern.to_owned();
    for pair in SURROGATES {
        pattern = pattern.replace(pair, "\u{10000}-\u{10FFFF}");
    }
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern.chars().peekable();
    // For each open group, what it counts as when it is closed.
    let mut groups = Vec::new();
    let mut before = Before::Nothing;
    while let Some(ch) = rest.next() {
        before = match ch {
            '\\' => {
                let assertion = matches!(rest.peek(), Some('b' | 'B'));
                escape(&mut rest, false, &mut out)?;
                if assertion { Before::Nothing } else { Before::Atom }
            }
            '[' => {
                class(&mut rest, &mut out)?;
                Before::Atom
            }
            '(' => {
                out.push('(');
                let mut closed = Before::Atom;
                if rest.peek() == Some(&'?') {
                    out.extend(rest.next());
                    // Only groups, look-around and names in angle brackets; no flags, no atomic groups.
                    match rest.peek() {
                        Some(':') => {}
                        Some('=' | '!' | '<') => closed = Before::Nothing,
                        _ => return None,
                    }
                    out.extend(rest.next());
                }
                groups.push(closed);
                Before::Nothing
            }
            ')' => {
                out.push(')');
                groups.pop()?
            }
            '^' | '$' | '|' => {
                out.push(ch);
                Before::Nothing
            }
            '?' if before == Before::Repetition => {
                out.push('?');
                Before::Nothing
            }
            '*' | '+' | '?' | '{' if before != Before::Atom => return None,
            '*' | '+' | '?' => {
                out.push(ch);
                Before::Repetition
            }
            '{' => {
                let bounds: String = rest.by_ref().take_while(|ch| *ch != '}').collect();
                let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
                let (low, high) = bounds.split_once(',').unwrap_or((&bounds, ""));
                if low.is_empty() || !digits(low) || !digits(high) {
                    return None;
                }
                out.push_str(&format!("{{{bounds}}}"));
                Before::Repetition
            }
            ']' | '}' => {
                // Alone, they must be escaped under `u`.
                out.extend(['\\', ch]);
                Before::Atom
            }
            _ => {
                out.push(ch);
                Before::Atom
            }
        };
    }
    groups.is_empty().then_some(out)
}

type Rest<'p> = std::iter::Peekable<std::str::Chars<'p>>;

/// What follows a backslash.
fn escape(rest: &mut Rest<'_>, class: bool, out: &mut String) -> Option<()> {
    let escaped = rest.next()?;
    let mut set = false;
    match escaped {
        'd' | 'D' | 'w' | 'W' | 's' | 'S' => {
            out.extend(['\\', escaped]);
            set = true;
        }
        'n' | 'r' | 't' | 'f' | 'v' => out.extend(['\\', escaped]),
        'b' | 'B' if !class => out.extend(['\\', escaped]),
        'p' | 'P' => {
            let name: String = rest.by_ref().take_while(|ch| *ch != '}').collect();
            let name = match name.strip_prefix('{')? {
                "IsAlphabetic" => "Alphabetic",
                "IsWhitespace" => "White_Space",
                name if PROPERTIES.contains(&name) => name,
                _ => return None,
            };
            out.push_str(&format!("\\{escaped}{{{name}}}"));
            set = true;
        }
        'u' => code(rest, 4, 'u', out)?,
        'x' => code(rest, 2, 'x', out)?,
        '-' if class => out.push_str(r"\-"),
        _ if SYNTAX.contains(escaped) => out.extend(['\\', escaped]),
        _ if escaped.is_ascii_alphanumeric() => return None,
        _ => out.push(escaped),
    }
    // `[\w-.]` is a range that starts with a class to ECMA, and so an error.
    if class && set && rest.peek() == Some(&'-') {
        rest.next();
        out.push_str(r"\-");
    }
    Some(())
}

/// A class, from behind its opening bracket to its closing one.
fn class(rest: &mut Rest<'_>, out: &mut String) -> Option<()> {
    out.push('[');
    if rest.peek() == Some(&'^') {
        out.extend(rest.next());
    }
    // `[]…]`: a bracket to Java, the empty class to ECMA.
    if rest.peek() == Some(&']') {
        return None;
    }
    loop {
        match rest.next()? {
            '\\' => escape(rest, true, out)?,
            // Java's union of classes, and its intersection.
            '[' => return None,
            '&' if rest.peek() == Some(&'&') => return None,
            ']' => {
                out.push(']');
                return Some(());
            }
            ch => out.push(ch),
        }
    }
}

/// An escape of so many hex digits.
fn code(rest: &mut Rest<'_>, digits: usize, letter: char, out: &mut String) -> Option<()> {
    if letter == 'u' && rest.peek() == Some(&'{') {
        let inside: String = rest.by_ref().take_while(|ch| *ch != '}').collect();
        let hex = inside.strip_prefix('{')?;
        out.push_str(&format!("\\u{{{hex}}}"));
        return (!hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(());
    }
    let hex: String = rest.by_ref().take(digits).collect();
    // Half of a pair is no character.
    let half = u32::from_str_radix(&hex, 16).is_ok_and(|code| (0xD800..=0xDFFF).contains(&code));
    if half {
        return None;
    }
    out.push_str(&format!("\\{letter}{hex}"));
    (hex.len() == digits && hex.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(())
}

#[cfg(test)]
mod tests {
    use super::{Said, ecma, said};

    #[test]
    fn only_what_ecma_understands_comes_through() {
        let cases = [
            (r"^[a-z]+$", Some(r"^[a-z]+$")),
            (r"[\w\-]+", Some(r"[\w\-]+")),
            (r"[\w-.]+", Some(r"[\w\-.]+")),
            (r"a\-b\_c\:d", Some(r"a-b_c:d")),
            (r"\p{L}+\x20", Some(r"\p{L}+\x20")),
            (r"[\u0020-\uD7FF]", Some(r"[\u0020-\uD7FF]")),
            (r"^(?!aws:).*", Some(r"^(?!aws:).*")),
            (r"a]b}", Some(r"a\]b\}")),
            (r"x{1,63}", Some(r"x{1,63}")),
            (r"x{1,63}+", None),
            (r"x*+", None),
            (r"x+?", Some(r"x+?")),
            (r"[\p{L}-_]", Some(r"[\p{L}\-_]")),
            (r"[\uD800\uDBFF-\uDC00\uDFFF]", Some("[\u{10000}-\u{10FFFF}]")),
            (r"[\uD800]", None),
            (r"(?!x)+y", None),
            (r"x*${1,128}", None),
            (r"x{1}{2}", None),
            (r"(x", None),
            (r"x)", None),
            (r"(?i)x", None),
            (r"(?>x)", None),
            (r"\Ax\Z", None),
            (r"\p{Print}", None),
            (r"[a[bc]]", None),
            (r"[\p{L}&&[^|]]", None),
            (r"[a", None),
            (r"\u12", None),
            (r"\", None),
            (r"{x}", None),
        ];
        for (pattern, expected) in cases {
            assert_eq!(ecma(pattern).as_deref(), expected, "{pattern}");
        }
    }

    #[test]
    fn a_schema_says_what_is_checked() {
        let exact = |text: &str| Said::Exact(text.to_owned());
        let cases = [
            (r"^[a-z]+$", exact(r"^[a-z]+$")),
            (r"^.{1,65535}$", Said::Loose(r"^.{1,}$".to_owned())),
            (r"^(?!aws:).*$", Said::Unchecked),
            (r"^(a)\1$", Said::Unchecked),
            (r"[a", Said::Unchecked),
            (r"\p{Print}+", exact(r"[ -~]+")),
            (r"^[a-z]+${2,64}$", exact(r"^[a-z]+$$")),
            (r"^[a-z&&[^b]]$", exact("^[ac-z]$")),
            (r"^[\p{L}&&[^b]]$", Said::Unsaid),
        ];
        for (pattern, expected) in cases {
            assert_eq!(said(pattern), expected, "{pattern}");
        }
    }
}
