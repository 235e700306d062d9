//! What a pattern that matches nothing was probably meant to say, and the alternatives of which a pattern is made.

use super::{Fact, Known};

/// Below this likeness (0 to 1) a name is no help.
const ALIKE: f64 = 0.6;
/// A name that only begins alike is less near.
const BEGINNING: f64 = 0.9;

/// The operation or the service nearest to what a pattern spells out.
pub(super) fn nearest(pattern: &str, known: &Known<'_>) -> Option<String> {
    let spelt = literal(pattern);
    let (service, operation) = match spelt.split_once(':') {
        Some((service, operation)) => (service, operation),
        None if spelt.chars().any(char::is_uppercase) => ("", spelt.as_str()),
        None => (spelt.as_str(), ""),
    };
    if service.is_empty() {
        let names = known.facts.iter().map(|fact| (fact.operation, fact));
        return best(operation, names).map(Fact::name);
    }
    let has = |name: &str| known.facts.iter().any(|fact| fact.service == name);
    let services = if has(service) { vec![service.to_owned()] } else { (known.services)(service) };
    let beneath = known.facts.iter().filter(|fact| services.iter().any(|name| name == fact.service));
    match best(operation, beneath.map(|fact| (fact.operation, fact))) {
        Some(fact) => Some(fact.name()),
        // The service is right, and nothing in it is near.
        None if has(service) => None,
        None => services.first().map(|service| format!("{service}:")),
    }
}

/// The candidate most like `wanted`, whole or as its beginning.
fn best<'a, T>(wanted: &str, candidates: impl Iterator<Item = (&'a str, T)>) -> Option<T> {
    let wanted = wanted.to_ascii_lowercase();
    let first = wanted.chars().next()?;
    let length = wanted.chars().count();
    let mut found: Option<(f64, T)> = None;
    // A misspelt name still begins with its letter: comparing the rest with everything would cost seconds.
    let candidates = candidates.map(|(name, item)| (name.to_ascii_lowercase(), item));
    for (name, item) in candidates.filter(|(name, _)| name.starts_with(first)) {
        let beginning: String = name.chars().take(length).collect();
        let whole = strsim::normalized_damerau_levenshtein(&wanted, &name);
        let score = whole.max(BEGINNING * strsim::normalized_damerau_levenshtein(&wanted, &beginning));
        if score >= ALIKE && found.as_ref().is_none_or(|(best, _)| score > *best) {
            found = Some((score, item));
        }
    }
    found.map(|(_, item)| item)
}

/// A piece of a pattern.
enum Piece {
    /// A character that stands for itself.
    Literal(char),
    Open,
    Or,
    Close,
    /// Anything else.
    Other,
}

/// A pattern in pieces, each with the bytes it takes.
fn pieces(pattern: &str) -> Vec<(usize, usize, Piece)> {
    let mut pieces = Vec::new();
    let mut chars = pattern.char_indices().peekable();
    while let Some((at, ch)) = chars.next() {
        let piece = match ch {
            '\\' => match chars.next() {
                Some((_, ch)) if !ch.is_alphanumeric() => Piece::Literal(ch),
                _ => Piece::Other,
            },
            '[' | '{' => {
                let close = if ch == '[' { ']' } else { '}' };
                // `]` is itself when it stands first in a class.
                let mut first = ch == '[';
                while let Some((_, ch)) = chars.next() {
                    match ch {
                        '\\' => drop(chars.next()),
                        '^' if first => continue,
                        ch if ch == close && !first => break,
                        _ => {}
                    }
                    first = false;
                }
                Piece::Other
            }
            '(' => {
                // `(?:`, `(?i)`, `(?P<name>`: the flags belong to the bracket.
                if chars.peek().is_some_and(|(_, ch)| *ch == '?') {
                    while chars.next_if(|(_, ch)| !matches!(ch, ':' | '>' | ')')).is_some() {}
                    chars.next_if(|(_, ch)| matches!(ch, ':' | '>'));
                }
                Piece::Open
            }
            ')' => Piece::Close,
            '|' => Piece::Or,
            '^' | '$' | '.' | '*' | '+' | '?' => Piece::Other,
            ch => Piece::Literal(ch),
        };
        let end = chars.peek().map_or(pattern.len(), |(at, _)| *at);
        pieces.push((at, end, piece));
    }
    pieces
}

