//! Well-known accidents, and what the engine with the shipped policy says to each: class, reasons, verdict. The README
//! shows some of them.

use std::fmt::Write as _;

use countersign::cli::demo::server;
use countersign::mcp::socket::Socket;
use countersign::mcp::{Host, ToolNames};
use rmcp::ServiceExt as _;
use serde_json::{Value, json};
use tokio::net::UnixStream;
use tokio_util::sync::CancellationToken;

use crate::support::house::{call, engine, paths};

const SHIPPED: &str = include_str!("../../policy.yaml");
const README: &str = include_str!("../../README.md");

/// What happened, the call that did it, the verdict and the class that stop it.
struct Accident {
    what: &'static str,
    service: &'static str,
    operation: &'static str,
    payload: Value,
    verdict: &'static str,
    /// None where it is denied before its payload is looked at.
    class: Option<&'static str>,
}

/// `service:Operation`, the verdict, the class: the call's line.
fn accident(
    what: &'static str,
    call: &'static str,
    payload: Value,
    verdict: &'static str,
    class: &'static str,
) -> Accident {
    let (service, operation) = call.split_once(':').unwrap();
    Accident { what, service, operation, payload, verdict, class: Some(class).filter(|class| !class.is_empty()) }
}

fn everybody(action: &str) -> String {
    let statement =
        json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "arn:aws:s3:::billing/*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

#[expect(clippy::too_many_lines, reason = "it is a table")]
fn accidents() -> Vec<Accident> {
    let ip = json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
    let expiry =
        json!({"Rules": [{"ID": "all", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]});
    let records = json!({"Changes": [
        {"Action": "UPSERT", "ResourceRecordSet": {"Name": "a.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}},
        {"Action": "DELETE", "ResourceRecordSet": {"Name": "mail.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}},
    ]});
    let batch = json!({"orders": [
        {"PutRequest": {"Item": {"id": {"S": "1"}}}},
        {"DeleteRequest": {"Key": {"id": {"S": "2"}}}},
    ]});
    vec![
        accident(
            "a bucket made public",
            "s3:PutBucketPolicy",
            json!({"Bucket": "billing", "Policy": everybody("s3:GetObject")}),
            "ask",
            "privilege",
        ),
        accident(
            "one object made public",
            "s3:PutObject",
            json!({"Bucket": "billing", "Key": "a", "ACL": "public-read"}),
            "ask",
            "privilege",
        ),
        accident(
            "a lifecycle rule that expires everything",
            "s3:PutBucketLifecycleConfiguration",
            json!({"Bucket": "billing", "LifecycleConfiguration": expiry}),
            "ask",
            "destructive",
        ),
        accident(
            "rows deleted by PartiQL",
            "dynamodb:ExecuteStatement",
            json!({"Statement": "/* tidy */ dElEtE FROM \"orders\" WHERE id = '7'"}),
            "ask",
            "destructive",
        ),
        accident(
            "a delete hidden in a batch of writes",
            "dynamodb:BatchWriteItem",
            json!({"RequestItems": batch}),
            "ask",
            "destructive",
        ),
        accident(
            "a table dropped by SQL",
            "athena:StartQueryExecution",
            json!({"QueryString": "-- monthly report\nDROP TABLE sales"}),
            "ask",
            "destructive",
        ),
        accident(
            "every row overwritten",
            "rds-data:ExecuteStatement",
            json!({"resourceArn": "arn:aws:rds:eu-west-1:111122223333:cluster:c", "secretArn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s", "sql": "UPDATE users SET plan = 'free'"}),
            "ask",
            "destructive",
        ),
        accident("the trail stopped", "cloudtrail:StopLogging", json!({"Name": "main"}), "deny", ""),
        accident(
            "the trail records no changes any more",
            "cloudtrail:PutEventSelectors",
            json!({"TrailName": "main", "EventSelectors": [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": true}]}),
            "ask",
            "destructive",
        ),
        accident(
            "threat detection switched off",
            "guardduty:UpdateDetector",
            json!({"DetectorId": "12abc34d567e8fa901bc2d34e56789f0", "Enable": false}),
            "ask",
            "destructive",
        ),
        accident(
            "logs kept for one day",
            "logs:PutRetentionPolicy",
            json!({"logGroupName": "/prod/app", "retentionInDays": 1}),
            "ask",
            "destructive",
        ),
        accident(
            "a key scheduled for deletion",
            "kms:ScheduleKeyDeletion",
            json!({"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab", "PendingWindowInDays": 7}),
            "deny",
            "",
        ),
        accident(
            "SSH opened to the world",
            "ec2:AuthorizeSecurityGroupIngress",
            json!({"GroupId": "sg-0123456789abcdef0", "IpPermissions": ip}),
            "ask",
            "privilege",
        ),
        accident(
            "a snapshot shared with everybody",
            "ec2:ModifySnapshotAttribute",
            json!({"SnapshotId": "snap-0123456789abcdef0", "Attribute": "createVolumePermission", "OperationType": "add", "GroupNames": ["all"]}),
            "ask",
            "privilege",
        ),
        accident(
            "IMDSv1 allowed again",
            "ec2:ModifyInstanceMetadataOptions",
            json!({"InstanceId": "i-0123456789abcdef0", "HttpTokens": "optional"}),
            "ask",
            "privilege",
        ),
        accident(
            "instances terminated by the list",
            "ec2:TerminateInstances",
            json!({"InstanceIds": ["i-0123456789abcdef0", "i-0123456789abcdef1"]}),
            "ask",
            "destructive",
        ),
        accident(
            "a group scaled to zero",
            "autoscaling:UpdateAutoScalingGroup",
            json!({"AutoScalingGroupName": "web", "MinSize": 0, "MaxSize": 0, "DesiredCapacity": 0}),
            "ask",
            "destructive",
        ),
        accident(
            "a user made administrator",
            "iam:AttachUserPolicy",
            json!({"UserName": "dev", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
            "deny",
            "",
        ),
        accident(
            "deletion protection off",
            "rds:ModifyDBInstance",
            json!({"DBInstanceIdentifier": "prod", "DeletionProtection": false}),
            "ask",
            "destructive",
        ),
        accident(
            "a database deleted without a snapshot",
            "rds:DeleteDBInstance",
            json!({"DBInstanceIdentifier": "prod", "SkipFinalSnapshot": true}),
            "ask",
            "destructive",
        ),
        accident(
            "a record deleted among others",
            "route53:ChangeResourceRecordSets",
            json!({"HostedZoneId": "Z0123456789", "ChangeBatch": records}),
            "ask",
            "destructive",
        ),
        accident("a secret read", "secretsmanager:GetSecretValue", json!({"SecretId": "prod/db"}), "ask", "secret"),
        accident(
            "a parameter decrypted",
            "ssm:GetParameter",
            json!({"Name": "/prod/db", "WithDecryption": true}),
            "ask",
            "secret",
        ),
        accident(
            "a function URL without a login",
            "lambda:CreateFunctionUrlConfig",
            json!({"FunctionName": "admin", "AuthType": "NONE"}),
            "ask",
            "privilege",
        ),
        accident(
            "a command on every instance",
            "ssm:SendCommand",
            json!({"DocumentName": "AWS-RunShellScript", "Targets": [{"Key": "tag:env", "Values": ["prod"]}], "Parameters": {"commands": ["df -h"]}}),
            "ask",
            "execute",
        ),
        accident(
            "an administrator hidden in a template",
            "cloudformation:CreateStack",
            json!({"StackName": "s", "TemplateBody": "Resources:\n  R:\n    Type: AWS::IAM::Role\n"}),
            "ask",
            "privilege",
        ),
    ]
}

/// A line of the README's table.
fn line(accident: &Accident) -> String {
    let class = accident.class.unwrap_or("not looked at");
    format!(
        "| {} | `{}:{}` | {class} | **{}** |",
        accident.what, accident.service, accident.operation, accident.verdict
    )
}

#[tokio::test]
async fn accidents_meet_a_human_or_a_no() {
    let home = tempfile::tempdir().unwrap();
    let (address, s3) = server::start(&home.path().join("s3")).await.unwrap();
    let engine = engine(&paths(&home), address, SHIPPED).await;
    let shutdown = CancellationToken::new();
    let socket = Socket::bind(&paths(&home).socket()).await.unwrap();
    let host = Host::new(std::sync::Arc::new(engine.door()), ToolNames::Underscore);
    let listener = tokio::spawn(socket.serve(host, shutdown.clone()));
    let client = ().serve(UnixStream::connect(paths(&home).socket()).await.unwrap().into_split()).await.unwrap();

    let mut told = String::new();
    let accidents = accidents();
    for accident in &accidents {
        let Accident { what, service, operation, payload, verdict, class } = accident;
        let asked = json!({"action": "validate", "service": service, "operation": operation, "payload": payload});
        let said = call(&client, "aws_execute", asked).await;
        let (found, seen, reasons) = match said.pointer("/error/type").and_then(Value::as_str) {
            Some("PolicyDenied") => (&json!("deny"), None, said.pointer("/error/reasons").cloned()),
            _ => (&said["verdict"], said["risk"].as_str(), said.get("riskReasons").cloned()),
        };
        assert_eq!((found, seen), (&json!(verdict), *class), "{what}: {said}");
        let reasons: Vec<String> = serde_json::from_value(reasons.unwrap_or_default()).unwrap();
        let rule = said["rule"].as_str().or(said.pointer("/error/rule").and_then(Value::as_str)).unwrap();
        writeln!(told, "{what}: {service}:{operation}\n  {} by {rule}", found.as_str().unwrap()).unwrap();
        for reason in reasons {
            writeln!(told, "  {reason}").unwrap();
        }
    }
    insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("accidents", told);
    });
    let lines: Vec<String> = accidents.iter().map(line).collect();
    let (_, shown) = README.split_once("| accident |").unwrap();
    let shown: Vec<&str> = shown.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
    let other: Vec<&&str> = shown.iter().filter(|shown| !lines.iter().any(|line| line == **shown)).collect();
    assert!(other.is_empty(), "the README shows what is not said: {other:#?}\nout of {lines:#?}");
    assert!(shown.len() >= 10, "{shown:#?}");
    drop(client);
    shutdown.cancel();
    listener.await.unwrap();
    engine.stop().await;
    s3.abort();
}
