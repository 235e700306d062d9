//! Noticing commits, of this process and of others. The database tells; nothing is polled unless somebody waits.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

use super::LedgerError;
use super::sqlite::{self, Conn, Patience, Tuning};

/// How often a waiter looks for commits of other processes.
const LOOK: Duration = Duration::from_millis(40);

/// Watches one ledger.
pub(super) struct Tail {
    path: PathBuf,
    tuning: Tuning,
    /// Wakes waiters of this process without delay.
    commits: watch::Receiver<i64>,
    /// Opened by the first waiter; the numbers it gives mean something on this connection only.
    conn: Mutex<Option<Conn>>,
}

impl Tail {
    pub(super) fn new(path: PathBuf, tuning: Tuning, commits: watch::Receiver<i64>) -> Self {
        Self { path, tuning, commits, conn: Mutex::new(None) }
    }

    /// Waits until the number is not `last`, at most for `timeout`.
    pub(super) async fn wait(&self, last: i64, timeout: Duration) -> Result<i64, LedgerError> {
        let deadline = Instant::now() + timeout;
        let mut commits = self.commits.clone();
        loop {
            // Before the number is read: a commit right after it wakes us.
            commits.mark_unchanged();
            let number = self.number().await?;
            let now = Instant::now();
            if number != last || now >= deadline {
                return Ok(number);
            }
            let wake = deadline.min(now + LOOK);
            tokio::select! {
                () = tokio::time::sleep_until(wake) => {}
                // An error means that the writer has ended; others may still write.
                Ok(()) = commits.changed() => {}
            }
        }
    }

    async fn number(&self) -> Result<i64, LedgerError> {
        let mut held = self.conn.lock().await;
        let mut conn = match held.take() {
            Some(conn) => conn,
            None => sqlite::watcher(&self.path, self.tuning).await?,
        };
        let patience = Patience::new(self.tuning);
        let mut number = sqlite::data_version(&mut conn).await;
        while let Err(error) = &number {
            if !patience.again(error).await {
                break;
            }
            number = sqlite::data_version(&mut conn).await;
        }
        *held = Some(conn);
        number
    }

    pub(super) async fn close(&self) {
        if let Some(conn) = self.conn.lock().await.take() {
            sqlite::close(conn).await;
        }
    }
}
