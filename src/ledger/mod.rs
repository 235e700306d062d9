//! Floor 5: the ledger, through sqlx. A hash-chained list of events, the calls and approvals they amount to,
//! and the switches that all engines share. [`Ledger`] is the only way in.

mod approvals;
mod engines;
mod error;
mod grants;
mod handle;
mod policies;
mod prepare;
mod query;
mod read;
mod rows;
mod rules;
mod schema;
mod sqlite;
mod state;
mod tail;
mod transition;
mod verify;
mod work;
mod writer;

#[cfg(test)]
mod tests;

pub use engines::Orphans;
pub use error::LedgerError;
pub use handle::Ledger;
pub use policies::{Placed, PolicyVersion};
pub use query::CallQuery;
pub use read::Counts;
pub use rules::RuleHits;
pub use transition::{Opened, Transition};
pub use verify::Verified;
