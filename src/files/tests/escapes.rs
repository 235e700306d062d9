//! Every way out that is known, in one table.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use super::super::{Files, Found};
use super::{World, read};
use crate::policy;
use crate::uploads::Place;

/// What comes of a path: its content, or the rule that refuses it and a word of why.
enum Want {
    Reads(&'static str),
    Refused(&'static str, &'static str),
}
use Want::{Reads, Refused};

/// Sets the scene for one case.
type Scene = fn(&World);

const NOTHING: Scene = |_| {};

fn table() -> Vec<(&'static str, Scene, &'static str, Want)> {
    vec![
        ("a file", NOTHING, "a.txt", Reads("a")),
        ("a dot", NOTHING, "./a//b/./c.txt", Reads("c")),
        ("empty", NOTHING, "empty", Reads("")),
        ("a folder", NOTHING, "a", Reads("folder a")),
        ("the root itself", NOTHING, ".", Reads("folder .")),
        ("a link within", |w| w.link("a/b/c.txt", "work/l"), "l", Reads("c")),
        ("a linked folder within", |w| w.link("a/b", "work/l"), "l/c.txt", Reads("c")),
        (
            "a link to a file outside",
            |w| w.link("../outside/secret.txt", "work/l"),
            "l",
            Refused("files.roots", "leads out"),
        ),
        (
            "an absolute link",
            |w| w.link(w.path("outside/secret.txt"), "work/l"),
            "l",
            Refused("files.roots", "leads out"),
        ),
        (
            "a link to a folder outside",
            |w| w.link("../outside", "work/l"),
            "l/secret.txt",
            Refused("files.roots", "leads out"),
        ),
        (
            "a link to a link outside",
            |w| {
                w.link("../outside", "work/m");
                w.link("m/secret.txt", "work/l");
            },
            "l",
            Refused("files.roots", "leads out"),
        ),
        ("a link out and back in", |w| w.link("../work/a.txt", "work/l"), "l", Refused("files.roots", "leads out")),
        (
            "a link to a secret within",
            |w| w.link(".env", "work/harmless.txt"),
            "harmless.txt",
            Refused("secret: dotenv", "rule"),
        ),
        (
            "a link called like a secret",
            |w| w.link("a.txt", "work/x.pem"),
            "x.pem",
            Refused("secret: private key", "rule"),
        ),
        (
            "links in circles",
            |w| {
                w.link("m", "work/l");
                w.link("l", "work/m");
            },
            "l",
            Refused("path", "circles"),
        ),
        ("a link to nothing", |w| w.link("gone", "work/l"), "l", Refused("path", "no such file")),
        (
            "a hard link",
            |w| fs::hard_link(w.path("outside/secret.txt"), w.path("work/h")).unwrap(),
            "h",
            Refused("hard links are refused", "2 names"),
        ),
        (
            "a named pipe",
            |w| run("mkfifo", &[w.path("work/pipe").to_str().unwrap()]),
            "pipe",
            Refused("regular files only", "a named pipe"),
        ),
        (
            "a link to a pipe",
            |w| {
                run("mkfifo", &[w.path("work/pipe").to_str().unwrap()]);
                w.link("pipe", "work/l");
            },
            "l",
            Refused("regular files only", "a named pipe"),
        ),
        (
            "a socket",
            |w| drop(UnixListener::bind(w.path("work/s")).unwrap()),
            "s",
            Refused("regular files only", "a socket"),
        ),
        ("a link to a device", |w| w.link("/dev/zero", "work/l"), "l", Refused("files.roots", "leads out")),
        ("a link into /proc", |w| w.link("/proc/self/environ", "work/l"), "l", Refused("files.roots", "leads out")),
        ("a link to the open files", |w| w.link("/proc/self/fd/0", "work/l"), "l", Refused("files.roots", "leads out")),
        ("an absolute path", NOTHING, "/etc/passwd", Refused("files.roots", "outside")),
        ("/proc", NOTHING, "/proc/self/environ", Refused("files.roots", "outside")),
        ("a device", NOTHING, "/dev/stdin", Refused("files.roots", "outside")),
        ("a file descriptor", NOTHING, "/dev/fd/0", Refused("files.roots", "outside")),
        ("up", NOTHING, "../outside/secret.txt", Refused("path", "`..`")),
        ("down and up", NOTHING, "a/../../outside/secret.txt", Refused("path", "`..`")),
        ("up within", NOTHING, "a/../a.txt", Refused("path", "`..`")),
        ("wide dots", NOTHING, "\u{ff0e}\u{ff0e}/outside/secret.txt", Refused("path", "no such file")),
        ("backslashes", NOTHING, "..\\outside\\secret.txt", Refused("path", "no such file")),
        ("percent", NOTHING, "%2e%2e/outside/secret.txt", Refused("path", "no such file")),
        ("tilde", NOTHING, "~/.aws/credentials", Refused("path", "`~`")),
        ("another's home", NOTHING, "~root/x", Refused("path", "`~`")),
        ("a variable", NOTHING, "$HOME/.aws/credentials", Refused("path", "variables")),
        ("a variable in braces", NOTHING, "a/${HOME}/x", Refused("path", "variables")),
        ("a URL", NOTHING, "file:///etc/passwd", Refused("path", "URL")),
        ("NUL", NOTHING, "a.txt\0.png", Refused("path", "NUL")),
        ("a trailing dot", NOTHING, "a.txt.", Refused("path", "no such file")),
        ("a trailing blank", NOTHING, "a.txt ", Refused("path", "no such file")),
        ("a file as a folder", NOTHING, "a.txt/x", Refused("path", "not a folder")),
        ("a long name", NOTHING, Box::leak("n".repeat(300).into_boxed_str()), Refused("path", "longer")),
        ("a long path", NOTHING, Box::leak("a/".repeat(3_000).into_boxed_str()), Refused("path", "longer")),
        ("a secret", NOTHING, ".env", Refused("secret: dotenv", "rule")),
        (
            "a secret in capitals",
            |w| fs::write(w.path("work/.ENV"), "x").unwrap(),
            ".ENV",
            Refused("secret: dotenv", "rule"),
        ),
        (
            "a key in capitals",
            |w| fs::write(w.path("work/Server.PEM"), "x").unwrap(),
            "Server.PEM",
            Refused("secret: private key", "rule"),
        ),
        ("a secret that is not there", NOTHING, "id_rsa", Refused("secret: private key", "rule")),
        (
            "a key by its content",
            |w| fs::write(w.path("work/n.txt"), "-----BEGIN EC PRIVATE KEY-----\nx").unwrap(),
            "n.txt",
            Refused("secret: private key", "rule"),
        ),
        ("what the policy denies", NOTHING, ".git/config", Refused("files.deny: **/.git/**", "rule")),
        (
            "a name that is not UTF-8",
            |w| {
                let name = Path::new(OsStr::from_bytes(b"\xff.txt"));
                fs::write(w.path("work").join(name), "x").unwrap();
                w.link(name, "work/l");
            },
            "l",
            Refused("path", "not UTF-8"),
        ),
        (
            "a sparse file of 1 TB",
            |w| fs::File::create(w.path("work/big")).unwrap().set_len(1 << 40).unwrap(),
            "big",
            Refused("files.max_bytes", "1099511627776 bytes"),
        ),
        ("a missing file", NOTHING, "gone.txt", Refused("path", "no such file")),
        ("a missing folder", NOTHING, "gone/x.txt", Refused("path", "no such file")),
    ]
}

fn run(program: &str, arguments: &[&str]) {
    assert!(Command::new(program).args(arguments).status().unwrap().success(), "{program}");
}

#[test]
fn nothing_outside_is_read() {
    let table = table();
    assert!(table.len() >= 50);
    for (what, scene, path, want) in table {
        let world = World::new();
        scene(&world);
        let got = read(&world.reach(|_| {}), path);
        match (want, got) {
            (Reads(text), got) => assert_eq!(got.as_deref(), Ok(text), "{what}"),
            (Refused(rule, why), Err(refusal)) => {
                assert_eq!(refusal.rule, rule, "{what}: {refusal}");
                assert!(refusal.problem.contains(why), "{what}: {refusal}");
                assert!(!refusal.cure.is_empty() && refusal.path == path, "{what}");
            }
            (Refused(..), Ok(text)) => panic!("{what}: {text}"),
        }
    }
}

#[test]
fn an_unreadable_file_is_told() {
    let world = World::new();
    fs::set_permissions(world.path("work/a.txt"), fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(world.path("work/a.txt")).is_ok() {
        println!("left out: a user whom permissions do not stop");
        return;
    }
    let refusal = read(&world.reach(|_| {}), "a.txt").unwrap_err();
    assert_eq!((refusal.rule.as_str(), refusal.problem.as_str()), ("path", "it cannot be read: permission denied"));
}

#[test]
fn absolute_paths_and_other_names_of_a_root_are_known() {
    let world = World::new();
    world.link("work", "alias");
    let roots = |roots: &[&str]| {
        let roots: Vec<String> = roots.iter().map(|root| (*root).to_owned()).collect();
        move |files: &mut policy::Files| files.roots = roots
    };
    let text = |path: &str| world.path(path).to_str().unwrap().to_owned();
    let reach = world.reach(|_| {});
    assert_eq!(read(&reach, &text("work/a.txt")).as_deref(), Ok("a"));
    // The server may have been started through a link.
    let files = Files::new(&world.path("alias"), Vec::new());
    let reach = files.reach(&policy::Files::default());
    for path in ["a.txt".to_owned(), text("alias/a.txt"), text("work/a.txt")] {
        assert_eq!(read(&reach, &path).as_deref(), Ok("a"), "{path}");
    }
    // Further roots, absolute and relative.
    for root in [text("real"), "../real".to_owned()] {
        let reach = world.reach(roots(&["a", &root]));
        assert_eq!(read(&reach, &text("real/data.csv")).as_deref(), Ok("1,2"));
        assert_eq!(read(&reach, "a/b/c.txt").as_deref(), Ok("c"));
        assert_eq!(read(&reach, "a.txt").unwrap_err().rule, "files.roots");
    }
    assert_eq!(read(&world.reach(roots(&[])), "a.txt").unwrap_err().rule, "files.roots");
    // A link in the place of a root beneath the start folder leads nowhere else.
    world.link("../outside", "work/dist");
    assert_eq!(read(&world.reach(roots(&["dist"])), "dist/secret.txt").unwrap_err().rule, "files.roots");
}

#[test]
fn a_root_that_was_replaced_is_not_used() {
    let world = World::new();
    let reach = world.reach(|files| files.roots = vec!["../real".into()]);
    let path = world.path("real/data.csv").to_str().unwrap().to_owned();
    assert_eq!(read(&reach, &path).as_deref(), Ok("1,2"));
    fs::rename(world.path("real"), world.path("moved")).unwrap();
    world.link("outside", "real");
    let refusal = read(&reach, &path).unwrap_err();
    assert!(refusal.cure.contains("another folder has taken its place"), "{}", refusal.cure);
}

#[test]
fn the_whole_machine_as_a_root_does_not_hold_the_kernels_files() {
    let world = World::new();
    let reach = world.reach(|files| files.roots = vec!["/".into()]);
    for path in ["/proc/self/environ", "/proc/self/root/etc/passwd", "/dev/zero", "/sys/kernel/notes"] {
        let refusal = read(&reach, path).unwrap_err();
        assert_eq!(refusal.rule, "regular files only", "{refusal}");
    }
    let path = world.path("work/a.txt").to_str().unwrap().to_owned();
    if let Err(refusal) = read(&reach, &path) {
        // Where the folder for temporary files is a mount of its own.
        assert!(refusal.problem.contains("another file system"), "{refusal}");
    }
}

#[test]
fn permitted_secrets_are_read() {
    let world = World::new();
    let reach = world.reach(|files| files.allow = vec![".env".into()]);
    assert_eq!(read(&reach, ".env").as_deref(), Ok("SECRET=1"));
}

#[test]
fn a_file_that_grows_or_changes_is_noticed() {
    let world = World::new();
    let reach = world.reach(|_| {});
    for (what, change) in [
        ("grown", (|path: &Path| fs::write(path, "longer").unwrap()) as fn(&Path)),
        ("shrunk", |path| fs::write(path, "").unwrap()),
        ("another", |path| fs::write(path, "z").unwrap()),
    ] {
        let path = world.path("work/a.txt");
        fs::write(&path, "a").unwrap();
        let Ok(Found::File(opened)) = reach.open(&Place::read("a.txt").unwrap()) else { panic!("{what}") };
        // Later than any clock's grain: the time of the last change is what tells.
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
        change(&path);
        fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
        assert_eq!(opened.seal(0, &mut |_| true).unwrap_err().rule, "changed", "{what}");
        assert_eq!(opened.read(100).unwrap_err().rule, "changed", "{what}");
    }
}

/// Run by the test below, in a name space with a mount of its own.
#[test]
#[ignore = "needs a mount, which the test below makes"]
fn alone_a_mount_leads_nowhere() {
    let work = std::env::var("COUNTERSIGN_TEST_MOUNT").unwrap();
    let reach = Files::new(Path::new(&work), Vec::new()).reach(&policy::Files::default());
    assert_eq!(fs::read_to_string(Path::new(&work).join("bound/secret.txt")).unwrap(), "outside");
    for path in ["bound/secret.txt", "bound"] {
        let refusal = read(&reach, path).unwrap_err();
        assert_eq!(
            (refusal.rule.as_str(), refusal.problem.as_str()),
            ("files.roots", "another file system is mounted there")
        );
    }
}

#[test]
fn a_mount_leads_nowhere() {
    let world = World::new();
    fs::create_dir(world.path("work/bound")).unwrap();
    let (work, outside) = (world.path("work"), world.path("outside"));
    let script = format!(
        "mount --bind '{}' '{}/bound' && exec '{}' files::tests::escapes::alone_a_mount_leads_nowhere --exact --ignored",
        outside.display(),
        work.display(),
        std::env::current_exe().unwrap().display()
    );
    let done = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script])
        .env("COUNTERSIGN_TEST_MOUNT", &work)
        .output();
    match done {
        Ok(done) if String::from_utf8_lossy(&done.stdout).contains("running 1 test") => {
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
        }
        _ => println!("left out: this machine lets no one mount"),
    }
}
