//! `smithy.waiters#waitable` into botocore's form, which the model keeps.

use serde_json::{Map, Value, json};

use super::Reader;
use crate::smithy::read::{Problem, Under, array, object, text_at};

/// Smithy leaves the longest wait to the caller; in botocore's form a waiter has a number of attempts.
/// This many seconds are what most of botocore's waiters come to.
const LONGEST_WAIT: u64 = 600;

impl Reader<'_> {
    /// The waiters that an operation has, by name.
    pub(super) fn waiters(&mut self, operation: &str, value: &Value) -> Result<Vec<(String, Value)>, Problem> {
        object(value)?
            .iter()
            .map(|(name, waiter)| Ok((name.clone(), self.waiter(operation, waiter).under(name)?)))
            .collect()
    }

    fn waiter(&mut self, operation: &str, value: &Value) -> Result<Value, Problem> {
        let waiter = object(value)?;
        let delay = waiter.get("minDelay").and_then(Value::as_u64).unwrap_or(2).max(1);
        let mut acceptors = Vec::new();
        let stated = waiter.get("acceptors").ok_or_else(|| Problem::new("`acceptors` is missing"))?;
        for acceptor in array(stated).under("acceptors")? {
            let acceptor = object(acceptor).under("acceptors")?;
            let state = text_at(acceptor, "state").under("acceptors")?;
            let matcher = acceptor.get("matcher").ok_or_else(|| Problem::new("`matcher` is missing"));
            match acceptor_form(&state, object(matcher?).under("matcher").under("acceptors")?) {
                Some(acceptor) => acceptors.push(acceptor),
                None => self.notes.left_out.add("waiter", "matcher on input and output", operation),
            }
        }
        let mut made = json!({
            "delay": delay,
            "maxAttempts": LONGEST_WAIT.div_ceil(delay),
            "operation": operation,
            "acceptors": acceptors,
        });
        if self.documentation
            && let (Some(made), Some(text)) = (made.as_object_mut(), waiter.get("documentation"))
        {
            made.insert("description".to_owned(), text.clone());
        }
        Ok(made)
    }
}

/// One acceptor; `None` for a matcher that botocore's form cannot hold.
fn acceptor_form(state: &str, matcher: &Map<String, Value>) -> Option<Value> {
    if let Some(success) = matcher.get("success").and_then(Value::as_bool) {
        // botocore: `error` matches any error when true, none when false.
        return Some(json!({ "state": state, "matcher": "error", "expected": !success }));
    }
    if let Some(code) = matcher.get("errorType").and_then(Value::as_str) {
        let code = code.rsplit('#').next().unwrap_or(code);
        return Some(json!({ "state": state, "matcher": "error", "expected": code }));
    }
    let output = matcher.get("output")?;
    let path = output.get("path")?.as_str()?;
    let expected = output.get("expected")?.as_str()?;
    let kind = match output.get("comparator")?.as_str()? {
        "allStringEquals" => "pathAll",
        "anyStringEquals" => "pathAny",
        "stringEquals" | "booleanEquals" => "path",
        _ => return None,
    };
    let is_boolean = output.get("comparator")?.as_str() == Some("booleanEquals");
    let expected = if is_boolean { json!(expected == "true") } else { json!(expected) };
    Some(json!({ "state": state, "matcher": kind, "argument": path, "expected": expected }))
}
