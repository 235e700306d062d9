//! Places that cannot be written, full disks, locks, newer and foreign files: a clear message, and nothing lost.

use std::path::Path;
use std::time::Duration;

use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};

use super::{Home, findings, note};
use crate::ledger::schema::LATEST;
use crate::ledger::sqlite::Tuning;
use crate::ledger::{Ledger, LedgerError};

/// Tells the child of a test which ledger to open.
const CHILD: &str = "COUNTERSIGN_TEST_OPENS";

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let home = Home::new();
    let ledger = home.open().await;
    ledger.append(note(1)).await.unwrap();
    let folder = home.path().parent().unwrap().to_owned();
    assert_eq!(mode(&folder), 0o700);
    let mut files = 0;
    for entry in std::fs::read_dir(&folder).unwrap().chain(std::fs::read_dir(folder.join("engines")).unwrap()) {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        files += usize::from(path.is_file());
    }
    assert_eq!(files, 4, "the ledger, its log, its index and the engine's lock");

    ledger.close().await;
    std::fs::set_permissions(home.path(), PermissionsExt::from_mode(0o644)).unwrap();
    drop(home.open().await);
    assert_eq!(mode(&home.path()), 0o600);
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_named_with_the_cure() {
    let home = Home::new();
    std::fs::write(home.folder.path().join("home"), "a file").unwrap();
    let error = Ledger::open(&home.path()).await.err().unwrap();
    assert!(matches!(error, LedgerError::NotWritable { .. }), "{error:?}");
    let begin = format!("the ledger {} cannot be written (", home.path().display());
    let end = "; make its folder writable, or set COUNTERSIGN_HOME to a folder that is";
    let message = error.to_string();
    assert!(message.starts_with(&begin) && message.ends_with(end), "{message}");

    // A folder where the file should be.
    let error = Ledger::open(home.folder.path()).await.err().unwrap();
    assert!(matches!(error, LedgerError::NotWritable { .. }), "{error:?}");
}

/// Root may write anywhere: the opening is done by a process of nobody's then.
#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_is_read_only_is_named_with_the_cure() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
    use std::os::unix::process::CommandExt as _;
    let allow = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    let home = Home::new();
    home.open().await.close().await;
    let folder = home.path().parent().unwrap().to_owned();
    allow(home.folder.path(), 0o755);
    // Neither folder nor file; then the file, but no log can be made beside it.
    for file_mode in [0o444, 0o666] {
        allow(&home.path(), file_mode);
        allow(&folder, 0o555);
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "ledger::tests::faults::child_opens", "--nocapture"]).env(CHILD, home.path());
        if std::fs::metadata(home.folder.path()).unwrap().uid() == 0 {
            child.uid(65534).gid(65534);
        }
        let output = match child.output() {
            Ok(output) => output,
            Err(error) => {
                println!("left out: read-only folders; running the test as another user: {error}");
                return;
            }
        };
        allow(&folder, 0o755);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let message = format!("the ledger {} cannot be written (", home.path().display());
        assert!(said.contains(&message), "{file_mode:o}: {said}");
        assert!(said.contains("make its folder writable, or set COUNTERSIGN_HOME to a folder that is"), "{said}");
    }
}

/// Run by the test above in a process of its own; by itself it does nothing.
#[tokio::test]
async fn child_opens() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    match Ledger::open(Path::new(&path)).await {
        Ok(ledger) => println!("opened; append: {:?}", ledger.append(note(1)).await.map_err(|error| error.to_string())),
        Err(error) => println!("{error}"),
    }
}

#[tokio::test]
async fn a_newer_ledger_is_left_alone() {
    let home = Home::new();
    let ledger = home.open().await;
    ledger.append(note(1)).await.unwrap();
    ledger.close().await;
    home.edit("INSERT INTO schema_version (version, program) VALUES (700, '9.9.9')").await;
    let error = Ledger::open(&home.path()).await.err().unwrap();
    let newer = LedgerError::Newer { path: home.path(), found: 700, known: LATEST, program: "9.9.9".into() };
    assert_eq!(error, newer);
    assert_eq!(
        error.to_string(),
        format!(
            "the ledger {} was written by a newer countersign (9.9.9, schema 700; this program knows {LATEST}); update this \
             program, or set COUNTERSIGN_HOME to another folder",
            home.path().display()
        )
    );
    home.edit("DELETE FROM schema_version WHERE version = 700").await;
    assert_eq!(findings(&home.open().await).await, Ok(1));
}

#[tokio::test]
async fn a_file_that_is_something_else_is_left_alone() {
    let home = Home::new();
    std::fs::create_dir(home.path().parent().unwrap()).unwrap();
    let content = "This is not a ledger. ".repeat(100);
    std::fs::write(home.path(), &content).unwrap();
    let error = Ledger::open(&home.path()).await.err().unwrap();
    assert_eq!(error, LedgerError::Corrupt { path: home.path(), what: "file is not a database".into() });
    assert_eq!(std::fs::read_to_string(home.path()).unwrap(), content);
}

#[tokio::test]
async fn a_full_disk_stops_recording_and_loses_nothing() {
    let home = Home::new();
    home.open().await.close().await;
    let full = Tuning { max_pages: Some(60), ..Tuning::default() };
    let ledger = Ledger::open_tuned(&home.path(), full).await.unwrap();
    let mut recorded = Vec::new();
    let error = loop {
        match ledger.append_all((0..20).map(note).collect()).await {
            Ok(events) => recorded.extend(events),
            Err(error) => break error,
        }
    };
    assert_eq!(error, LedgerError::DiskFull { path: home.path() });
    assert!(recorded.len() >= 20, "something was recorded before");
    assert_eq!(ledger.append_all((0..20).map(note).collect()).await, Err(error), "and it stays so");
    assert_eq!(ledger.events_after(0, 100_000).await.unwrap(), recorded);
    ledger.close().await;

    // With space again it goes on.
    let ledger = home.open().await;
    recorded.push(ledger.append(note(1)).await.unwrap());
    assert_eq!(ledger.events_after(0, 100_000).await.unwrap(), recorded);
    assert_eq!(findings(&ledger).await, Ok(i64::try_from(recorded.len()).unwrap()));
}

#[tokio::test]
async fn a_lock_that_is_not_let_go_is_named_and_then_it_goes_on() {
    let home = Home::new();
    let hurried = Tuning { busy: Duration::from_millis(20), ..Tuning::default() };
    let ledger = Ledger::open_tuned(&home.path(), hurried).await.unwrap();
    ledger.append(note(1)).await.unwrap();
    let mut other = SqliteConnectOptions::new().filename(home.path()).connect().await.unwrap();
    let holding = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    assert_eq!(ledger.append(note(2)).await, Err(LedgerError::Locked { path: home.path() }));
    // Reading goes on meanwhile.
    assert_eq!(ledger.head().await.unwrap().0, 1);
    holding.rollback().await.unwrap();
    assert_eq!(ledger.append(note(3)).await.unwrap().event, note(3));
    assert_eq!(findings(&ledger).await, Ok(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_may_make_it_at_once() {
    for _ in 0..5 {
        let home = Home::new();
        let tasks: Vec<_> = (0..8)
            .map(|n| {
                let path = home.path();
                tokio::spawn(async move { Ledger::open(&path).await.unwrap().append(note(n)).await.unwrap() })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(findings(&home.open().await).await, Ok(8));
    }
}
