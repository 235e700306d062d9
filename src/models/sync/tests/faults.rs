//! Everything that can be wrong with a source: it is refused, told, and what was in use stays as it lies.

use super::*;
use crate::models::{HomeError, Store, sync::import};

#[test]
fn whatever_is_wrong_nothing_is_lost() {
    let den = Den::new();
    den.good(0, &two_toys());
    let before = den.snapshot();
    let archive = gzip(&tar(&two_toys()));
    let cut = |from: &[u8], at: usize| Answer::ok(from[..at].to_vec());
    let with = |path: &str, content: &str| {
        let mut files = two_toys();
        files.insert(path.to_owned(), content.as_bytes().to_vec());
        Answer::ok(gzip(&tar(&files)))
    };
    let mut flipped = archive.clone();
    let middle = flipped.len() - 6;
    flipped[middle] ^= 1;
    let whole = tar(&two_toys());
    let broken_model = r#"{"smithy": "2.0", "shapes": {"a#S": {"type": "service", "version": "1", "operations": [{"target": "a#Gone"}]}}}"#;
    let rules = json!({"version": "1.0", "parameters": {}, "rules": [{"type": "endpoint", "conditions": [{"fn": "noSuchFunction", "argv": []}], "endpoint": {"url": "https://x"}}]});
    let mut unruly = toy("Toy Box", &[("GetToy", &[])]);
    unruly["shapes"]["toy#Toys"]["traits"]["smithy.rules#endpointRuleSet"] = rules;
    let cases = [
        (
            "breaks off in the middle",
            Answer { breaks: Some("connection reset"), ..cut(&archive, archive.len() / 2) },
            "connection reset",
        ),
        ("ends in the middle", cut(&archive, archive.len() / 2), "it broke off"),
        ("ends before the checksum", cut(&archive, archive.len() - 8), "it broke off"),
        ("ends before the end of the tar", cut(&whole, whole.len() - 1_024), "before the end of the tar"),
        ("ends within a file", cut(&whole, 700), "broke off"),
        ("a wrong checksum", Answer::ok(flipped), "corrupt"),
        ("promises more", Answer { length: Some(archive.len() as u64 + 9), ..Answer::ok(archive.clone()) }, "promised"),
        ("promises less", Answer { length: Some(9), ..Answer::ok(archive.clone()) }, "promised 9 bytes"),
        ("lies about its digest", Answer { digest: Some("sha-256=:AAAA:"), ..Answer::ok(archive.clone()) }, "SHA-256"),
        (
            "a web page",
            Answer { kind: Some("Text/HTML; charset=utf-8"), ..Answer::ok(b"<html>".to_vec()) },
            "a web page",
        ),
        ("a web page in disguise", Answer::ok(b"\n <!DOCTYPE html><p>Sign in".to_vec()), "a web page"),
        ("nothing", Answer::ok(Vec::new()), "it is empty"),
        ("junk", Answer::ok(vec![7; 4_096]), "it is no tar"),
        ("no models", with_only("README.md", "hello"), "holds no Smithy models"),
        ("no Smithy", with_only("x/service/2020-01-01/x.json", "{}"), "holds no Smithy models"),
        ("a broken model", with("models-main/a/service/2020-01-01/a.json", broken_model), "a#Gone"),
        ("no JSON", with("models-main/a/service/2020-01-01/a.json", "{"), "it is no JSON"),
        (
            "rules that nobody knows",
            with("models-main/toy-box/service/2020-01-01/toy-box.json", &unruly.to_string()),
            "noSuchFunction",
        ),
        ("nothing there", Answer::status(404), "there is nothing at this address (404)"),
        ("not for us", Answer::status(403), "does not let us have it"),
        ("too many of us", Answer::status(429), "not able to answer now (status 429)"),
        ("broken itself", Answer::status(500), "not able to answer now (status 500)"),
        ("unasked for", Answer::status(304), "status 304"),
        ("odd", Answer::status(206), "status 206"),
    ];
    for (second, (what, answer, told)) in cases.into_iter().enumerate() {
        let second = i64::try_from(second).unwrap() + 1;
        // An address at which there is nothing is asked whether it is a git repository.
        let error = den.sync(second, &Server::with([answer, Answer::status(404)])).unwrap_err();
        assert!(error.to_string().contains(told), "{what}: {error}");
        assert!(!error.is_offline(), "{what}");
        assert_eq!(den.snapshot(), before, "{what}: nothing was changed");
        let last = den.home.last_sync().unwrap().unwrap();
        assert_eq!(
            (last.succeeded_at, last.tried_at, last.problem),
            (Some(at(0)), at(second), Some(error.to_string())),
            "{what}"
        );
    }
    assert_eq!(listed(&den.models(), "toy-box").len(), 2);
}

