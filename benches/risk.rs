//! How long the class of a call takes: by name, with small and middling payloads, with statements.
//! `cargo bench --bench risk`

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use countersign::call::plan::facts_of;
use countersign::models::Store;
use countersign::risk::Classifier;
use serde_json::{Value, json};

#[expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
fn measure(what: &str, mut run: impl FnMut()) {
    const RUNS: usize = 500;
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    let at = |part: usize| times.get(RUNS * part / 100).copied().unwrap_or_default();
    println!("{what:<55} median {:>10.3?}   p99 {:>10.3?}", at(50), at(99));
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = Store::embedded();
    let index = store.index()?;
    let classifier = Classifier::embedded();
    let permissions: Vec<Value> =
        (0..50).map(|n| json!({"IpProtocol": "tcp", "FromPort": n, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]})).collect();
    for (service, operation, payload) in [
        ("s3", "ListBuckets", json!({})),
        ("s3", "PutObject", json!({"Bucket": "b", "Key": "k", "Body": "eA==", "ContentType": "text/plain"})),
        ("rds", "ModifyDBInstance", json!({"DBInstanceIdentifier": "d", "DeletionProtection": false})),
        ("ec2", "TerminateInstances", json!({"InstanceIds": ["i-0123456789abcdef0"]})),
        ("ec2", "AuthorizeSecurityGroupIngress", json!({"GroupId": "sg-1", "IpPermissions": permissions})),
        ("dynamodb", "ExecuteStatement", json!({"Statement": "SELECT * FROM \"orders\" WHERE id = '7'"})),
        (
            "rds-data",
            "ExecuteStatement",
            json!({"sql": "UPDATE users SET name = 'x' WHERE id IN (SELECT id FROM gone)"}),
        ),
    ] {
        let found = index.resolve(service, operation)?;
        let facts = facts_of(&found);
        let size = payload.to_string().len();
        measure(&format!("{service}:{operation} by name"), || {
            black_box(classifier.classify(&facts));
        });
        measure(&format!("{service}:{operation}, {size} bytes"), || {
            black_box(classifier.classify_call(&facts, &payload));
        });
    }
    Ok(())
}
