//! `options.waitFor` from end to end: states that are there, states that will not come, and time that is out.
//! How the loop passes its time is tested beside it; here no test has any to pass.

use countersign::audit::Kind;
use serde_json::{Value, json};

use crate::support::desk::{Desk, OPEN};
use crate::support::moto;
use crate::support::scripted::{Act, Scripted};

fn waiter(name: &str, polls: u64, state: &str) -> Value {
    json!({"name": name, "polls": polls, "state": state})
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_is_found_at_once() {
    let Some(url) = moto::url() else { return };
    let desk = Desk::open(url, OPEN).await;
    let done = async |service: &str, operation: &str, payload: Value, options: Value| {
        let told = format!("{service}:{operation} {payload}");
        desk.invoke(service, operation, payload, options).await.unwrap_or_else(|error| panic!("{told}: {error:?}"))
    };
    done("s3", "CreateBucket", json!({"Bucket": "waited-for"}), json!({})).await;
    let table = json!({"TableName": "waited-for", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]});
    done("dynamodb", "CreateTable", table, json!({})).await;
    let run = json!({"ImageId": "ami-12c6146b", "MinCount": 1, "MaxCount": 1});
    let ran = done("ec2", "RunInstances", run, json!({"query": "Instances[0].InstanceId"})).await;
    let instance = ran["result"].clone();
    let instances = json!({"InstanceIds": [instance]});
    for (service, operation, payload, name, exact) in [
        ("s3", "HeadBucket", json!({"Bucket": "waited-for"}), "BucketExists", "BucketExists"),
        ("dynamodb", "DescribeTable", json!({"TableName": "waited-for"}), "table_exists", "TableExists"),
        ("ec2", "DescribeInstances", instances.clone(), "instance_running", "InstanceRunning"),
        ("ec2", "DescribeInstances", instances.clone(), "InstanceExists", "InstanceExists"),
    ] {
        let answer = done(service, operation, payload, json!({"waitFor": name})).await;
        assert_eq!(answer["metadata"]["waiter"], waiter(exact, 1, "success"), "{answer}");
        assert_eq!(desk.told(), [format!("waiting for {exact}, polls so far: 0")]);
        let story = desk.story().await;
        let kinds: Vec<Kind> = story.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, [Kind::Received, Kind::Judged, Kind::Intent, Kind::Outcome]);
        assert_eq!(story[3].1["waiter"], waiter(exact, 1, "success"));
    }
    let described = done(
        "ec2",
        "DescribeInstances",
        instances.clone(),
        json!({
            "waitFor": "InstanceRunning", "query": "Reservations[].Instances[].State.Name"
        }),
    );
    assert_eq!(described.await["result"], json!(["running"]));

    // An error is what is waited for: there is no result.
    let gone =
        done("dynamodb", "DescribeTable", json!({"TableName": "never-was"}), json!({"waitFor": "TableNotExists"}));
    let gone = gone.await;
    assert_eq!((&gone["result"], &gone["metadata"]["waiter"]), (&Value::Null, &waiter("TableNotExists", 1, "success")));
    let gone = done("s3", "HeadBucket", json!({"Bucket": "never-was"}), json!({"waitFor": "BucketNotExists"})).await;
    assert_eq!(
        (&gone["result"], &gone["metadata"]["waiter"]),
        (&Value::Null, &waiter("BucketNotExists", 1, "success"))
    );

    // Not there yet, and no time to wait.
    let end =
        desk.invoke("s3", "HeadBucket", json!({"Bucket": "never-was"}), json!({"waitFor": "BucketExists", "hold": 0}));
    let error = end.await.unwrap_err();
    assert_eq!((error.kind, error.retryable), ("Timeout", true));
    assert_eq!(error.extra["waiter"], waiter("BucketExists", 1, "retry"));
    assert_eq!((&error.extra["httpStatus"], &error.extra["detail"]["code"]), (&json!(404), &json!("NotFound")));

    // An error that the waiter does not know ends the wait as itself.
    let end =
        desk.invoke("ec2", "DescribeInstances", json!({"InstanceIds": ["x"]}), json!({"waitFor": "InstanceStopped"}));
    let error = end.await.unwrap_err();
    assert_eq!((error.kind, &error.extra["waiter"]["state"]), ("ServiceError", &json!("error")), "{error:?}");
    desk.close().await;
}

