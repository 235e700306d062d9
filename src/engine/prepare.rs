//! From arguments to a plan: the pure steps of `call::plan`, with the model loaded in between.

use std::sync::Arc;

use super::record::Trail;
use super::shared::{Shared, lock};
use crate::base::Verdict;
use crate::call::plan::{self, Plan, Rules};
use crate::call::{CallError, ExecuteCall};
use crate::catalog::{Index, targets};
use crate::policy::{Policy, Tally, Uses};

/// Plans a call and notes the judgement in its trail.
///
/// # Errors
/// Everything that ends a call before a human or AWS is asked.
pub(super) async fn prepare(shared: &Arc<Shared>, trail: &mut Trail, call: &ExecuteCall) -> Result<Plan, CallError> {
    // Whatever engine accepted another policy: from this call on it rules.
    if let Err(error) = Box::pin(shared.refresh_policy()).await {
        return Err(shared.unreadable(&error).await);
    }
    let catalogue = shared.catalogue();
    let index = catalogue.index()?;
    let policy = shared.policy();
    let region = call.region.clone().unwrap_or_else(|| shared.aws.region().to_owned());
    let account = lock(&shared.status).account.clone().unwrap_or_default();
    let rules = shared.rules(index, &policy, &account, &region);
    let named = plan::name(&rules, &call.service, &call.operation)?;
    trail.row.service.clone_from(&named.found.service.name);
    named.found.operation.name.clone_into(&mut trail.row.operation);
    trail.row.region.clone_from(&region);
    trail.row.risk = Some(named.assessment.class);
    trail.row.verdict = Some(named.decision.verdict);
    if named.decision.verdict == Verdict::Deny {
        trail.judge(&named.decision, &named.assessment, policy.version(), None);
    }
    let model = catalogue.model(&named.found.service.name)?;
    let tallies = plan::tallies(&rules, &named);
    let uses = counted(shared, &tallies).await?;
    let rules = Rules { uses: Some(&uses), ..rules };
    let plan = plan::bind(&rules, &named, &shared.validator, &model, &call.payload, &call.options)?;
    trail.row.target = targets::short(&plan.targets);
    trail.judge(&plan.decision, &plan.assessment, &plan.policy_version, Some(plan.masked_payload()));
    Ok(plan)
}

/// How many calls were sent that rules with a limit count.
async fn counted(shared: &Shared, tallies: &[Tally]) -> Result<Uses, CallError> {
    if tallies.is_empty() {
        return Ok(Uses::new());
    }
    match shared.ledger.uses(tallies, shared.clock.now()).await {
        Ok(uses) => Ok(uses),
        Err(error) => Err(shared.unreadable(&error).await),
    }
}

/// Takes the call's turn with rules that have a limit, and judges it by its place: of two calls that want the last
/// one, one gets it. A call that is not sent then (it is denied, or has yet to be `asked` about) gives it back.
///
/// # Errors
/// When the ledger cannot be written.
pub(super) async fn turn(
    shared: &Arc<Shared>,
    trail: &mut Trail,
    mut plan: Plan,
    asked: bool,
) -> Result<Plan, CallError> {
    if plan.tallies.is_empty() {
        return Ok(plan);
    }
    let now = shared.clock.now();
    let uses = match shared.ledger.take_turn(trail.tx(), plan.tallies.clone(), now).await {
        Ok(uses) => uses,
        Err(error) => return Err(shared.unreadable(&error).await),
    };
    let before = plan.decision.verdict;
    plan.decision = plan.judge_again(&shared.policy(), shared.limits.auto_approve, now, &uses);
    if plan.decision.verdict != before {
        trail.judge(&plan.decision, &plan.assessment, &plan.policy_version, None);
    }
    let sent = match plan.decision.verdict {
        Verdict::Allow => true,
        Verdict::Ask => asked,
        Verdict::Deny => false,
    };
    if !sent && let Err(error) = shared.ledger.give_turn_back(trail.tx()).await {
        return Err(shared.unreadable(&error).await);
    }
    Ok(plan)
}

/// Judges a call that stands for many by each of its keys, and notes a verdict that is another.
///
/// # Errors
/// When the ledger cannot be read.
pub(super) async fn judge_many(shared: &Arc<Shared>, trail: &mut Trail, plan: &mut Plan) -> Result<(), CallError> {
    let uses = counted(shared, &plan.tallies).await?;
    let before = plan.decision.verdict;
    plan.decision = plan.judge_again(&shared.policy(), shared.limits.auto_approve, shared.clock.now(), &uses);
    if plan.decision.verdict != before {
        trail.judge(&plan.decision, &plan.assessment, &plan.policy_version, None);
    }
    Ok(())
}

impl Shared {
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
