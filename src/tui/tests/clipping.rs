//! A request is never approved before its last line was on the screen, however small the screen is.

use crossterm::event::KeyCode;
use proptest::prelude::*;

use super::harness::Console;
use super::support::*;
use crate::approval::Approval;
use crate::engine::Decision;
use crate::tui::effect::Effect;
use crate::tui::guard::Phase;
use crate::tui::msg::Msg;

fn approves(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Decide { decision: Decision::Approve { .. }, .. }))
}

/// Presses `a` again and again, with quiet hands, and tells whether anything came of it.
fn insist(console: &mut Console) -> bool {
    console.take_effects();
    for _ in 0..3 {
        console.wait(2_000).press(KeyCode::Char('a')).wait(200);
    }
    approves(&console.take_effects())
}

#[test]
fn the_last_line_of_forty_has_to_be_seen_first() {
    for (columns, rows) in [(40, 12), (80, 14)] {
        let mut console = Console::with(columns, rows, COLOR, vec![long_request(40)]);
        console.press(KeyCode::Enter);
        let mut pages = 0;
        while !console.text().contains("LAST-AND-DANGEROUS") {
            assert!(console.text().contains("more"), "the screen says that more follows:\n{}", console.text());
            assert!(!insist(&mut console), "approved at {columns}x{rows} after {pages} pages");
            console.press(KeyCode::Char(' '));
            pages += 1;
            assert!(pages < 40, "reading comes to an end");
        }
        assert!(pages >= 3);
        // The payload's last line has been seen, and the agent's words below it have to be, too.
        while console.model.phase() == Some(Phase::Drawn) {
            console.press(KeyCode::Char(' '));
        }
        assert!(insist(&mut console), "and then it can be approved");
    }
}

#[test]
fn jumping_to_the_end_is_not_reading() {
    let mut console = Console::with(80, 24, COLOR, vec![long_request(200)]);
    console.press(KeyCode::Enter).press(KeyCode::Char('G'));
    assert!(!insist(&mut console));
    // Reading on goes back to what was skipped, and from there on to the end.
    for _ in 0..200 {
        if console.model.phase() != Some(Phase::Drawn) {
            break;
        }
        console.press(KeyCode::Char(' '));
    }
    assert!(insist(&mut console));
}

#[test]
fn keys_that_arrive_faster_than_frames_skip_nothing() {
    let mut console = Console::with(40, 12, COLOR, vec![long_request(40)]);
    console.press(KeyCode::Enter);
    for _ in 0..30 {
        // A key held down: many arrive before the next frame.
        for _ in 0..5 {
            let now = crate::base::Timestamp::from_millis(console.now);
            let key = crossterm::event::KeyEvent::from(KeyCode::Char(' '));
            crate::tui::update::update(&mut console.model, Msg::Key(key), now);
        }
        console.draw();
    }
    assert_eq!(console.model.opened().map(|review| review.guard.unread()), Some(0));
}

#[test]
fn below_the_smallest_size_nothing_is_approved_but_denying_works() {
    for (columns, rows) in [(39, 30), (80, 11)] {
        let mut console = Console::with(columns, rows, COLOR, vec![delete_bucket()]);
        console.press(KeyCode::Enter);
        for _ in 0..40 {
            console.press(KeyCode::Char(' '));
        }
        assert!(!insist(&mut console), "approved at {columns}x{rows}");
        assert!(console.text().contains("enlarge to 40x12"), "{}", console.text());
        console.press(KeyCode::Char('d')).wait(100).press(KeyCode::Enter);
        assert_eq!(
            console.take_effects(),
            [Effect::Decide { id: delete_bucket().id, decision: Decision::Deny { reason: String::new() } }]
        );
    }
}

/// Every row of the document, as wrapped, in the order of the screen.
fn rows_of(approval: &Approval, width: u16) -> Vec<String> {
    let look = crate::tui::document::Look { theme: COLOR, zone: jiff::tz::TimeZone::UTC };
    let laid = crate::tui::document::Document::request(approval, &look).lay(width, COLOR);
    laid.facts.iter().chain(&laid.body).map(|row| row.text().trim_end().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

    /// Whatever the payload, the size and the way of scrolling: when the guard arms, every row of the text
    /// has been among the rows that were really on the screen.
    #[test]
    fn armed_means_that_every_row_was_on_the_screen(
        value in "[ -~é日\u{202e}\n]{0,400}",
        reason in "[ -~\n\u{200b}]{0,200}",
        size in (40..150_u16, 12..40_u16),
        keys in proptest::collection::vec(prop_oneof![Just('j'), Just('k'), Just('G'), Just('g'), Just(' ')], 0..30),
    ) {
        let mut approval = delete_bucket();
        approval.facts.payload = serde_json::json!({"Text": value, "Number": 7, "List": ["a", {"b": null}]});
        approval.facts.agent_reason = Some(reason);
        let mut console = Console::with(size.0, size.1, COLOR, vec![approval.clone()]);
        console.press(KeyCode::Enter);
        let mut seen = Vec::new();
        let look = |console: &Console, seen: &mut Vec<String>| {
            let text = console.text();
            // In the wide layout the review is right of the bar.
            let cut = usize::from(console.model.size.0 >= 120);
            seen.extend(text.lines().map(|line| {
                let line = if cut == 1 { line.split_once('│').map_or("", |(_, right)| right) } else { line };
                line.trim_end().strip_prefix(' ').unwrap_or(line).to_owned()
            }));
        };
        look(&console, &mut seen);
        let spaces = std::iter::repeat_n(' ', 120);
        for key in keys.into_iter().chain(spaces) {
            console.press(KeyCode::Char(key));
            look(&console, &mut seen);
            if console.model.phase() == Some(Phase::Read) {
                break;
            }
        }
        prop_assert_eq!(console.model.phase(), Some(Phase::Read));
        let width = console.model.opened().unwrap().laid.as_ref().unwrap().width;
        for row in rows_of(&approval, width) {
            prop_assert!(seen.contains(&row), "{row:?} was never on the screen");
        }
    }
}
