//! The relay between a client and whichever engine there is: passes lines on as they are, remembers the
//! handshake and what is in flight, and when an engine goes away, moves to another without the client noticing
//! more than calls that ended with a retryable error.

mod route;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rmcp::model::{CallToolResult, ErrorData, RequestId, ServerJsonRpcMessage, ServerResult};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::route::{Landed, Routes, Writer};
use super::envelope::Envelope;
use super::inbox::MAX_MESSAGE;
use super::join::{Join, Sides};
use super::lines::{Line, Lines};
use super::locked::locked;
use super::out::Out;
use crate::call::CallError;

/// Longest message from an engine, in bytes.
pub(super) const MAX_ANSWER: usize = 64 << 20;
/// Id of the relay's own question whether a console is alive.
pub(super) const PROBE_ID: &str = "countersign-probe";
/// Id of a handshake that is replayed.
const REPLAY_ID: &str = "countersign-replay";
/// How long a console may take to show that it is alive: a stopped process (Ctrl-Z) keeps its socket open.
pub(super) const ALIVE: Duration = Duration::from_secs(1);
/// A console that was heard of this recently is not asked whether it is alive.
const RECENT: Duration = Duration::from_secs(1);
/// How long a console that did not answer is left alone.
const ASLEEP: Duration = Duration::from_secs(10);
/// How long an engine may take to read one message.
const STUCK: Duration = Duration::from_secs(5);
/// Engines that are tried for one message before it fails.
const TRIES: usize = 3;
/// How long engines may take to answer what is in flight after the client has closed its side.
const LAST_ANSWERS: Duration = Duration::from_secs(6);

/// Relays until the client closes its side or `shutdown` is cancelled.
pub(super) async fn run<R, W>(join: Arc<Join>, read: R, write: W, shutdown: CancellationToken)
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let gone = shutdown.child_token();
    let out = Out::new(write, gone.clone());
    let mut lines = Lines::new(read, MAX_MESSAGE);
    let (again, mut repeats) = mpsc::unbounded_channel();
    let relay = Arc::new(Relay {
        join,
        out: out.clone(),
        routes: Mutex::default(),
        asleep: Mutex::new(None),
        again,
        readers: Mutex::new(JoinSet::new()),
    });
    loop {
        let line = tokio::select! {
            biased;
            () = gone.cancelled() => break,
            Some(line) = repeats.recv() => Line::Whole(line),
            line = async {
                out.not_congested().await;
                lines.next().await
            } => match line {
                Ok(Some(line)) => line,
                _ => break,
            },
        };
        tokio::select! {
            biased;
            () = gone.cancelled() => break,
            () = relay.client_says(line) => {}
        }
    }
    relay.finish(if shutdown.is_cancelled() { Duration::ZERO } else { LAST_ANSWERS }).await;
    drop(out.close().await);
}

struct Relay<W> {
    join: Arc<Join>,
    out: Out<W>,
    routes: Mutex<Routes>,
    /// Until when a console that did not answer is left alone.
    asleep: Mutex<Option<Instant>>,
    /// Messages to be sent once more, to another engine.
    again: mpsc::UnboundedSender<Vec<u8>>,
    readers: Mutex<JoinSet<()>>,
}

