//! The calls on the second tab, oldest first as they came in, and the one that is open.

use std::sync::Arc;

use tui_textarea::TextArea;

use super::Cursor;
use super::approvals::rows_between;
use crate::audit::{CallRow, Event, Filter};
use crate::base::{Timestamp, TxId};
use crate::tui::document::{Document, Laid, Look};

/// How many calls are read at once.
pub const PAGE: usize = 200;

/// What a call is found by: it sorts as the list does and never changes.
pub type CallKey = (Timestamp, TxId);

/// The list of calls.
#[derive(Debug, Clone)]
pub struct Audit {
    rows: Vec<CallRow>,
    /// Whether they have been read at all.
    pub loaded: bool,
    /// Why they could not be read the last time.
    pub problem: Option<String>,
    /// Whether the oldest call is among them.
    pub complete: bool,
    /// Whether calls between the latest page and the known ones are still being read.
    pub gap: bool,
    /// Which calls are shown.
    pub filter: Filter,
    /// The same, as it was written.
    pub filter_text: String,
    /// Where the cursor is.
    pub cursor: Cursor<CallKey>,
    /// Whether the cursor goes with the latest call.
    pub follow: bool,
    /// The call that is open.
    pub open: Option<Opened>,
    /// The line in which a filter is being written.
    pub line: Option<Box<TextArea<'static>>>,
}

/// A call that is open.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// Its row.
    pub call: CallRow,
    /// Its text; of the row alone until the events are here.
    pub text: Document,
    /// The text as last wrapped.
    pub laid: Option<Arc<Laid>>,
    /// First row of the text on the screen.
    pub scroll: usize,
    /// Why its events could not be read.
    pub problem: Option<String>,
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            loaded: false,
            problem: None,
            complete: false,
            gap: false,
            filter: Filter::default(),
            filter_text: String::new(),
            line: None,
            cursor: Cursor::default(),
            follow: true,
            open: None,
        }
    }
}

impl Audit {
    /// All that have been read, oldest first.
    pub fn rows(&self) -> &[CallRow] {
        &self.rows
    }

    /// The oldest of them: older pages end before it.
    pub fn oldest(&self) -> Option<&CallRow> {
        self.rows.first()
    }

    /// The one under the cursor.
    pub fn selected(&self) -> Option<&CallRow> {
        self.rows.get(self.selected_index()?)
    }

    /// Its place in the list.
    pub fn selected_index(&self) -> Option<usize> {
        let key = self.cursor.id.as_ref()?;
        self.rows.binary_search_by(|row| (row.at, &row.tx).cmp(&(key.0, &key.1))).ok()
    }

    /// Takes newer or further rows in. The cursor stays on its call, or on the latest while it follows.
    /// Returns whether any of them was known.
    pub fn merge(&mut self, rows: Vec<CallRow>) -> bool {
        let mut overlap = false;
        for row in rows {
            match self.rows.binary_search_by(|known| (known.at, &known.tx).cmp(&(row.at, &row.tx))) {
                Ok(index) => {
                    overlap = true;
                    if let Some(known) = self.rows.get_mut(index).filter(|known| known.last_seq <= row.last_seq) {
                        *known = row;
                    }
                }
                Err(index) => self.rows.insert(index, row),
            }
        }
        self.loaded = true;
        self.problem = None;
        if self.follow || self.cursor.id.is_none() {
            self.go_last();
        }
        overlap
    }

    /// Shows other calls; they have to be read.
    pub fn narrow(&mut self, filter: Filter, text: String) {
        *self = Self { filter, filter_text: text, ..Self::default() };
    }

    /// A person moves the cursor; on the last call it follows.
    pub fn choose(&mut self, index: usize, each: u16) {
        let from = self.selected_index().unwrap_or(0);
        let Some(row) = self.rows.get(index) else { return };
        self.cursor.go((row.at, row.tx.clone()), rows_between(from, index, each));
        self.follow = index + 1 == self.rows.len();
    }

    /// To the latest call.
    pub fn go_last(&mut self) {
        if let Some(last) = self.rows.last() {
            self.cursor = Cursor { id: Some((last.at, last.tx.clone())), row: u16::MAX };
        }
    }

    /// Opens the call under the cursor; its events have to be read.
    pub fn open(&mut self, look: &Look) -> Option<TxId> {
        let call = self.selected()?.clone();
        let tx = call.tx.clone();
        let text = Document::transaction(&call, &[], look);
        self.open = Some(Opened { call, text, laid: None, scroll: 0, problem: None });
        Some(tx)
    }
}

impl Opened {
    /// Takes its row and its events as they are now.
    pub fn renew(&mut self, call: CallRow, events: &[Event], look: &Look) {
        self.text = Document::transaction(&call, events, look);
        self.call = call;
        self.laid = None;
        self.problem = None;
    }
}
