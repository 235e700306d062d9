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
    jmespath::compile(expression).map(drop).map_err(|error| {
        CallError::new("InvalidArguments", format!("options.query: {error}"))
            .hint("a JMESPath expression is wanted, such as Buckets[].Name")
    })
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
