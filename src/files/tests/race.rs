//! Somebody swaps what lies there while we look.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{World, read};

/// Reads a path again and again while `swap` runs; what is read is never from outside.
fn races(world: &World, path: &str, swap: impl Fn(&Path) + Send + Sync) {
    let stop = AtomicBool::new(false);
    let reach = world.reach(|_| {});
    let mut read_well = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                swap(world.home.path());
            }
        });
        for _ in 0..3_000 {
            match read(&reach, path) {
                Ok(text) => {
                    assert_eq!(text, "inside");
                    read_well += 1;
                }
                Err(refusal) => assert!(
                    ["path", "files.roots", "changed", "regular files only", "hard links are refused"]
                        .contains(&refusal.rule.as_str()),
                    "{refusal}"
                ),
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    println!("{path}: {read_well} of 3000 reads came to a file");
}

#[test]
fn a_file_swapped_for_a_link_is_never_followed() {
    let world = World::new();
    races(&world, "target.txt", |home| {
        let place = home.join("work/target.txt");
        let _ = fs::write(home.join("work/new"), "inside");
        let _ = fs::rename(home.join("work/new"), &place);
        let _ = std::os::unix::fs::symlink("../outside/secret.txt", home.join("work/new"));
        let _ = fs::rename(home.join("work/new"), &place);
    });
}

#[test]
fn a_parent_swapped_for_a_link_is_never_followed() {
    let world = World::new();
    fs::write(world.path("outside/target.txt"), "outside").unwrap();
    races(&world, "folder/target.txt", |home| {
        let place = home.join("work/folder");
        let _ = fs::create_dir(&place);
        let _ = fs::write(place.join("target.txt"), "inside");
        let _ = fs::rename(&place, home.join("work/aside"));
        let _ = std::os::unix::fs::symlink("../outside", &place);
        let _ = fs::remove_file(&place);
        let _ = fs::remove_dir_all(home.join("work/aside"));
    });
}
