//! Patterns as JSON Schema takes them: ECMA 262 with the `u` flag. AWS's patterns are often Java's.

/// Characters that ECMA lets one escape under `u`.
const SYNTAX: &str = r"^$\.*+?()[]{}|/";

/// Property names that ECMA knows and that occur in models; others are Java's.
const PROPERTIES: [&str; 22] = [
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
    "ASCII",
    "Alphabetic",
    "Letter",
];

/// The pattern for ECMA, needless escapes dropped; `None` when ECMA cannot say it.
pub(super) fn ecma(pattern: &str) -> Option<String> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern.chars().peekable();
    let mut class = false;
    // Whether a repetition may be followed by `+`, which would be Java's possessive form.
    let mut repeated = false;
    while let Some(ch) = rest.next() {
        let after_repeat = std::mem::take(&mut repeated);
        match ch {
            '\\' => {
                let escaped = rest.next()?;
                match escaped {
                    'd' | 'D' | 'w' | 'W' | 's' | 'S' => {
                        out.extend(['\\', escaped]);
                        // `[\w-.]` is a range from a class to ECMA.
                        if class && rest.peek() == Some(&'-') {
                            rest.next();
                            out.push_str(r"\-");
                        }
                    }
                    'b' | 'B' | 'n' | 'r' | 't' | 'f' | 'v' => out.extend(['\\', escaped]),
                    'p' | 'P' => {
                        let name: String = rest.by_ref().take_while(|ch| *ch != '}').collect();
                        let name = name.strip_prefix('{').filter(|name| PROPERTIES.contains(name))?;
                        out.push_str(&format!("\\{escaped}{{{name}}}"));
                    }
                    'u' => code(&mut rest, 4, 'u', &mut out)?,
                    'x' => code(&mut rest, 2, 'x', &mut out)?,
                    '-' if class => out.push_str(r"\-"),
                    _ if SYNTAX.contains(escaped) => out.extend(['\\', escaped]),
                    _ if escaped.is_ascii_alphanumeric() => return None,
                    _ => out.push(escaped),
                }
            }
            // Java's union of classes, and its intersection.
            '[' if class => return None,
            '&' if class && rest.peek() == Some(&'&') => return None,
            '[' => {
                class = true;
                out.push('[');
                if rest.peek() == Some(&'^') {
                    out.extend(rest.next());
                }
                // `[]…]`: a bracket to Java, the empty class to ECMA.
                if rest.peek() == Some(&']') {
                    return None;
                }
            }
            ']' => {
                // A lone closing bracket must be escaped under `u`.
                out.push_str(if class { "]" } else { r"\]" });
                class = false;
            }
            _ if class => out.push(ch),
            '(' => {
                out.push('(');
                if rest.peek() == Some(&'?') {
                    out.extend(rest.next());
                    // Only groups, look-around and names in angle brackets; no flags, no atomic groups.
                    if !matches!(rest.peek(), Some(':' | '=' | '!' | '<')) {
                        return None;
                    }
                }
            }
            '+' if after_repeat => return None,
            '*' | '+' | '?' => {
                out.push(ch);
                repeated = true;
            }
            '{' => {
                let bounds: String = rest.by_ref().take_while(|ch| *ch != '}').collect();
                let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
                let (low, high) = bounds.split_once(',').unwrap_or((&bounds, ""));
                if low.is_empty() || !digits(low) || !digits(high) {
                    return None;
                }
                out.push_str(&format!("{{{bounds}}}"));
                repeated = true;
            }
            '}' => out.push_str(r"\}"),
            _ => out.push(ch),
        }
    }
    (!class).then_some(out)
}

/// An escape of so many hex digits.
fn code(
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    digits: usize,
    letter: char,
    out: &mut String,
) -> Option<()> {
    if letter == 'u' && rest.peek() == Some(&'{') {
        let inside: String = rest.by_ref().take_while(|ch| *ch != '}').collect();
        let hex = inside.strip_prefix('{')?;
        out.push_str(&format!("\\u{{{hex}}}"));
        return (!hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(());
    }
    let hex: String = rest.by_ref().take(digits).collect();
    out.push_str(&format!("\\{letter}{hex}"));
    (hex.len() == digits && hex.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(())
}

#[cfg(test)]
mod tests {
    use super::ecma;

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
}
