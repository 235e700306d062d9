//! Where the secrets of a text are. Written by hand: a text is looked at for every event that is recorded, and a
//! compiled pattern would have to be kept somewhere.

use std::ops::Range;

use super::names::{is_operation, is_secret};

/// Makers' prefixes and the fewest characters that follow one.
const PREFIXES: &[(&str, usize)] = &[
    ("ghp_", 30),
    ("gho_", 30),
    ("ghu_", 30),
    ("ghs_", 30),
    ("ghr_", 30),
    ("github_pat_", 30),
    ("glpat-", 18),
    ("xoxa-", 10),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxr-", 10),
    ("xoxs-", 10),
    ("AIza", 35),
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("sk-ant-", 20),
    ("sk-proj-", 20),
    ("npm_", 30),
    ("pypi-", 40),
    ("dop_v1_", 40),
    // Our own confirmation tokens: the ledger keeps only their digests.
    ("cs_", 40),
];
/// How AWS session tokens begin (base64 of a length and `origin`, and older forms).
const SESSION_TOKENS: [&str; 5] = ["IQoJ", "FwoG", "FQoG", "AQoD", "AgoJ"];
const SESSION_TOKEN_LENGTH: usize = 100;
/// An AWS secret access key is 40 characters of base64.
const SECRET_KEY_LENGTH: usize = 40;
/// Changes between upper case, lower case, digits and signs in them: about 25 in random text, few in paths and names.
const SECRET_KEY_CHANGES: usize = 14;
const BEARER_LENGTH: usize = 8;

/// The spans of all secrets, sorted by their start.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    private_keys(text, &mut spans);
    urls(text, &mut spans);
    bearers(text, &mut spans);
    pairs(text, &mut spans);
    words(text, &mut spans);
    spans.retain(|span| !span.is_empty());
    spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    spans
}

fn rest(text: &str, from: usize) -> &str {
    text.get(from..).unwrap_or_default()
}

/// How many bytes of `text` a run of such characters takes.
fn run(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.find(|ch| !wanted(ch)).unwrap_or(text.len())
}

fn private_keys(text: &str, spans: &mut Vec<Range<usize>>) {
    const BEGIN: &str = "-----BEGIN ";
    let mut from = 0;
    while let Some(at) = rest(text, from).find(BEGIN) {
        let header = from + at + BEGIN.len();
        let Some(length) = rest(text, header).find("-----") else { return };
        let body = header + length + "-----".len();
        let end = rest(text, body).find("-----END").map_or(text.len(), |length| body + length);
        if text.get(header..header + length).is_some_and(|kind| kind.contains("PRIVATE KEY")) {
            spans.push(body..end);
        }
        from = body;
    }
}

fn urls(text: &str, spans: &mut Vec<Range<usize>>) {
    for (at, sign) in text.match_indices("://") {
        let start = at + sign.len();
        let authority = rest(text, start);
        let length =
            run(authority, |ch| !ch.is_whitespace() && !matches!(ch, '/' | '?' | '#' | '"' | '\'' | '<' | '>'));
        let Some((user, _)) = authority.get(..length).and_then(|authority| authority.rsplit_once('@')) else {
            continue;
        };
        if let Some(colon) = user.find(':') {
            spans.push(start + colon + 1..start + user.len());
        }
    }
}

fn bearers(text: &str, spans: &mut Vec<Range<usize>>) {
    const BEARER: &str = "bearer ";
    let lower = text.to_ascii_lowercase();
    for (at, word) in lower.match_indices(BEARER) {
        let start = at + word.len();
        let length = run(rest(text, start), |ch| ch.is_ascii_alphanumeric() || "._~+/=-".contains(ch));
        if length >= BEARER_LENGTH {
            spans.push(start..start + length);
        }
    }
}

/// `name=value`, `name: value`, `"name": "value"`, also inside a JSON text within JSON.
fn pairs(text: &str, spans: &mut Vec<Range<usize>>) {
    let mut done = 0;
    for (at, sign) in text.match_indices(['=', ':']) {
        if at < done {
            continue;
        }
        let before = text.get(..at).unwrap_or_default();
        let quoted = before.trim_end_matches([' ', '"', '\'', '\\']);
        let name_start = quoted.rfind(|ch: char| !(ch.is_ascii_alphanumeric() || "_-.".contains(ch)));
        let name = quoted.get(name_start.map_or(0, |index| index + 1)..).unwrap_or_default();
        // Between colons it is a part of an ARN; a non-ASCII character before it takes more than one byte.
        let in_arn = sign == ":" && name_start.is_some_and(|index| rest(quoted, index).starts_with(':'));
        let named = is_secret(name) || (sign == "=" && name == "Signature");
        let span = (named && !in_arn && !is_operation(name)).then(|| value_after(text, at + 1, name)).flatten();
        if let Some(span) = span {
            done = span.end;
            spans.push(span);
        }
    }
}

