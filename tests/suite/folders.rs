//! Folders end to end: each file an object on an S3 server that checks signatures, one approval for all.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use countersign::base::Clock as _;
use countersign::settings::SystemClock;
use serde_json::{Value, json};

use crate::support::house::{Client, House, call, invoke};
use crate::support::human::Human;

async fn run(client: &Client, operation: &str, payload: Value, options: Value) -> Value {
    call(client, "aws_execute", invoke(operation, payload, options)).await
}

fn site(house: &House) {
    for (path, text) in [
        ("index.html", "<h1>hi</h1>"),
        ("style.css", "h1 {}"),
        ("img/logo.svg", "<svg/>"),
        ("img/größe 1.png", "png"),
        ("node_modules/x/index.js", "x"),
        ("debug.log", "log"),
        ("empty", ""),
        (".gitignore", "*.log\nnode_modules/\n"),
    ] {
        let path = house.work().join("site").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// The objects of a bucket beneath a prefix, as they lie on the server's disk.
fn objects(house: &House, prefix: &str) -> BTreeMap<String, Vec<u8>> {
    fn collect(folder: &Path, root: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, root, found);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    let root = house.buckets().join("demo-reports");
    collect(&root.join(prefix), &root, &mut found);
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_that_is_meant_becomes_an_object() {
    let house = House::open().await;
    let client = house.client().await;
    site(&house);
    let payload = |body: Value| {
        json!({"Bucket": "demo-reports", "Key": "www", "CacheControl": "max-age=60", "Metadata": {"by": "agent"},
               "Body": body})
    };
    for (what, body, options) in [
        (
            ["www/empty", "www/img/größe 1.png", "www/img/logo.svg", "www/index.html", "www/style.css"].as_slice(),
            json!({"$path": "site", "gitignore": true, "exclude": ".gitignore"}),
            json!({}),
        ),
        (&["css/style.css"], json!({"$path": "site/", "keyPrefix": "css/", "include": "*.css"}), json!({})),
        (
            &["flat/empty", "flat/index.html"],
            json!({"$path": "./site", "keyPrefix": "flat", "recursive": false, "include": ["empty", "*.html"]}),
            json!({}),
        ),
        (&["all/img/größe 1.png", "all/img/logo.svg"], json!({"$path": "site/img", "keyPrefix": "all/img"}), json!({})),
    ] {
        let answer = run(&client, "PutObject", payload(body.clone()), options).await;
        assert_eq!(answer["status"], json!("ok"), "{answer}");
        let manifest = &answer["result"];
        let keys: Vec<&str> =
            manifest["Objects"].as_array().unwrap().iter().map(|object| object["Key"].as_str().unwrap()).collect();
        assert_eq!(keys, what, "{body}");
        assert_eq!(manifest["Files"], json!(what.len()));
        let prefix = what[0].split('/').next().unwrap();
        let stored = objects(&house, prefix);
        assert_eq!(stored.keys().map(String::as_str).collect::<Vec<_>>(), what, "{body}");
    }
    assert_eq!(objects(&house, "www")["www/index.html"], b"<h1>hi</h1>");
    let head =
        run(&client, "HeadObject", json!({"Bucket": "demo-reports", "Key": "www/img/logo.svg"}), json!({})).await;
    let told = ["ContentType", "Metadata"].map(|name| head["result"][name].clone());
    assert_eq!(told, [json!("image/svg+xml"), json!({"by": "agent"})], "{head}");

    // Nothing is meant; a secret is among them; a member that belongs to one content; a link.
    std::os::unix::fs::symlink("index.html", house.work().join("site/link.html")).unwrap();
    fs::write(house.work().join("site/.env"), "X=1").unwrap();
    for (body, more, kind, word) in [
        (json!({"$path": "site", "include": "*.nothing"}), json!({}), "FileRefused", "no file in it is meant"),
        (json!({"$path": "site", "exclude": "link.html"}), json!({}), "FileRefused", ".env (secret: dotenv"),
        (json!({"$path": "site", "exclude": ".env"}), json!({}), "FileRefused", "link.html (regular files only"),
        (
            json!({"$path": "site/img"}),
            json!({"ContentMD5": "x"}),
            "ValidationError",
            "ContentMD5 belongs to one content",
        ),
        (json!({"$path": "site/img", "include": "["}), json!({}), "FileRefused", "not a glob"),
        (json!({"$path": "site/index.html", "keyPrefix": "x"}), json!({}), "FileRefused", "keyPrefix only counts"),
    ] {
        let mut payload = payload(body);
        payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = run(&client, "PutObject", payload, json!({})).await;
        let error = &answer["error"];
        assert_eq!(error["type"], json!(kind), "{answer}");
        assert!(error["message"].as_str().unwrap().contains(word), "{answer}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn large_files_go_up_in_parts() {
    let house = House::open().await;
    let client = house.client().await;
    fs::create_dir(house.work().join("big")).unwrap();
    let big: Vec<u8> = (0..(20_u32 << 20)).map(|n| (n / 7 % 253) as u8).collect();
    fs::write(house.work().join("big/a.bin"), &big).unwrap();
    fs::write(house.work().join("big/b.bin"), "small").unwrap();
    let payload = json!({"Bucket": "demo-reports", "Body": {"$path": "big", "keyPrefix": ""}});
    let answer = run(&client, "PutObject", payload, json!({})).await;
    let etag = answer["result"]["Objects"][0]["ETag"].as_str().unwrap_or_default();
    assert!(answer["status"] == json!("ok") && etag.trim_matches('"').len() >= 32, "{answer}");
    let stored = objects(&house, "");
    assert!(stored["a.bin"] == big && stored["b.bin"] == b"small");
    assert_eq!(answer["metadata"]["attempts"], json!(3 + 1 + 1 + 1), "{answer}");
    house.close().await;
}

/// Objects are only sent after a human's word; and only beneath `www/`.
const ASK: &str = r#"
version: 1
services: {allowlist: ["*"], denylist: []}
rules:
  deny: [{match: "^s3:PutObject$", parameters: {Key: "\\.html$"}, because: "pages are made elsewhere"}]
  ask: ["^s3:PutObject$"]
default: ask
"#;

#[tokio::test(flavor = "multi_thread")]
async fn one_approval_shows_and_binds_every_file() {
    let house = House::open_with(ASK).await;
    let client = house.client().await;
    for (name, text) in [("a.css", "a"), ("b.css", "bb"), ("c.html", "c")] {
        fs::create_dir_all(house.work().join("site")).unwrap();
        fs::write(house.work().join("site").join(name), text).unwrap();
    }
    let payload = |exclude: &str| json!({"Bucket": "demo-reports", "Body": {"$path": "site", "keyPrefix": "www/", "exclude": exclude}});
    // A rule that looks at keys sees every one of them.
    let denied = run(&client, "PutObject", payload("none"), json!({})).await;
    assert_eq!(denied["error"]["type"], json!("PolicyDenied"), "{denied}");

    let held = run(&client, "PutObject", payload("*.html"), json!({"hold": 60}));
    let (answer, asked) = tokio::join!(held, async {
        let mut human = Human::at(&house.engine, SystemClock.now());
        let asked = human.reads(&house.engine).await;
        human.approves(&house.engine, "demo-reports").await;
        asked
    });
    assert_eq!(answer["status"], json!("ok"), "{answer}");
    let files: Vec<_> = asked.facts.files.iter().map(|file| (file.path.as_str(), file.size)).collect();
    assert_eq!(files, [("www/a.css", 1), ("www/b.css", 2)]);
    let sentence = "Uploads the 2 files (3 bytes) of the folder site to the S3 bucket demo-reports, beneath www/.";
    assert_eq!(asked.facts.sentence, sentence);
    assert_eq!(objects(&house, "www").len(), 2);

    // One file changes between the answer and the token.
    let asked = run(&client, "PutObject", payload("*.html"), json!({"hold": 0})).await;
    let token = asked["error"]["confirmation"]["token"].clone();
    let mut human = Human::at(&house.engine, SystemClock.now());
    human.reads(&house.engine).await;
    human.approves(&house.engine, "demo-reports").await;
    fs::write(house.work().join("site/b.css"), "XX").unwrap();
    let refused = run(&client, "PutObject", payload("*.html"), json!({"confirmationToken": token})).await;
    assert_eq!(refused["error"]["differs"], json!(["files"]), "{refused}");
    assert_eq!(objects(&house, "www")["www/b.css"], b"bb");
    house.close().await;
}
