//! The main job, end to end: a real MCP client asks, a human decides, AWS (an S3 server) does it, the ledger tells.

use countersign::approval::{Approval, State};
use countersign::audit::{Kind, Outcome};
use countersign::base::{Clock as _, TxId};
use countersign::engine::{Decision, Engine, Hint};
use countersign::ledger::Ledger;
use countersign::settings::SystemClock;
use serde_json::{Value, json};

use crate::support::house::{Client, House, call, engine, invoke, paths};
use crate::support::human::Human;

/// Waits until an approval is pending in the ledger, and returns it.
pub(crate) async fn pending(engine: &Engine) -> Approval {
    let observer = engine.observer();
    let mut hints = observer.hints();
    loop {
        let open = observer.open_approvals().await.unwrap();
        if let Some(approval) = open.into_iter().find(|approval| approval.state == State::Pending) {
            return approval;
        }
        while let Ok(Hint::Status) = hints.recv().await {}
    }
}

fn human(house: &House) -> Human {
    Human::at(&house.engine, SystemClock.now())
}

async fn looks_around(client: &Client) {
    let tools: Vec<String> =
        client.list_all_tools().await.unwrap().into_iter().map(|tool| tool.name.into_owned()).collect();
    assert_eq!(tools, ["aws_search_operations", "aws_get_operation_schema", "aws_execute"]);

    let found = call(client, "aws_search_operations", json!({"query": "delete bucket", "serviceHint": "s3"})).await;
    let first = &found["results"][0];
    assert_eq!(
        (&first["service"], &first["operation"], &first["risk"], &first["verdict"]),
        (&json!("s3"), &json!("DeleteBucket"), &json!("destructive"), &json!("ask")),
        "{found}"
    );

    let schema = call(client, "aws_get_operation_schema", json!({"service": "S3", "operation": "delete-bucket"})).await;
    assert_eq!(schema["schema"]["required"], json!(["Bucket"]), "{schema}");

    let valid = json!({"action": "validate", "service": "s3", "operation": "DeleteBucket", "payload": {"Bucket": "demo-reports"}});
    let valid = call(client, "aws_execute", valid).await;
    assert_eq!((&valid["status"], &valid["verdict"]), (&json!("valid"), &json!("ask")), "{valid}");

    let listed =
        call(client, "aws_execute", invoke("ListBuckets", json!({}), json!({"query": "sort(Buckets[].Name)"}))).await;
    assert_eq!(listed["result"], json!(["demo-invoices", "demo-logs", "demo-reports"]), "{listed}");
    assert_eq!(listed["metadata"]["attempts"], json!(1));
}

/// The story of a call as the ledger tells it.
async fn story(engine: &Engine, tx: &TxId) -> Vec<Kind> {
    engine.observer().transaction(tx).await.unwrap().into_iter().map(|event| event.event.kind).collect()
}

