//! The handle on a ledger: what the engine, the console and `countersign audit` call.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use super::engines::{self, Bury, Orphans};
use super::query::{self, CallQuery};
use super::read::{self, Counts};
use super::sqlite::{self, Conn, Patience, Pool, Tuning};
use super::tail::Tail;
use super::transition::{Open, Opened, Record, Step, Sweep, Transition};
use super::verify::{self, Verified};
use super::writer::Writer;
use super::{LedgerError, approvals, prepare, schema, state};
use crate::approval::{Approval, Input};
use crate::audit::{CallRow, Event, Filter, NewEvent};
use crate::base::{ApprovalId, Digest, Timestamp, TxId};

/// A ledger, open. Clones share one writer; several handles, in one process or in many, share one file.
///
/// Every error is a [`LedgerError`], which names the cure. What a method that writes has returned is on the disk.
#[derive(Clone)]
pub struct Ledger {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    tuning: Tuning,
    writer: Writer,
    readers: Pool,
    tail: Tail,
}

/// Reads on a connection of its own, again if the file is locked just then. (A method with an async closure would
/// not give a future that can be spawned.)
macro_rules! reading {
    ($ledger:ident, |$conn:ident| $read:expr) => {{
        let patience = Patience::new($ledger.inner.tuning);
        loop {
            let done = match $ledger.inner.readers.acquire().await {
                Ok(mut held) => {
                    let $conn: &mut Conn = &mut held;
                    $read.await
                }
                Err(error) => Err(LedgerError::from(error)),
            };
            let again = match &done {
                Ok(_) => false,
                Err(error) => patience.again(error).await,
            };
            if !again {
                break done.map_err($ledger.here());
            }
        }
    }};
}

mod grants;
mod policies;

impl Ledger {
    /// Opens the ledger at `path`, and makes it (and the folders above it, for the owner only) where there is none.
    ///
    /// # Errors
    /// When the place cannot be written, the file is damaged, or it was written by a newer program.
    pub async fn open(path: &Path) -> Result<Self, LedgerError> {
        Self::open_tuned(path, Tuning::default()).await
    }

    pub(super) async fn open_tuned(path: &Path, tuning: Tuning) -> Result<Self, LedgerError> {
        prepare::prepare(path)?;
        let patience = Patience::new(tuning);
        let conn = loop {
            match schema::open(path, tuning).await {
                Ok(conn) => break conn,
                Err(error) => {
                    if !patience.again(&error).await {
                        return Err(error.at(path));
                    }
                }
            }
        };
        Ok(Self::on(path, tuning, Some(conn)))
    }

    /// Opens the ledger at `path` to read it: nothing is made, brought up to date or recorded, and what would write
    /// fails with [`LedgerError::Closed`].
    ///
    /// # Errors
    /// When there is none, or it cannot be read by this program.
    pub async fn open_existing(path: &Path) -> Result<Self, LedgerError> {
        prepare::present(path)?;
        let ledger = Self::on(path, Tuning::default(), None);
        ledger.inner.writer.close().await;
        reading!(ledger, |conn| schema::current(conn))?;
        Ok(ledger)
    }

    fn on(path: &Path, tuning: Tuning, conn: Option<Conn>) -> Self {
        let (committed, commits) = watch::channel(0);
        let inner = Inner {
            path: path.to_owned(),
            tuning,
            writer: Writer::start(conn, path.to_owned(), tuning, committed),
            readers: sqlite::readers(path, tuning),
            tail: Tail::new(path.to_owned(), tuning, commits),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Writes what is queued and lets go of the file. Further writes of any clone fail with
    /// [`LedgerError::Closed`].
    pub async fn close(&self) {
        self.inner.writer.close().await;
        self.inner.tail.close().await;
        self.inner.readers.close().await;
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Records events, in order, and the row of a call as it stands after them (its `last_seq` is set here), in one
    /// transaction. A call that has ended does not become pending again.
    ///
    /// # Errors
    /// When it could not be made durable; nothing of it is recorded then. Events that belong to the life of an
    /// approval (`asked`, `approved`, `denied`, `expired`, `withdrawn`, `consumed`, `settled`) are refused: see
    /// [`Self::open_approval`] and [`Self::transition`].
    pub async fn record(&self, events: Vec<NewEvent>, call: Option<CallRow>) -> Result<Vec<Event>, LedgerError> {
        self.inner.writer.write(Record { events, call }).await.map_err(self.here())
    }

    /// Records one event.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub async fn append(&self, event: NewEvent) -> Result<Event, LedgerError> {
        self.record(vec![event], None).await?.pop().ok_or(LedgerError::Closed)
    }

    /// Records several events in one transaction.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub async fn append_all(&self, events: Vec<NewEvent>) -> Result<Vec<Event>, LedgerError> {
        self.record(events, None).await
    }

    /// Opens an approval, or joins the one that is open (pending or approved, and in time) over the same digest.
    /// `event` is the `asked` event; its approval, and the row's, are set to the approval that counts. In either
    /// case the token of `approval` leads to it from now on.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub async fn open_approval(
        &self,
        approval: &Approval,
        event: NewEvent,
        call: Option<CallRow>,
    ) -> Result<Opened, LedgerError> {
        self.inner.writer.write(Open { approval: approval.clone(), event, call }).await.map_err(self.here())
    }

