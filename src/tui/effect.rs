//! What the console wants done, as data. [`update`](super::update::update) asks for it, [`run`](mod@super::run) does it.

use crate::audit::Filter;
use crate::base::{ApprovalId, Digest, TxId};
use crate::engine::{Decision, Passphrase};

/// Something to be done outside of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Hand a decision to the engine.
    Decide {
        /// The approval.
        id: ApprovalId,
        /// What the human decided.
        decision: Decision,
    },
    /// Unlock the approver's key, then hand the decision to the engine.
    Unlock {
        /// The passphrase that was typed.
        passphrase: Passphrase,
        /// The approval.
        id: ApprovalId,
        /// What the human decided.
        decision: Decision,
    },
    /// Freeze everything, or let it go on.
    Pause(bool),
    /// Take a grant back, if one is named, and read those that are left.
    Grants {
        /// The one to take back.
        revoke: Option<ApprovalId>,
    },
    /// Read the approvals.
    LoadApprovals,
    /// Read a page of calls, latest first.
    LoadCalls {
        /// Which.
        filter: Box<Filter>,
        /// Those that came in before this one; `None` for the latest.
        before: Option<TxId>,
    },
    /// Read the events of a call.
    LoadTransaction(TxId),
    /// Read how the policy stands.
    LoadPolicy,
    /// Put in force the policy whose text has this digest.
    AcceptPolicy(Digest),
    /// Note that the edit whose text has this digest is not wanted.
    RejectPolicy(Digest),
    /// Find out what a call would meet.
    Explain(String),
    /// Put text on the clipboard of the terminal.
    Copy(String),
    /// Take the mouse, or give it back.
    Mouse(bool),
    /// Give the terminal back to the shell until it brings us to the front.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Leave.
    Quit,
}
