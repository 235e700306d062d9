//! The hash chain: each event's hash covers the one before.

use serde_json::json;

use super::event::NewEvent;
use crate::base::Digest;

/// The hash of an event at `seq` that follows `prev`.
///
/// # Errors
/// When the event cannot be written as JSON.
pub fn link(prev: Digest, seq: i64, event: &NewEvent) -> Result<Digest, serde_json::Error> {
    let event = serde_json::to_value(event)?;
    Ok(Digest::of_json("countersign event v1", &json!({"prev": prev, "seq": seq, "event": event})))
}
