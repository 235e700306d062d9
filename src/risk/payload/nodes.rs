//! A payload laid out: every value with its place, JSON within text, key-and-value pairs and JSON patches included.
//! What is application data (items, records, messages) is marked: its names mean nothing.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::risk::words::words;

/// Most values looked at. A payload with more is not judged by its values.
const MOST: usize = 40_000;

/// Longest text that is looked at, in bytes.
const LONGEST_TEXT: usize = 1 << 20;

/// How deep values are looked into.
const DEEPEST: usize = 64;

/// Members whose content is data or metadata.
const DATA: &[&str] = &[
    "tag",
    "tags",
    "tagset",
    "tagging",
    "taglist",
    "tagspecifications",
    "tagspecification",
    "metadata",
    "item",
    "expressionattributevalues",
    "expressionattributenames",
    "messageattributes",
    "message",
    "messagebody",
    "body",
    "payload",
    "detail",
    "clientcontext",
    "data",
    "records",
    "record",
    "variables",
    "environment",
    "environmentvariables",
    "labels",
    "input",
    "inputs",
    "inputtemplate",
    "description",
    "comment",
    "arguments",
    "defaultarguments",
    "searchstring",
    "metricdata",
    "logevents",
    "putrequest",
    "definition",
    "definitionstring",
    "content",
    "reason",
    "title",
    "displayname",
    "zipfile",
    "key",
];

/// Names that say nothing without the name above them.
const PALE: &[&str] = &["value", "values", "enabled", "enable", "status", "state", "mode", "type", "level", "items"];

/// A value of a payload.
#[derive(Debug)]
pub(super) struct Node<'a> {
    /// For people: `LaunchPermission.Add[0].Group`.
    pub(super) place: String,
    /// Names from the top, only letters and digits, in lower case, without positions in lists.
    pub(super) path: Vec<String>,
    /// The words of its name, and of the name above where its own says nothing.
    pub(super) words: Vec<String>,
    pub(super) value: &'a Value,
    /// Application data or metadata: its names mean nothing.
    pub(super) data: bool,
    /// A patch takes it away.
    pub(super) removed: bool,
}

impl Node<'_> {
    /// Its own name, only letters and digits, in lower case.
    pub(super) fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// Whether its words hold one of these (words are kept in the singular).
    pub(super) fn says(&self, known: &[&str]) -> bool {
        let same = |word: &str, known: &str| word == known || known.strip_suffix('s') == Some(word);
        self.words.iter().any(|word| known.iter().any(|known| same(word, known)))
    }

    /// As text: a string, a truth value or a number.
    pub(super) fn text(&self) -> Option<Cow<'_, str>> {
        match self.value {
            Value::String(text) => Some(Cow::Borrowed(text)),
            Value::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
            Value::Number(number) => Some(Cow::Owned(number.to_string())),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// As a truth value; AWS also writes them as text.
    pub(super) fn truth(&self) -> Option<bool> {
        match self.text()?.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// As a number; AWS also writes them as text.
    pub(super) fn number(&self) -> Option<f64> {
        match self.value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }
}

/// A payload laid out.
#[derive(Debug, Default)]
pub(super) struct Nodes<'a> {
    pub(super) all: Vec<Node<'a>>,
    /// Policy documents: objects with a `Statement`, and where they stand.
    pub(super) documents: Vec<(String, &'a Map<String, Value>)>,
    /// There is more than is looked at.
    pub(super) cut: bool,
}

/// Only letters and digits, in lower case.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Whether there is nothing in it.
pub(super) fn hollow(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().all(hollow),
        Value::Object(members) => members.values().all(hollow),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The payload with JSON within its texts as values.
pub(super) fn expanded(payload: &Value) -> Value {
    expand(payload, DEEPEST)
}

fn expand(value: &Value, depth: usize) -> Value {
    if depth == 0 {
        return Value::Null;
    }
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        Value::String(text) if text.len() <= LONGEST_TEXT && text.trim_start().starts_with(['{', '[']) => {
            match serde_json::from_str(text) {
                Ok(inner @ (Value::Object(_) | Value::Array(_))) => expand(&inner, depth - 1),
                _ => value.clone(),
            }
        }
        Value::String(_) => value.clone(),
        Value::Array(items) => Value::Array(items.iter().map(|item| expand(item, depth - 1)).collect()),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), expand(value, depth - 1))).collect())
        }
    }
}

