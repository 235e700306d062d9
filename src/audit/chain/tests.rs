//! A chain: every part counts, and a detail survives being written as text.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Broken, Head, link};
use crate::audit::{Event, Kind, NewEvent};
use crate::base::{AgentId, ApprovalId, Digest, OpId, Timestamp, TxId};

fn hex32(digit: char) -> String {
    String::from(digit).repeat(32)
}

fn sample() -> NewEvent {
    NewEvent {
        at: Timestamp::from_millis(1_700_000_000_000),
        kind: Kind::Received,
        tx: TxId::parse(&format!("tx_{}", hex32('a'))),
        op: OpId::parse(&format!("op_{}", hex32('b'))),
        agent: AgentId::parse(&format!("ag_{}", hex32('c'))),
        approval: ApprovalId::parse(&format!("ap_{}", hex32('d'))),
        detail: json!({"tool": "execute", "arguments": {"b": 1.5, "a": [true, null, "ü"]}}),
    }
}

fn chain(events: impl IntoIterator<Item = NewEvent>) -> Vec<Event> {
    let mut head = Head::START;
    let mut chain = Vec::new();
    for event in events {
        let event = head.extend(event).unwrap();
        head = Head { seq: event.seq, hash: event.hash };
        chain.push(event);
    }
    chain
}

fn walk(events: &[Event]) -> Result<Head, Broken> {
    events.iter().try_fold(Head::START, Head::follow)
}

#[test]
fn every_part_of_a_link_counts() {
    let prev = Digest::of("test", b"prev");
    let whole = link(prev, 7, &sample()).unwrap();
    let variants: [(&str, Digest, i64, NewEvent); 9] = [
        ("prev", Digest::ZERO, 7, sample()),
        ("seq", prev, 8, sample()),
        ("at", prev, 7, NewEvent { at: Timestamp::from_millis(1_700_000_000_001), ..sample() }),
        ("kind", prev, 7, NewEvent { kind: Kind::Judged, ..sample() }),
        ("tx", prev, 7, NewEvent { tx: None, ..sample() }),
        ("op", prev, 7, NewEvent { op: None, ..sample() }),
        ("agent", prev, 7, NewEvent { agent: None, ..sample() }),
        ("approval", prev, 7, NewEvent { approval: None, ..sample() }),
        ("detail", prev, 7, NewEvent { detail: json!({"tool": "execute"}), ..sample() }),
    ];
    for (part, prev, seq, event) in variants {
        assert_ne!(link(prev, seq, &event).unwrap(), whole, "{part}");
    }
}

#[test]
fn the_order_of_keys_does_not_count_and_the_form_is_pinned() {
    let mut event = sample();
    event.detail = json!({"arguments": {"a": [true, null, "ü"], "b": 1.5}, "tool": "execute"});
    assert_eq!(link(Digest::ZERO, 1, &event).unwrap(), link(Digest::ZERO, 1, &sample()).unwrap());
    // Ledgers that exist were written with this form: a change of it is a change of the ledger's version.
    assert_eq!(link(Digest::ZERO, 1, &sample()).unwrap().to_string(), PINNED);
}

/// Computed from the description of the form alone, with another language.
const PINNED: &str = "b376d06fd0b3c3c534ab68ffd897bcee490a293872681161a38169475f6c705d";

#[test]
fn names_of_kinds_are_what_is_serialized() {
    for kind in Kind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), Value::from(kind.as_str()));
        assert_eq!(Kind::parse(kind.as_str()), Some(kind));
    }
    for outcome in crate::audit::Outcome::ALL {
        assert_eq!(serde_json::to_value(outcome).unwrap(), Value::from(outcome.as_str()));
        assert_eq!(crate::audit::Outcome::parse(outcome.as_str()), Some(outcome));
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_detail_read_back_from_its_text_has_the_same_hash(detail in json_value()) {
        let written = NewEvent { detail, ..sample() };
        let read = NewEvent { detail: serde_json::from_str(&written.detail.to_string()).unwrap(), ..sample() };
        prop_assert_eq!(&read.detail, &written.detail);
        prop_assert_eq!(link(Digest::ZERO, 1, &read).unwrap(), link(Digest::ZERO, 1, &written).unwrap());
    }

    #[test]
    fn a_chain_holds_until_an_event_is_left_out_moved_or_changed(
        details in prop::collection::vec(any::<u32>(), 3..12), at in any::<prop::sample::Index>(),
    ) {
        let events = chain(details.iter().map(|n| NewEvent { detail: json!({"n": n}), ..sample() }));
        let last = events.last().unwrap();
        prop_assert_eq!(walk(&events), Ok(Head { seq: last.seq, hash: last.hash }));

        let at = at.index(events.len() - 1);
        let seq = i64::try_from(at).unwrap() + 1;

        let mut without = events.clone();
        without.remove(at);
        prop_assert_eq!(walk(&without).unwrap_err().seq, seq);

        let mut swapped = events.clone();
        swapped.swap(at, at + 1);
        prop_assert_eq!(walk(&swapped).unwrap_err().seq, seq);

        let mut changed = events.clone();
        changed[at].event.detail = json!({"n": -1});
        prop_assert_eq!(walk(&changed).unwrap_err(), Broken::at(seq, "its content is not what was recorded"));

        // Changed and linked anew: the next event gives it away.
        let mut forged = events;
        let fresh = link(forged[at].prev, seq, &changed[at].event).unwrap();
        forged[at].event = changed[at].event.clone();
        forged[at].hash = fresh;
        prop_assert_eq!(walk(&forged).unwrap_err(), Broken::at(seq + 1, "does not follow the event before it"));
    }
}
