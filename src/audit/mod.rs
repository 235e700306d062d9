//! Floor 2: the vocabulary of the ledger. What is recorded ([`Event`]), how records are chained
//! ([`chain`]), the one-row summary of a call ([`CallRow`]), the language that selects rows ([`filter`]) and the forms
//! in which they leave the ledger ([`export`]).

pub mod chain;
pub mod event;
pub mod export;
pub mod filter;

pub use chain::{Broken, Head};
pub use event::{CallRow, Event, Kind, NewEvent, Outcome};
pub use filter::{Filter, FilterError, Pattern};
