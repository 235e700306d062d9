//! A text that is read: its facts stay on top where they leave enough room, the rest scrolls. Nothing is cut.

use std::sync::Arc;

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::tui::document::{Document, Laid};
use crate::tui::drawn::{Hit, TextDrawn};
use crate::tui::text::Row;

/// Rows that must remain to scroll in, or the facts scroll too.
const LEAST: usize = 5;

/// Draws `text` from row `scroll` on. `covered` rows at the bottom of the area will be drawn over by the caller.
pub(super) fn draw(
    canvas: &mut Canvas<'_, '_>,
    area: Rect,
    text: &Document,
    laid: Option<&Arc<Laid>>,
    scroll: usize,
    covered: u16,
) -> TextDrawn {
    let inner = Rect::new(area.x + 1, area.y, area.width.saturating_sub(2), area.height);
    let laid = match laid {
        Some(laid) if laid.width == inner.width => Arc::clone(laid),
        _ => Arc::new(text.lay(inner.width, canvas.theme)),
    };
    let height = usize::from(inner.height);
    let facts = laid.facts.len();
    let pinned = height.checked_sub(facts).is_some_and(|left| left >= LEAST.max(height / 4));
    let mut view = inner;
    let total = if pinned {
        let used = canvas.rows(inner, &laid.facts);
        view = Rect::new(inner.x, inner.y + used, inner.width, inner.height - used);
        laid.body.len()
    } else {
        facts + laid.body.len()
    };
    let height = usize::from(view.height);
    let first = scroll.min(total.saturating_sub(height));
    let scrolled: Vec<Row> = if pinned {
        laid.body.iter().skip(first).take(height).cloned().collect()
    } else {
        laid.facts.iter().chain(&laid.body).skip(first).take(height).cloned().collect()
    };
    canvas.rows(view, &scrolled);
    canvas.hit(area, Hit::Text);
    let rows = (total - first).min(height).saturating_sub(usize::from(covered));
    TextDrawn { laid, first, rows, total }
}
