//! Payloads made to hurt.

use super::*;

#[test]
fn hostile_payloads_end_in_a_short_error() {
    let nested = (0..1000).fold(json!(1), |inner, _| {
        Value::Object([("Left".to_owned(), inner), ("Leaf".to_owned(), json!(1))].into_iter().collect())
    });
    let invalid = put(&json!({"Id": "abc", "Tree": nested})).unwrap_err();
    assert_eq!(invalid.invalid.len(), 1);
    assert_eq!(invalid.invalid[0].code, Code::Depth);
    assert!(invalid.invalid[0].path.len() < 1000, "{}", invalid.invalid[0].path);

    let nested = (0..1000).fold(json!(1), |inner, _| Value::Array(vec![inner]));
    for member in ["Doc", "Json"] {
        assert_eq!(problem(member, &nested).code, Code::Depth);
    }

    let names: Vec<_> = (0..20_000).map(|_| json!("A".repeat(50))).collect();
    let invalid = put(&json!({"Id": "abc", "Names": names})).unwrap_err();
    assert_eq!((invalid.invalid.len(), invalid.more), (100, 39_901));
    assert!(serde_json::to_string(&invalid).unwrap().len() < 30_000);

    let unknown = (0..20_000).map(|number| (format!("k{number}"), json!(1)));
    let invalid = put(&Value::Object(unknown.collect())).unwrap_err();
    assert_eq!((invalid.missing.len(), invalid.invalid.len(), invalid.more), (1, 99, 19_901));
}

#[test]
fn large_payloads_are_refused_in_a_few_words() {
    let long = "x".repeat(50 << 20);
    for (payload, code) in [
        (json!({"Id": long}), Code::Length),
        (json!({"Id": "abc", "Kind": long}), Code::Enum),
        (json!({"Id": "abc", "At": long}), Code::Timestamp),
        (json!({"Id": "abc", "Count": "9".repeat(50 << 20)}), Code::Type),
        (json!({"Id": "abc", "Body": "A".repeat(50 << 20)}), Code::Length),
        (json!({"Id": "abc", "Host": long}), Code::HostLabel),
        (json!({"Id": "abc", long.as_str(): 1}), Code::Unknown),
    ] {
        let invalid = put(&payload).unwrap_err();
        assert_eq!(invalid.invalid[0].code, code);
        assert!(serde_json::to_string(&invalid).unwrap().len() < 1000, "{code:?}");
    }
    let keys = (0..1_000_000).map(|key| (format!("k{key}"), json!(1)));
    let invalid = put(&json!({"Id": "abc", "Tags": Value::Object(keys.collect())})).unwrap_err();
    assert!(invalid.more > 1_000_000 && invalid.invalid.len() == 100);
    assert!(serde_json::to_string(&invalid).unwrap().len() < 30_000);
}
