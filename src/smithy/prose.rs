//! Documentation as AWS writes it (HTML) made into one plain sentence.

/// The first sentence of the documentation, without tags and entities; `None` when nothing is left.
pub(super) fn first_sentence(html: &str) -> Option<String> {
    let plain = plain(html);
    let end = sentence_end(&plain).unwrap_or(plain.len());
    let sentence = plain.get(..end).unwrap_or_default().trim();
    (!sentence.is_empty()).then(|| sentence.to_owned())
}

/// Text without tags, with entities resolved and white space folded. A closed block ends a line.
fn plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len().min(512));
    let mut rest = html;
    while let Some(ch) = rest.chars().next() {
        if ch == '<' && rest.get(1..).is_some_and(starts_tag) {
            let Some((tag, after)) = rest.split_once('>') else { break };
            if is_block_end(tag) {
                push_break(&mut out);
            }
            rest = after;
        } else if ch == '&'
            && let Some((decoded, after)) = entity(rest)
        {
            push(&mut out, decoded);
            rest = after;
        } else {
            push(&mut out, ch);
            rest = rest.get(ch.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

fn starts_tag(after: &str) -> bool {
    after.starts_with(|ch: char| ch.is_ascii_alphabetic() || matches!(ch, '/' | '!'))
}

fn is_block_end(tag: &str) -> bool {
    let name = tag.trim_start_matches('<').trim_end_matches('/').trim();
    matches!(name, "/p" | "/li" | "/note" | "/important" | "br" | "/div" | "/fullname" | "/h1" | "/h2" | "/h3")
}

/// White space folds into one space; a line break that is there already stays.
fn push(out: &mut String, ch: char) {
    if !ch.is_whitespace() {
        out.push(ch);
    } else if !out.is_empty() && !out.ends_with([' ', '\n']) {
        out.push(' ');
    }
}

fn push_break(out: &mut String) {
    let kept = out.trim_end().len();
    out.truncate(kept);
    if !out.is_empty() {
        out.push('\n');
    }
}

fn entity(text: &str) -> Option<(char, &str)> {
    let (name, after) = text.strip_prefix('&')?.split_once(';')?;
    let ch = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let code = name.strip_prefix('#')?;
            let code = match code.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => code.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((ch, after))
}

/// Where the first sentence ends: at a line break, or after a full stop that a capital or the end follows
/// and that ends no abbreviation.
fn sentence_end(text: &str) -> Option<usize> {
    for (at, ch) in text.char_indices() {
        match ch {
            '\n' => return Some(at),
            '.' | '?' | '!' => {
                let end = at + ch.len_utf8();
                let before = text.get(..at).unwrap_or_default();
                let after = text.get(end..).unwrap_or_default();
                let ends = after.is_empty() || after.starts_with([' ', '\n']);
                let lower_next = after.trim_start().starts_with(|next: char| next.is_lowercase());
                if ends && !lower_next && !is_abbreviation(before) {
                    return Some(end);
                }
            }
            _ => {}
        }
    }
    None
}

fn is_abbreviation(before: &str) -> bool {
    let word = before.rsplit([' ', '(', '\n']).next().unwrap_or_default();
    matches!(word.to_ascii_lowercase().as_str(), "e.g" | "i.e" | "etc" | "vs" | "no" | "u.s" | "inc")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_sentences() {
        let cases = [
            ("", None),
            ("<p></p>", None),
            ("<p>Deletes the bucket.</p> <p>All objects first.</p>", Some("Deletes the bucket.")),
            ("<p>Lists   the\n <code>Foo</code>s, e.g. bars. More.</p>", Some("Lists the Foos, e.g. bars.")),
            ("<p>No stop</p><p>Next.</p>", Some("No stop")),
            ("a &lt; b &amp;&amp; c &#x41; &#66; &unknown; d. E", Some("a < b && c A B &unknown; d.")),
            ("Version 1.2 of it. Next", Some("Version 1.2 of it.")),
            ("<note><p>Old.</p></note>New.", Some("Old.")),
            ("a <b", Some("a")),
            ("1 < 2. Yes.", Some("1 < 2.")),
            ("<p>Gr\u{fc}\u{df}e\u{a0}an alle. Ja.</p>", Some("Gr\u{fc}\u{df}e an alle.")),
        ];
        for (html, expected) in cases {
            assert_eq!(first_sentence(html).as_deref(), expected, "{html}");
        }
    }
}