/// Lays out an expanded payload.
pub(super) fn nodes(payload: &Value) -> Nodes<'_> {
    let mut nodes = Nodes::default();
    if let Value::Object(members) = payload {
        for (name, value) in members {
            visit(&mut nodes, &Spot::default().below(name), value);
        }
    }
    nodes
}

#[derive(Debug, Default, Clone)]
struct Spot {
    place: String,
    path: Vec<String>,
    words: Vec<String>,
    data: bool,
    removed: bool,
}

impl Spot {
    fn below(&self, name: &str) -> Self {
        let plain = plain(name);
        let mut words = words(name);
        if PALE.contains(&plain.as_str()) {
            words.extend(self.words.iter().cloned());
        }
        let place = if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) };
        let data = self.data || DATA.contains(&plain.as_str());
        let mut path = self.path.clone();
        path.push(plain);
        Self { place, path, words, data, removed: self.removed }
    }
}

fn visit<'a>(nodes: &mut Nodes<'a>, spot: &Spot, value: &'a Value) {
    if !spot.data && value.as_str().is_some_and(|text| text.len() > LONGEST_TEXT) {
        nodes.cut = true;
        return;
    }
    add(nodes, spot, value);
    match value {
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                visit(nodes, &Spot { place: format!("{}[{position}]", spot.place), ..spot.clone() }, item);
            }
        }
        Value::Object(members) => {
            let mut spot = spot.clone();
            if is_document(members) {
                nodes.documents.push((spot.place.clone(), members));
                spot.data = true;
            }
            pair(nodes, &spot, members);
            patch(nodes, &spot, members);
            for (name, value) in members {
                visit(nodes, &spot.below(name), value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A policy document; a text of that name is one of a query language.
fn is_document(members: &Map<String, Value>) -> bool {
    members
        .iter()
        .any(|(name, value)| name.eq_ignore_ascii_case("statement") && (value.is_array() || value.is_object()))
}

fn add<'a>(nodes: &mut Nodes<'a>, spot: &Spot, value: &'a Value) {
    if nodes.all.len() >= MOST {
        nodes.cut = true;
        return;
    }
    let Spot { place, path, words, data, removed } = spot.clone();
    nodes.all.push(Node { place, path, words, value, data, removed });
}

/// `{"Key": "deletion_protection.enabled", "Value": "false"}` says `deletion_protection.enabled` = false.
fn pair<'a>(nodes: &mut Nodes<'a>, spot: &Spot, members: &'a Map<String, Value>) {
    let find = |known: &[&str]| members.iter().find(|(name, _)| known.contains(&plain(name).as_str()));
    let name = find(&["key", "name", "attributename", "parametername", "optionname", "attribute"]);
    let value = find(&["value", "attributevalue", "parametervalue"]);
    if let (Some((_, Value::String(name))), Some((_, value))) = (name, value) {
        add(nodes, &spot.below(name), value);
    }
}

/// `{"op": "replace", "path": "/a/b", "value": 1}` says `b` = 1; with `remove` it is taken away.
fn patch<'a>(nodes: &mut Nodes<'a>, spot: &Spot, members: &'a Map<String, Value>) {
    let (Some(Value::String(op)), Some(Value::String(path))) = (members.get("op"), members.get("path")) else {
        return;
    };
    let steps = path.split('/').map(|step| step.replace("~1", "/").replace("~0", "~"));
    let named = steps.filter(|step| step.chars().any(|letter| letter.is_ascii_alphabetic()));
    let mut inner = named.fold(spot.clone(), |spot, step| spot.below(&step));
    inner.removed = op == "remove";
    match members.get("value") {
        Some(value) => visit(nodes, &inner, value),
        None => add(nodes, &inner, &Value::Null),
    }
}
