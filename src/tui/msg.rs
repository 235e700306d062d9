//! Everything that can happen to the console.

use crossterm::event::{KeyEvent, MouseEvent};

use super::drawn::Drawn;
use crate::approval::Approval;
use crate::approval::grant::Standing;
use crate::audit::{CallRow, Event, Filter};
use crate::base::{ApprovalId, TxId};
use crate::engine::{Explained, PolicyView, Status, Undecided};

/// Something happened.
#[derive(Debug, Clone)]
pub enum Msg {
    /// A key.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The mouse.
    Mouse(MouseEvent),
    /// The terminal has another size.
    Resized(u16, u16),
    /// The terminal came into focus, or went out of it.
    Focus,
    /// Back from the shell.
    Resumed,
    /// Time has passed.
    Tick,
    /// A frame is on the screen.
    Drawn(Drawn),
    /// The ledger has grown.
    Ledger,
    /// What is always visible has changed.
    Status(Box<Status>),
    /// The demo tells what it does.
    Narration(String),
    /// The approvals, open and recent ones together.
    Approvals(Result<Vec<Approval>, String>),
    /// A page of calls.
    Calls {
        /// Which were asked for.
        filter: Box<Filter>,
        /// The page ends before this call; `None` is the latest page.
        before: Option<TxId>,
        /// The page.
        result: Result<Vec<CallRow>, String>,
    },
    /// The events of a call.
    Transaction {
        /// The call.
        tx: TxId,
        /// Its events.
        result: Result<Vec<Event>, String>,
    },
    /// The grants in force.
    Grants(Result<Vec<Standing>, String>),
    /// Everything is frozen or goes on; or why not.
    Paused(Result<bool, String>),
    /// A decision was taken in, or not.
    Decided {
        /// The approval.
        id: ApprovalId,
        /// It, as it is now; or why not.
        result: Result<Box<Approval>, Undecided>,
    },
    /// How the policy stands.
    Policy(Result<Box<PolicyView>, String>),
    /// A policy was accepted or rejected, or not.
    PolicyDecided {
        /// Which of the two was asked for.
        accepted: bool,
        /// Why not.
        result: Result<(), String>,
    },
    /// What a call would meet.
    Explained(Result<Box<Explained>, String>),
}
