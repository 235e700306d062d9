//! What a person does at the console, and what comes of it: effects, compared whole.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::harness::Console;
use super::support::*;
use crate::approval::State;
use crate::engine::{Decision, Status, Undecided};
use crate::tui::effect::Effect;
use crate::tui::guard::Phase;
use crate::tui::keys::Place;
use crate::tui::model::{Ask, Tab};
use crate::tui::msg::Msg;

fn reviewing(approval: crate::approval::Approval) -> Console {
    let mut console = Console::with(80, 24, COLOR, vec![approval]);
    console.press(KeyCode::Enter);
    while console.model.phase() == Some(Phase::Drawn) {
        console.press(KeyCode::Char(' '));
    }
    console.take_effects();
    console
}

pub(super) fn armed(approval: crate::approval::Approval) -> Console {
    let mut console = reviewing(approval);
    console.wait(600);
    assert_eq!(console.model.phase(), Some(Phase::Armed));
    console
}

pub(super) fn approve(approval: &crate::approval::Approval) -> Effect {
    Effect::Decide { id: approval.id.clone(), decision: Decision::Approve { shown: approval.shown() } }
}

fn deny(approval: &crate::approval::Approval, reason: &str) -> Effect {
    Effect::Decide { id: approval.id.clone(), decision: Decision::Deny { reason: reason.to_owned() } }
}

#[test]
fn read_wait_approve() {
    let mut console = armed(delete_bucket());
    console.press(KeyCode::Char('a'));
    assert_eq!(console.take_effects(), [], "not before it is clear that the key came alone");
    console.wait(40);
    assert_eq!(console.take_effects(), [approve(&delete_bucket())]);
    console.wait(5_000).press(KeyCode::Char('a')).wait(1_000);
    assert_eq!(console.take_effects(), [], "once");
}

#[test]
fn after_a_decision_the_next_request_is_under_the_cursor() {
    let mut console = armed(delete_bucket());
    console.send(Msg::Approvals(Ok(vec![delete_bucket(), put_object()])));
    console.wait(600).press(KeyCode::Char('a')).wait(40);
    let mut approved = delete_bucket();
    approved.state = State::Approved { at: at(2), use_by: at(900) };
    console.take_effects();
    console.send(Msg::Decided { id: approved.id.clone(), result: Ok(Box::new(approved)) });
    assert_eq!(console.take_effects(), [Effect::LoadApprovals]);
    assert_eq!(console.model.place(), Place::Approvals);
    assert_eq!(console.model.approvals.selected().map(|it| it.id.clone()), Some(put_object().id));
    assert!(console.text().contains("✓ approved s3:DeleteBucket demo-logs"), "{}", console.text());
    console.wait(5_000);
    assert_eq!(console.model.toast, None);
}

#[test]
fn a_refused_decision_is_told_and_nothing_is_armed() {
    let mut console = armed(delete_bucket());
    console.press(KeyCode::Char('a')).wait(40);
    console.send(Msg::Decided {
        id: delete_bucket().id,
        result: Err(Undecided::Refused("the approval is expired; it can no longer be approved".to_owned())),
    });
    assert_eq!(console.model.place(), Place::Review);
    assert_ne!(console.model.phase(), Some(Phase::Armed));
    assert!(console.text().contains("it can no longer be approved"), "{}", console.text());
}

#[test]
fn enter_never_approves() {
    let mut console = armed(delete_bucket());
    for code in [KeyCode::Enter, KeyCode::Char('l'), KeyCode::Char('y'), KeyCode::Char('Y'), KeyCode::Char('\n')] {
        console.wait(1_000).press(code).wait(100);
    }
    assert!(console.take_effects().iter().all(|effect| matches!(effect, Effect::Copy(_))));
}

#[test]
fn only_key_presses_count() {
    let mut console = armed(delete_bucket());
    for kind in [KeyEventKind::Release, KeyEventKind::Repeat] {
        let key = KeyEvent::new_with_kind(KeyCode::Char('a'), KeyModifiers::NONE, kind);
        console.send(Msg::Key(key)).wait(100);
    }
    assert_eq!(console.take_effects(), []);
}

#[test]
fn a_in_the_list_does_nothing() {
    let mut console = Console::with(160, 50, COLOR, vec![delete_bucket()]);
    console.take_effects();
    console.wait(5_000).press(KeyCode::Char('a')).wait(5_000);
    assert_eq!(console.take_effects(), []);
    assert_eq!(console.model.place(), Place::Approvals);
}

