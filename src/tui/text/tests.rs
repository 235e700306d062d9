//! Wrapping and cutting, and that ratatui draws every grapheme as measured here.

use proptest::prelude::*;
use ratatui::buffer::{Buffer, CellWidth as _};
use ratatui::layout::Rect;

use super::*;

const THEME: Theme = Theme { color: false, ascii: false };

fn row(text: &str) -> Row {
    Row::new().shown(Role::Plain, &Shown::line(text))
}

fn wrapped(text: &str, width: usize, hang: usize, breaks: Break) -> Vec<String> {
    Para { lead: Row::new(), hang, body: row(text), breaks }.wrap(width).iter().map(Row::text).collect()
}

#[test]
fn wraps_at_words_and_cuts_only_what_is_longer_than_a_row() {
    let table: [(&str, usize, usize, Break, &[&str]); 8] = [
        ("", 10, 0, Break::Prose, &[""]),
        ("one two three", 8, 0, Break::Prose, &["one two", "three"]),
        ("one two three", 7, 0, Break::Prose, &["one two", "three"]),
        ("one two three", 7, 0, Break::Exact, &["one ", "two ", "three"]),
        ("abcdefghij", 4, 0, Break::Exact, &["abcd", "efgh", "ij"]),
        ("abcdefghij", 6, 2, Break::Exact, &["abcdef", "  ghij"]),
        ("日本語", 5, 0, Break::Exact, &["日本", "語"]),
        ("a     b", 3, 0, Break::Exact, &["a  ", "   ", "b"]),
    ];
    for (text, width, hang, breaks, expected) in table {
        assert_eq!(wrapped(text, width, hang, breaks), expected, "{text:?} at {width}");
    }
}

#[test]
fn cut_text_is_marked() {
    assert_eq!(row("demo-logs").cut(9, THEME).text(), "demo-logs");
    assert_eq!(row("demo-logs").cut(5, THEME).text(), "demo…");
    assert_eq!(row("日本語").cut(4, THEME).text(), "日…");
    assert_eq!(row("abc").cut(0, THEME).text(), "");
    assert_eq!(row("ab").fit(4, THEME).text(), "ab  ");
    assert_eq!(row("ab").right(4, THEME).text(), "  ab");
    assert_eq!(spread(row("left side"), row("right"), 12, THEME).text(), "left … right");
}

#[test]
fn what_does_not_fit_is_left_out_whole() {
    let dot = row(" · ");
    let parts = || [row("demo"), row("eu-central-1"), row("x")];
    assert_eq!(flow(parts(), &dot, 40).text(), "demo · eu-central-1 · x");
    assert_eq!(flow(parts(), &dot, 10).text(), "demo · x");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn wrapping_loses_nothing_and_stays_within_the_width(
        text in "[ a-zé日\u{200b}\u{301}\u{1f600}]{0,80}", width in 4..40_usize, hang in 0..6_usize
    ) {
        let para = Para { lead: Row::new().own(Role::Rail, "┃ "), hang, body: row(&text), breaks: Break::Exact };
        let rows = para.wrap(width);
        for row in &rows {
            prop_assert!(row.width() <= width, "{:?} is wider than {width}", row.text());
        }
        let hang = hang.min((width - 2) / 2).min(width - 4);
        let rejoined: String = rows
            .iter()
            .enumerate()
            .map(|(index, row)| row.text().chars().skip(if index == 0 { 2 } else { 2 + hang }).collect::<String>())
            .collect();
        prop_assert_eq!(rejoined, Shown::line(&text).to_string());
    }

    /// What we measure is what ratatui draws: nothing of a row that fits gets lost in the buffer.
    #[test]
    fn ratatui_draws_every_grapheme(text in "\\PC{0,24}") {
        let row = row(&text);
        let width = u16::try_from(row.width()).unwrap();
        let mut buffer = Buffer::empty(Rect::new(0, 0, width.max(1), 1));
        let (end, _) = buffer.set_line(0, 0, &row.line(THEME), width);
        prop_assert_eq!(end, width);
        let mut drawn = String::new();
        let mut x = 0;
        while x < width {
            let cell = &buffer[(x, 0)];
            drawn.push_str(cell.symbol());
            x += cell.symbol().cell_width();
        }
        prop_assert_eq!(drawn, row.text());
    }
}
