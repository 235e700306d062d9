//! Schemas at run time: what the protocol crates need to know of a shape, made from the model on first
//! use and then shared by every call of the same model generation.

mod dress;
mod graph;
mod names;
mod node;

pub(crate) use graph::{ErrorNode, Graph, OperationSchemas, Shaping};
pub(crate) use node::{MemberNode, Node, Structure};

#[cfg(test)]
mod tests;
