//! YAML text to nodes that know their place. The only file that touches the YAML crate.
//!
//! `yaml_serde` gives a position only with an error of its own, expands aliases and hides tags; a policy needs the
//! place of every key, and must refuse anchors, aliases, tags and merge keys. So this reads `saphyr-parser`'s events.

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::problem::Problem;

/// The largest file that is read, in bytes.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// The deepest nesting that is read; the format itself needs five.
const MAX_DEPTH: usize = 16;

/// A place in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At {
    /// From 1.
    pub(super) line: usize,
    /// In characters, from 1.
    pub(super) column: usize,
    /// In characters.
    pub(super) width: usize,
}

impl From<Span> for At {
    fn from(span: Span) -> Self {
        let one_line = span.start.line() == span.end.line();
        let width = if one_line { span.end.col().saturating_sub(span.start.col()) } else { 1 };
        Self { line: span.start.line(), column: span.start.col() + 1, width: width.max(1) }
    }
}

/// A value and its place.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) at: At,
    pub(super) value: Yaml,
}

/// A value. Scalars stay text: only the reader knows which type is wanted.
#[derive(Debug)]
pub(super) enum Yaml {
    Scalar { text: String, quoted: bool },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key and its place.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) at: At,
    pub(super) name: String,
}

impl Node {
    /// What it is, for a message.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Yaml::List(_) => "a list",
            Yaml::Map(_) => "a mapping",
            Yaml::Scalar { quoted: true, .. } => "a text",
            Yaml::Scalar { text, .. } => match text.as_str() {
                "" | "~" | "null" | "Null" | "NULL" => "nothing",
                "true" | "false" | "True" | "False" | "TRUE" | "FALSE" => "a boolean",
                number if number.parse::<f64>().is_ok() => "a number",
                _ => "a text",
            },
        }
    }

    /// The text of a scalar that is not a null.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Yaml::Scalar { text, .. } if self.kind() != "nothing" => Some(text),
            _ => None,
        }
    }
}

/// Reads one document.
///
/// # Errors
/// The first problem: no YAML, no document or several, too large, too deep, a duplicate key, or one of YAML's
/// features that make a file mean something else than it shows.
pub(super) fn parse(text: &str) -> Result<Node, Problem> {
    if text.len() > MAX_BYTES {
        let message = format!("the file has {} bytes; a policy has at most {MAX_BYTES}", text.len());
        return Err(Problem::whole(message, "is it really a policy? shorten it, or merge rules with `|`"));
    }
    let mut builder = Builder { text, stack: Vec::new(), root: None };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let (line, column) = (error.marker().line(), error.marker().col() + 1);
            Problem::at(text, At { line, column, width: 1 }, format!("not YAML: {}", error.info()), cure(error.info()))
        })?;
        builder.take(event, span)?;
    }
    builder.root.ok_or_else(|| Problem::whole("the file is empty", "start it with `version: 1`"))
}

fn cure(info: &str) -> &'static str {
    if info.contains("escape") {
        "a backslash in double quotes is an escape; write patterns in single quotes"
    } else if info.contains("anchor") {
        "a text that starts with `*` or `&` needs quotes"
    } else if info.contains("tab") {
        "indent with spaces"
    } else {
        "look at indentation, quotes and brackets on this line and the one before"
    }
}

enum Open {
    List { at: At, items: Vec<Node> },
    Map { at: At, entries: Vec<(Key, Node)>, key: Option<Key> },
}

struct Builder<'a> {
    text: &'a str,
    stack: Vec<Open>,
    root: Option<Node>,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        let at = At::from(span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.plain(at, anchor, tag.as_deref())?;
                let quoted = style != ScalarStyle::Plain;
                self.put(Node { at, value: Yaml::Scalar { text: text.into_owned(), quoted } })
            }
            Event::SequenceStart(anchor, tag) => {
                self.plain(at, anchor, tag.as_deref())?;
                self.open(at, Open::List { at, items: Vec::new() })
            }
            Event::MappingStart(anchor, tag) => {
                self.plain(at, anchor, tag.as_deref())?;
                self.open(at, Open::Map { at, entries: Vec::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => match self.stack.pop() {
                Some(Open::List { at, items }) => self.put(Node { at, value: Yaml::List(items) }),
                Some(Open::Map { at, entries, .. }) => self.put(Node { at, value: Yaml::Map(entries) }),
                None => Ok(()),
            },
            Event::Alias(_) => Err(self.problem(
                at,
                "aliases are not used here",
                "write the value out, or quote a text that starts with `*`",
            )),
            Event::DocumentStart(_) if self.root.is_some() => Err(self.problem(
                at,
                "a second document begins here",
                "a policy is one document; remove `---` and what follows",
            )),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    fn problem(&self, at: At, message: impl Into<String>, help: impl Into<String>) -> Problem {
        Problem::at(self.text, at, message, help)
    }

    fn plain(&self, at: At, anchor: usize, tag: Option<&Tag>) -> Result<(), Problem> {
        if anchor != 0 {
            return Err(self.problem(
                at,
                "anchors are not used here",
                "write the value out, or quote a text that starts with `&`",
            ));
        }
        match tag {
            Some(tag) => {
                let message = format!("tags are not used here: `{}{}`", tag.handle, tag.suffix);
                Err(self.problem(at, message, "remove the tag, or quote a text that starts with `!`"))
            }
            None => Ok(()),
        }
    }

    fn open(&mut self, at: At, open: Open) -> Result<(), Problem> {
        if let Some(Open::Map { key: None, .. }) = self.stack.last() {
            return Err(self.problem(at, "a key must be a plain name", "lists and mappings stand after `name:`"));
        }
        if self.stack.len() >= MAX_DEPTH {
            return Err(self.problem(at, "nested too deeply", "a policy has at most five levels"));
        }
        self.stack.push(open);
        Ok(())
    }

    fn put(&mut self, node: Node) -> Result<(), Problem> {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, key, .. }) => match key.take() {
                Some(name) => entries.push((name, node)),
                None => {
                    let (earlier, at) = (entries.iter().map(|(key, _)| key), node.at);
                    let name = node.text().unwrap_or_default().to_owned();
                    let earlier = earlier.filter(|key| key.name == name).map(|key| key.at.line).next();
                    *key = Some(Key { at, name: name.clone() });
                    return self.check_key(at, &name, earlier);
                }
            },
        }
        Ok(())
    }

    fn check_key(&self, at: At, name: &str, earlier: Option<usize>) -> Result<(), Problem> {
        if let Some(line) = earlier {
            let message = format!("`{name}` stands here twice; first on line {line}");
            return Err(self.problem(at, message, "keep one of them, with the entries of both"));
        }
        match name {
            "<<" => Err(self.problem(at, "merge keys are not used here", "write the entries out")),
            "" => Err(self.problem(at, "a key must be a plain name", "give the entry a name")),
            _ => Ok(()),
        }
    }
}
