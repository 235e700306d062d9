//! The verdict on one call: every rule that matched, which one decided, and why. Total and deterministic.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::file::Policy;
use super::narrow::Applies;
use super::rule::RuleList;
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
    /// A narrowed rule that asks for a fact not known (region, account, profile) denies or asks as if it held, and
    /// does not allow. Asked by name only, a rule that depends on the payload makes the verdict ask where it could
    /// have allowed more or less: the payload, which every execution has, decides it.
    pub fn decide(&self, subject: &Subject<'_>) -> Decision {
        let name = format!("{}:{}", subject.service, subject.operation);
        let (mut found, mut maybe) = (Vec::new(), Vec::new());
        if let Some(rule) = self.refusal(subject.service) {
            found.push(matched(rule, Verdict::Deny));
        }
        gather(&self.deny, &name, subject, Verdict::Deny, &mut found, &mut maybe);
        gather(&self.destructive, &name, subject, Verdict::Ask, &mut found, &mut maybe);
        if self.ask_for.contains(&subject.class) || subject.class == RiskClass::Destructive {
            found.push(matched(format!("ask_for: {}", subject.class), Verdict::Ask));
        }
        gather(&self.ask, &name, subject, Verdict::Ask, &mut found, &mut maybe);
        gather(&self.allow, &name, subject, Verdict::Allow, &mut found, &mut maybe);
        // Stable: within a verdict the order above stays.
        found.sort_by_key(|matched| std::cmp::Reverse(matched.verdict));
        let best = found.first().map_or(self.default, |first| first.verdict);
        if best == Verdict::Allow {
            maybe.append(&mut found);
            found = maybe;
        } else {
            if found.is_empty() {
                let because = Some("no rule matches".to_owned());
                found.push(Matched { because, ..matched(format!("default: {}", self.default), self.default) });
            }
            found.append(&mut maybe);
        }
        if let Some(first) = found.first_mut() {
            first.decided = true;
        }
        let (verdict, rule) =
            found.first().map_or((Verdict::Deny, String::new()), |first| (first.verdict, first.rule.clone()));
        let reasons = found.iter().filter(|matched| matched.verdict == verdict).map(Matched::sentence).collect();
        Decision { verdict, rule, reasons, trace: found, auto_approved: false }
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

/// Gathers the rules that apply into `found`; asked by name only, those that a payload could make deny go to `maybe`.
fn gather(
    list: &RuleList,
    name: &str,
    subject: &Subject<'_>,
    verdict: Verdict,
    found: &mut Vec<Matched>,
    maybe: &mut Vec<Matched>,
) {
    for rule in list.matching(name) {
        let allows = verdict == Verdict::Allow;
        let applies = rule.narrow.as_ref().map_or(Applies::Yes, |narrow| narrow.applies(subject, allows));
        let matched = Matched { because: rule.because.clone(), ..matched(rule.text(), verdict) };
        let noted = |verdict, note: &str| Matched { verdict, note: Some(note.to_owned()), ..matched.clone() };
        match (applies, verdict) {
            (Applies::Yes, _) => found.push(matched),
            (Applies::No, _) | (Applies::Unknown, Verdict::Allow) => {}
            (Applies::Unknown, _) => found.push(noted(verdict, "it is narrowed by a fact not known yet, so it counts")),
            (Applies::ByPayload, Verdict::Deny) => {
                maybe.push(noted(Verdict::Ask, "denied or not by what the payload says"));
            }
            (Applies::ByPayload, Verdict::Ask) => {
                found.push(noted(Verdict::Ask, "asked or not by what the payload says"));
            }
            (Applies::ByPayload, Verdict::Allow) => {
                found.push(noted(Verdict::Ask, "allowed or not by what the payload says"));
            }
        }
    }
}

fn matched(rule: String, verdict: Verdict) -> Matched {
    Matched { rule, verdict, because: None, decided: false, note: None }
}
