//! The schemas of one service, built shape by shape as operations are first used.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_schema::traits::HttpTrait;
use aws_smithy_schema::{Schema, ShapeId, ShapeType};

use super::dress::{Dialect, dress_collection, dress_member, dress_value, shape_type};
use super::names::{Names, lasting};
use super::node::{Cell, ListNode, MapNode, MemberNode, Node, Structure};
use crate::smithy::{ErrorTrait, Location, Member, Model, Operation, Protocol, Shape, ShapeType as Kind};

/// Why schemas could not be built. The model is at fault, not the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the model of this service is incomplete: {0}; refresh the models with `countersign models sync`")]
pub(crate) struct SchemaError(pub(crate) String);

/// What a call of one operation needs.
#[derive(Debug)]
pub(crate) struct OperationSchemas {
    /// The input structure; its schema carries the HTTP trait.
    pub(crate) input: Structure,
    /// Whether the model has an input at all.
    pub(crate) has_input: bool,
    /// The output structure.
    pub(crate) output: Structure,
    /// The operation's modelled errors.
    pub(crate) errors: Vec<ErrorNode>,
    /// All errors of the service: an operation may answer with one that its model forgot.
    others: Arc<[ErrorNode]>,
}

/// A modelled error.
#[derive(Debug, Clone)]
pub(crate) struct ErrorNode {
    /// Name of the shape.
    pub(crate) name: String,
    /// Whose fault, code, whether to try again.
    pub(crate) facts: Option<ErrorTrait>,
    cell: &'static Cell,
}

impl ErrorNode {
    /// Its structure.
    pub(crate) fn structure(&self) -> Option<&'static Structure> {
        self.cell.get()
    }
}

/// How one service's operations are put on the wire, beyond what the shapes say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shaping {
    /// The URI pattern in place of the model's.
    pub(crate) uri: Option<String>,
    /// The XML body of the answer is the member itself, without an element around it.
    pub(crate) unwrapped_output: bool,
}

/// The schemas of one service in one protocol.
#[derive(Debug)]
pub(crate) struct Graph {
    model: Arc<Model>,
    prelude: BTreeMap<&'static str, Shape>,
    request: Dialect,
    answer: Dialect,
    state: Mutex<State>,
}

/// The shapes that every model may use without defining them.
const PRELUDE: [(&str, Kind); 21] = [
    ("smithy.api#String", Kind::String),
    ("smithy.api#Blob", Kind::Blob),
    ("smithy.api#BigInteger", Kind::BigInteger),
    ("smithy.api#BigDecimal", Kind::BigDecimal),
    ("smithy.api#Timestamp", Kind::Timestamp),
    ("smithy.api#Document", Kind::Document),
    ("smithy.api#Boolean", Kind::Boolean),
    ("smithy.api#PrimitiveBoolean", Kind::Boolean),
    ("smithy.api#Byte", Kind::Byte),
    ("smithy.api#PrimitiveByte", Kind::Byte),
    ("smithy.api#Short", Kind::Short),
    ("smithy.api#PrimitiveShort", Kind::Short),
    ("smithy.api#Integer", Kind::Integer),
    ("smithy.api#PrimitiveInteger", Kind::Integer),
    ("smithy.api#Long", Kind::Long),
    ("smithy.api#PrimitiveLong", Kind::Long),
    ("smithy.api#Float", Kind::Float),
    ("smithy.api#PrimitiveFloat", Kind::Float),
    ("smithy.api#Double", Kind::Double),
    ("smithy.api#PrimitiveDouble", Kind::Double),
    ("smithy.api#Unit", Kind::Structure),
];

