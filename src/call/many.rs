//! A call that stands for many: the files of a folder, each an object of its own, judged by each of their keys.

use serde_json::Value;

use super::blobs::{Blob, becomes_objects};
use super::plan::Plan;
use crate::base::Timestamp;
use crate::policy::{self, Decision, Policy, Subject, Uses};

/// A call that stands for as many as a folder has files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Many {
    /// The keys of the objects.
    pub keys: Vec<String>,
    /// Bytes altogether.
    pub bytes: u64,
    /// The folder, as the payload has it (untrusted).
    pub from: String,
}

impl Many {
    /// What the human is told of them.
    pub(super) fn sentence(&self, payload: &Value) -> String {
        let of = |name: &str| payload.get(name).and_then(Value::as_str).unwrap_or_default();
        let Self { keys, bytes, from } = self;
        let (count, bucket, key) = (keys.len(), of("Bucket"), of("Key"));
        format!(
            "Uploads the {count} files ({bytes} bytes) of the folder {from} to the S3 bucket {bucket}, beneath {key}."
        )
    }
}

impl Plan {
    /// Whether files of a folder in the place of this blob become objects of their own.
    pub fn uploads_folders(&self, blob: &Blob) -> bool {
        becomes_objects(&self.service, &self.operation, &blob.member)
    }

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
