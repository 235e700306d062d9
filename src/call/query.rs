//! `options.query`: a JMESPath expression over the result.

use serde_json::Value;

use super::CallError;

/// Evaluates an expression.
///
/// # Errors
/// `InvalidArguments` when the expression is wrong, with the place the parser points at.
pub fn apply(expression: &str, value: &Value) -> Result<Value, CallError> {
    let wrong = |error: jmespath::JmespathError| {
        CallError::new("InvalidArguments", format!("options.query: {error}"))
            .hint("the call itself ran; a JMESPath expression is wanted, such as Buckets[].Name")
    };
    let compiled = jmespath::compile(expression).map_err(wrong)?;
    let found = compiled.search(value).map_err(wrong)?;
    serde_json::to_value(&*found).map_err(|error| CallError::new("Internal", error.to_string()))
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
    fn a_mistake_is_told_before_anything_runs() {
        let error = check("Buckets[").unwrap_err();
        assert_eq!(error.kind, "InvalidArguments");
        assert!(error.message.starts_with("options.query: "), "{}", error.message);
    }
}
