//! Statements in query languages: what they do, whatever they look like.

mod graph;
mod lexer;
mod sql;

pub(super) use self::{
    graph::{cypher, gremlin},
    sql::{Effect, sql},
};

#[cfg(test)]
mod tests;
