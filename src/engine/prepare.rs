//! From arguments to a plan: the pure steps of `call::plan`, with the model loaded in between.

use std::sync::Arc;

use serde_json::json;

use super::record::Trail;
use super::shared::{Shared, lock};
use crate::audit::Kind;
use crate::base::Verdict;
use crate::call::plan::{self, Plan, Rules};
use crate::call::{CallError, ExecuteCall};
use crate::catalog::{Index, targets};
use crate::models::ModelError;
use crate::policy::Policy;

/// Plans a call and notes the judgement in its trail.
///
/// # Errors
/// Everything that ends a call before a human or AWS is asked.
pub(super) async fn prepare(shared: &Arc<Shared>, trail: &mut Trail, call: &ExecuteCall) -> Result<Plan, CallError> {
    let index = shared.index()?;
    let policy = shared.policy();
    let region = call.region.clone().unwrap_or_else(|| shared.aws.region().to_owned());
    let account = lock(&shared.status).account.clone().unwrap_or_default();
    let rules = shared.rules(&index, &policy, &account, &region);
    let named = plan::name(&rules, &call.service, &call.operation)?;
    trail.row.service.clone_from(&named.found.service.name);
    named.found.operation.name.clone_into(&mut trail.row.operation);
    trail.row.region.clone_from(&region);
    trail.row.risk = Some(named.assessment.class);
    trail.row.verdict = Some(named.decision.verdict);
    if named.decision.verdict == Verdict::Deny {
        trail.add(
            Kind::Judged,
            json!({
                "verdict": named.decision.verdict, "rule": named.decision.rule, "reasons": named.decision.reasons,
                "risk": named.assessment.class, "risk_reasons": named.assessment.reasons,
            }),
        );
    }
    let model = shared.store.model(&named.found.service.name).map_err(|error| no_model(&error))?;
    let plan = plan::bind(&rules, &named, &shared.validator, &model, &call.payload, &call.options)?;
    trail.row.target = targets::short(&plan.targets);
    trail.row.risk = Some(plan.assessment.class);
    trail.row.verdict = Some(plan.decision.verdict);
    trail.add(
        Kind::Judged,
        json!({
            "verdict": plan.decision.verdict, "rule": plan.decision.rule, "reasons": plan.decision.reasons,
            "risk": plan.assessment.class, "risk_reasons": plan.assessment.reasons,
            "policy_version": plan.policy_version, "payload": plan.masked_payload(),
        }),
    );
    Ok(plan)
}

impl Shared {
    /// The index of all operations.
    pub(super) fn index(&self) -> Result<Arc<Index>, CallError> {
        self.store.index().cloned().map_err(|error| no_model(&error))
    }

    /// What calls are judged by.
    pub(super) fn rules<'a>(
        &'a self,
        index: &'a Index,
        policy: &'a Policy,
        account: &'a str,
        region: &'a str,
    ) -> Rules<'a> {
        Rules {
            index,
            classifier: self.classifier(),
            policy,
            auto_approve: self.limits.auto_approve,
            now: self.clock.now(),
            account,
            profile: self.aws.profile(),
            region,
            uses: None,
        }
    }
}

/// A model that cannot be read is our fault.
pub(super) fn no_model(error: &ModelError) -> CallError {
    CallError::new("Internal", error.to_string())
}
