//! The only place where the model changes: a message and the time go in, effects come out. Pure.

use crate::base::Timestamp;

use super::effect::Effect;
use super::model::{Ask, Model, Step, Tab, Toast};
use super::msg::Msg;
use super::text::Row;
use super::theme::Role;

mod decide;
mod filter;
mod key;
pub(in crate::tui) use key::CLIENT_CONFIGURATION;
mod loaded;
mod moves;
mod policy;

/// How long a message stays.
const TOAST: std::time::Duration = std::time::Duration::from_secs(5);

/// Takes one message in. Returns what is to be done.
pub fn update(model: &mut Model, msg: Msg, now: Timestamp) -> Vec<Effect> {
    model.now = now;
    let quiet = matches!(msg, Msg::Drawn(_) | Msg::Ledger);
    let effects = match msg {
        Msg::Key(key) => key::pressed(model, &key),
        Msg::Paste(text) => decide::pasted(model, &text),
        Msg::Mouse(mouse) => key::mouse(model, &mouse),
        Msg::Resized(columns, rows) => {
            model.size = (columns, rows);
            decide::changed(model, "The screen was resized; read on.");
            policy::disturbed(model, true, "The screen was resized; read on.");
            Vec::new()
        }
        Msg::Focus | Msg::Resumed => {
            decide::disturbed(model, "You were away; look again.");
            policy::disturbed(model, false, "You were away; look again.");
            Vec::new()
        }
        Msg::Tick => tick(model),
        Msg::Drawn(drawn) => {
            loaded::drawn(model, drawn);
            Vec::new()
        }
        Msg::Ledger => refresh(model),
        Msg::Status(status) => {
            model.status = *status;
            if model.tab == Tab::Policy && model.loading_policy.begin() { vec![Effect::LoadPolicy] } else { Vec::new() }
        }
        Msg::Narration(line) => {
            model.narration = (!line.is_empty()).then_some(line);
            Vec::new()
        }
        Msg::Approvals(result) => loaded::approvals(model, result),
        Msg::Calls { filter, before, result } => loaded::calls(model, &filter, before.as_ref(), result),
        Msg::Transaction { tx, result } => loaded::transaction(model, &tx, result),
        Msg::Grants(result) => {
            match result {
                Ok(grants) => model.grants = grants,
                Err(problem) => complain(model, &problem),
            }
            if let Some(Ask::Grants { at }) = &mut model.ask {
                *at = (*at).min(model.grants.len().saturating_sub(1));
            }
            Vec::new()
        }
        Msg::Paused(result) => {
            paused(model, result);
            Vec::new()
        }
        Msg::Decided { id, result } => decide::decided(model, &id, result),
        Msg::Policy(result) => policy::loaded(model, result),
        Msg::PolicyDecided { accepted, result } => policy::decided(model, accepted, result),
        Msg::Explained(result) => {
            policy::explained(model, result);
            Vec::new()
        }
    };
    model.stale |= !quiet;
    effects
}

/// Reads what the screen shows anew; what is being read already will be read once more.
pub(super) fn refresh(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    if matches!(model.ask, Some(Ask::Grants { .. })) {
        effects.push(Effect::Grants { revoke: None });
    }
    if model.loading_approvals.begin() {
        effects.push(Effect::LoadApprovals);
    }
    if model.tab == Tab::Policy && model.loading_policy.begin() {
        effects.push(Effect::LoadPolicy);
    }
    if model.tab == Tab::Audit {
        if model.loading_calls.begin() {
            effects.push(latest(model));
        }
        if let Some(open) = &model.audit.open
            && model.loading_open.begin()
        {
            effects.push(Effect::LoadTransaction(open.call.tx.clone()));
        }
    }
    effects
}

/// Reads the latest calls.
fn latest(model: &Model) -> Effect {
    Effect::LoadCalls { filter: Box::new(model.audit.filter.clone()), before: None }
}

fn tick(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    if model.toast.as_ref().is_some_and(|toast| toast.until <= now) {
        model.toast = None;
    }
    if policy::settled(model) {
        return policy::accept(model);
    }
    let Some(review) = model.opened_mut().filter(|review| review.is_pending()) else { return Vec::new() };
    let settled = match &mut review.step {
        Step::Unlocking(secret) => {
            let passphrase = secret.tick(now);
            return passphrase.map_or_else(Vec::new, |passphrase| decide::unlock(model, passphrase));
        }
        Step::Reading => review.guard.tick(now),
        Step::Typing(phrase) => phrase.tick(now),
        Step::Denying(_) | Step::Sent => false,
    };
    if settled { decide::approve(model) } else { Vec::new() }
}

/// The switch was turned, or not.
fn paused(model: &mut Model, result: Result<bool, String>) {
    match result {
        Ok(true) => toast(model, Row::new().own(Role::Warn, "Paused: nothing is sent until you resume.")),
        Ok(false) => toast(model, Row::new().own(Role::Good, "Resumed: what was held goes on.")),
        Err(problem) => complain(model, &problem),
    }
}

/// Says something for a while.
fn toast(model: &mut Model, row: Row) {
    model.toast = Some(Toast { row, until: model.now.plus(TOAST) });
}

/// Says what went wrong; the words may come from anywhere.
fn complain(model: &mut Model, what: &str) {
    let theme = model.options.look.theme;
    let row = Row::new().own(Role::Bad, format!("{} ", theme.glyphs().failed)).shown(Role::Plain, &theme.shown(what));
    toast(model, row);
}
