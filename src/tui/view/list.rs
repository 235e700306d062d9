//! A list of entries of one or more rows, with the cursor held where it is.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::tui::drawn::{Hit, ListDrawn};
use crate::tui::model::window;
use crate::tui::text::Row;

/// An entry as it is drawn.
pub(super) struct Entry {
    /// Rows above it that belong to no entry.
    pub(super) above: Vec<Row>,
    /// Its rows, already as wide as the list.
    pub(super) rows: Vec<Row>,
    /// What a click on it means.
    pub(super) hit: Hit,
}

/// A list.
pub(super) struct List<F> {
    /// How many entries there are.
    pub(super) len: usize,
    /// Rows of the entry with this index, those above it included.
    pub(super) height: fn(usize, u16, usize) -> u16,
    /// Rows of an entry alone.
    pub(super) each: u16,
    /// The first entry that has a row above it.
    pub(super) headed: usize,
    /// Which entry the cursor is on.
    pub(super) selected: usize,
    /// On which row of the screen.
    pub(super) row: u16,
    /// Whether the keys go here.
    pub(super) active: bool,
    /// Draws an entry.
    pub(super) entry: F,
}

impl<F: FnMut(usize) -> Option<Entry>> List<F> {
    /// Draws as many as find room.
    pub(super) fn draw(mut self, canvas: &mut Canvas<'_, '_>, area: Rect) {
        let height = |index: usize| (self.height)(index, self.each, self.headed);
        let (first, row) = window(self.len, height, self.selected, self.row, area.height);
        canvas.drawn.list = Some(ListDrawn { row, height: area.height, each: self.each });
        let mut y = area.y;
        for index in first..self.len {
            let Some(entry) = (self.entry)(index) else { break };
            let top = Rect::new(area.x, y, area.width, area.bottom().saturating_sub(y));
            y += canvas.rows(top, &entry.above);
            let room = Rect::new(area.x, y, area.width, area.bottom().saturating_sub(y));
            let used = canvas.rows(room, &entry.rows);
            let place = Rect::new(area.x, y, area.width, used);
            if index == self.selected && self.active {
                canvas.highlight(place);
            }
            canvas.hit(place, entry.hit);
            y += used;
            if y >= area.bottom() {
                break;
            }
        }
    }
}

/// Rows of an entry when one entry has a heading above it.
pub(super) fn height(index: usize, each: u16, headed: usize) -> u16 {
    each + u16::from(index == headed)
}
