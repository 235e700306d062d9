//! Approving and denying. Every way to a signature goes through [`approve`], and every way there through the guard.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_textarea::{CursorMove, TextArea, WrapMode};

use super::{Effect, Model, complain, moves, toast};
use crate::approval::grant::Grant;
use crate::approval::{Approval, State};
use crate::base::{ApprovalId, Digest, Part, Shown};
use crate::engine::{Decision, Passphrase, Undecided};
use crate::tui::guard::{BURST, Phrase, Typed};
use crate::tui::model::{Step, phrase};
use crate::tui::secret::Secret;
use crate::tui::text::Row;
use crate::tui::theme::Role;
use crate::tui::words;

/// What a reason may hold; the engine and the agent get it word for word.
const MAX_REASON: usize = 2_000;

/// `t` in the review: what is never granted says so, and is not approved by the way either.
pub(super) fn grant_pressed(model: &mut Model) -> Vec<Effect> {
    let Some(review) = model.opened().filter(|review| review.is_pending()) else { return Vec::new() };
    if let Err(why) = Grant::over(&review.approval, Digest::ZERO, model.now) {
        complain(model, &why);
        return Vec::new();
    }
    pressed(model, true)
}

/// `a` in the review.
pub(super) fn approve_pressed(model: &mut Model) -> Vec<Effect> {
    pressed(model, false)
}

fn pressed(model: &mut Model, grant: bool) -> Vec<Effect> {
    let now = model.now;
    let Some(review) = model.opened_mut().filter(|review| review.is_pending()) else { return Vec::new() };
    if !matches!(review.step, Step::Reading) || !review.guard.press(now) {
        return Vec::new();
    }
    review.grant = grant;
    if let Some(wanted) = phrase(&review.approval.facts) {
        review.step = Step::Typing(Phrase::new(wanted, now));
    }
    Vec::new()
}

/// The guard let it pass: hands the decision over.
pub(super) fn approve(model: &mut Model) -> Vec<Effect> {
    let Some(review) = model.opened_mut().filter(|review| review.is_pending()) else { return Vec::new() };
    let guard = &review.guard;
    let read = guard.unread() == 0 && !guard.too_small() && guard.subject() == review.approval.shown();
    if !read {
        review.step = Step::Reading;
        return Vec::new();
    }
    review.step = Step::Sent;
    let decision = review.decision();
    vec![Effect::Decide { id: review.approval.id.clone(), decision }]
}

/// `d`: in the list it opens the request first, so that what is denied is on the screen.
pub(super) fn deny_pressed(model: &mut Model) {
    let Some(review) = model.review.as_mut().filter(|review| review.is_pending()) else { return };
    review.open();
    if matches!(review.step, Step::Reading) {
        let mut line = TextArea::default();
        line.set_wrap_mode(WrapMode::WordOrGlyph);
        line.set_cursor_line_style(ratatui::style::Style::new());
        line.set_placeholder_text("Why not? May stay empty.");
        review.step = Step::Denying(Box::new(line));
    }
}

/// `Enter` in one of the lines.
pub(super) fn send_pressed(model: &mut Model) -> Vec<Effect> {
    let (now, last) = (model.now, model.last_key);
    let Some(review) = model.opened_mut().filter(|review| review.is_pending()) else { return Vec::new() };
    match &mut review.step {
        Step::Denying(line) => {
            // A pasted text with a line break in it sends nothing.
            if now.since(last) < BURST {
                return Vec::new();
            }
            let reason = line.lines().join(" ").trim().to_owned();
            let id = review.approval.id.clone();
            review.step = Step::Sent;
            vec![Effect::Decide { id, decision: Decision::Deny { reason } }]
        }
        Step::Typing(phrase) => {
            let typed = phrase.enter(now);
            told(model, typed);
            Vec::new()
        }
        Step::Unlocking(secret) => {
            let typed = secret.enter(now);
            told(model, typed);
            Vec::new()
        }
        Step::Reading | Step::Sent => Vec::new(),
    }
}

/// The passphrase has been typed: hands it over with the decision that wanted it.
pub(super) fn unlock(model: &mut Model, passphrase: Passphrase) -> Vec<Effect> {
    let Some(review) = model.opened_mut().filter(|review| review.is_pending()) else { return Vec::new() };
    // Whatever has become another request since it was read has taken the review back already.
    review.step = Step::Sent;
    vec![Effect::Unlock { passphrase, id: review.approval.id.clone(), decision: review.decision() }]
}

/// Any other key in one of the lines.
pub(super) fn typed(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    let now = model.now;
    let Some(review) = model.opened_mut() else { return Vec::new() };
    match &mut review.step {
        Step::Denying(line) => {
            let breaks = matches!(key.code, KeyCode::Char('m' | 'j') if key.modifiers == KeyModifiers::CONTROL);
            let full = matches!(key.code, KeyCode::Char(_)) && line.lines().join(" ").len() >= MAX_REASON;
            if !breaks && !full && !matches!(key.code, KeyCode::Tab | KeyCode::BackTab) {
                line.input(*key);
            }
        }
        Step::Typing(phrase) => {
            let typed = match key.code {
                KeyCode::Char(ch) if key.modifiers.difference(KeyModifiers::SHIFT).is_empty() => phrase.char(ch, now),
                KeyCode::Backspace => phrase.backspace(now),
                _ => return Vec::new(),
            };
            told(model, typed);
        }
        Step::Unlocking(secret) => {
            let typed = match key.code {
                KeyCode::Char(ch) if key.modifiers.difference(KeyModifiers::SHIFT).is_empty() => secret.char(ch, now),
                KeyCode::Backspace => secret.backspace(now),
                _ => return Vec::new(),
            };
            told(model, typed);
        }
        Step::Reading | Step::Sent => {}
    }
    Vec::new()
}

