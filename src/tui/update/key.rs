//! Keys and the mouse: what they mean where the user is.

use crossterm::event::{KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};

use super::{Effect, Model, decide, filter, moves, policy, refresh, toast};
use crate::tui::drawn::Hit;
use crate::tui::keys::{self, Action, Place};
use crate::tui::model::{Ask, Tab};
use crate::tui::text::Row;
use crate::tui::theme::Role;

/// What an MCP client is told to reach us: shown on the empty screen, copied from there.
pub(in crate::tui) const CLIENT_CONFIGURATION: &str = r#"{
  "mcpServers": {
    "countersign": {
      "command": "countersign",
      "args": ["stdio"]
    }
  }
}"#;

pub(super) fn pressed(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    if key.kind != KeyEventKind::Press {
        return Vec::new();
    }
    let now = model.now;
    let place = model.place();
    let action = keys::action(place, key);
    if !matches!(action, Some(Action::Approve | Action::Grant))
        && let Some(review) = model.opened_mut()
    {
        review.guard.key(now);
    }
    if action != Some(Action::Accept)
        && let Some(offer) = model.policy.offer_mut()
    {
        offer.guard.key(now);
    }
    let effects = match (action, place) {
        (Some(action), _) => act(model, action),
        (None, Place::Deny | Place::Confirm) => decide::typed(model, key),
        (None, Place::Filter) => {
            filter::typed(model, key);
            Vec::new()
        }
        (None, Place::Explain | Place::Widen) => {
            policy::typed(model, key);
            Vec::new()
        }
        (None, _) => Vec::new(),
    };
    model.last_key = now;
    effects
}

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Approve => return decide::approve_pressed(model),
        Action::Grant => return decide::grant_pressed(model),
        Action::Grants => {
            model.ask = Some(Ask::Grants { at: 0 });
            return vec![Effect::Grants { revoke: None }];
        }
        Action::Revoke => {
            let Some(Ask::Grants { at }) = model.ask else { return Vec::new() };
            let revoke = model.grants.get(at).map(|standing| standing.grant.id.clone());
            return if revoke.is_some() { vec![Effect::Grants { revoke }] } else { Vec::new() };
        }
        Action::Deny => decide::deny_pressed(model),
        Action::Accept => policy::accept_pressed(model),
        Action::Reject => return policy::reject_pressed(model),
        Action::Explain => policy::ask(model),
        Action::Send if model.tab == Tab::Policy => return policy::send(model),
        Action::Send if model.audit.line.is_some() => return filter::send(model),
        Action::Send => return decide::send_pressed(model),
        Action::Filter => filter::open(model),
        Action::Open => return open(model),
        Action::Back => back(model),
        Action::BackOrLeave if model.pending() > 0 => model.ask = Some(Ask::Leave),
        Action::Yes if model.ask == Some(Ask::Resume) => {
            model.ask = None;
            return vec![Effect::Pause(false)];
        }
        Action::Pause if model.status.paused => model.ask = Some(Ask::Resume),
        Action::Pause => return vec![Effect::Pause(true)],
        Action::BackOrLeave | Action::Leave | Action::Yes => return vec![Effect::Quit],
        Action::Follow => {
            model.audit.follow = !model.audit.follow;
            if model.audit.follow {
                model.audit.go_last();
            }
        }
        Action::Help => model.ask = Some(Ask::Help { scroll: 0 }),
        Action::Tab(number) => {
            let tab = Tab::ALL.into_iter().nth(usize::from(number.saturating_sub(1)));
            return tab.map_or_else(Vec::new, |tab| go_to(model, tab));
        }
        Action::NextTab => return neighbour(model, 1),
        Action::PreviousTab => return neighbour(model, Tab::ALL.len() - 1),
        Action::CopyId => return copy(model, false),
        Action::CopyJson => return copy(model, true),
        Action::Mouse => {
            model.mouse = !model.mouse;
            let whose =
                if model.mouse { "The mouse scrolls and selects here." } else { "The mouse is the terminal's." };
            toast(model, Row::new().own(Role::Plain, whose));
            return vec![Effect::Mouse(model.mouse)];
        }
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => return vec![Effect::Redraw],
        Action::Down
        | Action::Up
        | Action::Top
        | Action::Bottom
        | Action::HalfDown
        | Action::HalfUp
        | Action::PageDown
        | Action::PageUp => return moves::go(model, action),
    }
    Vec::new()
}

