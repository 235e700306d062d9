//! EC2 (ec2Query) against moto.

use serde_json::{Value, json};

use crate::support::moto::{self, fault, output};

#[tokio::test]
async fn instances_run_are_described_and_terminated() {
    let Some(aws) = moto::client().await else { return };
    let run = json!({
        "ImageId": "ami-12c6146b", "MinCount": 2, "MaxCount": 2, "InstanceType": "t3.micro",
        "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "a b&c"}]}],
    });
    let ran = output(&aws, "ec2", "RunInstances", run).await;
    let ids: Vec<Value> =
        ran["Instances"].as_array().unwrap().iter().map(|instance| instance["InstanceId"].clone()).collect();
    assert_eq!(ids.len(), 2);
    let described = output(
        &aws,
        "ec2",
        "DescribeInstances",
        json!({
            "InstanceIds": ids, "Filters": [{"Name": "tag:Name", "Values": ["a b&c"]}]
        }),
    )
    .await;
    let seen: Vec<Value> = described["Reservations"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|reservation| reservation["Instances"].as_array().unwrap())
        .map(|instance| json!([instance["InstanceId"], instance["InstanceType"], instance["State"], instance["Tags"]]))
        .collect();
    let expected: Vec<Value> = ids
        .iter()
        .map(|id| json!([id, "t3.micro", {"Code": 16, "Name": "running"}, [{"Key": "Name", "Value": "a b&c"}]]))
        .collect();
    assert_eq!(seen, expected);
    let ended = output(&aws, "ec2", "TerminateInstances", json!({"InstanceIds": ids})).await;
    let expected: Vec<Value> = ids
        .iter()
        .map(|id| {
            json!({"InstanceId": id, "CurrentState": {"Code": 32, "Name": "shutting-down"},
                   "PreviousState": {"Code": 16, "Name": "running"}})
        })
        .collect();
    assert_eq!(ended, json!({"TerminatingInstances": expected}));
}

#[tokio::test]
async fn lists_go_out_flat_and_come_back_whole() {
    let Some(aws) = moto::client().await else { return };
    assert_eq!(
        output(&aws, "ec2", "DescribeRegions", json!({"RegionNames": ["eu-west-1", "us-east-1"]})).await,
        json!({"Regions": [
            {"OptInStatus": "opt-in-not-required", "RegionName": "eu-west-1",
             "Endpoint": "ec2.eu-west-1.amazonaws.com"},
            {"OptInStatus": "opt-in-not-required", "RegionName": "us-east-1",
             "Endpoint": "ec2.us-east-1.amazonaws.com"},
        ]})
    );
    let vpc = output(&aws, "ec2", "CreateVpc", json!({"CidrBlock": "10.7.0.0/16"})).await;
    let id = vpc["Vpc"]["VpcId"].clone();
    let group = json!({"GroupName": "web", "Description": "d", "VpcId": id});
    let group = output(&aws, "ec2", "CreateSecurityGroup", group).await["GroupId"].clone();
    let rule = json!({"GroupId": group, "IpPermissions": [
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
         "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "inside"}, {"CidrIp": "192.168.0.0/16"}]}
    ]});
    assert_eq!(output(&aws, "ec2", "AuthorizeSecurityGroupIngress", rule).await["Return"], true);
    let described = output(&aws, "ec2", "DescribeSecurityGroups", json!({"GroupIds": [group]})).await;
    assert_eq!(
        described["SecurityGroups"][0]["IpPermissions"],
        json!([{
            "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [],
            "IpRanges": [{"Description": "inside", "CidrIp": "10.0.0.0/8"}, {"CidrIp": "192.168.0.0/16"}],
            "Ipv6Ranges": [], "PrefixListIds": []
        }])
    );
}

#[tokio::test]
async fn errors_are_read_from_ec2s_own_envelope() {
    let Some(aws) = moto::client().await else { return };
    assert_eq!(
        fault(&aws, "ec2", "DescribeInstances", json!({"InstanceIds": ["i-0123456789abcdef0"]})).await,
        json!({"code": "InvalidInstanceID.NotFound", "message": "The instance ID 'i-0123456789abcdef0' does not exist",
               "status": 400, "fault": "client", "attempts": 1, "detail": {}})
    );
}
