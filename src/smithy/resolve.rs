//! What stands in one place of a model: a member or a shape with the traits that count there. The one reading
//! of "a member's own trait wins over its target's", for everything that is computed from shapes.

use serde_json::{Number, Value};

use super::{EnumValue, Location, Member, Model, Service, Shape, ShapeType, Traits};

/// A place in a model: a shape as a member uses it, or the shape alone.
#[derive(Debug, Clone, Copy)]
pub struct Slot<'m> {
    /// Name of the shape that stands here.
    pub target: &'m str,
    /// Its type. A name that neither the model nor the prelude knows counts as a document.
    pub kind: ShapeType,
    shape: Option<&'m Shape>,
    member: Option<&'m Member>,
}

impl<'m> Slot<'m> {
    /// What a member holds.
    pub fn of_member(model: &'m Model, member: &'m Member) -> Self {
        Self { member: Some(member), ..Self::of_shape(model, &member.target) }
    }

    /// A shape alone.
    pub fn of_shape(model: &'m Model, name: &'m str) -> Self {
        let shape = model.shape(name);
        Self { target: name, kind: shape.map_or_else(|| prelude_kind(name), |shape| shape.kind), shape, member: None }
    }

    /// Members in model order; empty for simple types.
    pub fn members(&self) -> &'m [Member] {
        self.shape.map_or(&[], |shape| &shape.members)
    }

    /// The member of exactly that name.
    pub fn member(&self, name: &str) -> Option<&'m Member> {
        self.members().iter().find(|member| member.name == name)
    }

    /// What a list holds.
    pub fn item(&self, model: &'m Model) -> Slot<'m> {
        self.part(model, "member")
    }

    /// What a map's keys are.
    pub fn key(&self, model: &'m Model) -> Slot<'m> {
        self.part(model, "key")
    }

    /// What a map's values are.
    pub fn value(&self, model: &'m Model) -> Slot<'m> {
        self.part(model, "value")
    }

    /// A part that every list or map has; where a broken model lacks it, anything goes.
    fn part(&self, model: &'m Model, name: &str) -> Slot<'m> {
        match self.member(name) {
            Some(member) => Slot::of_member(model, member),
            None => Slot::of_shape(model, "smithy.api#Document"),
        }
    }

    /// The regular expression a string must match somewhere (`pattern` is not anchored by itself).
    pub fn pattern(&self) -> Option<&'m str> {
        self.first(|traits| traits.pattern.as_deref())
    }

    /// Lower bound of length or range.
    pub fn min(&self) -> Option<&'m Number> {
        self.first(|traits| traits.min.as_ref())
    }

    /// Upper bound of length or range.
    pub fn max(&self) -> Option<&'m Number> {
        self.first(|traits| traits.max.as_ref())
    }

    /// The default, where the model says one.
    pub fn default(&self) -> Option<&'m Value> {
        self.first(|traits| traits.default.as_ref())
    }

    /// First sentence of the documentation, where present.
    pub fn documentation(&self) -> Option<&'m str> {
        self.first(|traits| traits.documentation.as_deref())
    }

    /// Values of an enum or intEnum; empty when it is none.
    pub fn enum_values(&self) -> &'m [EnumValue] {
        self.first(|traits| Some(traits.enum_values.as_slice()).filter(|values| !values.is_empty())).unwrap_or(&[])
    }

    /// Whether the string holds JSON text.
    pub fn is_json_text(&self) -> bool {
        self.kind == ShapeType::String
            && self.first(|traits| traits.media_type.as_deref()).is_some_and(|media| {
                let media = media.split(';').next().unwrap_or(media).trim();
                media.eq_ignore_ascii_case("application/json")
            })
    }

    /// Whether list items or map values may be null.
    pub fn is_sparse(&self) -> bool {
        self.any(|traits| traits.sparse)
    }

    /// Whether no two list items may be equal.
    pub fn has_unique_items(&self) -> bool {
        self.any(|traits| traits.unique_items)
    }

    /// Whether what stands here must not be shown.
    pub fn is_sensitive(&self) -> bool {
        self.any(|traits| traits.sensitive)
    }

    /// Whether it is deprecated.
    pub fn is_deprecated(&self) -> bool {
        self.any(|traits| traits.deprecated)
    }

    /// Whether an event stream stands here.
    pub fn is_event_stream(&self) -> bool {
        self.shape.is_some_and(Shape::is_event_stream)
    }

    /// Whether it becomes a part of the URL's path or host, and so must not be empty.
    pub fn is_label(&self) -> bool {
        self.member.is_some_and(|member| {
            let traits = member.traits();
            traits.host_label || matches!(traits.location, Some(Location::Label(_)))
        })
    }

    /// Whether it becomes a part of the host's name.
    pub fn is_host_label(&self) -> bool {
        self.member.is_some_and(|member| member.traits().host_label)
    }

    /// Whether the caller must give it: `required`, unless it is filled in before sending.
    pub fn must_be_given(&self, service: &Service) -> bool {
        self.member.is_some_and(|member| {
            let filled = FILLED_IN.iter().any(|(name, filled)| *name == service.name && *filled == member.name);
            member.required && !member.traits().idempotency_token && !filled && !self.is_event_stream()
        })
    }

    fn first<T>(&self, get: impl Fn(&'m Traits) -> Option<T>) -> Option<T> {
        self.member.and_then(|member| get(member.traits())).or_else(|| self.shape.and_then(|shape| get(shape.traits())))
    }

    fn any(&self, test: impl Fn(&Traits) -> bool) -> bool {
        self.member.is_some_and(|member| test(member.traits())) || self.shape.is_some_and(|shape| test(shape.traits()))
    }
}

/// Required members that every SDK fills in when the caller leaves them out (Glacier's `accountId` is `-`).
const FILLED_IN: [(&str, &str); 1] = [("glacier", "accountId")];

/// The type of a shape of Smithy's prelude.
fn prelude_kind(name: &str) -> ShapeType {
    match name.strip_prefix("smithy.api#").unwrap_or(name) {
        "String" => ShapeType::String,
        "Boolean" | "PrimitiveBoolean" => ShapeType::Boolean,
        "Byte" | "PrimitiveByte" => ShapeType::Byte,
        "Short" | "PrimitiveShort" => ShapeType::Short,
        "Integer" | "PrimitiveInteger" => ShapeType::Integer,
        "Long" | "PrimitiveLong" => ShapeType::Long,
        "Float" | "PrimitiveFloat" => ShapeType::Float,
        "Double" | "PrimitiveDouble" => ShapeType::Double,
        "BigInteger" => ShapeType::BigInteger,
        "BigDecimal" => ShapeType::BigDecimal,
        "Timestamp" => ShapeType::Timestamp,
        "Blob" => ShapeType::Blob,
        "Unit" => ShapeType::Structure,
        _ => ShapeType::Document,
    }
}
