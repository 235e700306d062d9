//! `pattern` constraints. Smithy's are ECMA 262, AWS's own are often Java's; both are said in the words of
//! the crate `regex`. What it cannot say (look-around, back-references) is left unchecked, never refused.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

/// Patterns kept compiled; when there are more, all go and the ones in use come back.
const KEPT: usize = 256;

/// Bytes one compiled pattern may take.
const SIZE: usize = 2 << 20;

/// Bytes of the cache that speeds up its matching.
const CACHE: usize = 256 << 10;

/// Repetitions above this lose their upper bound when the pattern is too large otherwise.
const MANY: u32 = 64;

/// Compiled patterns, by their text in the model.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    compiled: Mutex<HashMap<String, Option<Arc<Regex>>>>,
}

impl Patterns {
    /// Whether the pattern matches somewhere in the text; `None` when it cannot be checked.
    pub(super) fn matches(&self, pattern: &str, text: &str) -> Option<bool> {
        Some(self.get(pattern)?.is_match(text))
    }

    fn get(&self, pattern: &str) -> Option<Arc<Regex>> {
        // The map is whole between any two operations on it, so a panic elsewhere does not spoil it.
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = compiled.get(pattern) {
            return known.clone();
        }
        let regex = compile(pattern).map(Arc::new);
        if compiled.len() >= KEPT {
            compiled.clear();
        }
        compiled.insert(pattern.to_owned(), regex.clone());
        regex
    }
}

/// The pattern, compiled; `None` when it cannot be.
fn compile(pattern: &str) -> Option<Regex> {
    let translated = translate(pattern);
    build(&translated).or_else(|| build(&without_upper_bounds(&translated)))
}

fn build(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).size_limit(SIZE).dfa_size_limit(CACHE).build().ok()
}

/// All characters beyond the basic plane, as UTF-16 patterns write them; the second is a common slip.
const SURROGATES: [&str; 2] = [r"\uD800\uDC00-\uDBFF\uDFFF", r"\uD800\uDBFF-\uDC00\uDFFF"];

/// Says the pattern in `regex`'s words: classes are ASCII, Java's class names and octal escapes are spelled
/// out, a minus after a class (`[\w-.]`) is a minus.
fn translate(pattern: &str) -> String {
    let mut pattern = pattern.to_owned();
    for pair in SURROGATES {
        pattern = pattern.replace(pair, r"\u{10000}-\u{10FFFF}");
    }
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
                    's' | 'S' => out.extend(['\\', escaped]),
                    'p' | 'P' => property(escaped == 'P', &mut rest, &mut out),
                    'Z' => out.push_str(r"\z"),
                    '0' => octal(&mut rest, &mut out),
                    _ => {
                        set = false;
                        out.extend(['\\', escaped]);
                    }
                }
            }
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
        "{Alnum}" | "{LD}" => r"\p{Alphabetic}\p{Nd}",
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
fn without_upper_bounds(pattern: &str) -> String {
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

    #[test]
    fn patterns_mean_what_they_mean_in_ecma_and_java() {
        let cases = [
            ("^[a-z]+$", "abc", Some(true)),
            ("[a-z]+", "1a1", Some(true)),
            ("^[a-z]+$", "aBc", Some(false)),
            (r"^\w+$", "straße", Some(false)),
            (r"^[\w-.]+$", "a-b.c", Some(true)),
            (r"^[\s-_]+$", " -_", Some(true)),
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
        let patterns = Patterns::default();
        for (pattern, text, expected) in cases {
            assert_eq!(patterns.matches(pattern, text), expected, "{pattern} on {text:?}");
        }
    }

    #[test]
    fn the_cache_is_bounded() {
        let patterns = Patterns::default();
        for number in 0..KEPT * 2 + 3 {
            assert_eq!(patterns.matches(&format!("^{number}$"), &number.to_string()), Some(true));
        }
        assert!(patterns.compiled.lock().unwrap().len() <= KEPT);
    }
}
