//! Payloads of our own, one or more for every rule of the risk classes (`tests/cases.txt`), and what a line cannot say.

use serde_json::{Value, json};

use crate::risk::{
    Classifier,
    RiskClass::{self, Destructive, Privilege, Read, Secret, Write},
    classifier::tests::{facts_of, index},
    reviewed::class,
};

fn check(cases: &[(String, Value, RiskClass)]) {
    let (index, classifier) = (index(), Classifier::embedded());
    let mut wrong = Vec::new();
    for (subject, payload, expected) in cases {
        let (service, operation) = subject.split_once(':').expect("a service and an operation");
        let facts = facts_of(&index, service, operation);
        let entry = index.operation(index.service(service).expect("a service"), operation).expect("an operation");
        for name in payload.as_object().expect("members").keys() {
            assert!(entry.members().any(|member| member.name == name), "{subject} has no member {name}");
        }
        let assessment = classifier.classify_call(&facts, payload);
        if assessment.class != *expected || assessment.reasons.is_empty() {
            wrong.push(format!("{subject} {payload}: expected {expected}, got {assessment:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn calls_are_judged_by_their_payload() {
    let lines = include_str!("tests/cases.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let cases: Vec<_> = lines
        .map(|line| {
            let mut fields = line.splitn(3, ' ');
            let subject = fields.next().expect("a subject").to_owned();
            let expected = class(fields.next().expect("a class")).expect("a class");
            (subject, serde_json::from_str(fields.next().expect("a payload")).expect("JSON"), expected)
        })
        .collect();
    assert!(cases.len() > 300, "{}", cases.len());
    check(&cases);
}

fn policy(effect: &str, principal: &Value, action: &str) -> String {
    let statement = json!({"Effect": effect, "Principal": principal, "Action": action, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

#[test]
fn policy_documents_count_also_as_text() {
    let everybody = policy("Allow", &json!("*"), "s3:GetObject");
    let account = policy("Allow", &json!({"AWS": "arn:aws:iam::111122223333:root"}), "sqs:SendMessage");
    let all: Vec<_> = [
        ("s3:PutBucketPolicy", json!({"Bucket": "b", "Policy": everybody}), Privilege),
        ("sqs:SetQueueAttributes", json!({"QueueUrl": "u", "Attributes": {"Policy": account}}), Privilege),
        ("sqs:CreateQueue", json!({"QueueName": "q", "Attributes": {"Policy": everybody}}), Privilege),
        ("sqs:CreateQueue", json!({"QueueName": "q", "Attributes": {"Policy": account}}), Write),
        (
            "sns:SetTopicAttributes",
            json!({"TopicArn": "t", "AttributeName": "Policy", "AttributeValue": account}),
            Privilege,
        ),
        ("kms:CreateKey", json!({"Policy": policy("Allow", &json!({"AWS": "*"}), "kms:*")}), Privilege),
        (
            "iam:PutRolePolicy",
            json!({"RoleName": "r", "PolicyName": "p", "PolicyDocument": policy("Deny", &json!("*"), "*")}),
            Privilege,
        ),
        ("opensearch:UpdateDomainConfig", json!({"DomainName": "d", "AccessPolicies": everybody}), Privilege),
        ("accessanalyzer:ValidatePolicy", json!({"policyDocument": everybody, "policyType": "RESOURCE_POLICY"}), Read),
        ("sts:AssumeRole", json!({"RoleArn": "r", "RoleSessionName": "s", "Policy": everybody}), Secret),
    ]
    .into_iter()
    .map(|(subject, payload, expected)| (subject.to_owned(), payload, expected))
    .collect();
    check(&all);
}

#[test]
fn overwriting_counts_unless_it_is_forbidden() {
    let (index, classifier) = (index(), Classifier::embedded());
    for (subject, payload, class, also) in [
        ("s3:PutObject", json!({"Bucket": "b", "Key": "k"}), Write, vec![Destructive]),
        ("s3:PutObject", json!({"Bucket": "b", "Key": "k", "IfNoneMatch": "*"}), Write, vec![]),
        ("dynamodb:PutItem", json!({"TableName": "t", "Item": {}}), Write, vec![Destructive]),
        (
            "dynamodb:PutItem",
            json!({"TableName": "t", "Item": {}, "ConditionExpression": "attribute_not_exists(id)"}),
            Write,
            vec![],
        ),
        ("ssm:PutParameter", json!({"Name": "n", "Value": "v", "Overwrite": true}), Write, vec![Destructive]),
        ("ssm:PutParameter", json!({"Name": "n", "Value": "v"}), Write, vec![]),
        (
            "rds:ModifyDBInstance",
            json!({"DBInstanceIdentifier": "d", "PubliclyAccessible": true, "DeletionProtection": false}),
            Privilege,
            vec![Destructive],
        ),
    ] {
        let (service, operation) = subject.split_once(':').expect("a service and an operation");
        let assessment = classifier.classify_call(&facts_of(&index, service, operation), &payload);
        assert_eq!((assessment.class, assessment.also), (class, also), "{subject} {payload}");
    }
}

#[test]
fn templates_count_as_json_and_as_yaml() {
    let yaml = "Resources:\n  Role:\n    Type: AWS::IAM::Role # trust\n";
    let ingress = json!([{"CidrIp": "0.0.0.0/0"}]);
    let open = json!({"Resources": {"G": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": ingress}}}});
    let bucket = json!({"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}).to_string();
    let cases: Vec<_> = [
        ("CreateStack", json!({"StackName": "s", "TemplateBody": bucket}), Write),
        ("CreateStack", json!({"StackName": "s", "TemplateBody": open.to_string()}), Privilege),
        ("CreateStack", json!({"StackName": "s", "TemplateBody": yaml}), Privilege),
        (
            "CreateStack",
            json!({"StackName": "s", "TemplateBody": "Resources:\n  B:\n    Type: AWS::S3::Bucket\n"}),
            Write,
        ),
        ("CreateStack", json!({"StackName": "s", "TemplateBody": "      - CidrIp: 0.0.0.0/0\n"}), Privilege),
        ("CreateChangeSet", json!({"StackName": "s", "ChangeSetName": "c", "TemplateBody": open.to_string()}), Write),
        ("UpdateStack", json!({"StackName": "s", "TemplateBody": bucket}), Destructive),
    ]
    .into_iter()
    .map(|(operation, payload, expected)| (format!("cloudformation:{operation}"), payload, expected))
    .collect();
    check(&cases);
}

#[test]
fn a_payload_too_large_to_look_through_is_asked() {
    let names: Vec<Value> = (0..50_000).map(|number| json!(number)).collect();
    check(&[(
        "autoscaling:UpdateAutoScalingGroup".to_owned(),
        json!({"AutoScalingGroupName": "g", "AvailabilityZones": names}),
        Destructive,
    )]);
}

#[test]
fn names_from_agents_are_shown_harmless() {
    let (index, classifier) = (index(), Classifier::embedded());
    let payload = json!({"QueueUrl": "u", "Attributes": {"Sse\u{1b}[2JEnabled": "false"}});
    let assessment = classifier.classify_call(&facts_of(&index, "sqs", "SetQueueAttributes"), &payload);
    assert_eq!(assessment.class, Destructive);
    assert!(assessment.reasons.iter().all(|reason| !reason.contains('\u{1b}')), "{assessment:?}");
}
