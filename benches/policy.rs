//! How long a verdict takes with few and with a thousand rules, by name and with a payload. The goal is 50 µs.
//! `cargo bench --bench policy`

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use countersign::base::{RiskClass, Timestamp};
use countersign::policy::{Policy, SHIPPED, Subject};
use serde_json::{Value, json};

const CALLS: [(&str, &str, RiskClass); 6] = [
    ("s3", "ListBuckets", RiskClass::Read),
    ("s3", "DeleteObjects", RiskClass::Destructive),
    ("ec2", "DescribeInstances", RiskClass::Read),
    ("secretsmanager", "GetSecretValue", RiskClass::Secret),
    ("dynamodb", "PutItem", RiskClass::Write),
    ("lambda", "Invoke", RiskClass::Execute),
];

/// A policy of `number` rules: a third each denies, asks and allows; every tenth is narrowed.
fn rules(number: usize) -> Result<Policy, Box<dyn std::error::Error>> {
    let mut lists = [String::new(), String::new(), String::new()];
    for index in 0..number {
        let service =
            ["s3", "ec2", "lambda", "dynamodb", "secretsmanager", "sqs", "rds"].get(index % 7).unwrap_or(&"s3");
        let pattern = format!("^{service}:(Get|List|Describe|Put|Delete)Thing{index}");
        let narrow = match index % 10 {
            0 => ", parameters: {Bucket: '^tmp-', Delete.Objects.Key: '^x/'}",
            5 => ", regions: [eu-*], hours: 'Mon-Fri 08:00-18:00 Europe/Berlin'",
            _ => "",
        };
        if let Some(list) = lists.get_mut(index % 3) {
            list.push_str(&format!("    - {{match: '{pattern}'{narrow}}}\n"));
        }
    }
    let [deny, ask, allow] = lists;
    // Some that match every call, narrowed ones among them.
    let more = "    - '^(s3|ec2):'\n    - {match: '.*', parameters: {Bucket: '^demo', Delete.Objects.Key: '^x/'}}\n";
    let text = format!("version: 1\nrules:\n  deny:\n{deny}  ask:\n{ask}{more}  allow:\n{allow}{more}default: ask\n");
    Ok(Policy::parse(&text, "bench")?)
}

#[expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
fn measure(what: &str, policy: &Policy, payload: Option<&Value>) {
    const RUNS: usize = 2_000;
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|run| {
            let (service, operation, class) =
                CALLS.get(run % CALLS.len()).copied().unwrap_or(("s3", "X", RiskClass::Read));
            let subject = Subject {
                service,
                operation,
                class,
                region: "eu-central-1",
                account: "111122223333",
                profile: "default",
                payload,
                now: Timestamp::from_millis(1_767_268_800_000),
                uses: None,
            };
            let start = Instant::now();
            black_box(policy.decide(black_box(&subject)));
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    let at = |part: usize| times.get(RUNS * part / 100).copied().unwrap_or_default();
    println!("{what:<45} median {:>10.3?}   p99 {:>10.3?}", at(50), at(99));
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let payload = json!({"Bucket": "demo", "Delete": {"Objects": (0..100).map(|n| json!({"Key": format!("x/{n}")})).collect::<Vec<_>>()}});
    let shipped = Policy::parse(SHIPPED, "policy.yaml")?;
    measure("the shipped policy, by name", &shipped, None);
    measure("the shipped policy, 100 objects", &shipped, Some(&payload));
    for number in [100, 1_000] {
        let policy = rules(number)?;
        measure(&format!("{number} rules, by name"), &policy, None);
        measure(&format!("{number} rules, 100 objects"), &policy, Some(&payload));
    }
    Ok(())
}