fn value_after(text: &str, from: usize, name: &str) -> Option<Range<usize>> {
    let lead = run(rest(text, from), |ch| matches!(ch, ' ' | '\t' | '"' | '\'' | '\\'));
    let start = from + lead;
    let opening = text.get(from..start).unwrap_or_default().trim_start();
    let value = rest(text, start);
    let quote = opening.chars().find(|ch| matches!(ch, '"' | '\''));
    let length = match quote {
        Some(quote) => {
            let escapes = opening.starts_with('\\');
            // Cut off before its end: all of it.
            let end = value.char_indices().find(|(index, ch)| *ch == quote && (escapes || !escaped(value, *index)));
            end.map_or(value.len(), |(index, _)| index)
        }
        None if name.to_ascii_lowercase().ends_with("authorization") => run(value, |ch| ch != '\n' && ch != '"'),
        None => run(value, |ch| !ch.is_whitespace() && !"&,;\"'<>)}]".contains(ch)),
    };
    let found = value.get(..length)?.trim_end_matches('\\');
    // A signature names the key id, which auditors need; its signature is found by its own name.
    let harmless = matches!(found, "" | "true" | "false" | "null" | "none" | "None") || found.starts_with("AWS4-");
    // Brackets and dollars begin structures and references, not secrets.
    let structure = quote.is_none() && found.starts_with(['{', '[', '$', '<', '(']);
    (!harmless && !structure).then(|| start..start + found.len())
}

fn escaped(text: &str, at: usize) -> bool {
    let slashes = text.get(..at).unwrap_or_default().chars().rev().take_while(|ch| *ch == '\\').count();
    slashes % 2 == 1
}

/// Words that give themselves away.
fn words(text: &str, spans: &mut Vec<Range<usize>>) {
    let mut each = |wanted: fn(char) -> bool, is: fn(&str) -> bool| {
        let mut from = 0;
        while from < text.len() {
            let length = run(rest(text, from), wanted);
            if length > 0 && text.get(from..from + length).is_some_and(is) {
                spans.push(from..from + length);
            }
            from += length;
            from += rest(text, from).chars().next().map_or(1, char::len_utf8);
        }
    };
    each(|ch| ch.is_ascii_alphanumeric() || "_-.".contains(ch), |word| is_jwt(word) || is_known(word));
    each(|ch| ch.is_ascii_alphanumeric() || "+/=%".contains(ch), is_session_token);
    each(|ch| ch.is_ascii_alphanumeric() || "+/".contains(ch), is_secret_key);
}

fn is_jwt(word: &str) -> bool {
    let mut parts = word.trim_end_matches('.').split('.');
    let (head, body, signature) = (parts.next(), parts.next(), parts.next());
    let long = |part: Option<&str>| part.is_some_and(|part| part.len() >= 8);
    head.is_some_and(|head| head.starts_with("eyJ")) && long(head) && long(body) && signature.is_some()
}

fn is_known(word: &str) -> bool {
    PREFIXES.iter().any(|(prefix, fewest)| word.strip_prefix(prefix).is_some_and(|rest| rest.len() >= *fewest))
}

fn is_session_token(word: &str) -> bool {
    word.len() >= SESSION_TOKEN_LENGTH && SESSION_TOKENS.iter().any(|start| word.starts_with(start))
}

fn is_secret_key(word: &str) -> bool {
    let kind = |ch: char| match ch {
        'A'..='Z' => 0,
        'a'..='z' => 1,
        '0'..='9' => 2,
        _ => 3,
    };
    let has = |wanted| word.chars().any(|ch| kind(ch) == wanted);
    let changes = word.chars().zip(word.chars().skip(1)).filter(|(a, b)| kind(*a) != kind(*b)).count();
    word.len() == SECRET_KEY_LENGTH && has(0) && has(1) && changes >= SECRET_KEY_CHANGES
}
