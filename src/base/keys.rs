//! JSON in which no object has a key twice. Readers differ over which of the two counts; what a human is shown and
//! what is sent must not.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Characters of a key that are told.
const TOLD: usize = 60;

/// Checks that a JSON text is sound and that no object in it has a key twice.
///
/// # Errors
/// What is wrong, with line and column. The key in it is the text's own (untrusted).
pub fn no_key_twice(json: &[u8]) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    Check.deserialize(&mut reader)?;
    reader.end()
}

#[derive(Clone, Copy)]
struct Check;

impl<'de> DeserializeSeed<'de> for Check {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Check {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = members.next_key::<String>()? {
            if seen.contains(&key) {
                let key: String = key.chars().take(TOLD).collect();
                return Err(A::Error::custom(format_args!("the key {key:?} stands twice in one object")));
            }
            members.next_value_seed(self)?;
            seen.insert(key);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::no_key_twice;

    #[test]
    fn keys_stand_once() {
        let twice =
            |key: &str, at: &str| Some(format!("the key {key:?} stands twice in one object at line 1 column {at}"));
        let cases = [
            ("{}", None),
            (r#"{"a": 1, "b": {"a": [{"a": null}, {"a": true}]}}"#, None),
            (r#"{"a": 1, "a": 1}"#, twice("a", "12")),
            (r#"[{"a": 1.5, "\u0061": "x"}]"#, twice("a", "20")),
            (r#"{"a""#, Some("EOF while parsing an object at line 1 column 4".to_owned())),
            ("{} x", Some("trailing characters at line 1 column 4".to_owned())),
        ];
        for (text, expected) in cases {
            assert_eq!(no_key_twice(text.as_bytes()).err().map(|error| error.to_string()), expected, "{text}");
        }
        let deep = "[".repeat(100_000);
        let told = no_key_twice(deep.as_bytes()).unwrap_err().to_string();
        assert_eq!(told, "recursion limit exceeded at line 1 column 128");
    }
}
