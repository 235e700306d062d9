//! Rows of text with roles: measured, joined, cut and wrapped by graphemes. Wrapping never loses anything.

use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;

use super::theme::{Role, Theme};
use crate::base::shown::grapheme_width;
use crate::base::{Part, Shown};

#[cfg(test)]
mod tests;

/// A stretch of text of one role. Untrusted text gets in through [`Row::shown`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    role: Role,
    text: String,
}

/// One row of a screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row(Vec<Piece>);

impl Row {
    /// Nothing.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// With our own words added.
    #[must_use]
    pub fn own(mut self, role: Role, text: impl Into<String>) -> Self {
        self.push(role, text.into());
        self
    }

    /// With untrusted text added, what was written out set apart.
    #[must_use]
    pub fn shown(mut self, role: Role, text: &Shown) -> Self {
        for part in text.parts() {
            match part {
                Part::Plain(text) => self.push(role, text.to_owned()),
                Part::Made(text) => self.push(Role::Hidden, text.to_owned()),
            }
        }
        self
    }

    /// With another row behind it.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.graphemes().map(|(_, grapheme)| grapheme_width(grapheme)).sum()
    }

    /// Whether there is nothing on it.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|piece| piece.text.is_empty())
    }

    /// Its text alone.
    pub fn text(&self) -> String {
        self.0.iter().map(|piece| piece.text.as_str()).collect()
    }

    /// Cut to `width` columns, marked where something is missing. For lists; never for a review.
    #[must_use]
    pub fn cut(self, width: usize, theme: Theme) -> Self {
        if self.width() <= width {
            return self;
        }
        let mut out = Self::new();
        let mut left = width.saturating_sub(1);
        for (role, grapheme) in self.graphemes() {
            let columns = grapheme_width(grapheme);
            if columns > left {
                break;
            }
            left -= columns;
            out.push(role, grapheme.to_owned());
        }
        if width == 0 { out } else { out.own(Role::Dim, theme.glyphs().cut) }
    }

    /// Cut or filled up to exactly `width` columns.
    #[must_use]
    pub fn fit(self, width: usize, theme: Theme) -> Self {
        let row = self.cut(width, theme);
        let missing = width.saturating_sub(row.width());
        row.own(Role::Plain, " ".repeat(missing))
    }

    /// Filled up on the left to `width` columns.
    #[must_use]
    pub fn right(self, width: usize, theme: Theme) -> Self {
        let row = self.cut(width, theme);
        let missing = width.saturating_sub(row.width());
        Self::new().own(Role::Plain, " ".repeat(missing)).join(row)
    }

    /// The same text in one role.
    #[must_use]
    pub fn all(mut self, role: Role) -> Self {
        for piece in &mut self.0 {
            if piece.role != Role::Hidden {
                piece.role = role;
            }
        }
        self
    }

    /// For ratatui.
    pub fn line(&self, theme: Theme) -> Line<'_> {
        Line::from_iter(self.0.iter().map(|piece| Span::styled(piece.text.as_str(), theme.style(piece.role))))
    }

    fn push(&mut self, role: Role, text: String) {
        match self.0.last_mut() {
            Some(last) if last.role == role => last.text.push_str(&text),
            _ if text.is_empty() => {}
            _ => self.0.push(Piece { role, text }),
        }
    }

    fn graphemes(&self) -> impl Iterator<Item = (Role, &str)> {
        self.0.iter().flat_map(|piece| piece.text.graphemes(true).map(|grapheme| (piece.role, grapheme)))
    }
}

/// Two rows on one: `left`, and `right` at the far end; `left` gives way.
pub fn spread(left: Row, right: Row, width: usize, theme: Theme) -> Row {
    let right = right.cut(width, theme);
    let room = width.saturating_sub(right.width());
    let gap = usize::from(!right.is_empty() && room > 0);
    left.fit(room.saturating_sub(gap), theme).own(Role::Plain, " ".repeat(gap)).join(right)
}

/// Rows joined by a separator, as many as fit into `width`, in order of their place; what does not fit is left out whole.
pub fn flow(rows: impl IntoIterator<Item = Row>, separator: &Row, width: usize) -> Row {
    let mut out = Row::new();
    for row in rows.into_iter().filter(|row| !row.is_empty()) {
        let more = if out.is_empty() { row } else { separator.clone().join(row) };
        if out.width() + more.width() <= width {
            out = out.join(more);
        }
    }
    out
}

/// How a paragraph breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// At spaces; the one space at a break is not drawn.
    Prose,
    /// After spaces or anywhere; every space is drawn.
    Exact,
}

/// Text that is wrapped: a lead repeated on every row, and a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Para {
    /// On every row.
    pub lead: Row,
    /// Columns by which the second and later rows are moved in.
    pub hang: usize,
    /// What is wrapped.
    pub body: Row,
    /// How.
    pub breaks: Break,
}

impl Para {
    /// Prose from the left edge.
    pub const fn prose(body: Row) -> Self {
        Self { lead: Row::new(), hang: 0, body, breaks: Break::Prose }
    }

    /// Its rows at `width` columns: at least one.
    pub fn wrap(&self, width: usize) -> Vec<Row> {
        let room = width.saturating_sub(self.lead.width()).max(2);
        let hang = self.hang.min(room / 2).min(room - 2);
        let units: Vec<Unit<'_>> =
            self.body.graphemes().map(|(role, text)| Unit { role, text, width: grapheme_width(text) }).collect();
        let mut rows = Vec::new();
        let mut rest = units.as_slice();
        loop {
            let indent = if rows.is_empty() { 0 } else { hang };
            let (row, after) = take_row(rest, room - indent, self.breaks);
            let mut out = self.lead.clone().own(Role::Plain, " ".repeat(indent));
            for unit in row {
                out.push(unit.role, unit.text.to_owned());
            }
            rows.push(out);
            if after.is_empty() {
                return rows;
            }
            rest = after;
        }
    }
}

struct Unit<'a> {
    role: Role,
    text: &'a str,
    width: usize,
}

fn take_row<'a, 'b>(units: &'a [Unit<'b>], room: usize, breaks: Break) -> (&'a [Unit<'b>], &'a [Unit<'b>]) {
    let mut used = 0;
    let fitting = units
        .iter()
        .take_while(|unit| {
            used += unit.width;
            used <= room
        })
        .count()
        .max(1);
    let Some((row, rest)) = units.split_at_checked(fitting) else { return (units, &[]) };
    if rest.is_empty() {
        return (row, rest);
    }
    if breaks == Break::Prose
        && let Some((first, after)) = rest.split_first()
        && first.text == " "
        && !after.is_empty()
    {
        return (row, after);
    }
    // Back to the last space, unless that would leave more than half of the row empty.
    let word = row.iter().rev().take_while(|unit| unit.text != " ").count();
    let kept = row.len() - word;
    if kept == 0 || word > room / 2 {
        return (row, rest);
    }
    let (row, rest) = units.split_at_checked(kept).unwrap_or((row, rest));
    match row.split_last() {
        Some((last, trimmed)) if breaks == Break::Prose && last.text == " " && !trimmed.is_empty() => (trimmed, rest),
        _ => (row, rest),
    }
}
