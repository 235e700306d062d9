//! The files of `assets/search`, read.

use std::collections::HashMap;

use super::stem::stem;

const WORDS: &str = include_str!("../../../assets/search/words.txt");
const SERVICES: &str = include_str!("../../../assets/search/services.txt");
const PHRASES: &str = include_str!("../../../assets/search/phrases.txt");

/// Weight of an alternative that states none.
const WEIGHT: f32 = 0.9;

/// Weight of a service's lift that states none.
const LIFT: f32 = 0.3;

/// What a said word or words may mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Alternative<'a> {
    /// A name that has all these words (stems).
    Words(Vec<String>, f32),
    /// Any operation of this service.
    Service(&'a str, f32),
}

/// One line of words.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    /// Whether what is said is something to do.
    pub(super) verb: bool,
    /// Whether it may be a thing too.
    pub(super) noun: bool,
    pub(super) alternatives: Vec<Alternative<'a>>,
}

/// One line of services.
#[derive(Debug, PartialEq)]
pub(super) struct ServiceLine<'a> {
    pub(super) name: &'a str,
    /// How often people mean it, 0 to 10.
    pub(super) figure: f32,
    pub(super) aliases: Vec<&'a str>,
}

/// One line of phrases.
#[derive(Debug, PartialEq)]
pub(super) struct PhraseLine<'a> {
    pub(super) service: &'a str,
    pub(super) operation: &'a str,
    pub(super) phrases: Vec<&'a str>,
}

/// Words, by their stems joined with spaces; and words that say nothing.
#[derive(Debug, Default)]
pub(super) struct Words<'a> {
    pub(super) entries: HashMap<String, Entry<'a>>,
    pub(super) stop: Vec<String>,
}

/// The words of the assets.
pub(super) fn words() -> Words<'static> {
    parse_words(WORDS)
}

/// The services of the assets.
pub(super) fn services() -> impl Iterator<Item = ServiceLine<'static>> {
    lines(SERVICES).filter_map(parse_service)
}

/// The phrases of the assets.
pub(super) fn phrases() -> impl Iterator<Item = PhraseLine<'static>> {
    lines(PHRASES).filter_map(parse_phrases)
}

/// Lines that are neither empty nor comments.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

pub(super) fn parse_words(text: &str) -> Words<'_> {
    let mut words = Words::default();
    let mut section = "";
    for line in lines(text) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if section == "stop" {
            words.stop.extend(line.split_whitespace().map(stem));
        } else if let Some((said, meant)) = line.split_once('=') {
            let said = said.split_whitespace().map(stem).collect::<Vec<_>>().join(" ");
            let entry = words.entries.entry(said).or_default();
            entry.verb |= section == "verbs";
            entry.noun |= section == "nouns";
            entry.alternatives.extend(meant.split_whitespace().map(parse_alternative));
        }
    }
    words
}

fn parse_alternative(text: &str) -> Alternative<'_> {
    let (what, weight) = match text.split_once('*') {
        Some((what, weight)) => (what, weight.parse().ok()),
        None => (text, None),
    };
    match what.strip_prefix('@') {
        Some(service) => Alternative::Service(service, weight.unwrap_or(LIFT)),
        None => Alternative::Words(what.split('+').map(stem).collect(), weight.unwrap_or(WEIGHT)),
    }
}

fn parse_service(line: &str) -> Option<ServiceLine<'_>> {
    let (head, aliases) = line.split_once(':').unwrap_or((line, ""));
    let (name, figure) = head.trim().split_once(' ')?;
    let aliases = aliases.split(',').map(str::trim).filter(|alias| !alias.is_empty()).collect();
    Some(ServiceLine { name, figure: figure.trim().parse().ok()?, aliases })
}

fn parse_phrases(line: &str) -> Option<PhraseLine<'_>> {
    let (name, phrases) = line.split_once(": ")?;
    let (service, operation) = name.split_once(':')?;
    Some(PhraseLine { service, operation, phrases: phrases.split(';').map(str::trim).collect() })
}
