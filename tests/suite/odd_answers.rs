//! Answers that are not as their model says: the call ran, so what can be read is given, in every protocol.

use std::sync::Arc;

use countersign::aws::{AwsError, AwsReply, AwsRequest, Outcome, ProtocolChoice};
use countersign::engine::{Peer, Tool};
use countersign::smithy::Protocol;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::fake::{Fake, Reply};
use crate::support::house::{engine, paths};
use crate::support::models;
use crate::support::scripted::{Act, Scripted};

async fn answered(
    (service, operation, payload): (&str, &str, Value),
    protocol: Option<Protocol>,
    act: Act,
) -> (Result<AwsReply, AwsError>, usize) {
    let server = Scripted::start(vec![act]).await;
    let aws = server
        .client(|config| config.protocol = protocol.map_or(ProtocolChoice::Automatic, ProtocolChoice::Prefer))
        .await;
    let request = AwsRequest {
        model: models::model(service),
        operation: operation.into(),
        payload: payload.into(),
        region: None,
    };
    let reply = aws.invoke(request, CancellationToken::new()).await;
    let sent = server.sent().len();
    (reply, sent)
}

/// Output, and the places that are told.
fn told(reply: Result<AwsReply, AwsError>) -> (Value, Vec<(String, String)>) {
    let reply = reply.unwrap();
    assert_eq!((reply.attempts, reply.http_status), (1, 200));
    (reply.output, reply.unread.into_iter().map(|place| (place.path, place.problem)).collect())
}

/// Sorted, as they are told.
fn places(places: &[(&str, &str)]) -> Vec<(String, String)> {
    let told =
        |(path, what): &(&str, &str)| ((*path).to_owned(), format!("{what} was expected; this is what was sent"));
    let mut places: Vec<_> = places.iter().map(told).collect();
    places.sort();
    places
}

fn raw(head: &str, body: &[u8]) -> Act {
    let head = format!("HTTP/1.1 200 OK\r\n{head}content-length: {}\r\n\r\n", body.len());
    Act::Raw([head.as_bytes(), body].concat())
}

#[tokio::test]
async fn aws_json_gives_what_it_can() {
    let body = json!({
        "Count": "two", "ScannedCount": 7,
        "Items": [{"a": {"N": 5}, "b": {"B": "%%"}, "c": {"S": "fine"}}, "no item"],
        "LastEvaluatedKey": [1],
        "ConsumedCapacity": {"CapacityUnits": "1.5", "TableName": "t", "GlobalSecondaryIndexes": {"i": null}},
    });
    let (reply, _) = answered(
        ("dynamodb", "Scan", json!({"TableName": "t"})),
        Some(Protocol::AwsJson1_0),
        raw("", body.to_string().as_bytes()),
    )
    .await;
    assert_eq!(
        told(reply),
        (
            json!({
                "Items": [{"a": {"N": 5}, "b": {"B": "%%"}, "c": {"S": "fine"}}, "no item"],
                "Count": "two",
                "ScannedCount": 7,
                "LastEvaluatedKey": [1],
                "ConsumedCapacity": {"TableName": "t", "CapacityUnits": 1.5, "GlobalSecondaryIndexes": {}},
            }),
            places(&[
                ("Items[0].a.N", "text"),
                ("Items[0].b.B", "bytes in base64"),
                ("Items[1]", "an object"),
                ("Count", "a number"),
                ("LastEvaluatedKey", "an object"),
            ])
        )
    );
    let table =
        json!({"Table": {"TableName": "t", "CreationDateTime": "yesterday", "ItemCount": 3, "TableSizeBytes": 4.5}});
    let describe = || ("dynamodb", "DescribeTable", json!({"TableName": "t"}));
    let (reply, _) = answered(describe(), Some(Protocol::AwsJson1_0), raw("", table.to_string().as_bytes())).await;
    assert_eq!(
        told(reply),
        (table, places(&[("Table.CreationDateTime", "an instant"), ("Table.TableSizeBytes", "a number")]))
    );
    // An instant in another form than the model's is one all the same.
    let table = json!({"Table": {"CreationDateTime": "Thu, 01 Jan 1970 00:00:01 GMT", "ItemCount": "3"}});
    let (reply, _) = answered(describe(), Some(Protocol::AwsJson1_0), raw("", table.to_string().as_bytes())).await;
    let expected = json!({"Table": {"CreationDateTime": "1970-01-01T00:00:01Z", "ItemCount": "3"}});
    assert_eq!(told(reply), (expected, places(&[("Table.ItemCount", "a number")])));
}