#[derive(Debug, Default)]
struct State {
    names: Names,
    structures: HashMap<(Dialect, String), &'static Cell>,
    lists: HashMap<(Dialect, String), &'static ListNode>,
    maps: HashMap<(Dialect, String), &'static MapNode>,
    /// Structures that are referred to but not built yet.
    pending: Vec<(Dialect, String, &'static Cell)>,
    /// All errors of the service.
    errors: Option<Arc<[ErrorNode]>>,
}

impl Graph {
    /// A graph with nothing in it yet.
    pub(crate) fn new(model: Arc<Model>, protocol: Protocol) -> Self {
        let (request, answer) = match protocol {
            Protocol::Ec2Query => (Dialect::Ec2Request, Dialect::Plain),
            Protocol::RpcV2Json => (Dialect::Seconds, Dialect::Seconds),
            _ => (Dialect::Plain, Dialect::Plain),
        };
        let prelude = PRELUDE.map(|(name, kind)| (name, Shape { kind, ..Shape::default() }));
        Self { model, prelude: prelude.into(), request, answer, state: Mutex::default() }
    }

    /// Builds what an operation needs.
    ///
    /// # Errors
    /// When the model refers to shapes it does not have.
    pub(crate) fn operation(&self, operation: &Operation, shaping: &Shaping) -> Result<OperationSchemas, SchemaError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut builder = Builder { graph: self, state: &mut state };
        let input = builder.input(operation, self.request, shaping)?;
        let output = builder.output(operation, self.answer, shaping)?;
        let mut errors = Vec::with_capacity(operation.errors.len());
        for name in &operation.errors {
            let shape = builder.shape(name)?;
            errors.push(builder.error(name, shape, self.answer));
        }
        let others = builder.errors(self.answer);
        builder.finish()?;
        Ok(OperationSchemas { input, has_input: operation.input.is_some(), output, errors, others })
    }
}

struct Builder<'g, 's> {
    graph: &'g Graph,
    state: &'s mut State,
}

