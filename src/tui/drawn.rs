//! What a frame put on the screen: the report that drawing gives back, and that the guard believes.

use std::sync::Arc;

use ratatui::layout::{Position, Rect};

use super::document::Laid;
use super::guard::Seen;
use super::model::{CallKey, Tab};
use crate::base::ApprovalId;

/// The report of one frame.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drawn {
    /// The list, if there was one.
    pub list: Option<ListDrawn>,
    /// The text that was read, if there was one.
    pub text: Option<TextDrawn>,
    /// The request that was under review, as far as it was visible.
    pub seen: Option<Seen>,
    /// What a click at a place means.
    pub hits: Vec<(Rect, Hit)>,
}

/// How a list was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListDrawn {
    /// The row of the screen that the cursor is on.
    pub row: u16,
    /// Rows of the list.
    pub height: u16,
    /// Rows of one entry.
    pub each: u16,
}

/// How a text was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextDrawn {
    /// The text as it was wrapped.
    pub laid: Arc<Laid>,
    /// First row that was visible.
    pub first: usize,
    /// Rows that were visible.
    pub rows: usize,
    /// Rows of the whole text.
    pub total: usize,
}

/// What a click means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hit {
    /// A tab.
    Tab(Tab),
    /// An approval.
    Approval(ApprovalId),
    /// A call.
    Call(CallKey),
    /// A text, to scroll.
    Text,
}

impl Drawn {
    /// What is at a place.
    pub fn hit(&self, column: u16, row: u16) -> Option<&Hit> {
        let position = Position::new(column, row);
        self.hits.iter().find(|(area, _)| area.contains(position)).map(|(_, hit)| hit)
    }
}