fn told(model: &mut Model, typed: Typed) {
    match typed {
        Typed::Taken | Typed::Right => {}
        Typed::Burst => complain(model, "That came faster than hands type. Type it by hand."),
        Typed::Wrong => complain(model, "That is not it. Nothing was approved."),
    }
}

/// Pasted text: welcome in a reason, never in a confirmation, and whatever it was meant for, look again.
pub(super) fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    if let Some(line) = &mut model.audit.line {
        line.insert_str(one_line(text));
        return Vec::new();
    }
    if let Some(review) = model.opened_mut()
        && let Step::Denying(line) = &mut review.step
    {
        let room = MAX_REASON.saturating_sub(line.lines().join(" ").len());
        line.insert_str(one_line(text).chars().take(room).collect::<String>());
        line.move_cursor(CursorMove::End);
        review.guard.disturbed();
        return Vec::new();
    }
    if let Some(line) = &mut model.policy.line {
        line.insert_str(one_line(text));
        return Vec::new();
    }
    super::policy::disturbed(model, false, "Pasted text accepts nothing.");
    disturbed(model, "Pasted text approves nothing.");
    Vec::new()
}

/// What the human can see of a pasted text, in one line.
fn one_line(text: &str) -> String {
    let spaced = text.replace(['\n', '\r', '\t'], " ");
    let shown = Shown::line(&spaced);
    let visible = shown.parts().filter_map(|part| match part {
        Part::Plain(text) => Some(text),
        Part::Made(_) => None,
    });
    visible.collect()
}

/// Out of a line, back to the text. Returns whether there was one.
pub(super) fn leave_line(model: &mut Model) -> bool {
    let Some(review) = model.opened_mut() else { return false };
    if !matches!(review.step, Step::Denying(_) | Step::Typing(_) | Step::Unlocking(_)) {
        return false;
    }
    review.step = Step::Reading;
    review.guard.disturbed();
    true
}

/// Focus, suspend, paste: whatever was being confirmed is not.
pub(super) fn disturbed(model: &mut Model, why: &str) {
    let Some(review) = model.opened_mut() else { return };
    review.guard.disturbed();
    stop_typing(model, why);
}

/// A resize: nothing has been read at this size.
pub(super) fn changed(model: &mut Model, why: &str) {
    let Some(review) = model.opened_mut() else { return };
    review.guard.changed();
    stop_typing(model, why);
}

fn stop_typing(model: &mut Model, why: &str) {
    if let Some(review) = model.opened_mut()
        && matches!(review.step, Step::Typing(_) | Step::Unlocking(_))
    {
        review.step = Step::Reading;
        complain(model, why);
    }
}

/// The engine took the decision in, or not.
pub(super) fn decided(model: &mut Model, id: &ApprovalId, result: Result<Box<Approval>, Undecided>) -> Vec<Effect> {
    let now = model.now;
    let mine = model.review.as_ref().is_some_and(|review| review.open && &review.approval.id == id);
    match result {
        Ok(approval) => {
            toast(model, told_of(&approval, model));
            model.approvals.put(*approval);
            if mine {
                model.review = None;
                model.approvals.go_on();
            }
            moves::preview(model);
        }
        Err(problem @ (Undecided::Locked | Undecided::Passphrase)) if mine => {
            // What was read stays read: the decision waits for its signature. A denial never comes here.
            if let Some(review) = model.opened_mut().filter(|review| matches!(review.step, Step::Sent)) {
                review.step = Step::Unlocking(Secret::new(now));
            }
            if problem == Undecided::Passphrase {
                complain(model, &problem.to_string());
            }
        }
        Err(problem) => {
            if let Some(review) = model.opened_mut().filter(|_| mine) {
                review.step = Step::Reading;
                review.guard.disturbed();
            }
            complain(model, &problem.to_string());
        }
    }
    super::refresh(model)
}

/// In one line: what has become of it.
pub(super) fn told_of(approval: &Approval, model: &Model) -> Row {
    let theme = model.options.look.theme;
    let facts = &approval.facts;
    let (mark, word, role) = words::state(&approval.state, theme.glyphs());
    let word = match (&approval.state, approval.signed.len()) {
        (State::Pending, signed @ 1..) => format!("signed by {signed} of {} approvers", approval.require),
        _ => word.to_owned(),
    };
    let row = Row::new()
        .own(role, format!("{mark} {word}"))
        .own(Role::Plain, " ")
        .shown(Role::Plain, &theme.shown(&format!("{}:{}", facts.service, facts.operation)));
    let row = match facts.targets.first() {
        Some((_, target)) => row.own(Role::Plain, " ").shown(Role::Plain, &theme.shown(target)),
        None => row,
    };
    match &approval.state {
        State::Denied { reason, .. } if !reason.is_empty() => {
            row.own(Role::Plain, ": ").shown(Role::Plain, &theme.shown(reason))
        }
        _ => row,
    }
}
