//! What a statement does.

use crate::risk::{RiskClass, order::stricter};

/// What a statement does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::risk) struct Effect {
    pub(in crate::risk) class: RiskClass,
    pub(in crate::risk) also: Option<RiskClass>,
    pub(in crate::risk) what: String,
}

impl Effect {
    pub(super) fn new(class: RiskClass, what: &str) -> Self {
        Self { class, also: None, what: what.to_owned() }
    }

    pub(super) fn also(self, also: RiskClass) -> Self {
        Self { also: Some(also), ..self }
    }

    /// The stricter of two.
    pub(in crate::risk) fn or_worse(self, other: Self) -> Self {
        if self.class == other.class {
            return if self.also.is_none() { other } else { self };
        }
        if stricter(self.class, other.class) == self.class { self } else { other }
    }

    /// The stricter of two, of which either may be missing.
    pub(super) fn worst(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(one.or_worse(other)),
            (one, other) => one.or(other),
        }
    }
}
