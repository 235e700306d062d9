//! What comes back: frames that were drawn, and what the ledger answered.

use super::{Effect, Model, complain, decide, moves, toast};
use crate::approval::Approval;
use crate::audit::{CallRow, Event, Filter};
use crate::base::TxId;
use crate::tui::drawn::Drawn;
use crate::tui::model::{Ask, Loading, PAGE, Step, Tab};

/// A frame is on the screen: the guard learns what was seen, scrolling and cursors are kept inside.
/// What follows from it is drawn anew only if it looks different.
pub(super) fn drawn(model: &mut Model, drawn: Drawn) {
    let now = model.now;
    if let Some(text) = &drawn.text {
        if let Some(Ask::Help { scroll }) = &mut model.ask {
            *scroll = text.first;
        } else if model.tab == Tab::Policy {
            let page = model.policy.page_mut();
            page.scroll = text.first;
            page.laid = Some(text.laid.clone());
        } else if let Some(open) = model.audit.open.as_mut().filter(|_| model.tab == Tab::Audit) {
            open.scroll = text.first;
            open.laid = Some(text.laid.clone());
        } else if let Some(review) = &mut model.review {
            review.scroll = text.first;
            review.laid = Some(text.laid.clone());
        }
    }
    if let Some(list) = drawn.list {
        match model.tab {
            Tab::Approvals => model.approvals.cursor.row = list.row,
            Tab::Audit => model.audit.cursor.row = list.row,
            Tab::Policy => {}
        }
    }
    if let (Some(seen), Some(offer)) = (&drawn.seen, model.policy.offer_mut()) {
        let before = (offer.guard.phase(), offer.guard.unread());
        offer.guard.drawn(seen, now);
        let after = (offer.guard.phase(), offer.guard.unread());
        model.stale |= before != after;
    } else if let (Some(seen), Some(review)) = (&drawn.seen, model.opened_mut()) {
        let before = (review.guard.phase(), review.guard.unread());
        review.guard.drawn(seen, now);
        let after = (review.guard.phase(), review.guard.unread());
        model.stale |= before != after;
    }
    model.drawn = drawn;
}

pub(super) fn approvals(model: &mut Model, result: Result<Vec<Approval>, String>) -> Vec<Effect> {
    match result {
        Ok(all) => {
            model.approvals.replace(all);
            let was_sent = model.opened().is_some_and(|review| matches!(review.step, Step::Sent));
            let decided_elsewhere = moves::preview(model);
            if decided_elsewhere
                && !was_sent
                && let Some(review) = model.opened()
            {
                let row = decide::told_of(&review.approval, model);
                toast(model, row);
            }
        }
        Err(problem) => model.approvals.problem = Some(problem),
    }
    if model.loading_approvals.end() { vec![Effect::LoadApprovals] } else { Vec::new() }
}

pub(super) fn calls(
    model: &mut Model,
    filter: &Filter,
    before: Option<&TxId>,
    result: Result<Vec<CallRow>, String>,
) -> Vec<Effect> {
    let mut effects = Vec::new();
    let mut read_on = None;
    match result {
        // Another filter has been set meanwhile.
        _ if *filter != model.audit.filter => {}
        Ok(rows) => {
            let had = !model.audit.rows().is_empty();
            let oldest = rows.iter().min_by(|a, b| (a.at, &a.tx).cmp(&(b.at, &b.tx))).map(|row| row.tx.clone());
            let full = rows.len() >= PAGE;
            let overlap = model.audit.merge(rows);
            // More than a page may have come in since the last look: read back to what is known.
            let catching_up = if before.is_none() { had } else { model.audit.gap };
            model.audit.gap = catching_up && full && !overlap;
            read_on = oldest.filter(|_| model.audit.gap);
            model.audit.complete |= !full && (before.is_some() || !had);
        }
        Err(problem) => model.audit.problem = Some(problem),
    }
    if before.is_some() {
        model.loading_older = Loading::Idle;
    } else if model.loading_calls.end() {
        effects.push(super::latest(model));
    }
    if read_on.is_some() && model.loading_older.begin() {
        effects.push(Effect::LoadCalls { filter: Box::new(model.audit.filter.clone()), before: read_on });
    }
    effects
}

pub(super) fn transaction(model: &mut Model, tx: &TxId, result: Result<Vec<Event>, String>) -> Vec<Effect> {
    let look = model.options.look.clone();
    let newer = model.audit.rows().iter().find(|row| &row.tx == tx).cloned();
    if let Some(open) = model.audit.open.as_mut().filter(|open| &open.call.tx == tx) {
        match result {
            Ok(events) => {
                let call = newer.unwrap_or_else(|| open.call.clone());
                open.renew(call, &events, &look);
            }
            Err(problem) => {
                open.problem = Some(problem.clone());
                complain(model, &problem);
            }
        }
    }
    let again = model.loading_open.end();
    match &model.audit.open {
        Some(open) if again || &open.call.tx != tx => {
            let tx = open.call.tx.clone();
            model.loading_open = Loading::Busy;
            vec![Effect::LoadTransaction(tx)]
        }
        _ => {
            model.loading_open = Loading::Idle;
            Vec::new()
        }
    }
}
