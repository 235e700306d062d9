//! What a query says: its words, one after another, as *concepts* — what each may be called in a name, and how
//! much it counts.

use std::cell::Cell;

use super::lexicon::{Alternative, Entry, Words};
use super::stem::{forms, stem, variants};
use super::table::{Table, Term};
use crate::catalog::names::normalize;
use crate::catalog::sentence::words::words;

/// Words of a query that are looked at.
const MAX_WORDS: usize = 40;

/// Words that may belong together.
const MAX_TOGETHER: usize = 4;

/// Words after which comes what a thing is in, of, or for.
const BESIDE: [&str; 14] =
    ["to", "of", "for", "in", "on", "at", "by", "with", "from", "into", "onto", "behind", "via", "using"];

/// Least and most that a thing counts, and most that a verb counts.
const LEAST: f32 = 0.2;
const MOST: f32 = 0.62;
const MOST_OF_VERB: f32 = 0.42;

/// What a word counts that says nothing by itself.
const STOP: f32 = 0.05;

/// What another form of a word counts: `tagging` for tag, `replication` for replicate.
const FORM: f32 = 0.85;

/// What a word behind one of these keeps of its weight.
const ASIDE: f32 = 0.65;

/// Words that begin a question about how things are. `how` does only before one of the second list: `how do I
/// delete a bucket` wants something done.
const ASKING: [&str; 13] =
    ["what", "which", "who", "whose", "where", "when", "why", "is", "are", "was", "were", "does", "has"];
const ASKING_HOW: [&str; 8] = ["many", "much", "big", "large", "long", "full", "old", "often"];

/// What a verb in a question keeps of its weight: it tells what is so, not what to do.
const TOLD: f32 = 0.6;

/// What one or several words of a query may mean.
#[derive(Debug, Default)]
pub(super) struct Concept {
    /// How much it counts.
    pub(super) weight: f32,
    /// Whether it says what to do.
    pub(super) verb: bool,
    /// Whether it could be a thing as well.
    noun: bool,
    /// Whether it asks for many (`list`).
    pub(super) many: bool,
    /// Words, and how well each says it.
    pub(super) terms: Vec<(Term, f32)>,
    /// Words that must all be there.
    pub(super) compounds: Vec<(Vec<Term>, f32)>,
    /// Two words that must stand side by side (`workgroup` is `Work Group` elsewhere).
    pub(super) pair: Option<(Term, Term)>,
    /// Services that it names, and how surely.
    pub(super) named: Vec<(u16, f32)>,
    /// Services that it lets one think of, and by how much it lifts them.
    pub(super) lifted: Vec<(u16, f32)>,
    /// Whether it says nothing by itself; only phrases hear it.
    pub(super) stop: bool,
}

/// Reads queries with a lexicon and a table.
pub(super) struct Reader<'r> {
    table: &'r Table,
    words: &'r Words<'static>,
    /// How many more misspelt words are looked at; each costs some 0.3 ms.
    slips: Cell<usize>,
}

/// Misspelt words of a query that are looked at.
const MAX_SLIPS: usize = 5;

impl<'r> Reader<'r> {
    pub(super) fn new(table: &'r Table, words: &'r Words<'static>) -> Self {
        Self { table, words, slips: Cell::new(MAX_SLIPS) }
    }

    /// The concepts of a query.
    pub(super) fn read(&self, query: &str) -> Vec<Concept> {
        let said: Vec<String> = words(query).into_iter().take(MAX_WORDS).map(stem).collect();
        let mut out: Vec<Concept> = Vec::new();
        let mut rest = said.as_slice();
        let (mut has_verb, mut has_noun, mut aside) = (false, false, false);
        while let Some(word) = rest.first() {
            let (mut concept, taken) = self.next(rest);
            rest = rest.get(taken..).unwrap_or_default();
            if concept.stop {
                aside |= has_noun && BESIDE.contains(&word.as_str());
            } else {
                // `list snapshots`: only the first word of the two is something to do.
                if concept.verb && concept.noun && (has_verb || has_noun) {
                    concept.verb = false;
                    concept.weight = self.noun_weight(&concept);
                }
                has_verb |= concept.verb;
                has_noun |= !concept.verb;
                // `snapshot of a volume`: what stands beside the thing says less than the thing.
                if aside && !concept.names_service() {
                    concept.weight *= ASIDE;
                }
            }
            out.push(concept);
        }
        if asks(query) {
            self.answer_rather_than_do(&mut out);
        }
        out
    }

