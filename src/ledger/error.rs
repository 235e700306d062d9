//! Every way the ledger can fail, each with its cure.

use std::path::{Path, PathBuf};

use crate::audit::Broken;
use crate::base::ApprovalId;

/// Why something was not recorded or not read. Nothing that was acknowledged before is lost by any of these.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// There is none, and none was to be made.
    #[error(
        "there is no ledger at {}: nothing was recorded there yet; start `countersign`, or set COUNTERSIGN_HOME to \
         the folder whose ledger is meant",
        .path.display()
    )]
    Missing {
        /// Where it would be.
        path: PathBuf,
    },
    /// The folder or the file cannot be written.
    #[error(
        "the ledger {} cannot be written ({what}); make its folder writable, or set COUNTERSIGN_HOME to a folder that is",
        .path.display()
    )]
    NotWritable {
        /// The ledger's file.
        path: PathBuf,
        /// What the system said.
        what: String,
    },
    /// No space left.
    #[error("the disk is full: the ledger {} cannot grow; free some space, then go on (nothing recorded is lost)", .path.display())]
    DiskFull {
        /// The ledger's file.
        path: PathBuf,
    },
    /// Another process holds the lock.
    #[error(
        "another process keeps the ledger {} locked; close what holds it (a backup, a database browser, a stopped \
         countersign), then try again",
        .path.display()
    )]
    Locked {
        /// The ledger's file.
        path: PathBuf,
    },
    /// Its schema is newer than this program.
    #[error(
        "the ledger {} was written by a newer countersign ({program}, schema {found}; this program knows {known}); \
         update this program, or set COUNTERSIGN_HOME to another folder",
        .path.display()
    )]
    Newer {
        /// The ledger's file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest schema version known here.
        known: i64,
        /// Version of the program that wrote it.
        program: String,
    },
    /// Its schema is older than this program, and it was opened to be read only.
    #[error(
        "the ledger {} was written by an older countersign ({program}, schema {found}; this program reads {known}); \
         start `countersign` once, which brings it up to date",
        .path.display()
    )]
    Older {
        /// The ledger's file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The schema version that is read here.
        known: i64,
        /// Version of the program that wrote it.
        program: String,
    },
    /// The file is not what it should be.
    #[error(
        "the ledger {} is damaged ({what}); move it away (keep it: it is evidence) and restore a backup or begin anew",
        .path.display()
    )]
    Corrupt {
        /// The ledger's file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// The disk or the system failed.
    #[error("the ledger {} could not be read or written ({what}); check the disk, then try again", .path.display())]
    Io {
        /// The ledger's file.
        path: PathBuf,
        /// What the system said.
        what: String,
    },
    /// Somebody changed what was recorded.
    #[error(
        "the ledger {} was changed from outside ({broken}); nothing more is written to it. `countersign audit verify` \
         says more; move it away (keep it: it is evidence) and restore a backup or begin anew",
        .path.display()
    )]
    Tampered {
        /// The ledger's file.
        path: PathBuf,
        /// Where, and what.
        broken: Broken,
    },
    /// No such approval.
    #[error("there is no approval {id} in this ledger; list the approvals to see which there are")]
    NoApproval {
        /// What was asked for.
        id: ApprovalId,
    },
    /// A human froze everything.
    #[error("everything is frozen: a human paused the console, and nothing is sent until a human resumes it")]
    Paused,
    /// It was closed.
    #[error("the ledger is closed: this program is ending; start it again")]
    Closed,
    /// Something the program itself must not do.
    #[error("{what}; nothing was recorded. This is a fault of countersign: please report it")]
    Misuse {
        /// What it tried.
        what: String,
    },
}

impl LedgerError {
    /// The same, naming the ledger's file.
    #[must_use]
    pub(super) fn at(mut self, at: &Path) -> Self {
        match &mut self {
            Self::Missing { path }
            | Self::NotWritable { path, .. }
            | Self::DiskFull { path }
            | Self::Locked { path }
            | Self::Newer { path, .. }
            | Self::Older { path, .. }
            | Self::Corrupt { path, .. }
            | Self::Io { path, .. }
            | Self::Tampered { path, .. } => at.clone_into(path),
            Self::NoApproval { .. } | Self::Paused | Self::Closed | Self::Misuse { .. } => {}
        }
        self
    }

    pub(super) fn corrupt(what: &impl ToString) -> Self {
        Self::Corrupt { path: PathBuf::new(), what: what.to_string() }
    }

    pub(super) fn misuse(what: impl Into<String>) -> Self {
        Self::Misuse { what: what.into() }
    }
}

impl From<Broken> for LedgerError {
    fn from(broken: Broken) -> Self {
        Self::Tampered { path: PathBuf::new(), broken }
    }
}

impl From<serde_json::Error> for LedgerError {
    fn from(error: serde_json::Error) -> Self {
        Self::corrupt(&error)
    }
}
