//! How well each operation answers a query: how much of the query it covers, and how much of its own name the
//! query covers.

use super::query::Concept;
use super::table::{FIRST, REQUIRED, Table};

/// What a word in a member's name counts, beside one in the operation's name.
const MEMBER: f32 = 0.33;
const REQUIRED_MEMBER: f32 = 0.42;

/// A verb of at most so many operations tells them by itself (`unsubscribe`).
const FEW: usize = 60;

/// What a document outside of the services that the query names keeps of its score.
const ELSEWHERE: f32 = 0.85;

/// How well two words in a name say the one word of a query.
const PAIR: f32 = 0.95;

/// What a document keeps of its score when it does nothing of what the query wants done.
const UNDONE: f32 = 0.72;

/// What a verb counts at a single thing when many are asked for.
const NOT_MANY: f32 = 0.75;

/// Words that stand in more operations' members than this say nothing there.
const MANY_MEMBERS: usize = 2500;

/// What begins the names of operations, and how much these are liked; the first that fits holds.
type Likings = [(&'static [&'static str], f32)];

/// Where the query says no verb: people rather look than change, and rather change than delete.
const LIKINGS: &Likings =
    &[(&["Get", "List", "Describe"], 1.0), (&["Put", "Create"], 0.97), (&["Delete"], 0.9), (&[""], 0.94)];

/// Where the query asks how things are, an operation that changes them is no answer.
const ANSWERS: &Likings = &[
    (&["Get", "List", "Describe", "Lookup", "Search", "Head", "Query", "Select", "Filter", "View", "Check"], 1.0),
    (&["BatchGet", "BatchDescribe", "BatchList", "Test", "Simulate", "Validate", "Preview", "Estimate"], 1.0),
    (&[""], 0.75),
];

/// Scores of all documents for one query.
pub(super) struct Ranking<'t> {
    table: &'t Table,
    /// Covered of the query.
    covered: Vec<f32>,
    /// Covered of the document's own words.
    matched: Vec<f32>,
    /// How well the document says what to do.
    done: Vec<f32>,
    /// Whether it belongs to a service that the query names surely, or a phrase says that name.
    inside: Vec<bool>,
    /// For the present concept: how well a document says it, and what of its words that takes.
    best: Vec<(f32, f32)>,
    touched: Vec<u32>,
    all: Vec<u32>,
}

impl<'t> Ranking<'t> {
    pub(super) fn new(table: &'t Table) -> Self {
        let count = table.documents.len();
        Self {
            table,
            covered: vec![0.0; count],
            matched: vec![0.0; count],
            done: vec![0.0; count],
            inside: vec![false; count],
            best: vec![(0.0, 0.0); count],
            touched: Vec::new(),
            all: Vec::new(),
        }
    }

    /// Scores of the documents that answer some of the query, in no order. `asks`: it asks how things are.
    pub(super) fn scores(mut self, concepts: &[Concept], asks: bool) -> Vec<(u32, f32)> {
        // Verbs alone touch a third of all operations: they only count where something else holds.
        let (verbs, others): (Vec<_>, Vec<_>) = concepts.iter().partition(|concept| concept.verb);
        let has_others = others.iter().any(|concept| !concept.stop && concept.says_something());
        for concept in others {
            self.add(concept, false);
        }
        for concept in verbs {
            self.add(concept, has_others);
        }
        self.lift(concepts);
        let total: f32 = concepts.iter().map(|concept| concept.weight).sum();
        let without_verb =
            (!concepts.iter().any(|concept| concept.verb)).then_some(if asks { ANSWERS } else { LIKINGS });
        let names_service = concepts.iter().any(Concept::names_service);
        let all = std::mem::take(&mut self.all);
        let score = |number| {
            let inside = !names_service || self.inside.get(number as usize).copied().unwrap_or(false);
            self.score(number, total, without_verb) * if inside { 1.0 } else { ELSEWHERE }
        };
        all.into_iter().map(|number| (number, score(number))).collect()
    }

