//! How long it takes to check payloads and to write schemas, and what that leaves in memory.
//! `cargo bench --bench validate`

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use countersign::catalog::schema::{Detail, input_schema};
use countersign::models::Store;
use countersign::validate::Validator;
use serde_json::{Value, json};

/// Resident memory in KiB; 0 where the system does not tell.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}

#[expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
fn measure(what: &str, runs: usize, mut run: impl FnMut()) {
    let before = resident();
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    let at = |share: usize| times.get(runs * share / 100).copied().unwrap_or_default();
    let grown = resident().saturating_sub(before);
    println!("{what:<46} p50 {:>10.3?}   p99 {:>10.3?}   memory +{grown} KiB", at(50), at(99));
}

/// Payloads of the usual kinds, good and bad.
fn payloads() -> Vec<(&'static str, &'static str, Value)> {
    let tags: Vec<Value> = (0..50).map(|at| json!({"Key": format!("k{at}"), "Value": "v"})).collect();
    let items: Vec<Value> = (0..25)
        .map(|at| json!({"PutRequest": {"Item": {"id": {"S": at.to_string()}, "n": {"N": "1"}, "b": {"B": "aGk="}}}}))
        .collect();
    vec![
        ("sts", "GetCallerIdentity", json!({})),
        ("s3", "PutObject", json!({"Bucket": "b-1", "Key": "k", "Body": "aGVsbG8=", "Metadata": {"a": "b"}})),
        ("s3", "DeleteBucket", json!({"Bukcet": "b-1"})),
        ("ec2", "TerminateInstances", json!({"InstanceIds": ["i-0123456789abcdef0"], "DryRun": "true"})),
        (
            "ec2",
            "RunInstances",
            json!({
                "ImageId": "ami-0123456789abcdef0", "MinCount": 1, "MaxCount": "2", "InstanceType": "t3.micro",
                "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8, "VolumeType": "gp3"}}],
                "TagSpecifications": [{"ResourceType": "instance", "Tags": tags}]
            }),
        ),
        ("dynamodb", "BatchWriteItem", json!({"RequestItems": {"table": items}})),
        (
            "lambda",
            "CreateFunction",
            json!({"FunctionName": "f", "Role": "arn:aws:iam::1:role/r", "Code": {"ZipFile": 7}, "Runtime": "python3"}),
        ),
    ]
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = Store::embedded();
    let validator = Validator::new();
    for (service, operation, payload) in payloads() {
        let model = store.model(service)?;
        let found = model.operation(operation).ok_or("no such operation")?;
        measure(&format!("validate {service}:{operation}"), 2_000, || {
            black_box(validator.bind(&model, found, &payload).is_ok());
        });
    }
    let hostile: Value = json!({"Bucket": "b", "Key": "k", "Metadata":
        Value::Object((0..1_000_000).map(|at| (format!("k{at}"), json!(1))).collect())});
    let s3 = store.model("s3")?;
    let put = s3.operation("PutObject").ok_or("no such operation")?;
    measure("validate s3:PutObject with a million keys", 5, || {
        black_box(validator.bind(&s3, put, &hostile).is_ok());
    });
    for (service, operation) in [("s3", "PutObject"), ("ec2", "RunInstances"), ("mediaconvert", "CreateJob")] {
        let model = store.model(service)?;
        let found = model.operation(operation).ok_or("no such operation")?;
        for (detail, which) in [(Detail::Compact, "compact"), (Detail::Full, "full")] {
            measure(&format!("schema {service}:{operation}, {which}"), 50, || {
                black_box(input_schema(&model, found, detail, None).is_ok());
            });
        }
    }
    Ok(())
}
