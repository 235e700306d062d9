//! Calls page by page, the newest first, so that a ledger of any size is never in memory as a whole.

use crate::audit::{CallRow, Filter};
use crate::ledger::{CallQuery, Ledger, LedgerError};

/// Calls read at a time.
const PAGE: u64 = 500;

/// The calls a filter selects, as far as they are wanted.
pub(super) struct Pages<'a> {
    ledger: &'a Ledger,
    next: CallQuery,
    left: u64,
}

impl<'a> Pages<'a> {
    /// At most `limit` of them.
    pub(super) fn new(ledger: &'a Ledger, filter: Filter, limit: u64) -> Self {
        Self { ledger, next: CallQuery { filter, ..CallQuery::default() }, left: limit }
    }

    /// The next page; empty at the end.
    pub(super) async fn next(&mut self) -> Result<Vec<CallRow>, LedgerError> {
        let wanted = self.left.min(PAGE);
        if wanted == 0 {
            return Ok(Vec::new());
        }
        self.next.limit = u32::try_from(wanted).unwrap_or(u32::MAX);
        let page = self.ledger.calls(&self.next).await?;
        let got = u64::try_from(page.len()).unwrap_or(u64::MAX);
        // A page that is not full was the last one.
        self.left = if got < wanted { 0 } else { self.left.saturating_sub(got) };
        self.next.before = page.last().map(|row| row.tx.clone());
        Ok(page)
    }
}
