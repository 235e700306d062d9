//! Text from outside is made visible wherever it reaches the screen: a mark is planted in every field, and whenever
//! it appears, the hidden character behind it has to be written out (or the row was cut right there).

use crossterm::event::KeyCode;
use serde_json::json;

use super::harness::Console;
use super::support::*;
use crate::approval::facts::FileFact;
use crate::approval::{Approval, State};
use crate::audit::CallRow;
use crate::base::RiskClass;
use crate::engine::Status;
use crate::tui::msg::Msg;

/// Shown rightly, it reads `¤\u{200b}`; ratatui on its own would silently drop what is behind the mark.
const PLANTED: &str = "¤\u{200b}\u{1b}[31m\u{202e}";

fn planted(name: &str) -> String {
    format!("{name}{PLANTED}")
}

fn request(state: State) -> Approval {
    let mut facts = facts("s3", "DeleteBucket", RiskClass::Secret, ("Bucket", "x"));
    facts.sentence = planted("sentence");
    facts.service = planted("service");
    facts.operation = planted("operation");
    facts.targets = vec![(planted("member"), planted("target")), (planted("second"), planted("name"))];
    facts.account = planted("account");
    facts.principal = planted("principal");
    facts.profile = planted("profile");
    facts.region = planted("region");
    facts.endpoint = planted("endpoint");
    facts.rule = planted("rule");
    facts.rule_reasons = vec![planted("because")];
    facts.risk_reasons = vec![planted("reason")];
    facts.payload = json!({ planted("key"): planted("value"), "lines": format!("{PLANTED}\n{PLANTED}"), "deep": [{"x": PLANTED}],
        "json": json!({ PLANTED: PLANTED }).to_string() });
    facts.files = vec![FileFact { path: planted("path"), size: 1, sha256: planted("hash") }];
    facts.agent = planted("agent");
    facts.agent_reason = Some(format!("{PLANTED}\n{PLANTED}"));
    Approval { state, ..approval(7, 5, facts) }
}

fn row() -> CallRow {
    let mut row = calls().remove(3);
    row.agent = planted("agent");
    row.tool = planted("tool");
    row.service = planted("service");
    row.operation = planted("operation");
    row.target = planted("target");
    row.region = planted("region");
    row.error = Some(planted("error"));
    row
}

fn planted_status() -> Status {
    Status {
        account: Some(planted("account")),
        principal: Some(planted("principal")),
        credentials_problem: Some(planted("credentials")),
        profile: planted("profile"),
        region: planted("region"),
        endpoint_override: Some(planted("endpoint")),
        policy_version: planted("version"),
        policy_path: planted("path"),
        policy_problem: Some(planted("policy")),
        listeners: vec![planted("listener")],
        ledger_problem: Some(planted("ledger")),
        ..status()
    }
}

fn check(console: &Console, what: &str) -> usize {
    let text = console.text();
    for line in text.lines() {
        for after in line.split('¤').skip(1) {
            let next = after.chars().next();
            assert!(matches!(next, None | Some('\\' | '…' | '│' | '~')), "{what}: {line:?} in\n{text}");
        }
    }
    text.matches('¤').count()
}

#[test]
fn nothing_from_outside_reaches_the_screen_unseen() {
    let denied = State::Denied { at: at(-1), reason: planted("why") };
    let mut marks = 0;
    for (columns, rows) in [(40, 12), (48, 20), (80, 24), (160, 50)] {
        let mut console = Console::with(columns, rows, COLOR, vec![request(State::Pending)]);
        marks += check(&console, "list");
        console.press(KeyCode::Enter);
        for page in 0..20 {
            marks += check(&console, &format!("review, page {page}"));
            console.press(KeyCode::Char(' '));
        }
        console.wait(700).press(KeyCode::Char('a')).wait(100);
        marks += check(&console, "confirm");
        console.send(Msg::Approvals(Ok(vec![request(denied.clone())])));
        marks += check(&console, "decided elsewhere");
        console.press(KeyCode::Esc);
        console.send(Msg::Decided {
            id: request(State::Pending).id,
            result: Err(crate::engine::Undecided::Refused(planted("refused"))),
        });
        console.send(Msg::Status(Box::new(planted_status()))).send(Msg::Narration(planted("told")));
        marks += check(&console, "header");
        console.press(KeyCode::Char('?')).press(KeyCode::Char('G'));
        marks += check(&console, "help");
        console.press(KeyCode::Esc).press(KeyCode::Char('2'));
        console.send(Msg::Calls { filter: Box::default(), before: None, result: Ok(vec![row()]) });
        marks += check(&console, "audit");
        console.press(KeyCode::Enter);
        let mut events = events(&row());
        for event in &mut events {
            event.event.detail = json!({ PLANTED: PLANTED });
        }
        console.send(Msg::Transaction { tx: row().tx, result: Ok(events) });
        marks += check(&console, "call");
        console.send(Msg::Transaction { tx: row().tx, result: Err(planted("unreadable")) });
        marks += check(&console, "call, unreadable");

        let mut console = Console::new(columns, rows, COLOR);
        console.model.options.hint = vec![planted("hint")];
        console.send(Msg::Approvals(Ok(Vec::new())));
        marks += check(&console, "empty");
        console.press(KeyCode::Char('2'));
        console.send(Msg::Calls { filter: Box::default(), before: None, result: Err(planted("broken")) });
        marks += check(&console, "audit, unreadable");
    }
    assert!(marks > 400, "only {marks} marks were ever on a screen");
}
