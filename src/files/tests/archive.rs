//! Archives: the same bytes for the same tree, and nothing in them that was not meant.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use super::World;
use crate::files::{Found, Reach, archive};
use crate::uploads::{Refusal, Spec};

fn packed(reach: &Reach, spec: &Value, limit: u64) -> Result<Vec<u8>, Refusal> {
    let spec = Spec::read(spec)?;
    let Found::Folder(folder) = reach.open(&spec.place)? else { panic!("a folder is meant") };
    let items = reach.list(&folder, &spec)?;
    archive::zip(&folder, &items, limit, &mut |_| true)?.read(1 << 30)
}

/// A function with a program, a library, and something that does not belong.
fn tree(root: &Path, order: &[&str]) {
    for path in order {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, path.file_name().unwrap().to_str().unwrap().repeat(1_000)).unwrap();
    }
    fs::set_permissions(root.join("bootstrap"), fs::Permissions::from_mode(0o775)).unwrap();
    fs::set_permissions(root.join("lib/a.py"), fs::Permissions::from_mode(0o600)).unwrap();
}

const FILES: [&str; 5] = ["bootstrap", "lib/a.py", "lib/b/é.py", "main.py", "tests/t.py"];

#[test]
fn the_same_tree_is_the_same_archive() {
    let world = World::new();
    tree(&world.path("work/one"), &FILES);
    let backwards: Vec<&str> = FILES.iter().rev().copied().collect();
    tree(&world.path("work/two"), &backwards);
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    fs::File::options().write(true).open(world.path("work/two/main.py")).unwrap().set_modified(then).unwrap();
    let reach = world.reach(|_| {});
    let one = packed(&reach, &json!({"$path": "one", "exclude": "tests"}), 1 << 20).unwrap();
    let two = packed(&reach, &json!({"$path": "two", "exclude": "tests/**"}), 1 << 20).unwrap();
    assert!(one == two, "times and the order of creation do not count");
    // Pinned: another digest would ask the human anew for what has not changed.
    assert_eq!(hex::encode(Sha256::digest(&one)), PINNED);
    let mut archive = ZipArchive::new(std::io::Cursor::new(one)).unwrap();
    let entries: Vec<_> = (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            (entry.name().unwrap().into_owned(), entry.unix_mode().unwrap() & 0o777, text.len())
        })
        .collect();
    assert_eq!(
        entries,
        [
            ("bootstrap".to_owned(), 0o755, 9_000),
            ("lib/a.py".to_owned(), 0o644, 4_000),
            ("lib/b/é.py".to_owned(), 0o644, 5_000),
            ("main.py".to_owned(), 0o644, 7_000),
        ]
    );
    // What counts, counts.
    fs::set_permissions(world.path("work/two/main.py"), fs::Permissions::from_mode(0o755)).unwrap();
    assert!(packed(&reach, &json!({"$path": "two", "exclude": "tests"}), 1 << 20).unwrap() != two);
}

const PINNED: &str = "2e8d56e7fa57cbcb316a5969b8279d53dfcd59da9fd3d3bce8d6c0bb5012ad4a";

#[test]
fn what_does_not_belong_into_an_archive_is_refused() {
    let world = World::new();
    let root = world.path("work/fn");
    tree(&root, &FILES);
    let reach = world.reach(|_| {});
    let refusal = |spec: Value, limit| packed(&reach, &spec, limit).unwrap_err();
    assert_eq!(refusal(json!({"$path": "fn"}), 100).rule, "size");
    for (name, make, rule) in [
        ("link.py", (|path: &Path| symlink("main.py", path).unwrap()) as fn(&Path), "regular files only"),
        ("folder", |path| symlink("lib", path).unwrap(), "regular files only"),
        ("server.pem", |path| fs::write(path, "x").unwrap(), "secret: private key"),
        (".env", |path| fs::write(path, "x").unwrap(), "secret: dotenv"),
        ("twice", |path| fs::hard_link(path.with_file_name("main.py"), path).unwrap(), "hard links are refused"),
    ] {
        make(&root.join(name));
        let found = refusal(json!({"$path": "fn"}), 1 << 20);
        assert_eq!(found.rule, rule, "{found}");
        assert!(found.problem.contains(name) && found.cure.contains(&format!("\"{name}\"")), "{found} {}", found.cure);
        fs::remove_file(root.join(name)).unwrap();
        assert!(packed(&reach, &json!({"$path": "fn"}), 1 << 20).is_ok(), "{name}");
    }
}
