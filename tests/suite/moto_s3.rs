//! S3 (restXml) against moto: buckets, objects under odd keys, bodies that are text and bodies that are not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::moto::{self, fault, forget, output};

const KEYS: [&str; 8] = [
    "plain.txt",
    "a b/ü+%&=?#//x",
    "dots../.hidden",
    "quote'\"<tag>&amp;",
    "日本語/ключ",
    "star*(paren)!",
    "plus+space %20",
    "semi;colon:at@comma,",
];

#[tokio::test]
async fn a_bucket_lives_and_dies() {
    let Some(aws) = moto::client().await else { return };
    assert_eq!(output(&aws, "s3", "CreateBucket", json!({"Bucket": "life"})).await, json!({"Location": "/life"}));
    let buckets = output(&aws, "s3", "ListBuckets", json!({})).await;
    let mine = buckets["Buckets"].as_array().unwrap().iter().find(|bucket| bucket["Name"] == "life").cloned();
    assert_eq!(forget(mine.unwrap(), &["CreationDate"]), json!({"Name": "life", "CreationDate": "*"}));
    assert_eq!(output(&aws, "s3", "GetBucketLocation", json!({"Bucket": "life"})).await, json!({}));
    assert_eq!(output(&aws, "s3", "DeleteBucket", json!({"Bucket": "life"})).await, json!({}));
    assert_eq!(
        fault(&aws, "s3", "DeleteBucket", json!({"Bucket": "life"})).await,
        json!({"code": "NoSuchBucket", "message": "The specified bucket does not exist", "status": 404,
               "fault": "client", "attempts": 1, "detail": {}})
    );
    let west = json!({"Bucket": "west", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}});
    output(&aws, "s3", "CreateBucket", west).await;
    assert_eq!(
        output(&aws, "s3", "GetBucketLocation", json!({"Bucket": "west"})).await,
        json!({"LocationConstraint": "eu-west-1"})
    );
}

#[tokio::test]
async fn objects_keep_their_keys_bodies_and_metadata() {
    let Some(aws) = moto::client().await else { return };
    output(&aws, "s3", "CreateBucket", json!({"Bucket": "odd-keys"})).await;
    for key in KEYS {
        let body = format!("the body of {key}");
        let put = json!({
            "Bucket": "odd-keys", "Key": key, "Body": STANDARD.encode(&body), "ContentType": "text/plain",
            "Metadata": {"colour": "blue", "note": "a, b"}
        });
        let done = output(&aws, "s3", "PutObject", put).await;
        assert_eq!(forget(done, &["ETag", "ChecksumCRC32"]), json!({"ETag": "*", "ChecksumCRC32": "*"}));
        let got = output(&aws, "s3", "GetObject", json!({"Bucket": "odd-keys", "Key": key})).await;
        assert_eq!(
            forget(got, &["ETag", "LastModified", "ChecksumCRC32"]),
            json!({
                "AcceptRanges": "bytes", "LastModified": "*", "ContentLength": body.len(), "ETag": "*", "ChecksumCRC32": "*",
                "ContentType": "text/plain", "Metadata": {"colour": "blue", "note": "a, b"},
                "Body": body, "Body$encoding": "text"
            })
        );
    }
    let listed = output(&aws, "s3", "ListObjectsV2", json!({"Bucket": "odd-keys"})).await;
    let mut keys: Vec<&str> =
        listed["Contents"].as_array().unwrap().iter().map(|entry| entry["Key"].as_str().unwrap()).collect();
    keys.sort_unstable();
    let mut expected = KEYS;
    expected.sort_unstable();
    assert_eq!(keys, expected);
    let objects: Vec<Value> = KEYS.iter().map(|key| json!({"Key": key})).collect();
    let gone = output(&aws, "s3", "DeleteObjects", json!({"Bucket": "odd-keys", "Delete": {"Objects": objects}})).await;
    assert_eq!(gone["Deleted"].as_array().map(Vec::len), Some(KEYS.len()));
    assert_eq!(
        forget(output(&aws, "s3", "ListObjectsV2", json!({"Bucket": "odd-keys"})).await, &[]),
        json!({"IsTruncated": false, "Name": "odd-keys", "Prefix": "", "MaxKeys": 1000, "KeyCount": 0})
    );
}

#[tokio::test]
async fn bodies_that_are_not_text_are_base64() {
    let Some(aws) = moto::client().await else { return };
    output(&aws, "s3", "CreateBucket", json!({"Bucket": "bodies"})).await;
    let cases = [
        ("binary", "AAEC/w==", None, json!({"Body": "AAEC/w==", "Body$encoding": "base64"})),
        ("untyped text", "aGVsbG8=", None, json!({"Body": "hello", "Body$encoding": "text"})),
        ("image", "aGVsbG8=", Some("image/png"), json!({"Body": "aGVsbG8=", "Body$encoding": "base64"})),
        ("json", "eyJhIjoxfQ==", Some("application/json"), json!({"Body": "{\"a\":1}", "Body$encoding": "text"})),
        ("empty", "", Some("text/plain"), json!({"Body": "", "Body$encoding": "text"})),
    ];
    for (key, body, content_type, expected) in cases {
        let put = json!({"Bucket": "bodies", "Key": key, "Body": body, "ContentType": content_type});
        output(&aws, "s3", "PutObject", put).await;
        let got = output(&aws, "s3", "GetObject", json!({"Bucket": "bodies", "Key": key})).await;
        assert_eq!(json!({"Body": got["Body"], "Body$encoding": got["Body$encoding"]}), expected, "{key}");
    }
}

#[tokio::test]
async fn errors_carry_what_s3_says() {
    let Some(aws) = moto::client().await else { return };
    output(&aws, "s3", "CreateBucket", json!({"Bucket": "errors"})).await;
    let client = |code: &str, message: &str, status: u16| json!({"code": code, "message": message, "status": status, "fault": "client", "attempts": 1, "detail": {}});
    let missing = json!({"Bucket": "errors", "Key": "missing"});
    assert_eq!(
        fault(&aws, "s3", "GetObject", missing.clone()).await,
        client("NoSuchKey", "The specified key does not exist.", 404)
    );
    // A HEAD has no body to name a code.
    assert_eq!(fault(&aws, "s3", "HeadObject", missing).await, client("NotFound", "", 404));
    assert_eq!(
        fault(&aws, "s3", "ListObjectsV2", json!({"Bucket": "there-is-none"})).await,
        client("NoSuchBucket", "The specified bucket does not exist", 404)
    );
}

#[tokio::test]
async fn a_large_body_goes_up_and_too_large_a_body_does_not_come_down() {
    let Some(aws) = moto::client().await else { return };
    output(&aws, "s3", "CreateBucket", json!({"Bucket": "large"})).await;
    let body = STANDARD.encode(vec![b'x'; 6 * 1024 * 1024]);
    output(&aws, "s3", "PutObject", json!({"Bucket": "large", "Key": "k", "Body": body})).await;
    let error = moto::call(&aws, "s3", "GetObject", json!({"Bucket": "large", "Key": "k"})).await.unwrap_err();
    assert_eq!(error.to_string(), "the answer is larger than 5242880 bytes; save it with options.outputPath");
    let part = json!({"Bucket": "large", "Key": "k", "Range": "bytes=0-3"});
    assert_eq!(output(&aws, "s3", "GetObject", part).await["Body"], "xxxx");
}
