//! Moving: through lists by entries, through texts by rows.

use super::{Effect, Model};
use crate::tui::guard::{Guard, Phase};
use crate::tui::keys::Action;
use crate::tui::model::{Ask, Review, Step, Tab};

/// Rows that one turn of the wheel moves a text.
const WHEEL: usize = 3;

pub(super) fn go(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = model.drawn.text.as_ref().map_or(1, |text| text.rows).max(1);
    let last = model.drawn.text.as_ref().map_or(0, |text| text.total.saturating_sub(text.rows));
    let target = |from: usize| match action {
        Action::Down => from.saturating_add(1),
        Action::Up => from.saturating_sub(1),
        Action::Top => 0,
        Action::HalfDown => from.saturating_add(page.div_ceil(2)),
        Action::HalfUp => from.saturating_sub(page.div_ceil(2)),
        // One row stays, to hold on to.
        Action::PageDown => from.saturating_add(page.saturating_sub(1).max(1)),
        Action::PageUp => from.saturating_sub(page.saturating_sub(1).max(1)),
        _ => usize::MAX,
    };
    if let Some(Ask::Grants { at }) = &mut model.ask {
        *at = target(*at).min(model.grants.len().saturating_sub(1));
    } else if let Some(Ask::Help { scroll }) = &mut model.ask {
        *scroll = target(*scroll).min(last);
    } else if model.tab == Tab::Policy {
        let here = model.policy.page_mut().scroll;
        let wanted = target(here).min(last);
        let guard = model.policy.offer().filter(|_| action == Action::PageDown).map(|offer| &offer.guard);
        let to = guard.map_or(wanted, |guard| not_past(guard, here, wanted, last));
        model.policy.page_mut().scroll = to;
    } else if let Some(review) = model.opened_mut() {
        let wanted = target(review.scroll).min(last);
        review.scroll =
            if action == Action::PageDown { not_past(&review.guard, review.scroll, wanted, last) } else { wanted };
    } else if let Some(open) = model.audit.open.as_mut().filter(|_| model.tab == Tab::Audit) {
        open.scroll = target(open.scroll).min(last);
    } else {
        return go_in_list(model, action);
    }
    Vec::new()
}

/// A page down never goes past what has not been on the screen; from the end it goes back to what was skipped.
fn not_past(guard: &Guard, here: usize, wanted: usize, last: usize) -> usize {
    match guard.unread_from(here) {
        _ if guard.phase() == Phase::Unseen => here,
        Some(unread) if unread >= here => wanted.min(unread),
        Some(unread) if here >= last => unread,
        _ => wanted,
    }
}

fn go_in_list(model: &mut Model, action: Action) -> Vec<Effect> {
    let (len, here) = match model.tab {
        Tab::Approvals => (model.approvals.all().len(), model.approvals.selected_index()),
        Tab::Audit => (model.audit.rows().len(), model.audit.selected_index()),
        Tab::Policy => return Vec::new(),
    };
    let here = here.unwrap_or(0);
    let page = model.drawn.list.map_or(1, |list| usize::from((list.height / list.each.max(1)).max(1)));
    let to = match action {
        Action::Down => here.saturating_add(1),
        Action::Up => here.saturating_sub(1),
        Action::Top => 0,
        Action::HalfDown => here.saturating_add(page.div_ceil(2)),
        Action::HalfUp => here.saturating_sub(page.div_ceil(2)),
        Action::PageDown => here.saturating_add(page),
        Action::PageUp => here.saturating_sub(page),
        _ => usize::MAX,
    };
    choose(model, to.min(len.saturating_sub(1)))
}

/// Puts the cursor of the list on an entry.
pub(super) fn choose(model: &mut Model, index: usize) -> Vec<Effect> {
    let each = model.drawn.list.map_or(1, |list| list.each);
    match model.tab {
        Tab::Approvals => {
            model.approvals.choose(index, each);
            preview(model);
            Vec::new()
        }
        Tab::Audit => {
            model.audit.choose(index, each);
            older(model, index)
        }
        Tab::Policy => Vec::new(),
    }
}

/// Near the oldest call that was read: reads on.
fn older(model: &mut Model, index: usize) -> Vec<Effect> {
    let near = index < 20 && !model.audit.complete && model.audit.loaded;
    let oldest = model.audit.oldest().filter(|_| near).map(|call| call.tx.clone());
    match oldest {
        Some(oldest) if model.loading_older.begin() => {
            vec![Effect::LoadCalls { filter: Box::new(model.audit.filter.clone()), before: Some(oldest) }]
        }
        _ => Vec::new(),
    }
}

/// Brings the review in line with the cursor and with the approval as it is now.
/// Returns whether an open review lost its ground.
pub(super) fn preview(model: &mut Model) -> bool {
    let look = &model.options.look;
    let open_id = model.review.as_ref().filter(|review| review.open).map(|review| review.approval.id.clone());
    let wanted = match &open_id {
        Some(id) => model.approvals.get(id),
        None => model.approvals.selected(),
    };
    match (&mut model.review, wanted) {
        (Some(review), Some(approval)) if review.approval.id == approval.id => {
            let renewed = review.renew(approval, look);
            renewed && review.open
        }
        (Some(review), None) if review.open => {
            // Gone from the ledger's answer: keep the text, decide nothing.
            review.guard.changed();
            review.step = Step::Reading;
            false
        }
        (review, approval) => {
            *review = approval.map(|approval| Review::new(approval, look));
            false
        }
    }
}

/// The wheel: the text under the mouse, or the list by one.
pub(super) fn wheel(model: &mut Model, over_text: bool, down: bool) -> Vec<Effect> {
    let step = |from: usize| if down { from.saturating_add(WHEEL) } else { from.saturating_sub(WHEEL) };
    let last = model.drawn.text.as_ref().map_or(0, |text| text.total.saturating_sub(text.rows));
    if let Some(Ask::Help { scroll }) = &mut model.ask {
        *scroll = step(*scroll).min(last);
    } else if model.tab == Tab::Policy {
        let page = model.policy.page_mut();
        page.scroll = step(page.scroll).min(last);
    } else if let Some(review) = model.review.as_mut().filter(|review| review.open || over_text) {
        if model.tab == Tab::Approvals {
            review.scroll = step(review.scroll).min(last);
        }
    } else if let Some(open) = model.audit.open.as_mut() {
        open.scroll = step(open.scroll).min(last);
    } else {
        return go_in_list(model, if down { Action::Down } else { Action::Up });
    }
    Vec::new()
}