async fn verify(ledger: &std::path::Path) {
    Ledger::open_existing(ledger).await.unwrap().verify().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn over_the_socket_a_held_call_runs_once_it_is_approved() {
    let house = House::open().await;
    let client = house.client().await;
    looks_around(&client).await;

    let delete = invoke("DeleteBucket", json!({"Bucket": "demo-reports"}), json!({"hold": 60, "reason": "unused"}));
    let (answer, asked) = tokio::join!(call(&client, "aws_execute", delete), async {
        let mut human = human(&house);
        let asked = human.reads(&house.engine).await;
        assert!(house.buckets().join("demo-reports").exists(), "nothing may happen before the decision");
        human.approves(&house.engine, "demo-reports").await;
        asked
    });
    assert_eq!(asked.facts.targets, [("Bucket".to_owned(), "demo-reports".to_owned())]);
    assert_eq!(asked.facts.agent_reason.as_deref(), Some("unused"));
    assert_eq!(answer["status"], json!("ok"), "{answer}");
    assert!(!house.buckets().join("demo-reports").exists());

    let rows = house.engine.observer().calls(Default::default(), None, 100).await.unwrap();
    let mut tools: Vec<&str> = rows.iter().map(|row| row.tool.as_str()).collect();
    tools.sort_unstable();
    assert_eq!(tools, ["execute", "execute", "schema", "search", "validate"], "every call is in the ledger");

    let kinds = story(&house.engine, &asked.tx).await;
    assert_eq!(
        kinds,
        [
            Kind::Received,
            Kind::Judged,
            Kind::Asked,
            Kind::Approved,
            Kind::Consumed,
            Kind::Judged,
            Kind::Intent,
            Kind::Outcome,
            Kind::Settled
        ]
    );
    let ledger = house.paths().ledger();
    drop(client);
    let _home = house.close().await;
    verify(&ledger).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_stdio_the_same_call_with_its_token_runs_once() {
    let house = House::open().await;
    // The real binary joins the house's engine through its socket.
    let client = house.stdio().await;
    looks_around(&client).await;

    let asked =
        call(&client, "aws_execute", invoke("DeleteBucket", json!({"Bucket": "demo-reports"}), json!({"hold": 0})))
            .await;
    assert_eq!(asked["error"]["type"], json!("ConfirmationRequired"), "{asked}");
    let token = asked["error"]["confirmation"]["token"].clone();
    let again =
        invoke("DeleteBucket", json!({"Bucket": "demo-reports"}), json!({"hold": 0, "confirmationToken": token}));

    // The agent sends its own token back before anybody has decided: nothing happens, however often.
    for _ in 0..3 {
        let answer = call(&client, "aws_execute", again.clone()).await;
        assert_eq!(answer["error"]["type"], json!("ConfirmationRequired"), "{answer}");
    }
    assert!(house.buckets().join("demo-reports").exists());

    let mut human = human(&house);
    human.reads(&house.engine).await;
    human.approves(&house.engine, "demo-reports").await;

    // The token is good for exactly the request that was shown.
    let other = invoke("DeleteBucket", json!({"Bucket": "demo-logs"}), json!({"hold": 0, "confirmationToken": token}));
    let answer = call(&client, "aws_execute", other).await;
    assert_eq!(answer["error"]["type"], json!("InvalidConfirmationToken"), "{answer}");
    assert_eq!(answer["error"]["differs"], json!(["payload", "endpoint"]), "S3 keeps the bucket in the endpoint");
    let elsewhere = {
        let mut call = again.clone();
        call["region"] = json!("eu-west-1");
        call
    };
    let answer = call(&client, "aws_execute", elsewhere).await;
    assert_eq!(answer["error"]["type"], json!("InvalidConfirmationToken"), "{answer}");
    assert!(house.buckets().join("demo-reports").exists() && house.buckets().join("demo-logs").exists());

    // A refused attempt has not burnt it.
    let answer = call(&client, "aws_execute", again.clone()).await;
    assert_eq!(answer["status"], json!("ok"), "{answer}");
    assert!(!house.buckets().join("demo-reports").exists());

    let answer = call(&client, "aws_execute", again).await;
    assert_eq!(
        (&answer["error"]["type"], &answer["error"]["state"]),
        (&json!("InvalidConfirmationToken"), &json!("used")),
        "{answer}"
    );
    // The calls that were told to come back end as the one that came back did.
    let rows = house.engine.observer().calls(Default::default(), None, 100).await.unwrap();
    let asked: Vec<_> = rows.iter().filter(|row| row.approval.is_some()).collect();
    let ended = asked.iter().filter(|row| (row.outcome, row.error.as_deref()) == (Outcome::Ok, None)).count();
    assert_eq!((asked.len(), ended), (6, 5), "all but the one with the used token: {asked:#?}");

    client.cancel().await.unwrap();
    let paths = house.paths();
    house.engine.stop().await;
    assert!(!kept(&paths.home, token.as_str().unwrap()), "a token is nowhere on disk");
    assert!(kept(&paths.home, "demo-reports"), "the search above can find something");
    let _home = house.close().await;
    verify(&paths.ledger()).await;
}

/// Whether a text stands in any file beneath a folder.
fn kept(folder: &std::path::Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let entry = entry.unwrap();
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => kept(&entry.path(), text),
            kind if kind.is_file() => {
                let content = std::fs::read(entry.path()).unwrap();
                content.windows(text.len()).any(|window| window == text.as_bytes())
            }
            _ => false,
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_reaches_the_agent_word_for_word() {
    let house = House::open().await;
    let client = house.client().await;
    let delete = invoke("DeleteBucket", json!({"Bucket": "demo-logs"}), json!({"hold": 60}));
    let (answer, asked) = tokio::join!(call(&client, "aws_execute", delete), async {
        let mut human = human(&house);
        let asked = human.reads(&house.engine).await;
        human.denies(&house.engine, "keep them: \"January\" – danke").await;
        asked
    });
    assert_eq!(answer["error"]["type"], json!("ConfirmationDenied"), "{answer}");
    assert_eq!(answer["error"]["reason"], json!("keep them: \"January\" – danke"));
    assert!(house.buckets().join("demo-logs").exists());
    let row = house.engine.observer().call(&asked.tx).await.unwrap().unwrap();
    assert_eq!((row.outcome, row.error.as_deref()), (Outcome::Denied, Some("ConfirmationDenied")));

    // The decision stands: a second one does not count.
    let late = house
        .engine
        .approver(crate::support::house::key())
        .decide(&asked.id, Decision::Approve { shown: asked.shown() })
        .await;
    assert!(late.unwrap_err().to_string().contains("denied"));
    drop(client);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_of_a_lone_stdio_engine_is_decided_in_a_console_of_the_same_ledger() {
    let mut house = House::open().await;
    house.stop_listening().await;
    // Nobody listens: the real binary runs its own engine on the same ledger.
    let client = house.stdio().await;
    let delete = invoke("DeleteBucket", json!({"Bucket": "demo-reports"}), json!({"hold": 60}));
    let (answer, ()) = tokio::join!(call(&client, "aws_execute", delete), async {
        let asked = pending(&house.engine).await;
        house
            .engine
            .approver(crate::support::house::key())
            .decide(&asked.id, Decision::Approve { shown: asked.shown() })
            .await
            .unwrap();
    });
    assert_eq!(answer["status"], json!("ok"), "{answer}");
    assert!(!house.buckets().join("demo-reports").exists());
    client.cancel().await.unwrap();
    let ledger = house.paths().ledger();
    let _home = house.close().await;
    verify(&ledger).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_identical_requests_are_one_approval_and_one_execution() {
    let house = House::open().await;
    let client = house.client().await;
    let delete =
        invoke("DeleteObject", json!({"Bucket": "demo-invoices", "Key": "2026/10/0001.txt"}), json!({"hold": 60}));
    let (one, two, ()) = tokio::join!(
        call(&client, "aws_execute", delete.clone()),
        call(&client, "aws_execute", delete.clone()),
        async {
            let asked = pending(&house.engine).await;
            // Both must be waiting before the decision falls.
            loop {
                let calls = house.engine.observer().calls(Default::default(), None, 100).await.unwrap();
                if calls.iter().filter(|row| row.approval.is_some()).count() == 2 {
                    break;
                }
                tokio::task::yield_now().await;
            }
            let open = house.engine.observer().open_approvals().await.unwrap();
            assert_eq!(open.len(), 1, "one approval for both");
            house
                .engine
                .approver(crate::support::house::key())
                .decide(&asked.id, Decision::Approve { shown: asked.shown() })
                .await
                .unwrap();
        }
    );
    let ran = [&one, &two].iter().filter(|answer| answer["status"] == json!("ok")).count();
    assert_eq!(ran, 1, "{one}\n{two}");
    drop(client);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_policy_denies_never_reaches_a_human() {
    let house = House::open().await;
    let client = house.client().await;
    let denied = json!({"action": "invoke", "service": "iam", "operation": "DeleteUser", "payload": {"UserName": "x"}});
    let answer = call(&client, "aws_execute", denied).await;
    assert_eq!(
        (&answer["error"]["type"], &answer["error"]["rule"]),
        (&json!("PolicyDenied"), &json!("services.denylist: iam")),
        "{answer}"
    );
    assert!(house.engine.observer().open_approvals().await.unwrap().is_empty());
    drop(client);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_gets_an_error_that_helps() {
    let house = House::open().await;
    let client = house.client().await;
    let cases: &[(Value, &str, &str)] = &[
        (
            json!({"action": "invoke", "service": "dynamodbb", "operation": "ListTables"}),
            "OperationNotFound",
            "dynamodb",
        ),
        (json!({"action": "invoke", "service": "s3", "operation": "ListBucket"}), "OperationNotFound", "ListBuckets"),
        (invoke("DeleteBucket", json!({}), json!({})), "ValidationError", "Bucket"),
        (invoke("DeleteBucket", json!({"Bucket": 7, "Bukcet": "x"}), json!({})), "ValidationError", "Bukcet"),
        (invoke("GetObject", json!({"Bucket": "demo-logs", "Key": "k"}), json!({})), "ServiceError", "NoSuchKey"),
        (
            json!({"action": "explode", "service": "s3", "operation": "ListBuckets"}),
            "InvalidArguments",
            "validate, invoke",
        ),
        (invoke("ListBuckets", json!({}), json!({"confirmToken": "x"})), "InvalidArguments", "confirmationToken"),
        (invoke("ListBuckets", json!({}), json!({"query": "Buckets["})), "InvalidArguments", "options.query"),
        (
            invoke("DeleteBucket", json!({"Bucket": "demo-logs"}), json!({"confirmationToken": "cs_made_up"})),
            "InvalidConfirmationToken",
            "unknown",
        ),
    ];
    for (arguments, kind, told) in cases {
        let answer = call(&client, "aws_execute", arguments.clone()).await;
        assert_eq!(answer["error"]["type"], json!(kind), "{arguments} → {answer}");
        assert!(answer.to_string().contains(told), "{arguments} → {answer}");
    }
    assert!(house.buckets().join("demo-logs").exists());
    drop(client);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_aws_is_out_of_reach_the_agent_is_told_whether_it_was_sent() {
    let home = tempfile::tempdir().unwrap();
    // A port that was free a moment ago: nothing listens there.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let engine = engine(&paths(&home), address, crate::support::house::POLICY).await;
    let agent = engine.door().connect(countersign::engine::Peer { transport: "cli", ..Default::default() });
    let arguments = invoke("ListBuckets", json!({}), json!({}));
    let answer = agent
        .call(
            countersign::engine::Tool::Execute,
            arguments.as_object().cloned().unwrap(),
            std::sync::Arc::new(|_| {}),
            Default::default(),
        )
        .await
        .unwrap_err();
    assert_eq!((answer.kind, &answer.extra["outcome"]), ("TransportError", &json!("not_sent")), "{answer}");
    assert!(answer.retryable, "what was not sent may be sent again");
    drop(agent);
    engine.stop().await;
}
