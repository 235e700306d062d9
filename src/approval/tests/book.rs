//! The life of an approval: the whole table of states and inputs, and random lives.

use proptest::prelude::*;

use super::samples::{ASKED_AT, TTL, approval, at, binding_of};
use crate::approval::{Approval, Input, Refusal, State, Trail};
use crate::audit::Kind;
use crate::base::{Digest, Timestamp};

fn redeem(n: u32) -> Input {
    Input::Redeem { binding: Box::new(binding_of(n)) }
}

/// The sample in a named state, reached at 10 ms.
fn in_state(name: &str) -> Approval {
    let at = at(10);
    let state = match name {
        "pending" => State::Pending,
        "approved" => State::Approved { at, use_by: at.plus(std::time::Duration::from_millis(TTL as u64)) },
        "denied" => State::Denied { at, reason: "no".into() },
        "expired" => State::Expired { at },
        "withdrawn" => State::Withdrawn { at },
        "consumed" => State::Consumed { at },
        "done" => State::Done { at },
        "failed" => State::Failed { at },
        "unknown" => State::Unknown { at },
        other => panic!("no state {other}"),
    };
    assert_eq!(state.name(), name);
    Approval { state, ..approval(1) }
}

/// What an input gives: the new state's name, or why not (`-`: the state does not take it).
fn outcome(mut approval: Approval, input: Input, now: Timestamp) -> String {
    let before = approval.clone();
    match approval.apply(input, now) {
        Ok(_) => approval.state.name().to_owned(),
        Err(refusal) => {
            assert_eq!(approval, before, "a refused input changes nothing");
            match refusal {
                Refusal::State { state, .. } if state == before.state.name() => "-".to_owned(),
                Refusal::State { state, .. } => format!("-{state}"),
                Refusal::Undecided => "undecided".to_owned(),
                Refusal::ShownOther => "other".to_owned(),
                Refusal::Differs { .. } => "differs".to_owned(),
                Refusal::NotYet => "notyet".to_owned(),
            }
        }
    }
}

/// Checks a table: a state a line, an input a column.
fn check(table: &str, now: Timestamp) {
    let digest = approval(1).digest;
    let mut lines = table.lines().map(str::trim).filter(|line| !line.is_empty());
    let inputs: Vec<&str> = lines.next().unwrap().split_whitespace().skip(1).collect();
    let mut rows = 0;
    for line in lines {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let got: Vec<String> = inputs
            .iter()
            .map(|input| {
                let input = match *input {
                    "approve" => Input::Approve { shown: digest },
                    "approve-other" => Input::Approve { shown: Digest::ZERO },
                    "deny" => Input::Deny { reason: String::new() },
                    "tick" => Input::Tick,
                    "withdraw" => Input::Withdraw,
                    "redeem" => redeem(1),
                    "redeem-other" => redeem(2),
                    "done" => Input::Done,
                    "failed" => Input::Failed,
                    "unknown" => Input::Unknown,
                    other => panic!("no input {other}"),
                };
                outcome(in_state(cells[0]), input, now)
            })
            .collect();
        assert_eq!(got, cells[1..], "{} at {now}", cells[0]);
        rows += 1;
    }
    assert_eq!(rows, 9);
}

#[test]
fn every_state_and_every_input_in_time() {
    let table = "
        state      approve   approve-other  deny    tick    withdraw   redeem     redeem-other  done  failed  unknown
        pending    approved  other          denied  notyet  withdrawn  undecided  undecided     -     -       -
        approved   -         -              -       notyet  withdrawn  consumed   differs       -     -       -
        denied     -         -              -       notyet  -          -          -             -     -       -
        expired    -         -              -       notyet  -          -          -             -     -       -
        withdrawn  -         -              -       notyet  -          -          -             -     -       -
        consumed   -         -              -       notyet  -          -          -             done  failed  unknown
        done       -         -              -       notyet  -          -          -             -     -       -
        failed     -         -              -       notyet  -          -          -             -     -       -
        unknown    -         -              -       notyet  -          -          -             -     -       -
    ";
    check(table, at(10));
    // The last instant still counts.
    check(table, at(TTL));
}

#[test]
fn every_state_and_every_input_too_late() {
    let late = "
        state      approve   approve-other  deny      tick     withdraw  redeem    redeem-other  done      failed    unknown
        pending    -expired  -expired       -expired  expired  -expired  -expired  -expired      -expired  -expired  -expired
        approved   -expired  -expired       -expired  expired  -expired  -expired  -expired      -expired  -expired  -expired
        denied     -         -              -         notyet   -         -         -             -         -         -
        expired    -         -              -         notyet   -         -         -             -         -         -
        withdrawn  -         -              -         notyet   -         -         -             -         -         -
        consumed   -         -              -         notyet   -         -         -             done      failed    unknown
        done       -         -              -         notyet   -         -         -             -         -         -
        failed     -         -              -         notyet   -         -         -             -         -         -
        unknown    -         -              -         notyet   -         -         -             -         -         -
    ";
    check(late, at(TTL + 11));
}

#[test]
fn the_time_to_use_begins_with_the_decision() {
    let mut approval = approval(1);
    assert_eq!(approval.apply(Input::Approve { shown: approval.digest }, at(TTL)), Ok(Kind::Approved));
    assert_eq!(approval.state, State::Approved { at: at(TTL), use_by: at(2 * TTL) });
    assert_eq!(approval.apply(redeem(1), at(2 * TTL)), Ok(Kind::Consumed));
}

