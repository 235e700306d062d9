//! A JMESPath expression that a model states (paginators, waiters). Plain dotted names, nearly all there are,
//! are walked without copying the value.

use std::borrow::Cow;

use serde_json::Value;

/// An expression that parses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    text: String,
    /// The members to walk, where it is no more than that.
    names: Option<Vec<String>>,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// What the parser says, where it is not JMESPath.
    pub fn parse(text: &str) -> Result<Self, String> {
        jmespath::compile(text).map_err(|error| format!("`{text}` is not JMESPath: {error}"))?;
        Ok(Self { text: text.to_owned(), names: dotted(text) })
    }

    /// What it finds in a value. An expression that cannot be evaluated (`length` of what is not there) finds
    /// nothing, like one that finds `null`.
    pub fn find<'v>(&self, value: &'v Value) -> Option<Cow<'v, Value>> {
        if let Some(names) = &self.names {
            let found = names.iter().try_fold(value, |value, name| value.get(name))?;
            return (!found.is_null()).then_some(Cow::Borrowed(found));
        }
        // Compiled each time: a compiled expression cannot go from one thread to another.
        let found = jmespath::compile(&self.text).ok()?.search(value).ok()?;
        let found = serde_json::to_value(&*found).ok()?;
        (!found.is_null()).then_some(Cow::Owned(found))
    }

    /// The members to walk to its place; nothing where it is more than a place.
    pub fn place(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// The places among its alternatives (`NextMarker || Contents[-1].Key` has one).
    pub fn alternatives(&self) -> impl Iterator<Item = Vec<String>> {
        self.text.split("||").filter_map(|text| dotted(text.trim()))
    }
}

/// The names of a plain path (`DistributionList.Items`).
fn dotted(text: &str) -> Option<Vec<String>> {
    let name = |name: &str| {
        let mut bytes = name.bytes();
        bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
            && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    text.split('.').map(|part| name(part).then(|| part.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_it_finds_is_what_jmespath_says() {
        let value = json!({"A": {"B": [{"C": 1}, {"C": 2}], "N": null, "E": []}, "T": "text"});
        for (text, want) in [
            ("T", Some(json!("text"))),
            ("A.B", Some(json!([{"C": 1}, {"C": 2}]))),
            ("A.E", Some(json!([]))),
            ("A.N", None),
            ("A.X.Y", None),
            ("T.X", None),
            ("A.B.C", None),
            ("A.B[-1].C", Some(json!(2))),
            ("X || A.B[0].C", Some(json!(1))),
            ("length(A.E) == `0`", Some(json!(true))),
            ("length(X) == `0`", None),
        ] {
            let expression = Expression::parse(text).unwrap();
            assert_eq!(expression.find(&value).map(Cow::into_owned), want, "{text}");
            let whole = jmespath::compile(text).unwrap().search(&value).ok();
            let whole = whole.map(|found| serde_json::to_value(&*found).unwrap()).filter(|found| !found.is_null());
            assert_eq!(whole, want, "{text}: as the library finds it");
        }
    }

    #[test]
    fn places_are_told_from_expressions() {
        for (text, place) in [
            ("A", Some(vec!["A"])),
            ("A.B_1", Some(vec!["A", "B_1"])),
            ("A[].B", None),
            ("\"A\"", None),
            ("A || B", None),
        ] {
            let expression = Expression::parse(text).unwrap();
            let want: Option<Vec<String>> = place.map(|names| names.into_iter().map(str::to_owned).collect());
            assert_eq!(expression.place().map(<[String]>::to_vec), want, "{text}");
        }
        let marker = Expression::parse("NextMarker || Contents[-1].Key").unwrap();
        assert_eq!(marker.alternatives().collect::<Vec<_>>(), [["NextMarker"]]);
    }

    #[test]
    fn a_mistake_is_told() {
        let error = Expression::parse("A[").unwrap_err();
        assert!(error.starts_with("`A[` is not JMESPath: "), "{error}");
    }
}