/// The characters that a pattern spells out, of every choice the first.
fn literal(pattern: &str) -> String {
    let mut spelt = String::new();
    // Inside of how many brackets, and beyond which of them a first choice has ended.
    let (mut depth, mut beyond) = (0_usize, None);
    for (_, _, piece) in pieces(pattern) {
        match piece {
            Piece::Open => depth += 1,
            Piece::Or => beyond = beyond.or(Some(depth)),
            Piece::Close => {
                if beyond == Some(depth) {
                    beyond = None;
                }
                depth = depth.saturating_sub(1);
            }
            Piece::Literal(ch) if beyond.is_none() => spelt.push(ch),
            Piece::Literal(_) | Piece::Other => {}
        }
    }
    spelt
}

/// The alternatives of a pattern, outermost and one bracket deep: each as it is written, with the pattern in which it
/// is the only choice.
pub(super) fn alternatives(pattern: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    // For each open bracket: where its content starts, and the places of its bars.
    let mut stack: Vec<(usize, Vec<usize>)> = vec![(0, Vec::new())];
    let mut close = |start: usize, bars: &[usize], end: usize| {
        let starts = std::iter::once(start).chain(bars.iter().map(|bar| bar + 1));
        let ends = bars.iter().copied().chain(std::iter::once(end));
        for (from, to) in starts.zip(ends).filter(|(from, to)| from < to && !bars.is_empty()) {
            let part = |range: std::ops::Range<usize>| pattern.get(range).unwrap_or_default();
            let only = format!("{}{}{}", part(0..start), part(from..to), part(end..pattern.len()));
            found.push((part(from..to), only));
        }
    };
    for (at, end, piece) in pieces(pattern) {
        match piece {
            Piece::Open => stack.push((end, Vec::new())),
            Piece::Or => {
                if let Some((_, bars)) = stack.last_mut() {
                    bars.push(at);
                }
            }
            Piece::Close if stack.len() > 1 => {
                if let Some((start, bars)) = stack.pop().filter(|_| stack.len() <= 1) {
                    close(start, &bars, at);
                }
            }
            Piece::Close | Piece::Literal(_) | Piece::Other => {}
        }
    }
    if let Some((start, bars)) = stack.first() {
        close(*start, bars, pattern.len());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pattern_spells_out() {
        for (pattern, expected) in [
            ("^s3:List.*", "s3:List"),
            ("^.*:Delete.*", ":Delete"),
            ("^(?:s3|ec2):(Get|List)Object$", "s3:GetObject"),
            ("^(?i)s3:[A-Z]+Bucket", "s3:Bucket"),
            (r"^s3\:Put[]x]{1,3}\d", "s3:Put"),
            ("^s3:A|^ec2:B", "s3:A"),
            ("^(a(b|c)d|e)f", "abdf"),
        ] {
            assert_eq!(literal(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn alternatives_stand_alone() {
        let of = |pattern| -> Vec<String> { alternatives(pattern).into_iter().map(|(_, only)| only).collect() };
        assert_eq!(of("^s3:List"), Vec::<String>::new());
        assert_eq!(of("^(s3|ec2):(Get|)$"), ["^(s3):(Get|)$", "^(ec2):(Get|)$", "^(s3|ec2):(Get)$"]);
        assert_eq!(of("^a|b$"), ["^a", "b$"]);
        assert_eq!(of(r"^(?:a\||b[|])x"), [r"^(?:a\|)x", "^(?:b[|])x"]);
    }
}
