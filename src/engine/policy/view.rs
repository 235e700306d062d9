//! What the console shows of the policy: its rules with their counts, the edit that waits by its effect, what is odd
//! about either, and what a call would meet. Working it out takes a while; it is kept until one of the texts changes.

use std::sync::Arc;

use super::accept::REJECTED;
use super::{Edit, InForce, digest};
use crate::base::{Digest, Timestamp};
use crate::call::plan;
use crate::call::survey;
use crate::engine::Observer;
use crate::engine::shared::{Shared, lock};
use crate::ledger::RuleHits;
use crate::policy::{Decision, Diff, Entry, Finding, Policy};
use crate::risk::Assessment;

/// The policy in force, and what waits.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyView {
    /// Its number in the ledger; 0 while there is none, and everything is denied.
    pub number: i64,
    /// A short digest of its text.
    pub version: String,
    /// When it was accepted, or taken as it was found.
    pub at: Timestamp,
    /// Fingerprint of the key that accepted it; `None` while nobody has looked at it.
    pub by: Option<String>,
    /// Path of the file.
    pub path: String,
    /// What it says, and how often that has mattered.
    pub rules: Vec<RuleView>,
    /// What is odd about it.
    pub findings: Vec<Finding>,
    /// What a human may accept.
    pub offer: Option<PendingView>,
    /// Why the file is no policy, or is not there.
    pub problem: Option<String>,
}

/// One thing that the policy says.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleView {
    /// What.
    pub entry: Entry,
    /// How often it has matched, if it has.
    pub hits: Option<RuleHits>,
}

/// A policy that a human may accept.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingView {
    /// What names its text to [`Approver::accept_policy`](crate::engine::Approver::accept_policy).
    pub digest: Digest,
    /// A short digest of it.
    pub version: String,
    /// When it was first seen.
    pub since: Timestamp,
    /// Whether it is the one in force, which was taken as it was found.
    pub in_force: bool,
    /// Whether it was rejected.
    pub rejected: bool,
    /// Whether `diff` is against what a human has accepted, and not against a policy that denies everything.
    pub against_accepted: bool,
    /// What it changes.
    pub diff: Diff,
    /// What is odd about it.
    pub findings: Vec<Finding>,
}

/// What a call meets.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// Canonical service name.
    pub service: String,
    /// Exact operation name.
    pub operation: String,
    /// Its class by name, and why.
    pub assessment: Assessment,
    /// The verdict and its trace.
    pub decision: Decision,
}

/// What takes long to find out.
pub(super) struct Worked {
    diff: Diff,
    findings: Vec<Finding>,
    pending_findings: Vec<Finding>,
}

/// A policy that may be accepted.
struct Offer {
    text: String,
    policy: Arc<Policy>,
    since: Timestamp,
    in_force: bool,
}

impl Observer {
    /// The policy in force with its counts, and what waits.
    ///
    /// # Errors
    /// When the ledger or the models cannot be read.
    pub async fn policy(&self) -> Result<PolicyView, String> {
        let shared = &self.shared;
        shared.refresh_policy().await.map_err(|error| error.to_string())?;
        let in_force = shared.policies.in_force();
        let offer = shared.offer(&in_force);
        let worked = work(shared, &in_force, offer.as_ref()).await?;
        let mut hits = shared.ledger.rule_hits().await.map_err(|error| error.to_string())?;
        let rejected = shared.ledger.state(REJECTED).await.map_err(|error| error.to_string())?;
        let rules = in_force.policy.entries().into_iter().map(|entry| {
            let hits = hits.remove(&entry.id);
            RuleView { entry, hits }
        });
        let problem = match &*lock(&shared.policies.edit) {
            Edit::Broken(error) => Some(error.to_string()),
            Edit::None | Edit::Pending(_) => None,
        };
        let offer = offer.map(|offer| {
            let digest = digest(&offer.text);
            PendingView {
                digest,
                version: offer.policy.version().to_owned(),
                since: offer.since,
                in_force: offer.in_force,
                rejected: rejected.is_some_and(|rejected| rejected.as_str() == Some(digest.to_string().as_str())),
                against_accepted: in_force.by.is_some(),
                diff: worked.diff.clone(),
                findings: worked.pending_findings.clone(),
            }
        });
        Ok(PolicyView {
            number: in_force.number,
            version: in_force.policy.version().to_owned(),
            at: in_force.at,
            by: in_force.by.map(|key| key.fingerprint()),
            path: shared.policies.file.name(),
            rules: rules.collect(),
            findings: worked.findings.clone(),
            offer,
            problem,
        })
    }

