//! What the relay remembers: the engines there are, which one takes new messages, the handshake, and which
//! request is in flight where. Plain state; the relay does the moving.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use rmcp::model::RequestId;
use serde::Deserialize;
use serde_json::Value;
use tokio::io::AsyncWrite;
use tokio::sync::watch;

use super::REPLAY_ID;

/// The way to an engine.
pub(super) type Writer = Arc<tokio::sync::Mutex<Box<dyn AsyncWrite + Send + Unpin>>>;

/// What becomes of a request whose engine is gone.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Landed {
    /// It is asked again, of another engine.
    Repeat(Vec<u8>),
    /// It may have had its effect: the client has to know.
    Lost,
}

#[derive(Default)]
pub(super) struct Routes {
    engines: HashMap<u64, Engine>,
    current: Option<u64>,
    last: u64,
    initialize: Option<Vec<u8>>,
    initialized: Option<Vec<u8>>,
    flights: HashMap<RequestId, Flight>,
}

struct Engine {
    writer: Writer,
    console: bool,
    /// When it was heard of last.
    heard: watch::Sender<Instant>,
}

struct Flight {
    serial: u64,
    repeat: Option<Vec<u8>>,
}

impl Routes {
    /// The engine that takes new messages.
    pub(super) fn current(&self) -> Option<(u64, Writer)> {
        let serial = self.current?;
        self.engines.get(&serial).map(|engine| (serial, Arc::clone(&engine.writer)))
    }

    /// Whether that engine is a console's (or a server's), not our own.
    pub(super) fn is_console(&self) -> bool {
        self.current.and_then(|serial| self.engines.get(&serial)).is_some_and(|engine| engine.console)
    }

    /// The console that takes new messages, if it is one, and when it was heard of.
    pub(super) fn console(&self) -> Option<(u64, Writer, watch::Receiver<Instant>)> {
        let serial = self.current?;
        let engine = self.engines.get(&serial).filter(|engine| engine.console)?;
        Some((serial, Arc::clone(&engine.writer), engine.heard.subscribe()))
    }

    /// An engine has said something.
    pub(super) fn hear(&self, serial: u64) {
        if let Some(engine) = self.engines.get(&serial) {
            engine.heard.send_replace(Instant::now());
        }
    }

    /// Makes an engine the current one; tells its number and that of the one before.
    pub(super) fn attach(&mut self, writer: Writer, console: bool) -> (u64, Option<u64>) {
        self.last += 1;
        self.engines.insert(self.last, Engine { writer, console, heard: watch::Sender::new(Instant::now()) });
        (self.last, self.current.replace(self.last))
    }

    /// No more messages go to this engine.
    pub(super) fn close(&mut self, serial: u64) {
        if self.current == Some(serial) {
            self.current = None;
        }
    }

    /// The engine is gone; tells what was in flight there.
    pub(super) fn lose(&mut self, serial: u64) -> Vec<(RequestId, Landed)> {
        self.close(serial);
        self.engines.remove(&serial);
        self.flights
            .extract_if(|_, flight| flight.serial == serial)
            .map(|(id, flight)| (id, flight.repeat.map_or(Landed::Lost, Landed::Repeat)))
            .collect()
    }

    /// The writer of an engine that is neither current nor has anything in flight; it is told once only.
    pub(super) fn retire_idle(&mut self, serial: u64) -> Option<Writer> {
        let busy = self.current == Some(serial) || self.flights.values().any(|flight| flight.serial == serial);
        if busy { None } else { self.engines.remove(&serial).map(|engine| engine.writer) }
    }

    /// All writers.
    pub(super) fn writers(&self) -> Vec<Writer> {
        self.engines.values().map(|engine| Arc::clone(&engine.writer)).collect()
    }

    /// A request goes to an engine; `false` if that engine is gone already. Without an id nothing is noted.
    pub(super) fn take_off(&mut self, serial: u64, id: Option<&RequestId>, repeat: Option<Vec<u8>>) -> bool {
        if !self.engines.contains_key(&serial) {
            return false;
        }
        if let Some(id) = id {
            // An id that is in flight already is refused by the engine; the first request keeps it.
            self.flights.entry(id.clone()).or_insert(Flight { serial, repeat });
        }
        true
    }

    /// A request did not reach its engine; tells whether it was still in flight there.
    pub(super) fn call_off(&mut self, serial: u64, id: Option<&RequestId>) -> bool {
        id.is_some_and(|id| self.land(serial, id))
    }

    /// An answer has come; tells whether anybody waits for it.
    pub(super) fn land(&mut self, serial: u64, id: &RequestId) -> bool {
        let awaited = self.is_in_flight(id) && self.flights.get(id).is_some_and(|flight| flight.serial == serial);
        if awaited {
            self.flights.remove(id);
        }
        awaited
    }

    /// Whether a request is in flight anywhere.
    pub(super) fn is_in_flight(&self, id: &RequestId) -> bool {
        self.flights.contains_key(id)
    }

    /// The client cancels a request: it is in flight no more. Tells which engine has it.
    pub(super) fn cancelled(&mut self, line: &[u8]) -> Option<(u64, Writer)> {
        #[derive(Deserialize)]
        struct Cancelled {
            params: Params,
        }
        #[derive(Deserialize)]
        struct Params {
            #[serde(rename = "requestId")]
            request_id: RequestId,
        }
        let cancelled: Cancelled = serde_json::from_slice(line).ok()?;
        let flight = self.flights.remove(&cancelled.params.request_id)?;
        self.engines.get(&flight.serial).map(|engine| (flight.serial, Arc::clone(&engine.writer)))
    }

    /// Remembers the client's handshake, to be replayed to the next engine under an id of our own.
    pub(super) fn remember_initialize(&mut self, line: &[u8]) {
        let Ok(mut message) = serde_json::from_slice::<Value>(line) else { return };
        if let Some(id) = message.get_mut("id") {
            *id = REPLAY_ID.into();
            self.initialize = Some(message.to_string().into_bytes());
            self.initialized = None;
        }
    }

    /// Remembers that the client has finished the handshake.
    pub(super) fn remember_initialized(&mut self, line: &[u8]) {
        self.initialized = Some(line.to_vec());
    }

    /// What a new engine has to hear first.
    pub(super) fn handshake(&self) -> Vec<Vec<u8>> {
        self.initialize.iter().chain(&self.initialized).cloned().collect()
    }

    /// Whether the client speaks a protocol with a handshake.
    pub(super) const fn is_legacy(&self) -> bool {
        self.initialize.is_some()
    }
}
