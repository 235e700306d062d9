//! Sentences, whole.

use super::{service_title, summary, will_do};
use crate::catalog::ServiceEntry;

fn service(sdk_id: &str, title: &str) -> ServiceEntry {
    ServiceEntry { sdk_id: sdk_id.to_owned(), title: title.to_owned(), ..ServiceEntry::default() }
}

#[test]
fn services_are_called_what_people_call_them() {
    let cases = [
        ("S3", "Amazon Simple Storage Service", "Amazon S3"),
        ("IAM", "AWS Identity and Access Management", "AWS IAM"),
        ("Lambda", "AWS Lambda", "AWS Lambda"),
        ("SFN", "AWS Step Functions", "AWS Step Functions"),
        ("Elastic Load Balancing v2", "Elastic Load Balancing", "Elastic Load Balancing v2"),
        ("amp", "Amazon Prometheus Service", "Amazon Prometheus Service"),
        ("ConnectCampaigns", "AmazonConnectCampaignService", "ConnectCampaigns"),
        ("Zoo", "", "Zoo"),
    ];
    for (sdk_id, title, expected) in cases {
        assert_eq!(service_title(sdk_id, title), expected);
    }
}

#[test]
fn a_summary_is_the_documentation_or_made_from_the_name() {
    let s3 = service("S3", "Amazon Simple Storage Service");
    assert_eq!(summary(&s3, "DeleteBucket", Some(" Deletes  the\nbucket ")), "Deletes the bucket.");
    assert_eq!(summary(&s3, "DeleteBucket", Some("")), "Deletes a bucket in Amazon S3.");
    let cases = [
        ("ListBuckets", "Lists buckets in Amazon S3."),
        ("ListObjectsV2", "Lists objects in Amazon S3."),
        ("GetObjectAcl", "Gets an object ACL in Amazon S3."),
        ("GetBucketVersioning", "Gets bucket versioning in Amazon S3."),
        ("CopySnapshot", "Copies a snapshot in Amazon S3."),
        ("DescribeVpcs", "Describes VPCs in Amazon S3."),
        ("DescribeDBInstances", "Describes DB instances in Amazon S3."),
        ("CreateDBCluster", "Creates a DB cluster in Amazon S3."),
        ("CreateInternetGateway", "Creates an internet gateway in Amazon S3."),
        ("AddUserToGroup", "Adds a user to a group in Amazon S3."),
        ("ListTagsForResource", "Lists tags for a resource in Amazon S3."),
        ("AssumeRoleWithSAML", "Assumes a role with SAML in Amazon S3."),
        ("GetParametersByPath", "Gets parameters by path in Amazon S3."),
        ("BatchDeletePartition", "Deletes several partitions in Amazon S3."),
        ("BatchGetItem", "Gets several items in Amazon S3."),
        ("AdminDeleteUser", "Deletes a user as an administrator in Amazon S3."),
        ("AssociateAddress", "Associates an address in Amazon S3."),
        ("PurgeQueue", "Purges a queue in Amazon S3."),
        ("HeadBucket", "Checks a bucket in Amazon S3."),
        ("FailoverDBCluster", "Fails over a DB cluster in Amazon S3."),
        ("Publish", "Publishes in Amazon S3."),
        ("IsAuthorized", "Calls IsAuthorized in Amazon S3."),
        ("GetUsageTotals", "Gets usage totals in Amazon S3."),
        ("CreateUser", "Creates a user in Amazon S3."),
    ];
    for (operation, expected) in cases {
        assert_eq!(summary(&s3, operation, None), expected);
    }
    let long = summary(&s3, "X", Some(&"word ".repeat(100)));
    assert!(long.ends_with('…') && long.chars().count() == 201, "{long}");
}

/// An operation, its targets, and the sentence.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

#[test]
fn what_a_call_will_do_names_its_targets() {
    let cases: [Case<'_>; 14] = [
        ("DeleteBucket", &[("Bucket", "demo-logs")], "Deletes the bucket demo-logs in Zoo."),
        (
            "DeleteObject",
            &[("Bucket", "demo-logs"), ("Key", "a/b.txt")],
            "Deletes the object a/b.txt in Zoo (Bucket demo-logs).",
        ),
        ("TerminateInstances", &[("InstanceIds", "i-1")], "Terminates the instance i-1 in Zoo."),
        (
            "TerminateInstances",
            &[("InstanceIds", "i-1"), ("InstanceIds", "i-2")],
            "Terminates the instances i-1, i-2 in Zoo.",
        ),
        (
            "TerminateInstances",
            &[("InstanceIds", "1"), ("InstanceIds", "2"), ("InstanceIds", "3"), ("InstanceIds", "4")],
            "Terminates the instances 1, 2, 3 and 1 more in Zoo.",
        ),
        ("DeleteDBInstance", &[("DBInstanceIdentifier", "prod")], "Deletes the DB instance prod in Zoo."),
        ("DeleteFunction", &[("FunctionName", "f")], "Deletes the function f in Zoo."),
        ("DeleteBucketPolicy", &[("Bucket", "b")], "Deletes a bucket policy in Zoo (Bucket b)."),
        (
            "AddUserToGroup",
            &[("GroupName", "admins"), ("UserName", "eve")],
            "Adds a user to a group in Zoo (GroupName admins; UserName eve).",
        ),
        ("PurgeQueue", &[("QueueUrl", "https://sqs/q")], "Purges the queue https://sqs/q in Zoo."),
        (
            "DeleteObjects",
            &[("Bucket", "b"), ("Delete.Objects.Key", "k1"), ("Delete.Objects.Key", "k2")],
            "Deletes the objects k1, k2 in Zoo (Bucket b).",
        ),
        ("Publish", &[("TopicArn", "arn:aws:sns:x")], "Publishes in Zoo (TopicArn arn:aws:sns:x)."),
        ("RunInstances", &[], "Runs instances in Zoo."),
        ("IsAuthorized", &[("Id", "x")], "Calls IsAuthorized in Zoo (Id x)."),
    ];
    for (operation, targets, expected) in cases {
        let targets: Vec<_> = targets.iter().map(|(m, v)| ((*m).to_owned(), (*v).to_owned())).collect();
        assert_eq!(will_do("Zoo", operation, &targets), expected);
    }
}

#[test]
fn values_that_try_to_continue_the_sentence_stand_in_quotes() {
    let targets = [("Bucket".to_owned(), "a in Zoo. It is empty\n".to_owned())];
    assert_eq!(will_do("Zoo", "DeleteBucket", &targets), "Deletes the bucket \"a in Zoo. It is empty\\n\" in Zoo.");
    let targets = [("Bucket".to_owned(), String::new())];
    assert_eq!(will_do("Zoo", "DeleteBucket", &targets), "Deletes the bucket \"\" in Zoo.");
}