    /// Applies an input to an approval and records the event it becomes, with `detail`, all in one transaction: of
    /// two that decide or redeem at once, exactly one counts. Calls that wait for the approval end with it. If its
    /// time has run out, that is recorded instead.
    ///
    /// # Errors
    /// When there is no such approval, or the step could not be made durable.
    pub async fn transition(
        &self,
        id: &ApprovalId,
        input: Input,
        now: Timestamp,
        detail: Value,
    ) -> Result<Transition, LedgerError> {
        self.transition_with(id, input, now, detail, Vec::new(), None).await
    }

    /// [`Self::transition`] which, if the input counts, records further events and the row of a call in the same
    /// transaction (`consumed` with `intent`, for instance). With a row, the step's event belongs to its call.
    ///
    /// # Errors
    /// As [`Self::transition`] and [`Self::record`].
    pub async fn transition_with(
        &self,
        id: &ApprovalId,
        input: Input,
        now: Timestamp,
        detail: Value,
        events: Vec<NewEvent>,
        call: Option<CallRow>,
    ) -> Result<Transition, LedgerError> {
        let step = Step { id: id.clone(), input, now, detail, events, call };
        self.inner.writer.write(step).await.map_err(self.here())
    }

    /// Expires what is overdue; gives what has expired. Takes no lock when nothing is.
    ///
    /// # Errors
    /// When it could not be read or made durable.
    pub async fn sweep(&self, now: Timestamp) -> Result<Vec<Approval>, LedgerError> {
        if reading!(self, |conn| approvals::overdue(conn, now))?.is_empty() {
            return Ok(Vec::new());
        }
        self.inner.writer.write(Sweep { now }).await.map_err(self.here())
    }

    /// Closes what engines left open that no longer run: used approvals without an outcome become `unknown`, calls
    /// under way become `unknown` (an intent is recorded) or `failed` (nothing was sent). Calls whose approval is
    /// still open keep waiting for the human.
    ///
    /// # Errors
    /// When it could not be read or made durable.
    pub async fn mark_orphans(&self, now: Timestamp) -> Result<Orphans, LedgerError> {
        let path = self.inner.path.as_path();
        let mut dead = reading!(self, |conn| read::engines(conn))?;
        dead.retain(|engine| engines::is_dead(path, engine));
        if dead.is_empty() {
            return Ok(Orphans::default());
        }
        let orphans = self.inner.writer.write(Bury { dead: dead.clone(), now }).await.map_err(self.here())?;
        for engine in &dead {
            engines::forget(path, engine);
        }
        Ok(orphans)
    }

    /// One approval.
    ///
    /// # Errors
    /// When it cannot be read, or is not what was recorded.
    pub async fn approval(&self, id: &ApprovalId) -> Result<Option<Approval>, LedgerError> {
        reading!(self, |conn| approvals::by_id(conn, id))
    }

    /// The approval for which an agent was given the token with this digest.
    ///
    /// # Errors
    /// As [`Self::approval`].
    pub async fn approval_by_token(&self, token: &Digest) -> Result<Option<Approval>, LedgerError> {
        reading!(self, |conn| approvals::by_token(conn, token))
    }

