//! Many calls at once through one engine: none waits for another, each gets its own answer, connections are used
//! again.

use std::sync::Arc;

use countersign::engine::{Agent, Peer, Tool};
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::{Barrier, Notify};
use tokio_util::sync::CancellationToken;

use crate::support::fake::{Fake, Reply, Request};
use crate::support::house::{engine, paths};

/// Calls at work at the same time.
const MANY: usize = 64;

const POLICY: &str = r#"
version: 1
services: {allowlist: [dynamodb]}
rules: {allow: ["^dynamodb:DescribeTable$"]}
default: deny
"#;

/// Answers with the table's name once all calls of a round are there; the one for `slow` waits to be let go.
async fn answer(request: Request, all_there: Arc<Barrier>, let_go: Arc<Notify>) -> Reply {
    let asked: Value = serde_json::from_str(&request.body).unwrap();
    all_there.wait().await;
    if asked["TableName"] == "slow" {
        let_go.notified().await;
    }
    Reply::json(&json!({"Table": asked}))
}

async fn describe(agents: &[Agent], nth: usize, table: &str) -> Value {
    let arguments = json!({
        "action": "invoke", "service": "dynamodb", "operation": "DescribeTable", "payload": {"TableName": table},
    });
    let agent = &agents[nth % agents.len()];
    let arguments = arguments.as_object().unwrap().clone();
    let answer = agent.call(Tool::Execute, arguments, Arc::new(|_| {}), CancellationToken::new()).await;
    answer.unwrap()["result"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_calls_at_once() {
    let (all_there, let_go) = (Arc::new(Barrier::new(MANY)), Arc::new(Notify::new()));
    let (there, go) = (Arc::clone(&all_there), Arc::clone(&let_go));
    let fake = Fake::start(move |request| answer(request, Arc::clone(&there), Arc::clone(&go))).await;
    let home = tempfile::tempdir().unwrap();
    let engine = engine(&paths(&home), fake.url.trim_start_matches("http://").parse().unwrap(), POLICY).await;
    let agents: Vec<Agent> = (0..4).map(|_| engine.door().connect(Peer::default())).collect();
    let told = |table: &str| json!({"Table": {"TableName": table}});
    let names = |count: usize| (0..count).map(|nth| format!("table-{nth}")).collect::<Vec<_>>();

    // The server answers nobody before all of them have arrived; one of them it then leaves waiting.
    let others = names(MANY - 1);
    let mut slow = Box::pin(describe(&agents, 0, "slow"));
    let answers = tokio::select! {
        _ = &mut slow => panic!("nobody has let it go"),
        answers = join_all(others.iter().enumerate().map(|(nth, name)| describe(&agents, nth, name))) => answers,
    };
    assert_eq!(answers, others.iter().map(|name| told(name)).collect::<Vec<_>>());
    assert_eq!((&mut slow).now_or_never(), None);
    assert_eq!(fake.connections(), MANY);
    let_go.notify_one();
    assert_eq!(slow.await, told("slow"));

    let everybody = names(MANY);
    for _ in 0..9 {
        let answers = join_all(everybody.iter().enumerate().map(|(nth, name)| describe(&agents, nth, name))).await;
        assert_eq!(answers, everybody.iter().map(|name| told(name)).collect::<Vec<_>>());
    }
    let opened = fake.connections();
    println!("{} calls, {MANY} at a time, over {opened} connections", 10 * MANY);
    // A connection that comes back a moment after the next call has looked for one is not counted as lost.
    assert!(opened < 2 * MANY, "{opened} connections for {} calls", 10 * MANY);
    drop(agents);
    engine.stop().await;
}
