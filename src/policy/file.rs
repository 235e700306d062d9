//! A policy that is whole and sound: what a file becomes when nothing is wrong with it.

use std::time::Duration;

use super::narrow::wildcard;
use super::problem::PolicyError;
use super::rule::RuleList;
use super::{parse, read};
use crate::base::{Digest, RiskClass, Verdict};

/// The policy file that is shipped.
pub const SHIPPED: &str = include_str!("../../policy.yaml");

/// The rules in force.
#[derive(Debug, Clone)]
pub struct Policy {
    pub(super) version: String,
    /// `None`: every service.
    pub(super) allowlist: Option<Vec<Listed>>,
    pub(super) denylist: Vec<Listed>,
    pub(super) deny: RuleList,
    pub(super) destructive: RuleList,
    pub(super) ask: RuleList,
    pub(super) allow: RuleList,
    pub(super) ask_for: Vec<RiskClass>,
    pub(super) default: Verdict,
    pub(super) approval: Approval,
    pub(super) files: Files,
}

/// An entry of the service lists.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    /// In lower case; `*` stands for anything.
    pub(super) name: String,
    /// Its line, from 1.
    pub(super) line: usize,
}

/// What `$path` may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// Folders, absolute or relative to the folder the server was started in.
    pub roots: Vec<String>,
    /// Globs that are refused besides the built-in ones.
    pub deny: Vec<String>,
    /// Globs of what the built-in rules for secrets would refuse and these let through.
    pub allow: Vec<String>,
    /// The largest file, in bytes.
    pub max_bytes: u64,
}

impl Default for Files {
    fn default() -> Self {
        // 5 GiB is the largest single part that S3 takes.
        Self { roots: vec![".".to_owned()], deny: Vec::new(), allow: Vec::new(), max_bytes: 5 << 30 }
    }
}

/// Classes that need a human when the file does not say.
pub(super) const ASK_FOR: [RiskClass; 4] =
    [RiskClass::Destructive, RiskClass::Privilege, RiskClass::Secret, RiskClass::Execute];
/// How a human decides: the section `approval`.
///
/// `ttl_seconds` (1 to 86,400), `require` (1 or 2 approvers), `require_for` (the classes for which two are required;
/// every class when it is left out) and `approvers` (public keys, `ed25519:` and 64 hex digits each, that count besides
/// the pinned ones).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The time to decide, and again to use the decision.
    pub ttl: Duration,
    /// How many different approvers must say yes: 1 or 2.
    pub require: u8,
    /// Classes for which [`Self::require`] counts; for others one approver is enough.
    pub require_for: Vec<RiskClass>,
    /// Ed25519 public keys of those who may approve, 32 bytes each.
    pub approvers: Vec<[u8; 32]>,
}

impl Default for Approval {
    fn default() -> Self {
        let ttl = Duration::from_secs(900);
        Self { ttl, require: 1, require_for: RiskClass::ALL.to_vec(), approvers: Vec::new() }
    }
}

impl Approval {
    /// How many different approvers a call of this class needs.
    pub fn needed(&self, class: RiskClass) -> u8 {
        if self.require_for.contains(&class) { self.require } else { 1 }
    }
}

impl Policy {
    /// The largest file that is read, in bytes: an edge checks it before it reads.
    pub const MAX_BYTES: usize = parse::MAX_BYTES;

    /// Reads a policy file. `file_name` is for messages only.
    ///
    /// # Errors
    /// Everything that is wrong with it, with places and cures.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, PolicyError> {
        let error = |problems| PolicyError { file: file_name.to_owned(), problems };
        let root = parse::parse(text).map_err(|problem| error(vec![problem]))?;
        read::read(text, &root).map_err(error)
    }

    /// The policy that denies everything: what is in force when no file could be read.
    pub fn closed() -> Self {
        Self {
            version: "closed".to_owned(),
            allowlist: Some(Vec::new()),
            denylist: Vec::new(),
            deny: RuleList::empty(),
            destructive: RuleList::empty(),
            ask: RuleList::empty(),
            allow: RuleList::empty(),
            ask_for: ASK_FOR.to_vec(),
            default: Verdict::Deny,
            approval: Approval::default(),
            files: Files { roots: Vec::new(), ..Files::default() },
        }
    }

    /// A short digest of the file's text: 12 hex digits.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The time to decide an approval, and again to use the decision.
    pub const fn approval_ttl(&self) -> Duration {
        self.approval.ttl
    }

    /// How a human decides.
    pub const fn approval(&self) -> &Approval {
        &self.approval
    }

    /// What `$path` may reach.
    pub const fn files(&self) -> &Files {
        &self.files
    }

    /// Whether the service lists hide a service: it is not found by a search, and every call of it is denied.
    pub fn hidden(&self, service: &str) -> bool {
        self.refusal(service).is_some()
    }

    /// Whether a human is asked about a class. About destructive calls always.
    pub(super) fn asks_about(&self, class: RiskClass) -> bool {
        class == RiskClass::Destructive || self.ask_for.contains(&class)
    }

    /// Classes that a human is asked about, the gravest first.
    pub(super) fn asked_classes(&self) -> Vec<RiskClass> {
        let mut classes: Vec<RiskClass> = RiskClass::ALL.to_vec();
        classes.retain(|class| self.asks_about(*class));
        classes.sort_unstable_by(|a, b| b.cmp(a));
        classes
    }

    /// The entry of the service lists that refuses a service.
    pub(super) fn refusal(&self, service: &str) -> Option<String> {
        let service = service.to_ascii_lowercase();
        if let Some(entry) = self.denylist.iter().find(|entry| wildcard(&entry.name, &service)) {
            return Some(format!("services.denylist: {}", entry.name));
        }
        let listed =
            self.allowlist.as_ref().is_none_or(|list| list.iter().any(|entry| wildcard(&entry.name, &service)));
        (!listed).then(|| format!("services.allowlist: {service} is not in it"))
    }
}

/// The version of a text.
pub(super) fn version_of(text: &str) -> String {
    Digest::of("countersign policy v1", text.as_bytes()).to_string().chars().take(12).collect()
}