    /// Pending and approved ones, oldest first.
    ///
    /// # Errors
    /// As [`Self::approval`].
    pub async fn open_approvals(&self) -> Result<Vec<Approval>, LedgerError> {
        reading!(self, |conn| approvals::open(conn))
    }

    /// Those no longer open, the latest change first.
    ///
    /// # Errors
    /// As [`Self::approval`].
    pub async fn recent_approvals(&self, limit: u32) -> Result<Vec<Approval>, LedgerError> {
        reading!(self, |conn| approvals::recent(conn, limit))
    }

    /// Calls that a query selects, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn calls(&self, wanted: &CallQuery) -> Result<Vec<CallRow>, LedgerError> {
        reading!(self, |conn| query::calls(conn, wanted))
    }

    /// How many calls a filter selects.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn count_calls(&self, filter: &Filter) -> Result<i64, LedgerError> {
        reading!(self, |conn| query::count(conn, filter))
    }

    /// One call.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn call(&self, tx: &TxId) -> Result<Option<CallRow>, LedgerError> {
        reading!(self, |conn| read::call(conn, tx))
    }

    /// The oldest calls whose id begins with a text (lower case), at most `limit`.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn calls_beginning(&self, id: &str, limit: u32) -> Result<Vec<CallRow>, LedgerError> {
        reading!(self, |conn| read::calls_beginning(conn, id, limit))
    }

    /// The whole story of a call: its events and those of the approval it asked for or used, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn events_of(&self, tx: &TxId) -> Result<Vec<Event>, LedgerError> {
        reading!(self, |conn| read::events_of(conn, tx))
    }

    /// The next events after a sequence number, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn events_after(&self, seq: i64, limit: u32) -> Result<Vec<Event>, LedgerError> {
        reading!(self, |conn| read::events_after(conn, seq, limit))
    }

    /// Sequence and hash of the last event; 0 and zeros when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn head(&self) -> Result<(i64, Digest), LedgerError> {
        let head = reading!(self, |conn| read::head(conn))?;
        Ok((head.seq, head.hash))
    }

    /// How much there is.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn counts(&self) -> Result<Counts, LedgerError> {
        reading!(self, |conn| read::counts(conn))
    }

    /// Walks the whole chain and checks that calls, approvals and switches are what it amounts to.
    ///
    /// # Errors
    /// [`LedgerError::Tampered`] with the first place at which it does not hold; others when it cannot be read.
    pub async fn verify(&self) -> Result<Verified, LedgerError> {
        reading!(self, |conn| verify::verify(conn))
    }

    /// Which ledger this is: `fresh` (random), if it has no identity yet, else the one it was given first. What is
    /// signed in one ledger counts in no other.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub async fn identity(&self, fresh: Digest, now: Timestamp) -> Result<Digest, LedgerError> {
        self.inner.writer.write(state::Identify { fresh, now }).await.map_err(self.here())
    }

    /// A switch that all engines share.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn state(&self, name: &str) -> Result<Option<Value>, LedgerError> {
        reading!(self, |conn| state::get(conn, name))
    }

    /// Sets a switch and records the event that says so, in one transaction.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub async fn set_state(&self, name: &str, value: Value, event: NewEvent) -> Result<Event, LedgerError> {
        self.inner.writer.write(state::Set { name: name.to_owned(), value, event }).await.map_err(self.here())
    }

    /// Whether everything is frozen.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn paused(&self) -> Result<bool, LedgerError> {
        reading!(self, |conn| state::is_paused(conn))
    }

    /// Freezes or unfreezes all engines on this ledger.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub async fn set_paused(&self, paused: bool, event: NewEvent) -> Result<Event, LedgerError> {
        self.set_state(state::PAUSED, Value::Bool(paused), event).await
    }

    /// A number that changes with every commit, of this process or another. Returns as soon as it is not `last`, or
    /// with `last` when the time is up; 0 is never current, so the first call returns at once. Own commits are seen
    /// at once, those of others within 40 ms. Costs nothing while nobody waits.
    ///
    /// # Errors
    /// When the file cannot be watched.
    pub async fn wait_for_change(&self, last: i64, timeout: Duration) -> Result<i64, LedgerError> {
        self.inner.tail.wait(last, timeout).await.map_err(self.here())
    }

    fn here(&self) -> impl Fn(LedgerError) -> LedgerError + '_ {
        |error| error.at(&self.inner.path)
    }
}
