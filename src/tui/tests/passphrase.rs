//! The passphrase of the approver's key: typed by hand, never pasted, never shown.

use crossterm::event::KeyCode;

use super::flows::{approve, armed};
use super::harness::Console;
use super::support::*;
use crate::engine::Undecided;
use crate::tui::effect::Effect;
use crate::tui::keys::Place;
use crate::tui::msg::Msg;

/// A request that a key alone approves, decided, while the approver's key is locked.
fn locked() -> Console {
    let mut console = armed(put_object());
    console.press(KeyCode::Char('a')).wait(100);
    assert_eq!(console.take_effects(), [approve(&put_object())]);
    console.send(Msg::Decided { id: put_object().id, result: Err(Undecided::Locked) });
    console.take_effects();
    console
}

fn unlocked(console: &mut Console) -> Option<(String, Effect)> {
    console.take_effects().into_iter().find_map(|effect| match effect {
        Effect::Unlock { passphrase, id, decision } => {
            Some((passphrase.reveal().to_owned(), Effect::Decide { id, decision }))
        }
        _ => None,
    })
}

#[test]
fn a_locked_key_takes_a_passphrase_that_is_typed_and_never_shows_it() {
    let mut console = locked();
    console.type_text("correct horse");
    assert!(console.text().contains("type the passphrase of your key"), "{}", console.text());
    assert!(!console.text().contains("correct") && console.text().contains("•••••••••••••"), "{}", console.text());
    assert!(!format!("{:?}", console.model).contains("correct"), "nor does a log of the model");
    console.wait(120).press(KeyCode::Enter);
    assert_eq!(unlocked(&mut console), None, "not before it has settled");
    console.wait(100);
    assert_eq!(unlocked(&mut console), Some(("correct horse".to_owned(), approve(&put_object()))));

    // A wrong one: asked again, nothing has been forgotten of what was read.
    console.send(Msg::Decided { id: put_object().id, result: Err(Undecided::Passphrase) });
    console.type_text("battery staple").wait(120).press(KeyCode::Enter).wait(100);
    assert_eq!(unlocked(&mut console), Some(("battery staple".to_owned(), approve(&put_object()))));
}

#[test]
fn nothing_but_hands_fills_a_passphrase() {
    // Pasted.
    let mut console = locked();
    console.send(Msg::Paste("correct horse".to_owned())).wait(200).press(KeyCode::Enter).wait(200);
    assert_eq!(unlocked(&mut console), None);

    // Faster than hands type: gone, and what follows is not enough.
    let mut console = locked();
    for ch in "correct hors".chars() {
        console.press(KeyCode::Char(ch));
    }
    console.type_text("e").wait(120).press(KeyCode::Enter).wait(100);
    assert_eq!(unlocked(&mut console).map(|(typed, _)| typed), Some("e".to_owned()));

    // Empty, or followed by something.
    let mut console = locked();
    console.wait(200).press(KeyCode::Enter).wait(200);
    assert_eq!(unlocked(&mut console), None);
    console.type_text("correct").wait(120).press(KeyCode::Enter).press(KeyCode::Char('x')).wait(200);
    assert_eq!(unlocked(&mut console), None);

    // Whatever disturbs takes it back to the text.
    for msg in [Msg::Focus, Msg::Resumed, Msg::Resized(81, 24)] {
        let mut console = locked();
        console.type_text("correct").send(msg).wait(120).press(KeyCode::Enter).wait(200);
        assert_eq!(unlocked(&mut console), None);
        assert_eq!(console.model.place(), Place::Review);
    }
    let mut console = locked();
    let mut changed = put_object();
    changed.facts.sentence = "Something else.".to_owned();
    console.type_text("correct").send(Msg::Approvals(Ok(vec![changed]))).wait(120).press(KeyCode::Enter).wait(200);
    assert_eq!(unlocked(&mut console), None, "another request than the one that was read");
}
