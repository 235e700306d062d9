//! The searchable form of the index: numbers for words, and for each word where it stands.
//!
//! A *document* is an operation, or a phrase that stands for one. All tables are small and flat: about 3 MB.

use std::collections::HashMap;

use super::lexicon;
use super::stem::stem;
use crate::catalog::Index;
use crate::catalog::names::normalize;
use crate::catalog::sentence::words::words;

/// A word's number.
pub(super) type Term = u32;

/// Words seen so far, as they were spelled.
type Known<'w> = HashMap<&'w str, Term>;

/// Set in a posting when the word is the document's first.
pub(super) const FIRST: u32 = 1 << 31;

/// Set in a member's posting when the member is required.
pub(super) const REQUIRED: u32 = 1 << 31;

/// Words between the words of a name.
const BETWEEN: [&str; 10] = ["by", "for", "with", "to", "from", "in", "of", "on", "and", "as"];

/// One word's places.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Documents whose words contain it; [`FIRST`] where it is the first.
    pub(super) named: Vec<u32>,
    /// Operations with an input member whose name contains it; [`REQUIRED`] where it is required.
    pub(super) members: Vec<u32>,
    /// In how many operations' names it is the first word.
    pub(super) first: u32,
}

/// One document.
#[derive(Debug)]
pub(super) struct Document {
    /// Number of the operation; phrases come after all operations.
    pub(super) operation: u32,
    pub(super) service: u16,
    pub(super) deprecated: bool,
    /// Whether its last word is a plural.
    pub(super) plural: bool,
    /// Where its words start in [`Table::terms`].
    start: u32,
    /// What its words weigh together.
    pub(super) weight: f32,
}

/// One service.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) name: String,
    /// How often people mean it, 0 to 1.
    pub(super) prior: f32,
    /// Its operations.
    pub(super) documents: std::ops::Range<u32>,
}

/// The tables.
#[derive(Debug, Default)]
pub(super) struct Table {
    numbers: HashMap<Box<str>, Term>,
    pub(super) places: Vec<Places>,
    pub(super) documents: Vec<Document>,
    pub(super) operations: u32,
    terms: Vec<(Term, f32)>,
    names: String,
    name_ends: Vec<u32>,
    pub(super) services: Vec<Service>,
    /// Normalized spellings and the services they stand for.
    pub(super) aliases: HashMap<Box<str>, Vec<u16>>,
    /// Words such as `By` and `For`, which say nothing in a name.
    between: Vec<Term>,
    /// Operations by the hash of their normalized name, sorted.
    exact: Vec<(u64, u32)>,
}

impl Table {
    pub(super) fn of(index: &Index) -> Self {
        let mut table = Self::default();
        let mut known = HashMap::with_capacity(16_384);
        table.numbers.reserve(8_192);
        table.places.reserve(8_192);
        table.documents.reserve(24_576);
        table.terms.reserve(90_000);
        table.names.reserve(500_000);
        table.read_services(index);
        table.read_operations(index, &mut known);
        table.read_phrases(&mut known);
        table.between = BETWEEN.iter().filter_map(|word| table.term(word)).collect();
        table.weigh();
        table
    }

    fn read_services(&mut self, index: &Index) {
        let mut by_name = HashMap::new();
        for (at, service) in index.services().iter().enumerate() {
            by_name.insert(service.name.as_str(), at);
            let at = u16::try_from(at).unwrap_or(u16::MAX);
            self.services.push(Service { name: service.name.clone(), prior: 0.0, documents: 0..0 });
            let title = service.title.trim_start_matches("Amazon ").trim_start_matches("AWS ");
            for alias in [service.name.as_str(), &service.sdk_id, title] {
                self.alias(alias, at);
            }
        }
        for line in lexicon::services() {
            let Some(at) = by_name.get(line.name).copied() else { continue };
            if let Some(service) = self.services.get_mut(at) {
                service.prior = line.figure / 10.0;
            }
            for alias in line.aliases {
                self.alias(alias, u16::try_from(at).unwrap_or(u16::MAX));
            }
        }
    }

