//! Floor 2: the vocabulary of the ledger. What is recorded ([`Event`]), how records are chained
//! ([`chain`]) and the one-row summary of a call ([`CallRow`]).

pub mod chain;
pub mod event;

pub use event::{CallRow, Event, Kind, NewEvent, Outcome};
