//! The table of members that change the class of an operation: `assets/risk/payloads.txt`.

use super::nodes::{Node, Nodes, hollow, plain};
use crate::risk::{
    names::{Part, fits, parts},
    reviewed::{Ruling, lines},
    words::words,
};

#[derive(Debug)]
enum Test {
    /// It is there and not empty.
    Given,
    /// It is not there, or null.
    Absent,
    /// It is there and empty.
    Empty,
    /// It is one of these.
    Is(Vec<String>),
    /// It is there and none of these.
    Not(Vec<String>),
    /// It holds one of these.
    Holds(Vec<String>),
    Below(f64),
    Above(f64),
    /// No other member than these is given at the top.
    Only(Vec<String>),
}

#[derive(Debug)]
struct Condition {
    /// The end of the path; from the top where `anchored`.
    path: Vec<String>,
    anchored: bool,
    test: Test,
}

#[derive(Debug)]
struct Line {
    services: Vec<&'static str>,
    operation: Vec<Part>,
    conditions: Vec<Condition>,
    ruling: Ruling,
}

/// Members that change the class of an operation; the first line that fits decides.
#[derive(Debug, Default)]
pub(crate) struct Members {
    lines: Vec<Line>,
}

impl Members {
    /// Reads a table, and tells the numbers of the lines that it could not read.
    pub(crate) fn parse(table: &'static str) -> (Self, Vec<usize>) {
        let mut members = Self::default();
        let mut unread = Vec::new();
        for line in lines(table) {
            let Ok(line) = line.map_err(|number| unread.push(number)) else { continue };
            match read(line.subject, &line.conditions, &line.ruling) {
                Some(line) => members.lines.push(line),
                None => unread.push(line.number),
            }
        }
        (members, unread)
    }

    /// What is said of an operation with such a payload.
    pub(super) fn ruling(&self, service: &str, operation: &str, nodes: &Nodes<'_>) -> Option<&Ruling> {
        let words = words(operation);
        self.lines
            .iter()
            .filter(|line| line.services.is_empty() || line.services.contains(&service))
            .filter(|line| fits(&line.operation, &words))
            .find(|line| line.conditions.iter().all(|condition| holds(condition, nodes)))
            .map(|line| &line.ruling)
    }
}

fn read(subject: &'static str, conditions: &[&'static str], ruling: &Ruling) -> Option<Line> {
    let (services, operation) = subject.split_once(':')?;
    let services = if services == "*" { Vec::new() } else { services.split(',').collect() };
    let conditions = conditions.iter().map(|text| condition(text)).collect::<Option<_>>()?;
    Some(Line { services, operation: parts(operation)?, conditions, ruling: ruling.clone() })
}

fn condition(text: &str) -> Option<Condition> {
    let list = |values: &str| values.split('|').map(str::to_ascii_lowercase).collect::<Vec<_>>();
    if let Some(names) = text.strip_prefix("only:") {
        let names = names.split(',').map(plain).collect();
        return Some(Condition { path: Vec::new(), anchored: true, test: Test::Only(names) });
    }
    let (absent, text) = text.strip_prefix('!').map_or((false, text), |text| (true, text));
    let (anchored, text) = text.strip_prefix('^').map_or((false, text), |text| (true, text));
    let (name, test) = if let Some((name, values)) = text.split_once("!=") {
        (name, Test::Not(list(values)))
    } else if let Some((name, values)) = text.split_once('=') {
        (name, if values == "empty" { Test::Empty } else { Test::Is(list(values)) })
    } else if let Some((name, values)) = text.split_once('~') {
        (name, Test::Holds(list(values)))
    } else if let Some((name, number)) = text.split_once('<') {
        (name, Test::Below(number.parse().ok()?))
    } else if let Some((name, number)) = text.split_once('>') {
        (name, Test::Above(number.parse().ok()?))
    } else {
        (text, if absent { Test::Absent } else { Test::Given })
    };
    let path: Vec<String> = name.split('.').map(plain).collect();
    (!path.iter().any(String::is_empty)).then_some(Condition { path, anchored, test })
}

/// Members that only say which resource is meant, or make a retry safe.
fn addresses(name: &str) -> bool {
    ["id", "name", "arn", "identifier", "token", "dryrun", "bucket", "owner", "url"]
        .iter()
        .any(|end| name.ends_with(end))
}

fn holds(condition: &Condition, nodes: &Nodes<'_>) -> bool {
    let fitting = || {
        nodes.all.iter().filter(|node| {
            if condition.anchored { node.path == condition.path } else { node.path.ends_with(&condition.path) }
        })
    };
    let text = |node: &Node<'_>, test: &dyn Fn(&str) -> bool| {
        node.text().is_some_and(|text| test(&text.trim().to_ascii_lowercase()))
    };
    match &condition.test {
        Test::Given => fitting().any(|node| !hollow(node.value)),
        Test::Absent => fitting().all(|node| node.value.is_null()),
        Test::Empty => fitting().any(|node| !node.value.is_null() && hollow(node.value)),
        Test::Is(values) => fitting().any(|node| text(node, &|text| values.iter().any(|value| value == text))),
        Test::Not(values) => {
            fitting().any(|node| node.text().is_some() && text(node, &|text| !values.iter().any(|value| value == text)))
        }
        Test::Holds(values) => {
            fitting().any(|node| text(node, &|text| values.iter().any(|value| text.contains(value.as_str()))))
        }
        Test::Below(limit) => fitting().any(|node| node.number().is_some_and(|number| number < *limit)),
        Test::Above(limit) => fitting().any(|node| node.number().is_some_and(|number| number > *limit)),
        Test::Only(names) => nodes
            .all
            .iter()
            .filter(|node| node.path.len() == 1 && !node.value.is_null())
            .all(|node| names.iter().any(|name| name == node.name()) || addresses(node.name())),
    }
}
