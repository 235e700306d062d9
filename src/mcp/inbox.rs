//! What an incoming line means: a message for the server, something to answer at once, or nothing.

use std::collections::{HashSet, VecDeque};

use rmcp::model::{ClientJsonRpcMessage, ClientNotification, ErrorCode, ErrorData, RequestId};
use serde_json::Value;

use super::envelope::Envelope;
use crate::base::no_key_twice;

/// Longest message, in bytes.
pub(super) const MAX_MESSAGE: usize = 8 << 20;
/// Cancelled requests whose ids are remembered. Nobody may use an id twice, so older ones can be forgotten.
const CANCELLED: usize = 1_024;
/// Nesting that the JSON reader accepts.
const MAX_DEPTH: usize = 127;

/// The meaning of a line.
#[derive(Debug)]
pub(super) enum Meaning {
    /// For the server.
    Message(Box<ClientJsonRpcMessage>),
    /// To be answered with an error, under the id where one is known.
    Refused(Option<RequestId>, ErrorData),
    /// Nothing to do.
    Nothing,
}

/// Sorts incoming lines. Knows which requests are being worked on.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    /// A request has come: before that, the protocol library ends the connection over anything else.
    opened: bool,
    live: HashSet<RequestId>,
    cancelled: VecDeque<RequestId>,
}

impl Inbox {
    /// A whole line.
    pub(super) fn read(&mut self, line: &[u8]) -> Meaning {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
        if line.is_empty() {
            return Meaning::Nothing;
        }
        match serde_json::from_slice(line) {
            Ok(message) => match no_key_twice(line) {
                Ok(()) => self.sort(message),
                Err(error) => self.ambiguous(&message, &error),
            },
            Err(error) => self.explain(line, &error),
        }
    }

    /// A line beyond the bound.
    pub(super) fn too_long(&self, envelope: Envelope) -> Meaning {
        if envelope.answers || envelope.notifies() {
            return Meaning::Nothing;
        }
        let message = format!("the message is longer than {} MiB", MAX_MESSAGE >> 20);
        Meaning::Refused(self.unused(envelope.id), ErrorData::invalid_request(message, None))
    }

    /// A request was answered.
    pub(super) fn answered(&mut self, id: &RequestId) {
        self.live.remove(id);
    }

    /// A message of which nobody knows what it says.
    fn ambiguous(&self, message: &ClientJsonRpcMessage, error: &serde_json::Error) -> Meaning {
        let ClientJsonRpcMessage::Request(request) = message else { return Meaning::Nothing };
        Meaning::Refused(self.unused(Some(request.id.clone())), ErrorData::invalid_request(error.to_string(), None))
    }

    fn sort(&mut self, message: ClientJsonRpcMessage) -> Meaning {
        match &message {
            ClientJsonRpcMessage::Request(request) => {
                if !self.live.insert(request.id.clone()) {
                    // Answered without the id: an answer with it would be taken for the first request's.
                    let message = "a request with this id is still being worked on; ids must be unique";
                    return Meaning::Refused(None, ErrorData::invalid_request(message, None));
                }
                self.opened = true;
                Meaning::Message(Box::new(message))
            }
            ClientJsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) = &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.cancel(id);
                }
                if self.opened { Meaning::Message(Box::new(message)) } else { Meaning::Nothing }
            }
            // The server asks its clients nothing, so no answer is awaited.
            ClientJsonRpcMessage::Response(_) | ClientJsonRpcMessage::Error(_) => Meaning::Nothing,
        }
    }

    /// A cancelled request gets no answer; its id stays taken for a while, in case its work goes on.
    fn cancel(&mut self, id: &RequestId) {
        if !self.live.contains(id) || self.cancelled.contains(id) {
            return;
        }
        self.cancelled.push_back(id.clone());
        if self.cancelled.len() > CANCELLED
            && let Some(oldest) = self.cancelled.pop_front()
        {
            self.live.remove(&oldest);
        }
    }

    fn explain(&self, line: &[u8], error: &serde_json::Error) -> Meaning {
        let envelope = Envelope::of(line);
        // Never answer an answer (two servers would do so for ever), nor a notification.
        if envelope.answers || (envelope.notifies() && error.is_data()) {
            return Meaning::Nothing;
        }
        let (code, message) = if line.first() == Some(&b'[') {
            (ErrorCode::INVALID_REQUEST, "batches are not supported; send one message a line".to_owned())
        } else if envelope.depth > MAX_DEPTH {
            (ErrorCode::INVALID_REQUEST, format!("the message is nested deeper than {MAX_DEPTH} levels"))
        } else if envelope.id.is_some() && is_request(line) {
            (ErrorCode::INVALID_PARAMS, "params must be an object".to_owned())
        } else if error.is_data() {
            (ErrorCode::INVALID_REQUEST, "this is JSON but not a JSON-RPC 2.0 request".to_owned())
        } else {
            (ErrorCode::PARSE_ERROR, format!("this is not JSON: {error}"))
        };
        Meaning::Refused(self.unused(envelope.id), ErrorData::new(code, message, None))
    }

    /// The id, unless an answer under it would be taken for another request's.
    fn unused(&self, id: Option<RequestId>) -> Option<RequestId> {
        id.filter(|id| !self.live.contains(id))
    }
}

/// Whether a line is a request but for its parameters.
fn is_request(line: &[u8]) -> bool {
    serde_json::from_slice::<Value>(line).is_ok_and(|message| {
        message.get("jsonrpc").is_some_and(|version| version == "2.0")
            && message.get("method").is_some_and(Value::is_string)
    })
}

#[cfg(test)]
mod tests;
