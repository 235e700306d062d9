//! What callers use: a searcher, made once of an index.

use super::lexicon::{self, Words};
use super::query::{Reader, asks};
use super::rank::Ranking;
use super::table::Table;
use crate::catalog::Index;
use crate::catalog::names::normalize;

/// Bytes of a query that are looked at.
const MAX_QUERY: usize = 512;

/// What an operation outside of the hinted services keeps of its score.
const OUTSIDE: f32 = 0.55;

/// What an operation that the query names exactly gains.
const EXACT: f32 = 1.0;

/// One operation found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Canonical service name.
    pub service: String,
    /// Exact operation name.
    pub operation: String,
    /// How well it answers; from 0 to about 1, above that when the query names the operation itself.
    pub score: f32,
}

/// Searches all operations of an index in everyday words, AWS CLI spellings and names.
#[derive(Debug)]
pub struct Searcher {
    table: Table,
    words: Words<'static>,
}

impl Searcher {
    /// Prepares an index: some 20 ms and 4 MB for all of AWS.
    pub fn new(index: &Index) -> Self {
        Self { table: Table::of(index), words: lexicon::words() }
    }

    /// The operations that answer a query best, best first, at most `limit`. A hint (a service in any spelling)
    /// favours its operations strongly and excludes no others.
    pub fn search(&self, query: &str, service_hint: Option<&str>, limit: usize) -> Vec<Hit> {
        let query = prefix(query, MAX_QUERY);
        let reader = Reader::new(&self.table, &self.words);
        let concepts = reader.read(query);
        let mut scores = vec![0.0_f32; self.table.operations as usize];
        for (number, score) in Ranking::new(&self.table).scores(&concepts, asks(query)) {
            let Some(document) = self.table.documents.get(number as usize) else { continue };
            if let Some(known) = scores.get_mut(document.operation as usize) {
                // A name and a phrase that both fit support each other a little.
                let (high, low) = if *known > score { (*known, score) } else { (score, *known) };
                *known = high + 0.05 * low;
            }
        }
        for operation in self.named(query) {
            if let Some(score) = scores.get_mut(operation as usize) {
                *score += EXACT;
            }
        }
        let hinted = service_hint.map(|hint| self.hinted(hint)).filter(|services| !services.is_empty());
        let mut found: Vec<(f32, u32)> = (0..self.table.operations)
            .zip(scores)
            .filter(|(_, score)| *score > 0.0)
            .map(|(operation, score)| {
                let service = self.table.documents.get(operation as usize).map(|document| document.service);
                let outside =
                    hinted.as_ref().is_some_and(|hinted| !service.is_some_and(|service| hinted.contains(&service)));
                (if outside { score * OUTSIDE } else { score }, operation)
            })
            .collect();
        let order = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if found.len() > limit && limit > 0 {
            found.select_nth_unstable_by(limit - 1, order);
        }
        found.truncate(limit);
        found.sort_unstable_by(order);
        found.into_iter().filter_map(|(score, operation)| self.hit(operation, score)).collect()
    }

    fn hit(&self, operation: u32, score: f32) -> Option<Hit> {
        let document = self.table.documents.get(operation as usize)?;
        let service = self.table.services.get(usize::from(document.service))?;
        Some(Hit { service: service.name.clone(), operation: self.table.name(operation).to_owned(), score })
    }

    /// Services that a hint may mean.
    fn hinted(&self, hint: &str) -> Vec<u16> {
        let wanted = normalize(prefix(hint, 64));
        if let Some(services) = self.table.aliases.get(wanted.as_str()) {
            return services.clone();
        }
        let bare = ["amazon", "aws"].iter().find_map(|maker| wanted.strip_prefix(maker)).unwrap_or(&wanted);
        if let Some(services) = self.table.aliases.get(bare) {
            return services.clone();
        }
        let close = self.table.aliases.iter().filter(|(alias, _)| {
            bare.len() >= 3 && (alias.starts_with(bare) || strsim::normalized_damerau_levenshtein(alias, bare) >= 0.8)
        });
        close.flat_map(|(_, services)| services.iter().copied()).collect()
    }

    /// Operations whose very name stands in the query: `ListBuckets`, `list-buckets`, `s3:ListBuckets`,
    /// `aws s3api list-buckets`. Plain words are no names: `search` and `list security groups` are wishes.
    fn named(&self, query: &str) -> Vec<u32> {
        let tokens: Vec<&str> = query
            .split(|ch: char| ch.is_whitespace() || ":,;()'\"`/.".contains(ch))
            .filter(|token| !token.is_empty())
            .collect();
        let spellings: Vec<String> = tokens.iter().map(|token| normalize(token)).collect();
        let services: Vec<u16> =
            spellings.iter().filter_map(|token| self.table.aliases.get(token.as_str())).flatten().copied().collect();
        let is_command = tokens.first().is_some_and(|first| first.eq_ignore_ascii_case("aws"));
        let is_alone = tokens.len() == 1;
        let mut found = Vec::new();
        for (token, spelling) in tokens.iter().zip(&spellings) {
            let joined = token.chars().skip(1).any(|ch| ch.is_uppercase() || matches!(ch, '-' | '_'));
            if !(joined || is_command || is_alone || query.contains(':')) {
                continue;
            }
            let hits: Vec<u32> = self.table.exact(spelling).collect();
            let within = |operation: &&u32| {
                let service = self.table.documents.get(**operation as usize).map(|document| document.service);
                service.is_some_and(|service| services.contains(&service))
            };
            let inside: Vec<u32> = hits.iter().filter(within).copied().collect();
            found.extend(if inside.is_empty() { hits } else { inside });
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn prefix(text: &str, max: usize) -> &str {
    let end = text.char_indices().map(|(at, _)| at).find(|at| *at >= max).unwrap_or(text.len());
    text.get(..end).unwrap_or(text)
}
