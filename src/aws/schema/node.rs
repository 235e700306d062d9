//! The graph that the bridge walks beside the schemas. Member schemas never point at the structure they
//! target, so recursion goes through a [`Cell`] that is filled when the structure is built.

use std::sync::OnceLock;

use aws_smithy_schema::{Schema, ShapeType};
use serde_json::Value;

/// A structure that may not be built yet; recursive shapes need that.
pub(crate) type Cell = OnceLock<Structure>;

/// What stands behind a member, an element or a map's value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Node {
    /// A structure or union.
    Structure(&'static Cell),
    /// A list.
    List(&'static ListNode),
    /// A map.
    Map(&'static MapNode),
    /// Anything else, by its type.
    Scalar(ShapeType),
}

/// A structure or union.
#[derive(Debug)]
pub(crate) struct Structure {
    /// Its own schema, members included.
    pub(crate) schema: Schema<'static>,
    /// Members in model order; the index is the schema's member index.
    pub(crate) members: Vec<MemberNode>,
    /// Whether exactly one member is set.
    pub(crate) union: bool,
}

/// A member of a structure or union.
#[derive(Debug)]
pub(crate) struct MemberNode {
    /// Its name in the model, which is also its name in our JSON.
    pub(crate) name: &'static str,
    /// The member's schema.
    pub(crate) schema: &'static Schema<'static>,
    /// What it targets.
    pub(crate) node: Node,
    /// The default that a client may count on.
    pub(crate) default: Option<Value>,
    /// Whether it must be there.
    pub(crate) required: bool,
}

/// A list.
#[derive(Debug)]
pub(crate) struct ListNode {
    /// Schema of the element under its name (`member`); codecs take element names from it.
    pub(crate) named: &'static Schema<'static>,
    /// Schema handed along with each element: without a name, as elements have none on the wire.
    pub(crate) element: &'static Schema<'static>,
    /// What an element is.
    pub(crate) node: Node,
    /// Whether nulls count.
    pub(crate) sparse: bool,
}

/// A map.
#[derive(Debug)]
pub(crate) struct MapNode {
    /// Schema of the key under its name.
    pub(crate) key: &'static Schema<'static>,
    /// Schema of the value under its name.
    pub(crate) named: &'static Schema<'static>,
    /// Schema handed along with each value.
    pub(crate) element: &'static Schema<'static>,
    /// What a value is.
    pub(crate) node: Node,
    /// Whether nulls count.
    pub(crate) sparse: bool,
}

impl Node {
    /// The type of the shape.
    pub(crate) fn shape_type(self) -> ShapeType {
        match self {
            Self::Structure(_) => ShapeType::Structure,
            Self::List(_) => ShapeType::List,
            Self::Map(_) => ShapeType::Map,
            Self::Scalar(kind) => kind,
        }
    }
}
