//! Payloads of our own, one or more for every rule of the risk classes.

use serde_json::{Value, json};

use crate::risk::{
    Classifier,
    RiskClass::{self, Destructive, Execute, Privilege, Read, Secret, Write},
    classifier::tests::{facts_of, index},
};

fn check(cases: &[(&str, Value, RiskClass)]) {
    let (index, classifier) = (index(), Classifier::embedded());
    let mut wrong = Vec::new();
    for (subject, payload, expected) in cases {
        let (service, operation) = subject.split_once(':').expect("a service and an operation");
        let assessment = classifier.classify_call(&facts_of(&index, service, operation), payload);
        if assessment.class != *expected || assessment.reasons.is_empty() {
            wrong.push(format!("{subject} {payload}: expected {expected}, got {assessment:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn policy(effect: &str, principal: &Value, action: &str) -> String {
    let statement = json!({"Effect": effect, "Principal": principal, "Action": action, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

#[test]
fn dry_runs_have_no_effect() {
    check(&[
        ("ec2:TerminateInstances", json!({"InstanceIds": ["i-1"], "DryRun": true}), Read),
        ("ec2:TerminateInstances", json!({"InstanceIds": ["i-1"], "DryRun": false}), Destructive),
        ("ec2:TerminateInstances", json!({"InstanceIds": ["i-1"]}), Destructive),
        ("ec2:AuthorizeSecurityGroupIngress", json!({"DryRun": true, "CidrIp": "0.0.0.0/0"}), Read),
        ("kms:Decrypt", json!({"CiphertextBlob": "aGk=", "DryRun": true}), Read),
        ("logs:PutAccountPolicy", json!({"policyName": "p", "dryRun": true}), Read),
        (
            "opensearch:UpgradeDomain",
            json!({"DomainName": "d", "TargetVersion": "2.1", "PerformCheckOnly": true}),
            Read,
        ),
        ("lambda:Invoke", json!({"FunctionName": "f", "InvocationType": "Event"}), Execute),
        ("lambda:Invoke", json!({"FunctionName": "f"}), Execute),
        ("dynamodb:PutItem", json!({"TableName": "t", "Item": {"DryRun": {"BOOL": true}}}), Write),
    ]);
}

#[test]
fn a_batch_is_as_bad_as_its_worst_entry() {
    let put = json!({"PutRequest": {"Item": {"id": {"S": "1"}}}});
    let delete = json!({"DeleteRequest": {"Key": {"id": {"S": "1"}}}});
    check(&[
        ("dynamodb:BatchWriteItem", json!({"RequestItems": {"a": [put, put], "b": [put]}}), Write),
        ("dynamodb:BatchWriteItem", json!({"RequestItems": {"a": [put, put], "b": [put, delete]}}), Destructive),
        (
            "dynamodb:BatchWriteItem",
            json!({"RequestItems": {"a": [{"PutRequest": {"Item": {"DeleteRequest": {"S": "no"}}}}]}}),
            Write,
        ),
        (
            "dynamodb:TransactWriteItems",
            json!({"TransactItems": [
                {"Put": {"TableName": "t", "Item": {}}},
                {"Delete": {"TableName": "t", "Key": {"id": {"S": "1"}}}},
            ]}),
            Destructive,
        ),
        (
            "dynamodb:TransactWriteItems",
            json!({"TransactItems": [{"Update": {"TableName": "t", "Key": {"id": {"S": "1"}}}}]}),
            Write,
        ),
        (
            "route53:ChangeResourceRecordSets",
            json!({"HostedZoneId": "Z", "ChangeBatch": {"Changes": [
                {"Action": "CREATE", "ResourceRecordSet": {"Name": "a.example", "Type": "A", "TTL": 5}},
                {"Action": "DELETE", "ResourceRecordSet": {"Name": "b.example", "Type": "A", "TTL": 5}},
            ]}}),
            Destructive,
        ),
        (
            "route53:ChangeResourceRecordSets",
            json!({"HostedZoneId": "Z", "ChangeBatch": {"Changes": [
                {"Action": "CREATE", "ResourceRecordSet": {"Name": "a.example", "Type": "TXT", "TTL": 5}},
            ]}}),
            Write,
        ),
        (
            "cloudfront-keyvaluestore:UpdateKeys",
            json!({"KvsARN": "a", "IfMatch": "e", "Deletes": [{"Key": "k"}]}),
            Destructive,
        ),
        (
            "cloudfront-keyvaluestore:UpdateKeys",
            json!({"KvsARN": "a", "IfMatch": "e", "Puts": [{"Key": "k", "Value": "v"}]}),
            Write,
        ),
        (
            "waf:UpdateIPSet",
            json!({"IPSetId": "i", "ChangeToken": "t", "Updates": [{"Action": "DELETE", "IPSetDescriptor": {"Type": "IPV4", "Value": "192.0.2.0/24"}}]}),
            Destructive,
        ),
        (
            "dynamodb:UpdateTable",
            json!({"TableName": "t", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "i"}}]}),
            Destructive,
        ),
    ]);
}

#[test]
fn statements_are_judged_by_their_effect() {
    check(&[
        ("rds-data:ExecuteStatement", json!({"resourceArn": "r", "secretArn": "s", "sql": "select 1"}), Read),
        (
            "rds-data:ExecuteStatement",
            json!({"resourceArn": "r", "secretArn": "s", "sql": "dRoP/**/TABLE t"}),
            Destructive,
        ),
        ("rds-data:BatchExecuteStatement", json!({"sql": "INSERT INTO t VALUES (:a)", "parameterSets": []}), Write),
        ("redshift-data:BatchExecuteStatement", json!({"Sqls": ["select 1", "truncate t"]}), Destructive),
        ("redshift-data:ExecuteStatement", json!({"Sql": "UNLOAD ('select * from t') TO 's3://b/'"}), Write),
        ("athena:StartQueryExecution", json!({"QueryString": "CREATE TABLE n AS SELECT * FROM o"}), Write),
        ("athena:StartQueryExecution", json!({"QueryString": "INSERT OVERWRITE t SELECT 1"}), Destructive),
        ("athena:StartQueryExecution", json!({"QueryString": "SELECT 'drop table x'"}), Read),
        ("dynamodb:ExecuteStatement", json!({"Statement": "SELECT * FROM \"Music\" WHERE Artist='Delete'"}), Read),
        (
            "dynamodb:BatchExecuteStatement",
            json!({"Statements": [{"Statement": "SELECT * FROM t"}, {"Statement": "DELETE FROM t WHERE a='1'"}]}),
            Destructive,
        ),
        (
            "dynamodb:ExecuteTransaction",
            json!({"TransactStatements": [{"Statement": "INSERT INTO t VALUE {'a':'1'}"}]}),
            Write,
        ),
        ("neptunedata:ExecuteOpenCypherQuery", json!({"openCypherQuery": "MATCH (n) RETURN n"}), Read),
        ("neptunedata:ExecuteOpenCypherQuery", json!({"openCypherQuery": "MATCH (n) DETACH DELETE n"}), Destructive),
        ("neptunedata:ExecuteGremlinQuery", json!({"gremlinQuery": "g.V().drop()"}), Destructive),
        ("neptunedata:ExecuteGremlinQuery", json!({"gremlinQuery": "g.V().has('name','drop()').count()"}), Read),
        ("neptunedata:ExecuteGremlinQuery", json!({"gremlinQuery": "g.addV('p').property('n','x')"}), Write),
        (
            "neptune-graph:ExecuteQuery",
            json!({"graphIdentifier": "g", "language": "OPEN_CYPHER", "queryString": "CREATE (n:P)"}),
            Write,
        ),
        ("rds-data:ExecuteStatement", json!({"resourceArn": "r", "secretArn": "s"}), Execute),
        ("ssm:SendCommand", json!({"DocumentName": "AWS-RunShellScript", "Parameters": {"commands": ["ls"]}}), Execute),
        ("codebuild:StartBuild", json!({"projectName": "p", "buildspecOverride": "version: 0.2"}), Execute),
        ("timestream-query:Query", json!({"QueryString": "SELECT 1"}), Read),
    ]);
}

#[test]
fn what_opens_something_is_privilege() {
    let everybody = policy("Allow", &json!("*"), "s3:GetObject");
    let queue = policy("Allow", &json!({"AWS": "arn:aws:iam::111122223333:root"}), "sqs:SendMessage");
    check(&[
        (
            "ec2:AuthorizeSecurityGroupIngress",
            json!({"GroupId": "sg-1", "IpPermissions": [{"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}),
            Privilege,
        ),
        ("ec2:ModifyManagedPrefixList", json!({"PrefixListId": "pl-1", "AddEntries": [{"Cidr": "::/0"}]}), Privilege),
        (
            "ec2:ModifyManagedPrefixList",
            json!({"PrefixListId": "pl-1", "AddEntries": [{"Cidr": "10.1.0.0/16"}]}),
            Write,
        ),
        ("ec2:CreateSecurityGroup", json!({"GroupName": "g", "Description": "opens 0.0.0.0/0"}), Write),
        (
            "ec2:CreateRoute",
            json!({"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}),
            Privilege,
        ),
        (
            "ec2:CreateRoute",
            json!({"RouteTableId": "rtb-1", "DestinationCidrBlock": "10.2.0.0/16", "VpcPeeringConnectionId": "pcx-1"}),
            Write,
        ),
        ("ec2:RevokeSecurityGroupIngress", json!({"GroupId": "sg-1", "CidrIp": "0.0.0.0/0"}), Destructive),
        ("s3:PutBucketPolicy", json!({"Bucket": "b", "Policy": everybody}), Privilege),
        ("s3:PutObject", json!({"Bucket": "b", "Key": "k", "ACL": "public-read"}), Privilege),
        ("s3:PutObject", json!({"Bucket": "b", "Key": "k", "ACL": "private"}), Write),
        ("s3:PutObject", json!({"Bucket": "b", "Key": "k", "GrantRead": "id=1234"}), Privilege),
        ("s3:CreateBucket", json!({"Bucket": "b", "ACL": "public-read-write"}), Privilege),
        ("s3:CreateBucket", json!({"Bucket": "b"}), Write),
        ("sqs:SetQueueAttributes", json!({"QueueUrl": "u", "Attributes": {"Policy": queue}}), Privilege),
        ("sqs:SetQueueAttributes", json!({"QueueUrl": "u", "Attributes": {"VisibilityTimeout": "60"}}), Write),
        ("sqs:CreateQueue", json!({"QueueName": "q", "Attributes": {"Policy": everybody}}), Privilege),
        (
            "sns:SetTopicAttributes",
            json!({"TopicArn": "t", "AttributeName": "Policy", "AttributeValue": queue}),
            Privilege,
        ),
        (
            "sns:SetTopicAttributes",
            json!({"TopicArn": "t", "AttributeName": "DisplayName", "AttributeValue": "x"}),
            Write,
        ),
        ("kms:CreateKey", json!({"Policy": policy("Allow", &json!({"AWS": "*"}), "kms:*")}), Privilege),
        (
            "rds:CreateDBInstance",
            json!({"DBInstanceIdentifier": "d", "Engine": "postgres", "PubliclyAccessible": true}),
            Privilege,
        ),
        (
            "rds:CreateDBInstance",
            json!({"DBInstanceIdentifier": "d", "Engine": "postgres", "PubliclyAccessible": false}),
            Write,
        ),
        ("redshift:ModifyCluster", json!({"ClusterIdentifier": "c", "PubliclyAccessible": true}), Privilege),
        (
            "rds:ModifyDBSnapshotAttribute",
            json!({"DBSnapshotIdentifier": "s", "AttributeName": "restore", "ValuesToAdd": ["all"]}),
            Privilege,
        ),
        (
            "rds:ModifyDBSnapshotAttribute",
            json!({"DBSnapshotIdentifier": "s", "AttributeName": "restore", "ValuesToRemove": ["all"]}),
            Destructive,
        ),
        (
            "ec2:ModifyImageAttribute",
            json!({"ImageId": "ami-1", "LaunchPermission": {"Add": [{"Group": "all"}]}}),
            Privilege,
        ),
        (
            "ec2:ModifyImageAttribute",
            json!({"ImageId": "ami-1", "LaunchPermission": {"Remove": [{"UserId": "111122223333"}]}}),
            Destructive,
        ),
        ("lambda:CreateFunctionUrlConfig", json!({"FunctionName": "f", "AuthType": "NONE"}), Privilege),
        (
            "lambda:AddPermission",
            json!({"FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "*"}),
            Privilege,
        ),
        (
            "lambda:UpdateFunctionConfiguration",
            json!({"FunctionName": "f", "Role": "arn:aws:iam::111122223333:role/admin"}),
            Privilege,
        ),
        ("lambda:UpdateFunctionConfiguration", json!({"FunctionName": "f", "Timeout": 30}), Write),
        ("ec2:ModifyInstanceAttribute", json!({"InstanceId": "i-1", "Groups": ["sg-2"]}), Privilege),
        ("rds:ModifyDBInstance", json!({"DBInstanceIdentifier": "d", "VpcSecurityGroupIds": ["sg-1"]}), Privilege),
        ("rds:ModifyDBCluster", json!({"DBClusterIdentifier": "d", "MasterUserPassword": "new-password"}), Privilege),
        (
            "cognito-identity:UpdateIdentityPool",
            json!({"IdentityPoolId": "i", "IdentityPoolName": "n", "AllowUnauthenticatedIdentities": true}),
            Privilege,
        ),
        (
            "cognito-identity:UpdateIdentityPool",
            json!({"IdentityPoolId": "i", "IdentityPoolName": "n", "AllowUnauthenticatedIdentities": false}),
            Write,
        ),
        (
            "eks:UpdateClusterConfig",
            json!({"name": "c", "resourcesVpcConfig": {"endpointPublicAccess": true, "publicAccessCidrs": ["203.0.113.0/24"]}}),
            Privilege,
        ),
        ("elbv2:CreateLoadBalancer", json!({"Name": "n", "Scheme": "internet-facing"}), Privilege),
        ("elbv2:CreateLoadBalancer", json!({"Name": "n", "Scheme": "internal"}), Write),
        (
            "kafka:UpdateSecurity",
            json!({"ClusterArn": "a", "CurrentVersion": "v", "ClientAuthentication": {"Unauthenticated": {"Enabled": true}}}),
            Privilege,
        ),
        (
            "apigateway:UpdateRestApi",
            json!({"restApiId": "r", "patchOperations": [{"op": "replace", "path": "/policy", "value": "{}"}]}),
            Privilege,
        ),
        (
            "s3:PutPublicAccessBlock",
            json!({"Bucket": "b", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true}}),
            Write,
        ),
        (
            "s3:PutPublicAccessBlock",
            json!({"Bucket": "b", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": false, "RestrictPublicBuckets": true}}),
            Privilege,
        ),
        ("iam:UpdateAccessKey", json!({"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Active"}), Privilege),
        ("iam:UpdateAccessKey", json!({"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Inactive"}), Destructive),
        (
            "iam:PutRolePolicy",
            json!({"RoleName": "r", "PolicyName": "p", "PolicyDocument": policy("Deny", &json!("*"), "*")}),
            Privilege,
        ),
        ("opensearch:UpdateDomainConfig", json!({"DomainName": "d", "AccessPolicies": everybody}), Privilege),
        ("accessanalyzer:ValidatePolicy", json!({"policyDocument": everybody, "policyType": "RESOURCE_POLICY"}), Read),
        ("ram:UpdateResourceShare", json!({"resourceShareArn": "a", "allowExternalPrincipals": true}), Privilege),
        (
            "quicksight:UpdateDashboardPermissions",
            json!({"AwsAccountId": "1", "DashboardId": "d", "RevokePermissions": [{"Principal": "p", "Actions": ["a"]}]}),
            Destructive,
        ),
    ]);
}

#[test]
fn protections_and_retention_taken_away_are_destructive() {
    let trail = |selectors: Value| json!({"TrailName": "t", "EventSelectors": selectors});
    let elb = |key: &str, value: &str| json!({"LoadBalancerArn": "l", "Attributes": [{"Key": key, "Value": value}]});
    check(&[
        ("rds:ModifyDBInstance", json!({"DBInstanceIdentifier": "d", "DeletionProtection": false}), Destructive),
        ("rds:ModifyDBInstance", json!({"DBInstanceIdentifier": "d", "DeletionProtection": true}), Write),
        ("rds:ModifyDBInstance", json!({"DBInstanceIdentifier": "d", "BackupRetentionPeriod": 0}), Destructive),
        ("rds:ModifyDBInstance", json!({"DBInstanceIdentifier": "d", "BackupRetentionPeriod": 30}), Write),
        ("rds:ModifyDBInstance", json!({"DBInstanceIdentifier": "d", "MultiAZ": false}), Destructive),
        (
            "rds:CreateDBInstance",
            json!({"DBInstanceIdentifier": "d", "Engine": "mysql", "DeletionProtection": false}),
            Write,
        ),
        ("docdb:ModifyDBCluster", json!({"DBClusterIdentifier": "d", "DeletionProtection": false}), Destructive),
        ("dynamodb:UpdateTable", json!({"TableName": "t", "DeletionProtectionEnabled": true}), Write),
        (
            "dynamodb:UpdateContinuousBackups",
            json!({"TableName": "t", "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": false}}),
            Destructive,
        ),
        (
            "dynamodb:UpdateContinuousBackups",
            json!({"TableName": "t", "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true}}),
            Write,
        ),
        (
            "dynamodb:UpdateTimeToLive",
            json!({"TableName": "t", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "ttl"}}),
            Destructive,
        ),
        (
            "dynamodb:UpdateTimeToLive",
            json!({"TableName": "t", "TimeToLiveSpecification": {"Enabled": false, "AttributeName": "ttl"}}),
            Write,
        ),
        (
            "s3:PutBucketVersioning",
            json!({"Bucket": "b", "VersioningConfiguration": {"Status": "Suspended"}}),
            Destructive,
        ),
        ("s3:PutBucketLogging", json!({"Bucket": "b", "BucketLoggingStatus": {}}), Destructive),
        (
            "s3:PutBucketLogging",
            json!({"Bucket": "b", "BucketLoggingStatus": {"LoggingEnabled": {"TargetBucket": "l", "TargetPrefix": ""}}}),
            Write,
        ),
        ("s3:PutBucketNotificationConfiguration", json!({"Bucket": "b", "NotificationConfiguration": {}}), Destructive),
        (
            "s3:PutObjectRetention",
            json!({"Bucket": "b", "Key": "k", "Retention": {"Mode": "COMPLIANCE", "RetainUntilDate": "2030-01-01T00:00:00Z"}}),
            Destructive,
        ),
        (
            "s3:PutBucketLifecycleConfiguration",
            json!({"Bucket": "b", "LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]}]}}),
            Write,
        ),
        (
            "s3:PutBucketLifecycleConfiguration",
            json!({"Bucket": "b", "LifecycleConfiguration": {"Rules": [{"Status": "Disabled", "Expiration": {"Days": 1}}]}}),
            Write,
        ),
        (
            "s3:PutBucketLifecycleConfiguration",
            json!({"Bucket": "b", "LifecycleConfiguration": {"Rules": [{"Status": "Disabled"}, {"Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 3}}]}}),
            Destructive,
        ),
        ("logs:PutRetentionPolicy", json!({"logGroupName": "l", "retentionInDays": 1}), Destructive),
        ("logs:PutRetentionPolicy", json!({"logGroupName": "l", "retentionInDays": 3653}), Write),
        (
            "sqs:SetQueueAttributes",
            json!({"QueueUrl": "u", "Attributes": {"MessageRetentionPeriod": "60"}}),
            Destructive,
        ),
        ("cloudtrail:UpdateTrail", json!({"Name": "t", "EnableLogFileValidation": false}), Destructive),
        ("cloudtrail:UpdateTrail", json!({"Name": "t", "IsMultiRegionTrail": false}), Destructive),
        ("cloudtrail:UpdateTrail", json!({"Name": "t", "EnableLogFileValidation": true}), Write),
        ("cloudtrail:PutEventSelectors", trail(json!([])), Destructive),
        (
            "cloudtrail:PutEventSelectors",
            trail(json!([{"ReadWriteType": "All", "IncludeManagementEvents": true}])),
            Write,
        ),
        ("guardduty:UpdateDetector", json!({"DetectorId": "d", "Enable": false}), Destructive),
        (
            "guardduty:UpdateDetector",
            json!({"DetectorId": "d", "Features": [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]}),
            Destructive,
        ),
        ("macie2:UpdateMacieSession", json!({"status": "PAUSED"}), Destructive),
        (
            "ec2:ModifyInstanceAttribute",
            json!({"InstanceId": "i-1", "DisableApiTermination": {"Value": false}}),
            Destructive,
        ),
        ("ec2:ModifyInstanceAttribute", json!({"InstanceId": "i-1", "DisableApiTermination": {"Value": true}}), Write),
        ("ec2:ModifyInstanceAttribute", json!({"InstanceId": "i-1", "InstanceType": {"Value": "m7g.large"}}), Write),
        ("elbv2:ModifyLoadBalancerAttributes", elb("access_logs.s3.enabled", "false"), Destructive),
        ("elbv2:ModifyLoadBalancerAttributes", elb("routing.http2.enabled", "true"), Write),
        (
            "cloudformation:UpdateTerminationProtection",
            json!({"StackName": "s", "EnableTerminationProtection": false}),
            Destructive,
        ),
        (
            "cloudformation:UpdateTerminationProtection",
            json!({"StackName": "s", "EnableTerminationProtection": true}),
            Write,
        ),
        (
            "elasticache:ModifyReplicationGroup",
            json!({"ReplicationGroupId": "r", "AutomaticFailoverEnabled": false}),
            Destructive,
        ),
        ("events:PutRule", json!({"Name": "r", "State": "DISABLED", "ScheduleExpression": "rate(1 day)"}), Destructive),
        ("events:PutRule", json!({"Name": "r", "State": "ENABLED", "ScheduleExpression": "rate(1 day)"}), Write),
        ("cloudwatch:PutMetricAlarm", json!({"AlarmName": "a", "ActionsEnabled": false}), Destructive),
        (
            "ecr:PutImageScanningConfiguration",
            json!({"repositoryName": "r", "imageScanningConfiguration": {"scanOnPush": false}}),
            Destructive,
        ),
        ("kinesis:DecreaseStreamRetentionPeriod", json!({"StreamName": "s", "RetentionPeriodHours": 24}), Destructive),
        (
            "backup:PutBackupVaultLockConfiguration",
            json!({"BackupVaultName": "v", "ChangeableForDays": 3}),
            Destructive,
        ),
        ("ses:UpdateAccountSendingEnabled", json!({"Enabled": false}), Destructive),
        ("kms:DisableKeyRotation", json!({"KeyId": "k"}), Destructive),
        (
            "wafv2:UpdateIPSet",
            json!({"Name": "n", "Scope": "REGIONAL", "Id": "i", "Addresses": [], "LockToken": "l"}),
            Destructive,
        ),
    ]);
}

#[test]
fn capacity_of_zero_and_restarts_are_destructive() {
    check(&[
        ("ecs:UpdateService", json!({"service": "s", "desiredCount": 0}), Destructive),
        ("ecs:UpdateService", json!({"service": "s", "desiredCount": 4}), Write),
        ("ecs:UpdateService", json!({"service": "s", "forceNewDeployment": true}), Write),
        (
            "autoscaling:UpdateAutoScalingGroup",
            json!({"AutoScalingGroupName": "g", "MinSize": 0, "MaxSize": 0}),
            Destructive,
        ),
        ("autoscaling:UpdateAutoScalingGroup", json!({"AutoScalingGroupName": "g", "MinSize": 2}), Write),
        ("lambda:PutFunctionConcurrency", json!({"FunctionName": "f", "ReservedConcurrentExecutions": 0}), Destructive),
        ("lambda:PutFunctionConcurrency", json!({"FunctionName": "f", "ReservedConcurrentExecutions": 50}), Write),
        ("lambda:UpdateEventSourceMapping", json!({"UUID": "u", "Enabled": false}), Destructive),
        (
            "application-autoscaling:RegisterScalableTarget",
            json!({"ServiceNamespace": "ecs", "MinCapacity": 1, "MaxCapacity": 4}),
            Write,
        ),
        (
            "eks:UpdateNodegroupConfig",
            json!({"clusterName": "c", "nodegroupName": "n", "scalingConfig": {"minSize": 0, "maxSize": 1, "desiredSize": 0}}),
            Destructive,
        ),
        (
            "emr:ModifyInstanceGroups",
            json!({"InstanceGroups": [{"InstanceGroupId": "i", "InstanceCount": 0}]}),
            Destructive,
        ),
        ("ec2:CreateImage", json!({"InstanceId": "i-1", "Name": "n"}), Destructive),
        ("ec2:CreateImage", json!({"InstanceId": "i-1", "Name": "n", "NoReboot": true}), Write),
        (
            "rds:ModifyDBInstance",
            json!({"DBInstanceIdentifier": "d", "EngineVersion": "16.3", "ApplyImmediately": true}),
            Destructive,
        ),
        (
            "rds:ModifyDBInstance",
            json!({"DBInstanceIdentifier": "d", "EngineVersion": "16.3", "ApplyImmediately": false}),
            Write,
        ),
        ("gamelift:UpdateFleetCapacity", json!({"FleetId": "f", "DesiredInstances": 0}), Destructive),
    ]);
}

#[test]
fn flags_reveal_or_hide() {
    check(&[
        ("ssm:GetParameter", json!({"Name": "p", "WithDecryption": true}), Secret),
        ("ssm:GetParameter", json!({"Name": "p"}), Read),
        ("ssm:GetParametersByPath", json!({"Path": "/", "WithDecryption": false}), Read),
        ("apigateway:GetApiKeys", json!({"includeValues": true}), Secret),
        ("apigateway:GetApiKey", json!({"apiKey": "k"}), Read),
        ("glue:GetConnections", json!({"HidePassword": true}), Read),
        ("glue:GetConnections", json!({}), Secret),
        ("secretsmanager:GetSecretValue", json!({"SecretId": "s"}), Secret),
        (
            "sts:AssumeRole",
            json!({"RoleArn": "r", "RoleSessionName": "s", "Policy": policy("Allow", &json!("*"), "*")}),
            Secret,
        ),
    ]);
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
fn what_is_inside_counts_in_generic_apis() {
    let yaml = "Resources:\n  Role:\n    Type: AWS::IAM::Role # trust\n";
    let open = json!({"Resources": {"G": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [{"CidrIp": "0.0.0.0/0"}]}}}}).to_string();
    let bucket = json!({"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}).to_string();
    check(&[
        ("cloudformation:CreateStack", json!({"StackName": "s", "TemplateBody": bucket}), Write),
        ("cloudformation:CreateStack", json!({"StackName": "s", "TemplateBody": open}), Privilege),
        ("cloudformation:CreateStack", json!({"StackName": "s", "TemplateBody": yaml}), Privilege),
        (
            "cloudformation:CreateStack",
            json!({"StackName": "s", "TemplateURL": "https://b/t", "Capabilities": ["CAPABILITY_NAMED_IAM"]}),
            Privilege,
        ),
        ("cloudformation:UpdateStack", json!({"StackName": "s", "UsePreviousTemplate": true}), Destructive),
        (
            "cloudformation:CreateChangeSet",
            json!({"StackName": "s", "ChangeSetName": "c", "TemplateBody": open}),
            Write,
        ),
        ("cloudformation:ExecuteChangeSet", json!({"ChangeSetName": "c"}), Destructive),
        (
            "cloudcontrol:CreateResource",
            json!({"TypeName": "AWS::Logs::LogGroup", "DesiredState": "{\"LogGroupName\":\"l\"}"}),
            Write,
        ),
        ("cloudcontrol:CreateResource", json!({"TypeName": "AWS::IAM::Role", "DesiredState": "{}"}), Privilege),
        (
            "cloudcontrol:CreateResource",
            json!({"TypeName": "AWS::RDS::DBInstance", "DesiredState": "{\"PubliclyAccessible\":true}"}),
            Privilege,
        ),
        (
            "cloudcontrol:UpdateResource",
            json!({"TypeName": "AWS::RDS::DBInstance", "Identifier": "d", "PatchDocument": "[{\"op\":\"replace\",\"path\":\"/DeletionProtection\",\"value\":false}]"}),
            Destructive,
        ),
        (
            "cloudcontrol:UpdateResource",
            json!({"TypeName": "AWS::S3::Bucket", "Identifier": "b", "PatchDocument": "[{\"op\":\"remove\",\"path\":\"/LoggingConfiguration\"}]"}),
            Destructive,
        ),
        (
            "cloudcontrol:UpdateResource",
            json!({"TypeName": "AWS::Logs::LogGroup", "Identifier": "l", "PatchDocument": "[{\"op\":\"replace\",\"path\":\"/RetentionInDays\",\"value\":400}]"}),
            Write,
        ),
        ("cloudcontrol:DeleteResource", json!({"TypeName": "AWS::S3::Bucket", "Identifier": "b"}), Destructive),
    ]);
}

#[test]
fn code_at_launch_runs() {
    check(&[
        (
            "ec2:RunInstances",
            json!({"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1, "UserData": "IyEvYmluL3NoCg=="}),
            Execute,
        ),
        ("ec2:RunInstances", json!({"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1}), Write),
        (
            "ec2:CreateLaunchTemplate",
            json!({"LaunchTemplateName": "l", "LaunchTemplateData": {"UserData": "IyEvYmluL3NoCg=="}}),
            Write,
        ),
        (
            "ec2:ModifyInstanceAttribute",
            json!({"InstanceId": "i-1", "UserData": {"Value": "IyEvYmluL3NoCg=="}}),
            Execute,
        ),
        ("lightsail:CreateInstances", json!({"instanceNames": ["i"], "userData": "echo"}), Execute),
    ]);
}

#[test]
fn a_payload_too_large_to_look_through_is_asked() {
    let names: Vec<Value> = (0..50_000).map(|number| json!(number)).collect();
    check(&[(
        "autoscaling:UpdateAutoScalingGroup",
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
