//! Search over all operations in everyday words. Everything it knows of the language is in `assets/search`:
//! words and what operations call them, services and how often people mean them, phrases.

mod lexicon;
mod query;
mod rank;
mod searcher;
mod stem;
mod table;

#[cfg(test)]
mod tests;

pub use searcher::{Hit, Searcher};
