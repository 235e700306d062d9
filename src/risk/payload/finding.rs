//! What was found in a payload, and what follows from it.

use super::nodes::Node;
use crate::{
    base::Shown,
    risk::{
        Assessment, RiskClass,
        order::{rank, stricter},
    },
};

/// Something in a payload that has a class of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) class: RiskClass,
    /// It decides; otherwise it is only worth a mention.
    pub(super) strong: bool,
    pub(super) why: String,
}

impl Finding {
    /// A finding that decides.
    pub(super) fn at(node: &Node<'_>, class: RiskClass, what: &str) -> Self {
        Self { class, strong: true, why: format!("Payload: `{}` {what}.", Shown::line(&node.place)) }
    }

    /// A finding that is only worth a mention.
    pub(super) fn weak(node: &Node<'_>, class: RiskClass, what: &str) -> Self {
        Self { strong: false, ..Self::at(node, class, what) }
    }

    /// A finding without a place.
    pub(super) fn told(class: RiskClass, why: String) -> Self {
        Self { class, strong: true, why }
    }
}

/// Most findings that are told.
const MOST_TOLD: usize = 6;

/// The base raised by what was found.
pub(super) fn raised(base: Assessment, findings: &[Finding]) -> Assessment {
    let strong = findings.iter().filter(|finding| finding.strong).map(|finding| finding.class);
    let class = strong.fold(base.class, stricter);
    let mut also = base.also;
    if findings.is_empty() && class == RiskClass::Write {
        // What some payloads deserve is not in this one; what cannot be seen from here stays.
        also.retain(|other| matches!(other, RiskClass::Destructive | RiskClass::Read));
    }
    also.push(base.class);
    also.extend(findings.iter().map(|finding| finding.class));
    let also = RiskClass::ALL.into_iter().filter(|other| *other != class && also.contains(other)).collect();
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| (!finding.strong, usize::MAX - rank(finding.class)));
    let mut reasons: Vec<String> = sorted.iter().take(MOST_TOLD).map(|finding| finding.why.clone()).collect();
    reasons.dedup();
    reasons.extend(base.reasons);
    Assessment { class, also, reasons }
}