    /// `why did my container stop` wants to be shown something, not a container stopped.
    fn answer_rather_than_do(&self, concepts: &mut [Concept]) {
        let looking: Vec<Term> =
            ["get", "list", "describe"].iter().filter_map(|verb| self.table.term(&stem(verb))).collect();
        let looks = |concept: &Concept| concept.terms.iter().any(|(term, _)| looking.contains(term));
        for concept in concepts.iter_mut().filter(|concept| concept.verb && !looks(concept)) {
            concept.verb = false;
            concept.weight *= TOLD;
        }
    }

    /// The concept at the beginning, and of how many words it is.
    fn next(&self, said: &[String]) -> (Concept, usize) {
        for count in (2..=MAX_TOGETHER.min(said.len())).rev() {
            let together = said.get(..count).unwrap_or_default();
            let entry = self.words.entries.get(&together.join(" "));
            let named = self.table.aliases.get(normalize(&together.concat()).as_str());
            if entry.is_some() || named.is_some() {
                return (self.concept(together, entry, named.map(Vec::as_slice)), count);
            }
        }
        let Some(word) = said.first() else { return (Concept::default(), 1) };
        if let Some(concept) = self.word(word) {
            return (concept, 1);
        }
        // `dynamo db` and `loadbalancer`: one word too many, or one too few.
        if let Some(second) = said.get(1)
            && let Some(concept) = self.word(&format!("{word}{second}"))
        {
            return (concept, 2);
        }
        let parts = split(word, |part| self.is_known(part));
        if let Some((first, second)) = parts {
            let terms: Vec<_> = [first, second].iter().filter_map(|part| self.table.term(&stem(part))).collect();
            let weight = terms.iter().map(|term| self.table.rarity(*term)).sum::<f32>().min(0.8);
            return (Concept { weight, compounds: vec![(terms, 1.0)], ..Concept::default() }, 1);
        }
        let other = variants(word).into_iter().find(|form| self.is_known(form)).or_else(|| self.misspelt(word));
        if let Some(concept) = other.and_then(|other| self.word(&other)) {
            return (concept, 1);
        }
        // Nobody knows it; a little of the query is not answered.
        let known = word.bytes().all(|byte| byte.is_ascii_digit());
        (Concept { weight: if known { 0.0 } else { 0.12 }, ..Concept::default() }, 1)
    }

    /// A single word that something knows.
    fn word(&self, word: &str) -> Option<Concept> {
        let entry = self.words.entries.get(word);
        let named = self.table.aliases.get(word);
        if self.words.stop.iter().any(|stop| stop == word) {
            let terms = self.table.term(word).map(|term| (term, 1.0)).into_iter().collect();
            return Some(Concept { weight: STOP, terms, stop: true, ..Concept::default() });
        }
        if entry.is_none() && named.is_none() && self.table.term(word).is_none() {
            return None;
        }
        Some(self.concept(&[word.to_owned()], entry, named.map(Vec::as_slice)))
    }

    fn is_known(&self, word: &str) -> bool {
        self.words.entries.contains_key(word)
            || self.table.aliases.contains_key(word)
            || self.table.term(word).is_some_and(|term| self.names(term) > 0)
    }

    fn names(&self, term: Term) -> usize {
        self.table.places.get(term as usize).map_or(0, |places| places.named.len())
    }

    fn concept(&self, said: &[String], entry: Option<&Entry<'_>>, named: Option<&[u16]>) -> Concept {
        let mut concept = Concept::default();
        let own: Vec<_> = said.iter().filter_map(|word| self.table.term(word)).collect();
        if own.len() == said.len() {
            concept.add(own, 1.0);
        }
        for alternative in entry.into_iter().flat_map(|entry| &entry.alternatives) {
            match alternative {
                Alternative::Words(words, weight) => {
                    let terms: Vec<_> = words.iter().filter_map(|word| self.table.term(word)).collect();
                    if terms.len() == words.len() {
                        concept.add(terms, *weight);
                    }
                }
                Alternative::Service(name, weight) => {
                    let at = self.table.services.iter().position(|service| service.name == *name);
                    concept.lifted.extend(at.and_then(|at| u16::try_from(at).ok()).map(|at| (at, *weight)));
                }
            }
        }
        if let [word] = said {
            for form in forms(word) {
                if let Some(term) = self.table.term(&form).filter(|term| self.names(*term) > 0) {
                    concept.add(vec![term], FORM);
                }
            }
            let parts = split(word, |part| self.table.term(part).is_some_and(|term| self.names(term) > 0));
            let part = |part| self.table.term(part);
            concept.pair = parts.and_then(|(first, second)| Some((part(first)?, part(second)?)));
        }
        let own_is_verb = concept.terms.first().is_some_and(|(term, _)| self.is_verb(*term));
        (concept.verb, concept.noun) = match entry {
            Some(entry) => (entry.verb, entry.noun || !own_is_verb),
            None => (said.len() == 1 && own_is_verb, !own_is_verb),
        };
        concept.many = concept.verb && said.iter().any(|word| matches!(word.as_str(), "list" | "ls" | "enumerate"));
        concept.weight = self.noun_weight(&concept);
        if concept.verb {
            concept.weight = concept.weight.min(MOST_OF_VERB);
        }
        if let Some(services) = named {
            // A word that many names of other services have too, like `config`, names the service less surely.
            let sure = self.sureness(said, services);
            concept.named = services.iter().map(|service| (*service, sure)).collect();
            if sure > 0.9 {
                concept.weight = concept.weight.max(0.6);
                concept.terms.iter_mut().for_each(|(_, weight)| *weight *= 0.7);
            }
        }
        concept
    }

