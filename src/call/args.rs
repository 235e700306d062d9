//! A strict reader of one JSON object of arguments, which gathers problems instead of stopping at the first.

use serde_json::{Map, Value, json};

use super::CallError;
use super::intake::kind_of;

/// How alike two names must be (Jaro-Winkler, 0 to 1) to be offered as the one that was meant.
const ALIKE: f64 = 0.8;

/// Arguments being read.
pub(super) struct Args<'a> {
    map: &'a Map<String, Value>,
    path: String,
    problems: Vec<Value>,
}

impl<'a> Args<'a> {
    /// Starts reading; keys other than `known` are problems.
    pub(super) fn new(map: &'a Map<String, Value>, known: &[&str]) -> Self {
        let mut args = Self { map, path: String::new(), problems: Vec::new() };
        args.check_keys(known);
        args
    }

    fn check_keys(&mut self, known: &[&str]) {
        let unknown: Vec<&String> = self.map.keys().filter(|key| !known.contains(&key.as_str())).collect();
        for key in unknown {
            let nearest = known
                .iter()
                .map(|name| (strsim::jaro_winkler(&key.to_lowercase(), &name.to_lowercase()), *name))
                .filter(|(alike, _)| *alike >= ALIKE)
                .max_by(|a, b| a.0.total_cmp(&b.0));
            let mut problem = json!({"path": self.at(key), "problem": "unknown key", "known": known});
            if let (Some((_, name)), Value::Object(map)) = (nearest, &mut problem) {
                map.insert("nearest".into(), name.into());
            }
            self.problems.push(problem);
        }
    }

    /// The raw value under a key.
    pub(super) fn value(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key)
    }

    /// Notes a problem with a key.
    pub(super) fn problem(&mut self, key: &str, problem: impl Into<Value>) {
        let (path, problem) = (self.at(key), problem.into());
        self.problems.push(json!({"path": path, "problem": problem}));
    }

    /// A string, or nothing; an empty string counts as nothing.
    pub(super) fn string(&mut self, key: &str) -> Option<String> {
        match self.value(key) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => (!text.trim().is_empty()).then(|| text.clone()),
            Some(other) => {
                self.problem(key, format!("a string is expected, got {}", kind_of(other)));
                None
            }
        }
    }

    /// A string that must be there and not be blank.
    pub(super) fn required_string(&mut self, key: &str) -> Option<String> {
        let before = self.problems.len();
        let text = self.string(key);
        if text.is_none() && self.problems.len() == before {
            self.problem(key, "required".to_owned());
        }
        text
    }

    /// True or false, or nothing.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        match self.value(key) {
            None | Some(Value::Null) => None,
            Some(Value::Bool(flag)) => Some(*flag),
            Some(other) => {
                self.problem(key, format!("true or false is expected, got {}", kind_of(other)));
                None
            }
        }
    }

    /// A whole number within bounds, or nothing.
    pub(super) fn integer(&mut self, key: &str, min: u64, max: u64) -> Option<u64> {
        let value = match self.value(key) {
            None | Some(Value::Null) => return None,
            Some(value) => value,
        };
        let number = value.as_u64().filter(|number| (min..=max).contains(number));
        if number.is_none() {
            self.problem(key, format!("a whole number from {min} to {max} is expected, got {value}"));
        }
        number
    }

    /// Position of the value among the choices, or nothing.
    pub(super) fn choice(&mut self, key: &str, choices: &[&str]) -> Option<usize> {
        let text = self.string(key)?;
        let found = choices.iter().position(|choice| choice.eq_ignore_ascii_case(&text));
        if found.is_none() {
            self.problem(key, format!("one of {} is expected, got {text:?}", choices.join(", ")));
        }
        found
    }

    /// Like [`Self::choice`], but it must be there.
    pub(super) fn required_choice(&mut self, key: &str, choices: &[&str]) -> Option<usize> {
        if matches!(self.value(key), None | Some(Value::Null)) {
            self.problem(key, format!("required: one of {}", choices.join(", ")));
            return None;
        }
        self.choice(key, choices)
    }

    /// Reads an object beneath a key with its own reader; its problems are gathered here.
    pub(super) fn nested<T>(
        &mut self,
        key: &str,
        map: &Map<String, Value>,
        known: &[&str],
        read: impl FnOnce(&mut Args<'_>) -> T,
    ) -> T {
        let mut inner = Args { map, path: self.at(key), problems: Vec::new() };
        inner.check_keys(known);
        let value = read(&mut inner);
        self.problems.append(&mut inner.problems);
        value
    }

    /// Ends the reading.
    pub(super) fn finish(self) -> Result<(), CallError> {
        if self.problems.is_empty() {
            return Ok(());
        }
        let told: Vec<String> = self
            .problems
            .iter()
            .map(|problem| {
                let text = |key: &str| problem.get(key).and_then(Value::as_str).unwrap_or_default();
                let meant = problem.get("nearest").and_then(Value::as_str);
                let meant = meant.map_or(String::new(), |name| format!(", did you mean {name}?"));
                format!("{}: {}{meant}", text("path"), text("problem"))
            })
            .collect();
        Err(CallError::new("InvalidArguments", told.join("; "))
            .hint("mend the arguments and call again; the tool's input schema lists them")
            .with("problems", Value::Array(self.problems)))
    }

    fn at(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}
