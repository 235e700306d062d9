//! The class of a call: reviewed operations first, then names, IAM's levels, the model's traits and the HTTP method,
//! the strictest where they truly apply. No operation is unknown; where nothing is known, a human is asked.

use std::sync::OnceLock;

use serde_json::Value;

use super::{
    Assessment, RiskClass,
    levels::{Level, Levels},
    names::Names,
    payload::{Members, judge},
    reviewed::{Reviewed, Ruling},
};
use crate::smithy::Lifecycle;

const OPERATIONS: &str = include_str!("../../assets/risk/operations.txt");
const NAMES: &str = include_str!("../../assets/risk/names.txt");
const PAYLOADS: &str = include_str!("../../assets/risk/payloads.txt");

/// What the index knows of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperationFacts<'a> {
    /// Canonical name of the service (`elbv2`).
    pub service: &'a str,
    /// The service in IAM actions and signatures (`elasticloadbalancing`).
    pub signing_name: &'a str,
    /// Exact name (`DeleteLoadBalancer`).
    pub operation: &'a str,
    /// HTTP method; `POST` in RPC protocols.
    pub method: &'a str,
    /// `smithy.api#readonly`: sparse, and sometimes wrong.
    pub readonly: bool,
    /// `smithy.api#idempotent`
    pub idempotent: bool,
    /// What it does to its resource, where modelled.
    pub lifecycle: Option<Lifecycle>,
}

/// Decides classes. Cheap to make; its tables are read when the first call is classified.
#[derive(Debug, Default)]
pub struct Classifier {
    tables: OnceLock<Tables>,
}

#[derive(Debug)]
struct Tables {
    reviewed: Reviewed,
    names: Names,
    levels: Levels,
    members: Members,
}

impl Tables {
    fn embedded() -> Self {
        Self {
            reviewed: Reviewed::parse(OPERATIONS).0,
            names: Names::parse(NAMES).0,
            levels: Levels::embedded(),
            members: Members::parse(PAYLOADS).0,
        }
    }
}

impl Classifier {
    /// With the tables in the binary.
    pub fn embedded() -> Self {
        Self::default()
    }

    /// The class of an operation by what is known without its payload: its ordinary use.
    pub fn classify(&self, facts: &OperationFacts<'_>) -> Assessment {
        let tables = self.tables.get_or_init(Tables::embedded);
        if let Some(ruling) = tables.reviewed.ruling(facts.service, facts.operation) {
            return reviewed(facts, ruling);
        }
        let level = tables.levels.level(facts.signing_name, facts.operation);
        match tables.names.ruling(facts.service, facts.operation) {
            Some(ruling) => named(facts, ruling, level),
            None => unnamed(facts, level),
        }
    }

    /// The class of a call, its payload included: the payload wins over the name.
    pub fn classify_call(&self, facts: &OperationFacts<'_>, payload: &Value) -> Assessment {
        let tables = self.tables.get_or_init(Tables::embedded);
        judge(facts, self.classify(facts), payload, &tables.members)
    }
}

fn reviewed(facts: &OperationFacts<'_>, ruling: &Ruling) -> Assessment {
    let reason = match ruling.why {
        "" => format!("Reviewed: the ordinary use of {} is {}.", facts.operation, meaning(ruling.class)),
        why => format!("Reviewed: {}: {why}.", facts.operation),
    };
    Assessment { class: ruling.class, also: ruling.also.clone(), reasons: vec![reason] }
}

fn named(facts: &OperationFacts<'_>, ruling: &Ruling, level: Option<Level>) -> Assessment {
    let by_name = match ruling.why {
        "" => format!("By its name, {} is {}.", facts.operation, meaning(ruling.class)),
        why => format!("By its name: {why}."),
    };
    let mut assessment = Assessment { class: ruling.class, also: ruling.also.clone(), reasons: vec![by_name] };
    let Some(level) = level else { return assessment };
    let changed = match (ruling.class, level) {
        _ if ruling.firm => None,
        (RiskClass::Read, Level::Write | Level::Tagging) => Some((RiskClass::Write, vec![RiskClass::Read])),
        (RiskClass::Read, Level::Permissions) => Some((RiskClass::Write, vec![RiskClass::Privilege])),
        (RiskClass::Write, Level::Read | Level::List) if matches!(facts.method, "GET" | "HEAD") => {
            Some((RiskClass::Read, vec![RiskClass::Write]))
        }
        (RiskClass::Write, Level::Permissions) => Some((RiskClass::Privilege, vec![RiskClass::Write])),
        _ => None,
    };
    if let Some((class, also)) = changed {
        assessment.class = class;
        assessment.also = also;
        assessment.reasons.insert(0, iam(level));
    }
    assessment
}

fn iam(level: Level) -> String {
    format!("IAM: the access level of this action is {}.", level.as_str())
}

fn unnamed(facts: &OperationFacts<'_>, level: Option<Level>) -> Assessment {
    let of =
        |class, also: &[RiskClass], reason: String| Assessment { class, also: also.to_vec(), reasons: vec![reason] };
    if let Some(level) = level {
        let reason = iam(level);
        return match level {
            Level::Read | Level::List => of(RiskClass::Read, &[], reason),
            Level::Tagging => of(RiskClass::Write, &[], reason),
            Level::Write => of(RiskClass::Write, &[RiskClass::Destructive], reason),
            Level::Permissions => of(RiskClass::Privilege, &[], reason),
        };
    }
    if facts.readonly || matches!(facts.lifecycle, Some(Lifecycle::Read | Lifecycle::List)) {
        return of(RiskClass::Read, &[], "Model: the operation is marked as one that only reads.".to_owned());
    }
    if facts.lifecycle == Some(Lifecycle::Create) {
        return of(RiskClass::Write, &[], "Model: the operation creates a resource.".to_owned());
    }
    match facts.method {
        "GET" | "HEAD" => of(RiskClass::Read, &[], format!("HTTP: the method is {}.", facts.method)),
        "DELETE" => of(RiskClass::Destructive, &[], "HTTP: the method is DELETE.".to_owned()),
        _ => of(
            RiskClass::Destructive,
            &[RiskClass::Write],
            format!("Unknown: nothing says what `{}` does, so a human is asked.", facts.operation),
        ),
    }
}

/// A class as a human would say it of an operation.
const fn meaning(class: RiskClass) -> &'static str {
    match class {
        RiskClass::Read => "a read",
        RiskClass::Write => "a write",
        RiskClass::Destructive => "destructive",
        RiskClass::Secret => "one that shows a secret",
        RiskClass::Privilege => "one that changes who may do what",
        RiskClass::Execute => "one that runs something",
    }
}

#[cfg(test)]
pub(in crate::risk) mod tests;
