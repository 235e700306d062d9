//! The policy's tab: what it shows, and the one way to an acceptance.

use crossterm::event::KeyCode;

use super::harness::Console;
use super::policies::{edited, explained, found, ruling, tightened};
use super::support::*;
use crate::engine::PolicyView;
use crate::tui::effect::Effect;
use crate::tui::guard::Phase;
use crate::tui::keys::Place;
use crate::tui::msg::Msg;
use crate::tui::theme::Theme;

const SIZES: [(u16, u16); 4] = [(40, 12), (48, 20), (80, 24), (160, 50)];

fn picture(name: &str, theme: Theme, scene: impl Fn(&mut Console)) {
    for (columns, rows) in SIZES {
        let mut console = Console::new(columns, rows, theme);
        scene(&mut console);
        insta::assert_snapshot!(format!("policy_{name}_{columns}x{rows}"), console.layers());
    }
}

fn tab(console: &mut Console, view: PolicyView) -> &mut Console {
    console.send(Msg::Approvals(Ok(Vec::new()))).press(KeyCode::Char('3'));
    console.send(Msg::Policy(Ok(Box::new(view))))
}

#[test]
fn rules_and_their_counts() {
    for (name, theme) in [("rules", COLOR), ("rules_no_color", NO_COLOR), ("rules_ascii", ASCII)] {
        picture(name, theme, |console| {
            tab(console, ruling());
        });
    }
    picture("empty", COLOR, |console| {
        console.press(KeyCode::Char('3'));
    });
    picture("unreadable", COLOR, |console| {
        console.press(KeyCode::Char('3')).send(Msg::Policy(Err("the disk is full".to_owned())));
    });
}

#[test]
fn what_waits_by_its_effect() {
    for (name, theme) in [("wider", COLOR), ("wider_no_color", NO_COLOR), ("wider_ascii", ASCII)] {
        picture(name, theme, |console| {
            tab(console, edited()).press(KeyCode::Enter);
        });
    }
    picture("waiting", COLOR, |console| {
        tab(console, edited());
    });
    picture("narrower", COLOR, |console| {
        tab(console, tightened()).press(KeyCode::Enter).wait(700);
    });
    picture("found", COLOR, |console| {
        tab(console, found()).press(KeyCode::Enter);
    });
    picture("widen", COLOR, |console| {
        armed(tab(console, edited())).press(KeyCode::Char('a')).type_text("wid");
    });
}

#[test]
fn an_operation_is_explained() {
    picture("ask", COLOR, |console| {
        tab(console, ruling()).press(KeyCode::Char('/')).type_text("s3:del");
    });
    picture("explained", COLOR, |console| {
        tab(console, ruling()).send(Msg::Explained(Ok(Box::new(explained()))));
    });
    let mut console = Console::new(80, 24, COLOR);
    tab(&mut console, ruling()).press(KeyCode::Char('/')).type_text("s3:DeleteBucket").press(KeyCode::Enter);
    assert_eq!(console.take_effects().pop(), Some(Effect::Explain("s3:DeleteBucket".to_owned())));
    console.send(Msg::Explained(Err("no operation DeleteBukket of s3; the nearest is DeleteBucket".to_owned())));
    assert_eq!(console.model.place(), Place::Explain, "the line stays, to be mended");
    console.send(Msg::Explained(Ok(Box::new(explained()))));
    assert_eq!(console.model.place(), Place::Explained);
    console.press(KeyCode::Esc);
    assert_eq!(console.model.place(), Place::Policy);
}

#[test]
fn the_banner_tells_of_an_edit_on_the_other_tabs() {
    let mut console = Console::new(80, 24, COLOR);
    let edited = crate::engine::Status { policy_pending: Some("aa".to_owned()), ..status() };
    console.send(Msg::Status(Box::new(edited)));
    assert!(console.text().contains("POLICY EDIT"), "{}", console.text());
    let found = crate::engine::Status { policy_reviewed: false, ..status() };
    console.send(Msg::Status(Box::new(found)));
    assert!(console.text().contains("NOT YET REVIEWED"), "{}", console.text());
    tab(&mut console, ruling());
    assert!(!console.text().contains("NOT YET REVIEWED"), "{}", console.text());
}

/// Reads what waits to its end and keeps the hands off the keys.
fn armed(console: &mut Console) -> &mut Console {
    console.press(KeyCode::Enter);
    for _ in 0..60 {
        if console.model.policy.offer().is_some_and(|offer| offer.guard.phase() != Phase::Drawn) {
            break;
        }
        console.press(KeyCode::Char(' '));
    }
    console.wait(600)
}

fn open(view: PolicyView) -> Console {
    let mut console = Console::new(80, 24, COLOR);
    tab(&mut console, view);
    console.take_effects();
    console
}

#[test]
fn what_lets_less_happen_is_read_and_accepted_by_a_key() {
    let view = tightened();
    let digest = view.offer.as_ref().unwrap().digest;
    let mut console = open(view);
    armed(&mut console).press(KeyCode::Char('a'));
    assert_eq!(console.take_effects(), [], "not before it is clear that the key came alone");
    console.wait(40);
    assert_eq!(console.take_effects(), [Effect::AcceptPolicy(digest)]);
    console.wait(5_000).press(KeyCode::Char('a')).wait(1_000);
    assert_eq!(console.take_effects(), [], "once");
    console.send(Msg::PolicyDecided { accepted: true, result: Ok(()) });
    assert_eq!(console.model.place(), Place::Policy);
    assert!(console.text().contains("✓ The policy is in force."), "{}", console.text());
}

