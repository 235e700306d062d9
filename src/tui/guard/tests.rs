//! The guard against a declarative statement of its rule, and against hands that are none.

use proptest::prelude::*;

use super::*;

const MINE: Digest = Digest::from_bytes([1; 32]);
const OTHER: Digest = Digest::from_bytes([2; 32]);

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn seen(first: usize, rows: usize, total: usize) -> Seen {
    Seen { digest: MINE, terminal: (80, 24), width: 78, first, rows, total }
}

#[test]
fn a_short_text_arms_after_a_quiet_while() {
    let mut guard = Guard::new(MINE);
    assert_eq!(guard.phase(), Phase::Unseen);
    assert!(!guard.press(at(1_000)));
    guard.drawn(&seen(0, 10, 10), at(1_000));
    assert_eq!((guard.phase(), guard.wake()), (Phase::Read, Some(at(1_600))));
    assert!(!guard.tick(at(1_599)));
    assert_eq!(guard.phase(), Phase::Read);
    assert!(!guard.tick(at(1_600)));
    assert_eq!(guard.phase(), Phase::Armed);
    assert!(guard.press(at(5_000)));
    assert!(!guard.tick(at(5_039)));
    assert!(guard.tick(at(5_040)), "alone for long enough: the decision");
    assert!(!guard.tick(at(9_000)), "once");
    assert_eq!(guard.phase(), Phase::Drawn);
}

#[test]
fn the_middle_counts_as_much_as_the_end() {
    let mut guard = Guard::new(MINE);
    guard.drawn(&seen(0, 10, 40), at(0));
    guard.drawn(&seen(30, 10, 40), at(0));
    assert_eq!((guard.phase(), guard.unread(), guard.unread_from(35)), (Phase::Drawn, 20, Some(10)));
    guard.drawn(&seen(10, 10, 40), at(0));
    guard.drawn(&seen(20, 10, 40), at(0));
    assert_eq!((guard.phase(), guard.unread_from(0)), (Phase::Read, None));
}

#[test]
fn keys_before_and_after_make_a_press_worthless() {
    let mut guard = Guard::new(MINE);
    guard.drawn(&seen(0, 1, 1), at(0));
    assert!(!guard.tick(at(600)));
    guard.key(at(700));
    assert!(!guard.press(at(1_250)), "a key 550 ms before");
    assert!(!guard.tick(at(1_849)));
    assert!(!guard.press(at(1_849)), "and pressing again only starts the wait anew");
    assert!(!guard.tick(at(2_449)));
    assert!(guard.press(at(2_500)));
    guard.key(at(2_503));
    assert!(!guard.tick(at(2_600)), "a key right after");
    assert_eq!(guard.phase(), Phase::Read);
}

#[test]
fn every_disturbance_leads_back_to_drawn() {
    let armed = || {
        let mut guard = Guard::new(MINE);
        guard.drawn(&seen(0, 5, 10), at(0));
        guard.drawn(&seen(5, 5, 10), at(0));
        assert!(!guard.tick(at(600)));
        assert_eq!(guard.phase(), Phase::Armed);
        guard
    };
    let mut guard = armed();
    guard.disturbed();
    assert_eq!(guard.phase(), Phase::Drawn);
    guard.drawn(&seen(0, 5, 10), at(700));
    assert_eq!(guard.phase(), Phase::Drawn, "the end is not on the screen");
    guard.drawn(&seen(5, 5, 10), at(700));
    assert_eq!(guard.phase(), Phase::Read);

    let mut guard = armed();
    guard.changed();
    guard.drawn(&seen(5, 5, 10), at(700));
    assert_eq!((guard.phase(), guard.unread()), (Phase::Drawn, 5), "after a resize nothing has been read");

    let mut guard = armed();
    guard.drawn(&Seen { digest: OTHER, ..seen(0, 10, 10) }, at(700));
    assert_eq!(guard.phase(), Phase::Drawn, "another request is on the screen");

    let mut guard = armed();
    guard.drawn(&Seen { terminal: (39, 24), ..seen(0, 10, 10) }, at(700));
    assert_eq!((guard.phase(), guard.too_small()), (Phase::Drawn, true));
    guard.drawn(&Seen { terminal: (80, 11), ..seen(0, 10, 10) }, at(700));
    assert_eq!((guard.phase(), guard.too_small()), (Phase::Drawn, true));
    guard.drawn(&Seen { terminal: (40, 12), ..seen(0, 10, 10) }, at(700));
    assert_eq!((guard.phase(), guard.too_small()), (Phase::Read, false));
}

#[test]
fn a_name_typed_by_hand_is_taken() {
    let mut phrase = Phrase::new("ab", at(0));
    assert_eq!(phrase.char('a', at(100)), Typed::Taken);
    assert_eq!(phrase.enter(at(200)), Typed::Wrong);
    assert_eq!(phrase.char('x', at(300)), Typed::Taken);
    assert_eq!(phrase.backspace(at(400)), Typed::Taken);
    assert_eq!(phrase.char('b', at(408)), Typed::Taken);
    assert_eq!(phrase.enter(at(500)), Typed::Right);
    assert!(!phrase.tick(at(539)));
    assert!(phrase.tick(at(540)));
    assert!(!phrase.tick(at(900)), "once");
}

