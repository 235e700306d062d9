//! Floor 1: one service as AWS models it. The internal form of a model ([`Model`]), and the readers
//! that make it from Smithy JSON AST and from botocore's JSON. Pure: bytes in, values out.

pub mod ast;
pub mod botocore;
pub mod model;
pub mod operation;
pub mod own;
pub mod pattern;
mod prose;
pub mod read;
pub mod resolve;
pub mod service;
pub mod shape;
pub mod spelling;

pub use model::Model;
pub use operation::{Http, HttpChecksum, Lifecycle, Operation, Paginator};
pub use read::{Notes, ReadError, Reading, Tally};
pub use resolve::Slot;
pub use service::{Protocol, Service};
pub use shape::{
    EnumValue, ErrorTrait, Fault, Location, Member, Shape, ShapeType, TimestampFormat, Traits, XmlNamespace,
};