    /// What a concept counts: as much as the rarest of the words that say it well.
    fn noun_weight(&self, concept: &Concept) -> f32 {
        let single = concept.terms.iter().map(|(term, weight)| (self.table.rarity(*term), *weight));
        let joined = concept
            .compounds
            .iter()
            .map(|(terms, weight)| (terms.iter().map(|term| self.table.rarity(*term)).fold(0.0, f32::max), *weight));
        let good = single.chain(joined).filter(|(_, weight)| *weight >= 0.85).map(|(rarity, weight)| rarity * weight);
        good.fold(0.0, f32::max).clamp(LEAST, MOST)
    }

    fn sureness(&self, said: &[String], services: &[u16]) -> f32 {
        let [word] = said else { return 1.0 };
        let well_known = services
            .iter()
            .any(|service| self.table.services.get(usize::from(*service)).is_some_and(|service| service.prior >= 0.5));
        if well_known {
            return 1.0;
        }
        let Some(term) = self.table.term(word) else { return 1.0 };
        let Some(places) = self.table.places.get(term as usize) else { return 1.0 };
        let elsewhere = places.named.iter().filter(|posting| {
            let number = *posting & !super::table::FIRST;
            number < self.table.operations
                && self.table.documents.get(number as usize).is_some_and(|doc| !services.contains(&doc.service))
        });
        match elsewhere.count() {
            0..=14 => 1.0,
            15..=60 => 0.6,
            _ => 0.4,
        }
    }

    fn is_verb(&self, term: Term) -> bool {
        self.table.places.get(term as usize).is_some_and(|places| places.first as usize * 2 > places.named.len())
    }

    /// The known word with the fewest changes, where those are few.
    fn misspelt(&self, word: &str) -> Option<String> {
        let length = word.chars().count();
        self.slips.set(self.slips.get().checked_sub(1)?);
        let most = match length {
            0..=3 => return None,
            4..=7 => 1,
            _ => 2,
        };
        let candidates = self
            .table
            .vocabulary()
            .filter(|(_, term)| self.names(*term) > 1)
            .map(|(known, term)| (known, self.names(term)))
            .chain(self.table.aliases.keys().map(|alias| (&**alias, 50)))
            .chain(self.words.entries.keys().map(|said| (said.as_str(), 50)));
        let mut best: Option<(usize, std::cmp::Reverse<usize>, &str)> = None;
        for (known, count) in candidates {
            if known.len().abs_diff(word.len()) > most || known.len() < 4 {
                continue;
            }
            let changes = strsim::damerau_levenshtein(known, word);
            if changes <= most {
                let found = (changes, std::cmp::Reverse(count), known);
                best = Some(best.map_or(found, |best| best.min(found)));
            }
        }
        best.map(|(_, _, known)| known.to_owned())
    }
}

impl Concept {
    fn add(&mut self, mut terms: Vec<Term>, weight: f32) {
        match terms.as_slice() {
            [] => {}
            [term] => match self.terms.iter_mut().find(|(known, _)| known == term) {
                Some((_, known)) => *known = known.max(weight),
                None => self.terms.push((*term, weight)),
            },
            _ => {
                terms.dedup();
                self.compounds.push((terms, weight));
            }
        }
    }
}

/// Whether a query asks how things are.
pub(super) fn asks(query: &str) -> bool {
    let mut said = query.split_whitespace().map(str::to_lowercase);
    match said.next().as_deref() {
        Some("how") => said.next().is_some_and(|second| ASKING_HOW.contains(&second.as_str())),
        Some(first) => ASKING.contains(&first.trim_end_matches("'s")),
        None => false,
    }
}

/// A word as two known ones.
fn split(word: &str, is_known: impl Fn(&str) -> bool) -> Option<(&str, &str)> {
    let splits = word.char_indices().map(|(at, _)| at).filter(|at| *at >= 3 && word.len() - at >= 3);
    let mut parts = splits.filter_map(|at| word.split_at_checked(at));
    parts.find(|(first, second)| is_known(first) && is_known(second))
}