impl<'g> Builder<'g, '_> {
    fn shape(&self, name: &str) -> Result<&'g Shape, SchemaError> {
        let shape = self.graph.model.shape(name).or_else(|| self.graph.prelude.get(name));
        shape.ok_or_else(|| SchemaError(format!("there is no shape `{name}`")))
    }

    fn id(&mut self, name: &str) -> ShapeId<'static> {
        let local = name.rsplit_once('#').map_or(name, |(_, local)| local);
        let whole = self.state.names.intern(&format!("aws#{local}"));
        ShapeId::from_parts(whole, "aws", self.state.names.intern(local))
    }

    fn input(&mut self, operation: &Operation, dialect: Dialect, shaping: &Shaping) -> Result<Structure, SchemaError> {
        let empty = Shape::default();
        let (name, shape) = match &operation.input {
            Some(name) => (name.as_str(), self.shape(name)?),
            None => ("Unit", &empty),
        };
        let mut structure = self.structure(name, shape, dialect)?;
        let uri = with_member_names(shaping.uri.as_deref().unwrap_or(&operation.http.uri), shape);
        let names = &mut self.state.names;
        let http = HttpTrait::new(names.intern(&operation.http.method), names.intern(&uri), Some(operation.http.code));
        let mut schema =
            structure.schema.with_http(http).with_original_name(names.intern(name.rsplit('#').next().unwrap_or(name)));
        if let Some(root) = &operation.input_xml_name {
            schema = schema.with_xml_name(names.intern(root));
        }
        if let Some(namespace) = &operation.input_xml_namespace {
            let prefix = namespace.prefix.as_deref().map(|prefix| names.intern(prefix));
            schema = schema.with_xml_namespace(names.intern(&namespace.uri), prefix);
        }
        structure.schema = schema;
        Ok(structure)
    }

    fn output(&mut self, operation: &Operation, dialect: Dialect, shaping: &Shaping) -> Result<Structure, SchemaError> {
        let empty = Shape::default();
        let (name, shape) = match &operation.output {
            Some(name) => (name.as_str(), self.shape(name)?),
            None => ("Unit", &empty),
        };
        let mut structure = self.structure(name, shape, dialect)?;
        if shaping.unwrapped_output {
            structure.schema = structure.schema.with_xml_unwrapped_output();
        }
        Ok(structure)
    }

    fn error(&mut self, name: &str, shape: &Shape, dialect: Dialect) -> ErrorNode {
        ErrorNode { name: name.to_owned(), facts: shape.traits().error.clone(), cell: self.cell(dialect, name) }
    }

    fn errors(&mut self, dialect: Dialect) -> Arc<[ErrorNode]> {
        if let Some(errors) = &self.state.errors {
            return Arc::clone(errors);
        }
        let graph = self.graph;
        let named = graph.model.shapes.iter().filter(|(_, shape)| shape.traits().error.is_some());
        let errors: Arc<[ErrorNode]> = named.map(|(name, shape)| self.error(name, shape, dialect)).collect();
        self.state.errors = Some(Arc::clone(&errors));
        errors
    }

    /// Builds all structures that something refers to.
    fn finish(&mut self) -> Result<(), SchemaError> {
        while let Some((dialect, name, cell)) = self.state.pending.pop() {
            let shape = self.shape(&name)?;
            let structure = self.structure(&name, shape, dialect)?;
            // Filled once: the table hands out one cell a shape, and this lock is held.
            let _ = cell.set(structure);
        }
        Ok(())
    }

    fn cell(&mut self, dialect: Dialect, name: &str) -> &'static Cell {
        let key = (dialect, name.to_owned());
        if let Some(cell) = self.state.structures.get(&key) {
            return cell;
        }
        let cell = lasting(Cell::new());
        self.state.structures.insert(key, cell);
        self.state.pending.push((dialect, name.to_owned(), cell));
        cell
    }

    fn structure(&mut self, name: &str, shape: &Shape, dialect: Dialect) -> Result<Structure, SchemaError> {
        let mut members = Vec::with_capacity(shape.members.len());
        for (index, member) in shape.members.iter().enumerate() {
            let target = self.shape(&member.target)?;
            let node = self.node(&member.target, target, dialect)?;
            let id = self.id(&member.target);
            let lasting_name = self.state.names.intern(&member.name);
            let schema = Schema::new_member(id, shape_type(target.kind), lasting_name, index);
            let schema = dress_member(schema, member, target, dialect, &mut self.state.names);
            let schema = lasting(dress_collection(schema, node));
            let default = member.traits().default.as_ref().or(target.traits().default.as_ref());
            let default = default.filter(|_| !member.traits().client_optional).cloned();
            members.push(MemberNode { name: lasting_name, schema, node, default, required: member.required });
        }
        let schemas: Vec<&'static Schema<'static>> = members.iter().map(|member| member.schema).collect();
        let member_schemas: &'static [&'static Schema<'static>] = Box::leak(schemas.into_boxed_slice());
        let mut schema = Schema::new_struct(self.id(name), shape_type(shape.kind), member_schemas);
        let names = &mut self.state.names;
        if let Some(xml_name) = &shape.traits().xml_name {
            schema = schema.with_xml_name(names.intern(xml_name));
        }
        if let Some(namespace) = &shape.traits().xml_namespace {
            let prefix = namespace.prefix.as_deref().map(|prefix| names.intern(prefix));
            schema = schema.with_xml_namespace(names.intern(&namespace.uri), prefix);
        }
        Ok(Structure { schema, members, union: shape.kind == Kind::Union })
    }

    fn node(&mut self, name: &str, shape: &Shape, dialect: Dialect) -> Result<Node, SchemaError> {
        Ok(match shape.kind {
            Kind::Structure | Kind::Union => Node::Structure(self.cell(dialect, name)),
            Kind::List => Node::List(self.list(name, shape, dialect)?),
            Kind::Map => Node::Map(self.map(name, shape, dialect)?),
            scalar => Node::Scalar(shape_type(scalar)),
        })
    }

    fn list(&mut self, name: &str, shape: &Shape, dialect: Dialect) -> Result<&'static ListNode, SchemaError> {
        let key = (dialect, name.to_owned());
        if let Some(list) = self.state.lists.get(&key) {
            return Ok(list);
        }
        let member = member(name, shape, "member")?;
        let (node, named, element) = self.element(member, 0, dialect)?;
        let list = lasting(ListNode { named, element, node, sparse: shape.traits().sparse });
        self.state.lists.insert(key, list);
        Ok(list)
    }

    fn map(&mut self, name: &str, shape: &Shape, dialect: Dialect) -> Result<&'static MapNode, SchemaError> {
        let slot = (dialect, name.to_owned());
        if let Some(map) = self.state.maps.get(&slot) {
            return Ok(map);
        }
        let (_, key, _) = self.element(member(name, shape, "key")?, 0, dialect)?;
        let (node, named, element) = self.element(member(name, shape, "value")?, 1, dialect)?;
        let map = lasting(MapNode { key, named, element, node, sparse: shape.traits().sparse });
        self.state.maps.insert(slot, map);
        Ok(map)
    }

    /// An element of a list or map: what it is, its schema under its name, and its schema without one.
    fn element(&mut self, member: &Member, index: usize, dialect: Dialect) -> Result<Element, SchemaError> {
        let target = self.shape(&member.target)?;
        let node = self.node(&member.target, target, dialect)?;
        let id = self.id(&member.target);
        let kind = shape_type(target.kind);
        let names = &mut self.state.names;
        // A flattened list hides the names of its elements.
        let plain = if dialect == Dialect::Ec2Request { Dialect::Plain } else { dialect };
        let named = Schema::new_member(id.clone(), kind, names.intern(&member.name), index);
        let named = dress_member(named, member, target, plain, names);
        let named = lasting(dress_collection(named, node));
        let bare = dress_value(Schema::new(id, kind), member, target, dialect, names);
        let bare = lasting(dress_collection(bare, node));
        Ok((node, named, bare))
    }
}

