//! Where in a payload a value stands: `Tagging.TagSet[0].Key` for people, `/Tagging/TagSet/0/Key` for programs.

/// One step into a payload.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'a> {
    /// A member of a structure or union, or an entry of a map.
    Name(&'a str),
    /// An item of a list.
    Index(usize),
}

/// Characters of a name that is shown; payloads may hold anything.
const MAX_NAME: usize = 80;

/// Steps at the front of a path that are shown; the last one always is.
const MAX_STEPS: usize = 24;

/// The path as people write it.
pub(super) fn dotted(steps: &[Step<'_>]) -> String {
    let mut out = String::new();
    for (at, step) in steps.iter().enumerate() {
        if at >= MAX_STEPS && at + 1 < steps.len() {
            if at == MAX_STEPS {
                out.push_str(".…");
            }
            continue;
        }
        match step {
            Step::Index(index) => out.push_str(&format!("[{index}]")),
            Step::Name(name) if is_plain(name) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(name);
            }
            Step::Name(name) => out.push_str(&format!("[{:?}]", cut(name, MAX_NAME))),
        }
    }
    out
}

/// The path as a JSON pointer (RFC 6901).
pub(super) fn pointer(steps: &[Step<'_>]) -> String {
    let mut out = String::new();
    for step in steps {
        out.push('/');
        match step {
            Step::Index(index) => out.push_str(&index.to_string()),
            Step::Name(name) => out.push_str(&name.replace('~', "~0").replace('/', "~1")),
        }
    }
    out
}

/// A text, cut to a number of characters.
pub(super) fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_NAME
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$' | b':'))
}
