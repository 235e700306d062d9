//! The two last rows: what just happened and where one is in the text; and the keys that count here.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::tui::guard::{Guard, MIN_SIZE, Phase};
use crate::tui::keys::{self, Action, Place};
use crate::tui::model::{Ask, Model, OfferStep, Review, Step, Tab, phrase};
use crate::tui::text::{Row, flow};
use crate::tui::theme::Role;

/// The rule above the keys.
pub(super) fn status(canvas: &mut Canvas<'_, '_>, model: &Model, area: Rect) {
    canvas.rule(area);
    let theme = canvas.theme;
    let width = usize::from(area.width);
    let position = position(canvas, model);
    let at = width.saturating_sub(position.width() + 2);
    if !position.is_empty() {
        canvas.row(area.x + u16::try_from(at).unwrap_or(0), area.y, area.width, &position);
    }
    if let Some(toast) = &model.toast {
        let row = Row::new().own(Role::Plain, " ").join(toast.row.clone()).own(Role::Plain, " ");
        canvas.row(area.x + 2, area.y, area.width, &row.cut(at.saturating_sub(4), theme));
    }
}

fn position(canvas: &Canvas<'_, '_>, model: &Model) -> Row {
    let theme = canvas.theme;
    let Some(text) = &canvas.drawn.text else {
        let filter = Row::new().own(Role::Accent, " /").shown(Role::Accent, &theme.shown(&model.audit.filter_text));
        let filter = if model.tab == Tab::Audit && !model.audit.filter_text.is_empty() {
            filter.cut(30, theme).own(Role::Plain, " ")
        } else {
            Row::new()
        };
        let follows = model.tab == Tab::Audit && model.audit.follow && !model.audit.rows().is_empty();
        return if follows { filter.own(Role::Good, " following ") } else { filter };
    };
    let below = text.total.saturating_sub(text.first + text.rows);
    let guard = model.policy.offer().map(|offer| &offer.guard).or_else(|| model.opened().map(|review| &review.guard));
    let unread = match guard {
        Some(guard) if guard.phase() == Phase::Drawn && model.ask.is_none() => guard.unread(),
        _ => 0,
    };
    let mut row = Row::new();
    if text.first > 0 {
        row = row.own(Role::Plain, format!(" {}{}", theme.glyphs().up, text.first));
    }
    if below > 0 {
        row = row.own(Role::Warn, format!(" {}{below} more", theme.glyphs().down));
    }
    if unread > below {
        row = row.own(Role::Warn, format!(" {unread} unread"));
    }
    if row.is_empty() { row } else { row.own(Role::Plain, " ") }
}

/// The keys.
pub(super) fn keys(canvas: &mut Canvas<'_, '_>, model: &Model, area: Rect) {
    let place = model.place();
    let mut entries = Vec::new();
    if let Some(Ask::Leave) = model.ask {
        let pending = model.pending();
        let them = format!("{pending} stay pending");
        entries.push(Row::new().own(Role::Warn, them));
    }
    if let Some(Ask::Resume) = model.ask {
        entries.push(Row::new().own(Role::Warn, "what is held is sent"));
    }
    if place == Place::Review {
        entries.push(guard(model));
    }
    if place == Place::Offer {
        entries.push(offer(model));
    }
    for binding in keys::footer(place) {
        let approves = binding.keys.iter().any(|(_, action)| *action == Action::Approve);
        let nothing_to_open =
            place == Place::Policy && model.policy.view.as_ref().is_none_or(|view| view.offer.is_none());
        let opens = binding.keys.iter().any(|(_, action)| *action == Action::Open);
        if opens && nothing_to_open {
            continue;
        }
        let denies = binding.keys.iter().any(|(_, action)| *action == Action::Deny);
        let pending = model.review.as_ref().is_some_and(Review::is_pending);
        let needs_entries = binding.keys.iter().any(|(_, action)| matches!(action, Action::Open | Action::Down));
        if approves || (denies && !pending) || (needs_entries && is_empty(model, place)) {
            continue;
        }
        entries.push(key(binding.foot, binding.short));
    }
    let separator = Row::new().own(Role::Plain, "  ");
    let row = flow(entries, &separator, usize::from(area.width).saturating_sub(2));
    canvas.row(area.x + 1, area.y, area.width.saturating_sub(1), &row);
}

fn is_empty(model: &Model, place: Place) -> bool {
    match place {
        Place::Approvals => model.approvals.all().is_empty(),
        Place::Audit => model.audit.rows().is_empty(),
        _ => false,
    }
}

fn key(name: &str, short: &str) -> Row {
    Row::new().own(Role::Accent, name).own(Role::Plain, " ").own(Role::Plain, short)
}

/// How far the way to an approval is, in place of the key that is not live yet.
fn guard(model: &Model) -> Row {
    let Some(review) = model.opened().filter(|review| review.is_pending()) else { return Row::new() };
    if matches!(review.step, Step::Sent) {
        return Row::new().own(Role::Dim, "sending");
    }
    armed(&review.guard, if phrase(&review.approval.facts).is_some() { "approve by name" } else { "approve" })
}

/// How far the way to an acceptance is.
fn offer(model: &Model) -> Row {
    let Some(offer) = model.policy.offer() else { return Row::new() };
    if matches!(offer.step, OfferStep::Sent) {
        return Row::new().own(Role::Dim, "sending");
    }
    armed(&offer.guard, if offer.must_be_typed() { "accept by word" } else { "accept" })
}

fn armed(guard: &Guard, short: &str) -> Row {
    if guard.too_small() {
        let (columns, rows) = MIN_SIZE;
        return Row::new().own(Role::Warn, format!("to approve, enlarge to {columns}x{rows}"));
    }
    match guard.phase() {
        Phase::Unseen => Row::new(),
        Phase::Drawn if guard.unread() == 0 => Row::new().own(Role::Warn, "G to see the end again"),
        Phase::Drawn => Row::new().own(Role::Warn, "read to the end"),
        Phase::Read => Row::new().own(Role::Dim, "arming"),
        Phase::Armed | Phase::Pressed => Row::new().own(Role::Good, "a").own(Role::Good, format!(" {short}")),
    }
}