    fn score(&self, number: u32, total: f32, without_verb: Option<&Likings>) -> f32 {
        let at = number as usize;
        let Some(document) = self.table.documents.get(at) else { return 0.0 };
        let covered = self.covered.get(at).copied().unwrap_or(0.0) / total.max(0.01);
        let own = (self.matched.get(at).copied().unwrap_or(0.0) / document.weight).min(1.0);
        let is_phrase = number >= self.table.operations;
        let mut score = if is_phrase {
            // A phrase is meant as a whole.
            covered.min(1.0) * (0.3 + 0.7 * own)
        } else {
            covered.min(1.1) * (0.6 + 0.4 * own)
        };
        let prior = self.table.services.get(usize::from(document.service)).map_or(0.0, |service| service.prior);
        // What is commonly meant wins among equals; who says a phrase means it.
        score *= if is_phrase { 0.84 + 0.16 * prior } else { 0.72 + 0.28 * prior };
        if document.deprecated {
            score *= 0.8;
        }
        if let Some(likings) = without_verb {
            return if is_phrase { score } else { score * self.liking(number, likings) };
        }
        // What does something else is no answer, however well the rest fits. A phrase does what its operation does.
        let done = |number: u32| self.done.get(number as usize).copied().unwrap_or(0.0);
        let done = done(number).max(if is_phrase { done(document.operation) } else { 0.0 });
        score * (UNDONE + (1.0 - UNDONE) * done.min(1.0))
    }

    /// How much an operation is liked where the query says no verb.
    fn liking(&self, number: u32, likings: &[(&[&str], f32)]) -> f32 {
        let verb = self.table.name(number);
        let liked = likings.iter().find(|(starts, _)| starts.iter().any(|start| verb.starts_with(start)));
        liked.map_or(1.0, |(_, liking)| *liking)
    }

    /// Adds what a concept contributes. `only_known`: only to documents that something else touched.
    fn add(&mut self, concept: &Concept, only_known: bool) {
        self.touched.clear();
        for (term, weight) in &concept.terms {
            let Some(places) = self.table.places.get(*term as usize) else { continue };
            for posting in &places.named {
                let number = posting & !FIRST;
                let is_phrase = number >= self.table.operations;
                if concept.stop && !is_phrase {
                    continue;
                }
                let fits = is_phrase || concept.verb == (posting & FIRST != 0);
                let plural = self.table.documents.get(number as usize).is_some_and(|document| document.plural);
                let place = match (fits, concept.many && !plural && !is_phrase) {
                    (false, _) => 0.75,
                    (true, true) => NOT_MANY,
                    (true, false) => 1.0,
                };
                let own = self.own(number, *term);
                self.offer(number, weight * place, own * weight, only_known && places.named.len() > FEW);
            }
            if places.members.len() <= MANY_MEMBERS && !concept.stop {
                for posting in &places.members {
                    let value = if posting & REQUIRED != 0 { REQUIRED_MEMBER } else { MEMBER };
                    self.offer(posting & !REQUIRED, value * weight, 0.0, only_known);
                }
            }
        }
        for (terms, weight) in &concept.compounds {
            self.compound(terms, *weight, only_known);
        }
        if let Some((first, second)) = concept.pair {
            self.pair(first, second, only_known);
        }
        for (service, sure) in &concept.named {
            let documents = self.table.services.get(usize::from(*service)).map(|service| service.documents.clone());
            for number in documents.into_iter().flatten() {
                self.offer(number, *sure, 0.0, only_known);
            }
            self.lift_phrases(*service, *sure, false);
        }
        self.settle(concept);
    }

