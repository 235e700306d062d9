//! The one task that writes. What is queued while a commit is on its way to the disk goes into the next commit
//! together, so that a flush is shared and every acknowledgement still means "on the disk".

use std::path::PathBuf;

use futures_util::future::{BoxFuture, FutureExt as _};
use tokio::sync::{mpsc, oneshot, watch};

use super::LedgerError;
use super::engines::EngineLock;
use super::sqlite::{self, Conn, Patience, Tuning};
use super::work::Work;
use crate::audit::Head;

/// Most tasks in one commit.
const BATCH: usize = 64;

/// Something to write. It may run more than once: if it shares a commit with a task that fails, it runs again alone.
pub(super) trait Task: Send + Sync + 'static {
    /// What the caller gets once it is on the disk.
    type Output: Send + 'static;

    /// Writes within a transaction.
    fn run(&self, work: &mut Work<'_>) -> impl Future<Output = Result<Self::Output, LedgerError>> + Send;
}

/// A task, its result so far, and who waits for it.
struct Ticket<T: Task> {
    task: T,
    output: Option<T::Output>,
    reply: oneshot::Sender<Result<T::Output, LedgerError>>,
}

/// A ticket of any task.
trait Queued: Send {
    fn run<'a>(&'a mut self, work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), LedgerError>>;
    fn answer(self: Box<Self>, done: Result<(), LedgerError>);
}

impl<T: Task> Queued for Ticket<T> {
    fn run<'a>(&'a mut self, work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), LedgerError>> {
        async move {
            self.output = Some(self.task.run(work).await?);
            Ok(())
        }
        .boxed()
    }

    fn answer(self: Box<Self>, done: Result<(), LedgerError>) {
        let Self { output, reply, .. } = *self;
        // Nobody listening means that the caller was dropped; what was written stays written.
        drop(reply.send(done.and_then(|()| output.ok_or(LedgerError::Closed))));
    }
}

enum Message {
    Write(Box<dyn Queued>),
    Close(oneshot::Sender<()>),
}

/// Where tasks are handed in.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
}

impl Writer {
    /// Starts the task, which ends when the last `Writer` is dropped. `committed` carries the sequence of the last
    /// event it has committed. Without a connection one is opened when it is needed.
    pub(super) fn start(conn: Option<Conn>, path: PathBuf, tuning: Tuning, committed: watch::Sender<i64>) -> Self {
        let (queue, messages) = mpsc::channel(1024);
        let running = Running { path, tuning, conn, engine: None, registered: false, known: Head::START, committed };
        tokio::spawn(running.run(messages));
        Self { queue }
    }

    /// Runs a task; returns when it is on the disk. A caller that is dropped meanwhile does not undo it.
    pub(super) async fn write<T: Task>(&self, task: T) -> Result<T::Output, LedgerError> {
        let (reply, answer) = oneshot::channel();
        let ticket = Message::Write(Box::new(Ticket { task, output: None, reply }));
        self.queue.send(ticket).await.map_err(|_| LedgerError::Closed)?;
        answer.await.map_err(|_| LedgerError::Closed)?
    }

    /// Writes what is queued, then ends the task.
    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_ok() {
            // An error means that it had ended already.
            drop(closed.await);
        }
    }
}

struct Running {
    path: PathBuf,
    tuning: Tuning,
    conn: Option<Conn>,
    engine: Option<EngineLock>,
    registered: bool,
    known: Head,
    committed: watch::Sender<i64>,
}

impl Running {
    async fn run(mut self, mut messages: mpsc::Receiver<Message>) {
        let mut closing = None;
        while closing.is_none()
            && let Some(first) = messages.recv().await
        {
            let mut batch = Vec::new();
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Write(ticket) => batch.push(ticket),
                    Message::Close(done) => {
                        messages.close();
                        closing = Some(done);
                    }
                }
                next = if batch.len() < BATCH || closing.is_some() { messages.try_recv().ok() } else { None };
            }
            self.write(batch).await;
        }
        if let Some(conn) = self.conn.take() {
            sqlite::close(conn).await;
        }
        drop(self.engine);
        if let Some(done) = closing {
            // Nobody listening: nobody waits for the end.
            done.send(()).unwrap_or_default();
        }
    }

    async fn write(&mut self, mut batch: Vec<Box<dyn Queued>>) {
        match self.commit(&mut batch).await {
            Err(Failure::Task(_)) if batch.len() > 1 => {
                // One of them cannot be written; the others must not suffer for it.
                for mut ticket in batch {
                    let done = self.commit(std::slice::from_mut(&mut ticket)).await;
                    ticket.answer(done.map_err(Failure::into_error));
                }
            }
            done => {
                let done = done.map_err(Failure::into_error);
                for ticket in batch {
                    ticket.answer(done.clone());
                }
            }
        }
    }

    async fn commit(&mut self, batch: &mut [Box<dyn Queued>]) -> Result<(), Failure> {
        if batch.is_empty() {
            return Ok(());
        }
        let patience = Patience::new(self.tuning);
        loop {
            let Err(failure) = self.transact(batch).await else { return Ok(()) };
            // After a failure the connection may or may not be within a transaction: only a new one is certain.
            if let Some(conn) = self.conn.take() {
                sqlite::close(conn).await;
            }
            let Failure::Whole(error) = failure else { return Err(failure) };
            if !patience.again(&error).await {
                return Err(Failure::Whole(error));
            }
        }
    }

    async fn transact(&mut self, batch: &mut [Box<dyn Queued>]) -> Result<(), Failure> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => sqlite::writer(&self.path, self.tuning).await.map_err(Failure::Whole)?,
        };
        let conn = self.conn.insert(conn);
        let engine = match self.engine.take() {
            Some(engine) => engine,
            None => EngineLock::take(&self.path).map_err(Failure::Whole)?,
        };
        let engine = self.engine.insert(engine);
        let mut work = Work::begin(conn, engine.id(), self.known).await.map_err(Failure::Whole)?;
        if !self.registered {
            work.register_engine().await.map_err(Failure::Whole)?;
        }
        for ticket in batch {
            ticket.run(&mut work).await.map_err(Failure::Task)?;
        }
        self.known = work.finish().await.map_err(Failure::Whole)?;
        self.registered = true;
        self.committed.send_replace(self.known.seq);
        Ok(())
    }
}

/// Whether a commit failed because of one of its tasks or as a whole.
enum Failure {
    Task(LedgerError),
    Whole(LedgerError),
}

impl Failure {
    fn into_error(self) -> LedgerError {
        match self {
            Self::Task(error) | Self::Whole(error) => error,
        }
    }
}