#[test]
fn refusals_say_what_is_the_matter() {
    let message = |state: &str, input: Input| in_state(state).apply(input, at(10)).unwrap_err().to_string();
    assert_eq!(message("denied", redeem(1)), "the approval is denied; it can no longer be used");
    assert_eq!(message("consumed", redeem(1)), "the approval is consumed; it can no longer be used");
    assert_eq!(
        message("approved", Input::Deny { reason: String::new() }),
        "the approval is approved; it can no longer be denied"
    );
    assert_eq!(message("pending", redeem(1)), "the approval is still waiting for the human");
    assert_eq!(message("approved", redeem(2)), "the request differs from the approved one in: payload");
}

fn inputs() -> impl Strategy<Value = Input> {
    let digest = approval(1).digest;
    prop_oneof![
        4 => Just(Input::Approve { shown: digest }),
        1 => Just(Input::Approve { shown: Digest::ZERO }),
        1 => Just(Input::Deny { reason: "no".into() }),
        2 => Just(Input::Tick),
        1 => Just(Input::Withdraw),
        4 => Just(redeem(1)),
        2 => Just(redeem(2)),
        1 => Just(Input::Done),
        1 => Just(Input::Failed),
        1 => Just(Input::Unknown),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Times jump about, backwards too: no order of events may break the book.
    #[test]
    fn no_order_of_events_breaks_the_book(
        steps in prop::collection::vec((inputs(), -TTL..3 * TTL), 1..40),
        decide_within in 0..TTL, use_within in 0..TTL as u64,
    ) {
        let mut approval = Approval { decide_by: at(decide_within), use_ms: use_within, ..approval(1) };
        let mut trail = Trail::follow(None, Kind::Asked).unwrap();
        let mut signed = None;
        let mut consumed = 0;
        for (input, offset) in steps {
            let now = Timestamp::from_millis(ASKED_AT + offset);
            let before = approval.clone();
            match approval.apply(input.clone(), now) {
                Err(_) => prop_assert_eq!(&approval, &before),
                Ok(kind) => {
                    let whole = Approval { state: before.state.clone(), ..approval.clone() };
                    prop_assert_eq!(&whole, &before, "only the state may change");
                    prop_assert!(
                        matches!(before.state, State::Pending | State::Approved { .. } | State::Consumed { .. }),
                        "{} was left", before.state.name()
                    );
                    match (kind, &input) {
                        (Kind::Approved, Input::Approve { shown }) => {
                            prop_assert!(now <= before.decide_by);
                            signed = Some(*shown);
                        }
                        (Kind::Consumed, Input::Redeem { binding }) => {
                            consumed += 1;
                            prop_assert_eq!(signed, Some(binding.digest()), "used without a decision over it");
                            let State::Approved { use_by, .. } = before.state else {
                                return Err(TestCaseError::fail("used without having been approved"));
                            };
                            prop_assert!(now <= use_by);
                        }
                        (Kind::Consumed | Kind::Approved, _) => {
                            return Err(TestCaseError::fail(format!("{input:?} became {kind:?}")));
                        }
                        _ => {}
                    }
                    trail = Trail::follow(trail, kind).map_err(TestCaseError::fail)?;
                }
            }
            prop_assert!(trail.is_some_and(|trail| trail.agrees(&approval.state)));
        }
        prop_assert!(consumed <= 1);
        if matches!(approval.state, State::Done { .. } | State::Failed { .. } | State::Unknown { .. }) {
            prop_assert_eq!(consumed, 1);
        }
    }
}

#[test]
fn events_that_cannot_have_happened_are_found() {
    use Kind::{Approved, Asked, CallerGone, Consumed, Denied, Expired, Intent, Outcome, Received, Settled, Withdrawn};
    let walk = |kinds: &[Kind]| kinds.iter().try_fold(None, |trail, kind| Trail::follow(trail, *kind));
    let good: [(&[Kind], Option<Trail>); 7] = [
        (&[], None),
        (&[Received], None),
        (&[Asked, CallerGone, Asked], Some(Trail::Pending)),
        (&[Asked, Approved, Asked, Consumed, Intent, Outcome, Settled], Some(Trail::Ended)),
        (&[Asked, Denied, Received], Some(Trail::Denied)),
        (&[Asked, Approved, Expired], Some(Trail::Expired)),
        (&[Asked, Withdrawn], Some(Trail::Withdrawn)),
    ];
    for (kinds, expected) in good {
        assert_eq!(walk(kinds), Ok(expected), "{kinds:?}");
    }
    let bad: [(&[Kind], &str); 10] = [
        (&[Approved], "`approved` is recorded while it was not asked for"),
        (&[Asked, Consumed], "`consumed` is recorded while it is pending"),
        (&[Asked, Intent], "`intent` is recorded while it is pending"),
        (&[Asked, Approved, Denied], "`denied` is recorded while it is approved"),
        (&[Asked, Denied, Approved], "`approved` is recorded while it is denied"),
        (&[Asked, Expired, Consumed], "`consumed` is recorded while it is expired"),
        (&[Asked, Approved, Consumed, Consumed], "`consumed` is recorded while it is consumed"),
        (&[Asked, Approved, Consumed, Settled, Asked], "`asked` is recorded while it has ended"),
        (&[Asked, Approved, Settled], "`settled` is recorded while it is approved"),
        (&[Asked, Approved, Consumed, Settled, Settled], "`settled` is recorded while it has ended"),
    ];
    for (kinds, message) in bad {
        assert_eq!(walk(kinds), Err(message.to_owned()), "{kinds:?}");
    }
}
