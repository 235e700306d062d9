//! What S3 does its own way: buckets in other regions, directory buckets, checksums, dates that are none.

use countersign::aws::{Aws, AwsError, AwsReply, AwsRequest, Outcome};
use countersign::smithy::Fault;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::models;
use crate::support::scripted::{Act, Scripted};

async fn call(aws: &Aws, operation: &str, payload: Value) -> Result<AwsReply, AwsError> {
    let request =
        AwsRequest { model: models::model("s3"), operation: operation.into(), payload: payload.into(), region: None };
    aws.invoke(request, CancellationToken::new()).await
}

fn header<'r>(request: &'r str, name: &str) -> Option<&'r str> {
    request.lines().find_map(|line| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)))?.1.into()
}

/// The region a request is signed for.
fn scope(request: &str) -> &str {
    header(request, "authorization").unwrap().split('/').nth(2).unwrap()
}

const ELSEWHERE: &str = "x-amz-bucket-region: eu-central-1\r\nx-amz-request-id: r-1\r\n";

fn moved() -> Act {
    Act::Answer(301, ELSEWHERE, "<Error><Code>PermanentRedirect</Code><Message>Elsewhere.</Message></Error>".into())
}

fn listing() -> Act {
    Act::Answer(200, "", "<ListBucketResult><Name>b</Name></ListBucketResult>".into())
}

#[tokio::test]
async fn a_read_follows_its_bucket_once() {
    let malformed = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>m</Message><Region>eu-central-1</Region>\
                     </Error>";
    for first in [moved(), Act::Answer(400, "", malformed.into())] {
        let server = Scripted::start(vec![first, listing()]).await;
        let aws = server.client(|_| {}).await;
        let reply = call(&aws, "ListObjectsV2", json!({"Bucket": "b"})).await.unwrap();
        assert_eq!((reply.output, reply.attempts), (json!({"Name": "b"}), 2));
        let sent = server.sent();
        assert_eq!([scope(&sent[0]), scope(&sent[1])], ["eu-west-1", "eu-central-1"]);
    }
    // A HEAD says it in a header only.
    let server =
        Scripted::start(vec![Act::Answer(400, ELSEWHERE, String::new()), Act::Answer(200, "", String::new())]).await;
    let reply = call(&server.client(|_| {}).await, "HeadBucket", json!({"Bucket": "b"})).await.unwrap();
    assert_eq!(reply.attempts, 2);
    // Not in circles.
    let server = Scripted::start(vec![moved(), moved(), listing()]).await;
    let error = call(&server.client(|_| {}).await, "ListObjectsV2", json!({"Bucket": "b"})).await.unwrap_err();
    let AwsError::Service { code, http_status: 301, attempts: 2, .. } = error else { panic!("{error:?}") };
    assert_eq!((code.as_str(), server.sent().len()), ("PermanentRedirect", 2));
}

#[tokio::test]
async fn a_change_is_never_sent_where_nobody_approved_it() {
    let server = Scripted::start(vec![moved(), Act::Answer(204, "", String::new())]).await;
    let aws = server.client(|_| {}).await;
    assert_eq!(
        call(&aws, "DeleteObject", json!({"Bucket": "b", "Key": "k"})).await,
        Err(AwsError::Service {
            code: "PermanentRedirect".into(),
            message: "Elsewhere. The bucket is in eu-central-1: make the call again with that region.".into(),
            http_status: 301,
            request_id: Some("r-1".into()),
            fault: Fault::Client,
            attempts: 1,
            detail: Box::new(json!({})),
        })
    );
    assert_eq!(server.sent().len(), 1);
}

#[tokio::test]
async fn a_region_that_is_none_is_not_believed() {
    let odd = "x-amz-bucket-region: evil.example.com/\r\n";
    let server = Scripted::start(vec![Act::Answer(301, odd, String::new()), listing()]).await;
    let error = call(&server.client(|_| {}).await, "ListObjectsV2", json!({"Bucket": "b"})).await.unwrap_err();
    assert!(matches!(error, AwsError::Service { http_status: 301, attempts: 1, .. }), "{error:?}");
    assert_eq!(server.sent().len(), 1);
}

