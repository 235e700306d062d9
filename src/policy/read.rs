//! Nodes to a policy: every key, type and pattern is checked, and all problems are gathered before it gives up.

mod approval;
mod narrow;
mod rules;
mod values;

use super::file::{ASK_FOR, Files, Listed, Policy, version_of};
use super::parse::{At, Key, Node, Yaml};
use super::problem::Problem;
use super::rule::{Rule, RuleList};
use crate::base::{RiskClass, Verdict};

const KEYS: &[&str] =
    &["version", "services", "rules", "destructive_patterns", "ask_for", "default", "approval", "conditions", "files"];

/// Reads a policy out of a parsed file.
///
/// # Errors
/// All problems, in the order of the file.
pub(super) fn read(text: &str, root: &Node) -> Result<Policy, Vec<Problem>> {
    let mut reader = Reader { text, problems: Vec::new() };
    let policy = reader.policy(root);
    if reader.problems.is_empty() {
        return Ok(policy);
    }
    reader.problems.sort_by_key(|problem| (problem.line, problem.column));
    Err(reader.problems)
}

/// The rules of a file, by what they say.
#[derive(Default)]
struct Rules {
    deny: Vec<Rule>,
    ask: Vec<Rule>,
    allow: Vec<Rule>,
}

struct Reader<'a> {
    text: &'a str,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn policy(&mut self, root: &Node) -> Policy {
        let top = Fields(self.entries(root, "a policy", KEYS));
        match top.get("version") {
            Some(node) if node.text() == Some("1") && node.kind() == "a number" => {}
            Some(node) => self.wrong(node.at, "`version` must be the number 1", "this program reads version 1"),
            None if !matches!(root.value, Yaml::Map(_)) => {}
            None => {
                let at = At { width: 1, ..root.at };
                self.wrong(at, "`version` is missing", "put `version: 1` on the first line");
            }
        }
        let mut rules = Rules::default();
        if let Some(node) = top.get("rules") {
            let lists = Fields(self.entries(node, "`rules`", &["deny", "allow", "ask"]));
            rules.deny = lists.get("deny").map(|node| self.rule_list(node, "rules.deny")).unwrap_or_default();
            rules.ask = lists.get("ask").map(|node| self.rule_list(node, "rules.ask")).unwrap_or_default();
            rules.allow = lists.get("allow").map(|node| self.rule_list(node, "rules.allow")).unwrap_or_default();
        }
        if let Some(node) = top.get("conditions") {
            self.conditions(node, &mut rules);
        }
        let destructive = match top.get("destructive_patterns") {
            Some(node) => self.patterns(node, "destructive_patterns"),
            None => Vec::new(),
        };
        let (allowlist, denylist) = top.get("services").map(|node| self.services(node)).unwrap_or_default();
        Policy {
            version: version_of(self.text),
            allowlist,
            denylist,
            deny: self.list(rules.deny, root),
            destructive: self.list(destructive, root),
            ask: self.list(rules.ask, root),
            allow: self.list(rules.allow, root),
            ask_for: top.get("ask_for").map_or_else(|| ASK_FOR.to_vec(), |node| self.classes(node, "ask_for")),
            default: top.get("default").map_or(Verdict::Deny, |node| self.default_verdict(node)),
            approval: top.get("approval").map(|node| self.approval(node)).unwrap_or_default(),
            files: top.get("files").map(|node| self.files(node)).unwrap_or_default(),
        }
    }

    fn list(&mut self, rules: Vec<Rule>, root: &Node) -> RuleList {
        RuleList::new(rules).unwrap_or_else(|_| {
            self.wrong(root.at, "the patterns are too large together", "use fewer or simpler ones");
            RuleList::empty()
        })
    }

    fn services(&mut self, node: &Node) -> (Option<Vec<Listed>>, Vec<Listed>) {
        let lists = Fields(self.entries(node, "`services`", &["allowlist", "denylist"]));
        let mut names = |key: &str| lists.get(key).map(|node| self.service_names(node, &format!("services.{key}")));
        (names("allowlist"), names("denylist").unwrap_or_default())
    }

    fn service_names(&mut self, node: &Node, what: &str) -> Vec<Listed> {
        let mut names = Vec::new();
        for (item, name) in self.texts(node, what, "service names") {
            let sound = name.chars().all(|ch| ch.is_ascii_alphanumeric() || ch == '-' || ch == '*');
            if sound && !name.is_empty() {
                names.push(Listed { name: name.to_ascii_lowercase(), line: item.line });
            } else {
                let message = format!("`{name}` is not the name of a service");
                self.wrong(item, message, "names are as in `s3`, `lambda`, `ssm`; `*` stands for anything");
            }
        }
        names
    }

    fn classes(&mut self, node: &Node, what: &str) -> Vec<RiskClass> {
        let names: Vec<&str> = RiskClass::ALL.iter().map(|class| class.as_str()).collect();
        let mut classes = Vec::new();
        for (at, name) in self.texts(node, what, "risk classes") {
            match RiskClass::ALL.into_iter().find(|class| class.as_str() == name) {
                Some(class) => classes.push(class),
                None => self.unknown(at, "risk class", &name, &names),
            }
        }
        classes
    }

    fn default_verdict(&mut self, node: &Node) -> Verdict {
        match node.text() {
            Some("deny") => Verdict::Deny,
            Some("ask") => Verdict::Ask,
            Some("allow") => {
                let help = "list what may run under `rules.allow`; a default of `allow` would let the unknown run";
                self.wrong(node.at, "`default` cannot be `allow`", help);
                Verdict::Deny
            }
            _ => {
                self.wrong(node.at, "`default` must be `deny` or `ask`", "`deny` is what holds when it is left out");
                Verdict::Deny
            }
        }
    }

    fn files(&mut self, node: &Node) -> Files {
        let fields = Fields(self.entries(node, "`files`", &["roots", "deny", "allow", "max_bytes"]));
        let mut files = Files::default();
        if let Some(node) = fields.get("roots") {
            files.roots = self.texts(node, "files.roots", "folders").into_iter().map(|(_, root)| root).collect();
        }
        files.deny = fields.get("deny").map(|node| self.globs(node, "files.deny")).unwrap_or_default();
        files.allow = fields.get("allow").map(|node| self.globs(node, "files.allow")).unwrap_or_default();
        if let Some(node) = fields.get("max_bytes") {
            files.max_bytes = self.number(node, "max_bytes", 1..=u64::MAX).unwrap_or(files.max_bytes);
        }
        files
    }

    fn globs(&mut self, node: &Node, what: &str) -> Vec<String> {
        let mut globs = Vec::new();
        for (at, glob) in self.texts(node, what, "globs") {
            if let Err(error) = globset::Glob::new(&glob) {
                let message = format!("`{glob}` is not a glob: {}", error.kind());
                self.wrong(at, message, "globs are as in `**/.env`, `*.{pem,key}`");
            }
            globs.push(glob);
        }
        globs
    }
}

/// The entries of a mapping whose keys are known.
struct Fields<'n>(Vec<(&'n Key, &'n Node)>);

impl<'n> Fields<'n> {
    fn get(&self, name: &str) -> Option<&'n Node> {
        self.0.iter().find(|(key, _)| key.name == name).map(|(_, node)| *node)
    }
}

/// The entries of a mapping, the items of a list: whatever the node is, without panics.
fn items(node: &Node) -> Option<&[Node]> {
    match &node.value {
        Yaml::List(items) => Some(items),
        _ => None,
    }
}