fn with_only(path: &str, content: &str) -> Answer {
    Answer::ok(gzip(&tar(&Files::from([(path.to_owned(), content.as_bytes().to_vec())]))))
}

#[test]
fn a_git_repository_without_archives_is_told_from_nothing() {
    let den = Den::new();
    let refs = Answer { kind: Some("application/x-git-upload-pack-advertisement"), ..Answer::ok(Vec::new()) };
    let server = Server::with([Answer::status(404), refs]);
    let error = den.sync(0, &server).unwrap_err().to_string();
    assert!(error.contains("a git repository that serves no archives"), "{error}");
    assert_eq!(server.asked()[1].0, "https://models.example/aws/info/refs?service=git-upload-pack");
}

#[test]
fn nothing_is_written_where_an_archive_wants_it() {
    let den = Den::new();
    let outside = den.folder.path().join("outside.json");
    let model = toy("Toy Box", &[("GetToy", &[])]).to_string();
    // The crate does not write such names, so they are put into the header by hand.
    for name in ["../../../../outside.json", "/tmp/outside.json", "a/../../service/2020-01-01/x.json"] {
        let mut header = tar::Header::new_ustar();
        header.as_ustar_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(model.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        let mut builder = tar::Builder::new(Vec::new());
        builder.append(&header, model.as_bytes()).unwrap();
        let error = den.sync(0, &Server::with([Answer::ok(builder.into_inner().unwrap())])).unwrap_err().to_string();
        assert!(error.contains("leads out of it"), "{name}: {error}");
    }
    assert!(!outside.exists());

    // A link is no file: what it points to is never read.
    std::fs::write(&outside, &model).unwrap();
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    builder.append_link(&mut header, "x/service/2020-01-01/x.json", &outside).unwrap();
    let error = den.sync(1, &Server::with([Answer::ok(builder.into_inner().unwrap())])).unwrap_err().to_string();
    assert!(error.contains("holds no Smithy models"), "{error}");
}

#[test]
fn offline_is_no_failure_of_anybodys() {
    let den = Den::new();
    let error = den.sync(0, &Server::unreachable()).unwrap_err();
    assert!(error.is_offline(), "{error}");
    assert_eq!((den.models().generation(), den.models().problem()), (None, None));
    assert_eq!(den.models().store().index().unwrap().operation_count(), 19_796);
}

#[test]
fn two_do_not_write_at_once() {
    let den = Den::new();
    let lock = den.home.lock().unwrap();
    let error = den.sync(0, &Server::with([])).unwrap_err();
    assert!(matches!(error, SyncError::Home(HomeError::Busy)), "{error}");
    assert_eq!(den.home.last_sync().unwrap(), None, "who holds the lock writes");
    drop(lock);
    // What a killed process left behind is in nobody's way, and goes.
    let left = den.folder.path().join("models/generations/.new-left");
    std::fs::create_dir_all(left.join("raw")).unwrap();
    den.good(1, &two_toys());
    assert!(!left.exists());
}

#[test]
fn an_import_that_fails_changes_nothing() {
    let den = Den::new();
    den.good(0, &two_toys());
    let before = den.snapshot();
    let source = den.folder.path().join("x.json");
    std::fs::write(&source, "{").unwrap();
    let error = import(den.options(1), &source, &|_| {}).unwrap_err().to_string();
    assert!(error.contains("it is no JSON"), "{error}");
    assert_eq!(den.snapshot(), before);
    assert_eq!(Store::embedded().index().unwrap().service("toy-box"), None);
}
