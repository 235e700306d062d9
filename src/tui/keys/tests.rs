//! One key, one meaning; only one approves; what is printed is what is bound.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::*;

#[test]
fn no_key_means_two_things_at_one_place() {
    for place in Place::ALL {
        let mut seen = Vec::new();
        for binding in TABLE.iter().filter(|binding| binding.places.contains(&place)) {
            for (chord, _) in binding.keys {
                assert!(!seen.contains(chord), "{chord:?} at {place:?}");
                seen.push(*chord);
            }
        }
    }
}

#[test]
fn the_footer_names_keys_that_exist() {
    for binding in TABLE.iter().filter(|binding| !binding.foot.is_empty()) {
        let names: Vec<String> = binding.keys.iter().map(|(chord, _)| chord.name()).collect();
        for key in binding.foot.split(' ') {
            assert!(names.iter().any(|name| name == key), "{key} is not among {names:?}");
        }
        assert!(!binding.short.is_empty());
    }
}

#[test]
fn only_a_in_the_review_approves() {
    for binding in TABLE {
        for (chord, action) in binding.keys {
            if *action == Action::Approve {
                assert_eq!((binding.places, *chord), ([Place::Review].as_slice(), Chord::Char('a')));
            }
        }
    }
    let enter = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
    assert_eq!(action(Place::Review, &enter), None);
    assert_eq!(action(Place::Approvals, &enter), Some(Action::Open));
}

#[test]
fn modifiers_are_minded() {
    let table = [
        (KeyCode::Char('G'), KeyModifiers::SHIFT, Some(Action::Bottom)),
        (KeyCode::Char('d'), KeyModifiers::CONTROL, Some(Action::HalfDown)),
        (KeyCode::Char('d'), KeyModifiers::NONE, Some(Action::Deny)),
        (KeyCode::Char('a'), KeyModifiers::ALT, None),
        (KeyCode::Char('a'), KeyModifiers::CONTROL, None),
        (KeyCode::Char('c'), KeyModifiers::CONTROL, Some(Action::Leave)),
        (KeyCode::BackTab, KeyModifiers::SHIFT, Some(Action::PreviousTab)),
    ];
    for (code, modifiers, expected) in table {
        assert_eq!(action(Place::Review, &KeyEvent::new(code, modifiers)), expected, "{code:?} {modifiers:?}");
    }
}

#[test]
fn the_readme_gets_every_row() {
    let list = markdown();
    assert_eq!(list.lines().count(), TABLE.len() + 2);
    assert!(list.contains("| `j` `k` `Down` `Up` | down, up |"), "{list}");
}

#[test]
fn the_readme_has_this_very_list() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    assert!(readme.contains(&markdown()), "the README's list of keys should be:\n{}", markdown());
}
