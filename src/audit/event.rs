//! An event of the ledger, and the row that sums up one call.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::{AgentId, ApprovalId, Digest, OpId, RiskClass, Timestamp, TxId, Verdict};

/// What happened. The order is the life of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An engine opened the ledger.
    EngineStarted,
    /// An engine closed it in order.
    EngineStopped,
    /// A policy is in force. Detail: `version`, `path`, `text`.
    PolicyInForce,
    /// A policy was accepted, or taken as the first. Detail: `number`, `version`, `reviewed`, `key`.
    PolicyAccepted,
    /// A human does not want an edit of the policy. Detail: `version`.
    PolicyRejected,
    /// An agent connected. Detail: `name`, `version`, `transport`, `pid`.
    AgentConnected,
    /// An agent is gone.
    AgentGone,
    /// A tool call came in. Detail: `tool`, `arguments` (redacted).
    Received,
    /// The policy spoke. Detail: `verdict`, `rule`, `reasons`, `risk`, `risk_reasons`.
    Judged,
    /// The call ended before AWS was asked. Detail: the error the agent got.
    Refused,
    /// The payload was validated only; nothing was sent.
    Validated,
    /// A human is asked. Detail: the facts shown.
    Asked,
    /// One of several approvers said yes; another is wanted. Detail: as `approved`.
    Signed,
    /// The human approved. Detail: `shown`, `key`, `signature`, `statement`.
    Approved,
    /// The human denied. Detail: `reason`.
    Denied,
    /// Nobody decided, or nobody used the decision, in time.
    Expired,
    /// The asking side gave up.
    Withdrawn,
    /// The caller went away while waiting; the approval stays.
    CallerGone,
    /// An approval was redeemed; from here on it is used up.
    Consumed,
    /// About to be sent. Durable before the first byte leaves. Detail: `endpoint`, `attempt_limit`.
    Intent,
    /// AWS answered, or did not. Detail: `status`, `request_id`, `attempts`, `error`.
    Outcome,
    /// A redeemed approval is finished: done, failed or unknown.
    Settled,
    /// The console itself: started, stopped, panicked.
    Console,
    /// A ledger was made, and got its identity. Detail: `identity`.
    LedgerMade,
    /// Something was found that only a change from outside explains. Detail: `what`.
    Tampered,
    /// A human froze all engines.
    Paused,
    /// A human let them go on.
    Resumed,
    /// A human allowed one operation on one target for a while. Detail: the grant.
    Granted,
    /// A call ran on a grant. Detail: `grant`, `left`.
    GrantUsed,
    /// A human took a grant back. Detail: `grant`.
    GrantRevoked,
}

impl Kind {
    /// Every kind, in the order of the life of a call.
    pub const ALL: [Self; 30] = [
        Self::EngineStarted,
        Self::EngineStopped,
        Self::PolicyInForce,
        Self::PolicyAccepted,
        Self::PolicyRejected,
        Self::AgentConnected,
        Self::AgentGone,
        Self::Received,
        Self::Judged,
        Self::Refused,
        Self::Validated,
        Self::Asked,
        Self::Signed,
        Self::Approved,
        Self::Denied,
        Self::Expired,
        Self::Withdrawn,
        Self::CallerGone,
        Self::Consumed,
        Self::Intent,
        Self::Outcome,
        Self::Settled,
        Self::Console,
        Self::LedgerMade,
        Self::Tampered,
        Self::Paused,
        Self::Resumed,
        Self::Granted,
        Self::GrantUsed,
        Self::GrantRevoked,
    ];

    /// Its name in the ledger and in exports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EngineStarted => "engine_started",
            Self::EngineStopped => "engine_stopped",
            Self::PolicyInForce => "policy_in_force",
            Self::PolicyAccepted => "policy_accepted",
            Self::PolicyRejected => "policy_rejected",
            Self::AgentConnected => "agent_connected",
            Self::AgentGone => "agent_gone",
            Self::Received => "received",
            Self::Judged => "judged",
            Self::Refused => "refused",
            Self::Validated => "validated",
            Self::Asked => "asked",
            Self::Signed => "signed",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::CallerGone => "caller_gone",
            Self::Consumed => "consumed",
            Self::Intent => "intent",
            Self::Outcome => "outcome",
            Self::Settled => "settled",
            Self::Console => "console",
            Self::LedgerMade => "ledger_made",
            Self::Tampered => "tampered",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::Granted => "granted",
            Self::GrantUsed => "grant_used",
            Self::GrantRevoked => "grant_revoked",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Still under way, or waiting for a human.
    Pending,
    /// AWS did it, or the tool answered.
    Ok,
    /// Refused before AWS was asked: malformed, invalid, unknown, not permitted.
    Refused,
    /// Denied by policy or human.
    Denied,
    /// The approval ran out.
    Expired,
    /// AWS or the transport said no.
    Failed,
    /// Sent, and no answer came: nobody knows.
    Unknown,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Pending, Self::Ok, Self::Refused, Self::Denied, Self::Expired, Self::Failed, Self::Unknown];

    /// Its name in the ledger, in filters and in exports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// The outcome of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }
}

/// What an engine hands to the ledger; sequence and chain are the ledger's to add.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: Kind,
    /// The tool call it belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tx: Option<TxId>,
    /// The operation sent to AWS.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub op: Option<OpId>,
    /// The agent's connection.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agent: Option<AgentId>,
    /// The approval it concerns.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub approval: Option<ApprovalId>,
    /// What else is known; shape depends on the kind. Already redacted.
    pub detail: Value,
}

/// A recorded event: a link of the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Position in the ledger, from 1, without gaps.
    pub seq: i64,
    /// What was recorded.
    #[serde(flatten)]
    pub event: NewEvent,
    /// Hash of the event before; zeros for the first.
    pub prev: Digest,
    /// Hash of this event: over `prev`, `seq` and the canonical JSON of `event`.
    pub hash: Digest,
}

/// One call in one row: what the audit screen lists. Derived from the events, kept beside them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallRow {
    /// The call.
    pub tx: TxId,
    /// When it came in.
    pub at: Timestamp,
    /// Name of the agent, as it introduced itself (untrusted).
    pub agent: String,
    /// The tool (`execute`, `search`, `schema`) or `validate`.
    pub tool: String,
    /// Canonical service name, once known; what the agent wrote before that (untrusted).
    pub service: String,
    /// Operation name, likewise.
    pub operation: String,
    /// The resource it is about, short (untrusted).
    pub target: String,
    /// Region.
    pub region: String,
    /// The policy's verdict, once known.
    pub verdict: Option<Verdict>,
    /// Risk class, once known.
    pub risk: Option<RiskClass>,
    /// How it ended.
    pub outcome: Outcome,
    /// The error type or AWS error code, if it failed.
    pub error: Option<String>,
    /// Milliseconds from arrival to the end.
    pub duration_ms: Option<i64>,
    /// The approval, if a human was asked.
    pub approval: Option<ApprovalId>,
    /// Sequence of its last event.
    pub last_seq: i64,
}
