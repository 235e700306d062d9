//! Reader of botocore's JSON: `service-2`, `paginators-1`, `waiters-2` and `endpoint-rule-set-1` of one
//! service, each with its `.sdk-extras`, into one [`Model`].
//!
//! The result has Smithy's form: `flattened` and element names of lists stand on the member that uses the list,
//! `streaming` on the blob, the XML namespace on the service, and patterns hold anywhere unless anchored.

mod operations;
mod pattern;
mod service;
mod settle;
mod shapes;
use serde_json::{Map, Value};

use super::{
    Model,
    prose::first_sentence,
    read::{Notes, Problem, ReadError, Reading, Under, object, text_or_texts},
};

/// A document and what botocore merges into it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Document<'a> {
    /// The published file (`service-2.json`), inflated.
    pub base: Option<&'a [u8]>,
    /// `service-2.sdk-extras.json`: values under `merge` are merged into the base.
    pub extras: Option<&'a [u8]>,
}

/// The documents of one service. Only `service` must be there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Documents<'a> {
    /// `service-2`
    pub service: Document<'a>,
    /// `paginators-1`
    pub paginators: Document<'a>,
    /// `waiters-2`
    pub waiters: Document<'a>,
    /// `endpoint-rule-set-1`
    pub endpoint_rules: Document<'a>,
}

/// Reads one service. `name` is botocore's name of it, the folder its documents lie in.
///
/// With `documentation` the first sentence of each documentation is kept, else none.
///
/// # Errors
/// Names the document and the place in it that cannot be understood.
pub fn read(name: &str, documents: &Documents<'_>, documentation: bool) -> Result<Reading, ReadError> {
    let service = load("service-2", documents.service)?.ok_or_else(|| ReadError {
        document: "service-2".to_owned(),
        at: String::new(),
        problem: "it is missing".to_owned(),
    })?;
    let mut reader = Reader { documentation, notes: Notes::default() };
    let mut model = reader.service_document(name, &service).map_err(|problem| problem.in_document("service-2"))?;
    if let Some(document) = load("paginators-1", documents.paginators)? {
        reader.paginators(&document, &mut model).map_err(|problem| problem.in_document("paginators-1"))?;
    }
    if let Some(document) = load("waiters-2", documents.waiters)? {
        reader.waiters(&document, &mut model).map_err(|problem| problem.in_document("waiters-2"))?;
    }
    if let Some(mut document) = load("endpoint-rule-set-1", documents.endpoint_rules)? {
        if !documentation && let Some(parameters) = document.get_mut("parameters").and_then(Value::as_object_mut) {
            strip_documentation(parameters);
        }
        model.endpoint_rules = Some(Value::Object(document));
    }
    Ok(Reading { model, notes: reader.notes })
}

/// Parses a document and merges its extras, the way botocore's loader does.
fn load(name: &str, document: Document<'_>) -> Result<Option<Map<String, Value>>, ReadError> {
    let Some(base) = document.base else { return Ok(None) };
    let mut base = parse(name, base)?;
    if let Some(extras) = document.extras {
        let extras_name = format!("{name}.sdk-extras");
        let extras = parse(&extras_name, extras)?;
        if let Some(merge) = extras.get("merge") {
            let merge = object(merge).under("merge").map_err(|problem| problem.in_document(&extras_name))?;
            deep_merge(&mut base, merge);
        }
    }
    Ok(Some(base))
}

fn parse(name: &str, bytes: &[u8]) -> Result<Map<String, Value>, ReadError> {
    serde_json::from_slice(bytes)
        .map_err(|error| Problem::new(format!("not the JSON expected: {error}")).in_document(name))
}

fn deep_merge(base: &mut Map<String, Value>, extra: &Map<String, Value>) {
    for (key, value) in extra {
        match (base.get_mut(key), value) {
            (Some(Value::Object(inner)), Value::Object(value)) => deep_merge(inner, value),
            _ => {
                base.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Removes `documentation` from each of the objects.
fn strip_documentation(objects: &mut Map<String, Value>) {
    for value in objects.values_mut() {
        if let Some(value) = value.as_object_mut() {
            value.shift_remove("documentation");
        }
    }
}

/// What is carried along while the documents of one service are read.
struct Reader {
    documentation: bool,
    notes: Notes,
}

impl Reader {
    fn documentation(&self, value: &Value) -> Option<String> {
        if self.documentation { value.as_str().and_then(first_sentence) } else { None }
    }

    fn unknown(&mut self, context: &str, key: &str, place: &str) {
        self.notes.unknown.add(context, key, place);
    }

    fn left_out(&mut self, context: &str, key: &str, place: &str) {
        self.notes.left_out.add(context, key, place);
    }

    fn paginators(&mut self, document: &Map<String, Value>, model: &mut Model) -> Result<(), Problem> {
        for (key, value) in document {
            if key != "pagination" {
                match key.as_str() {
                    "version" => {}
                    _ => self.unknown("paginators", key, ""),
                }
                continue;
            }
            for (name, value) in object(value).under(key)? {
                let paginator = self.paginator(name, value).under(name).under(key)?;
                match model.operations.get_mut(name) {
                    Some(operation) => operation.paginator = Some(paginator),
                    None => self.left_out("paginators", "of an operation that is not there", name),
                }
            }
        }
        Ok(())
    }

    fn paginator(&mut self, name: &str, value: &Value) -> Result<super::Paginator, Problem> {
        let mut paginator = super::Paginator::default();
        for (key, value) in object(value)? {
            match key.as_str() {
                "input_token" => paginator.input_token = text_or_texts(value).under(key)?,
                "output_token" => paginator.output_token = text_or_texts(value).under(key)?,
                "result_key" => paginator.result_key = text_or_texts(value).under(key)?,
                "more_results" => paginator.more_results = Some(super::read::text(value).under(key)?),
                "limit_key" => paginator.limit_key = Some(super::read::text(value).under(key)?),
                "non_aggregate_keys" => self.left_out("paginator", key, name),
                _ => self.unknown("paginator", key, name),
            }
        }
        Ok(paginator)
    }

    fn waiters(&mut self, document: &Map<String, Value>, model: &mut Model) -> Result<(), Problem> {
        for (key, value) in document {
            if key != "waiters" {
                match key.as_str() {
                    "version" => {}
                    _ => self.unknown("waiters", key, ""),
                }
                continue;
            }
            for (name, value) in object(value).under(key)? {
                let mut waiter = object(value).under(name).under(key)?.clone();
                if !self.documentation {
                    waiter.shift_remove("description");
                }
                let operation = super::read::text_at(&waiter, "operation").under(name).under(key)?;
                if model.operations.contains_key(&operation) {
                    model.waiters.insert(name.clone(), Value::Object(waiter));
                } else {
                    self.left_out("waiters", "of an operation that is not there", name);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
