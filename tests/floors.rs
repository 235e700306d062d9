//! The house rules that a compiler does not check: floors, rooms, purity, file sizes. The floors table is read
//! out of the architecture text in `src/lib.rs`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Longest file without an exception, in lines.
const MAX_LINES: usize = 400;

/// Files that may be longer, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// Unit tests that look at higher floors, each with its reason. Code that ships never does.
const UPWARD_TESTS: &[(&str, &str)] =
    &[("risk/classifier/tests.rs", "judges every operation of the snapshot, which `models` holds")];

/// Highest floor that is pure.
const PURE: u8 = 4;

/// Crates that a pure floor may not use, and why.
const IMPURE_CRATES: &[(&str, &str)] = &[
    ("tokio", "no runtime"),
    ("hyper", "no network"),
    ("sqlx", "no database"),
    ("aws_", "no SDK"),
    ("rmcp", "no transport"),
    ("ratatui", "no terminal"),
    ("crossterm", "no terminal"),
    ("getrandom", "randomness comes in as a value"),
];

/// What a pure floor may not touch, as it appears in code, and why.
const IMPURE: &[(&str, &str)] = &[
    ("std::fs", "no files"),
    ("std::env", "no environment"),
    ("std::net", "no network"),
    ("std::process", "no processes"),
    ("std::thread", "no threads"),
    ("::now(", "time comes in as a value"),
    ("SystemTime", "time comes in as a value"),
    ("Instant::", "time comes in as a value"),
];

#[derive(Debug)]
struct Room {
    floor: u8,
    crates: Vec<String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The table of `src/lib.rs`: module → floor and the crates only it may use.
fn rooms() -> BTreeMap<String, Room> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let mut rooms = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("//! | ")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let Ok(floor) = cells[0].parse::<u8>() else { continue };
        let module = cells[1].trim_matches('`').to_owned();
        let crates = cells[3].split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        assert!(rooms.insert(module, Room { floor, crates }).is_none(), "a module stands twice in the floors table");
    }
    rooms
}

/// Every Rust file beneath `src/`, with its module (the first path segment) and its text.
fn sources() -> Vec<(String, String, String)> {
    let src = root().join("src");
    let mut files = Vec::new();
    collect(&src, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&src).unwrap().to_str().unwrap().to_owned();
            let module = name.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
            (name, module, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            files.push(path);
        }
    }
}

/// Code without comments, string literals' contents kept: doc text may name anything.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let code = line.split("//").next().unwrap_or_default();
        (!code.trim().is_empty()).then_some((index + 1, code))
    })
}

/// Whether a file holds tests only: test support may read fixtures and ask for the time.
fn is_test_file(name: &str) -> bool {
    name.ends_with("/tests.rs") || name.contains("/tests/")
}

/// The part of a file that ships: everything before its unit tests.
fn shipped(text: &str) -> &str {
    text.find("\n#[cfg(test)]\nmod ").map_or(text, |at| &text[..at])
}

/// Modules of this crate named on a line, as `crate::x` (also inside `use crate::{x, y}`).
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|ch| ch.is_alphanumeric() || ch == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0_usize;
            let mut name = String::new();
            for ch in list.chars() {
                match ch {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => found.push(std::mem::take(&mut name)),
                    ch if depth == 0 => name.push(ch),
                    _ => {}
                }
            }
            found.push(name);
        } else {
            found.push(rest.to_owned());
        }
    }
    found
        .into_iter()
        .map(|path| path.trim().chars().take_while(|ch| ch.is_alphanumeric() || *ch == '_').collect::<String>())
        .filter(|name| !name.is_empty())
        .collect()
}

fn uses_crate(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let rest = &code[at + name.len()..];
        let whole = if name.ends_with('_') {
            // A family of crates (`aws_`): any name that begins so, used as a path.
            rest.trim_start_matches(|ch: char| ch.is_alphanumeric() || ch == '_').starts_with("::")
        } else {
            rest.starts_with("::") || rest.starts_with(';') || rest.starts_with(" as ")
        };
        whole && !before.is_some_and(|ch| ch.is_alphanumeric() || matches!(ch, '_' | ':' | '.' | '"'))
    })
}

#[test]
fn every_module_has_a_floor_and_every_floor_a_module() {
    let rooms = rooms();
    let mut modules: Vec<String> = sources().into_iter().map(|(_, module, _)| module).collect();
    modules.dedup();
    modules.retain(|module| module != "lib" && module != "main");
    let listed: Vec<&String> = rooms.keys().collect();
    assert_eq!(modules.iter().collect::<Vec<_>>(), listed, "the floors table in src/lib.rs and the folders of src/");
}

