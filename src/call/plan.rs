//! The plan of one call: found, bound to its model, classified and judged. Pure; the engine supplies the model
//! between the two steps and the identity and endpoint after them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::blobs::{Blob, settle_key};
use super::course::{Course, wrong};
use super::many::Many;
use super::output::Output;
use super::{CallError, Options, mask, wishes};
use crate::approval::facts::FileFact;
use crate::approval::grant::{self, Claim};
use crate::approval::{Binding, Facts, Request};
use crate::base::{AgentId, Digest, RiskClass, Timestamp, Verdict};
use crate::catalog::{Index, ResolveError, Resolved, sentence, targets};
use crate::policy::{self, Decision, Policy, Subject, Tally, Uses};
use crate::risk::{Assessment, Classifier, OperationFacts};
use crate::smithy::{Model, ShapeType, own};
use crate::validate::Validator;

mod again;

pub use again::tallies;

/// What calls are judged by, and the little that is known of the surroundings.
pub struct Rules<'a> {
    /// Names of all operations.
    pub index: &'a Index,
    /// Risk tables.
    pub classifier: &'a Classifier,
    /// The policy in force.
    pub policy: &'a Policy,
    /// Whether confirmation is switched off by the environment.
    pub auto_approve: bool,
    /// The present instant.
    pub now: Timestamp,
    /// AWS account id; empty while unknown.
    pub account: &'a str,
    /// Profile.
    pub profile: &'a str,
    /// Region of the call.
    pub region: &'a str,
    /// How many calls were sent, for rules that limit it; `None` while it is not counted.
    pub uses: Option<&'a Uses>,
}

/// A call whose operation is found and which was judged by name alone.
pub struct Named<'a> {
    /// The operation.
    pub found: Resolved<'a>,
    /// Its class by name.
    pub assessment: Assessment,
    /// The verdict by name.
    pub decision: Decision,
}

/// A call that could be sent as it is.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The model it is bound to.
    pub model: Arc<Model>,
    /// Canonical service name.
    pub service: String,
    /// Exact operation name.
    pub operation: String,
    /// The payload, bound to the model.
    pub payload: Arc<Value>,
    /// Patterns that could not be checked.
    pub unchecked: Vec<String>,
    /// Region.
    pub region: String,
    /// Profile.
    pub profile: String,
    /// Account id; empty while unknown.
    pub account: String,
    /// Principal ARN; empty while unknown.
    pub principal: String,
    /// Endpoint URL; empty until resolved.
    pub endpoint: String,
    /// Its class, payload included.
    pub assessment: Assessment,
    /// The verdict, payload included.
    pub decision: Decision,
    /// What counts it when it is sent: rules with a rate or a count that match it.
    pub tallies: Vec<Tally>,
    /// Version of the policy that judged.
    pub policy_version: String,
    /// How many different approvers it wants for a call of this class.
    pub approvers: usize,
    /// What it is about.
    pub targets: Vec<(String, String)>,
    /// How often it is sent.
    pub course: Course,
    /// Where files stand for bytes.
    pub blobs: Vec<Blob>,
    /// Those files; empty until they were hashed.
    pub files: Vec<FileFact>,
    /// What an approval is bound to of them, by path.
    pub contents: BTreeMap<String, Digest>,
    /// Where the result is saved, if it is.
    pub output: Option<Output>,
    /// The files of a folder that become objects, if they do.
    pub many: Option<Many>,
}

/// Finds the operation and judges it by name.
///
/// # Errors
/// `OperationNotFound` with the nearest names.
pub fn name<'a>(rules: &Rules<'a>, service: &str, operation: &str) -> Result<Named<'a>, CallError> {
    let found = rules.index.resolve(service, operation).map_err(|error| not_found(&error))?;
    let facts = facts_of(&found);
    let assessment = rules.classifier.classify(&facts);
    let decision = judge(rules, &found, assessment.class, None);
    Ok(Named { found, assessment, decision })
}