    /// Documents that have all words; members' words count less.
    fn compound(&mut self, terms: &[u32], weight: f32, only_known: bool) {
        let places: Vec<_> = terms.iter().filter_map(|term| self.table.places.get(*term as usize)).collect();
        let Some(rarest) = places.iter().min_by_key(|places| places.named.len() + places.members.len()) else { return };
        for posting in &rarest.named {
            let number = posting & !FIRST;
            let own = self.table.document_terms(number);
            if terms.iter().all(|term| own.iter().any(|(known, _)| known == term)) {
                let own = terms.iter().map(|term| self.own(number, *term)).sum::<f32>();
                self.offer(number, weight, own * weight, only_known);
            }
        }
        let has = |postings: &[u32], number: u32| {
            postings.binary_search_by_key(&number, |posting| posting & !REQUIRED).is_ok()
        };
        for posting in &rarest.members {
            let number = posting & !REQUIRED;
            if places.iter().all(|places| has(&places.members, number)) {
                self.offer(number, weight * MEMBER, 0.0, only_known);
            }
        }
    }

    /// Documents in which two words stand side by side.
    fn pair(&mut self, first: u32, second: u32, only_known: bool) {
        let Some(places) = self.table.places.get(first as usize) else { return };
        for posting in &places.named {
            let number = posting & !FIRST;
            let terms = self.table.document_terms(number);
            let beside = |pair: &[(u32, f32)]| matches!(pair, [(a, _), (b, _)] if *a == first && *b == second);
            if terms.windows(2).any(beside) {
                let own = self.own(number, first) + self.own(number, second);
                self.offer(number, PAIR, own, only_known);
            }
        }
    }

    /// Lifts what already answers something in the services that the query lets one think of.
    fn lift(&mut self, concepts: &[Concept]) {
        self.all.sort_unstable();
        self.all.dedup();
        for concept in concepts {
            for (service, lift) in &concept.lifted {
                for number in &self.all {
                    let at = *number as usize;
                    let inside = self.table.documents.get(at).is_some_and(|document| document.service == *service);
                    if let Some(covered) = self.covered.get_mut(at).filter(|_| inside) {
                        *covered += concept.weight * lift * 0.5;
                    }
                }
            }
        }
    }

    /// A service that the query names counts for phrases too.
    fn lift_phrases(&mut self, service: u16, sure: f32, only_touched: bool) {
        let phrases = self.table.operations..u32::try_from(self.table.documents.len()).unwrap_or(0);
        for number in phrases {
            if self.table.documents.get(number as usize).is_some_and(|document| document.service == service) {
                self.offer(number, sure, 0.0, only_touched);
            }
        }
    }

    /// What a word weighs in a document.
    fn own(&self, number: u32, term: u32) -> f32 {
        self.table.document_terms(number).iter().find(|(known, _)| *known == term).map_or(0.0, |(_, weight)| *weight)
    }

    fn offer(&mut self, number: u32, value: f32, own: f32, only_known: bool) {
        let at = number as usize;
        if only_known && self.covered.get(at).is_none_or(|covered| *covered <= 0.0) {
            return;
        }
        let Some(best) = self.best.get_mut(at) else { return };
        if best.0 <= 0.0 && value > 0.0 {
            self.touched.push(number);
        }
        if (value, own) > *best {
            *best = (value, own.max(best.1));
        }
    }

    /// Moves what the present concept gave into the sums.
    fn settle(&mut self, concept: &Concept) {
        for number in &self.touched {
            let at = *number as usize;
            let (Some(best), Some(covered), Some(matched)) =
                (self.best.get_mut(at), self.covered.get_mut(at), self.matched.get_mut(at))
            else {
                continue;
            };
            let (value, own) = std::mem::take(best);
            *covered += concept.weight * value;
            *matched += own;
            if concept.names_service()
                && let (Some(inside), Some(document)) = (self.inside.get_mut(at), self.table.documents.get(at))
            {
                let named = concept.named.iter().any(|(service, _)| *service == document.service);
                *inside |= named || *number >= self.table.operations;
            }
            if concept.verb
                && let Some(done) = self.done.get_mut(at)
            {
                *done = done.max(value);
            }
        }
        self.all.append(&mut self.touched);
    }
}

impl Concept {
    /// Whether it names a service, surely.
    pub(super) fn names_service(&self) -> bool {
        self.named.iter().any(|(_, sure)| *sure > 0.9)
    }

    fn says_something(&self) -> bool {
        !self.terms.is_empty() || !self.compounds.is_empty() || !self.named.is_empty()
    }
}