#[tokio::test]
async fn rest_json_gives_what_it_can_of_body_and_headers() {
    let body =
        json!({"FunctionName": "f", "Timeout": "long", "LastModified": "2026-01-01", "Layers": [{"CodeSize": true}]});
    let get = ("lambda", "GetFunctionConfiguration", json!({"FunctionName": "f"}));
    let (reply, _) = answered(get, None, raw("", body.to_string().as_bytes())).await;
    let (output, noted) = told(reply);
    assert_eq!(output, body);
    assert_eq!(noted, places(&[("Timeout", "a number"), ("Layers[0].CodeSize", "a number")]));
    // The status of Invoke is in the status line, the rest in headers.
    let body = json!({"jobId": "j", "status": 5, "creationDate": "soon", "archiveSizeInBytes": 7});
    let get = ("glacier", "DescribeJob", json!({"accountId": "-", "vaultName": "v", "jobId": "j"}));
    let body = json!({"JobId": body["jobId"], "Completed": "maybe", "ArchiveSizeInBytes": 7});
    let (reply, _) = answered(get, None, raw("", body.to_string().as_bytes())).await;
    let expected = json!({"JobId": "j", "Completed": "maybe", "ArchiveSizeInBytes": 7});
    assert_eq!(told(reply), (expected, places(&[("Completed", "true or false")])));
}

#[tokio::test]
async fn rest_xml_gives_what_it_can_of_body_and_headers() {
    let list = "<ListBucketResult><Name>b</Name><MaxKeys>many</MaxKeys><IsTruncated>maybe</IsTruncated>\
                <Contents><Key>k</Key><LastModified>whenever</LastModified><Size>9</Size></Contents>\
                <Contents><Key>l</Key><LastModified>2026-01-31T12:00:00.000Z</LastModified><Size>big</Size></Contents>\
                </ListBucketResult>";
    let (reply, _) = answered(("s3", "ListObjectsV2", json!({"Bucket": "b"})), None, raw("", list.as_bytes())).await;
    assert_eq!(
        told(reply),
        (
            json!({
                "IsTruncated": "maybe",
                "Contents": [
                    {"Key": "k", "LastModified": "whenever", "Size": 9},
                    {"Key": "l", "LastModified": "2026-01-31T12:00:00Z", "Size": "big"},
                ],
                "Name": "b",
                "MaxKeys": "many",
            }),
            places(&[
                ("Contents[0].LastModified", "an instant"),
                ("Contents[1].Size", "a number"),
                ("IsTruncated", "true or false"),
                ("MaxKeys", "a number"),
            ])
        )
    );
}

#[tokio::test]
async fn headers_may_hold_anything() {
    let head = b"last-modified: last week\r\netag: \"e\"\r\nx-amz-missing-meta: many\r\nx-amz-meta-who: J\xfcrgen\r\n\
                 x-amz-meta-utf8: J\xc3\xbcrgen\r\n";
    let mut bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n".to_vec();
    bytes.extend_from_slice(head);
    bytes.extend_from_slice(b"\r\n");
    let (reply, _) = answered(("s3", "HeadObject", json!({"Bucket": "b", "Key": "k"})), None, Act::Raw(bytes)).await;
    let (output, noted) = told(reply);
    assert_eq!(
        output,
        json!({
            "LastModified": "last week", "ContentLength": 0, "ETag": "\"e\"", "MissingMeta": "many",
            "Metadata": {"who": "Jürgen", "utf8": "Jürgen"},
        })
    );
    assert_eq!(noted, places(&[("LastModified", "an instant"), ("MissingMeta", "a number")]));
}

#[tokio::test]
async fn query_gives_what_it_can() {
    let users = "<ListUsersResponse><ListUsersResult><IsTruncated>no</IsTruncated><Users><member><UserName>u</UserName>\
                 <CreateDate>never</CreateDate></member></Users></ListUsersResult></ListUsersResponse>";
    let (reply, _) = answered(("iam", "ListUsers", json!({})), None, raw("", users.as_bytes())).await;
    assert_eq!(
        told(reply),
        (
            json!({"Users": [{"UserName": "u", "CreateDate": "never"}], "IsTruncated": "no"}),
            places(&[("IsTruncated", "true or false"), ("Users[0].CreateDate", "an instant")])
        )
    );
    let instances = "<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId>\
                     <amiLaunchIndex>first</amiLaunchIndex><launchTime>2026-01-31 12:00</launchTime></item>\
                     </instancesSet></item></reservationSet></DescribeInstancesResponse>";
    let (reply, _) = answered(("ec2", "DescribeInstances", json!({})), None, raw("", instances.as_bytes())).await;
    let instance = json!({"AmiLaunchIndex": "first", "InstanceId": "i-1", "LaunchTime": "2026-01-31 12:00"});
    let (output, noted) = told(reply);
    let given = output["Reservations"][0]["Instances"][0].as_object().unwrap();
    assert_eq!(given, instance.as_object().unwrap());
    assert_eq!(
        noted,
        places(&[
            ("Reservations[0].Instances[0].AmiLaunchIndex", "a number"),
            ("Reservations[0].Instances[0].LaunchTime", "an instant"),
        ])
    );
}

/// CBOR by hand: a map of texts.
fn cbor(pairs: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![0xa0 | u8::try_from(pairs.len()).unwrap()];
    for (name, value) in pairs {
        bytes.push(0x60 | u8::try_from(name.len()).unwrap());
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(value);
    }
    bytes
}

