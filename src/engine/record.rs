//! The trail of one call: events gathered in order, written to the ledger at the points where they must be
//! durable, together with the row that sums the call up.

use std::sync::Arc;

use serde_json::{Value, json};

use super::shared::Shared;
use crate::approval::grant::{Claim, Standing};
use crate::approval::{Input, Refusal, Trust};
use crate::audit::{CallRow, Kind, NewEvent, Outcome};
use crate::base::redact;
use crate::base::{AgentId, ApprovalId, OpId, Timestamp, TxId};
use crate::call::CallError;
use crate::ledger::LedgerError;
use crate::policy::Decision;
use crate::risk::Assessment;

/// One call being recorded.
pub(super) struct Trail {
    shared: Arc<Shared>,
    agent: AgentId,
    op: Option<OpId>,
    started: Timestamp,
    waiting: Vec<NewEvent>,
    judged: bool,
    /// The row as it stands.
    pub(super) row: CallRow,
}

impl Trail {
    /// Begins with what came in. Nothing is written yet.
    pub(super) fn begin(
        shared: &Arc<Shared>,
        agent: &AgentId,
        agent_name: &str,
        tool: &str,
        arguments: &Value,
    ) -> Self {
        let at = shared.clock.now();
        let tx = TxId::new(at, &*shared.entropy);
        let row = CallRow {
            tx,
            at,
            agent: agent_name.to_owned(),
            tool: tool.to_owned(),
            service: text_of(arguments, "service"),
            operation: text_of(arguments, "operation"),
            target: String::new(),
            region: String::new(),
            verdict: None,
            risk: None,
            outcome: Outcome::Pending,
            error: None,
            duration_ms: None,
            approval: None,
            last_seq: 0,
        };
        let mut trail = Self {
            shared: Arc::clone(shared),
            agent: agent.clone(),
            op: None,
            started: at,
            waiting: Vec::new(),
            judged: false,
            row,
        };
        trail.add(Kind::Received, json!({"tool": tool, "agent": agent_name, "arguments": without_payload(arguments)}));
        trail
    }

    /// The transaction's id.
    pub(super) fn tx(&self) -> &TxId {
        &self.row.tx
    }

    /// The operation's id, once it has been sent.
    pub(super) fn op(&self) -> Option<&OpId> {
        self.op.as_ref()
    }

    /// Milliseconds since the call came in.
    pub(super) fn elapsed_ms(&self) -> i64 {
        let elapsed = self.shared.clock.now().since(self.started);
        i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
    }

    /// An event of this call, redacted.
    pub(super) fn event(&self, kind: Kind, mut detail: Value) -> NewEvent {
        redact::redact_json(&mut detail);
        self.shared.mark(&mut detail);
        NewEvent {
            at: self.shared.clock.now(),
            kind,
            tx: Some(self.row.tx.clone()),
            op: self.op.clone(),
            agent: Some(self.agent.clone()),
            approval: self.row.approval.clone(),
            detail,
        }
    }

    /// Adds an event; it is written with the next [`Self::write`].
    pub(super) fn add(&mut self, kind: Kind, detail: Value) {
        let event = self.event(kind, detail);
        self.waiting.push(event);
    }

    /// Notes what the policy said. What is judged again counts once for the rules that matched.
    pub(super) fn judge(
        &mut self,
        decision: &Decision,
        assessment: &Assessment,
        policy_version: &str,
        payload: Option<Value>,
    ) {
        self.row.risk = Some(assessment.class);
        self.row.verdict = Some(decision.verdict);
        let mut detail = json!({
            "call": format!("{}:{}", self.row.service, self.row.operation),
            "verdict": decision.verdict, "rule": decision.rule, "reasons": decision.reasons, "trace": decision.trace,
            "risk": assessment.class, "risk_reasons": assessment.reasons, "policy_version": policy_version,
        });
        if let Some(map) = detail.as_object_mut() {
            if let Some(payload) = payload {
                map.insert("payload".into(), payload);
            }
            if std::mem::replace(&mut self.judged, true) {
                map.insert("again".into(), true.into());
            }
        }
        self.add(Kind::Judged, detail);
    }

    /// Notes that an operation is about to be sent.
    pub(super) fn intend(&mut self, detail: Value) {
        self.op = Some(OpId::new(self.shared.clock.now(), &*self.shared.entropy));
        self.add(Kind::Intent, detail);
    }

