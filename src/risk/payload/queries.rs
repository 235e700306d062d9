//! Payloads that hold statements: judged by what the statements do.

use super::{finding::Finding, nodes::Nodes};
use crate::{
    base::Shown,
    risk::{
        Assessment, RiskClass,
        statement::{Effect, Speech, cypher, gremlin, sql},
    },
};

/// Whether an operation runs statements of unknown content: by name it may do all of this.
pub(super) fn runs_statements(by_name: &Assessment) -> bool {
    by_name.class == RiskClass::Execute
        && [RiskClass::Read, RiskClass::Write, RiskClass::Destructive].iter().all(|class| by_name.also.contains(class))
}

/// The worst statement of a payload, as an assessment; none where there is none.
pub(super) fn statements(service: &str, nodes: &Nodes<'_>) -> Option<(Assessment, Finding)> {
    let speech = match service {
        "rds-data" => Speech::Aurora,
        "redshift-data" => Speech::Redshift,
        "dynamodb" => Speech::PartiQl,
        _ => Speech::Athena,
    };
    let mut worst: Option<(Effect, String)> = None;
    for node in nodes.all.iter().filter(|node| !node.data) {
        let Some(text) = node.value.as_str() else { continue };
        let effect = match node.name() {
            "sql" | "sqls" | "sqlstatements" | "statement" | "statements" => sql(text, speech),
            "opencypherquery" => cypher(text),
            "gremlinquery" => gremlin(text),
            // Neptune Analytics speaks openCypher, Athena SQL: the language tells.
            "querystring" => {
                let graph = nodes.all.iter().any(|node| node.path == ["language"]);
                if graph { cypher(text) } else { sql(text, speech) }
            }
            _ => None,
        };
        let Some(effect) = effect else { continue };
        worst = Some(match worst {
            Some((known, place)) => {
                let chosen = known.clone().or_worse(effect);
                let moved = chosen != known;
                (chosen, if moved { node.place.clone() } else { place })
            }
            None => (effect, node.place.clone()),
        });
    }
    let (effect, place) = worst?;
    let why = format!("Payload: the statement in `{}` {}.", Shown::line(&place), effect.what);
    let also = effect.also.into_iter().collect();
    let base = Assessment { class: effect.class, also, reasons: Vec::new() };
    Some((base, Finding::told(effect.class, why)))
}