fn table(status: &str) -> Act {
    let body = json!({"Table": {"TableName": "t", "TableStatus": status}}).to_string();
    Act::Answer(200, "content-type: application/x-amz-json-1.0\r\n", body)
}

fn instances(state: &str) -> Act {
    let body = format!(
        "<DescribeInstancesResponse><reservationSet><item><instancesSet><item>\
         <instanceId>i-1</instanceId><instanceState><name>{state}</name></instanceState>\
         </item></instancesSet></item></reservationSet></DescribeInstancesResponse>"
    );
    Act::Answer(200, "content-type: text/xml\r\nx-amzn-requestid: r-1\r\n", body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_without_return_is_told_with_the_last_answer() {
    let server = Scripted::start(vec![instances("terminated")]).await;
    let desk = Desk::open(&server.url, OPEN).await;
    let end = desk.invoke(
        "ec2",
        "DescribeInstances",
        json!({"InstanceIds": ["i-1234567890abcdef0"]}),
        json!({"waitFor": "InstanceRunning"}),
    );
    let error = end.await.unwrap_err();
    assert_eq!(
        error.to_json()["error"],
        json!({
            "type": "ServiceError",
            "message": "InstanceRunning: a state is reached from which it will not come (polls: 1)",
            "hint": "detail has the last answer; it tells the state",
            "retryable": false,
            "httpStatus": 200,
            "requestId": "r-1",
            "detail": {"Reservations": [{"Instances": [{"InstanceId": "i-1", "State": {"Name": "terminated"}}]}]},
            "code": "WaiterFailed",
            "attempts": 1,
            "waiter": waiter("InstanceRunning", 1, "failure"),
        })
    );
    let row = desk.engine.observer().calls(Default::default(), None, 1).await.unwrap().remove(0);
    assert_eq!(row.error.as_deref(), Some("WaiterFailed"));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_is_broken_off_by_the_caller_and_by_the_engine() {
    for stopping in [false, true] {
        let server = Scripted::start(vec![table("CREATING")]).await;
        let desk = Desk::open(&server.url, OPEN).await;
        let (end, ()) = tokio::join!(
            desk.invoke("dynamodb", "DescribeTable", json!({"TableName": "t"}), json!({"waitFor": "TableExists"})),
            async {
                server.arrived.notified().await;
                if stopping {
                    desk.engine.stop().await;
                } else {
                    desk.cancel.cancel();
                }
            }
        );
        let error = end.unwrap_err();
        assert_eq!((error.kind, error.retryable), ("TransportError", stopping), "{error}");
        assert_eq!(server.sent().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_waited_for_is_told() {
    let server = Scripted::start(vec![]).await;
    let desk = Desk::open(&server.url, OPEN).await;
    for (operation, payload, options, told) in [
        (
            "DescribeTable",
            json!({"TableName": "ttt"}),
            json!({"waitFor": "TableThere"}),
            "it has TableExists, TableNotExists",
        ),
        ("ListTables", json!({}), json!({"waitFor": "TableExists"}), "TableExists waits with DescribeTable"),
        ("ListTables", json!({}), json!({"waitFor": "x"}), "ListTables has no waiters"),
        ("DeleteTable", json!({"TableName": "ttt"}), json!({"waitFor": "TableNotExists"}), "waits with DescribeTable"),
        ("ListTables", json!({}), json!({"waitFor": "x", "paginate": {"maxItems": 1}}), "not together"),
    ] {
        let error = desk.invoke("dynamodb", operation, payload, options.clone()).await.unwrap_err();
        assert_eq!(error.kind, "InvalidArguments", "{operation} {options}");
        assert!(error.message.contains(told), "{operation} {options} → {error}");
    }
    assert_eq!(server.sent().len(), 0);
    desk.close().await;
}
