//! What callers ask for: the schema of an operation's input, or of a part of it.

use std::collections::HashSet;

use serde_json::Value;

use super::path::find;
use super::plan::plan;
use super::render::{Renderer, Style};
use super::uses::Uses;
use crate::smithy::{Model, Operation, Slot};

/// Bytes that a compact schema takes at most; with what stands around it in an answer that is below 12 KB.
pub const COMPACT_BYTES: usize = 11 * 1024;

/// How much is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Detail {
    /// At most [`COMPACT_BYTES`]: what lies deep is cut, with the `path` to ask for.
    #[default]
    Compact,
    /// Everything.
    Full,
}

/// Why there is no schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// The path leads nowhere.
    #[error("the path {path:?} leads nowhere: {place} has no member {step:?}; it has {}", told(nearest))]
    NoSuchPath {
        /// The path as it was asked for, cut.
        path: String,
        /// Name of the shape that was reached.
        place: String,
        /// The first step that leads nowhere.
        step: String,
        /// Members that are there, nearest first; empty where there are none.
        nearest: Vec<String>,
    },
}

fn told(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// The JSON Schema (2020-12) of an operation's input, or of what stands at `path` in it
/// (`NetworkInterfaces.PrivateIpAddresses`; lists and maps need no step).
///
/// # Errors
/// [`SchemaError::NoSuchPath`] when the path leads nowhere.
pub fn input_schema(
    model: &Model,
    operation: &Operation,
    detail: Detail,
    path: Option<&str>,
) -> Result<Value, SchemaError> {
    let input = Slot::of_shape(model, operation.input.as_deref().unwrap_or("smithy.api#Unit"));
    let (place, path) = find(model, input, path.unwrap_or_default())?;
    let uses = Uses::below(model, place);
    let everything = Renderer::new(model, &uses, None, Style::FULL);
    Ok(match detail {
        Detail::Full => everything.document(place, &path),
        Detail::Compact => compact(model, &uses, place, &path),
    })
}

/// From the most telling style to the tersest, the first that fits. Prose stays only where nothing is cut for it.
fn compact<'m>(model: &'m Model, uses: &Uses<'m>, place: Slot<'m>, path: &str) -> Value {
    for style in [Style::TOLD, Style::PLAIN, Style::TERSE] {
        let Some((mut order, whole)) = plan(model, uses, style, place, path) else { continue };
        if style.docs && !whole {
            continue;
        }
        // The plan adds up estimates; the text itself decides.
        loop {
            let expanded: HashSet<_> = order.iter().copied().collect();
            let schema = Renderer::new(model, uses, Some(&expanded), style).document(place, path);
            if size(&schema) <= COMPACT_BYTES {
                return schema;
            }
            if order.pop().is_none() {
                break;
            }
        }
    }
    Renderer::new(model, uses, Some(&HashSet::new()), Style::BARE).document(place, path)
}

/// Bytes of a schema as text.
pub(super) fn size(schema: &Value) -> usize {
    schema.to_string().len()
}
