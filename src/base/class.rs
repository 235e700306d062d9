//! The two words everything turns on: what a call can do ([`RiskClass`]) and what it meets ([`Verdict`]).

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a call can do. Every operation has exactly one; with a payload at hand, the payload decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RiskClass {
    /// Nothing changes and nothing secret is shown.
    Read,
    /// Any other change of state.
    Write,
    /// Something is lost, interrupted, or hard to take back.
    Destructive,
    /// The answer carries something usable as a credential.
    Secret,
    /// Widens or rewrites who may do what.
    Privilege,
    /// Code, a command or a workflow runs because of it.
    Execute,
}

impl RiskClass {
    /// All six.
    pub const ALL: [Self; 6] =
        [Self::Read, Self::Write, Self::Destructive, Self::Secret, Self::Privilege, Self::Execute];

    /// Its name in policies and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Destructive => "destructive",
            Self::Secret => "secret",
            Self::Privilege => "privilege",
            Self::Execute => "execute",
        }
    }
}

impl fmt::Display for RiskClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What the policy says to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It runs.
    Allow,
    /// A human decides.
    Ask,
    /// It does not run.
    Deny,
}

impl Verdict {
    /// Its name in answers and filters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Ask => "ask",
            Self::Deny => "deny",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