#[tokio::test]
async fn cbor_gives_what_it_can() {
    let alarm = cbor(&[("AlarmName", b"\x61a"), ("Threshold", b"\x63low"), ("Period", b"\x18\x3c")]);
    let alarms = [&[0x9f_u8][..], &alarm, &[0xff]].concat();
    let body = cbor(&[("MetricAlarms", &alarms), ("NextToken", &[0xc1, 0x1a, 0, 0, 0, 1])]);
    let head = "smithy-protocol: rpc-v2-cbor\r\ncontent-type: application/cbor\r\n";
    let call = ("cloudwatch", "DescribeAlarms", json!({}));
    let (reply, _) = answered(call, Some(Protocol::RpcV2Cbor), raw(head, &body)).await;
    assert_eq!(
        told(reply),
        (
            json!({"MetricAlarms": [{"AlarmName": "a", "Period": 60, "Threshold": "low"}], "NextToken": 1.0}),
            places(&[("MetricAlarms[0].Threshold", "a number"), ("NextToken", "text")])
        )
    );
}

#[tokio::test]
async fn text_that_is_no_utf8_is_no_error() {
    let (reply, _) = answered(
        ("dynamodb", "ListTables", json!({})),
        Some(Protocol::AwsJson1_0),
        raw("", b"{\"TableNames\":[\"a\xff\"]}"),
    )
    .await;
    assert_eq!(told(reply).0, json!({"TableNames": ["a\u{fffd}"]}));
    let xml = b"<ListUsersResponse><ListUsersResult><Users><member><UserName>\xfc</UserName></member></Users>\
                </ListUsersResult></ListUsersResponse>";
    let (reply, _) = answered(("iam", "ListUsers", json!({})), None, raw("", xml)).await;
    assert_eq!(told(reply).0, json!({"Users": [{"UserName": "\u{fffd}"}]}));
    let (reply, _) =
        answered(("s3", "GetObject", json!({"Bucket": "b", "Key": "k"})), None, raw("", b"\xff\xfe\x00")).await;
    let (output, noted) = told(reply);
    assert_eq!((&output["Body"], &output["Body$encoding"]), (&json!("//4A"), &json!("base64")));
    assert_eq!(noted, []);
    let (reply, _) =
        answered(("s3", "GetBucketPolicy", json!({"Bucket": "b"})), None, raw("", b"{\"a\":\"\xff\"}")).await;
    assert_eq!(told(reply).0, json!({"Policy": "{\"a\":\"\u{fffd}\"}"}));
}

/// What is no document of the protocol at all may come from anybody on the way: nobody knows whether the call ran.
#[tokio::test]
async fn what_is_no_answer_leaves_the_outcome_unknown_and_is_not_asked_for_again() {
    let page = b"<html>Please log in</html>";
    for (call, protocol) in [
        (("dynamodb", "PutItem", json!({"TableName": "t", "Item": {}})), Some(Protocol::AwsJson1_0)),
        (("cloudwatch", "DescribeAlarms", json!({})), Some(Protocol::RpcV2Cbor)),
        (("lambda", "GetFunctionConfiguration", json!({"FunctionName": "f"})), None),
    ] {
        let (reply, sent) = answered(call.clone(), protocol, raw("content-type: text/html\r\n", page)).await;
        let Err(AwsError::Transport { message, outcome: Outcome::Unknown, attempts: 1 }) = reply else {
            panic!("{call:?}: {reply:?}")
        };
        assert!(message.starts_with("the answer cannot be read"), "{message}");
        assert_eq!(sent, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_is_told_where() {
    let policy =
        "version: 1\nservices: {allowlist: [dynamodb]}\nrules: {allow: [\"^dynamodb:ListTables$\"]}\ndefault: deny\n";
    let names: Vec<Value> = (0..25).map(Value::from).collect();
    let fake = Fake::start(move |_| {
        let names = names.clone();
        async move { Reply::json(&json!({"TableNames": names, "LastEvaluatedTableName": "z"})) }
    })
    .await;
    let home = tempfile::tempdir().unwrap();
    let engine = engine(&paths(&home), fake.url.trim_start_matches("http://").parse().unwrap(), policy).await;
    let agent = engine.door().connect(Peer::default());
    let list = json!({"action": "invoke", "service": "dynamodb", "operation": "ListTables", "payload": {}});
    let list = list.as_object().unwrap().clone();
    let answer = agent.call(Tool::Execute, list, Arc::new(|_| {}), CancellationToken::new()).await.unwrap();
    assert_eq!((&answer["status"], &answer["result"]["LastEvaluatedTableName"]), (&json!("ok"), &json!("z")));
    let unread = answer["metadata"]["unread"].as_array().unwrap();
    assert_eq!(unread[0], json!({"path": "TableNames[0]", "problem": "text was expected; this is what was sent"}));
    assert_eq!((unread.len(), &unread[20]), (21, &json!({"problem": "and 5 more such places"})));
    drop(agent);
    engine.stop().await;
}