    /// Looks at the policy's file now, and not only at the next turn.
    pub async fn look_at_policy(&self) {
        self.shared.look_at_policy_file().await;
    }

    /// What a call meets by its name (`s3:DeleteBucket`, in any spelling), in the default region.
    ///
    /// # Errors
    /// How to write it, or the nearest names.
    pub fn explain(&self, call: &str) -> Result<Explained, String> {
        let shared = &self.shared;
        let (service, operation) = call
            .trim()
            .split_once([':', '.'])
            .filter(|(service, operation)| !service.is_empty() && !operation.is_empty())
            .ok_or("write SERVICE:OPERATION, as in s3:DeleteBucket")?;
        let index = shared.index().map_err(|error| error.to_string())?;
        let policy = shared.policy();
        let account = lock(&shared.status).account.clone().unwrap_or_default();
        let rules = shared.rules(&index, &policy, &account, shared.aws.region());
        let named = plan::name(&rules, service, operation).map_err(|error| error.message)?;
        Ok(Explained {
            service: named.found.service.name.clone(),
            operation: named.found.operation.name.to_owned(),
            assessment: named.assessment,
            decision: named.decision,
        })
    }
}

impl Shared {
    /// The edit that waits, or the policy that was taken as it was found.
    fn offer(&self, in_force: &InForce) -> Option<Offer> {
        if let Edit::Pending(pending) = &*lock(&self.policies.edit) {
            let (text, policy) = (pending.text.clone(), Arc::clone(&pending.policy));
            return Some(Offer { text, policy, since: pending.since, in_force: false });
        }
        (in_force.number > 0 && in_force.by.is_none()).then(|| Offer {
            text: in_force.text.clone(),
            policy: Arc::clone(&in_force.policy),
            since: in_force.at,
            in_force: true,
        })
    }
}

/// Diff and findings; from the last time, if the texts are the same.
async fn work(shared: &Arc<Shared>, in_force: &Arc<InForce>, offer: Option<&Offer>) -> Result<Arc<Worked>, String> {
    let reviewed = in_force.by.is_some();
    let texts = serde_json::json!([in_force.text, reviewed, offer.map(|offer| &offer.text)]);
    let key = Digest::of_json("countersign policy view v1", &texts);
    if let Some((known, worked)) = &*lock(&shared.policies.worked)
        && *known == key
    {
        return Ok(Arc::clone(worked));
    }
    let (shared, in_force) = (Arc::clone(shared), Arc::clone(in_force));
    let offered = offer.map(|offer| Arc::clone(&offer.policy));
    let done = tokio::task::spawn_blocking(move || {
        let index = shared.index().map_err(|error| error.to_string())?;
        let facts = survey::facts(&index, shared.classifier());
        let findings = survey::findings(&in_force.policy, &index, &facts);
        // What nobody has looked at is no measure: the human is told everything that becomes possible.
        let closed = Policy::closed();
        let old = if reviewed { &*in_force.policy } else { &closed };
        let new = offered.as_deref().unwrap_or(old);
        let diff = Diff::of(old, new, &facts);
        let pending_findings =
            offered.as_deref().map(|offered| survey::findings(offered, &index, &facts)).unwrap_or_default();
        let worked = Arc::new(Worked { diff, findings, pending_findings });
        *lock(&shared.policies.worked) = Some((key, Arc::clone(&worked)));
        Ok(worked)
    });
    done.await.map_err(|error| error.to_string())?
}
