//! Names: every service and every operation of the snapshot, in every spelling that people, SDKs, the AWS CLI, IAM
//! and CloudFormation have for it.

use std::collections::BTreeMap;
use std::process::Command;

use countersign::catalog::names::{normalize, same};
use countersign::catalog::{Index, ResolveError, nearest};

use super::support::{models, moto};

fn index() -> &'static Index {
    models::store().index().unwrap()
}

/// The services a spelling stands for.
fn services(index: &Index, spelling: &str) -> Vec<String> {
    match index.resolve_service(spelling) {
        Ok(service) => vec![service.name.clone()],
        Err(ResolveError::AmbiguousService { choices, .. }) => choices,
        Err(_) => Vec::new(),
    }
}

#[test]
fn every_service_is_found_by_every_name_of_its_own() {
    let index = index();
    let mut missed = Vec::new();
    let mut ambiguous: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for service in index.services() {
        let names = [
            Some(&service.name),
            Some(&service.sdk_id),
            Some(&service.title),
            Some(&service.endpoint_prefix),
            Some(&service.signing_name),
            service.arn_namespace.as_ref(),
            service.cloudformation_name.as_ref(),
        ];
        assert_eq!(
            services(index, &service.name),
            std::slice::from_ref(&service.name),
            "its own name is never ambiguous"
        );
        for name in names.into_iter().flatten() {
            let mut spellings = vec![
                name.to_uppercase(),
                name.to_lowercase(),
                name.replace([' ', '-', '.'], "_"),
                name.replace([' ', '-', '.'], ""),
            ];
            if !name.starts_with("AWS") && !name.starts_with("Amazon") {
                spellings.extend([format!("AWS {name}"), format!("amazon-{name}")]);
            }
            let expected = services(index, name);
            for spelling in spellings {
                if services(index, &spelling) != expected {
                    missed.push(format!("{spelling}: {:?}, not {expected:?}", services(index, &spelling)));
                }
            }
            let own = expected.contains(&service.name);
            // A name that is another service's own is that service's.
            let bare = name.trim_start_matches("Amazon ").trim_start_matches("AWS ");
            if !own && !index.service(&expected[0]).is_some_and(|other| same(&other.name, bare)) {
                missed.push(format!("{name} of {}: {expected:?}", service.name));
            }
            if expected.len() > 1 {
                ambiguous.insert(normalize(name), expected);
            }
        }
    }
    let listed: Vec<String> =
        ambiguous.iter().map(|(name, choices)| format!("{name}: {}", choices.join(" "))).collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    assert_eq!(listed, COLLISIONS, "{}", listed.join("\n"));
}

/// Every name that several services bear, and which.
const COLLISIONS: &[&str] = &[
    "amazonpinpointsmsandvoiceservice: pinpoint-sms-voice sms-voice",
    "amazonsimpleemailservice: ses sesv2",
    "awsmarketplace: marketplace-agreement marketplace-catalog marketplace-deployment marketplace-discovery \
     marketplace-entitlement marketplace-reporting meteringmarketplace",
    "cassandra: keyspaces keyspacesstreams",
    "elasticloadbalancing: elb elbv2",
    "email: pinpoint-email ses sesv2",
    "executeapi: apigatewaymanagementapi connectparticipant",
    "lex: lex-models lex-runtime lexv2-models lexv2-runtime",
    "smsvoicepinpoint: pinpoint-sms-voice sms-voice",
    "timestream: timestream-query timestream-write timestream-influxdb",
];