#[test]
fn a_burst_never_fills_a_confirmation() {
    // `a`, the name and Enter as one pasted text, without bracketed paste: all within a few milliseconds.
    for gap in 0..8 {
        let mut phrase = Phrase::new("demo", at(0));
        let mut now = 0;
        for ch in "demo".chars() {
            now += gap;
            assert_eq!(phrase.char(ch, at(now)), Typed::Burst);
            assert_eq!(phrase.entered(), "");
        }
        assert_eq!(phrase.enter(at(now + gap)), Typed::Burst);
        assert_eq!(phrase.enter(at(now + 1_000)), Typed::Wrong);
    }
}

#[test]
fn an_enter_within_more_text_does_not_count() {
    let mut phrase = Phrase::new("a", at(0));
    assert_eq!(phrase.char('a', at(50)), Typed::Taken);
    assert_eq!(phrase.enter(at(100)), Typed::Right);
    assert_eq!(phrase.char('x', at(110)), Typed::Taken);
    assert!(!phrase.tick(at(1_000)));
}

#[derive(Debug, Clone)]
enum Step {
    Drawn { first: usize, rows: usize },
    Foreign,
    Small,
    Key,
    Press,
    Disturbed,
    Changed,
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..12_usize, 0..12_usize).prop_map(|(first, rows)| Step::Drawn { first, rows }),
        1 => Just(Step::Foreign),
        1 => Just(Step::Small),
        2 => Just(Step::Key),
        5 => Just(Step::Press),
        1 => Just(Step::Disturbed),
        1 => Just(Step::Changed),
        8 => (0..900_i64).prop_map(Step::Wait),
    ]
}

const TOTAL: usize = 12;

/// The rule in other words, over the whole history: may a press at `now` count?
fn may_count(history: &[(i64, Step)], now: i64) -> bool {
    let after = |found: Option<usize>| found.map_or(0, |index| index + 1);
    let text_anew =
        after(history.iter().rposition(|(_, step)| matches!(step, Step::Foreign | Step::Small | Step::Changed)));
    let end_anew = text_anew.max(after(history.iter().rposition(|(_, step)| matches!(step, Step::Disturbed))));
    let shown = |from: usize, row: usize| {
        history.iter().skip(from).find_map(|(at, step)| match step {
            Step::Drawn { first, rows } if *first <= row && row < first + rows => Some(*at),
            _ => None,
        })
    };
    let Some(all_read) = (0..TOTAL).map(|row| shown(text_anew, row)).collect::<Option<Vec<_>>>() else { return false };
    let Some(end_read) = shown(end_anew, TOTAL - 1) else { return false };
    let keys = history.iter().filter(|(_, step)| matches!(step, Step::Key | Step::Press)).map(|(at, _)| *at);
    let quiet_since = keys.chain(all_read).chain([end_read]).max().unwrap_or(0);
    now - quiet_since >= 600
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_press_counts_when_the_rule_says_so_and_never_else(steps in proptest::collection::vec(step(), 0..60)) {
        let mut guard = Guard::new(MINE);
        let mut history: Vec<(i64, Step)> = Vec::new();
        let mut now = 10_000;
        for step in steps {
            match step {
                Step::Drawn { first, rows } => guard.drawn(&seen(first, rows, TOTAL), at(now)),
                Step::Foreign => guard.drawn(&Seen { digest: OTHER, ..seen(0, TOTAL, TOTAL) }, at(now)),
                Step::Small => guard.drawn(&Seen { terminal: (39, 12), ..seen(0, TOTAL, TOTAL) }, at(now)),
                Step::Key => guard.key(at(now)),
                Step::Disturbed => guard.disturbed(),
                Step::Changed => guard.changed(),
                Step::Press => {
                    let allowed = may_count(&history, now);
                    let counted = guard.press(at(now));
                    prop_assert_eq!(counted, allowed, "{:?}", history);
                }
                Step::Wait(millis) => {
                    now += millis;
                    // A press that settles uses the guard up: the end must be on the screen anew.
                    if guard.tick(at(now)) {
                        history.push((now, Step::Disturbed));
                    }
                }
            }
            history.push((now, step));
        }
    }

    #[test]
    fn a_press_settles_only_alone(gap in 0..100_i64, other in any::<bool>()) {
        let mut guard = Guard::new(MINE);
        guard.drawn(&seen(0, 1, 1), at(0));
        prop_assert!(!guard.tick(at(600)));
        prop_assert!(guard.press(at(1_000)));
        if other {
            prop_assert!(!guard.press(at(1_000 + gap.min(39))), "pressed twice is not twice as much");
        } else {
            guard.key(at(1_000 + gap.min(39)));
        }
        prop_assert!(!guard.tick(at(1_000 + 40 + gap)));
    }

    #[test]
    fn a_phrase_is_right_only_when_typed_whole_by_hand(
        keys in proptest::collection::vec((0..30_i64, 0..4_u8), 0..40)
    ) {
        let mut phrase = Phrase::new("aba", at(0));
        let (mut now, mut since_burst, mut model) = (0, 0_i64, String::new());
        for (gap, key) in keys {
            now += gap;
            let burst = gap < 8;
            if burst { model.clear(); since_burst = now; }
            let typed = match key {
                0 | 1 => { let ch = if key == 0 { 'a' } else { 'b' }; if !burst { model.push(ch); } phrase.char(ch, at(now)) }
                2 => { if !burst { model.pop(); } phrase.backspace(at(now)) }
                _ => phrase.enter(at(now)),
            };
            prop_assert_eq!(typed == Typed::Burst, burst);
            prop_assert_eq!(phrase.entered(), model.as_str());
            if typed == Typed::Right {
                prop_assert_eq!(model.as_str(), "aba");
                prop_assert!(now - since_burst >= 4 * 8, "four keys by hand since the last burst");
            }
        }
    }
}
