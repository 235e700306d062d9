//! What an agent is told by search, and by names that lead nowhere: one plain sentence an operation, and never more
//! than a model reads gladly.

use std::sync::Arc;

use countersign::call::CallError;
use countersign::catalog::sentence;
use countersign::engine::Tool;
use serde_json::{Value, json};

use super::support::desk::{Desk, STRICT};
use super::support::models;

/// Bytes of a reply to a search, at the default limit.
const REPLY: usize = 6 * 1024;

/// Bytes of an error over a name.
const ERROR: usize = 2 * 1024;

async fn ask(desk: &Desk, tool: Tool, arguments: Value) -> Result<Value, CallError> {
    let arguments = arguments.as_object().cloned().unwrap();
    desk.agent.call(tool, arguments, Arc::new(|_| {}), desk.cancel.clone()).await
}

#[test]
fn every_operation_has_one_plain_sentence_and_ten_of_the_longest_fit() {
    let index = models::store().index().unwrap();
    let mut sizes = Vec::new();
    for (service, operation) in index.all_operations() {
        let summary = sentence::summary(service, operation.name, operation.summary);
        let plain = summary.ends_with(['.', '!', '?', '…'])
            && !summary.contains(['<', '>', '\n', '`'])
            && summary.starts_with(|first: char| first.is_uppercase())
            && summary.len() > 10;
        assert!(plain, "{}:{}: {summary:?}", service.name, operation.name);
        let result = json!({
            "service": service.name, "operation": operation.name, "summary": summary, "risk": "destructive",
            "verdict": "allow", "score": 0.123
        });
        sizes.push(result.to_string().len() + 1);
    }
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let worst: usize = sizes.iter().take(10).sum::<usize>() + json!({"count": 10, "results": []}).to_string().len();
    println!("{} sentences; ten of the longest results take {worst} bytes", sizes.len());
    assert!(worst <= REPLY, "{worst}");
}

#[tokio::test]
async fn replies_to_any_query_are_short_and_an_empty_one_says_why() {
    let desk = Desk::open("http://127.0.0.1:9", STRICT).await;
    let index = models::store().index().unwrap();
    let longest = index.all_operations().map(|(_, operation)| operation.name).max_by_key(|name| name.len()).unwrap();
    let queries = [
        "delete a bucket",
        "describe",
        "list everything everywhere",
        longest,
        "🍵",
        "<b>bold</b>",
        "a",
        "\u{1b}[2J",
        "describe migration workflow execution step template marketplace reporting private connection endpoint",
    ];
    for query in queries {
        let reply = ask(&desk, Tool::Search, json!({"query": query})).await.unwrap();
        let size = reply.to_string().len();
        assert!(size <= REPLY, "{query}: {size} bytes");
        let (count, hint) = (reply["count"].as_u64().unwrap(), reply.get("hint"));
        assert_eq!(count == 0, hint.is_some(), "{query}: {reply}");
    }
    // Why nothing is there: the words, the service, the policy.
    let hint = async |desk: &Desk, arguments: Value| {
        let reply = ask(desk, Tool::Search, arguments).await.unwrap();
        assert_eq!(reply["results"], json!([]), "{reply}");
        reply["hint"].as_str().unwrap().to_owned()
    };
    let told = hint(&desk, json!({"query": "zzzzqqqq"})).await;
    assert_eq!(told, "nothing fits; use the words of the AWS documentation, such as \"list buckets\"");
    let told = hint(&desk, json!({"query": "zzzzqqqq", "serviceHint": "lamda"})).await;
    assert!(told.starts_with("there is no AWS service `lamda`; nearest: lambda"), "{told}");
    let told = hint(&desk, json!({"query": "zzzzqqqq", "serviceHint": "s3"})).await;
    assert_eq!(told, "nothing fits; use other words, or leave serviceHint out");
    desk.close().await;

    let closed = Desk::open("http://127.0.0.1:9", "version: 1\nservices: {allowlist: [sts]}\ndefault: ask\n").await;
    let told = hint(&closed, json!({"query": "terminate ec2 instances", "serviceHint": "ec2"})).await;
    assert_eq!(told, "what fits belongs to services that the policy hides; ask the user");
    closed.close().await;
}

#[tokio::test]
async fn names_that_lead_nowhere_are_answered_in_two_kilobytes() {
    let desk = Desk::open("http://127.0.0.1:9", STRICT).await;
    let long = "x".repeat(1_000_000);
    let odd = "\u{1b}[2J\u{202e}".repeat(50_000);
    for (service, operation) in [
        ("s3", "DeleteBuckets"),
        ("lamda", "Invoke"),
        ("cognito", "ListUsers"),
        ("s3", long.as_str()),
        (long.as_str(), "x"),
        (odd.as_str(), odd.as_str()),
        ("ec2", odd.as_str()),
        ("aws-marketplace", "list"),
    ] {
        for tool in [Tool::Schema, Tool::Execute] {
            let mut arguments = json!({"service": service, "operation": operation});
            if tool == Tool::Execute {
                arguments["action"] = json!("validate");
            }
            let error = ask(&desk, tool, arguments).await.unwrap_err();
            let size = error.to_json().to_string().len();
            assert!(size <= ERROR, "{size} bytes: {}", error.message);
            assert_eq!(error.kind, "OperationNotFound", "{}", error.message);
        }
    }
    desk.close().await;
}
