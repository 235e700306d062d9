//! STS and IAM (awsQuery) against moto.

use countersign::aws::Identity;
use serde_json::json;

use crate::support::moto::{self, fault, forget, output};

#[tokio::test]
async fn sts_tells_whose_credentials_they_are() {
    let Some(aws) = moto::client().await else { return };
    assert_eq!(
        aws.identity().await,
        Ok(Some(Identity { account: "123456789012".into(), arn: "arn:aws:sts::123456789012:user/moto".into() }))
    );
    let role = output(
        &aws,
        "sts",
        "AssumeRole",
        json!({
            "RoleArn": "arn:aws:iam::123456789012:role/reader", "RoleSessionName": "s", "DurationSeconds": 900
        }),
    )
    .await;
    assert_eq!(
        forget(role, &["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AssumedRoleId"]),
        json!({
            "Credentials": {
                "AccessKeyId": "*", "SecretAccessKey": "*", "SessionToken": "*", "Expiration": "*"
            },
            "AssumedRoleUser": {
                "AssumedRoleId": "*", "Arn": "arn:aws:sts::123456789012:assumed-role/reader/s"
            },
            "PackedPolicySize": 6
        })
    );
}

#[tokio::test]
async fn iam_users_and_their_tags() {
    let Some(aws) = moto::client().await else { return };
    let tags = json!([{"Key": "team", "Value": "a&b = c"}, {"Key": "empty", "Value": ""}]);
    let created = output(&aws, "iam", "CreateUser", json!({"UserName": "ada", "Path": "/x/", "Tags": tags})).await;
    let user = json!({
        "Path": "/x/", "UserName": "ada", "UserId": "*", "Arn": "arn:aws:iam::123456789012:user/x/ada",
        "CreateDate": "*", "Tags": tags
    });
    assert_eq!(forget(created, &["UserId", "CreateDate"]), json!({"User": user}));
    let got = output(&aws, "iam", "GetUser", json!({"UserName": "ada"})).await;
    assert_eq!(forget(got, &["UserId", "CreateDate"]), json!({"User": user}));
    let listed = output(&aws, "iam", "ListUserTags", json!({"UserName": "ada"})).await;
    assert_eq!(listed, json!({"Tags": tags, "IsTruncated": false}));
    assert_eq!(
        fault(&aws, "iam", "CreateUser", json!({"UserName": "ada"})).await,
        json!({"code": "EntityAlreadyExists", "message": "User ada already exists", "status": 409,
               "fault": "client", "attempts": 1, "detail": {}})
    );
    assert_eq!(output(&aws, "iam", "DeleteUser", json!({"UserName": "ada"})).await, json!({}));
    assert_eq!(
        fault(&aws, "iam", "GetUser", json!({"UserName": "ada"})).await,
        json!({"code": "NoSuchEntity", "message": "The user with name ada cannot be found.", "status": 404,
               "fault": "client", "attempts": 1, "detail": {}})
    );
}
