//! The commands as a shell runs them: what they print, how they end, and what bad input is told.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// Runs the binary in a folder with only these variables.
fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(arguments).env_clear().envs(variables.iter().copied()).current_dir(folder).stdin(Stdio::null());
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A home in the folder, and credentials that reach nothing.
fn home(folder: &Path) -> Vec<(&'static str, String)> {
    vec![
        ("COUNTERSIGN_HOME", folder.join("home").display().to_string()),
        ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "none".to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("SMITHY_AUTO_SYNC", "false".to_owned()),
        ("AWS_CONFIG_FILE", folder.join("no-config").display().to_string()),
        ("AWS_SHARED_CREDENTIALS_FILE", folder.join("no-credentials").display().to_string()),
    ]
}

fn run_at_home(folder: &Path, arguments: &[&str]) -> Output {
    let home = home(folder);
    let variables: Vec<(&str, &str)> = home.iter().map(|(name, value)| (*name, value.as_str())).collect();
    run(folder, arguments, &variables)
}

#[test]
fn what_cannot_start_names_the_cure() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let inside_a_file = folder.path().join("file/home").display().to_string();
    /// Arguments, variables, exit code, what is told.
    type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], i32, &'a str);
    let cases: &[Case<'_>] = &[
        (&["stdio"], &[], 1, "set COUNTERSIGN_HOME"),
        (
            &["stdio"],
            &[("HOME", "/tmp"), ("LOG_LEVEL", "LOUD")],
            1,
            "LOG_LEVEL=\"LOUD\": DEBUG, INFO, WARNING or ERROR",
        ),
        (&["stdio"], &[("COUNTERSIGN_HOME", &inside_a_file)], 1, "make the folder writable, or set COUNTERSIGN_HOME"),
        (&["console"], &[("COUNTERSIGN_HOME", &inside_a_file)], 1, "countersign serve"),
        (&["demo"], &[], 1, "countersign serve"),
        (&["explode"], &[], 2, "unrecognized subcommand"),
        (&["models", "import", "/nowhere"], &[("HOME", "/tmp")], 1, "/nowhere"),
    ];
    for (arguments, variables, code, told) in cases {
        let output = run(folder.path(), arguments, variables);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(*code), "{arguments:?}: {stderr}");
        assert!(stderr.contains(told), "{arguments:?}: {stderr}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_closed_stdin_ends_stdio_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let output = run_at_home(folder.path(), &["stdio"]);
    assert_eq!((output.status.code(), text(&output.stdout), text(&output.stderr)), (Some(0), "", ""));
}

#[test]
fn without_a_sound_policy_every_call_is_denied_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let hint = || {
        let output = run_at_home(folder.path(), &["invoke", "s3", "ListBuckets"]);
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((output.status.code(), &answer["error"]["type"]), (Some(3), &json!("PolicyDenied")), "{answer}");
        answer["error"]["hint"].as_str().unwrap().to_owned()
    };
    assert!(hint().contains("`countersign init` writes a policy where there is none"));
    std::fs::write(folder.path().join("policy.yaml"), "version: 1\nruels: {}\n").unwrap();
    let told = hint();
    assert!(told.contains("policy.yaml:2:1") && told.contains("^^^^^") && told.contains("rules"), "{told}");
}

#[test]
fn init_writes_what_is_absent_and_leaves_alone_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), "AWS_REGION=eu-west-1\n").unwrap();
    let output = run_at_home(folder.path(), &["init"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("\"mcpServers\""));
    let policy = std::fs::read_to_string(folder.path().join("policy.yaml")).unwrap();
    assert_eq!(policy, countersign::policy::SHIPPED);
    assert_eq!(std::fs::read_to_string(folder.path().join(".env")).unwrap(), "AWS_REGION=eu-west-1\n");

    for preset in countersign::policy::Preset::ALL {
        std::fs::remove_file(folder.path().join("policy.yaml")).unwrap();
        run_at_home(folder.path(), &["init", "--policy", preset.name()]);
        let policy = std::fs::read_to_string(folder.path().join("policy.yaml")).unwrap();
        assert_eq!(policy, preset.text(), "{}", preset.name());
    }
    let output = run_at_home(folder.path(), &["init", "--policy", "lax"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("there are read-only, guarded, sandbox"), "{}", text(&output.stderr));

    std::fs::write(folder.path().join("policy.yaml"), "version: 1\n").unwrap();
    run_at_home(folder.path(), &["init"]);
    assert_eq!(std::fs::read_to_string(folder.path().join("policy.yaml")).unwrap(), "version: 1\n");
}

#[test]
fn the_tools_answer_in_a_shell_with_the_exit_codes_of_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let policy = "version: 1\nservices: {denylist: [iam]}\nrules: {allow: ['^s3:List']}\ndefault: ask\n";
    std::fs::write(folder.path().join("policy.yaml"), policy).unwrap();
    let cases: &[(&[&str], i32, &str)] = &[
        (&["search", "delete", "a", "bucket"], 0, "s3:DeleteBucket"),
        (&["schema", "s3", "delete-bucket", "--json"], 0, "\"operation\": \"DeleteBucket\""),
        (&["schema", "s3", "delete-bucket"], 0, "Bucket*  string"),
        (&["schema", "s3", "delete-bucket", "--color", "always"], 0, "\u{1b}[36mBucket\u{1b}[0m*"),
        (&["schema", "s3", "delete-bucket", "--path", "Bukcet"], 2, "it has Bucket"),
        (&["validate", "s3", "DeleteBucket", "{\"Bucket\": \"b-1\"}", "--json"], 0, "\"verdict\": \"ask\""),
        (&["validate", "s3", "DeleteBucket", "{\"Bucket\": \"b-1\"}"], 0, "s3:DeleteBucket: valid\n"),
        (&["validate", "s3", "DeleteBucket", "{\"Bukcet\": \"b-1\"}", "--json"], 1, "\"nearest\": \"Bucket\""),
        (&["validate", "s3", "DeleteBucket", "{\"Bukcet\": \"b-1\"}"], 1, "did you mean Bucket?"),
        (&["validate", "s3", "DeleteBucket", "{\"Bucket\": \"a\", \"Bucket\": \"b\"}"], 2, "stands twice"),
        (&["validate", "s3", "DeleteBucket", "{"], 2, "the text is not JSON"),
        (&["validate", "s3", "DeleteBuckets"], 1, "nearest: DeleteBucket"),
        (&["invoke", "iam", "DeleteUser", "{\"UserName\": \"x\"}"], 3, "services.denylist: iam"),
    ];
    for (arguments, code, told) in cases {
        let output = run_at_home(folder.path(), arguments);
        let stdout = text(&output.stdout);
        assert_eq!(output.status.code(), Some(*code), "{arguments:?}: {stdout}{}", text(&output.stderr));
        assert!(stdout.contains(told), "{arguments:?}: {stdout}");
    }
}

#[test]
fn the_models_are_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let output = run_at_home(folder.path(), &["models", "status", "--json"]);
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&status["services"], &status["operations"]), (&json!(439), &json!(19_796)), "{status}");
}
