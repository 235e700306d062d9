//! DynamoDB (awsJson 1.0) and SQS (awsJson 1.0, once awsQuery) against moto.

use serde_json::json;

use crate::support::moto::{self, fault, forget, output};

#[tokio::test]
async fn dynamodb_tables_and_items() {
    let Some(aws) = moto::client().await else { return };
    let table = json!({
        "TableName": "music",
        "KeySchema": [{"AttributeName": "artist", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "artist", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    });
    let created = output(&aws, "dynamodb", "CreateTable", table).await;
    assert_eq!(created["TableDescription"]["TableArn"], "arn:aws:dynamodb:us-east-1:123456789012:table/music");
    assert!(created["TableDescription"]["CreationDateTime"].as_str().unwrap().ends_with('Z'));
    let item = json!({
        "artist": {"S": "Nina"}, "year": {"N": "1965"}, "raw": {"B": "AAEC"}, "tags": {"SS": ["a", "b"]},
        "nested": {"M": {"deep": {"L": [{"BOOL": true}, {"NULL": true}]}}},
    });
    assert_eq!(output(&aws, "dynamodb", "PutItem", json!({"TableName": "music", "Item": item})).await, json!({}));
    let key = json!({"TableName": "music", "Key": {"artist": {"S": "Nina"}}});
    assert_eq!(output(&aws, "dynamodb", "GetItem", key.clone()).await, json!({"Item": item}));
    assert_eq!(
        fault(
            &aws,
            "dynamodb",
            "PutItem",
            json!({
                "TableName": "music", "Item": item, "ConditionExpression": "attribute_not_exists(artist)"
            })
        )
        .await,
        json!({"code": "ConditionalCheckFailedException", "message": "The conditional request failed", "status": 400,
               "fault": "client", "attempts": 1, "detail": {}})
    );
    assert_eq!(output(&aws, "dynamodb", "DeleteItem", key.clone()).await, json!({}));
    assert_eq!(output(&aws, "dynamodb", "GetItem", key).await, json!({}));
    assert_eq!(
        fault(&aws, "dynamodb", "DescribeTable", json!({"TableName": "nope"})).await,
        json!({"code": "ResourceNotFoundException", "message": "Requested resource not found: Table: nope not found",
               "status": 400, "fault": "client", "attempts": 1, "detail": {}})
    );
}

#[tokio::test]
async fn sqs_queues_and_messages() {
    let Some(aws) = moto::client().await else { return };
    let url = format!("{}/123456789012/letters", moto::url().unwrap());
    assert_eq!(
        output(&aws, "sqs", "CreateQueue", json!({"QueueName": "letters", "Attributes": {"DelaySeconds": "0"}})).await,
        json!({"QueueUrl": url})
    );
    let sent = output(
        &aws,
        "sqs",
        "SendMessage",
        json!({
            "QueueUrl": url, "MessageBody": "dear <you> & me ü",
            "MessageAttributes": {"n": {"DataType": "Number", "StringValue": "7"}}
        }),
    )
    .await;
    assert_eq!(
        forget(sent, &["MessageId", "MD5OfMessageBody", "MD5OfMessageAttributes"]),
        json!({"MD5OfMessageBody": "*", "MD5OfMessageAttributes": "*", "MessageId": "*"})
    );
    let received = output(
        &aws,
        "sqs",
        "ReceiveMessage",
        json!({
            "QueueUrl": url, "MessageAttributeNames": ["All"], "MaxNumberOfMessages": 10
        }),
    )
    .await;
    assert_eq!(
        forget(received, &["MessageId", "ReceiptHandle", "MD5OfBody", "MD5OfMessageAttributes"]),
        json!({"Messages": [{
            "MessageId": "*", "ReceiptHandle": "*", "MD5OfBody": "*", "Body": "dear <you> & me ü",
            "MD5OfMessageAttributes": "*",
            "MessageAttributes": {"n": {"StringValue": "7", "DataType": "Number"}}
        }]})
    );
    // The service spoke awsQuery once; the code is still the one of those days.
    assert_eq!(
        fault(&aws, "sqs", "GetQueueUrl", json!({"QueueName": "nope"})).await,
        json!({"code": "AWS.SimpleQueueService.NonExistentQueue", "message": "The specified queue does not exist.",
               "status": 400, "fault": "client", "attempts": 1, "detail": {}})
    );
    assert_eq!(output(&aws, "sqs", "DeleteQueue", json!({"QueueUrl": url})).await, json!({}));
}
