//! Tests of the store: every embedded service, real spellings, folders and damage.

use std::collections::BTreeSet;

use super::*;
use crate::{
    catalog::{names::normalize, resolve::ResolveError},
    smithy::{Location, ShapeType},
};

#[test]
fn every_embedded_service_loads() {
    let store = Store::embedded();
    let index = store.index().unwrap();
    assert_eq!((index.services().len(), index.operation_count()), (439, 19_796));
    assert_eq!(index.source(), "botocore 1.44.5");
    for entry in index.services() {
        let model = store.model(&entry.name).unwrap();
        let service = &model.service;
        assert_eq!(
            (&service.name, &service.sdk_id, &service.endpoint_prefix, &service.signing_name),
            (&entry.name, &entry.sdk_id, &entry.endpoint_prefix, &entry.signing_name)
        );
        assert!(model.endpoint_rules.is_some(), "{} has no endpoint rules", entry.name);
        let names: Vec<&str> = index.operations(entry).map(|operation| operation.name).collect();
        assert_eq!(names, model.operations.keys().map(String::as_str).collect::<Vec<_>>(), "{}", entry.name);
        for (light, operation) in index.operations(entry).zip(model.operations.values()) {
            let input = model.input(operation).map(|input| input.members.as_slice()).unwrap_or_default();
            let members: Vec<(&str, bool)> = light.members().map(|member| (member.name, member.required)).collect();
            assert_eq!(members, input.iter().map(|member| (&*member.name, member.required)).collect::<Vec<_>>());
            assert_eq!((light.method, light.readonly), (&*operation.http.method, operation.readonly));
        }
    }
}

/// What resolution relies on: no two names of one service are one after normalization.
#[test]
fn no_two_names_are_one() {
    let store = Store::embedded();
    let index = store.index().unwrap();
    let services: BTreeSet<String> = index.services().iter().map(|service| normalize(&service.name)).collect();
    assert_eq!(services.len(), index.services().len());
    for service in index.services() {
        let names: BTreeSet<String> = index.operations(service).map(|operation| normalize(operation.name)).collect();
        assert_eq!(names.len(), service.operation_count(), "{}", service.name);
    }
}

#[test]
fn real_spellings() {
    let store = Store::embedded();
    let index = store.index().unwrap();
    let table = [
        ("s3", "DeleteObject", "s3:DeleteObject"),
        ("S3", "delete-object", "s3:DeleteObject"),
        ("Amazon S3", "delete_object", "s3:DeleteObject"),
        ("s3api", "Delete Object", "s3:DeleteObject"),
        ("elbv2", "DescribeTargetGroups", "elbv2:DescribeTargetGroups"),
        ("elasticloadbalancingv2", "describe-target-groups", "elbv2:DescribeTargetGroups"),
        ("ELBv2", "describeTargetGroups", "elbv2:DescribeTargetGroups"),
        ("states", "StartExecution", "stepfunctions:StartExecution"),
        ("stepfunctions", "StartExecution", "stepfunctions:StartExecution"),
        ("Step-Functions", "start_execution", "stepfunctions:StartExecution"),
        ("sfn", "StartExecution", "stepfunctions:StartExecution"),
        ("logs", "PutLogEvents", "logs:PutLogEvents"),
        ("CloudWatch Logs", "PutLogEvents", "logs:PutLogEvents"),
        ("monitoring", "PutMetricData", "cloudwatch:PutMetricData"),
        ("cloudwatch", "PutMetricData", "cloudwatch:PutMetricData"),
        ("eventbridge", "PutEvents", "events:PutEvents"),
        ("events", "PutEvents", "events:PutEvents"),
        ("cognito-idp", "AdminCreateUser", "cognito-idp:AdminCreateUser"),
        ("Cognito Identity Provider", "AdminCreateUser", "cognito-idp:AdminCreateUser"),
        ("rds", "DescribeDBInstances", "rds:DescribeDBInstances"),
        ("dynamodb", "batch-write-item", "dynamodb:BatchWriteItem"),
        ("certificate-manager", "DeleteCertificate", "acm:DeleteCertificate"),
        ("configservice", "DescribeConfigRules", "config:DescribeConfigRules"),
        ("deploy", "CreateDeployment", "codedeploy:CreateDeployment"),
        ("AWS Lambda", "invoke", "lambda:Invoke"),
        ("bedrock-runtime", "InvokeModel", "bedrock-runtime:InvokeModel"),
        ("kafka", "ListClusters", "kafka:ListClusters"),
        ("MSK", "ListClusters", "kafka:ListClusters"),
    ];
    for (service, operation, expected) in table {
        let found = index.resolve(service, operation).unwrap();
        assert_eq!(format!("{}:{}", found.service.name, found.operation.name), expected, "{service} {operation}");
    }
}

