//! The life of an approval: the whole table of states and inputs, and random lives.

use proptest::prelude::*;

use super::samples::{ASKED_AT, LEDGER, TTL, approval, approve, approved, at, key, redeem, sign, trust, yes};
use crate::approval::{Approval, Effect, Input, Refusal, Request, Says, State, Trail};
use crate::audit::{Kind, Outcome};
use crate::base::{Digest, Timestamp};

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
    Approval { state, ..if name == "pending" { approval(1) } else { approved(1, at) } }
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
                Refusal::NotPinned { .. } => "notpinned".to_owned(),
                Refusal::SameKey => "samekey".to_owned(),
                Refusal::Unfit { .. } => "unfit".to_owned(),
                Refusal::Forged { .. } => "forged".to_owned(),
            }
        }
    }
}

/// Checks a table: a state a line, an input a column.
fn check(table: &str, now: Timestamp) {
    let mut lines = table.lines().map(str::trim).filter(|line| !line.is_empty());
    let inputs: Vec<&str> = lines.next().unwrap().split_whitespace().skip(1).collect();
    let mut rows = 0;
    for line in lines {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let got: Vec<String> = inputs
            .iter()
            .map(|input| {
                let input = match *input {
                    "approve" => approve(1, now),
                    "approve-other" => approve(2, now),
                    "deny" => Input::Deny { reason: String::new(), signed: None },
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
    assert_eq!(approval.apply(approve(1, at(TTL)), at(TTL)), Ok(vec![Effect::Record(Kind::Approved)]));
    assert_eq!(approval.state, State::Approved { at: at(TTL), use_by: at(2 * TTL) });
    let used = approval.apply(redeem(1), at(2 * TTL));
    assert_eq!(used, Ok(vec![Effect::Record(Kind::Consumed), Effect::Own]));
}

#[test]
fn what_follows_is_told_as_data() {
    let deny = || Input::Deny { reason: "no".into(), signed: None };
    for (state, input, kind, ends) in [
        ("pending", deny(), Kind::Denied, Outcome::Denied),
        ("pending", Input::Withdraw, Kind::Withdrawn, Outcome::Refused),
        ("consumed", Input::Done, Kind::Settled, Outcome::Ok),
        ("consumed", Input::Failed, Kind::Settled, Outcome::Failed),
        ("consumed", Input::Unknown, Kind::Settled, Outcome::Unknown),
    ] {
        let effects = in_state(state).apply(input, at(11));
        assert_eq!(effects, Ok(vec![Effect::Record(kind), Effect::EndCalls(ends)]), "{state}");
    }
    let late = in_state("approved").apply(Input::Tick, at(TTL + 11));
    assert_eq!(late, Ok(vec![Effect::Record(Kind::Expired), Effect::EndCalls(Outcome::Expired)]));
}

#[test]
fn refusals_say_what_is_the_matter() {
    let message = |state: &str, input: Input| in_state(state).apply(input, at(10)).unwrap_err().to_string();
    assert_eq!(message("denied", redeem(1)), "the approval is denied; it can no longer be used");
    assert_eq!(message("consumed", redeem(1)), "the approval is consumed; it can no longer be used");
    assert_eq!(
        message("approved", Input::Deny { reason: String::new(), signed: None }),
        "the approval is approved; it can no longer be denied"
    );
    assert_eq!(message("pending", redeem(1)), "the approval is still waiting for the human");
    assert_eq!(message("approved", redeem(2)), "the request differs from the approved one in: payload");
}

/// What happens in a random life. Times are offsets to the asking.
#[derive(Debug, Clone)]
enum Event {
    /// A key says yes to what is shown.
    Yes(u8),
    /// A key says yes, but something about that is wrong.
    Bad(u8, Flaw),
    Deny,
    Tick,
    Withdraw,
    /// The request comes back, while the policy wants so many approvers.
    Redeem(u32, usize),
    /// The request comes back, and a human would be shown something else.
    OtherFacts,
    Done,
    Failed,
    Unknown,
    /// Somebody writes `approved` into the ledger by hand, with the decisions there are.
    Forge,
    /// The same with a decision of a key that is not pinned.
    ForgeSigned,
}

#[derive(Debug, Clone, Copy)]
enum Flaw {
    Ledger,
    Approval,
    Shown,
    Denial,
    Time,
    Longer,
    Signature,
}

fn events() -> impl Strategy<Value = Event> {
    let flaw = prop::sample::select(vec![
        Flaw::Ledger,
        Flaw::Approval,
        Flaw::Shown,
        Flaw::Denial,
        Flaw::Time,
        Flaw::Longer,
        Flaw::Signature,
    ]);
    prop_oneof![
        6 => (1..=3_u8).prop_map(Event::Yes),
        2 => (1..=2_u8, flaw).prop_map(|(key, flaw)| Event::Bad(key, flaw)),
        1 => Just(Event::Deny),
        2 => Just(Event::Tick),
        1 => Just(Event::Withdraw),
        6 => (1..=2_u32, 1..=2_usize).prop_map(|(n, require)| Event::Redeem(n, require)),
        1 => Just(Event::OtherFacts),
        1 => Just(Event::Done),
        1 => Just(Event::Failed),
        1 => Just(Event::Unknown),
        1 => Just(Event::Forge),
        1 => Just(Event::ForgeSigned),
    ]
}

fn input(event: &Event, approval: &Approval, now: Timestamp) -> Input {
    let request = |facts, require| Input::Redeem {
        request: Box::new(Request { binding: super::samples::binding_of(1), facts, require }),
        trust: Box::new(trust()),
    };
    match event {
        Event::Yes(n) => Input::Approve { signed: Box::new(yes(approval, *n, now)), trust: Box::new(trust()) },
        Event::Bad(n, flaw) => {
            let mut statement = approval.statement(LEDGER, approval.shown(), Says::Approve, "", now);
            match flaw {
                Flaw::Ledger => statement.ledger = Digest::ZERO,
                Flaw::Approval => statement.approval = super::samples::approval_id(2),
                Flaw::Shown => statement.shown = Digest::ZERO,
                Flaw::Denial => statement.says = Says::Deny,
                Flaw::Time => statement.at = statement.at.plus(std::time::Duration::from_secs(61)),
                Flaw::Longer => statement.use_by = statement.use_by.plus(std::time::Duration::from_millis(1)),
                Flaw::Signature => {}
            }
            let mut signed = sign(statement, &key(*n));
            if matches!(flaw, Flaw::Signature) {
                signed.signature = key(*n).sign("another domain", &signed.statement.bytes());
            }
            Input::Approve { signed: Box::new(signed), trust: Box::new(trust()) }
        }
        Event::Deny => Input::Deny { reason: "no".into(), signed: None },
        Event::Tick => Input::Tick,
        Event::Withdraw => Input::Withdraw,
        Event::Redeem(1, require) => request(super::samples::facts().digest(), *require),
        Event::Redeem(n, _) => redeem(*n),
        Event::OtherFacts => request(Digest::ZERO, 1),
        Event::Done => Input::Done,
        Event::Failed => Input::Failed,
        Event::Unknown => Input::Unknown,
        Event::Forge | Event::ForgeSigned => Input::Tick,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Times jump about, backwards too, and somebody writes into the book: no order of events breaks it. One approval
    /// is used at most once, and never without decisions of enough pinned keys over this very request, in time.
    #[test]
    fn no_order_of_events_breaks_the_book(
        steps in prop::collection::vec((events(), -TTL..3 * TTL), 1..40),
        decide_within in 0..TTL, use_within in 0..TTL as u64, require in 1..=2_usize,
    ) {
        let mut approval = Approval { decide_by: at(decide_within), use_ms: use_within, require, ..approval(1) };
        let mut trail = Trail::follow(None, Kind::Asked).unwrap();
        let mut said = Vec::new();
        let mut consumed = 0;
        let mut forged = false;
        for (event, offset) in steps {
            let now = Timestamp::from_millis(ASKED_AT + offset);
            if matches!(event, Event::Forge | Event::ForgeSigned) && approval.state == State::Pending {
                approval.state = State::Approved { at: now, use_by: at(9 * TTL) };
                if matches!(event, Event::ForgeSigned) {
                    approval.signed.push(yes(&approval, 3, now));
                }
                forged = true;
            }
            let before = approval.clone();
            match approval.apply(input(&event, &before, now), now) {
                Err(_) => prop_assert_eq!(&approval, &before),
                Ok(effects) => {
                    let Some(Effect::Record(kind)) = effects.first().copied() else {
                        return Err(TestCaseError::fail("nothing is recorded"));
                    };
                    prop_assert!(
                        matches!(before.state, State::Pending | State::Approved { .. } | State::Consumed { .. }),
                        "{} was left", before.state.name()
                    );
                    let whole =
                        Approval { state: before.state.clone(), signed: before.signed.clone(), ..approval.clone() };
                    prop_assert_eq!(&whole, &before, "only the state and the decisions may change");
                    match (kind, &event) {
                        (Kind::Approved | Kind::Signed, Event::Yes(n)) => {
                            prop_assert!(now <= before.decide_by);
                            prop_assert!(*n < 3, "a key that is not pinned");
                            said.push((*n, now.plus(std::time::Duration::from_millis(use_within))));
                            prop_assert_eq!(kind == Kind::Approved, said.len() == require);
                        }
                        (Kind::Consumed, Event::Redeem(1, wanted)) => {
                            consumed += 1;
                            let mut keys: Vec<u8> = said.iter().map(|(key, _)| *key).collect();
                            keys.sort_unstable();
                            keys.dedup();
                            prop_assert!(keys.len() >= *wanted, "used with {} of {wanted} decisions", keys.len());
                            prop_assert!(said.iter().all(|(_, use_by)| now <= *use_by));
                        }
                        (Kind::Consumed | Kind::Approved | Kind::Signed, _) => {
                            return Err(TestCaseError::fail(format!("{event:?} became {kind:?}")));
                        }
                        _ => {}
                    }
                    if !forged {
                        trail = Trail::follow(trail, kind).map_err(TestCaseError::fail)?;
                    }
                }
            }
            prop_assert!(forged || trail.is_some_and(|trail| trail.agrees(&approval.state)));
        }
        prop_assert!(consumed <= 1);
        if matches!(approval.state, State::Done { .. } | State::Failed { .. } | State::Unknown { .. }) {
            prop_assert_eq!(consumed, 1);
        }
    }
}

#[test]
fn events_that_cannot_have_happened_are_found() {
    use Kind::{
        Approved, Asked, CallerGone, Consumed, Denied, Expired, Intent, Outcome, Received, Settled, Signed, Withdrawn,
    };
    let walk = |kinds: &[Kind]| kinds.iter().try_fold(None, |trail, kind| Trail::follow(trail, *kind));
    let good: [(&[Kind], Option<Trail>); 8] = [
        (&[Asked, Signed, Approved], Some(Trail::Approved)),
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
    let bad: [(&[Kind], &str); 11] = [
        (&[Asked, Approved, Signed], "`signed` is recorded while it is approved"),
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
