//! The small values that the engine's handles exchange with the two faces.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::base::{Digest, Timestamp};
use crate::models::sync::Step;

/// The three tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tool {
    /// `aws.searchOperations`
    Search,
    /// `aws.getOperationSchema`
    Schema,
    /// `aws.execute`
    Execute,
}

/// Who an agent says it is. Self-reported: for display only, never for a decision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peer {
    /// Client name (untrusted).
    pub name: String,
    /// Client version (untrusted).
    pub version: String,
    /// `stdio`, `socket`, `http` or `cli`.
    pub transport: &'static str,
    /// Process id, where the transport tells it.
    pub pid: Option<u32>,
}

/// Told to the caller while a call is held or takes long. Constant text and numbers only.
#[derive(Debug, Clone, PartialEq)]
pub struct ProgressUpdate {
    /// Seconds since the call began.
    pub elapsed_seconds: f64,
    /// Seconds until the call is answered at the latest, where known.
    pub total_seconds: Option<f64>,
    /// What is being waited for.
    pub message: String,
}

/// Receives progress; must not block.
pub type Progress = Arc<dyn Fn(ProgressUpdate) + Send + Sync>;

/// What the human decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Run it once, exactly as shown.
    Approve {
        /// Digest of the request that was on the screen.
        shown: Digest,
    },
    /// Run it, and let the session that asked make the same request again for a quarter of an hour.
    Grant {
        /// Digest of the request that was on the screen.
        shown: Digest,
    },
    /// Do not run it.
    Deny {
        /// The human's words; the agent receives them word for word. May be empty.
        reason: String,
    },
}

/// Why a decision does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undecided {
    /// The approver's key wants its passphrase first.
    #[error("the approver's key is locked: its passphrase is wanted")]
    Locked,
    /// The passphrase that was given is another one.
    #[error("that is not the passphrase of the approver's key; nothing was approved")]
    Passphrase,
    /// Anything else, in words for the human.
    #[error("{0}")]
    Refused(String),
}

/// A passphrase on its way to the key: wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes it over.
    pub const fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// What was typed.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// Something changed; read it anew. A hint may be lost, the ledger never is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// The ledger has grown up to this sequence number (of this or another process).
    Ledger {
        /// Highest sequence number known.
        seq: i64,
    },
    /// [`Status`] has changed.
    Status,
}

/// What is always visible.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// AWS account id, once known.
    pub account: Option<String>,
    /// Principal ARN, once known.
    pub principal: Option<String>,
    /// Until when the credentials are good, if they end.
    pub credentials_until: Option<Timestamp>,
    /// Why there are no credentials, and the cure.
    pub credentials_problem: Option<String>,
    /// Profile.
    pub profile: String,
    /// Default region.
    pub region: String,
    /// Endpoint override in force, if any.
    pub endpoint_override: Option<String>,
    /// Version of the policy in force (a short digest).
    pub policy_version: String,
    /// Its number in the ledger; 0 while there is none.
    pub policy_number: i64,
    /// Whether a human has accepted it.
    pub policy_reviewed: bool,
    /// Version of an edit that waits for a human, if there is one.
    pub policy_pending: Option<String>,
    /// Path of the policy file.
    pub policy_path: String,
    /// Why the policy file is not in force as it stands on disk, if so.
    pub policy_problem: Option<String>,
    /// Approvals that wait for a decision.
    pub pending: usize,
    /// Grants that may still be used.
    pub grants: usize,
    /// Connected agents.
    pub agents: usize,
    /// Files of a folder on their way to S3: so many done, of so many.
    pub moving: Option<(u64, u64)>,
    /// Whether everything is frozen.
    pub paused: bool,
    /// Whether confirmation is switched off by the environment.
    pub auto_approve: bool,
    /// Addresses agents can reach.
    pub listeners: Vec<String>,
    /// Why nothing can be approved in this console, if so.
    pub approver_problem: Option<String>,
    /// What was found that only a change of the ledger from outside explains.
    pub tampering: Option<String>,
    /// Why nothing can be recorded any more; state-changing calls are then refused.
    pub ledger_problem: Option<String>,
    /// The generation of models in use; none is the snapshot alone.
    pub models_generation: Option<String>,
    /// Why the models are not what they should be: the last sync failed, or a generation cannot be used.
    pub models_problem: Option<String>,
    /// Where a sync of the models stands, while one runs.
    pub sync: Option<Step>,
    /// Why the last sync failed, if it did.
    pub sync_problem: Option<String>,
}