#[test]
fn real_mistakes() {
    let store = Store::embedded();
    let index = store.index().unwrap();
    let table = [
        (
            "elasticloadbalancing",
            "DescribeTargetGroups",
            "`elasticloadbalancing` stands for several services: name one of elbv2, elb",
        ),
        ("email", "SendEmail", "`email` stands for several services: name one of pinpoint-email, ses, sesv2"),
        ("cognito", "GetId", "`cognito` stands for several services: name one of cognito-identity, cognito-idp"),
        (
            "timestream",
            "Query",
            "`timestream` stands for several services: name one of timestream-query, timestream-write, \
             timestream-influxdb",
        ),
        (
            "lamda",
            "Invoke",
            "there is no AWS service `lamda`; nearest: lambda, lambda-core, lambda-microvms, lambda-web",
        ),
        ("dynamo", "GetItem", "there is no AWS service `dynamo`; nearest: dynamodb, dynamodbstreams"),
    ];
    for (service, operation, expected) in table {
        let message = index.resolve(service, operation).unwrap_err().to_string();
        assert_eq!(message, expected, "{service} {operation}");
    }
    assert_eq!(
        index.resolve("s3", "DeletBucket").unwrap_err(),
        ResolveError::UnknownOperation {
            service: "s3".to_owned(),
            spelling: "DeletBucket".to_owned(),
            nearest: ["DeleteBucket", "DeleteBucketCors", "CreateBucket", "HeadBucket", "DeleteBucketPolicy"]
                .map(str::to_owned)
                .to_vec(),
            elsewhere: Vec::new(),
        }
    );
    assert_eq!(
        index.resolve("s3", "invoke").unwrap_err(),
        ResolveError::UnknownOperation {
            service: "s3".to_owned(),
            spelling: "invoke".to_owned(),
            nearest: Vec::new(),
            elsewhere: vec!["lambda:Invoke".to_owned()],
        }
    );
}

/// Facts of services that everything else leans on.
#[test]
fn facts_of_well_known_services() {
    let store = Store::embedded();
    let s3 = store.model("s3").unwrap();
    assert_eq!(
        (s3.service.xml_namespace.as_deref(), s3.service.no_error_wrapping),
        (Some("http://s3.amazonaws.com/doc/2006-03-01/"), true)
    );
    let put = s3.input(&s3.operations["PutObject"]).unwrap();
    let body = put.member("Body").unwrap();
    assert_eq!((body.traits().location.as_ref(), body.traits().streaming), (Some(&Location::Payload), true));
    let label = Location::Label("Bucket".to_owned());
    assert_eq!(
        (put.member("Bucket").unwrap().required, put.member("Bucket").unwrap().traits().location.as_ref()),
        (true, Some(&label))
    );
    assert_eq!(s3.operations["DeleteBucket"].http.uri, "/{Bucket}");
    assert_eq!(s3.shape("Expires").unwrap().kind, ShapeType::Timestamp, "an sdk extra");
    let objects = s3.output(&s3.operations["ListObjectsV2"]).unwrap().member("Contents").unwrap();
    assert!(objects.traits().flattened);

    let dynamodb = store.model("dynamodb").unwrap();
    assert_eq!(dynamodb.service.shape_name, "DynamoDB_20120810");
    assert_eq!(dynamodb.operations["Scan"].paginator.as_ref().unwrap().input_token, ["ExclusiveStartKey"]);
    assert!(dynamodb.waiters.contains_key("TableExists"));

    let partitions = store.partitions().unwrap();
    assert_eq!(partitions["partitions"][0]["id"], "aws");
    assert_eq!(store.version("s3").unwrap().len(), 16);
    assert_ne!(store.version("s3").unwrap(), store.version("sts").unwrap());
}

#[test]
fn a_model_is_loaded_once() {
    let store = Store::embedded();
    let models: Vec<Arc<Model>> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..4).map(|_| scope.spawn(|| store.model("sts").unwrap())).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    assert!(models.iter().all(|model| Arc::ptr_eq(model, &models[0])));
    let error = store.model("no\u{7}such").unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no model of `no\\u{7}such`; `countersign models status` lists the services"
    );
}

#[test]
fn damage_is_named() {
    let home = tempfile::TempDir::new().unwrap();
    let folder = home.path();
    let store = || Store::folder(folder);
    let place = format!("the models in {}", folder.display());
    let again = "run `countersign models import` again";

    let message = store().index().unwrap_err().to_string();
    assert_eq!(message, format!("{place}: index.zst cannot be used (No such file or directory (os error 2)); {again}"));
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    write(INDEX, &zstd::bulk::compress(b"something else", 1).unwrap());
    let message = store().index().unwrap_err().to_string();
    assert_eq!(message, format!("{place}: this is no index of models for this version of countersign; {again}"));

    for file in [INDEX, "sts.json.zst", "sns.json.zst", PARTITIONS] {
        write(file, embedded::file(file).unwrap());
    }
    assert_eq!(store().model("sts").unwrap(), Store::embedded().model("sts").unwrap());
    assert_eq!(store().partitions().unwrap(), Store::embedded().partitions().unwrap());
    write("sts.json.zst", embedded::file("sns.json.zst").unwrap());
    let message = store().model("sts").unwrap_err().to_string();
    assert_eq!(
        message,
        format!("{place}: sts.json.zst cannot be used (it is not the one the index was made of); {again}")
    );
    let message = store().model("s3").unwrap_err().to_string();
    assert_eq!(
        message,
        format!("{place}: s3.json.zst cannot be used (No such file or directory (os error 2)); {again}")
    );
    write(PARTITIONS, b"junk");
    let message = store().partitions().unwrap_err().to_string();
    assert!(message.contains("partitions.json.zst cannot be used"), "{message}");
}
