//! A frame to write rows of text on. Nothing outside of it can be written to.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use crate::tui::drawn::{Drawn, Hit};
use crate::tui::text::Row;
use crate::tui::theme::{Role, Theme};

/// A frame, the theme it is drawn in, and the report that is made on the way.
pub(super) struct Canvas<'a, 'b> {
    pub(super) frame: &'a mut Frame<'b>,
    pub(super) theme: Theme,
    pub(super) drawn: Drawn,
}

impl Canvas<'_, '_> {
    /// Writes a row; what does not fit is not written. Callers cut or wrap before.
    pub(super) fn row(&mut self, x: u16, y: u16, width: u16, row: &Row) {
        let area = Rect::new(x, y, width, 1).intersection(self.frame.area());
        if !area.is_empty() {
            // What was there before must not shine through.
            let width = u16::try_from(row.width()).unwrap_or(u16::MAX).min(area.width);
            self.clear(Rect { width, ..area });
            self.frame.buffer_mut().set_line(area.x, area.y, &row.line(self.theme), area.width);
        }
    }

    /// Writes rows from the top of an area; returns how many found room.
    pub(super) fn rows(&mut self, area: Rect, rows: &[Row]) -> u16 {
        let mut y = area.y;
        for row in rows {
            if y >= area.bottom() {
                break;
            }
            self.row(area.x, y, area.width, row);
            y += 1;
        }
        y - area.y
    }

    /// A horizontal line across an area's first row.
    pub(super) fn rule(&mut self, area: Rect) {
        let rule = Row::new().own(Role::Rule, self.theme.glyphs().rule.repeat(usize::from(area.width)));
        self.row(area.x, area.y, area.width, &rule);
    }

    /// A vertical line down an area's first column.
    pub(super) fn bar(&mut self, area: Rect) {
        let bar = Row::new().own(Role::Rule, self.theme.glyphs().bar);
        for y in area.top()..area.bottom() {
            self.row(area.x, y, 1, &bar);
        }
    }

    /// Empties an area.
    pub(super) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.frame.area());
        let buffer = self.frame.buffer_mut();
        for position in area.positions() {
            if let Some(cell) = buffer.cell_mut(position) {
                cell.reset();
            }
        }
    }

    /// Marks an area as the one under the cursor, right of the cursor's own column and the mark of the risk.
    /// What was reversed within stays apart; of colours only that of the mark is kept.
    pub(super) fn highlight(&mut self, area: Rect) {
        let area = area.intersection(self.frame.area());
        let buffer = self.frame.buffer_mut();
        for position in area.positions().filter(|position| position.x > area.x) {
            if let Some(cell) = buffer.cell_mut(position) {
                cell.modifier.toggle(Modifier::REVERSED);
                cell.modifier.remove(Modifier::DIM);
                if position.x > area.x + 1 {
                    cell.set_fg(Color::Reset);
                }
            }
        }
    }

    /// Remembers what a click means.
    pub(super) fn hit(&mut self, area: Rect, hit: Hit) {
        self.drawn.hits.push((area, hit));
    }
}
