//! The real binary in a real terminal, used as a person uses it.

use std::ffi::OsStr;

use serde_json::json;

use crate::support::house::{House, call, invoke};
use crate::support::pty::Screen;

/// What the footer says of the guard, in the order in which it does.
const GUARD: [&str; 3] = ["read to the end", "arming", "a approve"];

/// Opens the selected request, reads it to its end and waits for the guard.
fn read(screen: &mut Screen) {
    screen.press("\r");
    loop {
        let text = screen.wait("the guard", |text| GUARD.iter().any(|word| text.contains(word)));
        if text.contains("a approve") {
            return;
        }
        if text.contains("read to the end") {
            screen.press_and_see(" ");
        } else {
            screen.wait_for("a approve");
        }
    }
}

/// Reads a request, approves it, and types its target as the console asks.
fn approve(screen: &mut Screen, target: &str) {
    read(screen);
    screen.press("a");
    screen.wait_for("to approve, type:");
    screen.type_slowly(target);
    screen.press("\r");
}

#[test]
fn the_demo_tells_the_whole_story_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let temporary = folder.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let mut screen = Screen::start(&["demo"], &[("TMPDIR", temporary.as_os_str())], folder.path(), 80, 24);

    screen.wait_for("s3:DeleteBucket");
    approve(&mut screen, "demo-logs");
    screen.wait_for("s3:DeleteObject");
    read(&mut screen);
    screen.wait_for("Invoice 0001 looks like a duplicate.");
    screen.press("d");
    screen.wait_for("Enter");
    screen.type_slowly("keep it");
    screen.press("\r");
    screen.wait_for("InvalidConfirmationToken");

    screen.press("2");
    for operation in ["s3:ListBuckets", "s3:PutObject", "s3:DeleteBucket", "s3:DeleteObject"] {
        screen.wait_for(operation);
    }
    screen.press("q");
    assert!(screen.wait_for_end(), "the demo ends well");
    assert!(screen.is_restored(), "the terminal is as it was");
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0, "nothing is left behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_over_stdio_and_a_person_at_the_console() {
    let mut house = House::open().await;
    // The console under test listens; the house only lends its S3 server.
    house.stop_listening().await;
    // And its own key is pinned, as that of the first console there is.
    std::fs::remove_file(house.paths().approvers()).unwrap();
    let home = house.paths().home;
    let policy = house.policy_file();
    let variables: Vec<(&str, &OsStr)> = vec![
        ("COUNTERSIGN_HOME", home.as_os_str()),
        ("POLICY_PATH", policy.as_os_str()),
        ("AWS_ENDPOINT_URL", OsStr::new(&house.endpoint)),
        ("AWS_ACCESS_KEY_ID", OsStr::new(countersign::cli::demo::server::ACCESS_KEY)),
        ("AWS_SECRET_ACCESS_KEY", OsStr::new(countersign::cli::demo::server::SECRET_KEY)),
        ("AWS_REGION", OsStr::new("us-east-1")),
        ("SMITHY_AUTO_SYNC", OsStr::new("false")),
    ];
    let mut screen = Screen::start(&[], &variables, house.home.path(), 80, 24);
    screen.wait_for("Nothing waits for you.");

    let client = house.stdio().await;
    let listed = call(&client, "aws_execute", invoke("ListBuckets", json!({}), json!({}))).await;
    assert_eq!(listed["status"], json!("ok"), "{listed}");

    let asked =
        call(&client, "aws_execute", invoke("DeleteBucket", json!({"Bucket": "demo-reports"}), json!({"hold": 0})))
            .await;
    assert_eq!(asked["error"]["type"], json!("ConfirmationRequired"), "{asked}");
    let token = asked["error"]["confirmation"]["token"].clone();
    let again =
        invoke("DeleteBucket", json!({"Bucket": "demo-reports"}), json!({"hold": 60, "confirmationToken": token}));
    let (answer, screen) = tokio::join!(call(&client, "aws_execute", again), async {
        let pressing = tokio::task::spawn_blocking(move || {
            screen.wait_for("s3:DeleteBucket");
            approve(&mut screen, "demo-reports");
            screen
        });
        pressing.await.unwrap()
    });
    assert_eq!(answer["status"], json!("ok"), "{answer}");
    assert!(!house.buckets().join("demo-reports").exists());

    // Told to end, the console gives the terminal back.
    let mut screen = screen;
    let status = std::process::Command::new("kill").args(["-TERM", &screen.pid().to_string()]).status().unwrap();
    assert!(status.success());
    screen.wait_for_end();
    assert!(screen.is_restored(), "the terminal is as it was");
    client.cancel().await.unwrap();
    house.close().await;
}

#[test]
fn a_terminal_too_small_to_approve_in_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut screen = Screen::start(&["demo"], &[], folder.path(), 30, 8);
    screen.wait_for("s3:DeleteBucket");
    screen.press("\r");
    screen.wait_for("enlarge to 40x12");
    screen.resize(80, 24);
    screen.wait_for("read to the end");
}

#[test]
fn without_a_terminal_the_console_names_what_to_use_instead() {
    let folder = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_countersign"))
        .env_clear()
        .env("HOME", folder.path())
        .current_dir(folder.path())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("countersign serve"), "{told}");
}