impl<W: AsyncWrite + Unpin + Send + 'static> Relay<W> {
    async fn client_says(self: &Arc<Self>, line: Line) {
        let line = match line {
            Line::Whole(line) => line,
            Line::TooLong(envelope) => return self.refuse_long(envelope),
        };
        let envelope = Envelope::of(&line);
        match envelope.method.as_deref() {
            Some("initialize") if envelope.has_id => {
                let remembered = line.clone();
                self.request(line, &envelope).await;
                locked(&self.routes).remember_initialize(&remembered);
            }
            Some("notifications/initialized") => {
                locked(&self.routes).remember_initialized(&line);
                self.tell(&line).await;
            }
            Some("notifications/cancelled") => {
                let holder = locked(&self.routes).cancelled(&line);
                match holder {
                    Some((serial, writer)) => {
                        // The engine that has it; if that is gone, so is the call.
                        drop(write_line(&writer, &line).await);
                        self.retire_idle(serial);
                    }
                    None => self.tell(&line).await,
                }
            }
            Some(_) if envelope.notifies() => self.tell(&line).await,
            _ if line.trim_ascii().is_empty() || envelope.answers => {}
            // Whatever else it is, an engine has the right answer to it.
            _ => self.request(line, &envelope).await,
        }
    }

    fn refuse_long(&self, envelope: Envelope) {
        if !envelope.notifies() && !envelope.answers {
            let id = envelope.id.filter(|id| !locked(&self.routes).is_in_flight(id));
            let message = format!("the message is longer than {} MiB", MAX_MESSAGE >> 20);
            self.out.refuse(id, ErrorData::invalid_request(message, None));
        }
    }

    /// Passes on what nobody awaits an answer to; without an engine there is nobody to tell.
    async fn tell(&self, line: &[u8]) {
        let current = locked(&self.routes).current();
        if let Some((_, writer)) = current {
            drop(write_line(&writer, line).await);
        }
    }

    async fn request(self: &Arc<Self>, line: Vec<u8>, envelope: &Envelope) {
        let is_call = envelope.method.as_deref() == Some("tools/call");
        let mut failure = "the engine goes away again and again; look at its log".to_owned();
        for _ in 0..TRIES {
            let (serial, writer) = match self.engine(is_call).await {
                Ok(engine) => engine,
                Err(message) => {
                    failure = message;
                    break;
                }
            };
            // A call may have had its effect; everything else can be asked again.
            let repeat = (!is_call).then(|| line.clone());
            if !locked(&self.routes).take_off(serial, envelope.id.as_ref(), repeat) {
                continue;
            }
            if write_line(&writer, &line).await.is_ok() {
                return;
            }
            // Not delivered whole, so not acted on. If its flight has landed, it was answered in our stead.
            let ours = locked(&self.routes).call_off(serial, envelope.id.as_ref());
            self.lose(serial);
            if !ours && envelope.id.is_some() {
                return;
            }
        }
        self.fail(envelope, is_call, &failure);
    }

    /// The engine for the next message: the console's if there is one that is alive, else our own. Only calls
    /// look whether a console has appeared, or has fallen asleep.
    async fn engine(self: &Arc<Self>, is_call: bool) -> Result<(u64, Writer), String> {
        if is_call {
            self.leave_sleeper().await;
        }
        let (current, is_console) = {
            let routes = locked(&self.routes);
            (routes.current(), routes.is_console())
        };
        let wanted = current.is_none() || (is_call && !is_console);
        if wanted && self.join.console_may_be_there() && !self.is_asleep() {
            let asked = Instant::now();
            match self.join.console().await {
                Some(sides) => return Ok(self.attach(sides, true).await),
                // Refused at once: a file left behind. Silent for long: a stopped process.
                None if asked.elapsed() >= ALIVE => self.fell_asleep(),
                None => {}
            }
        }
        match current {
            Some(current) => Ok(current),
            None => Ok(self.attach(self.join.own().await?, false).await),
        }
    }

    /// Turns away from a console that is silent when asked whether it is alive. What is in flight there stays:
    /// it is answered when the process goes on.
    async fn leave_sleeper(&self) {
        let Some((serial, writer, mut heard)) = locked(&self.routes).console() else { return };
        if heard.borrow_and_update().elapsed() < RECENT {
            return;
        }
        let asked = async {
            let ping = format!("{{\"jsonrpc\":\"2.0\",\"id\":\"{PROBE_ID}\",\"method\":\"ping\"}}");
            write_line(&writer, ping.as_bytes()).await.ok()?;
            heard.changed().await.ok()
        };
        if !matches!(tokio::time::timeout(ALIVE, asked).await, Ok(Some(()))) {
            self.fell_asleep();
            locked(&self.routes).close(serial);
            self.retire_idle(serial);
        }
    }

    fn fell_asleep(&self) {
        *locked(&self.asleep) = Some(Instant::now() + ASLEEP);
    }

    fn is_asleep(&self) -> bool {
        locked(&self.asleep).is_some_and(|until| Instant::now() < until)
    }

    async fn attach(self: &Arc<Self>, (lines, write): Sides, console: bool) -> (u64, Writer) {
        let writer = Arc::new(tokio::sync::Mutex::new(write));
        let handshake = locked(&self.routes).handshake();
        for line in handshake {
            // A failure shows in the next write as well.
            drop(write_line(&writer, &line).await);
        }
        let (serial, before) = locked(&self.routes).attach(Arc::clone(&writer), console);
        let relay = Arc::clone(self);
        locked(&self.readers).spawn(async move { relay.listen(serial, lines).await });
        if let Some(before) = before {
            self.retire_idle(before);
        }
        (serial, writer)
    }

    async fn listen(self: Arc<Self>, serial: u64, mut lines: Lines<Box<dyn AsyncRead + Send + Unpin>>) {
        while let Ok(Some(line)) = lines.next().await {
            locked(&self.routes).hear(serial);
            match line {
                Line::Whole(line) => self.engine_says(serial, line).await,
                Line::TooLong(envelope) => {
                    if envelope.id.as_ref().is_some_and(|id| locked(&self.routes).land(serial, id)) {
                        let message = format!("the answer is longer than {} MiB", MAX_ANSWER >> 20);
                        self.out.refuse(envelope.id, ErrorData::internal_error(message, None));
                    }
                }
            }
        }
        self.lose(serial);
    }

    /// An engine is gone: what was in flight there is asked again of another one, or answered in its stead.
    fn lose(&self, serial: u64) {
        let landed = locked(&self.routes).lose(serial);
        for (id, landed) in landed {
            match landed {
                Landed::Repeat(line) => drop(self.again.send(line)),
                Landed::Lost => self.answer_call(id, &lost()),
            }
        }
    }

    async fn engine_says(&self, serial: u64, line: Vec<u8>) {
        let envelope = Envelope::of(&line);
        let wanted = match &envelope.id {
            Some(id) if envelope.answers => locked(&self.routes).land(serial, id),
            _ => true,
        };
        if wanted {
            // A client that is gone is noticed by the way out itself.
            drop(self.out.send(line).await);
            self.retire_idle(serial);
        }
    }

    /// Closes an engine that is not the current one, once nothing is in flight there.
    fn retire_idle(&self, serial: u64) {
        if let Some(writer) = locked(&self.routes).retire_idle(serial) {
            tokio::spawn(async move { writer.lock().await.shutdown().await });
        }
    }

    fn fail(&self, envelope: &Envelope, is_call: bool, message: &str) {
        match &envelope.id {
            Some(id) if is_call => self.answer_call(id.clone(), &CallError::new("Internal", message)),
            id => self.out.refuse(id.clone(), ErrorData::internal_error(message.to_owned(), None)),
        }
    }

    fn answer_call(&self, id: RequestId, error: &CallError) {
        let mut result = CallToolResult::structured_error(error.to_json());
        if locked(&self.routes).is_legacy() {
            result.result_type = None;
        }
        self.out.post(&ServerJsonRpcMessage::response(ServerResult::CallToolResult(result), id));
    }

    /// The client has closed its side: so do we, and pass on the answers that still come.
    async fn finish(&self, patience: Duration) {
        for writer in locked(&self.routes).writers() {
            tokio::spawn(async move { writer.lock().await.shutdown().await });
        }
        let mut readers = std::mem::take(&mut *locked(&self.readers));
        let all = async { while readers.join_next().await.is_some() {} };
        drop(tokio::time::timeout(patience, all).await);
    }
}

/// The error of calls that were in flight when their engine went away.
fn lost() -> CallError {
    CallError::new("TransportError", "the Countersign console went away while this call ran")
        .hint(
            "send the same call again: another engine takes it, and an approval that was pending still is. If the \
             call changes something, look first whether it took effect",
        )
        .retryable()
        .with("outcome", "unknown")
}

async fn write_line(writer: &Writer, line: &[u8]) -> std::io::Result<()> {
    let write = async {
        let mut writer = writer.lock().await;
        writer.write_all(line).await?;
        writer.write_all(b"\n").await?;
        writer.flush().await
    };
    tokio::time::timeout(STUCK, write).await?
}
