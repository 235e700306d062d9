//! Tests of resolution on a small index; the table of real spellings is with the embedded models.

use super::*;

/// Two services that share an endpoint prefix, and one whose canonical name is another's alias.
fn index() -> Index {
    let service = |name: &str, sdk_id: &str, prefix: &str| {
        format!("#\t{name}\tv\t1\t{sdk_id}\tT\t2020\t{prefix}\t{prefix}\t\t\n")
    };
    let operations = |names: &[&str]| names.iter().map(|name| format!("{name}\tPOST\t\t\t\n")).collect::<String>();
    let services = [
        service("elb", "Elastic Load Balancing", "elasticloadbalancing")
            + &operations(&["CreateLoadBalancer", "DescribeTags"]),
        service("elbv2", "Elastic Load Balancing v2", "elasticloadbalancing")
            + &operations(&["CreateListener", "DescribeTags"]),
        service("neptune", "Neptune", "rds") + &operations(&["DescribeDBClusters"]),
        service("rds", "RDS", "rds") + &operations(&["DescribeDBClusters", "DescribeDBInstances"]),
    ];
    Index::parse(super::super::index::compose("test", services.iter().map(String::as_str))).unwrap()
}

#[test]
fn spellings() {
    let index = index();
    let table = [
        ("rds", "DescribeDBInstances", "rds:DescribeDBInstances"),
        ("RDS", "describe-db-instances", "rds:DescribeDBInstances"),
        ("Amazon RDS", "describe_db_instances", "rds:DescribeDBInstances"),
        ("aws-rds", "DESCRIBEDBINSTANCES", "rds:DescribeDBInstances"),
        ("Neptune", "describeDBClusters", "neptune:DescribeDBClusters"),
        ("elastic load balancing V2", "create listener", "elbv2:CreateListener"),
        ("alb", "CreateListener", "elbv2:CreateListener"),
    ];
    for (service, operation, expected) in table {
        let found = index.resolve(service, operation).unwrap();
        assert_eq!(format!("{}:{}", found.service.name, found.operation.name), expected, "{service} {operation}");
    }
}

#[test]
fn what_is_not_found_helps_on() {
    let index = index();
    let table = [
        ("rdz", "DescribeTags", "there is no AWS service `rdz`; nearest: neptune, rds"),
        ("blockchain", "Get", "there is no AWS service `blockchain`; search for what it should do"),
        ("", "Get", "there is no AWS service ``; search for what it should do"),
        (
            "elasticloadbalancing",
            "DescribeTags",
            "`elasticloadbalancing` stands for several services: name one of elb, elbv2",
        ),
        (
            "elasticloadbalancing",
            "create-listener",
            "`elasticloadbalancing` stands for several services: name one of elbv2, elb",
        ),
        (
            "rds",
            "DescribeDBInstance",
            "rds has no operation `DescribeDBInstance`; nearest: DescribeDBInstances, DescribeDBClusters",
        ),
        (
            "elb",
            "create-listener",
            "elb has no operation `create-listener`; of that name elsewhere: elbv2:CreateListener",
        ),
        ("elb", "x\u{1b}[2J", "elb has no operation `x\\u{1b}[2J`; search for what it should do"),
    ];
    for (service, operation, expected) in table {
        assert_eq!(index.resolve(service, operation).unwrap_err().to_string(), expected, "{service} {operation}");
    }
    let long = index.resolve_service(&"x".repeat(1_000)).unwrap_err().to_string();
    assert_eq!(long, format!("there is no AWS service `{}…`; search for what it should do", "x".repeat(80)));
}
