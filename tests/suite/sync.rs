//! The models kept fresh: the real binary against a local server that serves well or badly, and engines that run on.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use countersign::base::Timestamp;
use countersign::models::installed::Places;
use countersign::models::sync::{self, Fetch, FetchError, Options, Place, Request, Response};
use countersign::models::{Home, Models, Refreshed, Store};
use serde_json::{Value, json};

use crate::support::desk::{Desk, STRICT};
use crate::support::fake::{Fake, Reply};
use crate::support::house::{engine_of, paths};
use crate::support::smithy::{Raw, Web, archive, archive_of, toy};

/// The binary in a home of its own, on a machine on which nothing is installed.
struct Cli {
    home: tempfile::TempDir,
    web: Web,
}

/// What a command said.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Cli {
    fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap(), web: Web::start() }
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", self.home.path())
            .env("COUNTERSIGN_HOME", self.home.path().join("state"))
            .env("SMITHY_SYNC_URL", &self.web.url)
            .env("SDK_TIMEOUT_SECONDS", "1")
            .current_dir(self.home.path())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let said = self.run(arguments);
        serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{} {}", said.out, said.err))
    }

    fn models(&self) -> PathBuf {
        self.home.path().join("state/models")
    }
}

fn generations(cli: &Cli) -> Vec<String> {
    let entries = std::fs::read_dir(cli.models().join("generations")).into_iter().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_sync_as_a_shell_sees_it() {
    let cli = Cli::new();
    assert!(cli.run(&["models", "status"]).out.starts_with("the snapshot in the binary alone; "));
    cli.web.answers(Raw::of(
        "200 OK",
        "etag: \"one\"\r\n",
        &archive_of("box", &toy("Toy Box", &[("DropToy", &["Name"])])),
    ));
    let said = cli.run(&["models", "sync"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.starts_with("a new generation is in place: "), "{}", said.out);
    assert!(said.out.contains("\nnew: toy-box:DropToy\n"), "{}", said.out);
    assert_eq!(cli.web.asked(), ["get /archive/main.tar.gz http/1.1"]);

    let again = cli.json(&["models", "sync", "--json"]);
    assert_eq!((&again["change"], &again["operations"]), (&json!("not_modified"), &json!(19_797)), "{again}");
    let status = cli.json(&["models", "status", "--json"]);
    let parts: Vec<(&Value, &Value)> =
        status["parts"].as_array().unwrap().iter().map(|part| (&part["origin"], &part["facts"])).collect();
    assert_eq!(parts[0], (&json!("snapshot"), &json!(439)));
    assert!(parts.contains(&(&json!("sync"), &json!(1))), "{status}");
    assert_eq!((&status["problem"], &status["sync_problem"]), (&Value::Null, &Value::Null));
    let generation = status["generation"].as_str().unwrap();
    assert_eq!(generations(&cli), [generation]);

    // What is in use is in use everywhere.
    let version = cli.run(&["--version"]).out;
    let source = Store::embedded().index().unwrap().source().to_owned();
    let expected = format!("countersign {}\nmodels: {source}, generation {generation}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(version, expected);
    // Search and schema say what AWS's own documentation says.
    std::fs::write(cli.home.path().join("policy.yaml"), STRICT).unwrap();
    let schema = cli.json(&["schema", "toy-box", "drop-toy", "--json"]);
    assert_eq!(schema["description"], json!("Does DropToy to a toy."), "{schema}");
    let found = cli.json(&["search", "drop", "toy", "--json"]);
    assert_eq!(
        (&found["results"][0]["operation"], &found["results"][0]["summary"]),
        (&json!("DropToy"), &schema["description"])
    );
}

#[test]
fn a_server_that_misbehaves_costs_nothing() {
    let cli = Cli::new();
    let good = archive_of("box", &toy("Toy Box", &[("DropToy", &["Name"])]));
    cli.web.answers(Raw::of("200 OK", "", &good));
    assert_eq!(cli.run(&["models", "sync"]).code, 0);
    let before = cli.json(&["models", "status", "--json"])["generation"].clone();
    let half = &good[..good.len() / 2];
    let promised = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n", good.len());
    let cases = [
        ("breaks off", Raw { head: promised.clone(), body: half.to_vec(), hangs: false }, "broke off"),
        ("falls silent", Raw { head: promised, body: half.to_vec(), hangs: true }, "nothing came for 1s"),
        ("never answers", Raw { hangs: true, ..Raw::default() }, "nothing came for 1s"),
        (
            "has no end",
            Raw { head: "HTTP/1.1 200 OK\r\nconnection: close".into(), body: half.to_vec(), hangs: false },
            "broke off",
        ),
        ("speaks no HTTP", Raw { head: "hello".into(), ..Raw::default() }, "; try again later"),
        ("lies", Raw::of("200 OK", "repr-digest: sha-256=:AAAA:\r\n", &good), "SHA-256"),
        ("shows a page", Raw::of("200 OK", "content-type: text/html\r\n", b"<html>"), "a web page"),
        ("fails", Raw::of("500 Oops", "", b""), "status 500"),
        ("has nothing", Raw::of("404 Not Found", "", b""), "nothing at this address"),
        (
            "turns in circles",
            Raw::of("302 Found", "location: /archive/main.tar.gz\r\n", b""),
            "redirects more than 5 times",
        ),
    ];
    for (what, raw, told) in cases {
        cli.web.answers(raw);
        let said = cli.run(&["models", "sync"]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{what}");
        assert!(said.err.starts_with("countersign: ") && said.err.contains(told), "{what}: {}", said.err);
        let status = cli.json(&["models", "status", "--json"]);
        assert_eq!(status["generation"], before, "{what}");
        assert!(status["sync_problem"].as_str().is_some_and(|problem| problem.contains(told)), "{what}: {status}");
        assert_eq!(generations(&cli).len(), 1, "{what}: nothing is left lying about");
    }
    // The engine beside it hears the same as events; offline is told apart.
    let said = cli.run(&["models", "sync", "--events"]);
    let last: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
    assert_eq!((said.code, &last["failed"]["offline"]), (1, &json!(false)), "{last}");
    let offline = cli.run(&["models", "sync", "--offline", "--json"]);
    assert_eq!((offline.code, offline.out.contains("\"change\":\"same\"")), (0, true), "{}", offline.out);
}

/// A few dozen services of AWS's own, as far as the shared data is there.
#[test]
fn aws_own_models_from_a_server() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/api-models-aws.tar.zst");
    let Ok(file) = std::fs::File::open(&data) else {
        println!("left out: {} is not there", data.display());
        return;
    };
    let mut tar = tar::Archive::new(zstd::Decoder::new(file).unwrap());
    let mut files = Vec::new();
    for (at, entry) in tar.entries().unwrap().enumerate() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_string_lossy().trim_start_matches("./").to_owned();
        if at % 10 == 0 || ["s3/", "sqs/", "datasync/"].iter().any(|service| path.starts_with(service)) {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            files.push((path, bytes));
        }
    }
    let cli = Cli::new();
    cli.web.answers(Raw::of("200 OK", "", &archive(&files)));
    let report = cli.json(&["models", "sync", "--json"]);
    assert_eq!(report["change"], json!("new"), "{report}");
    // The archive is older than the snapshot: it documents, and that is all.
    assert_eq!((&report["added"], &report["removed"]), (&json!([]), &json!([])), "{report}");
    let facts = &report["facts"];
    assert_eq!(facts, &json!([["snapshot", 439]]), "{report}");
    let documented = report["documentation"][0][1].as_u64().unwrap();
    assert!(report["documentation"][0][0] == json!("sync") && documented > 35, "{report}");

    // Nothing but prose differs: every operation is the very same call.
    let models = Models::open(Home::new(cli.models())).unwrap();
    let (store, snapshot) = (models.store(), Store::embedded());
    for service in report["changed"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()) {
        let (merged, known) = (store.model(service).unwrap(), snapshot.model(service).unwrap());
        for (name, operation) in &known.operations {
            let own = countersign::smithy::own::digest(&known, operation);
            assert_eq!(countersign::smithy::own::digest(&merged, &merged.operations[name]), own, "{service}:{name}");
        }
    }
    let s3 = store.model("s3").unwrap();
    let said = s3.operations["DeleteBucket"].documentation.as_deref();
    assert_eq!(said, Some("Deletes the S3 bucket."));
    let again = cli.json(&["models", "sync", "--json"]);
    assert_eq!((&again["change"], &again["generation"]), (&json!("same"), &report["generation"]), "{again}");
}

/// Serves one archive.
struct One(Vec<u8>);

impl Fetch for One {
    fn get(&self, _: Request<'_>) -> Result<Response, FetchError> {
        let body = Box::new(std::io::Cursor::new(self.0.clone()));
        Ok(Response { status: 200, etag: None, content_type: None, length: None, digest: None, location: None, body })
    }
}

fn synced(home: &Home, second: i64, model: &Value) {
    let places = Places { root: "/nowhere".into(), ..Places::default() };
    let now = Timestamp::from_millis(1_700_000_000_000 + second * 1_000);
    let options = Options { home, places: &places, now, threads: 1, anew: false };
    let place = Place::new("https://models.example/aws", "main").unwrap();
    sync::sync(options, Some((&place, &One(archive_of("box", model)))), &|_| {}).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_outlives_a_sync_unless_its_own_operation_changed() {
    let aws = Fake::start(|_| async { Reply::json(&json!({})) }).await;
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path().join("models"));
    synced(&home, 0, &toy("Toy Box", &[("DropToy", &["Name"]), ("PutToy", &["Name"])]));
    let address = aws.url.trim_start_matches("http://").parse().unwrap();
    let models = Models::open(home.clone()).unwrap();
    let engine = engine_of(&paths(&folder), address, STRICT, models).await;
    let desk = Desk::of(engine, tempfile::tempdir().unwrap());
    let keeper = desk.engine.models_keeper();
    assert_eq!(keeper.refresh(), Refreshed::Same);

    // On the heap: a call's future is large, and there are many here.
    let invoke = |operation: &'static str, payload: Value, options: Value| {
        Box::pin(desk.invoke("toy-box", operation, payload, options))
    };
    let approved = async || {
        let asked = invoke("DropToy", json!({"Name": "bear"}), json!({"hold": 0})).await.unwrap_err();
        assert_eq!(asked.kind, "ConfirmationRequired", "{asked:?}");
        desk.approve().await;
        json!({"confirmationToken": asked.extra["confirmation"]["token"]})
    };
    let redeemed = async |options: Value| invoke("DropToy", json!({"Name": "bear"}), options).await;

    // Another operation changed, and a new one came.
    let options = approved().await;
    synced(&home, 1, &toy("Toy Box", &[("DropToy", &["Name"]), ("PutToy", &["Name", "Size"]), ("New", &[])]));
    assert_eq!(keeper.refresh(), Refreshed::Swapped);
    let done = redeemed(options).await.unwrap();
    assert_eq!(done["status"], json!("ok"), "{done}");
    let size = invoke("PutToy", json!({"Size": "small"}), json!({"hold": 0})).await.unwrap_err();
    assert_eq!(size.kind, "ConfirmationRequired", "the new member is known without a restart");
    let pending = desk.pending().await;

    // Its own shapes changed.
    let deny = countersign::engine::Decision::Deny { reason: String::new() };
    desk.engine.approver(crate::support::house::key()).decide(&pending.id, deny).await.unwrap();
    let options = approved().await;
    synced(&home, 2, &toy("Toy Box", &[("DropToy", &["Name", "Force"]), ("PutToy", &["Name", "Size"])]));
    assert_eq!(keeper.refresh(), Refreshed::Swapped);
    let refused = redeemed(options.clone()).await.unwrap_err();
    assert_eq!((refused.kind, &refused.extra["differs"]), ("InvalidConfirmationToken", &json!(["models changed"])));
    // What was refused was not used up: as it was approved, it still counts.
    synced(&home, 3, &toy("Toy Box", &[("DropToy", &["Name"]), ("PutToy", &["Name", "Size"])]));
    assert_eq!(keeper.refresh(), Refreshed::Swapped);
    assert_eq!(redeemed(options).await.unwrap()["status"], json!("ok"));
    desk.close().await;
}
