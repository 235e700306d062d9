//! `options.query`: a JMESPath expression over the result.

use serde_json::Value;

use super::CallError;

/// Evaluates an expression.
///
/// # Errors
/// Why it cannot be evaluated over this value: the call that gave the value ran all the same.
pub fn apply(expression: &str, value: &Value) -> Result<Value, String> {
    let compiled = jmespath::compile(expression).map_err(|error| error.to_string())?;
    let found = compiled.search(value).map_err(|error| error.to_string())?;
    serde_json::to_value(&*found).map_err(|error| error.to_string())
}

/// Checks an expression without a value, so that a mistake is told before anything runs.
///
/// # Errors
/// `InvalidArguments` when the expression is wrong.
pub fn check(expression: &str) -> Result<(), CallError> {
    let wrong = |problem: String| {
        CallError::new("InvalidArguments", format!("options.query: {problem}"))
            .hint("a JMESPath expression is wanted, such as Buckets[].Name")
    };
    let steps = expression.matches(['.', '|', '&', '[', '<', '>', '=']).count();
    if expression.len() > LONGEST || depth(expression) > DEEPEST || steps > STEPS {
        let limits = format!("longer than {LONGEST} bytes or {STEPS} steps, or nested more than {DEEPEST} deep");
        return Err(wrong(limits));
    }
    jmespath::compile(expression).map(drop).map_err(|error| wrong(error.to_string()))
}

/// Bytes of an expression.
const LONGEST: usize = 4_096;

/// Steps and operators of an expression: the parser and the search call themselves for each.
const STEPS: usize = 256;

/// How deep its parentheses, brackets, braces, negations and references go: the parser calls itself for each.
const DEEPEST: usize = 64;

fn depth(expression: &str) -> usize {
    let (mut open, mut prefixes, mut deepest) = (0_usize, 0_usize, 0);
    for ch in expression.chars() {
        match ch {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            '!' | '&' => prefixes += 1,
            ch if ch.is_whitespace() => {}
            _ => prefixes = 0,
        }
        deepest = deepest.max(open + prefixes);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_expression_picks_fields() {
        let value = json!({"Buckets": [{"Name": "a", "N": 1}, {"Name": "b", "N": 2}]});
        assert_eq!(apply("Buckets[].Name", &value), Ok(json!(["a", "b"])));
        assert_eq!(apply("length(Buckets)", &value), Ok(json!(2)));
        assert_eq!(apply("Nothing", &value), Ok(Value::Null));
    }

    #[test]
    fn edges_of_the_language_are_as_its_specification_has_them() {
        let value = json!({
            "Items": [{"Name": "b", "Size": 2, "Tags": [{"Key": "env", "Value": "prod"}]}, {"Name": "a", "Size": 10}, {}],
            "Empty": [], "No": null, "Big": 9_007_199_254_740_993_i64, "with space": 1, "Nested": [[1, 2], [3], []],
        });
        let cases = [
            ("Items[?Size > `5`].Name", json!(["a"])),
            ("Items[?Tags[?Key=='env' && Value=='prod']].Name", json!(["b"])),
            ("Items[*].Name", json!(["b", "a"])),
            ("Items[0:1].Name", json!(["b"])),
            ("Items[-1]", json!({})),
            ("Items[9]", Value::Null),
            ("Items[].{n: Name, s: Size}", json!([{"n": "b", "s": 2}, {"n": "a", "s": 10}, {"n": null, "s": null}])),
            ("sort_by(Items[?Size], &Size)[].Name", json!(["b", "a"])),
            ("max_by(Items[?Size], &Size).Name", json!("a")),
            ("Nested[]", json!([1, 2, 3])),
            ("Nested[*][0]", json!([1, 3])),
            ("Empty[].Name", json!([])),
            ("No.Name", Value::Null),
            ("No || `\"none\"`", json!("none")),
            ("\"with space\"", json!(1)),
            ("Big", json!(9_007_199_254_740_993_i64)),
            ("Items[].Name | [0]", json!("b")),
            ("join(', ', Items[?Name].Name)", json!("b, a")),
            ("@.Big", json!(9_007_199_254_740_993_i64)),
            ("!Empty", json!(true)),
        ];
        for (expression, found) in cases {
            check(expression).unwrap();
            assert_eq!(apply(expression, &value), Ok(found), "{expression}");
        }
    }

    #[test]
    fn what_would_exhaust_the_parser_is_refused() {
        for deep in ["(", "!", "[", "a[?", "&", "{a:"] {
            let error = check(&deep.repeat(1_000)).unwrap_err();
            assert_eq!(error.kind, "InvalidArguments");
        }
        assert!(check(&"a.".repeat(5_000)).unwrap_err().message.contains("longer than"));
        // A test has as much stack as a worker.
        for chained in ["|a", ".a", "||a", "[0]", "[*]", "[]", "&&a"] {
            let steps = chained.matches(['.', '|', '&', '[']).count();
            let long = format!("a{}", chained.repeat(STEPS / steps));
            check(&long).unwrap();
            assert_eq!(check(&format!("{long}.a")).unwrap_err().kind, "InvalidArguments");
            apply(&long, &json!({"a": null})).unwrap();
        }
        check(&format!("{}a{}", "(".repeat(DEEPEST), ")".repeat(DEEPEST))).unwrap();
    }

    #[test]
    fn an_expression_that_does_not_fit_the_value_says_why() {
        assert!(apply("length(Count)", &json!({"Count": 7})).unwrap_err().contains("length"));
    }

    #[test]
    fn a_mistake_is_told_before_anything_runs() {
        let error = check("Buckets[").unwrap_err();
        assert_eq!(error.kind, "InvalidArguments");
        assert!(error.message.starts_with("options.query: "), "{}", error.message);
    }
}
