//! Pictures of every screen, at four sizes.

use crossterm::event::KeyCode;

use super::harness::Console;
use super::support::*;
use crate::base::Timestamp;
use crate::engine::{Status, Undecided};
use crate::tui::msg::Msg;
use crate::tui::theme::Theme;

const SIZES: [(u16, u16); 4] = [(40, 12), (48, 20), (80, 24), (160, 50)];

fn picture(name: &str, theme: Theme, scene: impl Fn(&mut Console)) {
    for (columns, rows) in SIZES {
        let mut console = Console::new(columns, rows, theme);
        scene(&mut console);
        insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), console.layers());
    }
}

fn approvals_are_here(console: &mut Console) {
    console.send(Msg::Approvals(Ok(approvals())));
}

#[test]
fn empty() {
    picture("empty", COLOR, |console| {
        console.send(Msg::Approvals(Ok(Vec::new())));
    });
}

#[test]
fn list() {
    picture("list", COLOR, approvals_are_here);
    picture("list_no_color", NO_COLOR, approvals_are_here);
    picture("list_ascii", ASCII, approvals_are_here);
}

fn review_is_open(console: &mut Console) {
    console.send(Msg::Approvals(Ok(vec![delete_bucket(), put_object()]))).press(KeyCode::Enter);
}

#[test]
fn review() {
    picture("review", COLOR, review_is_open);
    picture("review_no_color", NO_COLOR, review_is_open);
    picture("review_ascii", ASCII, review_is_open);
    picture("review_end", COLOR, |console| {
        review_is_open(console);
        for _ in 0..8 {
            console.press(KeyCode::Char(' '));
        }
        console.wait(700);
    });
}

#[test]
fn severe_requests_ask_for_the_name() {
    picture("confirm", COLOR, |console| {
        console.send(Msg::Approvals(Ok(vec![put_role_policy()]))).press(KeyCode::Enter);
        for _ in 0..8 {
            console.press(KeyCode::Char(' '));
        }
        console.wait(700).press(KeyCode::Char('a')).type_text("ci-d");
    });
}

#[test]
fn denying() {
    picture("deny", COLOR, |console| {
        console.send(Msg::Approvals(Ok(vec![delete_bucket()]))).press(KeyCode::Char('d')).type_text("Not on a Friday.");
    });
    picture("deny_no_color", NO_COLOR, |console| {
        console.send(Msg::Approvals(Ok(vec![delete_bucket()]))).press(KeyCode::Char('d'));
    });
}

#[test]
fn decided_ones_tell_their_end() {
    picture("decided", COLOR, |console| {
        console.send(Msg::Approvals(Ok(approvals()))).press(KeyCode::Char('G')).press(KeyCode::Enter);
    });
}

fn calls_are_here(console: &mut Console) {
    console.press(KeyCode::Char('2')).send(Msg::Calls { filter: Box::default(), before: None, result: Ok(calls()) });
}

#[test]
fn audit() {
    picture("audit_empty", COLOR, |console| {
        console.press(KeyCode::Char('2')).send(Msg::Calls {
            filter: Box::default(),
            before: None,
            result: Ok(Vec::new()),
        });
    });
    picture("audit", COLOR, calls_are_here);
    picture("audit_no_color", NO_COLOR, calls_are_here);
    picture("audit_filter", COLOR, |console| {
        calls_are_here(console);
        console.press(KeyCode::Char('/')).type_text("verdict:deny agent:claude");
    });
    picture("call", COLOR, |console| {
        calls_are_here(console);
        console.press(KeyCode::Char('k')).press(KeyCode::Char('k')).press(KeyCode::Enter);
        let call = console.model.audit.open.as_ref().unwrap().call.clone();
        console.send(Msg::Transaction { tx: call.tx.clone(), result: Ok(events(&call)) });
    });
}

#[test]
fn help_and_leaving() {
    picture("help", COLOR, |console| {
        console.press(KeyCode::Char('?'));
    });
    picture("leave", COLOR, |console| {
        approvals_are_here(console);
        console.press(KeyCode::Char('q'));
    });
}

#[test]
fn credentials_that_end_are_told_with_their_end() {
    for (name, left) in [("credentials", 3_600_000), ("credentials_ending", 200_000)] {
        picture(name, COLOR, |console| {
            approvals_are_here(console);
            let until = Timestamp::from_millis(console.model.now.as_millis() + left);
            console.send(Msg::Status(Box::new(Status { credentials_until: Some(until), ..status() })));
        });
    }
}

#[test]
fn what_is_out_of_order_is_told() {
    picture("banners", COLOR, |console| {
        approvals_are_here(console);
        let status = Status {
            paused: true,
            auto_approve: true,
            ledger_problem: Some("The disk is full; free some space under ~/.local/state/countersign.".to_owned()),
            policy_problem: Some("policy.yaml line 3, column 5: unknown key `alow`; did you mean `allow`?".to_owned()),
            credentials_problem: Some("No credentials for the profile default; run `aws sso login`.".to_owned()),
            endpoint_override: Some("http://127.0.0.1:5555".to_owned()),
            account: None,
            principal: None,
            ..status()
        };
        console.send(Msg::Status(Box::new(status)));
        console.send(Msg::Narration("The agent wants to delete the bucket demo-logs. Press Enter to look.".to_owned()));
        console.send(Msg::Decided {
            id: delete_bucket().id,
            result: Err(Undecided::Refused("the approval is expired".to_owned())),
        });
    });
}

#[test]
fn resuming_asks() {
    picture("resume", COLOR, |console| {
        approvals_are_here(console);
        console.send(Msg::Status(Box::new(Status { paused: true, ..status() }))).press(KeyCode::Char('p'));
    });
}

#[test]
fn a_ledger_that_was_changed_and_a_key_that_does_not_count() {
    picture("tampered", COLOR, |console| {
        approvals_are_here(console);
        let status = Status {
            tampering: Some("approval ap_0190: nobody signed it".to_owned()),
            approver_problem: Some("the key of this console (3546-9708-86ad-94f4) is not an approver's".to_owned()),
            ..status()
        };
        console.send(Msg::Status(Box::new(status)));
    });
}

#[test]
fn a_protected_key_asks_for_its_passphrase() {
    picture("passphrase", COLOR, |console| {
        console.send(Msg::Approvals(Ok(vec![put_object()]))).press(KeyCode::Enter);
        for _ in 0..8 {
            console.press(KeyCode::Char(' '));
        }
        console.wait(700).press(KeyCode::Char('a')).wait(100);
        let id = put_object().id;
        console.send(Msg::Decided { id, result: Err(Undecided::Locked) }).type_text("correct horse");
    });
}

#[test]
fn grants_are_listed() {
    picture("grants", COLOR, |console| {
        approvals_are_here(console);
        console.press(KeyCode::Char('t')).send(Msg::Grants(Ok(vec![grant(1), grant(2)]))).press(KeyCode::Char('j'));
    });
    picture("grants_none", NO_COLOR, |console| {
        approvals_are_here(console);
        console.press(KeyCode::Char('t')).send(Msg::Grants(Ok(Vec::new())));
    });
}

#[test]
fn too_small_a_pane_says_so() {
    let mut console = Console::with(20, 6, COLOR, approvals());
    insta::assert_snapshot!("tiny_20x6", console.draw().layers());
    let mut console = Console::with(39, 12, COLOR, vec![delete_bucket()]);
    console.press(KeyCode::Enter);
    insta::assert_snapshot!("small_39x12", console.layers());
}
