//! The verdict on one call: every rule that matched, which one decided, and why. Total and deterministic.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::file::Policy;
use super::narrow::{Applies, Tally, Uses};
use super::rule::{Rule, RuleList};
use crate::base::{RiskClass, Timestamp, Verdict};

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Canonical service name.
    pub service: &'a str,
    /// Exact operation name.
    pub operation: &'a str,
    /// Its risk class; the payload's where there is one.
    pub class: RiskClass,
    /// Region; empty while unknown.
    pub region: &'a str,
    /// AWS account id; empty while unknown.
    pub account: &'a str,
    /// Profile; empty while unknown.
    pub profile: &'a str,
    /// The payload; `None` when asked by name only, as a search does.
    pub payload: Option<&'a Value>,
    /// The present instant.
    pub now: Timestamp,
    /// What of [`Policy::tallies`] has been counted; `None` while it is not known.
    pub uses: Option<&'a Uses>,
}

/// The verdict on one call, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What it meets.
    pub verdict: Verdict,
    /// The rule that decided, as the file writes it (`rules.deny[0]: ^.*:Delete.*`), or the default's name.
    pub rule: String,
    /// Why, in plain sentences.
    pub reasons: Vec<String>,
    /// Every rule that matched, strongest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<Matched>,
    /// Whether a human would have been asked, had the environment not switched that off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub auto_approved: bool,
}

/// A rule that matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matched {
    /// The rule, as the file writes it.
    pub rule: String,
    /// What the rule is counted under: what it says, wherever in the file it stands.
    pub id: String,
    /// What it says.
    pub verdict: Verdict,
    /// The author's reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Whether it decided.
    pub decided: bool,
    /// Why it is of no effect or of less, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Policy {
    /// Judges a call: service lists, then deny, then ask (destructive patterns, classes, rules), then allow, then the
    /// default. A destructive call that no rule denies is asked, whatever else the file says.
    ///
    /// A narrowed rule with a condition that cannot be evaluated denies or asks as if it held, and does not allow.
    /// Asked by name only, a rule that depends on the payload, or on how often, makes the verdict ask where it could
    /// have allowed more or less: the call itself decides it.
    pub fn decide(&self, subject: &Subject<'_>) -> Decision {
        let name = format!("{}:{}", subject.service, subject.operation);
        let mut gathered = Gathered::default();
        if let Some(rule) = self.refusal(subject.service) {
            gathered.sure.push(unnamed(rule, Verdict::Deny));
        }
        gathered.take(&self.deny, &name, subject, Verdict::Deny);
        gathered.take(&self.destructive, &name, subject, Verdict::Ask);
        if self.asks_about(subject.class) {
            gathered.sure.push(unnamed(format!("ask_for: {}", subject.class), Verdict::Ask));
        }
        gathered.take(&self.ask, &name, subject, Verdict::Ask);
        gathered.take(&self.allow, &name, subject, Verdict::Allow);
        let trace = gathered.ranked(self.default);
        let (verdict, rule) =
            trace.first().map_or((Verdict::Deny, String::new()), |first| (first.verdict, first.rule.clone()));
        let reasons = trace.iter().filter(|matched| matched.verdict == verdict).map(Matched::sentence).collect();
        Decision { verdict, rule, reasons, trace, auto_approved: false }
    }

    /// What must be counted before a call of this operation can be judged, and counted on when it is sent: rules
    /// with a rate or a count that match it but for those. Without a payload, those that some payload could match.
    pub fn tallies(&self, subject: &Subject<'_>) -> Vec<Tally> {
        let name = format!("{}:{}", subject.service, subject.operation);
        let lists = [(&self.deny, Verdict::Deny), (&self.ask, Verdict::Ask), (&self.allow, Verdict::Allow)];
        let mut tallies = Vec::new();
        for (list, verdict) in lists {
            for rule in list.matching(&name) {
                let Some(narrow) = rule.narrow.as_deref().filter(|narrow| !narrow.limits.is_empty()) else { continue };
                if narrow.but_for_limits(subject, verdict == Verdict::Allow) != Applies::No {
                    let id = rule.id(verdict);
                    tallies.extend(narrow.limits.iter().map(|limit| limit.tally(&id)));
                }
            }
        }
        tallies
    }
}