fn open(model: &mut Model) -> Vec<Effect> {
    match model.tab {
        Tab::Approvals => {
            if let Some(review) = &mut model.review {
                review.open();
            }
            Vec::new()
        }
        Tab::Audit => {
            let look = model.options.look.clone();
            let opened = model.audit.open(&look).filter(|_| model.loading_open.begin());
            opened.map(Effect::LoadTransaction).into_iter().collect()
        }
        Tab::Policy => {
            let look = model.options.look.clone();
            model.policy.open_offer(&look);
            Vec::new()
        }
    }
}

fn back(model: &mut Model) {
    if model.ask.take().is_some() {
        return;
    }
    if model.audit.line.take().is_some() || decide::leave_line(model) {
        return;
    }
    match model.tab {
        Tab::Approvals => {
            if let Some(review) = &mut model.review {
                review.open = false;
                review.scroll = 0;
            }
        }
        Tab::Audit => model.audit.open = None,
        Tab::Policy => {
            policy::back(model);
        }
    }
}

/// To another tab. What was open on this one is closed: a review is never half open out of sight.
fn go_to(model: &mut Model, tab: Tab) -> Vec<Effect> {
    if model.tab == tab {
        return Vec::new();
    }
    back(model);
    model.policy.open = None;
    model.tab = tab;
    if tab == Tab::Approvals { Vec::new() } else { refresh(model) }
}

fn neighbour(model: &mut Model, by: usize) -> Vec<Effect> {
    let here = Tab::ALL.iter().position(|tab| *tab == model.tab).unwrap_or(0);
    let tab = Tab::ALL.into_iter().cycle().nth(here + by);
    tab.map_or_else(Vec::new, |tab| go_to(model, tab))
}

fn copy(model: &mut Model, json: bool) -> Vec<Effect> {
    let pretty = |value: Result<String, serde_json::Error>| value.ok();
    let (what, text) = match (model.tab, json) {
        (Tab::Approvals, _) if model.approvals.all().is_empty() => {
            ("the client's configuration", Some(CLIENT_CONFIGURATION.to_owned()))
        }
        (Tab::Approvals, false) => ("the id", model.approvals.selected().map(|approval| approval.id.to_string())),
        (Tab::Approvals, true) => (
            "the request",
            model.approvals.selected().and_then(|approval| pretty(serde_json::to_string_pretty(&approval.facts))),
        ),
        (Tab::Audit, false) => ("the id", model.audit.selected().map(|call| call.tx.to_string())),
        (Tab::Audit, true) => {
            ("the call", model.audit.selected().and_then(|call| pretty(serde_json::to_string_pretty(call))))
        }
        (Tab::Policy, _) => ("the policy's version", model.policy.view.as_ref().map(|view| view.version.clone())),
    };
    let Some(text) = text else { return Vec::new() };
    toast(model, Row::new().own(Role::Plain, format!("Copied {what}, where the terminal allows it.")));
    vec![Effect::Copy(text)]
}

/// The mouse scrolls and selects; it never decides, and it never opens.
pub(super) fn mouse(model: &mut Model, mouse: &MouseEvent) -> Vec<Effect> {
    if matches!(mouse.kind, MouseEventKind::Moved | MouseEventKind::Drag(_) | MouseEventKind::Up(_)) {
        return Vec::new();
    }
    let now = model.now;
    if let Some(review) = model.opened_mut() {
        review.guard.key(now);
    }
    if let Some(offer) = model.policy.offer_mut() {
        offer.guard.key(now);
    }
    let over_text = matches!(model.drawn.hit(mouse.column, mouse.row), Some(Hit::Text));
    match mouse.kind {
        MouseEventKind::ScrollDown => moves::wheel(model, over_text, true),
        MouseEventKind::ScrollUp => moves::wheel(model, over_text, false),
        MouseEventKind::Down(MouseButton::Left) if model.ask.is_none() => {
            match model.drawn.hit(mouse.column, mouse.row).cloned() {
                Some(Hit::Tab(tab)) => go_to(model, tab),
                Some(Hit::Approval(id)) if model.opened().is_none() => {
                    let index = model.approvals.all().iter().position(|approval| approval.id == id);
                    index.map_or_else(Vec::new, |index| moves::choose(model, index))
                }
                Some(Hit::Call(key)) => {
                    let index = model.audit.rows().iter().position(|call| (call.at, &call.tx) == (key.0, &key.1));
                    index.map_or_else(Vec::new, |index| moves::choose(model, index))
                }
                Some(Hit::Approval(_) | Hit::Text) | None => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}
