//! How an official suite is counted: each case passed, failed or excepted; the exceptions of all suites stand in
//! `tests/suite/exceptions.txt` with their reasons. What is counted is written past the capture of test output,
//! so that a plain `cargo test` shows it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Every exception of every suite: `suite | case | reason`.
const EXCEPTIONS: &str = include_str!("../exceptions.txt");

/// Writes to the terminal, also when the test passes.
pub(crate) fn say(text: &str) {
    // One write, so that nothing gets in between; a closed output is no reason to fail.
    let _ = std::io::stdout().lock().write_all(format!("\n{}\n", text.trim_end()).as_bytes());
}

/// A suite's file.
pub(crate) struct Given {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
    /// The variable named it: it may hold other cases than those the exceptions are about.
    pub(crate) other: bool,
}

/// The file of a suite: where the variable says, else in the shared data; `None`, after saying what is left out,
/// when the shared data is not there. A file that was asked for by the variable must be there.
pub(crate) fn file(suite: &str, variable: &str, shared: &str) -> Option<Given> {
    let asked = std::env::var_os(variable).map(PathBuf::from);
    let path = asked.clone().unwrap_or_else(|| shared_data(shared));
    match std::fs::read(&path) {
        Ok(bytes) => Some(Given { path, bytes, other: asked.is_some() }),
        Err(error) if asked.is_some() => panic!("{variable}={} cannot be read: {error}", path.display()),
        Err(_) => {
            say(&format!("left out: {suite} ({} is not there)", path.display()));
            None
        }
    }
}

/// A file of the shared data.
pub(crate) fn shared_data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name)
}

#[derive(Debug)]
struct Exception {
    /// `*` stands for any text.
    case: String,
    used: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    passed: usize,
    failed: usize,
    excepted: usize,
}

/// The count of one suite.
#[derive(Debug)]
pub(crate) struct Tally {
    suite: &'static str,
    exceptions: Vec<Exception>,
    counts: BTreeMap<String, Count>,
    problems: Vec<String>,
    /// What is wrong with the exceptions, not with the cases.
    stale: Vec<String>,
    /// Other cases than those the exceptions are about.
    other: bool,
}

impl Tally {
    /// Begins to count a suite, with the exceptions that name it.
    pub(crate) fn new(suite: &'static str) -> Self {
        Self::with(suite, EXCEPTIONS)
    }

    /// [`Tally::new`] for a file; where it is not the usual one, exceptions that are not needed are told, no more.
    pub(crate) fn of(suite: &'static str, given: &Given) -> Self {
        Self { other: given.other, ..Self::new(suite) }
    }

    fn with(suite: &'static str, exceptions: &str) -> Self {
        let (exceptions_of, counts) = (Vec::new(), BTreeMap::new());
        let (problems, stale) = (Vec::new(), Vec::new());
        let mut tally = Self { suite, exceptions: exceptions_of, counts, problems, stale, other: false };
        for line in exceptions.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let parts: Vec<&str> = line.split(" | ").collect();
            let [of, case, reason] = parts.as_slice() else {
                tally.problems.push(format!("not `suite | case | reason`: {line}"));
                continue;
            };
            if reason.len() < 20 {
                tally.problems.push(format!("an exception without a reason: {line}"));
            }
            if *of == suite {
                tally.exceptions.push(Exception { case: (*case).to_owned(), used: false });
            }
        }
        tally
    }

    /// Counts a case of a group (a protocol); says whether it is excepted.
    pub(crate) fn count(&mut self, group: &str, case: &str, checked: Result<(), String>) -> bool {
        let count = self.counts.entry(group.to_owned()).or_default();
        let mut excepted = false;
        for exception in self.exceptions.iter_mut().filter(|exception| like(&exception.case, case)) {
            exception.used = true;
            excepted = true;
        }
        match checked {
            Ok(()) => {
                count.passed += 1;
                if excepted {
                    self.stale.push(format!("{case}: it passes, and is excepted"));
                }
            }
            Err(_) if excepted => count.excepted += 1,
            Err(problem) => {
                count.failed += 1;
                self.problems.push(format!("{case}: {problem}"));
            }
        }
        excepted
    }

    /// How many cases were counted.
    pub(crate) fn len(&self) -> usize {
        self.counts.values().map(|count| count.passed + count.failed + count.excepted).sum()
    }

    /// Tells the counts, and fails the test if anything is wrong.
    pub(crate) fn finish(self) {
        say(&self.told());
        let problems = self.problems();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }

    fn told(&self) -> String {
        let mut text = format!("{} ({} cases)", self.suite, self.len());
        for (group, Count { passed, failed, excepted }) in &self.counts {
            let _ = write!(text, "\n{group}: {passed} passed, {failed} failed, {excepted} excepted");
        }
        text
    }

    fn problems(mut self) -> Vec<String> {
        let unused = self.exceptions.iter().filter(|exception| !exception.used);
        let unused = unused.map(|exception| format!("{}: excepted, and there is no such case", exception.case));
        self.stale.extend(unused);
        if self.other {
            self.stale.clear();
        }
        self.problems.append(&mut self.stale);
        self.problems
    }
}

/// Whether a text is what a pattern with `*` describes.
fn like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[test]
fn patterns_hold_for_the_whole_text() {
    let cases = [
        ("a", "a", true),
        ("a", "ab", false),
        ("a*", "ab", true),
        ("*b", "ab", true),
        ("a*c*e", "abcde", true),
        ("a*c*e", "abde", false),
        ("a*c*e", "abcd", false),
        ("*", "", true),
        ("ab*b", "ab", false),
    ];
    for (pattern, text, expected) in cases {
        assert_eq!(like(pattern, text), expected, "{pattern} {text}");
    }
}

#[test]
fn an_exception_is_needed_and_has_a_reason() {
    let why = "what stands in the way is told here";
    let text = format!("# a comment\n\none | a* | {why}\none | nowhere | {why}\none | b | {why}\ntwo | c | {why}\n");
    let mut tally = Tally::with("one", &text);
    assert!(tally.count("g", "a1", Err("wrong".into())));
    assert!(tally.count("g", "b", Ok(())));
    assert!(!tally.count("h", "c", Err("wrong".into())));
    assert!(!tally.count("h", "d", Ok(())));
    assert_eq!(tally.told(), "one (4 cases)\ng: 1 passed, 0 failed, 1 excepted\nh: 1 passed, 1 failed, 0 excepted");
    assert_eq!(
        tally.problems(),
        ["c: wrong", "b: it passes, and is excepted", "nowhere: excepted, and there is no such case"]
    );
    // Of another file only the cases matter.
    let mut tally = Tally { other: true, ..Tally::with("one", &text) };
    tally.count("g", "b", Ok(()));
    tally.count("h", "c", Err("wrong".into()));
    assert_eq!(tally.problems(), ["c: wrong"]);
    let text = "one | a | why\none, a, no bars\n";
    assert_eq!(
        Tally::with("two", text).problems(),
        ["an exception without a reason: one | a | why", "not `suite | case | reason`: one, a, no bars"]
    );
}
