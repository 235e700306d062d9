//! One approval: what it is in a row, its text, and the line in which it is denied or confirmed.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::text;
use crate::tui::guard::{Phrase, Seen};
use crate::tui::model::{Model, Review, Step};
use crate::tui::text::{Para, Row, spread};
use crate::tui::theme::Role;
use crate::tui::words;

/// Draws a review, or its preview.
pub(super) fn draw(canvas: &mut Canvas<'_, '_>, model: &Model, review: &Review, area: Rect) {
    let title = title(model, review, usize::from(area.width));
    canvas.row(area.x, area.y, area.width, &title);
    let body = Rect::new(area.x, area.y + 1, area.width, area.height.saturating_sub(1));
    let line = Line::of(review, body, canvas);
    let covered = line.as_ref().map_or(0, |line| line.area.height);
    let drawn = text::draw(canvas, body, &review.text, review.laid.as_ref(), review.scroll, covered);
    if review.open {
        let frame = canvas.frame.area();
        canvas.drawn.seen = Some(Seen {
            digest: review.approval.shown(),
            terminal: (frame.width, frame.height),
            width: drawn.laid.width,
            first: drawn.first,
            rows: drawn.rows,
            total: drawn.total,
        });
    }
    canvas.drawn.text = Some(drawn);
    if let Some(line) = line {
        line.draw(canvas, review);
    }
}

fn title(model: &Model, review: &Review, width: usize) -> Row {
    let theme = model.options.look.theme;
    let facts = &review.approval.facts;
    let dot = format!(" {} ", theme.glyphs().dot);
    let narrow = width < 60;
    let (cursor, mark) = (if review.open { theme.glyphs().cursor } else { " " }, theme.risk_mark(facts.risk));
    let class = if narrow { mark.to_owned() } else { format!("{mark} {}", facts.risk.as_str()) };
    let mut left = Row::new()
        .own(Role::Accent, cursor)
        .own(Role::Risk(facts.risk), class)
        .own(Role::Dim, if narrow { " " } else { &dot })
        .shown(Role::Strong, &theme.shown(&format!("{}:{}", facts.service, facts.operation)));
    left = left.own(Role::Dim, dot).join(super::approvals::target(theme, &review.approval));
    let right = if review.is_pending() {
        let rest = review.approval.decide_by.since(model.now);
        let role = if rest.as_secs() < 60 { Role::Bad } else { Role::Plain };
        Row::new().own(role, format!("{}{} ", words::countdown(rest), if narrow { "" } else { " left" }))
    } else {
        let (mark, word, role) = words::state(&review.approval.state, theme.glyphs());
        Row::new().own(role, format!("{mark} {word} "))
    };
    spread(left, right, width, theme)
}

/// A line that is written in, over the last rows of the text.
struct Line {
    area: Rect,
    heading: Vec<Row>,
}

impl Line {
    fn of(review: &Review, body: Rect, canvas: &Canvas<'_, '_>) -> Option<Self> {
        let rule = canvas.theme.glyphs().rule;
        let before = Row::new().own(Role::Rule, rule.repeat(2)).own(Role::Plain, " ");
        let (heading, lines) = match &review.step {
            Step::Denying(_) => {
                (Row::new().own(Role::Strong, "deny: your words go to the agent"), if body.height < 10 { 2 } else { 3 })
            }
            Step::Typing(phrase) => (ask_for(phrase, canvas), 1),
            Step::Unlocking(_) => (Row::new().own(Role::Strong, "to approve, type the passphrase of your key"), 1),
            Step::Reading | Step::Sent => return None,
        };
        let width = usize::from(body.width);
        let mut heading = Para { hang: 3, ..Para::prose(before.join(heading)) }.wrap(width);
        if let Some(last) = heading.last_mut() {
            let missing = width.saturating_sub(last.width() + 1);
            *last = std::mem::take(last).own(Role::Plain, " ").own(Role::Rule, rule.repeat(missing));
        }
        let height = u16::try_from(heading.len()).unwrap_or(u16::MAX).saturating_add(lines).min(body.height);
        Some(Self { area: Rect::new(body.x, body.bottom() - height, body.width, height), heading })
    }

    fn draw(self, canvas: &mut Canvas<'_, '_>, review: &Review) {
        canvas.clear(self.area);
        let used = canvas.rows(self.area, &self.heading);
        let prompt = Row::new().own(Role::Accent, canvas.theme.glyphs().cursor);
        let row = self.area.y + used;
        canvas.row(self.area.x, row, 1, &prompt);
        let inner =
            Rect::new(self.area.x + 2, row, self.area.width.saturating_sub(3), self.area.bottom().saturating_sub(row));
        match &review.step {
            Step::Denying(line) => canvas.frame.render_widget(line.as_ref(), inner),
            Step::Typing(phrase) => {
                let entered = Row::new().shown(Role::Strong, &canvas.theme.shown(phrase.entered()));
                let entered = entered.own(Role::Hidden, " ");
                canvas.row(inner.x, inner.y, inner.width, &entered);
            }
            Step::Unlocking(secret) => {
                let mark = if canvas.theme.ascii { "*" } else { "•" };
                let shown = secret.len().min(usize::from(inner.width.saturating_sub(1)));
                let entered = Row::new().own(Role::Strong, mark.repeat(shown)).own(Role::Hidden, " ");
                canvas.row(inner.x, inner.y, inner.width, &entered);
            }
            Step::Reading | Step::Sent => {}
        }
    }
}

fn ask_for(phrase: &Phrase, canvas: &Canvas<'_, '_>) -> Row {
    Row::new().own(Role::Strong, "to approve, type: ").shown(Role::Warn, &canvas.theme.shown(phrase.wanted()))
}