/// Binds the payload to the model, and judges anew with what it says.
///
/// # Errors
/// `PolicyDenied` before anything else is told, then `ValidationError` with every problem, or `InvalidArguments`
/// for an option that this call cannot have.
pub fn bind(
    rules: &Rules<'_>,
    named: &Named<'_>,
    validator: &Validator,
    model: &Arc<Model>,
    payload: &Value,
    options: &Options,
) -> Result<Plan, CallError> {
    if named.decision.verdict == Verdict::Deny {
        return Err(denied(&named.decision));
    }
    let (service, name) = (named.found.service.name.as_str(), named.found.operation.name);
    let operation = model.operation(name).ok_or_else(|| {
        CallError::new("OperationNotFound", format!("the model of {service} has no operation {name}"))
    })?;
    let mut payload = wishes::apply(model, operation, rules.profile, payload, options)?;
    settle_key(service, name, &mut payload);
    let bound =
        validator.bind(model, operation, &payload).map_err(|invalid| invalid_payload(service, name, &invalid))?;
    let blobs = Blob::read(model, operation, &bound.files)?;
    let output = Output::of(model, operation, options)?;
    let facts = facts_of(&named.found);
    let assessment = rules.classifier.classify_call(&facts, &bound.payload);
    let decision = judge(rules, &named.found, assessment.class, Some(&bound.payload));
    let tallies = rules.policy.tallies(&subject(rules, &named.found, assessment.class, Some(&bound.payload)));
    let approvers = usize::from(rules.policy.approval().needed(assessment.class));
    let targets = targets::targets(model, operation, &bound.payload);
    let payload = Arc::new(bound.payload);
    let course = Course::of(model, operation, assessment.class, &payload, options)?;
    if !blobs.is_empty() && course != Course::Once {
        let problem = "a $path is read for a call that is sent once; give the content itself, or leave the option out";
        return Err(wrong("payload", problem, json!({})));
    }
    Ok(Plan {
        model: Arc::clone(model),
        service: service.to_owned(),
        operation: name.to_owned(),
        payload,
        unchecked: bound.unchecked,
        region: rules.region.to_owned(),
        profile: rules.profile.to_owned(),
        account: rules.account.to_owned(),
        principal: String::new(),
        endpoint: String::new(),
        assessment,
        decision,
        tallies,
        policy_version: rules.policy.version().to_owned(),
        approvers,
        targets,
        course,
        blobs,
        files: Vec::new(),
        contents: BTreeMap::new(),
        output,
        many: None,
    })
}

impl Plan {
    /// The refusal of a call that the policy denies.
    pub fn denied(&self) -> CallError {
        denied(&self.decision)
    }

    /// Digest of the bound payload.
    pub fn payload_digest(&self) -> Digest {
        Digest::of_json("countersign payload v1", &self.payload)
    }

    /// Digest of what the operation is made of in its model; empty when the model lost it.
    fn own_digest(&self) -> String {
        let operation = self.model.operation(&self.operation);
        operation.map(|operation| own::digest(&self.model, operation).to_string()).unwrap_or_default()
    }

    /// What an approval of this call is bound to.
    pub fn binding(&self) -> Binding {
        Binding {
            service: self.service.clone(),
            operation: self.operation.clone(),
            payload: self.payload_digest(),
            files: self.contents.clone(),
            account: self.account.clone(),
            principal: self.principal.clone(),
            profile: self.profile.clone(),
            region: self.region.clone(),
            endpoint: self.endpoint.clone(),
            policy: self.policy_version.clone(),
            model: self.own_digest(),
            extent: self.course.extent(),
            output: self.output.as_ref().map(Output::told).unwrap_or_default(),
        }
    }

    /// Members of the payload that hold content.
    fn content(&self) -> Vec<String> {
        let input = self.model.operation(&self.operation).and_then(|operation| self.model.input(operation));
        let members = input.map_or(&[][..], |input| &input.members).iter();
        let blob = |target: &str| self.model.shape(target).is_some_and(|shape| shape.kind == ShapeType::Blob);
        let there = members.filter(|member| blob(&member.target) && self.payload.get(&member.name).is_some());
        there.map(|member| member.name.clone()).collect()
    }

    /// What a grant must cover for this call to run on it.
    pub fn claim(&self, agent: &AgentId) -> Claim {
        let facts = self.facts("", None);
        let without = |payload: &Value| {
            let mut payload = payload.clone();
            if let Some(payload) = payload.as_object_mut() {
                payload.retain(|member, _| !facts.content.contains(member));
            }
            payload
        };
        Claim {
            agent: agent.clone(),
            scope: grant::scope(&facts),
            under: grant::under(&self.binding()),
            risk: self.assessment.class,
            require: self.require(),
            masked: without(&self.payload) != without(&facts.payload),
        }
    }

    /// How many approvers the policy wants for it.
    pub const fn require(&self) -> usize {
        self.approvers
    }

    /// The request as an approval of it must have it.
    pub fn request(&self) -> Request {
        Request { binding: self.binding(), facts: self.facts("", None).digest(), require: self.require() }
    }

