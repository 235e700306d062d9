//! Where things lie beneath `COUNTERSIGN_HOME`.

use std::path::PathBuf;

/// The folder of everything Countersign keeps (mode 0700), and the names within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `COUNTERSIGN_HOME`.
    pub home: PathBuf,
}

impl Paths {
    /// The approver's secret key in the home folder, where no other file is named.
    pub const KEY: &'static str = "approver.key";

    /// The ledger's database.
    pub fn ledger(&self) -> PathBuf {
        self.home.join("ledger.db")
    }

    /// The socket of a running console or server.
    pub fn socket(&self) -> PathBuf {
        self.home.join("countersign.sock")
    }

    /// Diagnostic logs, one file a day.
    pub fn logs(&self) -> PathBuf {
        self.home.join("logs")
    }

    /// The public keys whose decisions count.
    pub fn approvers(&self) -> PathBuf {
        self.home.join("approvers")
    }

    /// Models imported or synchronised.
    pub fn models(&self) -> PathBuf {
        self.home.join("models")
    }
}
