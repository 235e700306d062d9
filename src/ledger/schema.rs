//! The ledger's schema, step by step. A step that has shipped is never edited; a change is a new step.

use std::path::{Path, PathBuf};

use super::LedgerError;
use super::sqlite::{self, Conn, Tuning, begin_write};

/// Every step; its number is its place, from 1.
const STEPS: [&str; 2] = [include_str!("schema/0001.sql"), include_str!("schema/0002_policies.sql")];

/// The version this program writes.
pub(super) const LATEST: i64 = 2;

const VERSION: &str = "SELECT version, program FROM schema_version ORDER BY version DESC LIMIT 1";

/// Opens a ledger for writing, with this program's schema.
pub(super) async fn open(path: &Path, tuning: Tuning) -> Result<Conn, LedgerError> {
    let mut conn = sqlite::writer(path, tuning).await?;
    migrate(&mut conn).await?;
    Ok(conn)
}

/// Brings the ledger up to this program's schema.
async fn migrate(conn: &mut Conn) -> Result<(), LedgerError> {
    // The common case takes no lock. An error here (no such table yet) is met again below, under the lock.
    if let Ok(Some((version, program))) = sqlx::query_as::<_, (i64, String)>(VERSION).fetch_optional(&mut *conn).await
        && check(version, program)? == LATEST
    {
        return Ok(());
    }
    let mut tx = begin_write(conn).await?;
    sqlx::raw_sql(
        "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY, program TEXT NOT NULL)",
    )
    .execute(&mut *tx)
    .await?;
    let found = sqlx::query_as::<_, (i64, String)>(VERSION).fetch_optional(&mut *tx).await?;
    let mut version = found.map_or(Ok(0), |(version, program)| check(version, program))?;
    for step in STEPS.into_iter().skip(usize::try_from(version).unwrap_or(0)) {
        version = version.saturating_add(1);
        sqlx::raw_sql(step).execute(&mut *tx).await?;
        sqlx::query("INSERT INTO schema_version (version, program) VALUES ($1, $2)")
            .bind(version)
            .bind(env!("CARGO_PKG_VERSION"))
            .execute(&mut *tx)
            .await?;
    }
    Ok(tx.commit().await?)
}

/// That a ledger has this program's schema as it is.
pub(super) async fn current(conn: &mut Conn) -> Result<(), LedgerError> {
    let (version, program) = sqlx::query_as::<_, (i64, String)>(VERSION).fetch_one(conn).await?;
    if version < LATEST {
        return Err(LedgerError::Older { path: PathBuf::new(), found: version, known: LATEST, program });
    }
    check(version, program).map(drop)
}

fn check(found: i64, program: String) -> Result<i64, LedgerError> {
    if found > LATEST {
        return Err(LedgerError::Newer { path: PathBuf::new(), found, known: LATEST, program });
    }
    Ok(found)
}
