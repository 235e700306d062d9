//! Any text is a policy or an error with words; whatever policy it is, what deletes is never simply allowed.

#![no_main]

use countersign::base::{RiskClass, Timestamp, Verdict};
use countersign::policy::{Policy, Subject};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Policy::parse(text, "policy.yaml") {
        Err(error) => {
            assert!(!error.problems.is_empty());
            assert!(error.to_string().contains("help: "));
        }
        Ok(policy) => {
            let payload = sample();
            for (class, payload) in RiskClass::ALL.into_iter().flat_map(|class| [(class, None), (class, Some(&payload))]) {
                let subject = Subject {
                    service: "s3",
                    operation: "DeleteBucket",
                    class,
                    region: "eu-central-1",
                    account: "",
                    profile: "default",
                    payload,
                    now: Timestamp::from_millis(1_767_268_800_000),
                    uses: None,
                };
                let decision = policy.decide(&subject);
                assert_eq!(decision, policy.decide(&subject));
                assert_eq!(decision.trace.iter().filter(|matched| matched.decided).count(), 1);
                assert!(class != RiskClass::Destructive || decision.verdict >= Verdict::Ask);
            }
        }
    }
});

fn sample() -> serde_json::Value {
    serde_json::json!({"Bucket": "demo", "Tags": [{"Key": "a"}, {}], "Body": {"$path": "x"}, "Policy": "{\"a\":[1]}"})
}
