//! `pattern` constraints. Smithy's are ECMA 262, AWS's own are often Java's; both are said in the words of
//! the crate `regex`. What it cannot say (look-around, back-references) is left unchecked by whoever asks.

use regex::{Regex, RegexBuilder};

/// Bytes one compiled pattern may take.
const SIZE: usize = 2 << 20;

/// Bytes of the cache that speeds up its matching.
const CACHE: usize = 256 << 10;

/// Repetitions above this lose their upper bound when the pattern is too large otherwise.
const MANY: u32 = 64;

/// A pattern that can be matched.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// What matches.
    pub regex: Regex,
    /// Whether upper bounds of repetitions were dropped, because the pattern would be too large with them.
    pub loosened: bool,
}

/// The pattern, compiled; `None` when it cannot be.
pub fn compile(pattern: &str) -> Option<Compiled> {
    if let Some(regex) = build(&translate(pattern)) {
        return Some(Compiled { regex, loosened: false });
    }
    build(&translate(&loosened(pattern))).map(|regex| Compiled { regex, loosened: true })
}

/// Whether [`compile`] has to be asked before anything is known: for look-around, flags, back-references and
/// repetitions so many that the pattern may be too large. All others compile as they are.
pub fn is_doubtful(pattern: &str) -> bool {
    const MANY_TIMES: u64 = 500;
    let mut times = 1_u64;
    let mut rest = pattern;
    while let Some((_, after)) = rest.split_once('{') {
        let bounds = after.split('}').next().unwrap_or_default();
        let most = bounds.rsplit(',').find_map(|bound| bound.trim().parse::<u64>().ok());
        times = times.saturating_mul(most.unwrap_or(1).max(1));
        rest = after;
    }
    let refers =
        |(at, _): (usize, &str)| pattern.as_bytes().get(at + 1).is_some_and(|next| (b'1'..=b'9').contains(next));
    times > MANY_TIMES
        || pattern.replace("(?:", "").contains("(?")
        || pattern.match_indices('\\').any(refers)
        || pattern.contains("\\k")
}

fn build(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).size_limit(SIZE).dfa_size_limit(CACHE).build().ok()
}

/// All characters beyond the basic plane, as UTF-16 patterns write them; the second is a common slip.
pub const SURROGATES: [&str; 2] = [r"\uD800\uDC00-\uDBFF\uDFFF", r"\uD800\uDBFF-\uDC00\uDFFF"];

/// White space as ECMA knows it, inside a class.
const SPACE: &str = r"\t-\r \u{A0}\u{1680}\u{2000}-\u{200A}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}\u{FEFF}";

/// What ends a line in ECMA, inside a class: `.` matches everything else.
const LINE_END: &str = r"\n\r\u{2028}\u{2029}";

/// The pattern in `regex`'s words: `\w` and `\d` are ASCII, `\s` and `.` are ECMA's, Java's class names and
/// octal escapes are spelled out, a minus after a class (`[\w-.]`) is a minus.
pub fn translate(pattern: &str) -> String {
    let mut pattern = pattern.to_owned();
    for pair in SURROGATES {
        pattern = pattern.replace(pair, r"\u{10000}-\u{10FFFF}");
    }
    let dot_is_all = pattern.contains("(?s)");
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern.chars().peekable();
    let mut classes = 0_u32;
    while let Some(ch) = rest.next() {
        let mut set = false;
        match ch {
            '\\' => {
                let Some(escaped) = rest.next() else {
                    out.push('\\');
                    break;
                };
                set = true;
                match escaped {
                    'w' => out.push_str("[0-9A-Za-z_]"),
                    'W' => out.push_str("[^0-9A-Za-z_]"),
                    'd' => out.push_str("[0-9]"),
                    'D' => out.push_str("[^0-9]"),
                    's' => out.extend(["[", SPACE, "]"]),
                    'S' => out.extend(["[^", SPACE, "]"]),
                    'p' | 'P' => property(escaped == 'P', &mut rest, &mut out),
                    'Z' => out.push_str(r"\z"),
                    '0' => octal(&mut rest, &mut out),
                    _ => {
                        set = false;
                        out.extend(['\\', escaped]);
                    }
                }
            }
            '.' if classes == 0 && !dot_is_all => out.extend(["[^", LINE_END, "]"]),
            '[' => {
                classes += 1;
                out.push('[');
            }
            ']' => {
                classes = classes.saturating_sub(1);
                out.push(']');
            }
            _ => out.push(ch),
        }
        if set && classes > 0 && rest.peek() == Some(&'-') {
            rest.next();
            out.push_str(r"\-");
        }
    }
    out
}

