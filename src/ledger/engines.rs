//! Which engines still run. Each holds a lock on a file of its own; the system lets go of it when the process ends,
//! however it ends. What a dead engine left open is closed here: nobody knows whether it took effect.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::approvals::{self, Recorded};
use super::rows::{self, call_columns, select_approvals};
use super::work::Work;
use super::writer::Task;
use super::{LedgerError, prepare};
use crate::approval::{Approval, Input};
use crate::audit::{CallRow, Kind, NewEvent, Outcome};
use crate::base::Timestamp;

/// Locks of engines lie in this folder beside the ledger.
const FOLDER: &str = "engines";

/// What dead engines had left open, as it stands now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Orphans {
    /// Approvals that were used and whose outcome nobody knows.
    pub approvals: Vec<Approval>,
    /// Calls that were under way.
    pub calls: Vec<CallRow>,
}

/// The proof that this engine runs. Dropping it, or dying, gives it up.
pub(super) struct EngineLock {
    id: String,
    _file: tempfile::NamedTempFile,
}

impl EngineLock {
    /// Makes this engine known beside the ledger at `path`.
    pub(super) fn take(path: &Path) -> Result<Self, LedgerError> {
        let failed = |error: io::Error| LedgerError::NotWritable { path: PathBuf::new(), what: error.to_string() };
        let folder = folder(path);
        prepare::folder(&folder).map_err(failed)?;
        let file = tempfile::Builder::new().prefix("").rand_bytes(20).tempfile_in(&folder).map_err(failed)?;
        file.as_file().lock().map_err(failed)?;
        let id = file.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { id, _file: file })
    }

    /// Its name: random, never used twice.
    pub(super) fn id(&self) -> &str {
        &self.id
    }
}

fn folder(path: &Path) -> PathBuf {
    path.with_file_name(FOLDER)
}

/// Whether the engine no longer runs. When in doubt it does: an approval is then closed later, not wrongly.
pub(super) fn is_dead(path: &Path, id: &str) -> bool {
    match File::open(folder(path).join(id)) {
        Ok(file) => match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
        },
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// Takes away the file of a dead engine.
pub(super) fn forget(path: &Path, id: &str) {
    match std::fs::remove_file(folder(path).join(id)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "the lock file of an engine that no longer runs could not be removed");
        }
        _ => {}
    }
}

impl Work<'_> {
    /// Writes this engine into the list of those whose ends are looked for.
    pub(super) async fn register_engine(&mut self) -> Result<(), LedgerError> {
        sqlx::query("INSERT INTO engines (id, pid) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
            .bind(self.engine)
            .bind(i64::from(std::process::id()))
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}

/// Closes what these engines left open.
pub(super) struct Bury {
    pub dead: Vec<String>,
    pub now: Timestamp,
}

impl Task for Bury {
    type Output = Orphans;

    async fn run(&self, work: &mut Work<'_>) -> Result<Orphans, LedgerError> {
        let mut orphans = Orphans::default();
        for engine in &self.dead {
            self.approvals_of(work, engine, &mut orphans).await?;
            self.calls_of(work, engine, &mut orphans).await?;
            sqlx::query("DELETE FROM engines WHERE id = $1").bind(engine).execute(&mut *work.tx).await?;
        }
        Ok(orphans)
    }
}

impl Bury {
    async fn approvals_of(&self, work: &mut Work<'_>, engine: &str, to: &mut Orphans) -> Result<(), LedgerError> {
        let sql = select_approvals!("WHERE a.state = 'consumed' AND a.engine = $1 ORDER BY a.last_seq");
        for mut approval in approvals::fetch(&mut work.tx, sqlx::query_as(sql).bind(engine.to_owned())).await? {
            let sent = work
                .count("SELECT COUNT(*) FROM events WHERE kind = 'intent' AND approval = $1", approval.id.as_str())
                .await?;
            let detail = json!({
                "status": "unknown",
                "reason": "the engine ended before an answer was recorded",
                "intent": sent > 0,
            });
            let recorded = approvals::apply(work, &mut approval, Input::Unknown, self.now, detail, None).await?;
            if let Recorded::Applied { calls, .. } = recorded {
                to.calls.extend(calls);
                to.approvals.push(approval);
            }
        }
        Ok(())
    }

    async fn calls_of(&self, work: &mut Work<'_>, engine: &str, to: &mut Orphans) -> Result<(), LedgerError> {
        // A call whose approval is still open waits for the human, not for its engine.
        let sql = concat!(
            "SELECT ",
            call_columns!(),
            " FROM calls WHERE outcome = 'pending' AND engine = $1 AND NOT EXISTS (SELECT 1 FROM approvals a \
             WHERE a.id = calls.approval AND a.state IN ('pending', 'approved')) ORDER BY first_seq"
        );
        let found = sqlx::query(sql).bind(engine).fetch_all(&mut *work.tx).await?;
        for row in &found {
            let mut row = rows::call(row)?;
            let sent =
                work.count("SELECT COUNT(*) FROM events WHERE kind = 'intent' AND tx = $1", row.tx.as_str()).await?;
            let (status, error) = if sent > 0 { ("unknown", None) } else { ("interrupted", Some("Interrupted")) };
            row.outcome = if sent > 0 { Outcome::Unknown } else { Outcome::Failed };
            row.error = error.map(str::to_owned);
            let event = work
                .append(NewEvent {
                    at: self.now,
                    kind: Kind::Outcome,
                    tx: Some(row.tx.clone()),
                    op: None,
                    agent: None,
                    approval: row.approval.clone(),
                    detail: json!({"status": status, "reason": "the engine ended before an answer was recorded"}),
                })
                .await?;
            to.calls.push(work.put_call(&row, event.seq, &event).await?);
        }
        Ok(())
    }
}
