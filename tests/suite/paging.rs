//! `options.paginate` from end to end: against the S3 server, against moto, and against servers that misbehave.

use countersign::audit::Kind;
use serde_json::{Value, json};

use crate::support::desk::{Desk, OPEN, STRICT};
use crate::support::house::{House, call, invoke};
use crate::support::moto;
use crate::support::scripted::{Act, Scripted};

async fn put_objects(client: &crate::support::house::Client, count: usize) {
    for number in 0..count {
        let put = json!({"Bucket": "demo-reports", "Key": format!("k{number}"), "Body": ""});
        let put = call(client, "aws_execute", invoke("PutObject", put, json!({}))).await;
        assert_eq!(put["status"], json!("ok"), "{put}");
    }
}

fn keys(listed: &Value) -> Vec<&str> {
    let contents = listed["result"]["Contents"].as_array().unwrap();
    contents.iter().map(|object| object["Key"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_come_page_by_page_as_one_list() {
    let house = House::open().await;
    let client = house.client().await;
    put_objects(&client, 5).await;
    let list = |payload: Value, paginate: Value| {
        let mut whole = json!({"Bucket": "demo-reports", "MaxKeys": 1});
        whole.as_object_mut().unwrap().extend(payload.as_object().unwrap().clone());
        call(&client, "aws_execute", invoke("ListObjectsV2", whole, json!({"paginate": paginate})))
    };

    let all = list(json!({}), json!({"maxItems": 100})).await;
    assert_eq!(keys(&all), ["k0", "k1", "k2", "k3", "k4"], "{all}");
    let metadata = &all["metadata"];
    assert_eq!((&metadata["pages"], &metadata["items"], &metadata["next"]), (&json!(5), &json!(5), &Value::Null));
    assert_eq!(metadata["attempts"], json!(5));
    // What belongs to one page is not told of the whole.
    for member in ["KeyCount", "IsTruncated", "NextContinuationToken", "ContinuationToken"] {
        assert_eq!(all["result"].get(member), None, "{all}");
    }

    let first = list(json!({}), json!({"maxItems": 3})).await;
    assert_eq!(keys(&first), ["k0", "k1", "k2"], "{first}");
    let next = &first["metadata"]["next"];
    assert_eq!(next["because"], json!("maxItems"));
    let rest = list(next["payload"].clone(), json!({"maxItems": 100})).await;
    assert_eq!(keys(&rest), ["k3", "k4"], "{rest}");

    // Within a page: the next call skips what is known.
    let cut = list(json!({"MaxKeys": 4}), json!({"maxItems": 2})).await;
    assert_eq!((keys(&cut), &cut["metadata"]["next"]["skip"]), (vec!["k0", "k1"], &json!(2)), "{cut}");
    let rest = list(json!({"MaxKeys": 4}), json!({"maxItems": 100, "skip": 2})).await;
    assert_eq!(keys(&rest), ["k2", "k3", "k4"], "{rest}");

    // The query sees the whole.
    let options = json!({"paginate": {"maxItems": 100}, "query": "length(Contents)"});
    let counted = invoke("ListObjectsV2", json!({"Bucket": "demo-reports", "MaxKeys": 2}), options);
    assert_eq!(call(&client, "aws_execute", counted).await["result"], json!(5));
    drop(client);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_paged_is_told_before_anything_is_sent() {
    let house = House::open().await;
    let client = house.client().await;
    let paginate = json!({"paginate": {"maxItems": 5}});
    for (operation, payload, options, told) in [
        ("GetObject", json!({"Bucket": "demo-logs", "Key": "k"}), paginate.clone(), "does not answer in pages"),
        ("DeleteBucket", json!({"Bucket": "demo-logs"}), paginate, "does not answer in pages"),
        ("ListBuckets", json!({}), json!({"paginate": {"maxItems": 0}}), "from 1 to 10000"),
        ("ListBuckets", json!({}), json!({"paginate": {"maxItem": 1}}), "did you mean maxItems?"),
        ("ListBuckets", json!({}), json!({"profile": "prod"}), "AWS_PROFILE"),
        ("ListBuckets", json!({}), json!({"idempotencyKey": "k"}), "no idempotency token"),
    ] {
        for action in ["validate", "invoke"] {
            let mut arguments = invoke(operation, payload.clone(), options.clone());
            arguments["action"] = action.into();
            let answer = call(&client, "aws_execute", arguments).await;
            assert_eq!(answer["error"]["type"], json!("InvalidArguments"), "{operation} {options} → {answer}");
            assert!(answer["error"]["message"].as_str().unwrap().contains(told), "{operation} {options} → {answer}");
        }
    }
    // The engine's own profile may be named.
    let own = invoke("ListBuckets", json!({}), json!({"profile": "demo"}));
    assert_eq!(call(&client, "aws_execute", own).await["status"], json!("ok"));
    drop(client);
    house.close().await;
}

fn tables(names: &[&str], last: Option<&str>) -> Act {
    let mut body = json!({"TableNames": names});
    if let Some(last) = last {
        body["LastEvaluatedTableName"] = last.into();
    }
    Act::Answer(200, "content-type: application/x-amz-json-1.0\r\n", body.to_string())
}

fn failure() -> Act {
    let body = json!({"__type": "com.amazonaws.dynamodb.v20120810#AccessDeniedException", "message": "no"});
    Act::Answer(400, "content-type: application/x-amz-json-1.0\r\n", body.to_string())
}

fn bodies(server: &Scripted) -> Vec<Value> {
    let body = |request: &String| serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    server.sent().iter().map(body).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_one_intent_one_outcome_whatever_the_pages() {
    let server =
        Scripted::start(vec![tables(&["a", "b"], Some("b")), tables(&[], Some("c")), tables(&["d"], None)]).await;
    let desk = Desk::open(&server.url, OPEN).await;
    let answer =
        desk.invoke("dynamodb", "ListTables", json!({"Limit": 2}), json!({"paginate": {"maxItems": 50}})).await;
    let answer = answer.unwrap();
    assert_eq!(answer["result"], json!({"TableNames": ["a", "b", "d"]}));
    assert_eq!((&answer["metadata"]["pages"], &answer["metadata"]["items"]), (&json!(3), &json!(3)));
    assert_eq!(
        bodies(&server),
        [
            json!({"Limit": 2}),
            json!({"Limit": 2, "ExclusiveStartTableName": "b"}),
            json!({"Limit": 2, "ExclusiveStartTableName": "c"}),
        ]
    );
    assert_eq!(
        desk.told(),
        ["1 so far, items: 2", "2 so far, items: 2", "3 so far, items: 3"]
            .map(|told| format!("gathering pages: {told}"))
    );
    let story = desk.story().await;
    let kinds: Vec<Kind> = story.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [Kind::Received, Kind::Judged, Kind::Intent, Kind::Outcome]);
    assert_eq!(
        story[3].1,
        json!({"status": "ok", "http_status": 200, "request_id": null, "attempts": 3, "pages": 3, "items": 3})
    );
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_repeats_its_token_is_not_followed() {
    let again = || tables(&["a"], Some("a"));
    let server = Scripted::start(vec![again(), again(), again()]).await;
    let desk = Desk::open(&server.url, OPEN).await;
    let end = desk.invoke("dynamodb", "ListTables", json!({}), json!({"paginate": {"maxItems": 50}})).await;
    let error = end.unwrap_err();
    assert_eq!(
        (error.kind, &error.extra["code"], &error.extra["pages"]),
        ("ServiceError", &json!("RepeatedToken"), &json!(2))
    );
    assert_eq!(server.sent().len(), 2);
    let (kind, detail) = desk.story().await.pop().unwrap();
    assert_eq!((kind, &detail["error"]["code"]), (Kind::Outcome, &json!("RepeatedToken")));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_end_is_left_after_a_thousand_pages() {
    let pages = (0..1_001).map(|page| tables(&[], Some(&format!("t{page}")))).collect();
    let server = Scripted::start(pages).await;
    let desk = Desk::open(&server.url, OPEN).await;
    let answer = desk.invoke("dynamodb", "ListTables", json!({}), json!({"paginate": {"maxItems": 50}})).await.unwrap();
    let metadata = &answer["metadata"];
    assert_eq!((&metadata["pages"], &metadata["items"]), (&json!(1_000), &json!(0)));
    assert_eq!(metadata["next"], json!({"payload": {"ExclusiveStartTableName": "t999"}, "because": "pages"}));
    assert_eq!(server.sent().len(), 1_000);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_fails_ends_the_call_and_says_how_far_it_was() {
    let server = Scripted::start(vec![tables(&["a"], Some("a")), failure()]).await;
    let desk = Desk::open(&server.url, OPEN).await;
    let end = desk.invoke("dynamodb", "ListTables", json!({}), json!({"paginate": {"maxItems": 50}})).await;
    let error = end.unwrap_err();
    assert_eq!((error.kind, &error.extra["code"]), ("ServiceError", &json!("AccessDeniedException")));
    assert_eq!((&error.extra["pages"], &error.extra["items"]), (&json!(1), &json!(1)));
    assert!(error.hint.unwrap().contains("metadata.next"));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancellation_ends_it_between_and_within_pages() {
    let server = Scripted::start(vec![tables(&["a"], Some("a")), Act::Hang]).await;
    let desk = Desk::open(&server.url, OPEN).await;
    let (end, ()) =
        tokio::join!(desk.invoke("dynamodb", "ListTables", json!({}), json!({"paginate": {"maxItems": 50}})), async {
            while server.sent().len() < 2 {
                server.arrived.notified().await;
            }
            desk.cancel.cancel();
        });
    let error = end.unwrap_err();
    assert_eq!((error.kind, &error.extra["outcome"]), ("TransportError", &json!("unknown")));
    assert_eq!((&error.extra["pages"], &error.extra["items"]), (&json!(1), &json!(1)));
    // Once cancelled, nothing goes out.
    let end = desk.invoke("dynamodb", "ListTables", json!({}), json!({"paginate": {"maxItems": 50}})).await;
    assert_eq!(end.unwrap_err().extra["outcome"], json!("not_sent"));
    assert_eq!(server.sent().len(), 2);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_stops_leaves_the_pages() {
    let server = Scripted::start(vec![tables(&["a"], Some("a")), Act::Hang]).await;
    let desk = Desk::open(&server.url, OPEN).await;
    let (end, ()) =
        tokio::join!(desk.invoke("dynamodb", "ListTables", json!({}), json!({"paginate": {"maxItems": 50}})), async {
            while server.sent().len() < 2 {
                server.arrived.notified().await;
            }
            desk.engine.stop().await;
        });
    let error = end.unwrap_err();
    assert_eq!((error.message.as_str(), error.retryable), ("Countersign stops while it gathers pages", true));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_is_for_as_many_items_as_were_shown() {
    let server = Scripted::start(vec![tables(&["a"], Some("a")), tables(&["b"], None)]).await;
    let desk = Desk::open(&server.url, STRICT).await;
    let list = |paginate: Value, token: Value| {
        let options = json!({"paginate": paginate, "hold": 0, "confirmationToken": token});
        desk.invoke("dynamodb", "ListTables", json!({}), options)
    };
    let asked = list(json!({"maxItems": 2}), json!(null)).await.unwrap_err();
    assert_eq!(asked.kind, "ConfirmationRequired");
    let token = asked.extra["confirmation"]["token"].clone();
    let shown = desk.approve().await;
    assert!(shown.facts.sentence.ends_with("It is sent page by page, up to 2 items."), "{}", shown.facts.sentence);
    for other in [json!({"maxItems": 10_000}), json!(null)] {
        let refused = list(other, token.clone()).await.unwrap_err();
        assert_eq!((refused.kind, &refused.extra["differs"]), ("InvalidConfirmationToken", &json!(["extent"])));
    }
    assert_eq!(server.sent().len(), 0);
    let answer = list(json!({"maxItems": 2}), token).await.unwrap();
    assert_eq!(answer["result"], json!({"TableNames": ["a", "b"]}));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_is_approved_and_sent() {
    let body = json!({"FileSystemId": "fs-1"}).to_string();
    let server = Scripted::start(vec![Act::Answer(201, "content-type: application/json\r\n", body)]).await;
    let desk = Desk::open(&server.url, STRICT).await;
    let (answer, asked) = tokio::join!(
        desk.invoke("efs", "CreateFileSystem", json!({"Encrypted": true}), json!({"idempotencyKey": "key-7"})),
        desk.approve()
    );
    assert_eq!(answer.unwrap()["result"], json!({"FileSystemId": "fs-1"}));
    let payload = json!({"CreationToken": "key-7", "Encrypted": true});
    assert_eq!(asked.facts.payload, payload);
    assert_eq!(bodies(&server), [payload]);
    // The model's own rules hold for it.
    let end = desk.invoke("efs", "CreateFileSystem", json!({}), json!({"idempotencyKey": "k".repeat(65)})).await;
    let error = end.unwrap_err();
    assert_eq!((error.kind, &error.extra["invalid"][0]["path"]), ("ValidationError", &json!("CreationToken")));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moto_is_paged_in_json_and_in_query_form() {
    let Some(url) = moto::url() else { return };
    let desk = Desk::open(url, OPEN).await;
    let done = async |service: &str, operation: &str, payload: Value, options: Value| {
        let told = format!("{service}:{operation} {payload}");
        desk.invoke(service, operation, payload, options).await.unwrap_or_else(|error| panic!("{told}: {error:?}"))
    };
    for name in ["paged-a", "paged-b", "paged-c"] {
        let table = json!({"TableName": name, "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]});
        done("dynamodb", "CreateTable", table, json!({})).await;
    }
    for id in ["1", "2", "3", "4", "5"] {
        let item = json!({"TableName": "paged-a", "Item": {"id": {"S": id}}});
        done("dynamodb", "PutItem", item, json!({})).await;
    }
    let all = json!({"paginate": {"maxItems": 10_000}});
    let listed = done("dynamodb", "ListTables", json!({"Limit": 1}), all.clone()).await;
    let names: Vec<&str> =
        listed["result"]["TableNames"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(names.iter().filter(|name| name.starts_with("paged-")).count(), 3, "{listed}");
    assert_eq!(listed["metadata"]["pages"], json!(names.len()));

    let scanned = done("dynamodb", "Scan", json!({"TableName": "paged-a", "Limit": 2}), all.clone()).await;
    let result = &scanned["result"];
    assert_eq!(
        (&result["Count"], &result["ScannedCount"], &scanned["metadata"]["pages"]),
        (&json!(5), &json!(5), &json!(3))
    );
    assert_eq!(result["Items"].as_array().unwrap().len(), 5);
    assert_eq!(result.get("LastEvaluatedKey"), None);
    let some =
        done("dynamodb", "Scan", json!({"TableName": "paged-a", "Limit": 2}), json!({"paginate": {"maxItems": 2}}))
            .await;
    let next = &some["metadata"]["next"]["payload"];
    assert_eq!(next["ExclusiveStartKey"], some["result"]["Items"][1], "{some}");

    let run = json!({"ImageId": "ami-12c6146b", "MinCount": 1, "MaxCount": 1});
    for _ in 0..6 {
        done("ec2", "RunInstances", run.clone(), json!({})).await;
    }
    let described = done("ec2", "DescribeInstances", json!({"MaxResults": 5}), all).await;
    let reservations = described["result"]["Reservations"].as_array().unwrap().len();
    assert!(reservations >= 6 && described["metadata"]["pages"].as_u64() >= Some(2), "{described}");
    assert_eq!(described["metadata"]["items"], json!(reservations));
    assert_eq!(described["result"].get("NextToken"), None);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_pages_and_waits() {
    let house = House::open().await;
    let run = async |arguments: &[&str]| {
        let output = house.command("invoke").args(arguments).output().await.unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output.status.code(), answer, String::from_utf8(output.stderr).unwrap())
    };
    let list = r#"{"Bucket": "demo-invoices", "MaxKeys": 1}"#;
    let (code, answer, told) = run(&["s3", "ListObjectsV2", list, "--max-items", "2"]).await;
    assert_eq!((code, keys(&answer)), (Some(0), vec!["2026/10/0001.txt", "2026/10/0002.txt"]), "{answer} {told}");
    assert!(told.contains("gathering pages: 1 so far, items: 1"), "{told}");

    let (code, answer, told) =
        run(&["s3", "head-bucket", r#"{"Bucket": "demo-logs"}"#, "--wait-for", "bucket_exists"]).await;
    let reached = json!({"name": "BucketExists", "polls": 1, "state": "success"});
    assert_eq!((code, &answer["metadata"]["waiter"]), (Some(0), &reached), "{answer} {told}");

    for wrong in [vec!["--max-items", "0"], vec!["--max-items", "10001"], vec!["--max-items", "1", "--wait-for", "X"]] {
        let (code, _, told) = run(&[&["s3", "ListObjectsV2", list], &wrong[..]].concat()).await;
        assert_eq!(code, Some(2), "{wrong:?}: {told}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_the_model_calls_sensitive_is_masked() {
    let page = |names: Value| {
        let body = json!({"investigationGroups": names, "nextToken": "hidden"}).to_string();
        Act::Answer(200, "content-type: application/json\r\n", body)
    };
    let server = Scripted::start(vec![page(json!([{"name": "a"}])), page(json!([{"name": "b"}]))]).await;
    let desk = Desk::open(&server.url, OPEN).await;
    let list = || desk.invoke("aiops", "ListInvestigationGroups", json!({}), json!({"paginate": {"maxItems": 1}}));
    let answer = list().await.unwrap();
    assert_eq!(answer["result"], json!({"investigationGroups": [{"name": "a"}]}));
    let metadata = &answer["metadata"];
    assert_eq!(metadata["next"]["payload"], json!({"nextToken": countersign::base::redact::MASK}), "{answer}");
    assert_eq!(metadata["masked"], json!(1));
    assert!(!answer.to_string().contains("hidden"));
    desk.close().await;
}
