//! What is saved, where, and what stays behind.

use std::fs;
use std::io::Write as _;

use super::World;
use crate::files::Reach;
use crate::uploads::{Place, Refusal};

fn save(reach: &Reach, path: &str, overwrite: bool, text: &str) -> Result<String, Refusal> {
    let target = reach.target(&Place::read(path)?, overwrite)?;
    let (draft, mut file) = target.begin([7; 8])?;
    file.write_all(text.as_bytes()).unwrap();
    draft.finish(&file).map(|saved| saved.path)
}

fn names(world: &World) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(world.path("work"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn results_are_saved_beneath_a_root() {
    let world = World::new();
    world.link("a/b", "work/l");
    let reach = world.reach(|_| {});
    for (path, lies) in [
        ("out.json", "work/out.json"),
        ("new/deep/out.json", "work/new/deep/out.json"),
        ("a/x", "work/a/x"),
        ("l/y", "work/a/b/y"),
        ("l/new/z", "work/a/b/new/z"),
    ] {
        assert_eq!(save(&reach, path, false, "text").as_deref(), Ok(path));
        assert_eq!(fs::read_to_string(world.path(lies)).unwrap(), "text");
    }
    let whole = world.path("work/abs").to_str().unwrap().to_owned();
    assert_eq!(save(&reach, &whole, false, "x").as_deref(), Ok(whole.as_str()));
}

#[test]
fn nothing_is_overwritten_unless_asked() {
    let world = World::new();
    let reach = world.reach(|_| {});
    let refusal = save(&reach, "a.txt", false, "new").unwrap_err();
    assert_eq!(
        (refusal.rule.as_str(), fs::read_to_string(world.path("work/a.txt")).unwrap().as_str()),
        ("exists", "a")
    );
    assert!(refusal.cure.contains("options.overwrite"));
    assert!(save(&reach, "a.txt", true, "new").is_ok());
    assert_eq!(fs::read_to_string(world.path("work/a.txt")).unwrap(), "new");
    // Not even when it appears in between.
    let target = reach.target(&Place::read("late").unwrap(), false).unwrap();
    let (draft, file) = target.begin([7; 8]).unwrap();
    fs::write(world.path("work/late"), "theirs").unwrap();
    assert_eq!(draft.finish(&file).unwrap_err().rule, "exists");
    assert_eq!(fs::read_to_string(world.path("work/late")).unwrap(), "theirs");
    assert!(!names(&world).iter().any(|name| name.ends_with(".part")), "{:?}", names(&world));
}

#[test]
fn what_is_not_finished_leaves_nothing() {
    let world = World::new();
    let before = names(&world);
    let target = world.reach(|_| {}).target(&Place::read("big").unwrap(), false).unwrap();
    let (draft, mut file) = target.begin([7; 8]).unwrap();
    file.write_all(b"half").unwrap();
    assert_eq!(names(&world).len(), before.len() + 1);
    drop(draft);
    assert_eq!(names(&world), before);
}

#[test]
fn nothing_is_written_where_it_must_not_be() {
    let world = World::new();
    fs::create_dir(world.path("work/state")).unwrap();
    world.link("../outside", "work/out");
    world.link("state", "work/harmless");
    world.link("../outside/secret.txt", "work/l");
    world.link("a.txt", "work/inner");
    let reach = world.reach(|files| files.allow = vec![".well-known/*".into()]);
    for (path, rule) in [
        ("../outside/x", "path"),
        ("/etc/cron.d/x", "files.roots"),
        ("out/x", "files.roots"),
        ("out", "regular files only"),
        ("l", "regular files only"),
        ("inner", "regular files only"),
        ("a", "path"),
        ("a/", "path"),
        (".", "path"),
        ("a.txt/x", "path"),
        (".env", "secret: dotenv"),
        ("x.pem", "secret: private key"),
        (".git/hooks/pre-commit", "files.deny: **/.git/**"),
        (".bashrc", "hidden files are not written"),
        (".vscode/tasks.json", "hidden files are not written"),
        ("policy.yaml", "protected"),
        ("POLICY.yaml", "protected"),
        ("state/ledger", "protected"),
        ("harmless/ledger", "protected"),
        ("~/x", "path"),
    ] {
        for overwrite in [false, true] {
            let refusal = save(&reach, path, overwrite, "x").unwrap_err();
            assert_eq!(refusal.rule, rule, "{path}: {refusal}");
        }
    }
    assert!(save(&reach, ".well-known/x", false, "x").is_ok());
    assert_eq!(fs::read_dir(world.path("outside")).unwrap().count(), 1);
    assert_eq!(fs::read_to_string(world.path("work/a.txt")).unwrap(), "a");
}