#[tokio::test]
async fn a_directory_bucket_is_read_in_a_session() {
    let session = "<CreateSessionResult><Credentials><SessionToken>tok</SessionToken>\
                   <SecretAccessKey>other</SecretAccessKey><AccessKeyId>ASIASESSION</AccessKeyId>\
                   <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></CreateSessionResult>";
    let object = || Act::Answer(200, "content-type: text/plain\r\n", "hi".into());
    let server = Scripted::start(vec![Act::Answer(200, "", session.into()), object(), object()]).await;
    let aws = server.client(|config| config.s3_path_style = Some(false)).await;
    let get = json!({"Bucket": "logs--euw1-az1--x-s3", "Key": "k"});
    for _ in 0..2 {
        assert_eq!(call(&aws, "GetObject", get.clone()).await.unwrap().output["Body"], "hi");
    }
    let sent = server.sent();
    assert_eq!(sent.len(), 3, "one session for both: {sent:?}");
    assert!(sent[0].contains("/logs--euw1-az1--x-s3?session"), "{}", sent[0]);
    assert!(header(&sent[0], "authorization").unwrap().contains("Credential=AKIDEXAMPLE/"), "{}", sent[0]);
    for request in &sent {
        assert!(header(request, "authorization").unwrap().contains("/eu-west-1/s3express/aws4_request"), "{request}");
    }
    for request in &sent[1..] {
        assert!(header(request, "authorization").unwrap().contains("Credential=ASIASESSION/"), "{request}");
        assert_eq!(header(request, "x-amz-s3session-token"), Some("tok"));
        assert_eq!(header(request, "x-amz-security-token"), None);
    }
}

#[tokio::test]
async fn a_date_that_is_none_is_text() {
    let server = Scripted::start(vec![
        Act::Answer(200, "expires: tomorrow\r\ncontent-type: text/plain\r\n", "hi".into()),
        Act::Answer(200, "expires: Wed, 21 Oct 2015 07:28:00 GMT\r\ncontent-type: text/plain\r\n", "hi".into()),
    ])
    .await;
    let aws = server.client(|_| {}).await;
    let mut outputs = Vec::new();
    for _ in 0..2 {
        let output = call(&aws, "GetObject", json!({"Bucket": "b", "Key": "k"})).await.unwrap().output;
        outputs.push((output.get("Expires").cloned(), output.get("ExpiresString").cloned()));
    }
    assert_eq!(outputs, [(None, Some(json!("tomorrow"))), (Some(json!("2015-10-21T07:28:00Z")), None)]);
}

#[tokio::test]
async fn what_is_read_is_held_against_its_checksum() {
    // Worked out with Python's zlib and hashlib over `hi`.
    let good = [
        "x-amz-checksum-crc32: 2JMqrA==\r\n",
        "x-amz-checksum-md5: SfaKXIST7CwL9ImCHCH8Ow==\r\n",
        "x-amz-checksum-sha256: j0NDRmSPa5bfid2pAcUXaxCm2Dlh3TwayItZstwyeqQ=\r\n",
        // Over parts, or of an algorithm that is not known here: not looked at.
        "x-amz-checksum-crc32: AAAAAA==-3\r\n",
        "x-amz-checksum-xxhash64: AAAAAAAAAAA=\r\n",
        "",
    ];
    for headers in good {
        let server = Scripted::start(vec![Act::Answer(200, headers, "hi".into())]).await;
        let got = call(&server.client(|_| {}).await, "GetObject", json!({"Bucket": "b", "Key": "k"})).await;
        assert_eq!(got.unwrap().output["Body"], "hi", "{headers}");
        assert_eq!(header(&server.sent()[0], "x-amz-checksum-mode"), Some("ENABLED"));
    }
    let wrong = "x-amz-checksum-crc32: AAAAAA==\r\n";
    let server = Scripted::start(vec![Act::Answer(206, wrong, "hi".into())]).await;
    let range = json!({"Bucket": "b", "Key": "k", "Range": "bytes=0-1"});
    assert_eq!(call(&server.client(|_| {}).await, "GetObject", range).await.unwrap().output["Body"], "hi");
    let server = Scripted::start(vec![Act::Answer(200, wrong, "hi".into())]).await;
    assert_eq!(
        call(&server.client(|_| {}).await, "GetObject", json!({"Bucket": "b", "Key": "k"})).await,
        Err(AwsError::Transport {
            message: "the body was damaged on the way: its CRC32 is 2JMqrA==, and S3 says AAAAAA==; call again".into(),
            outcome: Outcome::Unknown,
            attempts: 1,
        })
    );
    assert_eq!(server.sent().len(), 1);
}

