//! `options.outputPath` end to end: bodies of any size go into a file, other results as JSON.

use std::fs;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::house::{Client, House, call, invoke};

async fn run(client: &Client, operation: &str, payload: Value, options: Value) -> Value {
    call(client, "aws_execute", invoke(operation, payload, options)).await
}

fn names(house: &House) -> Vec<String> {
    let entries = fs::read_dir(house.work()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_saved() {
    let house = House::open().await;
    let client = house.client().await;
    let big: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 249) as u8).collect();
    fs::write(house.buckets().join("demo-reports/big.bin"), &big).unwrap();
    let get = json!({"Bucket": "demo-reports", "Key": "big.bin"});

    let answer = run(&client, "GetObject", get.clone(), json!({"outputPath": "down/big.bin"})).await;
    let sha256 = hex::encode(Sha256::digest(&big));
    let saved = json!({"path": "down/big.bin", "bytes": big.len(), "sha256": sha256});
    assert_eq!(answer["metadata"]["saved"], saved, "{answer}");
    let told = ["Body", "Body$path", "Body$bytes", "Body$sha256"].map(|name| answer["result"][name].clone());
    assert_eq!(told, [Value::Null, json!("down/big.bin"), json!(big.len()), json!(sha256)], "{answer}");
    assert!(fs::read(house.work().join("down/big.bin")).unwrap() == big);

    // It is there already.
    let again = run(&client, "GetObject", get.clone(), json!({"outputPath": "down/big.bin"})).await;
    assert_eq!(
        (&again["error"]["type"], &again["error"]["rule"]),
        (&json!("FileRefused"), &json!("exists")),
        "{again}"
    );
    let again = run(&client, "GetObject", get, json!({"outputPath": "down/big.bin", "overwrite": true})).await;
    assert_eq!(again["metadata"]["saved"], saved, "{again}");

    // What is no body is JSON; a query picks first.
    let answer =
        run(&client, "ListBuckets", json!({}), json!({"query": "sort(Buckets[].Name)", "outputPath": "names.json"}))
            .await;
    let text = fs::read_to_string(house.work().join("names.json")).unwrap();
    assert_eq!(text, "[\n  \"demo-invoices\",\n  \"demo-logs\",\n  \"demo-reports\"\n]\n");
    let result = json!({"$path": "names.json", "$bytes": text.len(), "$sha256": hex::encode(Sha256::digest(&text))});
    assert_eq!(answer["result"], result, "{answer}");
    assert_eq!(names(&house), ["down", "names.json"]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_leaves_no_file() {
    let house = House::open().await;
    let client = house.client().await;
    for (key, path, kind) in [
        ("missing", "x.bin", "ServiceError"),
        ("missing", "../x.bin", "FileRefused"),
        ("missing", ".git/hooks/post-checkout", "FileRefused"),
        ("missing", "id_rsa", "FileRefused"),
    ] {
        let get = json!({"Bucket": "demo-reports", "Key": key});
        let answer = run(&client, "GetObject", get, json!({"outputPath": path})).await;
        assert_eq!(answer["error"]["type"], json!(kind), "{path}: {answer}");
    }
    let wrong = run(&client, "ListBuckets", json!({}), json!({"overwrite": true})).await;
    assert_eq!(wrong["error"]["problems"][0]["path"], json!("options.overwrite"), "{wrong}");
    assert_eq!(names(&house), Vec::<String>::new());
    house.close().await;
}
