//! What a person does at the console, and what comes of it: effects, compared whole.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::support::*;
use crate::approval::State;
use crate::audit::Filter;
use crate::engine::Decision;
use crate::tui::effect::Effect;
use crate::tui::guard::Phase;
use crate::tui::keys::Place;
use crate::tui::model::{Ask, PAGE, Tab};
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

fn armed(approval: crate::approval::Approval) -> Console {
    let mut console = reviewing(approval);
    console.wait(600);
    assert_eq!(console.model.phase(), Some(Phase::Armed));
    console
}

fn approve(approval: &crate::approval::Approval) -> Effect {
    Effect::Decide { id: approval.id.clone(), decision: Decision::Approve { shown: approval.digest } }
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
        result: Err("the approval is expired; it can no longer be approved".to_owned()),
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

#[test]
fn the_ledger_is_read_anew_and_never_twice_at_once() {
    let mut console = Console::new(80, 24, COLOR);
    console.send(Msg::Ledger);
    assert_eq!(console.take_effects(), [Effect::LoadApprovals]);
    console.send(Msg::Ledger).send(Msg::Ledger);
    assert_eq!(console.take_effects(), [], "it is being read");
    console.send(Msg::Approvals(Ok(Vec::new())));
    assert_eq!(console.take_effects(), [Effect::LoadApprovals], "once more, for what came meanwhile");
    console.send(Msg::Approvals(Ok(Vec::new())));
    assert_eq!(console.take_effects(), []);
}

fn calls_effect(before: Option<crate::base::TxId>) -> Effect {
    Effect::LoadCalls { filter: Box::default(), before }
}

fn page(rows: Vec<crate::audit::CallRow>, before: Option<crate::base::TxId>) -> Msg {
    Msg::Calls { filter: Box::default(), before, result: Ok(rows) }
}

#[test]
fn the_audit_follows_until_a_person_moves() {
    let mut console = Console::new(80, 24, COLOR);
    console.press(KeyCode::Char('2'));
    assert_eq!(console.take_effects(), [Effect::LoadApprovals, calls_effect(None)]);
    let mut all = calls();
    let last = all.pop().unwrap();
    console.send(page(all.clone(), None));
    assert_eq!(console.model.audit.selected().map(|call| call.tx.clone()), all.last().map(|call| call.tx.clone()));
    console.send(page(vec![last.clone()], None));
    assert_eq!(console.model.audit.selected().map(|call| call.tx.clone()), Some(last.tx), "it follows");
    console.press(KeyCode::Char('k'));
    let (here, text) = (console.model.audit.selected().cloned().unwrap(), console.text());
    let newer = call(9, 5, "HeadBucket", "x", crate::base::Verdict::Allow, crate::audit::Outcome::Ok);
    console.send(page(vec![newer.clone()], None));
    assert_eq!(console.model.audit.selected(), Some(&here), "it stays");
    let row = |text: &str| text.lines().position(|line| line.starts_with('▌')).unwrap();
    assert_eq!(row(&console.text()), row(&text));
    console.press(KeyCode::Char('f'));
    assert_eq!(console.model.audit.selected().map(|call| call.tx.clone()), Some(newer.tx), "f follows again");
}

#[test]
fn older_calls_and_gaps_are_read() {
    let verdict = crate::base::Verdict::Allow;
    let many = |range: std::ops::Range<i64>| -> Vec<_> {
        range.map(|n| call(1, n, "ListBuckets", "", verdict, crate::audit::Outcome::Ok)).rev().collect()
    };
    let size = i64::try_from(PAGE).unwrap();
    let mut console = Console::new(80, 24, COLOR);
    console.press(KeyCode::Char('2')).take_effects();
    console.send(page(many(1_000..1_000 + size), None));
    assert_eq!(console.take_effects(), []);
    let oldest = |console: &Console| console.model.audit.rows().first().map(|call| call.tx.clone());
    console.press(KeyCode::Char('g'));
    assert_eq!(console.take_effects(), [calls_effect(oldest(&console))]);
    console.send(page(many(900..1_000), oldest(&console)));
    assert!(console.model.audit.complete);
    assert_eq!(console.model.audit.rows().len(), PAGE + 100);
    // More than a page has come in at once: what lies between is read, too.
    let newest = many(2_000..2_000 + size);
    let edge = newest.last().map(|call| call.tx.clone());
    console.take_effects();
    console.send(page(newest, None));
    assert_eq!(console.take_effects(), [calls_effect(edge.clone())]);
    console.send(page(many(1_000 + size - 10..1_000 + size + 50), edge));
    assert_eq!(console.take_effects(), []);
    assert!(!console.model.audit.gap);
}

#[test]
fn a_filter_is_read_or_explained() {
    let mut console = Console::new(80, 24, COLOR);
    console.press(KeyCode::Char('2')).send(page(calls(), None)).take_effects();
    console.press(KeyCode::Char('/')).type_text("verdit:deny").press(KeyCode::Enter);
    assert_eq!((console.model.place(), console.take_effects()), (Place::Filter, vec![]));
    assert!(console.text().contains("did you mean `verdict:`"), "{}", console.text());
    for _ in 0..11 {
        console.press(KeyCode::Backspace);
    }
    console.type_text("verdict:deny").press(KeyCode::Enter);
    let filter = Filter::parse("verdict:deny", at(0)).unwrap();
    assert_eq!(console.take_effects(), [Effect::LoadCalls { filter: Box::new(filter.clone()), before: None }]);
    console.send(page(calls(), None));
    assert_eq!(console.model.audit.rows(), [], "an answer to another question");
    console.send(Msg::Calls { filter: Box::new(filter), before: None, result: Ok(vec![calls().remove(2)]) });
    assert_eq!(console.model.audit.rows().len(), 1);
}

#[test]
fn a_call_opens_with_all_its_events() {
    let mut console = Console::new(80, 24, COLOR);
    console.press(KeyCode::Char('2')).send(page(calls(), None)).take_effects();
    console.press(KeyCode::Enter);
    let call = calls().pop().unwrap();
    assert_eq!(console.take_effects(), [Effect::LoadTransaction(call.tx.clone())]);
    console.send(Msg::Transaction { tx: call.tx.clone(), result: Ok(events(&call)) });
    let mut text = console.text();
    for _ in 0..10 {
        console.press(KeyCode::Char(' '));
        text.push_str(&console.text());
    }
    for word in ["received", "judged", "intent", "outcome", "\"BucketNotEmpty\"", "ask_for[0]: destructive"] {
        assert!(text.contains(word), "{word} is missing");
    }
    console.press(KeyCode::Esc);
    assert_eq!(console.model.place(), Place::Audit);
}

#[test]
fn nothing_moves_while_nothing_waits() {
    let mut console = Console::with(80, 24, COLOR, Vec::new());
    assert_eq!(console.model.wake(), None);
    console.send(Msg::Approvals(Ok(vec![delete_bucket()])));
    assert_eq!(console.model.wake(), Some(at(1)), "ages, each second");
    console.press(KeyCode::Char('2'));
    assert_eq!(console.model.wake(), None, "not where they are not shown");
}

#[test]
fn copies_go_through_the_terminal() {
    let mut console = Console::with(80, 24, COLOR, Vec::new());
    console.take_effects();
    console.press(KeyCode::Char('y'));
    let [Effect::Copy(text)] = &console.take_effects()[..] else { panic!("no copy") };
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(text).unwrap(),
        serde_json::json!({"mcpServers": {"countersign": {"command": "countersign", "args": ["stdio"]}}})
    );
    console.send(Msg::Approvals(Ok(vec![delete_bucket()]))).take_effects();
    console.press(KeyCode::Char('y'));
    assert_eq!(console.take_effects(), [Effect::Copy(delete_bucket().id.to_string())]);
}