#[tokio::test]
async fn what_is_written_carries_the_checksum_it_asks_for() {
    // Worked out with Python's zlib and hashlib over `hi`.
    let sha512 = "FQoU7VvqbMcxz4bEFWasQnqNtI7xuf1iZmSzv7uZBx+kySLzPd44cZuMg1Tit6udd+Dmf8EoQ5IKcS5z1Vjhlw==";
    let cases = [
        (json!({}), "x-amz-checksum-crc32", "2JMqrA=="),
        (json!({"ChecksumAlgorithm": "MD5"}), "x-amz-checksum-md5", "SfaKXIST7CwL9ImCHCH8Ow=="),
        (json!({"ChecksumAlgorithm": "SHA1"}), "x-amz-checksum-sha1", "witfkXg0JglCjW9RssWvTAveakI="),
        (json!({"ChecksumAlgorithm": "SHA512"}), "x-amz-checksum-sha512", sha512),
        (json!({"ChecksumXXHASH64": "AAAA"}), "x-amz-checksum-xxhash64", "AAAA"),
    ];
    for (extra, name, value) in cases {
        let server = Scripted::start(vec![Act::Answer(200, "", String::new())]).await;
        let mut payload = json!({"Bucket": "b", "Key": "k", "Body": "aGk="});
        payload.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        call(&server.client(|_| {}).await, "PutObject", payload).await.unwrap();
        let sent = server.sent().remove(0);
        let all = sent.lines().filter(|line| line.starts_with("x-amz-checksum-")).count();
        assert_eq!((header(&sent, name), all), (Some(value), 1), "{sent}");
    }
    let server = Scripted::start(Vec::new()).await;
    let payload = json!({"Bucket": "b", "Key": "k", "Body": "aGk=", "ChecksumAlgorithm": "XXHASH3"});
    assert_eq!(
        call(&server.client(|_| {}).await, "PutObject", payload).await,
        Err(AwsError::Payload(
            "ChecksumAlgorithm: `XXHASH3` cannot be calculated here; use CRC32, or give the checksum itself".into()
        ))
    );
}

#[tokio::test]
async fn a_grantee_declares_the_prefix_of_its_type() {
    let server = Scripted::start(vec![Act::Answer(200, "", String::new())]).await;
    let grantee = json!({"Type": "CanonicalUser", "ID": "79a5"});
    let policy = json!({"Grants": [{"Grantee": grantee, "Permission": "READ"}], "Owner": {"ID": "79a5"}});
    let payload = json!({"Bucket": "b", "AccessControlPolicy": policy});
    call(&server.client(|_| {}).await, "PutBucketAcl", payload).await.unwrap();
    let sent = server.sent().remove(0);
    assert_eq!(
        sent.split_once("\r\n\r\n").unwrap().1,
        "<AccessControlPolicy xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><AccessControlList><Grant>\
         <Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>79a5</ID>\
         </Grantee><Permission>READ</Permission></Grant></AccessControlList><Owner><ID>79a5</ID></Owner>\
         </AccessControlPolicy>"
    );
}