    fn alias(&mut self, alias: &str, service: u16) {
        let normalized = normalize(alias);
        // People say `organization`, too; short ones (`log`, `event`) are words of their own.
        let singular = Some(stem(&normalized)).filter(|singular| singular.len() >= 6 && *singular != normalized);
        for spelling in [Some(normalized), singular].into_iter().flatten() {
            let services = self.aliases.entry(spelling.into()).or_default();
            if !services.contains(&service) {
                services.push(service);
            }
        }
    }

    fn read_operations<'w>(&mut self, index: &'w Index, known: &mut Known<'w>) {
        let mut member_terms: HashMap<&str, Vec<Term>> = HashMap::with_capacity(16_384);
        let mut last_seen: Vec<u32> = Vec::new();
        for (at, service) in index.services().iter().enumerate() {
            let begin = self.next();
            for operation in index.operations(service) {
                let number = self.next();
                self.document(number, at, operation.deprecated, words(operation.name).into_iter(), known);
                self.names.push_str(operation.name);
                self.name_ends.push(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
                self.exact.push((hash(operation.name), number));
                for member in operation.members() {
                    let terms = member_terms.entry(member.name).or_insert_with(|| {
                        words(member.name).into_iter().map(|word| self.number(word, known)).collect()
                    });
                    for term in terms {
                        let slot = *term as usize;
                        if last_seen.len() <= slot {
                            last_seen.resize(slot + 1, u32::MAX);
                        }
                        let Some(last) = last_seen.get_mut(slot) else { continue };
                        if std::mem::replace(last, number) != number
                            && let Some(places) = self.places.get_mut(slot)
                        {
                            places.members.push(number | if member.required { REQUIRED } else { 0 });
                        }
                    }
                }
            }
            let end = self.next();
            if let Some(service) = self.services.get_mut(at) {
                service.documents = begin..end;
            }
        }
        self.operations = self.next();
        self.exact.sort_unstable();
    }

