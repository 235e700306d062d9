//! What a rule with a limit counts, and the verdict on the same call when more is known than at first.

use serde_json::Value;

use super::{Named, Plan, Rules, subject};
use crate::base::Timestamp;
use crate::policy::{self, Decision, Policy, Subject, Tally, Uses};

/// What must be counted before a call of this operation can be judged.
pub fn tallies(rules: &Rules<'_>, named: &Named<'_>) -> Vec<Tally> {
    rules.policy.tallies(&subject(rules, &named.found, named.assessment.class, None))
}

impl Plan {
    /// The verdict on the same call, now that its turn has come, or the keys of its objects are known: each of those is
    /// judged, and the strictest verdict counts.
    pub fn judge_again(&self, policy: &Policy, auto_approve: bool, now: Timestamp, uses: &Uses) -> Decision {
        let class = self.assessment.class;
        let judge = |payload: &Value| {
            let decision = policy.decide(&Subject {
                service: &self.service,
                operation: &self.operation,
                class,
                region: &self.region,
                account: &self.account,
                profile: &self.profile,
                payload: Some(payload),
                now,
                uses: Some(uses),
            });
            if auto_approve { policy::auto_approve(decision, class) } else { decision }
        };
        // Where no rule looks at the payload, one key is as good as another.
        let Some(many) = self.many.as_ref().filter(|_| policy.looks_into_payloads()) else {
            return judge(&self.payload);
        };
        let mut payload = Value::clone(&self.payload);
        let mut strictest: Option<Decision> = None;
        for key in &many.keys {
            if let Some(members) = payload.as_object_mut() {
                members.insert("Key".to_owned(), key.as_str().into());
            }
            let decision = judge(&payload);
            if strictest.as_ref().is_none_or(|strictest| decision.verdict > strictest.verdict) {
                strictest = Some(decision);
            }
        }
        strictest.unwrap_or_else(|| judge(&self.payload))
    }
}
