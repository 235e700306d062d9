//! Which way an operation goes, by its verb: what a member means depends on it.

use crate::risk::words::words;

/// Which way an operation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// Makes something new: what is off was not on before.
    Create,
    /// Changes what is there.
    Update,
    /// Gives the whole of what shall be there, new or not.
    Put,
    /// Takes away.
    Remove,
}

const REMOVING: &[&str] = &[
    "delete",
    "remove",
    "revoke",
    "detach",
    "disassociate",
    "dissociate",
    "deregister",
    "terminate",
    "stop",
    "cancel",
    "disable",
    "release",
    "unassign",
    "purge",
    "deauthorize",
    "unshare",
    "reject",
    "withdraw",
];

const CREATING: &[&str] = &[
    "create",
    "run",
    "launch",
    "restore",
    "import",
    "register",
    "request",
    "allocate",
    "copy",
    "start",
    "add",
    "authorize",
    "issue",
    "provision",
    "clone",
    "generate",
    "purchase",
    "assume",
    "send",
    "publish",
    "invoke",
];

impl Direction {
    /// By the first word of a name that is a verb of a direction.
    pub(super) fn of(operation: &str) -> Self {
        let words = words(operation);
        let first = words.iter().find(|word| !matches!(word.as_str(), "batch" | "bulk" | "admin"));
        match first.map(String::as_str) {
            Some(verb) if REMOVING.contains(&verb) => Self::Remove,
            Some(verb) if CREATING.contains(&verb) => Self::Create,
            Some("put") => Self::Put,
            _ => Self::Update,
        }
    }

    /// Whether something that is there may change.
    pub(super) fn changes(self) -> bool {
        matches!(self, Self::Update | Self::Put)
    }
}
