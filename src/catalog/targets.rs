//! What a payload is about: the identifiers in it, most significant first. Computed, never taken on trust from
//! the agent's words; the values themselves are the agent's.

use std::collections::BTreeMap;

use serde_json::Value;

use super::sentence::words::words;
use crate::base::canonical_json;
use crate::smithy::{Location, Member, Model, Operation, ShapeType, Slot};

/// Values listed of one member; how many more there are is said in one entry.
const MAX_VALUES: usize = 10;

/// Members listed.
const MAX_MEMBERS: usize = 8;

/// How deep identifiers are looked for.
const MAX_DEPTH: usize = 6;

/// Values that are looked at, of a payload of any size.
const MAX_LOOKED_AT: usize = 20_000;

/// Characters of a value; longer texts are documents, not identifiers.
const MAX_TEXT: usize = 512;

/// The identifiers that a payload is about, as `(member, value)`, most significant first. Members within others
/// are told with their path (`Delete.Objects.Key`); of long lists the first values and how many more there are.
///
/// The payload is a bound one. Values are untrusted.
pub fn targets(model: &Model, operation: &Operation, payload: &Value) -> Vec<(String, String)> {
    let Some(input) = operation.input.as_deref() else { return Vec::new() };
    let mut search = Search { model, object: object(&operation.name), found: BTreeMap::new(), looked_at: 0, order: 0 };
    search.structure(Slot::of_shape(model, input), payload, "", 0, false);
    let mut members: Vec<_> = search.found.into_iter().collect();
    members.sort_by_key(|(_, found)| (std::cmp::Reverse(found.score), found.order));
    let mut out = Vec::new();
    for (path, found) in members.into_iter().take(MAX_MEMBERS) {
        let more = found.count - found.values.len();
        out.extend(found.values.into_iter().map(|value| (path.clone(), value)));
        if more > 0 {
            out.push((path, format!("… and {more} more")));
        }
    }
    out
}

/// Targets in one short line: the values alone, those of one member joined by commas.
pub fn short(targets: &[(String, String)]) -> String {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (member, value) in targets {
        match groups.iter_mut().find(|(known, _)| known == member) {
            Some((_, values)) => values.push(value),
            None => groups.push((member, vec![value])),
        }
    }
    let parts = groups.iter().take(3).map(|(_, values)| match values.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one}, {two}"),
        [first, rest @ ..] => format!("{first} +{}", rest.len()),
    });
    parts.collect::<Vec<_>>().join(" · ")
}

/// How significant a member is.
#[derive(Clone, Copy)]
struct Rank {
    /// Above 0 for what may identify something.
    score: i32,
    /// Whether its own name says that it identifies. What is only required may be a statement or a document with
    /// secrets in it, and must look like a name.
    sure: bool,
}

struct Found {
    score: i32,
    order: usize,
    values: Vec<String>,
    count: usize,
}

struct Search<'m> {
    model: &'m Model,
    /// The words of what the operation acts on, lower case.
    object: Vec<String>,
    found: BTreeMap<String, Found>,
    looked_at: usize,
    order: usize,
}

impl<'m> Search<'m> {
    fn structure(&mut self, slot: Slot<'m>, value: &Value, path: &str, depth: usize, sensitive: bool) {
        let Value::Object(given) = value else { return };
        for member in slot.members() {
            if let Some(value) = given.get(&member.name) {
                let place = Slot::of_member(self.model, member);
                let path = if path.is_empty() { member.name.clone() } else { format!("{path}.{}", member.name) };
                let sensitive = sensitive || place.is_sensitive();
                if !sensitive && !is_aside(&member.name) {
                    self.member(member, place, value, &path, depth);
                }
            }
        }
    }

    fn member(&mut self, member: &'m Member, slot: Slot<'m>, value: &Value, path: &str, depth: usize) {
        let rank = self.rank(member, slot, depth);
        self.value(slot, value, path, depth, rank);
    }

    fn value(&mut self, slot: Slot<'m>, value: &Value, path: &str, depth: usize, rank: Rank) {
        self.looked_at += 1;
        if depth > MAX_DEPTH || self.looked_at > MAX_LOOKED_AT || slot.is_sensitive() {
            return;
        }
        match (slot.kind, value) {
            (ShapeType::String, Value::String(text)) if rank.sure || is_name(text) => self.add(path, text, rank.score),
            (ShapeType::List, Value::Array(items)) => {
                let item = slot.item(self.model);
                for value in items {
                    self.value(item, value, path, depth + usize::from(item.kind != ShapeType::String), rank);
                }
            }
            // The key of an item (DynamoDB): what it is, is in the values.
            (ShapeType::Map, Value::Object(_)) if path.rsplit('.').next() == Some("Key") => {
                self.add(path, &canonical_json(value), rank.score);
            }
            (ShapeType::Map, Value::Object(entries)) => {
                let (key, inner) = (slot.key(self.model), slot.value(self.model));
                let named = is_identifier(key.target) && !is_aside(key.target);
                let inside = if named { Rank { score: 0, sure: false } } else { rank };
                for (name, value) in entries {
                    if named {
                        self.add(path, name, rank.score.max(30));
                    }
                    self.value(inner, value, path, depth + 1, inside);
                }
            }
            (ShapeType::Structure | ShapeType::Union, _) => {
                self.structure(slot, value, path, depth + 1, slot.is_sensitive());
            }
            _ => {}
        }
    }

