//! The policy's tab: reading, accepting behind the guard, rejecting, asking what a call would meet.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_textarea::TextArea;

use super::{Effect, Model, complain, toast};
use crate::engine::{Explained, PolicyView};
use crate::tui::guard::{Phrase, Typed};
use crate::tui::model::{OfferStep, Tab, WIDEN};
use crate::tui::text::Row;
use crate::tui::theme::Role;

/// `a` over what waits.
pub(super) fn accept_pressed(model: &mut Model) {
    let now = model.now;
    let Some(offer) = model.policy.offer_mut() else { return };
    if matches!(offer.step, OfferStep::Reading) && offer.guard.press(now) && offer.must_be_typed() {
        offer.step = OfferStep::Typing(Phrase::new(WIDEN, now));
    }
}

/// The guard let it pass: hands the acceptance over.
pub(super) fn accept(model: &mut Model) -> Vec<Effect> {
    let accepted = model.policy.accepted();
    let Some(offer) = model.policy.offer_mut() else { return Vec::new() };
    match accepted {
        Some(digest) => {
            offer.step = OfferStep::Sent;
            vec![Effect::AcceptPolicy(digest)]
        }
        None => {
            offer.step = OfferStep::Reading;
            Vec::new()
        }
    }
}

/// `d` over an edit that waits: what is in force stays, whatever has been read.
pub(super) fn reject_pressed(model: &mut Model) -> Vec<Effect> {
    let Some(offer) = model.policy.offer_mut() else { return Vec::new() };
    if offer.offer.in_force {
        complain(model, "It is in force already. Edit the file; the edit then waits here.");
        return Vec::new();
    }
    if !matches!(offer.step, OfferStep::Reading) {
        return Vec::new();
    }
    offer.step = OfferStep::Sent;
    vec![Effect::RejectPolicy(offer.offer.digest)]
}

/// Time has passed. Whether what is under review is accepted by it.
pub(super) fn settled(model: &mut Model) -> bool {
    let now = model.now;
    match model.policy.offer_mut() {
        Some(offer) => match &mut offer.step {
            OfferStep::Reading => offer.guard.tick(now),
            OfferStep::Typing(phrase) => phrase.tick(now),
            OfferStep::Sent => false,
        },
        None => false,
    }
}

/// `Enter` in one of the lines.
pub(super) fn send(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    if let Some(line) = &model.policy.line {
        let call = line.lines().join(" ").trim().to_owned();
        return if call.is_empty() { Vec::new() } else { vec![Effect::Explain(call)] };
    }
    if let Some(OfferStep::Typing(phrase)) = model.policy.offer_mut().map(|offer| &mut offer.step) {
        let typed = phrase.enter(now);
        told(model, typed);
    }
    Vec::new()
}

/// Any other key in one of the lines.
pub(super) fn typed(model: &mut Model, key: &KeyEvent) {
    let now = model.now;
    if let Some(line) = &mut model.policy.line {
        let breaks = matches!(key.code, KeyCode::Char('m' | 'j') if key.modifiers == KeyModifiers::CONTROL);
        if !breaks && !matches!(key.code, KeyCode::Tab | KeyCode::BackTab) {
            line.input(*key);
        }
        return;
    }
    let Some(OfferStep::Typing(phrase)) = model.policy.offer_mut().map(|offer| &mut offer.step) else { return };
    let typed = match key.code {
        KeyCode::Char(ch) if key.modifiers.difference(KeyModifiers::SHIFT).is_empty() => phrase.char(ch, now),
        KeyCode::Backspace => phrase.backspace(now),
        _ => return,
    };
    told(model, typed);
}

fn told(model: &mut Model, typed: Typed) {
    match typed {
        Typed::Taken | Typed::Right => {}
        Typed::Burst => complain(model, "That came faster than hands type. Type the word."),
        Typed::Wrong => complain(model, "That is not the word. Nothing was accepted."),
    }
}

/// `/`: the line that takes an operation.
pub(super) fn ask(model: &mut Model) {
    let mut line = TextArea::default();
    line.set_cursor_line_style(ratatui::style::Style::new());
    line.set_placeholder_text("s3:DeleteBucket");
    model.policy.line = Some(Box::new(line));
}

/// Back: out of the line, out of what is open. Whether there was either.
pub(super) fn back(model: &mut Model) -> bool {
    if model.policy.line.take().is_some() {
        return true;
    }
    if let Some(offer) = model.policy.offer_mut().filter(|offer| matches!(offer.step, OfferStep::Typing(_))) {
        offer.step = OfferStep::Reading;
        offer.guard.disturbed();
        return true;
    }
    model.policy.open.take().is_some()
}

/// Focus, suspend, paste (`whole`: a resize): what was being confirmed is not.
pub(super) fn disturbed(model: &mut Model, whole: bool, why: &str) {
    let Some(offer) = model.policy.offer_mut() else { return };
    if whole {
        offer.guard.changed();
    } else {
        offer.guard.disturbed();
    }
    if matches!(offer.step, OfferStep::Typing(_)) {
        offer.step = OfferStep::Reading;
        complain(model, why);
    }
}

/// How the policy stands.
pub(super) fn loaded(model: &mut Model, result: Result<Box<PolicyView>, String>) -> Vec<Effect> {
    let (look, now) = (model.options.look.clone(), model.now);
    match result {
        Ok(view) => model.policy.renew(*view, &look, now),
        Err(problem) => model.policy.problem = Some(problem),
    }
    if model.loading_policy.end() { vec![Effect::LoadPolicy] } else { Vec::new() }
}

/// The engine took an acceptance or a rejection in, or not.
pub(super) fn decided(model: &mut Model, accepted: bool, result: Result<(), String>) -> Vec<Effect> {
    match result {
        Ok(()) => {
            model.policy.open = None;
            let glyphs = model.options.look.theme.glyphs();
            let (mark, what) = if accepted { (glyphs.done, "is in force") } else { (glyphs.failed, "is rejected") };
            let role = if accepted { Role::Good } else { Role::Warn };
            toast(model, Row::new().own(role, format!("{mark} ")).own(Role::Plain, format!("The policy {what}.")));
        }
        Err(problem) => {
            if let Some(offer) = model.policy.offer_mut() {
                offer.step = OfferStep::Reading;
                offer.guard.disturbed();
            }
            complain(model, &problem);
        }
    }
    super::refresh(model)
}

/// What a call would meet.
pub(super) fn explained(model: &mut Model, result: Result<Box<Explained>, String>) {
    let look = model.options.look.clone();
    match result {
        // Whoever has gone to another tab, or into a review, is left in peace.
        Ok(explained) if model.tab == Tab::Policy && model.policy.offer().is_none() => {
            model.policy.explain(&explained, &look);
        }
        Ok(_) => {}
        Err(problem) => complain(model, &problem),
    }
}
