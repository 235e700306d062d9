//! Everything that is SQLite and not SQL: how connections are opened, how a writing transaction begins, how
//! commits of others are noticed, what its error codes mean. With PostgreSQL this file is the one to replace.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

use super::LedgerError;

pub(super) type Db = sqlx::Sqlite;
pub(super) type Conn = sqlx::SqliteConnection;
pub(super) type Pool = sqlx::SqlitePool;
pub(super) type Row = sqlx::sqlite::SqliteRow;
pub(super) type Tx<'c> = sqlx::Transaction<'c, Db>;

/// Most statements that read at the same time.
const READERS: u32 = 4;

/// How long to wait before something is tried again.
const AGAIN: Duration = Duration::from_millis(5);

/// Bytes to which the write-ahead log is cut back after a checkpoint.
const LOG_LIMIT: &str = "16777216";

/// What tests make smaller.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tuning {
    /// How long to wait for another process's lock.
    pub busy: Duration,
    /// Pages the file may have; stands for a full disk.
    pub max_pages: Option<u32>,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { busy: Duration::from_secs(5), max_pages: None }
    }
}

fn options(path: &Path, tuning: Tuning) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).busy_timeout(tuning.busy).foreign_keys(true).disable_statement_logging()
}

/// How long one keeps trying while the file is locked. SQLite waits by itself in most cases, but not while another
/// process makes the file, recovers it, or is the last to close it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    until: Instant,
}

impl Patience {
    /// Begins to count.
    pub(super) fn new(tuning: Tuning) -> Self {
        Self { until: Instant::now() + tuning.busy }
    }

    /// After a failure: waits a moment if it is worth trying again, and says whether it is.
    pub(super) async fn again(self, error: &LedgerError) -> bool {
        let again = matches!(error, LedgerError::Locked { .. }) && Instant::now() < self.until;
        if again {
            tokio::time::sleep(AGAIN).await;
        }
        again
    }
}

/// The connection that writes. Every commit is on the disk before it is acknowledged.
pub(super) async fn writer(path: &Path, tuning: Tuning) -> Result<Conn, LedgerError> {
    let mut options = options(path, tuning)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // macOS: without these a "flushed" page may still be in the drive's cache.
        .pragma("fullfsync", "ON")
        .pragma("checkpoint_fullfsync", "ON")
        .pragma("journal_size_limit", LOG_LIMIT);
    if let Some(pages) = tuning.max_pages {
        options = options.pragma("max_page_count", pages.to_string());
    }
    Ok(options.connect().await?)
}

/// The connections that read; opened when first needed, and never able to write.
pub(super) fn readers(path: &Path, tuning: Tuning) -> Pool {
    SqlitePoolOptions::new()
        .max_connections(READERS)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(options(path, tuning).pragma("query_only", "ON"))
}

/// The connection that only watches for commits.
pub(super) async fn watcher(path: &Path, tuning: Tuning) -> Result<Conn, LedgerError> {
    Ok(options(path, tuning).pragma("query_only", "ON").connect().await?)
}

/// Begins a transaction that holds the write lock from its first moment, so that what it reads stays true until
/// it commits.
pub(super) async fn begin_write(conn: &mut Conn) -> Result<Tx<'_>, LedgerError> {
    Ok(conn.begin_with("BEGIN IMMEDIATE").await?)
}

/// A number that is another one after every commit of any other connection, whichever process holds it.
pub(super) async fn data_version(conn: &mut Conn) -> Result<i64, LedgerError> {
    Ok(sqlx::query_scalar("PRAGMA data_version").fetch_one(conn).await?)
}

impl From<sqlx::Error> for LedgerError {
    fn from(error: sqlx::Error) -> Self {
        let path = PathBuf::new();
        match &error {
            sqlx::Error::Database(database) => {
                let what = database.message().to_owned();
                let code = database.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or_default();
                // https://www.sqlite.org/rescode.html: the low byte is the primary code.
                match code & 0xff {
                    5 | 6 => Self::Locked { path },
                    3 | 8 | 14 => Self::NotWritable { path, what },
                    13 => Self::DiskFull { path },
                    11 | 26 => Self::Corrupt { path, what },
                    10 => Self::Io { path, what },
                    _ => Self::Corrupt { path, what: error.to_string() },
                }
            }
            sqlx::Error::PoolTimedOut => Self::Locked { path },
            sqlx::Error::PoolClosed => Self::Closed,
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::RowNotFound => {
                Self::Corrupt { path, what: error.to_string() }
            }
            other => Self::Io { path, what: other.to_string() },
        }
    }
}

/// Ends a connection; a transaction left open is rolled back.
pub(super) async fn close(conn: Conn) {
    if let Err(error) = conn.close().await {
        // The file stays consistent whatever happens here; the next opening recovers it.
        tracing::warn!(%error, "the ledger's connection did not close in order");
    }
}