    /// The payload with what the model calls sensitive masked: for the human and the ledger.
    pub fn masked_payload(&self) -> Value {
        let mut payload = Value::clone(&self.payload);
        let input = self.model.operation(&self.operation).and_then(|operation| operation.input.as_deref());
        if let Some(input) = input {
            mask::mask(&self.model, input, &mut payload);
        }
        payload
    }

    fn sentence(&self) -> String {
        let service = sentence::service_title(&self.model.service.sdk_id, &self.model.service.title);
        let once = match &self.many {
            None => sentence::will_do(&service, &self.operation, &self.targets),
            Some(many) => many.sentence(&self.payload),
        };
        let once = match self.course.extent() {
            extent if extent.is_empty() => once,
            extent => format!("{once} It is sent {extent}."),
        };
        match &self.output {
            None => once,
            Some(output) => format!("{once} The result is saved to {}.", output.told()),
        }
    }

    /// What the human is shown.
    pub fn facts(&self, agent: &str, agent_reason: Option<&str>) -> Facts {
        Facts {
            sentence: self.sentence(),
            service: self.service.clone(),
            operation: self.operation.clone(),
            targets: self.targets.clone(),
            account: self.account.clone(),
            principal: self.principal.clone(),
            profile: self.profile.clone(),
            region: self.region.clone(),
            endpoint: self.endpoint.clone(),
            risk: self.assessment.class,
            risk_reasons: self.assessment.reasons.clone(),
            reversible: reversible(&self.operation, self.assessment.class),
            rule: self.decision.rule.clone(),
            rule_reasons: self.decision.reasons.clone(),
            payload: self.masked_payload(),
            content: self.content(),
            files: self.files.clone(),
            agent: agent.to_owned(),
            agent_reason: agent_reason.map(str::to_owned),
        }
    }
}

/// Whether a call can be taken back, as far as its name tells: what deletes cannot, what only reads has nothing to
/// take back. `DeleteSecret` waits for a recovery window unless told otherwise.
fn reversible(operation: &str, class: RiskClass) -> Option<bool> {
    const FINAL: [&str; 5] = ["Delete", "BatchDelete", "Terminate", "Purge", "Empty"];
    match class {
        RiskClass::Read => Some(true),
        RiskClass::Destructive if operation == "DeleteSecret" => None,
        RiskClass::Destructive if FINAL.iter().any(|verb| operation.starts_with(verb)) => Some(false),
        _ => None,
    }
}

/// The light facts of an operation, for its risk class.
pub fn facts_of<'a>(found: &Resolved<'a>) -> OperationFacts<'a> {
    OperationFacts {
        service: &found.service.name,
        signing_name: &found.service.signing_name,
        operation: found.operation.name,
        method: found.operation.method,
        readonly: found.operation.readonly,
        idempotent: found.operation.idempotent,
        lifecycle: found.operation.lifecycle,
    }
}

fn judge(rules: &Rules<'_>, found: &Resolved<'_>, class: RiskClass, payload: Option<&Value>) -> Decision {
    let decision = rules.policy.decide(&subject(rules, found, class, payload));
    if rules.auto_approve { policy::auto_approve(decision, class) } else { decision }
}

fn subject<'a>(rules: &Rules<'a>, found: &Resolved<'a>, class: RiskClass, payload: Option<&'a Value>) -> Subject<'a> {
    Subject {
        service: &found.service.name,
        operation: found.operation.name,
        class,
        region: rules.region,
        account: rules.account,
        profile: rules.profile,
        payload,
        now: rules.now,
        uses: rules.uses,
    }
}

fn denied(decision: &Decision) -> CallError {
    CallError::new("PolicyDenied", format!("the policy denies this call: {}", decision.rule))
        .hint("do not look for another way to do it; tell the user which rule stands against it")
        .with("rule", decision.rule.as_str())
        .with("reasons", decision.reasons.clone())
}

fn not_found(error: &ResolveError) -> CallError {
    let nearest = match error {
        ResolveError::UnknownService { nearest, .. } => nearest.clone(),
        ResolveError::AmbiguousService { choices, .. } => choices.clone(),
        ResolveError::UnknownOperation { nearest, elsewhere, .. } => [nearest.as_slice(), elsewhere].concat(),
    };
    CallError::new("OperationNotFound", error.to_string())
        .hint("search with aws_search_operations")
        .with("nearest", nearest)
}

fn invalid_payload(service: &str, operation: &str, invalid: &crate::validate::Invalid) -> CallError {
    CallError::new("ValidationError", format!("{service}:{operation}: {invalid}"))
        .hint("aws_get_operation_schema shows what it takes")
        .with("missing", json!(invalid.missing))
        .with("invalid", json!(invalid.invalid))
}

#[cfg(test)]
mod tests;
