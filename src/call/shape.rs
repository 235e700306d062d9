//! Results small enough for a model's context: whole list items and long strings are cut, never JSON itself,
//! and what was cut is told with counts.

use serde_json::{Map, Value, json};

/// A result within its bound, and what was left out of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shaped {
    /// Valid JSON, shorter than asked for if anything was cut.
    pub value: Value,
    /// One entry a cut: `{path, kept, total, unit}`.
    pub cuts: Vec<Value>,
}

impl Shaped {
    /// What `metadata.truncated` says, if anything was cut.
    pub fn truncated(&self) -> Option<Value> {
        (!self.cuts.is_empty()).then(|| {
            json!({
                "cuts": self.cuts,
                "hint": "ask for less: narrow the request, lower options.paginate.maxItems or the operation's own limit \
                         (MaxItems, MaxResults, …), or pick fields with options.query (JMESPath); options.outputPath saves \
                         the whole",
            })
        })
    }
}

/// Cuts a value so that its JSON text takes about `max` characters at most.
///
/// Small members are kept whole; what is left of the bound is shared evenly among the large ones.
pub fn shape(value: Value, max: usize) -> Shaped {
    let mut cuts = Vec::new();
    let size = size_of(&value);
    let value = if size <= max { value } else { shrink(value, max, "", &mut cuts) };
    Shaped { value, cuts }
}

/// Characters of a value's JSON text, without building it.
pub(super) fn size_of(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(true) => 4,
        Value::Bool(false) => 5,
        Value::Number(number) => number.to_string().len(),
        Value::String(text) => string_size(text),
        Value::Array(items) => 2 + items.iter().map(|item| size_of(item) + 1).sum::<usize>(),
        Value::Object(map) => 2 + map.iter().map(|(key, value)| string_size(key) + 2 + size_of(value)).sum::<usize>(),
    }
}

fn string_size(text: &str) -> usize {
    let escapes = text.chars().filter(|ch| matches!(ch, '"' | '\\') || u32::from(*ch) < 0x20).count();
    2 + text.chars().count() + escapes
}

fn shrink(value: Value, max: usize, path: &str, cuts: &mut Vec<Value>) -> Value {
    if size_of(&value) <= max {
        return value;
    }
    match value {
        Value::String(text) => shrink_string(&text, max, path, cuts),
        Value::Array(items) => shrink_array(items, max, path, cuts),
        Value::Object(map) => shrink_object(map, max, path, cuts),
        scalar => scalar,
    }
}

fn shrink_string(text: &str, max: usize, path: &str, cuts: &mut Vec<Value>) -> Value {
    let total = text.chars().count();
    let mut left = max.saturating_sub(3);
    let kept: String = text
        .chars()
        .take_while(|ch| {
            let cost = string_size(ch.encode_utf8(&mut [0; 4])) - 2;
            let fits = cost <= left;
            left = left.saturating_sub(cost);
            fits
        })
        .collect();
    cuts.push(json!({"path": path, "kept": kept.chars().count(), "total": total, "unit": "characters"}));
    Value::String(kept + "…")
}

fn shrink_array(items: Vec<Value>, max: usize, path: &str, cuts: &mut Vec<Value>) -> Value {
    let total = items.len();
    let mut left = max.saturating_sub(2);
    let mut kept = Vec::new();
    for item in items {
        let size = size_of(&item) + 1;
        if size <= left {
            left -= size;
            kept.push(item);
            continue;
        }
        // An item too large even for an empty list is cut itself: an empty list would tell nothing.
        if kept.is_empty() {
            kept.push(shrink(item, left, &format!("{path}[0]"), cuts));
        }
        break;
    }
    if kept.len() < total {
        cuts.push(json!({"path": path, "kept": kept.len(), "total": total, "unit": "items"}));
    }
    Value::Array(kept)
}

fn shrink_object(map: Map<String, Value>, max: usize, path: &str, cuts: &mut Vec<Value>) -> Value {
    let overhead = 2 + map.keys().map(|key| string_size(key) + 2).sum::<usize>();
    let share = fair_share(map.values().map(size_of).collect(), max.saturating_sub(overhead));
    let shrunk = map
        .into_iter()
        .map(|(key, member)| {
            let at = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let member = shrink(member, share, &at, cuts);
            (key, member)
        })
        .collect();
    Value::Object(shrunk)
}

/// The largest bound a member so that all of them, each cut to it, fit into `max`.
fn fair_share(mut sizes: Vec<usize>, max: usize) -> usize {
    sizes.sort_unstable();
    let mut left = max;
    let mut members = sizes.len();
    for size in sizes {
        let share = left / members.max(1);
        if size > share {
            return share;
        }
        left -= size;
        members -= 1;
    }
    left
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_fits_is_untouched() {
        let value = json!({"a": [1, 2, 3], "b": "text"});
        assert_eq!(shape(value.clone(), 100), Shaped { value, cuts: vec![] });
    }

    #[test]
    fn whole_items_are_cut_and_counted() {
        let value = json!({"Name": "x", "Items": ["aaaa", "bbbb", "cccc", "dddd"], "Next": null});
        let shaped = shape(value, 52);
        assert_eq!(shaped.value, json!({"Name": "x", "Items": ["aaaa", "bbbb"], "Next": null}));
        assert_eq!(shaped.cuts, [json!({"path": "Items", "kept": 2, "total": 4, "unit": "items"})]);
        assert!(shaped.truncated().is_some());
    }

    #[test]
    fn long_strings_are_cut_between_characters() {
        let shaped = shape(json!({"Body": "äöü".repeat(100)}), 30);
        assert_eq!(shaped.value, json!({"Body": "äöüäöüäöüäöüäöüäö…"}));
        assert_eq!(shaped.cuts, [json!({"path": "Body", "kept": 17, "total": 300, "unit": "characters"})]);
    }

    #[test]
    fn small_members_survive_beside_a_large_one() {
        let shaped = shape(json!({"Big": "x".repeat(5_000), "Count": 7, "Id": "i-1"}), 200);
        assert_eq!(shaped.value.get("Count"), Some(&json!(7)));
        assert_eq!(shaped.value.get("Id"), Some(&json!("i-1")));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,60}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::btree_map("[a-z]{1,8}", inner, 0..8)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn cuts_are_told_and_nothing_else_changes(value in any_json(), max in 200_usize..2_000) {
            let shaped = shape(value.clone(), max);
            prop_assert_eq!(shaped.cuts.is_empty(), shaped.value == value);
            prop_assert_eq!(shaped.cuts.is_empty(), size_of(&value) <= max);
        }
    }
}
