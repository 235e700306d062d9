//! What hides is written out, nothing else changes, nothing is lost: by examples and by properties.

use proptest::prelude::*;

use super::*;

fn parts(text: &str) -> Vec<(bool, String)> {
    Shown::line(text)
        .parts()
        .map(|part| match part {
            Part::Plain(text) => (false, text.to_owned()),
            Part::Made(text) => (true, text.to_owned()),
        })
        .collect()
}

#[test]
fn what_hides_is_written_out() {
    let table = [
        ("production", "production"),
        ("prod\u{200b}uction", r"prod\u{200b}uction"),
        ("evil\u{202e}gpj.exe", r"evil\u{202e}gpj.exe"),
        ("a\u{1b}[2Jb", r"a\u{1b}[2Jb"),
        ("a\r\nb\tc", r"a\u{d}\u{a}b\u{9}c"),
        ("tag\u{e0041}\u{e007f}", r"tag\u{e0041}\u{e007f}"),
        ("a\u{a0}b\u{3000}c\u{2800}d", r"a\u{a0}b\u{3000}c\u{2800}d"),
        ("soft\u{ad}hyphen", r"soft\u{ad}hyphen"),
        ("cafe\u{301}", "cafe\u{301}"),
        ("z\u{301}\u{302}\u{303}\u{304}", "z\u{301}\u{302}\\u{303}\\u{304}"),
        ("\u{301}x", r"\u{301}x"),
        ("\0🏻", r"\u{0}\u{1f3fb}"),
        ("\u{115f}\u{1161}", r"\u{115f}\u{1161}"),
        ("a\u{200d}\u{301}b", r"a\u{200d}\u{301}b"),
        ("👩\u{200d}💻", "👩\\u{200d}💻"),
        ("👍🏽", "👍\\u{1f3fd}"),
        ("❤\u{fe0f}", "❤\\u{fe0f}"),
        ("x\u{fdd0}\u{10ffff}", r"x\u{fdd0}\u{10ffff}"),
        ("Müller 東京 🇩🇪", "Müller 東京 🇩🇪"),
    ];
    for (given, expected) in table {
        assert_eq!(Shown::line(given).as_str(), expected, "{given:?}");
    }
}

#[test]
fn parts_tell_what_was_made_from_what_was_typed() {
    assert_eq!(parts(r"a\u{7}b"), vec![(false, r"a\u{7}b".to_owned())]);
    assert_eq!(
        parts("a\u{7}\u{8}b\u{7}"),
        vec![
            (false, "a".to_owned()),
            (true, r"\u{7}\u{8}".to_owned()),
            (false, "b".to_owned()),
            (true, r"\u{7}".to_owned()),
        ]
    );
    assert_eq!(parts(""), vec![]);
}

#[test]
fn names_that_are_not_what_they_seem_are_called_odd() {
    let table = [
        ("demo-logs", None),
        ("prod\u{200b}", Some("hidden characters")),
        ("p\u{430}ypal", Some("mixed scripts")),
        ("prod-\u{41c}\u{43e}\u{441}\u{43a}\u{432}\u{430}", Some("not plain ASCII")),
        ("\u{441}\u{43e}\u{440}\u{443}", Some("not plain ASCII")),
        ("\u{ff50}rod", Some("mixed scripts")),
        ("prod\u{2024}logs", Some("not plain ASCII")),
        ("東京tower", Some("not plain ASCII")),
    ];
    for (name, expected) in table {
        assert_eq!(Shown::line(name).oddity(), expected, "{name:?}");
    }
}

#[test]
fn lines_break_at_newlines_only() {
    let lines: Vec<_> = Shown::lines("a\nb\r\nc\u{2028}d").iter().map(|line| line.as_str().to_owned()).collect();
    assert_eq!(lines, ["a", r"b\u{d}", r"c\u{2028}d"]);
}

#[test]
fn an_ascii_terminal_gets_ascii() {
    let shown = Shown::ascii("Müller\u{7}");
    assert_eq!(shown.as_str(), r"M\u{fc}ller\u{7}");
    assert!(shown.has_hidden());
}

/// Strings rich in what hides: the strategy prefers the characters this module is about.
fn nasty() -> impl Strategy<Value = String> {
    let ch = prop_oneof![
        4 => any::<char>(),
        3 => proptest::char::range('\u{20}', '\u{7e}'),
        2 => proptest::char::range('\u{0}', '\u{1f}'),
        2 => proptest::char::range('\u{300}', '\u{36f}'),
        2 => proptest::char::range('\u{2000}', '\u{206f}'),
        1 => proptest::char::range('\u{fe00}', '\u{fe0f}'),
        1 => proptest::char::range('\u{e0000}', '\u{e007f}'),
        1 => proptest::char::range('\u{1100}', '\u{11ff}'),
        1 => proptest::char::range('\u{900}', '\u{dff}'),
        1 => proptest::char::range('\u{1f1e6}', '\u{1f64f}'),
    ];
    proptest::collection::vec(ch, 0..40).prop_map(String::from_iter)
}

/// Undoes what [`Shown`] did, by its own account of what it did.
fn undone(shown: &Shown) -> String {
    let mut out = String::new();
    for part in shown.parts() {
        match part {
            Part::Plain(text) => out.push_str(text),
            Part::Made(text) => {
                for hex in text.split("\\u{").skip(1) {
                    let code = u32::from_str_radix(hex.trim_end_matches('}'), 16).unwrap();
                    out.push(char::from_u32(code).unwrap());
                }
            }
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_hides_survives(text in nasty()) {
        let shown = Shown::line(&text);
        for grapheme in shown.as_str().graphemes(true) {
            prop_assert!(grapheme_width(grapheme) > 0, "{grapheme:?} takes no column");
            prop_assert!(grapheme.chars().skip(1).filter(|ch| ch.width() == Some(0)).count() <= MAX_MARKS);
        }
        for ch in shown.as_str().chars() {
            prop_assert!(!ch.is_control());
            prop_assert!(ch == ' ' || !ch.is_whitespace(), "{ch:?} is a space of another kind");
            prop_assert!(!is_deceptive(ch));
        }
    }

    #[test]
    fn ascii_text_is_unchanged(text in "[ -~]{0,60}") {
        let shown = Shown::line(&text);
        prop_assert_eq!(shown.as_str(), text.as_str());
        prop_assert!(!shown.has_hidden());
        prop_assert_eq!(shown.width(), text.len());
    }

    #[test]
    fn nothing_is_lost_and_nothing_is_added(text in nasty()) {
        prop_assert_eq!(undone(&Shown::line(&text)), text);
    }

    #[test]
    fn width_is_the_sum_of_the_graphemes(text in nasty()) {
        let shown = Shown::line(&text);
        let sum: usize = shown.as_str().graphemes(true).map(|grapheme| Shown::line(grapheme).width()).sum();
        prop_assert_eq!(shown.width(), sum);
    }

    #[test]
    fn showing_what_is_shown_changes_nothing(text in nasty()) {
        let once = Shown::line(&text);
        let twice = Shown::line(once.as_str());
        prop_assert_eq!(once.as_str(), twice.as_str());
        prop_assert!(!twice.has_hidden());
    }

    #[test]
    fn an_ascii_terminal_never_gets_more(text in nasty()) {
        prop_assert!(Shown::ascii(&text).as_str().bytes().all(|byte| matches!(byte, b' '..=b'~')));
    }
}
