//! Output event streams: taken message by message up to a limit, then one list.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::event_stream::Message;
use bytes::{Buf as _, BytesMut};
use hyper::body::Incoming;
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};

use super::bridge::Notes;
use super::operation::Prepared;
use super::protocol::{Said, ServiceFault, WireError};
use super::schema::{MemberNode, Structure};
use super::transport::next;
use crate::smithy::Protocol;

/// When to stop listening to an event stream. What has arrived until then is the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamLimits {
    /// Messages.
    pub events: usize,
    /// Bytes of all messages together.
    pub bytes: u64,
    /// Time since the answer began.
    pub time: Duration,
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self { events: 10_000, bytes: 8 * 1024 * 1024, time: Duration::from_secs(60) }
    }
}

/// A stream as far as it was listened to; travels with the response it belongs to.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    messages: Vec<Message>,
    /// The limit that was reached.
    stopped: Option<&'static str>,
    /// What broke it off.
    broken: Option<String>,
}

/// What a stream brought, read.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) output: Map<String, Value>,
    /// An error among the events.
    pub(super) fault: Option<Box<ServiceFault>>,
    /// The connection or a message was broken.
    pub(super) broken: Option<String>,
    /// What did not fit the model.
    pub(super) notes: Notes,
}

/// Listens to a stream until it ends or a limit is reached.
pub(super) async fn gather(mut answer: Incoming, limits: StreamLimits) -> Arc<Gathered> {
    let end = Instant::now() + limits.time;
    let mut gathered = Gathered::default();
    let mut decoder = MessageFrameDecoder::new();
    let mut buffer = BytesMut::new();
    let mut bytes = 0_u64;
    loop {
        match decoder.decode_frame(&mut buffer) {
            Ok(DecodedFrame::Complete(message)) => {
                gathered.messages.push(message);
                if gathered.messages.len() >= limits.events {
                    gathered.stopped = Some("events");
                    break;
                }
                continue;
            }
            Ok(DecodedFrame::Incomplete) => {}
            Err(error) => {
                gathered.broken = Some(error.to_string());
                break;
            }
        }
        match timeout_at(end, next(&mut answer)).await {
            Ok(Ok(Some(chunk))) => {
                bytes += chunk.len() as u64;
                buffer.extend_from_slice(&chunk);
            }
            Ok(Ok(None)) => {
                if buffer.has_remaining() {
                    gathered.broken = Some("it ends within a message".into());
                }
                break;
            }
            Ok(Err(error)) => {
                gathered.broken = Some(error.to_string());
                break;
            }
            Err(_) => {
                gathered.stopped = Some("time");
                break;
            }
        }
        if bytes > limits.bytes {
            gathered.stopped = Some("bytes");
            break;
        }
    }
    Arc::new(gathered)
}

/// The stream of a response as a list under its member; `<member>$stopped` names the limit that ended it.
///
/// # Errors
/// When a message does not fit the model.
pub(super) fn read(
    prepared: &Prepared,
    member: &MemberNode,
    events: &Structure,
    response: &HttpResponse,
    cfg: &ConfigBag,
) -> Result<Heard, WireError> {
    let Prepared { schemas, wire, .. } = prepared;
    let mut heard = Heard::default();
    if matches!(wire.kind(), Protocol::RestJson1 | Protocol::RestXml) {
        // The other members are in the headers; the body is not one document.
        let mut head = HttpResponse::new(response.status(), SdkBody::empty());
        for (name, value) in response.headers() {
            head.headers_mut().append(name.to_owned(), value.to_owned());
        }
        heard.output = wire.output(schemas, &head, cfg, &mut heard.notes)?;
    }
    let mut list = Vec::new();
    let Some(gathered) = response.extension::<Arc<Gathered>>() else { return Ok(heard) };
    for message in &gathered.messages {
        match wire.message(schemas, events, message, &mut heard.notes)? {
            Said::Event(event) => list.push(event),
            Said::Output(output) => heard.output.extend(output),
            Said::Fault(fault) => {
                heard.fault = Some(fault);
                return Ok(heard);
            }
        }
    }
    heard.broken.clone_from(&gathered.broken);
    heard.output.insert(member.name.to_owned(), list.into());
    if let Some(limit) = gathered.stopped {
        heard.output.insert(format!("{}$stopped", member.name), limit.into());
    }
    Ok(heard)
}