#[test]
fn what_lets_more_happen_needs_the_word_typed_by_hand() {
    let view = edited();
    let digest = view.offer.as_ref().unwrap().digest;
    let mut console = open(view);
    armed(&mut console).press(KeyCode::Char('a')).wait(1_000);
    assert_eq!((console.take_effects(), console.model.place()), (Vec::new(), Place::Widen));
    console.type_text("wide").wait(120).press(KeyCode::Enter).wait(100);
    assert_eq!(console.take_effects(), []);
    assert!(console.text().contains("That is not the word."), "{}", console.text());
    console.type_text("n").wait(120).press(KeyCode::Enter).wait(39);
    assert_eq!(console.take_effects(), []);
    console.wait(1);
    assert_eq!(console.take_effects(), [Effect::AcceptPolicy(digest)]);
}

#[test]
fn no_stray_key_accepts() {
    // One `a` anywhere, at any time but the one: nothing. (Rows of keys before it: unread, reading, just read.)
    let stray: [&[KeyCode]; 5] = [
        &[],
        &[KeyCode::Enter],
        &[KeyCode::Enter, KeyCode::Char('j')],
        &[KeyCode::Enter, KeyCode::Char('G')],
        &[KeyCode::Char('/')],
    ];
    for keys in stray {
        let mut console = open(tightened());
        for key in keys {
            console.press(*key);
        }
        console.press(KeyCode::Char('a')).wait(200);
        assert_eq!(console.take_effects(), [], "{keys:?}");
    }
    // Armed, but the key is not alone; away; pasted; resized; or the edit became another one.
    let disturbances: [fn(&mut Console); 5] = [
        |console| {
            console.press(KeyCode::Char('a')).press(KeyCode::Char('a')).wait(200);
        },
        |console| {
            console.send(Msg::Focus).press(KeyCode::Char('a')).wait(200);
        },
        |console| {
            console.send(Msg::Paste("a".to_owned())).press(KeyCode::Char('a')).wait(200);
        },
        |console| {
            console.resize(79, 24).press(KeyCode::Char('a')).wait(200);
        },
        |console| {
            console.send(Msg::Policy(Ok(Box::new(edited())))).press(KeyCode::Char('a')).wait(200);
        },
    ];
    for (index, disturb) in disturbances.into_iter().enumerate() {
        let mut console = open(tightened());
        armed(&mut console);
        disturb(&mut console);
        assert!(!console.take_effects().iter().any(|effect| matches!(effect, Effect::AcceptPolicy(_))), "{index}");
    }
    // A pane too small to read in.
    let mut console = open(tightened());
    console.resize(39, 12);
    armed(&mut console).press(KeyCode::Char('a')).wait(200);
    assert_eq!(console.take_effects(), []);
}

#[test]
fn an_edit_is_rejected_from_the_first_frame() {
    let view = edited();
    let digest = view.offer.as_ref().unwrap().digest;
    let mut console = open(view);
    console.press(KeyCode::Enter).press(KeyCode::Char('d'));
    assert_eq!(console.take_effects(), [Effect::RejectPolicy(digest)]);
    let mut console = open(found());
    console.press(KeyCode::Enter).press(KeyCode::Char('d'));
    assert_eq!(console.take_effects(), [], "what rules already cannot be rejected");
    assert!(console.text().contains("It is in force already."), "{}", console.text());
}

#[test]
fn a_refused_acceptance_is_told_and_nothing_is_armed() {
    let mut console = open(tightened());
    armed(&mut console).press(KeyCode::Char('a')).wait(40);
    let why = "policy 5 was accepted elsewhere first; look at the edit again".to_owned();
    console.send(Msg::PolicyDecided { accepted: true, result: Err(why) });
    assert!(console.text().contains("accepted elsewhere first"), "{}", console.text());
    assert_ne!(console.model.policy.offer().map(|offer| offer.guard.phase()), Some(Phase::Armed));
}

#[test]
fn the_tab_reads_itself_anew_while_it_is_shown() {
    let mut console = Console::new(80, 24, COLOR);
    console.send(Msg::Approvals(Ok(Vec::new()))).take_effects();
    console.send(Msg::Status(Box::new(status())));
    assert_eq!(console.take_effects(), [], "not shown, not read");
    console.press(KeyCode::Char('3'));
    assert!(console.take_effects().contains(&Effect::LoadPolicy));
    console.send(Msg::Policy(Ok(Box::new(ruling()))));
    console.send(Msg::Status(Box::new(status())));
    assert_eq!(console.take_effects(), [Effect::LoadPolicy]);
    console.send(Msg::Status(Box::new(status())));
    assert_eq!(console.take_effects(), [], "it is being read");
    console.send(Msg::Policy(Ok(Box::new(edited()))));
    assert_eq!(console.take_effects(), [Effect::LoadPolicy], "once more: it has changed since");
}