#[test]
fn denying_takes_a_reason_word_for_word() {
    let mut console = Console::with(80, 24, COLOR, vec![delete_bucket()]);
    console.take_effects();
    console.press(KeyCode::Char('d')).type_text("No: 日本 \"x\"").wait(50).press(KeyCode::Enter);
    assert_eq!(console.take_effects(), [deny(&delete_bucket(), "No: 日本 \"x\"")]);

    let mut console = Console::with(80, 24, COLOR, vec![delete_bucket()]);
    console.take_effects();
    console.press(KeyCode::Enter).press(KeyCode::Char('d')).type_text("never mind").press(KeyCode::Esc);
    assert_eq!((console.model.place(), console.take_effects()), (Place::Review, vec![]));
    console.press(KeyCode::Char('d')).wait(20).press(KeyCode::Enter);
    assert_eq!(console.take_effects(), [deny(&delete_bucket(), "")], "an empty reason is fine");
}

#[test]
fn keys_of_the_line_do_nothing_else() {
    let mut console = Console::with(80, 24, COLOR, vec![delete_bucket()]);
    console.press(KeyCode::Char('d')).type_text("qa12?");
    assert_eq!((console.model.place(), console.model.tab), (Place::Deny, Tab::Approvals));
    console.take_effects();
    console.wait(20).press(KeyCode::Enter);
    assert_eq!(console.take_effects(), [deny(&delete_bucket(), "qa12?")]);
}

#[test]
fn a_pasted_reason_becomes_one_visible_line() {
    let mut console = Console::with(80, 24, COLOR, vec![delete_bucket()]);
    console.press(KeyCode::Char('d')).send(Msg::Paste("not\nthis\u{200b} one\u{1b}".to_owned()));
    console.take_effects();
    console.wait(20).press(KeyCode::Enter);
    assert_eq!(console.take_effects(), [deny(&delete_bucket(), "not this one")]);
}

#[test]
fn severe_requests_want_their_name_typed() {
    let mut console = armed(put_role_policy());
    console.press(KeyCode::Char('a')).wait(1_000);
    assert_eq!((console.model.place(), console.take_effects()), (Place::Confirm, vec![]));
    console.type_text("ci-deplo").wait(50).press(KeyCode::Enter).wait(100);
    assert_eq!(console.take_effects(), [], "not the name");
    console.type_text("y").wait(50).press(KeyCode::Enter);
    assert_eq!(console.take_effects(), []);
    console.wait(40);
    assert_eq!(console.take_effects(), [approve(&put_role_policy())]);
}

#[test]
fn pasted_text_and_bursts_never_confirm() {
    // Bracketed paste.
    let mut console = armed(put_role_policy());
    console.press(KeyCode::Char('a')).wait(100).send(Msg::Paste("ci-deploy\n".to_owned())).wait(2_000);
    assert_eq!((console.model.place(), console.take_effects()), (Place::Review, vec![]));
    // A terminal without it: everything at once.
    let mut console = armed(put_role_policy());
    for ch in "aci-deploy".chars() {
        console.press(KeyCode::Char(ch));
    }
    console.press(KeyCode::Enter).wait(2_000);
    assert_eq!(console.take_effects(), []);
    // A slower program: 7 ms a key.
    let mut console = armed(put_role_policy());
    console.press(KeyCode::Char('a'));
    for ch in "ci-deploy".chars() {
        console.wait(7).press(KeyCode::Char(ch));
    }
    console.wait(7).press(KeyCode::Enter).wait(2_000);
    assert_eq!(console.take_effects(), []);
    // The same for what needs no name: the first of many keys is not a decision.
    let mut console = armed(delete_bucket());
    for ch in "a quick brown fox".chars() {
        console.press(KeyCode::Char(ch)).wait(3);
    }
    console.wait(2_000);
    assert_eq!(console.take_effects(), []);
}

