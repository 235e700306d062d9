//! The effect of openCypher queries and Gremlin traversals.

use super::{
    Effect,
    lexer::{Reading, Token, tokens},
};
use crate::risk::RiskClass::{Destructive, Execute, Read, Write};

/// The effect of an openCypher query.
pub(in crate::risk) fn cypher(text: &str) -> Option<Effect> {
    let tokens = tokens(text, Reading::Graph);
    if tokens.is_empty() {
        return None;
    }
    let mut effect = Effect::new(Read, "only reads");
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        // `n.set`, `:Delete`, `{set: 1}` and `$remove` are names.
        if before.is_some_and(|before| ['.', ':', '$', '`'].iter().any(|sign| before.is_sign(*sign))) {
            continue;
        }
        if tokens.get(at + 1).is_some_and(|after| after.is_sign(':')) {
            continue;
        }
        let found = match word.to_ascii_uppercase().as_str() {
            "DELETE" => Effect::new(Destructive, "deletes (DELETE)"),
            "DROP" => Effect::new(Destructive, "deletes (DROP)"),
            "REMOVE" => Effect::new(Destructive, "takes properties away (REMOVE)"),
            "CREATE" | "MERGE" | "FOREACH" => Effect::new(Write, "adds data"),
            "SET" => Effect { also: Some(Destructive), ..Effect::new(Write, "sets properties (SET)") },
            "LOAD" => Effect::new(Write, "loads data (LOAD)"),
            "CALL" => call(tokens.get(at + 1..).unwrap_or_default()),
            _ => continue,
        };
        effect = effect.or_worse(found);
    }
    Some(effect)
}

/// `CALL { .. }` is judged by what is inside; algorithms only compute, unless they mutate.
fn call(after: &[Token]) -> Effect {
    if after.first().is_some_and(|first| first.is_sign('{')) {
        return Effect::new(Read, "only reads");
    }
    let name: Vec<String> = after
        .iter()
        .take_while(|token| matches!(token, Token::Word(_)) || token.is_sign('.'))
        .map(|token| match token {
            Token::Word(word) => word.to_ascii_lowercase(),
            _ => ".".to_owned(),
        })
        .collect();
    let name = name.concat();
    if name.contains("mutate") || name.contains("load") || name.contains("upsert") {
        Effect::new(Write, "calls a procedure that writes")
    } else if name.contains("delete") || name.contains("remove") || name.contains("drop") {
        Effect::new(Destructive, "calls a procedure that deletes")
    } else if name.starts_with("neptune.") || name.starts_with("db.") || name.starts_with("apoc.meta") {
        Effect::new(Read, "calls a procedure that reads")
    } else {
        Effect::new(Execute, "calls a procedure of unknown effect")
    }
}

/// The effect of a Gremlin traversal.
pub(in crate::risk) fn gremlin(text: &str) -> Option<Effect> {
    let tokens = tokens(text, Reading::Graph);
    if tokens.is_empty() {
        return None;
    }
    let mut effect = Effect::new(Read, "only reads");
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        // `drop ()` is a step as well.
        if !tokens.get(at + 1).is_some_and(|after| after.is_sign('(')) {
            continue;
        }
        let found = match word.to_ascii_lowercase().as_str() {
            "drop" | "clear" | "remove" => Effect::new(Destructive, "deletes (drop)"),
            "addv" | "adde" | "addvertex" | "addedge" | "mergev" | "mergee" => Effect::new(Write, "adds data"),
            "property" | "io" | "write" => Effect { also: Some(Destructive), ..Effect::new(Write, "sets properties") },
            "execute" | "eval" | "evaluate" | "exec" => Effect::new(Execute, "runs code"),
            _ => continue,
        };
        effect = effect.or_worse(found);
    }
    Some(effect)
}
