//! `countersign stdio` as the process that a client starts: over every kind of standard stream, and every way
//! it can end.

use std::io::{BufReader, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// The program in a home of its own, without credentials and without a network.
fn program(home: &tempfile::TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command
        .arg("stdio")
        .env_clear()
        .env("HOME", home.path())
        .env("COUNTERSIGN_HOME", home.path().join("state"))
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("SMITHY_AUTO_SYNC", "false")
        .current_dir(home.path())
        .stderr(Stdio::piped());
    command
}

fn requests() -> String {
    let hello =
        json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "p", "version": "1"}});
    format!(
        "{}\n{}\n{}\n",
        json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"}),
    )
}

/// Reads the two answers and checks that they are whole.
fn check(answers: &mut impl std::io::BufRead) {
    for id in 1..=2 {
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(answer["id"], json!(id), "{line}");
        assert!(answer.get("result").is_some(), "{line}");
    }
}

/// Waits for the end, which must be an orderly one without a word on stderr.
fn ends(mut child: Child) {
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(told, "");
}

fn terminate(child: &Child) {
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn over_pipes() {
    let home = tempfile::tempdir().unwrap();
    let mut child = program(&home).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    input.write_all(requests().as_bytes()).unwrap();
    check(&mut output);
    // In the middle of a message.
    input.write_all(b"{\"jsonrpc\":\"2.0\",\"id\":3,\"meth").unwrap();
    drop(input);
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
    ends(child);
}

#[test]
fn over_sockets_as_node_clients_make_them() {
    for end_by_signal in [false, true] {
        let home = tempfile::tempdir().unwrap();
        let (near, far) = UnixStream::pair().unwrap();
        let other = far.try_clone().unwrap();
        let mut command = program(&home);
        command.stdin(OwnedFd::from(far)).stdout(OwnedFd::from(other));
        let child = command.spawn().unwrap();
        drop(command);
        (&near).write_all(requests().as_bytes()).unwrap();
        check(&mut BufReader::new(&near));
        if end_by_signal {
            terminate(&child);
        } else {
            near.shutdown(std::net::Shutdown::Write).unwrap();
        }
        ends(child);
    }
}

#[test]
fn over_files() {
    let home = tempfile::tempdir().unwrap();
    let (input, output) = (home.path().join("in"), home.path().join("out"));
    std::fs::write(&input, requests()).unwrap();
    let child = program(&home)
        .stdin(std::fs::File::open(&input).unwrap())
        .stdout(std::fs::File::create(&output).unwrap())
        .spawn()
        .unwrap();
    ends(child);
    check(&mut BufReader::new(std::fs::File::open(&output).unwrap()));
}

#[test]
fn a_signal_ends_it_whatever_it_reads() {
    let home = tempfile::tempdir().unwrap();
    // A terminal's device: its reads can only be waited for.
    let pty = portable_pty::native_pty_system().openpty(portable_pty::PtySize::default()).unwrap();
    let terminal = std::fs::File::options().read(true).open(pty.master.tty_name().unwrap()).unwrap();
    let mut child = program(&home).stdin(terminal).stdout(Stdio::piped()).spawn().unwrap();
    pty.master.take_writer().unwrap().write_all(requests().as_bytes()).unwrap();
    check(&mut BufReader::new(child.stdout.take().unwrap()));
    terminate(&child);
    ends(child);
}

#[test]
fn a_client_that_stops_reading_ends_it() {
    let home = tempfile::tempdir().unwrap();
    let mut child = program(&home).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    input.write_all(requests().as_bytes()).unwrap();
    check(&mut output);
    drop(output);
    input.write_all(b"{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"ping\"}\n").unwrap();
    ends(child);
}