    fn rank(&self, member: &Member, slot: Slot<'m>, depth: usize) -> Rank {
        let label = matches!(member.traits().location, Some(Location::Label(_)));
        let sure = is_identifier(&member.name) || label;
        let required = member.required && slot.enum_values().is_empty() && depth == 0;
        let mut score = 0;
        for (holds, points) in [(is_identifier(&member.name), 60), (label, 30), (required, 20)] {
            score += if holds { points } else { 0 };
        }
        if score > 0 && self.names_object(&member.name) {
            score += 25;
        }
        // What lies deeper is a part of what lies above it.
        Rank { score: score - 5 * i32::try_from(depth).unwrap_or(0), sure }
    }

    /// Whether a member's name speaks of what the operation acts on (`DBInstanceIdentifier` of `DeleteDBInstance`).
    fn names_object(&self, member: &str) -> bool {
        let noun: Vec<_> = words(member).iter().map(|word| singular(word)).filter(|word| !is_handle(word)).collect();
        !noun.is_empty() && noun.iter().all(|word| self.object.contains(word))
    }

    fn add(&mut self, path: &str, text: &str, score: i32) {
        if score <= 0 || text.is_empty() || text.len() > MAX_TEXT || text.contains('\n') {
            return;
        }
        self.order += 1;
        let order = self.order;
        let found = self.found.entry(path.to_owned()).or_insert(Found { score, order, values: Vec::new(), count: 0 });
        if found.values.len() < MAX_VALUES {
            if found.values.iter().any(|known| known == text) {
                return;
            }
            found.values.push(text.to_owned());
        }
        found.count += 1;
    }
}

/// The words of an operation's name behind its verb, singular and lower case.
fn object(operation: &str) -> Vec<String> {
    words(operation).iter().skip(1).map(|word| singular(word)).collect()
}

/// Whether a text is one plain word.
fn is_name(text: &str) -> bool {
    text.len() <= 128 && text.chars().all(|ch| ch.is_alphanumeric() || "-_./:@+=*#$".contains(ch))
}

fn singular(word: &str) -> String {
    let lower = word.to_lowercase();
    match lower.strip_suffix('s') {
        Some(stem) if stem.len() > 1 && !stem.ends_with(['s', 'u', 'i']) => match stem.strip_suffix("ie") {
            Some(stem) => format!("{stem}y"),
            None => stem.to_owned(),
        },
        _ => lower,
    }
}

/// Words that say only that a member identifies, singular.
fn is_handle(word: &str) -> bool {
    matches!(word, "name" | "id" | "arn" | "identifier" | "url" | "list" | "set")
}

/// Whether a name, of a member or of a shape, is that of an identifier.
fn is_identifier(name: &str) -> bool {
    let Some(last) = words(name).last().map(|word| singular(word)) else { return false };
    matches!(
        last.as_str(),
        "name"
            | "id"
            | "arn"
            | "identifier"
            | "bucket"
            | "key"
            | "path"
            | "prefix"
            | "resource"
            | "cluster"
            | "service"
            | "table"
            | "queue"
            | "topic"
            | "function"
            | "stream"
            | "domain"
            | "namespace"
            | "user"
            | "role"
            | "group"
            | "instance"
            | "url"
            | "uri"
            | "alia"
            | "alias"
            | "target"
            | "principal"
            | "account"
            | "host"
            | "endpoint"
    ) && name != "TagKey"
}

/// Members that say how, when or as whom, and never what: tokens, tags, filters, attributes.
fn is_aside(name: &str) -> bool {
    const STARTS: [&str; 9] =
        ["tag", "filter", "attribute", "metadata", "header", "next", "starting", "parameter", "expected"];
    const PARTS: [&str; 12] = [
        "token",
        "kmskey",
        "exclusivestart",
        "marker",
        "clientrequest",
        "encryption",
        "md5",
        "sha256",
        "checksum",
        "customerkey",
        "condition",
        "expression",
    ];
    let lower = name.to_ascii_lowercase();
    STARTS.iter().any(|start| lower.starts_with(start) && lower != "parametername" && !lower.ends_with("arn"))
        || PARTS.iter().any(|part| lower.contains(part))
}

#[cfg(test)]
mod tests;
