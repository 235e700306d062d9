//! The two tools that only look: search and schema. They answer from the models alone; nothing is sent.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::shared::{Shared, lock};
use crate::base::Verdict;
use crate::call::{CallError, SchemaCall, SearchCall, plan};
use crate::catalog::schema::{self, Detail};
use crate::catalog::sentence;

/// `searchOperations`
pub(super) fn search(shared: &Arc<Shared>, arguments: &Map<String, Value>) -> Result<Value, CallError> {
    let call = SearchCall::read(arguments)?;
    let catalogue = shared.catalogue();
    let index = catalogue.index()?;
    let searcher = catalogue.searcher(index);
    let policy = shared.policy();
    let account = lock(&shared.status).account.clone().unwrap_or_default();
    let rules = shared.rules(index, &policy, &account, shared.aws.region());
    let mut hidden = 0_usize;
    let mut results = Vec::new();
    // What the service lists hide is not shown; more is asked for, so that it does not crowd out the rest.
    for hit in searcher.search(&call.query, call.service_hint.as_deref(), call.limit.saturating_mul(3)) {
        if policy.hidden(&hit.service) {
            hidden += 1;
            continue;
        }
        if results.len() == call.limit {
            break;
        }
        let named = plan::name(&rules, &hit.service, &hit.operation)?;
        results.push(json!({
            "service": hit.service,
            "operation": hit.operation,
            "summary": sentence::summary(named.found.service, &hit.operation, named.found.operation.summary),
            "risk": named.assessment.class,
            "verdict": named.decision.verdict,
            "score": (f64::from(hit.score) * 1_000.0).round() / 1_000.0,
        }));
    }
    let mut reply = json!({"count": results.len(), "results": results});
    if let (true, Some(map)) = (results_empty(&reply), reply.as_object_mut()) {
        let hint = match (&call.service_hint, hidden) {
            (_, 1..) => "what fits belongs to services that the policy hides; ask the user".to_owned(),
            (Some(service), 0) => match index.resolve_service(service) {
                Ok(_) => "nothing fits; use other words, or leave serviceHint out".to_owned(),
                Err(error) => error.to_string(),
            },
            (None, 0) => "nothing fits; use the words of the AWS documentation, such as \"list buckets\"".to_owned(),
        };
        map.insert("hint".into(), hint.into());
    }
    Ok(reply)
}

fn results_empty(reply: &Value) -> bool {
    reply.get("count").and_then(Value::as_u64) == Some(0)
}

/// `getOperationSchema`
pub(super) fn schema(shared: &Arc<Shared>, arguments: &Map<String, Value>) -> Result<Value, CallError> {
    let call = SchemaCall::read(arguments)?;
    let catalogue = shared.catalogue();
    let index = catalogue.index()?;
    let policy = shared.policy();
    let account = lock(&shared.status).account.clone().unwrap_or_default();
    let rules = shared.rules(index, &policy, &account, shared.aws.region());
    let named = plan::name(&rules, &call.service, &call.operation)?;
    let (service, name) = (named.found.service, named.found.operation.name);
    if policy.hidden(&service.name) {
        return Err(CallError::new("PolicyDenied", format!("the policy hides the service {}", service.name))
            .with("rule", named.decision.rule.as_str())
            .with("reasons", named.decision.reasons.clone()));
    }
    let model = catalogue.model(&service.name)?;
    let operation = model
        .operation(name)
        .ok_or_else(|| CallError::new("OperationNotFound", format!("the model of {} has no {name}", service.name)))?;
    let detail = if call.full { Detail::Full } else { Detail::Compact };
    let input = schema::input_schema(&model, operation, detail, call.path.as_deref())
        .map_err(|error| CallError::new("InvalidArguments", error.to_string()))?;
    let waiters: Vec<&String> = model
        .waiters
        .iter()
        .filter(|(_, waiter)| waiter.get("operation").and_then(Value::as_str) == Some(name))
        .map(|(waiter, _)| waiter)
        .collect();
    let mut reply = json!({
        "service": service.name,
        "operation": name,
        "schema": input,
        "description": sentence::summary(service, name, operation.documentation.as_deref()),
        "risk": named.assessment.class,
        "riskReasons": named.assessment.reasons,
        "verdict": named.decision.verdict,
        "paginated": operation.paginator.is_some(),
        "waiters": waiters,
    });
    if let (Verdict::Ask | Verdict::Deny, Some(map)) = (named.decision.verdict, reply.as_object_mut()) {
        map.insert("rule".into(), named.decision.rule.into());
    }
    Ok(reply)
}