#[test]
fn whatever_disturbs_leads_back() {
    let mut console = armed(delete_bucket());
    console.send(Msg::Focus);
    // Short enough to be wholly on the screen: read again at once, but quiet hands are waited for anew.
    assert_eq!(console.model.phase(), Some(Phase::Read));
    console.press(KeyCode::Char('a')).wait(40);
    assert_eq!(console.take_effects(), []);

    let mut console = armed(delete_bucket());
    console.send(Msg::Paste("a".to_owned())).press(KeyCode::Char('a')).wait(40);
    assert_eq!(console.take_effects(), []);

    let mut console = armed(delete_bucket());
    console.resize(80, 12).press(KeyCode::Char('a')).wait(2_000);
    assert_eq!((console.model.phase(), console.take_effects()), (Some(Phase::Drawn), vec![]));

    let mut console = armed(delete_bucket());
    let mut changed = delete_bucket();
    changed.facts.payload = serde_json::json!({"Bucket": "prod-data"});
    changed.digest = crate::base::Digest::of("test", b"other");
    console.send(Msg::Approvals(Ok(vec![changed.clone()]))).press(KeyCode::Char('a')).wait(40);
    assert_eq!(console.take_effects(), []);
    assert!(console.text().contains("prod-data"));
    console.wait(600).press(KeyCode::Char('a')).wait(40);
    assert_eq!(console.take_effects(), [approve(&changed)], "what is signed is what is shown");

    for msg in [Msg::Focus, Msg::Resumed, Msg::Resized(81, 24), Msg::Paste("x".to_owned())] {
        let mut console = armed(put_role_policy());
        console.press(KeyCode::Char('a')).wait(100).send(msg);
        assert_eq!(console.model.place(), Place::Review, "typing a name has to begin anew");
    }
}

#[test]
fn decided_elsewhere_is_told_and_cannot_be_decided_again() {
    let mut console = armed(delete_bucket());
    let mut denied = delete_bucket();
    denied.state = State::Denied { at: at(1), reason: "No.".to_owned() };
    console.send(Msg::Approvals(Ok(vec![denied])));
    assert!(console.text().contains("✗ denied s3:DeleteBucket demo-logs: No."), "{}", console.text());
    console.wait(2_000).press(KeyCode::Char('a')).press(KeyCode::Char('d')).wait(2_000);
    assert_eq!((console.model.place(), console.take_effects()), (Place::Review, vec![]));
}

#[test]
fn new_requests_never_move_what_is_under_the_cursor() {
    let mut console = Console::with(48, 12, COLOR, vec![put_role_policy(), delete_bucket()]);
    console.press(KeyCode::Char('j'));
    let row_of = |console: &Console, what: &str| {
        console.text().lines().position(|line| line.contains(what)).unwrap_or_else(|| panic!("{what} is out of sight"))
    };
    let before = row_of(&console, "DeleteBucket");
    let older =
        approval(40, 500, facts("sqs", "PurgeQueue", crate::base::RiskClass::Destructive, ("QueueUrl", "jobs")));
    console.send(Msg::Approvals(Ok(vec![older.clone(), put_role_policy(), delete_bucket(), put_object()])));
    assert_eq!(console.model.approvals.selected().map(|it| it.id.clone()), Some(delete_bucket().id));
    let now = row_of(&console, "DeleteBucket");
    // Four entries of two rows fit exactly: an older one can only come in above.
    assert_eq!(now - before, 2);
    let many = (50..60).map(|n| approval(n, 1_000 - i64::from(n), older.facts.clone()));
    console.send(Msg::Approvals(Ok(many.chain([put_role_policy(), delete_bucket(), put_object()]).collect())));
    assert_eq!(row_of(&console, "DeleteBucket"), now, "with a full screen it stays where it is");
}

#[test]
fn an_idle_cursor_goes_to_what_waits_and_a_placed_one_stays() {
    let old = || decided(8, 300, "DeleteObject", "demo-old", State::Done { at: at(-200) });
    let mut console = Console::with(80, 24, COLOR, vec![old()]);
    console.send(Msg::Approvals(Ok(vec![old(), delete_bucket()])));
    assert_eq!(console.model.approvals.selected().map(|it| it.id.clone()), Some(delete_bucket().id));
    console.press(KeyCode::Char('j'));
    console.send(Msg::Approvals(Ok(vec![old(), delete_bucket(), put_object()])));
    assert_eq!(console.model.approvals.selected().map(|it| it.id.clone()), Some(old().id));
}

#[test]
fn leaving_asks_only_when_something_waits() {
    let mut console = Console::with(80, 24, COLOR, Vec::new());
    console.take_effects();
    console.press(KeyCode::Char('q'));
    assert_eq!(console.take_effects(), [Effect::Quit]);

    let mut console = Console::with(80, 24, COLOR, vec![delete_bucket()]);
    console.take_effects();
    console.press(KeyCode::Char('q'));
    assert_eq!((console.model.ask, console.take_effects()), (Some(Ask::Leave), vec![]));
    console.press(KeyCode::Esc);
    assert_eq!((console.model.ask, console.take_effects()), (None, vec![]));
    console.press(KeyCode::Char('q')).press(KeyCode::Char('y'));
    assert_eq!(console.take_effects(), [Effect::Quit]);

    let mut console = armed(delete_bucket());
    console.press(KeyCode::Char('q'));
    assert_eq!((console.model.place(), console.take_effects()), (Place::Approvals, vec![]), "back, not out");
    console.send(Msg::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)));
    assert_eq!(console.take_effects(), [Effect::Quit], "Ctrl-c leaves, and what is pending stays pending");
}

