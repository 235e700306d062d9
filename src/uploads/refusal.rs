//! Why a path is refused: the rule, and how it can be permitted or what to do instead.

/// A path that is refused. Paths and names are untrusted; they come from an agent or from a disk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct Refusal {
    /// As the payload has it (untrusted).
    pub path: String,
    /// Name of the rule (`files.roots`, `secret: dotenv`, …).
    pub rule: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub cure: String,
}

impl Refusal {
    /// A refusal.
    pub fn new(path: &str, rule: &str, problem: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { path: path.to_owned(), rule: rule.to_owned(), problem: problem.into(), cure: cure.into() }
    }

    /// The refusal of a name by a rule of the policy or a built-in one.
    pub fn ruled(path: &str, hit: &super::guard::Hit) -> Self {
        Self::new(path, &hit.rule, format!("it is refused by the rule `{}`", hit.rule), hit.cure.clone())
    }
}
