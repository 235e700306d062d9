//! The third tab: the policy in force, the edit that waits with its effect, what a call would meet.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::{empty, text};
use crate::tui::guard::Seen;
use crate::tui::model::{Model, Offer, OfferStep, Open, Page, WIDEN};
use crate::tui::text::{Row, spread};
use crate::tui::theme::Role;

pub(super) fn draw(canvas: &mut Canvas<'_, '_>, model: &Model, area: Rect) {
    let covered = u16::from(model.policy.line.is_some()) * 2;
    match &model.policy.open {
        Some(Open::Offer(offer)) => draw_offer(canvas, model, offer, area),
        Some(Open::Explained(page)) => read(canvas, page, area, covered),
        None if model.policy.view.is_none() => empty::policy(canvas, model, area),
        None => read(canvas, &model.policy.page, area, covered),
    }
    if let Some(line) = &model.policy.line {
        let inner = prompt(canvas, area, Row::new().own(Role::Strong, " what would this meet? "));
        canvas.frame.render_widget(line.as_ref(), inner.intersection(canvas.frame.area()));
    }
}

fn read(canvas: &mut Canvas<'_, '_>, page: &Page, area: Rect, covered: u16) {
    let drawn = text::draw(canvas, area, &page.text, page.laid.as_ref(), page.scroll, covered);
    canvas.drawn.text = Some(drawn);
}

fn draw_offer(canvas: &mut Canvas<'_, '_>, model: &Model, offer: &Offer, area: Rect) {
    let theme = canvas.theme;
    let role = if offer.must_be_typed() { Role::Bad } else { Role::Good };
    let wider = if offer.must_be_typed() { "lets more happen " } else { "widens nothing " };
    let name = if offer.offer.in_force { "policy as found" } else { "policy edit" };
    let left = Row::new().own(Role::Accent, theme.glyphs().cursor).own(Role::Strong, name);
    let left =
        left.own(Role::Dim, format!(" {} ", theme.glyphs().dot)).shown(Role::Plain, &theme.shown(&offer.offer.version));
    let title = spread(left, Row::new().own(role, wider), usize::from(area.width), theme);
    canvas.row(area.x, area.y, area.width, &title);
    let body = Rect::new(area.x, area.y + 1, area.width, area.height.saturating_sub(1));
    let typing = matches!(offer.step, OfferStep::Typing(_));
    let page = &offer.page;
    let drawn = text::draw(canvas, body, &page.text, page.laid.as_ref(), page.scroll, u16::from(typing) * 2);
    let frame = canvas.frame.area();
    if model.ask.is_none() {
        canvas.drawn.seen = Some(Seen {
            digest: offer.offer.digest,
            terminal: (frame.width, frame.height),
            width: drawn.laid.width,
            first: drawn.first,
            rows: drawn.rows,
            total: drawn.total,
        });
    }
    canvas.drawn.text = Some(drawn);
    if let OfferStep::Typing(phrase) = &offer.step {
        let heading =
            Row::new().own(Role::Strong, " to let more happen, type: ").own(Role::Warn, WIDEN).own(Role::Plain, " ");
        let inner = prompt(canvas, body, heading);
        let entered = Row::new().shown(Role::Strong, &theme.shown(phrase.entered())).own(Role::Hidden, " ");
        canvas.row(inner.x, inner.y, inner.width, &entered);
    }
}

/// A heading and a line to write in over the last two rows of an area; gives the line's place.
fn prompt(canvas: &mut Canvas<'_, '_>, area: Rect, heading: Row) -> Rect {
    let height = 2.min(area.height);
    let place = Rect::new(area.x, area.bottom() - height, area.width, height);
    canvas.clear(place);
    let rule = canvas.theme.glyphs().rule;
    let heading = Row::new().own(Role::Rule, rule.repeat(2)).join(heading);
    let missing = usize::from(area.width).saturating_sub(heading.width());
    canvas.row(place.x, place.y, place.width, &heading.own(Role::Rule, rule.repeat(missing)));
    canvas.row(place.x, place.y + 1, 1, &Row::new().own(Role::Accent, canvas.theme.glyphs().cursor));
    Rect::new(place.x + 2, place.y + 1, place.width.saturating_sub(3), 1)
}