#[test]
fn pausing_is_at_once_and_resuming_asks() {
    let mut console = Console::with(80, 24, COLOR, vec![delete_bucket()]);
    console.take_effects();
    console.press(KeyCode::Char('p'));
    assert_eq!((console.model.ask, console.take_effects()), (None, vec![Effect::Pause(true)]));
    console.send(Msg::Paused(Ok(true)));
    console.send(Msg::Status(Box::new(Status { paused: true, ..status() })));
    assert!(console.text().contains("PAUSED"), "{}", console.text());

    console.press(KeyCode::Char('p'));
    assert_eq!((console.model.ask, console.take_effects()), (Some(Ask::Resume), vec![]));
    console.press(KeyCode::Char('p')).press(KeyCode::Char('a'));
    assert_eq!(console.take_effects(), [], "only a yes is a yes");
    console.press(KeyCode::Esc);
    assert_eq!((console.model.ask, console.take_effects()), (None, vec![]));
    console.press(KeyCode::Char('p')).press(KeyCode::Char('y'));
    assert_eq!((console.model.ask, console.take_effects()), (None, vec![Effect::Pause(false)]));

    // In a line it is a letter.
    let mut console = Console::with(80, 24, COLOR, vec![delete_bucket()]);
    console.take_effects();
    console.press(KeyCode::Char('d')).type_text("p");
    assert_eq!(console.take_effects(), []);
}

#[test]
fn a_grant_goes_the_way_of_an_approval_and_is_never_given_for_what_is_too_dangerous() {
    let mut console = armed(put_object());
    console.press(KeyCode::Char('t')).wait(100);
    let decision = Decision::Grant { shown: put_object().shown() };
    assert_eq!(console.take_effects(), [Effect::Decide { id: put_object().id, decision }]);

    // Not before everything has been read.
    let mut console = Console::with(40, 12, COLOR, vec![put_object()]);
    console.take_effects();
    console.press(KeyCode::Enter).press(KeyCode::Char('t')).wait(1_000);
    assert_eq!(console.take_effects(), []);

    let mut console = armed(put_role_policy());
    console.press(KeyCode::Char('t')).wait(1_000);
    assert_eq!((console.take_effects(), console.model.place()), (vec![], Place::Review));
    assert!(console.text().contains("never granted"), "{}", console.text());
}

#[test]
fn a_grant_is_taken_back_from_the_list() {
    let mut console = Console::with(80, 24, COLOR, vec![delete_bucket()]);
    console.take_effects();
    console.press(KeyCode::Char('t'));
    assert_eq!(console.take_effects(), [Effect::Grants { revoke: None }]);
    console.press(KeyCode::Char('d'));
    assert_eq!(console.take_effects(), [], "nothing is there yet");
    console.send(Msg::Grants(Ok(vec![grant(1), grant(2)]))).press(KeyCode::Char('j')).press(KeyCode::Char('d'));
    let revoke = Some(grant(2).grant.id);
    assert_eq!(console.take_effects(), [Effect::Grants { revoke }]);
    console.send(Msg::Grants(Ok(vec![grant(1)]))).press(KeyCode::Esc);
    assert_eq!(console.model.place(), Place::Approvals);
}

#[test]
fn the_mouse_scrolls_and_selects_and_never_decides() {
    let mouse = |kind, column, row| Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE });
    let click = MouseEventKind::Down(MouseButton::Left);
    let mut console = Console::with(80, 24, COLOR, approvals());
    console.take_effects();
    console.send(mouse(click, 10, 5));
    assert_eq!(console.model.approvals.selected().map(|it| it.id.clone()), Some(delete_bucket().id));
    console.send(mouse(click, 10, 5));
    assert_eq!(console.model.place(), Place::Approvals, "a second click opens nothing");
    console.send(mouse(click, 15, 1));
    assert_eq!(console.model.tab, Tab::Audit);
    console.take_effects();

    let mut console = armed(delete_bucket());
    for row in 0..24 {
        console.send(mouse(click, 2, row)).wait(100);
    }
    assert!(console.take_effects().iter().all(|effect| !matches!(effect, Effect::Decide { .. })));

    let mut console = Console::with(40, 12, COLOR, vec![long_request(40)]);
    console.press(KeyCode::Enter).send(mouse(MouseEventKind::ScrollDown, 5, 5));
    assert_eq!(console.model.opened().map(|review| review.scroll), Some(3));
}