type Element = (Node, &'static Schema<'static>, &'static Schema<'static>);

fn member<'s>(shape_name: &str, shape: &'s Shape, name: &str) -> Result<&'s Member, SchemaError> {
    shape.member(name).ok_or_else(|| SchemaError(format!("`{shape_name}` has no `{name}`")))
}

/// The URI pattern with each label named as the member that fills it: the protocol crates look it up so.
fn with_member_names(uri: &str, shape: &Shape) -> String {
    let mut uri = uri.to_owned();
    for member in &shape.members {
        if let Some(Location::Label(label)) = &member.traits().location
            && *label != member.name
        {
            uri = uri.replace(&format!("{{{label}}}"), &format!("{{{}}}", member.name));
            uri = uri.replace(&format!("{{{label}+}}"), &format!("{{{}+}}", member.name));
        }
    }
    uri
}

impl OperationSchemas {
    /// The modelled error that answers to a code: by its code on the wire, else by its shape's name; first among
    /// those of the operation, then among all of the service.
    pub(crate) fn error(&self, code: &str) -> Option<&ErrorNode> {
        let coded = |error: &&ErrorNode| error.facts.as_ref().is_some_and(|facts| facts.code.as_deref() == Some(code));
        let named = |error: &&ErrorNode| error.name == code;
        let (own, others) = (|| self.errors.iter(), || self.others.iter());
        own()
            .find(coded)
            .or_else(|| own().find(named))
            .or_else(|| others().find(coded))
            .or_else(|| others().find(named))
    }

    /// The member that is an event stream, and its events.
    pub(crate) fn event_stream(structure: &Structure) -> Option<(&MemberNode, &'static Structure)> {
        structure.members.iter().find_map(|member| match member.node {
            Node::Structure(cell) if member.schema.streaming() => Some((member, cell.get()?)),
            _ => None,
        })
    }

    /// The member of the output that is the body itself, when it is a blob or a string.
    pub(crate) fn raw_payload(structure: &Structure) -> Option<&MemberNode> {
        structure.members.iter().find(|member| {
            member.schema.http_payload().is_some()
                && matches!(member.node, Node::Scalar(ShapeType::Blob | ShapeType::String))
        })
    }
}