    /// Takes an intent back: it was not redeemed, nothing was sent.
    pub(super) fn relent(&mut self) {
        self.op = None;
        self.waiting.retain(|event| event.kind != Kind::Intent);
    }

    /// Writes what has been gathered; durable when this returns.
    pub(super) async fn write(&mut self) -> Result<(), LedgerError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let result = self.shared.ledger.record(self.waiting.clone(), Some(self.row.clone())).await;
        self.shared.ledger_health(&result);
        // What could not be written comes along with what ends the call.
        result.map(|_| self.waiting.clear())
    }

    /// Writes what has been gathered together with a step of an approval's life, all or nothing.
    ///
    /// A refused step records nothing of a call that was about to be sent, and all of one that was.
    pub(super) async fn write_with(
        &mut self,
        approval: &ApprovalId,
        input: Input,
    ) -> Result<Result<(), Refusal>, LedgerError> {
        let redeems = matches!(input, Input::Redeem { .. });
        let now = self.shared.clock.now();
        let (events, row) = (self.waiting.clone(), Some(self.row.clone()));
        let result = self.shared.ledger.transition_with(approval, input, now, json!({}), events, row).await;
        self.shared.ledger_health(&result);
        let done = result?.into_result().map(drop);
        match &done {
            Err(_) if redeems => self.relent(),
            _ => self.waiting.clear(),
        }
        self.shared.refresh_pending().await;
        Ok(done)
    }

    /// Writes what has been gathered together with the use of a grant, all or nothing.
    pub(super) async fn write_on(
        &mut self,
        grant: &ApprovalId,
        claim: Claim,
        trust: Trust,
    ) -> Result<Result<Standing, String>, LedgerError> {
        let now = self.shared.clock.now();
        let (events, row) = (self.waiting.clone(), self.row.clone());
        let result = self.shared.ledger.use_grant(grant, claim, trust, now, events, row).await;
        self.shared.ledger_health(&result);
        let done = result?;
        if done.is_ok() {
            self.waiting.clear();
        }
        Ok(done)
    }

    /// Ends the call with an error and writes it. The error stands even when the ledger fails: nothing was done.
    pub(super) async fn refuse(&mut self, error: &CallError) {
        let kind = if self.op.is_some() { Kind::Outcome } else { Kind::Refused };
        self.fail(kind, error);
        if let Err(problem) = self.write().await {
            tracing::error!(tx = %self.row.tx, %problem, "a refusal could not be recorded");
        }
    }

    /// Notes that the call ends with an error.
    pub(super) fn fail(&mut self, kind: Kind, error: &CallError) {
        self.end(outcome_of(error, self.op.is_some()), Some(error));
        self.add(kind, error.to_json());
    }

    /// Sets how the row ends.
    pub(super) fn end(&mut self, outcome: Outcome, error: Option<&CallError>) {
        self.row.outcome = outcome;
        self.row.error = error.map(error_name);
        self.row.duration_ms = Some(self.elapsed_ms());
    }

    /// Ties the call to an approval.
    pub(super) fn tie(&mut self, approval: &ApprovalId) {
        self.row.approval = Some(approval.clone());
    }
}

/// The arguments save the payload: only the model tells which of its members are secret, and it is not known yet.
/// The payload is recorded, masked, with the judgement.
fn without_payload(arguments: &Value) -> Value {
    let mut arguments = arguments.clone();
    if let Some(map) = arguments.as_object_mut() {
        map.remove("payload");
    }
    arguments
}

/// A text of the arguments, short enough for a row.
pub(super) fn text_of(arguments: &Value, key: &str) -> String {
    arguments.get(key).and_then(Value::as_str).map(|text| text.chars().take(128).collect()).unwrap_or_default()
}

/// The AWS error code where there is one, else the type.
fn error_name(error: &CallError) -> String {
    error.extra.get("code").and_then(Value::as_str).unwrap_or(error.kind).to_owned()
}

fn outcome_of(error: &CallError, sent: bool) -> Outcome {
    match error.kind {
        "PolicyDenied" | "ConfirmationDenied" => Outcome::Denied,
        "ConfirmationRequired" => Outcome::Pending,
        "InvalidConfirmationToken" if error.extra.get("state").and_then(Value::as_str) == Some("expired") => {
            Outcome::Expired
        }
        "TransportError" | "Timeout" if error.extra.get("outcome").and_then(Value::as_str) == Some("unknown") => {
            Outcome::Unknown
        }
        _ if sent => Outcome::Failed,
        _ => Outcome::Refused,
    }
}