#[test]
fn services_go_by_what_cloudformation_iam_and_the_cli_call_them() {
    let index = index();
    // What is written, and the services it stands for.
    let table = [
        // The AWS CLI's own names.
        ("s3api", "s3"),
        ("configservice", "config"),
        ("deploy", "codedeploy"),
        ("runtime.sagemaker", "sagemaker-runtime"),
        ("lex-models", "lex-models"),
        ("iot-jobs-data", "iot-jobs-data"),
        ("stepfunctions", "stepfunctions"),
        ("elbv2", "elbv2"),
        ("waf-regional", "waf-regional"),
        // CloudFormation's.
        ("AWS::S3::Bucket", "s3"),
        ("AWS::ElasticLoadBalancingV2", "elbv2"),
        ("AWS::CertificateManager", "acm"),
        ("AWS::StepFunctions", "stepfunctions"),
        ("AWS::Elasticsearch", "es"),
        ("AWS::OpenSearchService", "opensearch"),
        ("AWS::KinesisFirehose", "firehose"),
        ("AWS::AmazonMQ", "mq"),
        ("AWS::MSK", "kafka"),
        ("AWS::EventSchemas", "schemas"),
        ("AWS::GroundStation", "groundstation"),
        ("AWS::Cassandra", "keyspaces keyspacesstreams"),
        ("AWS::APS", "amp"),
        ("AWS::InspectorV2", "inspector2"),
        ("AWS::Lex", "lex-models lex-runtime lexv2-models lexv2-runtime"),
        ("AWS::Cognito", "cognito-identity cognito-idp"),
        ("AWS::SSMContacts", "ssm-contacts"),
        ("AWS::Route53RecoveryReadiness", "route53-recovery-readiness"),
        ("AWS::ResourceExplorer2", "resource-explorer-2"),
        ("AWS::EMR", "emr"),
        ("AWS::Logs", "logs"),
        ("AWS::Synthetics", "synthetics"),
        ("AWS::DocDB", "docdb"),
        ("AWS::ServiceDiscovery", "servicediscovery"),
        ("AWS::DirectoryService", "ds"),
        ("AWS::RefactorSpaces", "migration-hub-refactor-spaces"),
        ("AWS::Route53RecoveryControl", "route53-recovery-control-config"),
        ("AWS::S3Express", "s3"),
        ("AWS::S3ObjectLambda", "s3control"),
        ("AWS::SMSVOICE", "sms-voice"),
        ("AWS::SystemsManagerSAP", "ssm-sap"),
        ("AWS::Timestream", "timestream-query timestream-write timestream-influxdb"),
        ("AWS::PCAConnectorAD", "pca-connector-ad"),
        ("AWS::BCMDataExports", "bcm-data-exports"),
        ("AWS::ACMPCA", "acm-pca"),
        ("AWS::ServiceCatalogAppRegistry", "servicecatalog-appregistry"),
        ("AWS::ResourceGroups", "resource-groups"),
        ("AWS::Location", "location"),
        ("AWS::CUR", "cur"),
        ("AWS::CE", "ce"),
        ("AWS::SSO", "sso"),
        // ARNs', IAM's and its principals.
        ("elasticmapreduce", "emr"),
        ("states", "stepfunctions"),
        ("aoss", "opensearchserverless"),
        ("airflow", "mwaa"),
        ("mobiletargeting", "pinpoint"),
        ("geo", "location"),
        ("cassandra", "keyspaces keyspacesstreams"),
        ("aps", "amp"),
        ("catalog", "servicecatalog"),
        ("tag", "resourcegroupstaggingapi"),
        ("monitoring", "cloudwatch"),
        ("elasticfilesystem", "efs"),
        ("lambda.amazonaws.com", "lambda"),
        ("elasticmapreduce.amazonaws.com", "emr"),
        // SDKs' and people's.
        ("ELBv2", "elbv2"),
        ("elasticloadbalancingv2", "elbv2"),
        ("sfn", "stepfunctions"),
        ("Amazon Simple Storage Service", "s3"),
        ("AWS Lambda", "lambda"),
        ("ApiGatewayV2", "apigatewayv2"),
        ("CognitoIdentityProvider", "cognito-idp"),
        ("CloudWatch Logs", "logs"),
        ("EventBridge", "events"),
        ("SESv2", "sesv2"),
    ];
    let wrong: Vec<String> = table
        .iter()
        .map(|(spelling, expected)| (spelling, services(index, spelling).join(" "), expected))
        .filter(|(_, found, expected)| found != *expected)
        .map(|(spelling, found, expected)| format!("{spelling}: {found}, not {expected}"))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn operations_go_by_what_iam_and_the_cli_call_them() {
    let index = index();
    let table = [
        ("rds", "describe-db-instances", "DescribeDBInstances"),
        ("rds", "describe_db_instances", "DescribeDBInstances"),
        ("ec2", "create-nat-gateway", "CreateNatGateway"),
        ("cloudhsm", "list-hsms", "ListHsms"),
        ("ec2", "describeVpcs", "DescribeVpcs"),
        ("iam", "GETUSER", "GetUser"),
        ("iam", "iam:GetUser", "GetUser"),
        ("emr", "elasticmapreduce:RunJobFlow", "RunJobFlow"),
        ("s3", "s3:ListAllMyBuckets", "ListBuckets"),
        ("s3", "list objects v2", "ListObjectsV2"),
        ("lambda", "lambda:InvokeFunction", "Invoke"),
        ("emr", "terminate-clusters", "TerminateJobFlows"),
        ("rds", "add-option-to-option-group", "ModifyOptionGroup"),
        ("mturk", "list-hi-ts-for-qualification-type", "ListHITsForQualificationType"),
        ("dynamodb", " dynamodb.PutItem ", "PutItem"),
    ];
    for (service, spelling, expected) in table {
        assert_eq!(index.resolve(service, spelling).unwrap().operation.name, expected, "{service} {spelling}");
    }
    // Another service's action is not taken for this one's.
    let wrong = index.resolve("s3", "s3control:ListJobs").unwrap_err();
    assert!(matches!(wrong, ResolveError::UnknownOperation { .. }), "{wrong}");
}

/// Prints service, operation, the CLI's spelling and Python's, as botocore makes them.
const SPELLINGS: &str = "
from botocore import xform_name
from botocore.loaders import Loader
loader = Loader()
for service in loader.list_available_services('service-2'):
    for name in loader.load_service_model(service, 'service-2')['operations']:
        print(service, name, xform_name(name, '-'), xform_name(name, '_'), sep='\\t')
";

#[test]
fn every_operation_is_found_by_the_clis_and_pythons_spelling() {
    let python = match moto::environment() {
        Ok(python) => python,
        Err(reason) => {
            println!("left out: botocore's spellings ({reason})");
            return;
        }
    };
    let output = Command::new(python).args(["-c", SPELLINGS]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let index = index();
    let (mut checked, mut unknown) = (0, 0);
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [service, name, dashed, snake] = fields[..] else { panic!("{line}") };
        // The snapshot and the installed botocore need not be of one day.
        let known = index.service(service).is_some_and(|service| index.operation(service, name).is_some());
        if !known {
            unknown += 1;
            continue;
        }
        checked += 1;
        for spelling in [dashed, snake] {
            let found =
                index.resolve(service, spelling).unwrap_or_else(|error| panic!("{service} {spelling}: {error}"));
            assert_eq!((found.service.name.as_str(), found.operation.name), (service, name), "{spelling}");
        }
    }
    println!("{checked} operations in both spellings, {unknown} that the snapshot does not have");
    assert!(checked > 19_000, "{checked}");
}

#[test]
fn what_is_not_found_is_answered_in_two_kilobytes() {
    let index = index();
    let long = "x".repeat(100_000);
    let shown = "\u{1b}[2J\u{202e}\u{1f4a9}".repeat(10_000);
    let spellings =
        ["", " ", "s", "s4", "lamda", "DescribeInstance", "Get", "elasticloadbalancing", "aws", &long, &shown];
    for service in spellings.iter().chain(&["ec2", "iam", "rds", "cognito", "data", "timestream"]) {
        for operation in spellings.iter().chain(&["DescribeInstancesX", "listTagsForResource", "list-tags-for-resorce"])
        {
            if let Err(error) = index.resolve(service, operation) {
                let text = error.to_string();
                assert!(text.len() <= 2048, "{} bytes: {text}", text.len());
                assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
            }
        }
    }
    let told = |service: &str, operation: &str| index.resolve(service, operation).unwrap_err().to_string();
    assert_eq!(
        told("lamda", "Invoke"),
        "there is no AWS service `lamda`; nearest: lambda, lambda-core, lambda-microvms, lambda-web"
    );
    assert_eq!(
        told("ec2", "DescribeInstance"),
        "ec2 has no operation `DescribeInstance`; nearest: DescribeInstances, DescribeInstanceTypes, \
         DescribeInstanceStatus, DescribeInstanceTopology, DescribeInstanceAttribute; of that name elsewhere: \
         connect:DescribeInstance, sso-admin:DescribeInstance"
    );
    assert_eq!(nearest("", [("a", "a")]), Vec::<String>::new());
}
