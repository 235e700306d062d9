//! Reader of Smithy's JSON AST (versions 1.0 and 2.0). One document may hold several services; each becomes
//! a [`Model`](super::Model) of the shapes that its operations reach.

mod document;
mod operations;
mod resources;
mod service;
mod shapes;
mod traits;
mod waiters;

use serde_json::{Map, Value};

use self::document::Document;
use super::{
    prose::first_sentence,
    read::{Notes, Problem, ReadError, Reading},
};

/// Reads every service of a document; none when the document is JSON but no Smithy model.
///
/// A service is named by its sdkId in kebab case, because an AST does not know botocore's names.
/// With `documentation` the first sentence of each documentation is kept, else none.
///
/// # Errors
/// Names the place in the document that cannot be understood.
pub fn read(json: &[u8], documentation: bool) -> Result<Vec<Reading>, ReadError> {
    let document: Value = serde_json::from_slice(json)
        .map_err(|error| Problem::new(format!("it is no JSON: {error}")).in_document("Smithy AST"))?;
    let Some(document) = document.as_object().filter(|document| document.contains_key("smithy")) else {
        return Ok(Vec::new());
    };
    read_document(document, documentation).map_err(|problem| problem.in_document("Smithy AST"))
}

fn read_document(json: &Map<String, Value>, documentation: bool) -> Result<Vec<Reading>, Problem> {
    let document = Document::read(json)?;
    document.services().map(|id| Reader::new(&document, documentation).service(id)).collect()
}

/// What is carried along while one service is read.
struct Reader<'d> {
    document: &'d Document,
    documentation: bool,
    /// New local names by absolute id (`rename` of the service).
    renamed: Map<String, Value>,
    notes: Notes,
}

impl<'d> Reader<'d> {
    fn new(document: &'d Document, documentation: bool) -> Self {
        Self { document, documentation, renamed: Map::new(), notes: Notes::default() }
    }

    fn documentation(&self, value: &Value) -> Option<String> {
        if self.documentation { value.as_str().and_then(first_sentence) } else { None }
    }

    /// The name of a shape in the model: local, or absolute in Smithy's prelude.
    fn name(&self, id: &str) -> String {
        if let Some(name) = self.renamed.get(id).and_then(Value::as_str) {
            return name.to_owned();
        }
        if id.starts_with(PRELUDE) { id.to_owned() } else { local(id).to_owned() }
    }
}

/// Namespace of the shapes that every model has.
const PRELUDE: &str = "smithy.api#";

/// What an operation without input or output targets.
const UNIT: &str = "smithy.api#Unit";

/// The name of an absolute id without its namespace.
fn local(id: &str) -> &str {
    id.rsplit('#').next().unwrap_or(id)
}

#[cfg(test)]
mod tests;
