//! Where lists begin, and what has to be typed.

use super::*;
use crate::base::RiskClass;
use crate::tui::tests::support::facts;

#[test]
fn the_window_holds_the_cursor_where_it_is() {
    let one = |_: usize| 1;
    // (entries, selected, row, height) → (first, row)
    let table = [
        ((0, 0, 0, 5), (0, 0)),
        ((3, 1, 0, 5), (0, 1)),
        ((10, 5, 2, 5), (3, 2)),
        ((10, 5, 9, 5), (1, 4)),
        ((10, 9, 0, 5), (5, 4)),
        ((10, 0, 3, 5), (0, 0)),
        ((100, 50, u16::MAX, 10), (41, 9)),
    ];
    for ((len, selected, row, height), expected) in table {
        assert_eq!(window(len, one, selected, row, height), expected, "{len} {selected} {row} {height}");
    }
    // Entries of two rows, the third with a heading above it.
    let two = |index: usize| if index == 2 { 3 } else { 2 };
    assert_eq!(window(5, two, 3, 5, 8), (1, 5));
    assert_eq!(window(5, two, 4, 6, 8), (2, 5));
}

#[test]
fn severe_requests_are_confirmed_by_name() {
    let of = |risk, reversible, targets: &[&str]| {
        let mut facts = facts("iam", "DoIt", risk, ("X", ""));
        facts.reversible = reversible;
        facts.targets = targets.iter().map(|value| ("X".to_owned(), (*value).to_owned())).collect();
        phrase(&facts)
    };
    let name = |name: &str| Some(name.to_owned());
    assert_eq!(of(RiskClass::Destructive, None, &["demo"]), None);
    assert_eq!(of(RiskClass::Destructive, Some(true), &["demo"]), None);
    assert_eq!(of(RiskClass::Write, None, &["demo"]), None);
    assert_eq!(of(RiskClass::Destructive, Some(false), &["demo"]), name("demo"));
    for risk in [RiskClass::Privilege, RiskClass::Secret, RiskClass::Execute] {
        assert_eq!(of(risk, Some(true), &["demo"]), name("demo"));
    }
    let severe = |targets: &[&str]| of(RiskClass::Secret, None, targets);
    assert_eq!(severe(&["arn:aws:iam::123456789012:role/service-role/ci-deploy"]), name("ci-deploy"));
    assert_eq!(severe(&["prod\u{200b}", "second"]), name("second"), "what cannot be typed is not asked for");
    assert_eq!(severe(&[&"x".repeat(41)]), name("DoIt"));
    assert_eq!(severe(&[]), name("DoIt"));
}