#[test]
fn imports_go_downwards_only() {
    let rooms = rooms();
    let mut wrong = Vec::new();
    for (name, module, text) in sources() {
        let Some(room) = rooms.get(&module) else { continue };
        // Multi-line `use crate::{…}` lists are joined, so that every name is seen.
        let code: String = code_lines(&text).map(|(_, code)| format!("{code} ")).collect();
        for import in imports(&code) {
            if import == module {
                continue;
            }
            let Some(target) = rooms.get(&import) else { continue };
            let excepted = is_test_file(&name) && UPWARD_TESTS.iter().any(|(file, _)| *file == name);
            if target.floor >= room.floor && !excepted {
                wrong.push(format!("{name} (floor {}) imports {import} (floor {})", room.floor, target.floor));
            }
        }
    }
    assert!(wrong.is_empty(), "imports that do not go down:\n  {}", wrong.join("\n  "));
}

#[test]
fn crates_stay_in_their_rooms() {
    let rooms = rooms();
    let mut wrong = Vec::new();
    for (name, module, text) in sources() {
        for (owner, room) in rooms.iter().filter(|(owner, _)| **owner != module) {
            for foreign in &room.crates {
                for (line, code) in code_lines(&text).filter(|(_, code)| uses_crate(code, foreign)) {
                    wrong.push(format!("{name}:{line} uses {foreign}, which belongs to {owner}: {}", code.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "crates outside their rooms:\n  {}", wrong.join("\n  "));
}

#[test]
fn yaml_is_read_in_one_file() {
    for (name, _, text) in sources() {
        let found = code_lines(&text).any(|(_, code)| uses_crate(code, "serde_yaml"));
        assert!(!found || name.starts_with("policy/parse"), "{name} uses the YAML crate; only policy/parse does");
    }
}

#[test]
fn lower_floors_are_pure() {
    let rooms = rooms();
    let mut wrong = Vec::new();
    for (name, module, text) in sources() {
        let pure = rooms.get(&module).is_some_and(|room| room.floor <= PURE);
        if !pure || is_test_file(&name) {
            continue;
        }
        for (line, code) in code_lines(shipped(&text)) {
            for (foreign, why) in IMPURE_CRATES.iter().filter(|(foreign, _)| uses_crate(code, foreign)) {
                wrong.push(format!("{name}:{line} {foreign} ({why}): {}", code.trim()));
            }
            for (needle, why) in IMPURE.iter().filter(|(needle, _)| code.contains(needle)) {
                wrong.push(format!("{name}:{line} {needle} ({why}): {}", code.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "floors 0 to {PURE} are pure, but:\n  {}", wrong.join("\n  "));
}

#[test]
fn no_statics_and_no_thread_locals() {
    let mut wrong = Vec::new();
    for (name, _, text) in sources() {
        for (line, code) in code_lines(shipped(&text)) {
            let code = code.trim_start();
            let item = code.strip_prefix("pub ").or_else(|| code.strip_prefix("pub(crate) ")).unwrap_or(code);
            if item.starts_with("static ") || item.contains("thread_local!") {
                wrong.push(format!("{name}:{line} {}", code.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "state outside the engine and the ledger:\n  {}", wrong.join("\n  "));
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let mut wrong = Vec::new();
    for (name, _, text) in sources() {
        let lines = text.lines().count();
        let excepted = LONG_FILES.iter().any(|(file, _)| *file == name);
        if lines > MAX_LINES && !excepted {
            wrong.push(format!("{name}: {lines} lines, more than {MAX_LINES}"));
        }
        if lines <= MAX_LINES && excepted {
            wrong.push(format!("{name}: {lines} lines; it needs no exception any more"));
        }
        let told = text.lines().take_while(|line| line.starts_with("//!")).count();
        if told == 0 || (told > 5 && name != "lib.rs") {
            wrong.push(format!("{name}: begins with {told} lines of //!, wanted are one to five"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_binary_is_thin() {
    let lines = fs::read_to_string(root().join("src/main.rs")).unwrap().lines().count();
    assert!(lines <= 40, "src/main.rs has {lines} lines");
}

/// The checks above must be able to fail.
#[test]
fn the_checks_see_what_they_look_for() {
    assert_eq!(imports("use crate::engine::Agent;"), ["engine"]);
    assert_eq!(imports("use crate::{base::{Token, ids}, policy, risk::RiskClass};"), ["base", "policy", "risk"]);
    assert_eq!(imports("pub(crate) fn x() { crate::tui::run() }"), ["tui"]);
    assert!(uses_crate("use sqlx::Row;", "sqlx"));
    assert!(uses_crate("    let x = aws_config::defaults();", "aws_"));
    assert!(!uses_crate("let x = crate::aws::run();", "aws_"));
    assert!(!uses_crate("fn aws_config(store: &Store) -> anyhow::Result<()> {", "aws_"));
    assert!(!uses_crate("let not_sqlx = 1;", "sqlx"));
    assert_eq!(shipped("fn a() {}\n#[cfg(test)]\nmod tests {}"), "fn a() {}");
}