/// Turns ask into allow, save for what widens access or shows a secret: what
/// `AWS_MCP_AUTO_APPROVE_DESTRUCTIVE=true` does. Rule, reasons and trace stay, so the decision still shows both.
#[must_use]
pub fn auto_approve(mut decision: Decision, class: RiskClass) -> Decision {
    if decision.verdict == Verdict::Ask && !matches!(class, RiskClass::Privilege | RiskClass::Secret) {
        decision.verdict = Verdict::Allow;
        decision.auto_approved = true;
        decision.reasons.push("Not asked: AWS_MCP_AUTO_APPROVE_DESTRUCTIVE is on.".to_owned());
    }
    decision
}

impl Matched {
    fn sentence(&self) -> String {
        let verb = match self.verdict {
            Verdict::Deny => "denies it",
            Verdict::Ask => "asks a human",
            Verdict::Allow => "allows it",
        };
        let mut text = match self.rule.split_once(": ") {
            Some(("ask_for", class)) => format!("The policy asks a human about every call of the class {class}"),
            _ => format!("`{}` {verb}", self.rule),
        };
        for more in [&self.because, &self.note].into_iter().flatten() {
            text.push_str(": ");
            text.push_str(more.trim_end_matches('.'));
        }
        text.push('.');
        text
    }
}

/// The rules that match, by how certain it is that they apply.
#[derive(Default)]
struct Gathered {
    sure: Vec<Matched>,
    /// A deny by name only: whatever else allows, it must be asked.
    may_deny: Vec<Matched>,
    /// An allow by name only: it counts where nothing else does.
    may_allow: Vec<Matched>,
}

impl Gathered {
    fn take(&mut self, list: &RuleList, name: &str, subject: &Subject<'_>, verdict: Verdict) {
        for rule in list.matching(name) {
            let allows = verdict == Verdict::Allow;
            let matched = matched(rule, verdict);
            let applies =
                rule.narrow.as_ref().map_or(Applies::Yes, |narrow| narrow.applies(subject, allows, &matched.id));
            let noted = |verdict, note: &str| Matched { verdict, note: Some(note.to_owned()), ..matched.clone() };
            match (applies, verdict) {
                (Applies::Yes, _) => self.sure.push(matched),
                (Applies::No, _) | (Applies::Unknown, Verdict::Allow) => {}
                (Applies::Unknown, _) => {
                    self.sure.push(noted(verdict, "a condition of it cannot be evaluated, so it counts"));
                }
                (Applies::ByCall, Verdict::Deny) => {
                    self.may_deny.push(noted(Verdict::Ask, "denied or not by what the payload says"));
                }
                (Applies::ByCall, Verdict::Ask) => {
                    self.sure.push(noted(Verdict::Ask, "asked or not by what the payload says"));
                }
                (Applies::ByCall, Verdict::Allow) => {
                    self.may_allow.push(noted(Verdict::Ask, "allowed or not by what the payload says"));
                }
            }
        }
    }

    /// All of them, the one that decides first.
    fn ranked(self, default: Verdict) -> Vec<Matched> {
        let Self { mut sure, mut may_deny, mut may_allow } = self;
        // Stable: within a verdict the order of the gathering stays.
        sure.sort_by_key(|matched| std::cmp::Reverse(matched.verdict));
        let best = sure.first().map(|first| first.verdict);
        let mut trace = match best {
            Some(Verdict::Allow) => {
                may_deny.append(&mut sure);
                may_deny
            }
            Some(_) => {
                sure.append(&mut may_deny);
                sure
            }
            None if default == Verdict::Deny && !may_allow.is_empty() => {
                may_allow.append(&mut may_deny);
                std::mem::take(&mut may_allow)
            }
            None => {
                let because = Some("no rule matches".to_owned());
                let mut trace = vec![Matched { because, ..unnamed(format!("default: {default}"), default) }];
                trace.append(&mut may_deny);
                trace
            }
        };
        trace.append(&mut may_allow);
        if let Some(first) = trace.first_mut() {
            first.decided = true;
        }
        trace
    }
}

fn matched(rule: &Rule, verdict: Verdict) -> Matched {
    let because = rule.because.clone();
    Matched { rule: rule.text(), id: rule.id(verdict), verdict, because, decided: false, note: None }
}

/// What the file says in another way than by a rule.
fn unnamed(rule: String, verdict: Verdict) -> Matched {
    // Which service is missing on the list is not what is counted.
    let id = if rule.starts_with("services.allowlist") { "services.allowlist".to_owned() } else { rule.clone() };
    Matched { id, rule, verdict, because: None, decided: false, note: None }
}
