//! Looking around: what is read when, where the cursor stays, filters, calls, copies.

use crossterm::event::KeyCode;

use super::harness::Console;
use super::support::*;
use crate::audit::{CallRow, Filter, Outcome};
use crate::base::{TxId, Verdict};
use crate::tui::effect::Effect;
use crate::tui::keys::Place;
use crate::tui::model::PAGE;
use crate::tui::msg::Msg;

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

fn calls_effect(before: Option<TxId>) -> Effect {
    Effect::LoadCalls { filter: Box::default(), before }
}

fn page(rows: Vec<CallRow>, before: Option<TxId>) -> Msg {
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
    let newer = call(9, 5, "HeadBucket", "x", Verdict::Allow, Outcome::Ok);
    console.send(page(vec![newer.clone()], None));
    assert_eq!(console.model.audit.selected(), Some(&here), "it stays");
    let row = |text: &str| text.lines().position(|line| line.starts_with('▌')).unwrap();
    assert_eq!(row(&console.text()), row(&text));
    console.press(KeyCode::Char('f'));
    assert_eq!(console.model.audit.selected().map(|call| call.tx.clone()), Some(newer.tx), "f follows again");
}

#[test]
fn older_calls_and_gaps_are_read() {
    let verdict = Verdict::Allow;
    let many = |range: std::ops::Range<i64>| -> Vec<_> {
        range.map(|n| call(1, n, "ListBuckets", "", verdict, Outcome::Ok)).rev().collect()
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
