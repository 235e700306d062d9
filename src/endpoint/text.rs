//! Template strings (`https://{Bucket}.s3.{partition#dnsSuffix}`) and the paths inside them.

/// A piece of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece<'a> {
    /// Text as it stands.
    Text(String),
    /// The name between braces, and the path after `#`.
    Name(&'a str, Option<&'a str>),
}

/// One step of a `getAttr` path.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// A member of a record.
    Key(String),
    /// An element of an array; negative from the end.
    Index(i64),
}

/// Takes a template apart. `{{` and `}}` stand for braces. `None` when a brace is not closed.
pub(super) fn split_template(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at_checked(at)?;
        plain.push_str(before);
        if let Some(after) = from.strip_prefix("{{") {
            plain.push('{');
            rest = after;
        } else if let Some(after) = from.strip_prefix("}}") {
            plain.push('}');
            rest = after;
        } else {
            let (name, after) = from.strip_prefix('{')?.split_once('}')?;
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            let (name, path) = match name.split_once('#') {
                Some((name, path)) => (name, Some(path)),
                None => (name, None),
            };
            pieces.push(Piece::Name(name, path));
            rest = after;
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Some(pieces)
}

/// Takes a `getAttr` path apart: `resourceId[1].name`. `None` when it is not one.
pub(super) fn split_path(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (key, mut rest) = match part.find('[') {
            Some(at) => part.split_at_checked(at)?,
            None => (part, ""),
        };
        if !key.is_empty() {
            steps.push(Step::Key(key.to_owned()));
        }
        while !rest.is_empty() {
            let (index, after) = rest.strip_prefix('[')?.split_once(']')?;
            steps.push(Step::Index(index.parse().ok()?));
            rest = after;
        }
    }
    (!steps.is_empty()).then_some(steps)
}