    fn read_phrases<'w>(&mut self, known: &mut Known<'w>) {
        for line in lexicon::phrases() {
            let Some(service) = self.services.iter().position(|service| service.name == line.service) else { continue };
            let Some(operation) = self.operation_of(service, line.operation) else { continue };
            for phrase in line.phrases {
                self.document(operation, service, false, phrase.split_whitespace(), known);
            }
        }
    }

    /// The number of a service's operation of exactly that name.
    fn operation_of(&self, service: usize, name: &str) -> Option<u32> {
        let mut operations = self.services.get(service)?.documents.clone();
        operations.find(|operation| self.name(*operation) == name)
    }

    fn document<'w>(
        &mut self,
        operation: u32,
        service: usize,
        deprecated: bool,
        said: impl Iterator<Item = &'w str>,
        known: &mut Known<'w>,
    ) {
        let number = self.next();
        let is_operation = operation == number;
        let start = u32::try_from(self.terms.len()).unwrap_or(u32::MAX);
        let mut plural = false;
        for (at, word) in said.enumerate() {
            let term = self.number(word, known);
            let version = word.len() == 2 && word.starts_with('V');
            plural = if version { plural } else { word.ends_with('s') && stem(word).len() < word.len() };
            self.terms.push((term, 0.0));
            if let Some(places) = self.places.get_mut(term as usize) {
                places.named.push(number | if at == 0 && is_operation { FIRST } else { 0 });
                places.first += u32::from(at == 0 && is_operation);
            }
        }
        let service = u16::try_from(service).unwrap_or(u16::MAX);
        self.documents.push(Document { operation, service, deprecated, plural, start, weight: 0.0 });
    }

    /// Weighs every word of every document: rare words say more, and a word that half a service's operations have
    /// says little there.
    fn weigh(&mut self) {
        // How many of a service's operations have a word; all zero again after each service.
        let mut shares = vec![0_u32; self.places.len()];
        let ranges: Vec<_> = self.services.iter().map(|service| service.documents.clone()).collect();
        for operations in ranges {
            let size = operations.len().max(1);
            let places = self.range(operations.start).start..self.range(operations.end).start;
            let terms: Vec<Term> = self.terms.get(places).unwrap_or_default().iter().map(|(term, _)| *term).collect();
            for term in &terms {
                if let Some(share) = shares.get_mut(*term as usize) {
                    *share += 1;
                }
            }
            for number in operations {
                self.weigh_document(number, |term| {
                    let share = shares.get(term as usize).copied().unwrap_or(0);
                    #[expect(clippy::cast_precision_loss, reason = "small counts")]
                    let share = share as f32 / size as f32;
                    1.0 - 0.6 * share.min(1.0)
                });
            }
            for term in terms {
                if let Some(share) = shares.get_mut(term as usize) {
                    *share = 0;
                }
            }
        }
        for phrase in self.operations..self.next() {
            self.weigh_document(phrase, |_| 1.0);
        }
    }

    fn weigh_document(&mut self, number: u32, factor: impl Fn(Term) -> f32) {
        let is_operation = number < self.operations;
        let mut total = 0.0;
        for (at, place) in self.range(number).enumerate() {
            let Some((term, _)) = self.terms.get(place).copied() else { continue };
            // What is done weighs less than what it is done to.
            let verb = if is_operation && at == 0 { 0.7 } else { 1.0 };
            let between = if self.between.contains(&term) { 0.15 } else { 1.0 };
            let weight = self.rarity(term).min(0.7) * factor(term) * verb * between;
            total += weight;
            if let Some(slot) = self.terms.get_mut(place) {
                slot.1 = weight;
            }
        }
        if let Some(document) = self.documents.get_mut(number as usize) {
            document.weight = total.max(0.05);
        }
    }

    /// How much a word says, 0 to 1.
    pub(super) fn rarity(&self, term: Term) -> f32 {
        let Some(places) = self.places.get(term as usize) else { return 1.0 };
        let count = places.named.len() + places.members.len() / 8 + 1;
        #[expect(clippy::cast_precision_loss, reason = "counts of some ten thousand")]
        let (count, all) = (count as f32, (self.operations + 1) as f32);
        (1.0 + all / count).ln() / (1.0 + all).ln()
    }

    /// The words of a document, with what each weighs in it.
    pub(super) fn document_terms(&self, number: u32) -> &[(Term, f32)] {
        self.terms.get(self.range(number)).unwrap_or_default()
    }

    fn range(&self, number: u32) -> std::ops::Range<usize> {
        let start = |number: u32| self.documents.get(number as usize).map(|document| document.start as usize);
        start(number).unwrap_or(0)..start(number + 1).unwrap_or(self.terms.len())
    }

    /// The name of an operation.
    pub(super) fn name(&self, operation: u32) -> &str {
        let end = |number: u32| self.name_ends.get(number as usize).map(|end| *end as usize);
        let start = operation.checked_sub(1).and_then(end).unwrap_or(0);
        self.names.get(start..end(operation).unwrap_or(start)).unwrap_or_default()
    }

    /// Operations of exactly this name, in any spelling.
    pub(super) fn exact(&self, spelling: &str) -> impl Iterator<Item = u32> {
        let wanted = hash(spelling);
        let start = self.exact.partition_point(|(known, _)| *known < wanted);
        let hits = self.exact.get(start..).unwrap_or_default();
        hits.iter().take_while(move |(known, _)| *known == wanted).map(|(_, operation)| *operation)
    }

    /// A word's number, if any document or member has it.
    pub(super) fn term(&self, stemmed: &str) -> Option<Term> {
        self.numbers.get(stemmed).copied()
    }

    /// All words.
    pub(super) fn vocabulary(&self) -> impl Iterator<Item = (&str, Term)> {
        self.numbers.iter().map(|(word, term)| (&**word, *term))
    }

    fn number<'w>(&mut self, word: &'w str, known: &mut Known<'w>) -> Term {
        if let Some(term) = known.get(word) {
            return *term;
        }
        let stemmed = stem(word);
        let next = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        let term = *self.numbers.entry(stemmed.into()).or_insert(next);
        if term == next {
            self.places.push(Places::default());
        }
        known.insert(word, term);
        term
    }

    fn next(&self) -> u32 {
        u32::try_from(self.documents.len()).unwrap_or(u32::MAX)
    }
}

/// FNV-1a of a spelling without case and separators: the same on every machine and in every run.
fn hash(spelling: &str) -> u64 {
    let significant = spelling.bytes().filter(|byte| !matches!(byte, b'-' | b'_' | b' ' | b'.'));
    significant.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}