/// `\p{…}`: names that only Java knows are spelled out, all others are left to `regex`.
fn property(negated: bool, rest: &mut impl Iterator<Item = char>, out: &mut String) {
    let mut name = String::new();
    for ch in rest {
        name.push(ch);
        // `\pL` has no braces.
        if ch == '}' || !name.starts_with('{') {
            break;
        }
    }
    let set = match name.as_str() {
        "{Print}" => " -~",
        "{Graph}" => "!-~",
        "{Punct}" => r"!-/:-@\[-`{-~",
        "{XDigit}" => "0-9A-Fa-f",
        // Java's POSIX classes are ASCII.
        "{Alnum}" => "0-9A-Za-z",
        "{Alpha}" => "A-Za-z",
        "{Upper}" => "A-Z",
        "{Lower}" => "a-z",
        "{Digit}" => "0-9",
        "{LD}" => r"\p{L}\p{Nd}",
        "{Cntrl}" => r"\x00-\x1F\x7F",
        "{Blank}" => r" \t",
        "{all}" | "{ALL}" => r"\u{0}-\u{10FFFF}",
        "{ASCII}" => r"\x00-\x7F",
        "{javaLetterOrDigit}" => r"\p{L}\p{Nd}",
        _ => {
            out.push_str(if negated { r"\P" } else { r"\p" });
            out.push_str(&name);
            return;
        }
    };
    out.push_str(if negated { "[^" } else { "[" });
    out.push_str(set);
    out.push(']');
}

/// `\0` and up to three octal digits.
fn octal(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    let mut code = 0;
    for _ in 0..3 {
        let Some(digit) = rest.peek().and_then(|ch| ch.to_digit(8)) else { break };
        rest.next();
        code = code * 8 + digit;
    }
    out.push_str(&format!(r"\x{{{code:X}}}"));
}

/// The pattern with `{n,}` for every `{n,m}` of many: looser, and small enough to compile.
pub fn loosened(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut parts = pattern.split('{');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push('{');
        let bounds = part.split_once('}').and_then(|(inside, after)| {
            let (low, high) = inside.split_once(',')?;
            let (low, high): (u32, u32) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
            (high > MANY).then(|| format!("{},}}{after}", low.min(MANY)))
        });
        out.push_str(bounds.as_deref().unwrap_or(part));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the pattern matches; `None` when it cannot be checked.
    fn matches(pattern: &str, text: &str) -> Option<bool> {
        compile(pattern).map(|compiled| compiled.regex.is_match(text))
    }

    #[test]
    fn patterns_mean_what_they_mean_in_ecma_and_java() {
        let cases = [
            ("^[a-z]+$", "abc", Some(true)),
            ("[a-z]+", "1a1", Some(true)),
            ("^[a-z]+$", "aBc", Some(false)),
            (r"^\w+$", "straße", Some(false)),
            (r"^[\w-.]+$", "a-b.c", Some(true)),
            (r"^[\s-_]+$", " -_", Some(true)),
            (r"^\s$", "\u{feff}", Some(true)),
            (r"^\s$", "\u{85}", Some(false)),
            (r"^\S$", "\u{85}", Some(true)),
            (r"^.$", "\r", Some(false)),
            (r"^.$", "\u{2028}", Some(false)),
            (r"^[.]$", "x", Some(false)),
            (r"^\.$", "x", Some(false)),
            (r"(?s)^.$", "\n", Some(true)),
            (r"^\d{4}$", "\u{664}\u{664}\u{664}\u{664}", Some(false)),
            (r"^\D$", "x", Some(true)),
            (r"^[^\W_]+$", "a_b", Some(false)),
            (r"^[\p{L}\p{Nd}]+$", "straße9", Some(true)),
            (r"^\p{Print}+$", "a\tb", Some(false)),
            (r"^[\p{Graph}\x20]*$", "a b!", Some(true)),
            (r"^[^/:|\000-\037]+$", "a\u{1f}b", Some(false)),
            (r"^[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*$", "tea \u{1f375}", Some(true)),
            (r"^[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*$", "bell \u{7}", Some(false)),
            (r"^.{1,65535}$", "", Some(false)),
            (r"^.{1,65535}$", "x", Some(true)),
            (r"\Aabc\Z", "abc", Some(true)),
            (r"^(?!aws:)[a-z]+$", "aws:x", None),
            (r"^(a)\1$", "aa", None),
            (r"([", "x", None),
            (r"\", "x", None),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text:?}");
        }
    }

    #[test]
    fn what_is_not_doubtful_compiles_as_it_is() {
        let cases = [
            (r"^[a-z]{1,63}$", false, Some(false)),
            (r"^(?:a|b)\.\p{L}{2}$", false, Some(false)),
            (r"^.{1,65535}$", true, Some(true)),
            (r"^([a-z]{1,63}\.){1,20}$", true, Some(false)),
            (r"^(?!x)", true, None),
            (r"(?i)x", true, Some(false)),
            (r"(a)\1", true, None),
        ];
        for (pattern, doubtful, loose) in cases {
            let compiled = compile(pattern).map(|compiled| compiled.loosened);
            assert_eq!((is_doubtful(pattern), compiled), (doubtful, loose), "{pattern}");
        }
    }
}
