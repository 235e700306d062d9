//! Statements in query languages: what they do, whatever they look like.

mod effect;
mod graph;
mod keywords;
mod lexer;
mod parsed;
mod sql;

pub(super) use self::{
    effect::Effect,
    graph::{cypher, gremlin},
    sql::{Speech, sql},
};

#[cfg(test)]
mod tests;
