//! README's examples of files, word for word: an image to S3, a folder to Lambda.

use std::fs;

use serde_json::{Value, json};

use crate::support::desk::{Desk, OPEN};
use crate::support::house::{House, call};
use crate::support::moto;

/// The example that follows these words in the README.
fn example(words: &str) -> Value {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, rest) = readme.split_once(words).unwrap_or_else(|| panic!("README says {words:?}"));
    let (_, rest) = rest.split_once("```json\n").unwrap();
    let (text, _) = rest.split_once("```").unwrap();
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_image_goes_to_s3() {
    let house = House::open().await;
    let client = house.client().await;
    let image = b"\x89PNG\r\n\x1a\n\0\xff binary";
    fs::write(house.work().join("logo.png"), image).unwrap();
    let answer = call(&client, "aws_execute", example("An image goes to S3")).await;
    assert_eq!(answer["status"], json!("ok"), "{answer}");
    assert_eq!(fs::read(house.buckets().join("demo-reports/img/logo.png")).unwrap(), image);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_goes_to_lambda() {
    let Some(url) = moto::url() else { return };
    let desk = Desk::open(url, OPEN).await;
    let role = json!({"RoleName": "thumbnails", "AssumeRolePolicyDocument": "{}"});
    let aws = moto::client().await.unwrap();
    let role = moto::output(&aws, "iam", "CreateRole", role).await;
    let code = desk.work().join("thumbnails");
    fs::create_dir_all(code.join("tests")).unwrap();
    fs::write(code.join("app.py"), "def handler(event, context):\n    return 1\n").unwrap();
    fs::write(code.join("tests/test_app.py"), "").unwrap();
    let create = json!({"FunctionName": "thumbnails", "Role": role["Role"]["Arn"], "Runtime": "python3.13",
        "Handler": "app.handler", "Code": {"ZipFile": {"$path": "thumbnails"}}});
    let created = desk.invoke("lambda", "CreateFunction", create, json!({})).await.unwrap();
    fs::write(code.join("app.py"), "def handler(event, context):\n    return 2\n").unwrap();

    let example = example("A folder goes to Lambda");
    let update = desk.invoke("lambda", "UpdateFunctionCode", example["payload"].clone(), json!({})).await.unwrap();
    assert_eq!(example["service"], json!("lambda"));
    let told = |answer: &Value| (answer["result"]["CodeSha256"].clone(), answer["result"]["CodeSize"].clone());
    assert_ne!(told(&created), told(&update));
    // The same tree again is the same archive; what Lambda holds is its digest.
    let again = desk.invoke("lambda", "UpdateFunctionCode", example["payload"].clone(), json!({})).await.unwrap();
    assert_eq!(told(&again), told(&update));
    let got = desk.invoke("lambda", "GetFunction", json!({"FunctionName": "thumbnails"}), json!({})).await.unwrap();
    assert_eq!(got["result"]["Configuration"]["CodeSha256"], update["result"]["CodeSha256"], "{got}");

    // Too large is told before anything is sent, by validate, too.
    fs::File::create(code.join("model.bin")).unwrap().set_len(251 << 20).unwrap();
    let error = desk.invoke("lambda", "UpdateFunctionCode", example["payload"].clone(), json!({})).await.unwrap_err();
    assert_eq!((error.kind, &error.extra["rule"]), ("FileRefused", &json!("size")));
    assert!(error.message.contains("takes at most 262144000 unpacked"), "{error}");
    desk.close().await;
}

/// Bytes at any depth come back as base64, whatever they hold; a body that is no text, too.
#[tokio::test(flavor = "multi_thread")]
async fn binary_answers_are_never_errors() {
    let Some(url) = moto::url() else { return };
    let desk = Desk::open(url, OPEN).await;
    let table = json!({"TableName": "blobs", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]});
    desk.invoke("dynamodb", "CreateTable", table, json!({})).await.unwrap();
    let raw = "/v8AAQI=";
    fs::write(desk.work().join("raw.bin"), b"\xfe\xff\0\x01\x02").unwrap();
    let item = |raw: Value| json!({"id": {"S": "1"}, "map": {"M": {"deep": {"L": [{"B": raw}, {"BS": [raw]}]}}}, "plain": {"B": "aGk="}});
    let put = json!({"TableName": "blobs", "Item": item(json!({"$path": "raw.bin"}))});
    desk.invoke("dynamodb", "PutItem", put, json!({})).await.unwrap();
    let get = json!({"RequestItems": {"blobs": {"Keys": [{"id": {"S": "1"}}]}}});
    let got = desk.invoke("dynamodb", "BatchGetItem", get, json!({})).await.unwrap();
    assert_eq!(got["result"]["Responses"], json!({"blobs": [item(json!(raw))]}), "{got}");

    desk.invoke("s3", "CreateBucket", json!({"Bucket": "blobs"}), json!({})).await.unwrap();
    let put = json!({"Bucket": "blobs", "Key": "raw", "Body": {"$path": "raw.bin"}, "ContentType": "text/plain"});
    desk.invoke("s3", "PutObject", put, json!({})).await.unwrap();
    let got = desk.invoke("s3", "GetObject", json!({"Bucket": "blobs", "Key": "raw"}), json!({})).await.unwrap();
    assert_eq!((&got["result"]["Body"], &got["result"]["Body$encoding"]), (&json!(raw), &json!("base64")), "{got}");
    desk.close().await;
}
